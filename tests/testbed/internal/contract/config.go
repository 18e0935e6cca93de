// Package contract is what the Go electors of the testbed have in common: how
// they are told what to do, and how they tell what they do. The Rust electors
// keep the same contract.
package contract

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
)

// Config comes from the environment.
type Config struct {
	LeaseName string
	Namespace string
	// Hostname is the Pod's name: all "Pods" of a testbed share one host.
	Hostname string
	Identity string
	// Count is the number of Leases, each with an elector of its own.
	Count int
	// Stagger is the time over which their starts are spread: electors that
	// start together keep the same phase.
	Stagger time.Duration

	LeaseDuration time.Duration
	RenewDeadline time.Duration
	RetryPeriod   time.Duration
	// ReleaseOnCancel is false by default in client-go and controller-runtime.
	ReleaseOnCancel bool

	// Coordinated makes it a candidate whom the API server's controller may name;
	// the versions are what that goes by. client-go alone.
	Coordinated                     bool
	BinaryVersion, EmulationVersion string
	// Stays makes it contend again after a loss, instead of ending its process.
	// client-go alone.
	Stays bool

	// Listen is the address for HTTP, "off" for none.
	Listen string
	// ReadyWhenLeading makes a standby answer 503 to /ready.
	ReadyWhenLeading bool
}

// The defaults of client-go's users: Kubernetes itself, and controller-runtime.
const (
	defaultLeaseDuration = 15 * time.Second
	defaultRenewDeadline = 10 * time.Second
	defaultRetryPeriod   = 2 * time.Second
)

// FromEnvironment reads the configuration; every wrong value is an error.
func FromEnvironment() (Config, error) {
	hostname := os.Getenv("HOSTNAME")
	if hostname == "" {
		var err error
		if hostname, err = os.Hostname(); err != nil {
			return Config{}, err
		}
	}
	c := Config{
		LeaseName: os.Getenv("LEASE_NAME"),
		Namespace: stringOr("LEASE_NAMESPACE", "default"),
		Hostname:  hostname,
		Identity:  stringOr("IDENTITY", hostname),
		Listen:    stringOr("LISTEN", stringOr("POD_IP", "127.0.0.1")+":8080"),
	}

	c.EmulationVersion = stringOr("EMULATION_VERSION", "1.36.0")
	c.BinaryVersion = stringOr("BINARY_VERSION", c.EmulationVersion)

	var errs [10]error
	c.Count, errs[0] = intOr("COUNT", 1)
	c.LeaseDuration, errs[1] = secondsOr("LEASE_DURATION", defaultLeaseDuration)
	c.RenewDeadline, errs[2] = secondsOr("RENEW_DEADLINE", defaultRenewDeadline)
	c.RetryPeriod, errs[3] = secondsOr("RETRY_PERIOD", defaultRetryPeriod)
	c.ReleaseOnCancel, errs[4] = boolOr("RELEASE_ON_CANCEL", false)
	switch value := stringOr("READY_WHEN", "always"); value {
	case "always":
	case "leading":
		c.ReadyWhenLeading = true
	default:
		errs[5] = fmt.Errorf("READY_WHEN=%s is neither always nor leading", value)
	}
	c.Stagger, errs[6] = secondsOr("STAGGER", 0)
	c.Coordinated, errs[7] = boolOr("COORDINATED", false)
	c.Stays, errs[9] = boolOr("STAYS", false)
	var unique bool
	unique, errs[8] = boolOr("UNIQUE", false)
	if unique {
		c.Identity += "_" + string(uuid.NewUUID())
	}
	for _, err := range errs {
		if err != nil {
			return Config{}, err
		}
	}
	return c, nil
}

// Wait returns when the elector with this number is to start: each has a part of
// the stagger to itself, and a random place in it. False if that comes too late.
func (c Config) Wait(ctx context.Context, number int) bool {
	place := (float64(number) + rand.Float64()) / float64(c.Count)
	select {
	case <-time.After(time.Duration(place * float64(c.Stagger))):
		return true
	case <-ctx.Done():
		return false
	}
}

// Leases returns the names of the Leases to compete for.
func (c Config) Leases() []string {
	if c.Count == 1 {
		return []string{c.LeaseName}
	}
	names := make([]string, c.Count)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", c.LeaseName, i)
	}
	return names
}

func stringOr(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func intOr(name string, fallback int) (int, error) {
	value := os.Getenv(name)
	if value == "" {
		return fallback, nil
	}
	number, err := strconv.Atoi(value)
	if err != nil || number < 1 {
		return 0, fmt.Errorf("%s=%s is not a positive whole number", name, value)
	}
	return number, nil
}

func secondsOr(name string, fallback time.Duration) (time.Duration, error) {
	seconds, err := intOr(name, int(fallback/time.Second))
	return time.Duration(seconds) * time.Second, err
}

func boolOr(name string, fallback bool) (bool, error) {
	value := os.Getenv(name)
	if value == "" {
		return fallback, nil
	}
	result, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s=%s is neither true nor false", name, value)
	}
	return result, nil
}
