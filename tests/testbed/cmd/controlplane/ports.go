// Free ports for servers that cannot be handed an open socket.

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// Below the range from which Linux takes the ports of outgoing connections: a
// stopped component must find its port free when it is started again.
const (
	lowestPort  = 15000
	highestPort = 32000
)

// freePorts returns n different loopback ports on which nobody listens. Between
// here and their use somebody else may take one; the component then fails with
// a plain "address already in use".
func freePorts(n int) ([]int, error) {
	var ports []int
	for range 1000 {
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		// Held until all are found, so that none is found twice.
		defer listener.Close()
		ports = append(ports, port)
		if len(ports) == n {
			return ports, nil
		}
	}
	return nil, errors.New("no free loopback port found")
}
