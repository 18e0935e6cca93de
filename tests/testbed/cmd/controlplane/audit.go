// The API server's audit log: one JSON line for each request that it answered.

package main

import (
	"os"
	"path/filepath"
)

// Who asked for what, without bodies, and only once it is answered.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
`

// auditArgs are the flags for a log in file; none without a file.
func auditArgs(l layout, file string) ([]string, error) {
	if file == "" {
		return nil, nil
	}
	// The server runs in another folder.
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(l.auditPolicy(), []byte(auditPolicy), 0o600); err != nil {
		return nil, err
	}
	return []string{"--audit-policy-file=" + l.auditPolicy(), "--audit-log-path=" + file}, nil
}
