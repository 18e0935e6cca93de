// The state folder: what lies where, and everything that is written into it
// before the first component starts.

package main

import (
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// layout is the absolute path of the state folder.
type layout string

func (l layout) path(name string) string { return filepath.Join(string(l), name) }

func (l layout) caCert() string            { return l.path("ca.crt") }
func (l layout) servingCert() string       { return l.path("apiserver.crt") }
func (l layout) servingKey() string        { return l.path("apiserver.key") }
func (l layout) serviceAccountKey() string { return l.path("service-account.key") }
func (l layout) tokens() string            { return l.path("tokens.csv") }
func (l layout) etcdData() string          { return l.path("etcd") }
func (l layout) auditPolicy() string       { return l.path("audit-policy.yaml") }

func (l layout) log(component string) string   { return l.path(component + ".log") }
func (l layout) kubeconfig(user string) string { return l.path(user + ".kubeconfig") }

// user is somebody who may talk to the API server with a token of their own.
type user struct {
	name   string // in the kubeconfig, and of the kubeconfig's file
	asSeen string // by the API server: the built-in RBAC roles are bound to these
	group  string
	token  string
}

// prepare makes the folder, fills it, and returns the administrator.
func prepare(dir, server string) (layout, user, error) {
	l, err := emptyFolder(dir)
	if err != nil {
		return "", user{}, err
	}
	users := []user{
		{name: "admin", asSeen: "admin", group: "system:masters"},
		{name: nameControllerManager, asSeen: "system:kube-controller-manager"},
		{name: nameScheduler, asSeen: "system:kube-scheduler"},
	}
	for i := range users {
		users[i].token = rand.Text()
	}
	if err := errors.Join(writePKI(l), writeTokens(l, users)); err != nil {
		return "", user{}, err
	}
	for _, u := range users {
		if err := writeKubeconfig(l, u, server); err != nil {
			return "", user{}, err
		}
	}
	return l, users[0], nil
}

// emptyFolder makes the folder. It must be new or empty: what a half-used one
// would start is harder to understand than an error.
func emptyFolder(dir string) (layout, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("%s is not empty", dir)
	}
	return layout(dir), nil
}

func writeTokens(l layout, users []user) error {
	file, err := os.OpenFile(l.tokens(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	rows := csv.NewWriter(file)
	for _, u := range users {
		if err := rows.Write([]string{u.token, u.asSeen, u.asSeen, u.group}); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

func writeKubeconfig(l layout, u user, server string) error {
	ca, err := os.ReadFile(l.caCert())
	if err != nil {
		return err
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["testbed"] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: ca}
	config.AuthInfos[u.name] = &clientcmdapi.AuthInfo{Token: u.token}
	config.Contexts["testbed"] = &clientcmdapi.Context{Cluster: "testbed", AuthInfo: u.name}
	config.CurrentContext = "testbed"
	return clientcmd.WriteToFile(*config, l.kubeconfig(u.name))
}
