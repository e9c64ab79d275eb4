package broker_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"hookglass/core"
	"hookglass/core/relay"
	"hookglass/core/relay/broker"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reaches says whether an invite leads to the broker, or why not.
func reaches(t *testing.T, v relay.Invite) error {
	t.Helper()
	connected, trouble := make(chan bool, 9), make(chan error, 9)
	nc, err := v.Dial(func(nc *nats.Conn) {
		if nc.IsConnected() {
			connected <- true
		}
	}, func(err error) {
		select {
		case trouble <- err:
		default:
		}
	})
	must(t, err)
	defer nc.Close()
	select {
	case <-connected:
		return nil
	case err := <-trouble:
		return err
	case <-time.After(5 * time.Minute):
		return errors.New("neither here nor there")
	}
}

// A reader knows the hub by the key that its invite names, and the hub has the same one after a restart.
func TestAReaderKnowsTheHubByItsKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hub")
	_, hub, err := relay.NewKey()
	must(t, err)
	seed, key, err := relay.NewKey()
	must(t, err)
	start := func() relay.Broker {
		b, err := broker.Start(t.Context(), relay.BrokerSettings{Dir: dir, Addr: "127.0.0.1:0", Accounts: relay.Accounts("team", hub, []relay.Reader{{Name: "alice", Key: key}}, nil, time.Now())})
		must(t, err)
		return b
	}
	b := start()
	pin := b.Pin()
	v := relay.Invite{URLs: []string{"tls://127.0.0.1:" + b.Port()}, Space: "team", Reader: "alice", Seed: string(seed.Reveal()), Pin: pin}
	if err := reaches(t, v); err != nil {
		t.Errorf("with the key of the invite: %v", err)
	}
	v.Pin = "another"
	if err := reaches(t, v); err == nil || !strings.Contains(err.Error(), "another certificate") {
		t.Errorf("with another key: %v", err)
	}
	v.Pin = ""
	if err := reaches(t, v); err == nil {
		t.Error("a certificate that nobody vouches for is trusted")
	}
	v.Pin = pin
	other, _, err := relay.NewKey()
	must(t, err)
	v.Seed = string(other.Reveal())
	if err := reaches(t, v); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a reader that nobody let in: %v", err)
	}
	b.End()
	if b = start(); b.Pin() != pin {
		t.Error("after a restart it has another key")
	}
	b.End()
	for _, name := range []string{"hub.key", "nats.conf"} {
		info, err := os.Stat(filepath.Join(dir, name))
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s is open to others: %v", name, info.Mode())
		}
	}
}

func TestAPortThatIsTakenIsSaid(t *testing.T) {
	_, hub, err := relay.NewKey()
	must(t, err)
	set := relay.BrokerSettings{Dir: filepath.Join(t.TempDir(), "a"), Addr: "127.0.0.1:0", Accounts: relay.Accounts("team", hub, nil, nil, time.Now())}
	b, err := broker.Start(t.Context(), set)
	must(t, err)
	defer b.End()
	var invalid *core.Invalid
	set.Dir, set.Addr = filepath.Join(t.TempDir(), "b"), "127.0.0.1:"+b.Port()
	if _, err := broker.Start(t.Context(), set); !errors.As(err, &invalid) || invalid.Field != "--hub-addr" {
		t.Errorf("%v", err)
	}
	set.Addr, set.Cert = "127.0.0.1:0", "only"
	if _, err := broker.Start(t.Context(), set); !errors.As(err, &invalid) || invalid.Field != "--hub-key" {
		t.Errorf("%v", err)
	}
}
