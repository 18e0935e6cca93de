// What an elector answers over HTTP.

package contract

import (
	"fmt"
	"net"
	"net/http"
)

// Serve answers GET /leader, /ready and /healthz in the background.
func Serve(c Config, j *Journal) error {
	if c.Listen == "off" {
		return nil
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /leader", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, "{\"is_leader\":%t}\n", j.Acting())
	})
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		if c.ReadyWhenLeading && !j.Acting() {
			http.Error(w, "standby", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	go func() { _ = http.Serve(listener, mux) }()
	return nil
}
