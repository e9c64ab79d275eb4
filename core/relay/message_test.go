package relay_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/relay"
)

// sample is a capture with bytes that are no text wherever a sender may put them.
func sample() *core.Capture {
	head := []byte("POST /in/shop?\xe9=1 HTTP/1.1\r\nHost: hub\r\nX-Event: caf\xe9\r\nx-event: b\r\n\r\n")
	return &core.Capture{ID: 12, At: time.Unix(1790000000, 123456789), Name: "shop", Took: time.Second,
		Request: core.Request{Method: "POST", Target: "/in/shop?\xe9=1", Proto: "HTTP/1.1", Host: "hub", Base: "https://hub", Remote: "10.0.0.9:1", Head: head,
			Header: core.ParseHead(head), Body: []byte("\x00\xff{}\n"), Size: 5},
		Response: core.Response{Status: 202}, Event: core.Event{Type: "push\xff", ID: "e1"},
		Receipt: core.Receipt{Outcome: core.Accepted, Platform: "generic", Verdict: &core.Verdict{State: core.Verified, Scheme: "github", Wanted: "sha256=working", Got: "sha256=working"}}}
}

func TestAMessageIsTheCaptureByteForByte(t *testing.T) {
	for name, change := range map[string]func(*core.Capture){
		"as it came":      func(*core.Capture) {},
		"without a body":  func(c *core.Capture) { c.Request.Body, c.Request.Size = nil, 0 },
		"without a head":  func(c *core.Capture) { c.Request.Head = nil },
		"with empty head": func(c *core.Capture) { c.Request.Head, c.Request.Header = []byte{}, core.ParseHead(nil) },
		"cut":             func(c *core.Capture) { c.Request.Truncated, c.Request.Size = true, 1<<40 },
	} {
		c := sample()
		change(c)
		m := relay.Pack(c, "hub1", 7, nil, false)
		data, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := relay.Decode(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := back.Unpack("team")
		r, want := got.Request, c.Request
		if !bytes.Equal(r.Head, want.Head) || (r.Head == nil) != (want.Head == nil) || !bytes.Equal(r.Body, want.Body) {
			t.Errorf("%s: head %q body %q", name, r.Head, r.Body)
		}
		if r.Target != want.Target || r.Method != want.Method || r.Proto != want.Proto || r.Host != want.Host || r.Base != want.Base || r.Remote != want.Remote || r.Size != want.Size || r.Truncated != want.Truncated {
			t.Errorf("%s: %+v", name, r)
		}
		if len(r.Header) != len(want.Header) || len(r.Header) > 1 && r.Header[1] != want.Header[1] {
			t.Errorf("%s: fields %q, want %q", name, r.Header, want.Header)
		}
		if !got.At.Equal(c.At) || got.Via != "team" || got.Name != "shop" || got.Event.Type != c.Event.Type || got.Event.ID != c.Event.ID || got.Response.Status != 202 || got.Took != c.Took || got.Receipt.Outcome != core.Accepted || got.Receipt.Platform != "generic" {
			t.Errorf("%s: %+v", name, got)
		}
		if v := got.Receipt.Verdict; v == nil || v.State != core.Verified || v.Scheme != "github" {
			t.Errorf("%s: verdict %+v", name, v)
		}
		if back.Meta.Previous != 7 || back.Meta.ID() != "hub1.12" {
			t.Errorf("%s: %+v", name, back.Meta)
		}
		if bytes.Contains(data, []byte("working")) {
			t.Errorf("%s: the signature that would verify travels", name)
		}
	}
}

func TestABodyThatIsAnotherIsRefused(t *testing.T) {
	m := relay.Pack(sample(), "hub1", 0, nil, false)
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"changed": append(append([]byte{}, data[:len(data)-1]...), data[len(data)-1]^1),
		"shorter": data[:len(data)-1],
		"longer":  append(append([]byte{}, data...), 'x'),
		"cut":     data[:20],
		"none":    nil,
		"newer":   bytes.Replace(data, []byte(`{"v":1`), []byte(`{"v":9`), 1),
	} {
		if _, err := relay.Decode(bad); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestWhatIsMaskedIsSaid(t *testing.T) {
	m := relay.Pack(sample(), "hub1", 0, []string{"request header Authorization"}, true)
	c := m.Unpack("team")
	check := c.Receipt.Checks[len(c.Receipt.Checks)-1]
	if check.Name != relay.CheckCredentials || check.OK || !strings.Contains(check.Got, "request header Authorization") || !strings.Contains(check.Got, "cannot be checked here") {
		t.Errorf("%+v", check)
	}
}

func FuzzDecode(f *testing.F) {
	m := relay.Pack(sample(), "hub1", 3, []string{"x"}, false)
	data, err := m.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{0, 0, 0, 2, '{', '}'})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := relay.Decode(data)
		if err != nil {
			return
		}
		again, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		n, err := relay.Decode(again)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if !bytes.Equal(n.Head, m.Head) || !bytes.Equal(n.Body, m.Body) || n.Meta.ID() != m.Meta.ID() || n.Meta.Target != m.Meta.Target {
			t.Fatalf("%+v became %+v", m, n)
		}
		m.Unpack("team")
	})
}
