// Who acts as leader, and the lines that say so.

package contract

import (
	"encoding/json"
	"os"
	"sync"
	"time"
)

// Journal knows who acts as leader, and writes each change to stdout as one
// JSON line. Measurements take these lines for the truth.
type Journal struct {
	mu      sync.Mutex
	entries []*Entry
}

// Entry is the part of one elector.
type Entry struct {
	journal  *Journal
	lease    string
	identity string
	acting   bool
}

type event struct {
	At       string `json:"at"`
	Lease    string `json:"lease"`
	Identity string `json:"identity"`
	Event    string `json:"event"`
	Message  string `json:"message,omitempty"`
}

// Up notes a new elector.
func (j *Journal) Up(namespace, lease, identity string) *Entry {
	at := time.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	e := &Entry{journal: j, lease: namespace + "/" + lease, identity: identity}
	j.entries = append(j.entries, e)
	e.write(at, "up", "")
	return e
}

// Acting tells whether this process acts as leader for any Lease.
func (j *Journal) Acting() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.entries {
		if e.acting {
			return true
		}
	}
	return false
}

// StopAll ends all acting.
func (j *Journal) StopAll() {
	for _, e := range j.entries {
		e.Stop()
	}
}

// Start notes that the elector acts as leader from now on.
func (e *Entry) Start() { e.change(time.Now(), true, "start") }

// Stop notes the end of it; it does nothing if the elector does not act.
func (e *Entry) Stop() { e.change(time.Now(), false, "stop") }

// Error notes what went wrong.
func (e *Entry) Error(err error) {
	at := time.Now()
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	e.write(at, "error", err.Error())
}

// change takes the time from its caller: waiting for the lock must not be in it.
func (e *Entry) change(at time.Time, acting bool, name string) {
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	if e.acting == acting {
		return
	}
	e.acting = acting
	e.write(at, name, "")
}

func (e *Entry) write(at time.Time, name, message string) {
	_ = json.NewEncoder(os.Stdout).Encode(event{
		At:       at.UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
		Lease:    e.lease,
		Identity: e.identity,
		Event:    name,
		Message:  message,
	})
}
