// Questions to etcd and the API server: do you work, who holds that Lease?

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

// probe asks as the administrator.
type probe struct {
	client http.Client
	token  string
}

func newProbe(l layout, token string) (*probe, error) {
	ca, err := os.ReadFile(l.caCert())
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return &probe{
		token: token,
		client: http.Client{
			Timeout: 2 * time.Second,
			Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: roots},
				// A connection kept from before a restart would fail the first
				// question after it.
				DisableKeepAlives: true,
			},
		},
	}, nil
}

// get decodes the JSON answer into result, unless that is nil.
func (p *probe) get(ctx context.Context, url string, result any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	response, err := p.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	if result == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(result)
}

// leaseHolder returns the holder of a Lease in kube-system.
func (p *probe) leaseHolder(ctx context.Context, server, name string) (string, error) {
	var lease struct {
		Spec struct {
			HolderIdentity string `json:"holderIdentity"`
		} `json:"spec"`
	}
	err := p.get(ctx, server+"/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/"+name, &lease)
	return lease.Spec.HolderIdentity, err
}
