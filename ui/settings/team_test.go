package settings

import (
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/relay"
	"hookglass/core/store"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// team opens the section of that name.
func team(s *stage.Stage) *teamSection {
	p := openSettings(s, "Team")
	for _, section := range p.Sections {
		if t, ok := section.(*teamSection); ok {
			return t
		}
	}
	s.T.Fatal("there is no section Team")
	return nil
}

func invite(t *testing.T, queues ...string) string {
	seed, _, err := relay.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return relay.Invite{URLs: []string{"nats://127.0.0.1:1"}, Space: "crew", Reader: "alice", Queues: queues, Seed: string(seed.Reveal())}.String()
}

func TestJoiningAndLeavingASpace(t *testing.T) {
	s := stage.New(t)
	section := team(s)
	if said := eye.Words(section.root); !strings.Contains(said, "None yet") || !strings.Contains(said, "hookglass serve --hub") {
		t.Errorf("before: %q", said)
	}
	section.invite.Set("hookglass://join/half")
	section.join()
	s.Settle()
	if said := eye.Words(section.invite); !strings.Contains(said, "not whole") {
		t.Errorf("half an invite: %q", said)
	}
	section.invite.Set(invite(t, "build"))
	section.join()
	s.Settle()
	if said := eye.Words(section.queue); !strings.Contains(said, "build") {
		t.Errorf("an invite for a queue, without it: %q", said)
	}
	section.invite.Set(" " + invite(t) + "\n")
	section.join()
	s.Settle()
	all, err := s.E.Spaces.All(t.Context())
	if err != nil || len(all) != 1 || all[0].Name != "crew" || all[0].Reader != "alice" {
		t.Fatalf("%+v, %v", all, err)
	}
	s.Settle() // what joining stored is read now
	if said := eye.Words(section.rows); !strings.Contains(said, "crew") || !strings.Contains(said, "Connecting") {
		t.Errorf("after: %q", said)
	}
	if section.invite.Text() != "" {
		t.Error("the invite stays in sight")
	}

	arrive := func(number, previous core.CaptureID) {
		c := core.Capture{At: time.Now(), Name: "shop", Via: "crew", Request: core.Request{Method: "POST", Target: "/in/shop"}, Receipt: core.Receipt{Outcome: core.Accepted}}
		err := s.E.Store.AddArrivals([]store.Arrival{{Space: "crew", Hub: "h", Number: number, Previous: previous, Epoch: "e", Sequence: uint64(number), Capture: &c}})
		if err != nil {
			t.Fatal(err)
		}
	}
	arrive(1, 0)
	arrive(9, 8)
	s.Settle()
	said := eye.Words(section.rows)
	for _, want := range []string{"shop", "2 captures", "up to 7 captures may be missing", "Check and forward here"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q does not say %q", said, want)
		}
	}
	section.receive("crew", "shop")
	s.Settle()
	sources, err := s.E.Store.Sources(t.Context())
	if err != nil || len(sources) == 0 || sources[len(sources)-1].Name != "crew/shop" {
		t.Errorf("%+v, %v", sources, err)
	}
	if err := s.E.Spaces.Leave(t.Context(), "crew"); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if said := eye.Words(section.rows); strings.Contains(said, "crew") {
		t.Errorf("left: %q", said)
	}
}

func TestAHubAndItsReadersAreShown(t *testing.T) {
	s := stage.New(t)
	section := team(s)
	section.readers.draw(engine.HubJSON{On: true, Space: "crew", URLs: []string{"tls://hub:4222"}, Connected: true, Left: 3, Readers: []engine.ReaderJSON{
		{Name: "alice", State: "online", Lag: 2, LastSeen: time.Now().Format(time.RFC3339Nano)}, {Name: "bob", State: "revoked"}, {Name: "ci", State: "never", Sources: []string{"shop"}, Queues: []string{"build"}}}})
	said := eye.Words(section.readers.body)
	for _, want := range []string{"Space crew at tls://hub:4222", "3 captures wait", "2 captures behind", "revoked", "not here yet", "queue build"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q does not say %q", said, want)
		}
	}
	section.readers.draw(engine.HubJSON{On: true, Space: "crew", Trouble: "no \x1b[31mroute"})
	if said := eye.Words(section.readers.body); !strings.Contains(said, "The broker is away") || strings.Contains(said, "\x1b") {
		t.Errorf("in trouble: %q", said)
	}
}
