package deliver_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"hookglass/core"
	"hookglass/core/deliver"
)

// names is a resolver that answers with numbers of its own, over a pipe.
func names(t *testing.T, of map[string][]string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			for {
				var size [2]byte
				if _, err := io.ReadFull(there, size[:]); err != nil {
					return
				}
				asked := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(there, asked); err != nil {
					return
				}
				var m dnsmessage.Message
				if err := m.Unpack(asked); err != nil || len(m.Questions) != 1 {
					t.Errorf("asked %q: %v", asked, err)
					return
				}
				q := m.Questions[0]
				m.Response, m.Additionals = true, nil
				for _, number := range of[strings.TrimSuffix(q.Name.String(), ".")] {
					if ip := net.ParseIP(number); q.Type == dnsmessage.TypeA && ip.To4() != nil {
						m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: [4]byte(ip.To4())}})
					} else if q.Type == dnsmessage.TypeAAAA && ip.To4() == nil {
						m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(ip)}})
					}
				}
				answer, err := m.Pack()
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := there.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
					return
				}
			}
		}()
		return here, nil
	}}
}

// TestNameThatLeadsInward: a target that a stranger chose is judged by the number that its name leads to as it is called, not by
// how the name looks, and not by where it led before.
func TestNameThatLeadsInward(t *testing.T) {
	var got atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	defer receiver.Close()
	u, _ := url.Parse(receiver.URL)
	leads := map[string][]string{
		"rebound.example": {"127.0.0.1"}, "both.example": {"10.9.8.7", "127.0.0.1"}, "mapped.example": {"::ffff:127.0.0.1"}, "six.example": {"::1"},
		"link.example": {"169.254.169.254"}, "wide.example": {"0.0.0.0"}, "ula.example": {"fd00:ec2::254"},
	}
	s := &deliver.Sender{Resolver: names(t, leads)}
	defer s.Close()
	send := func(host string, outward bool) core.Attempt {
		d := core.Delivery{Target: core.Target{URL: "http://" + host + ":" + u.Port() + "/hook", Outward: outward, Timeout: time.Minute}, Request: core.Request{Method: "POST", Target: "/"}}
		return s.Send(t.Context(), d, 1, time.Now())
	}
	if a := send("rebound.example", false); !a.OK() {
		t.Fatalf("a target of the user's own: %s %s", a.Failure, a.Detail) // and its connection is kept open
	}
	for name := range leads {
		if a := send(name, true); a.Failure != deliver.Inward || a.Response != nil {
			t.Errorf("%s: %q %s", name, a.Failure, a.Detail)
		}
	}
	if n := got.Load(); n != 1 {
		t.Errorf("the receiver got %d requests", n)
	}
}

// TestOwnAddressIsInward: the numbers of this machine's own networks are no target of strangers, public ones among them.
func TestOwnAddressIsInward(t *testing.T) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	s := &deliver.Sender{}
	defer s.Close()
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.IsLinkLocalUnicast() {
			continue // without its zone it cannot be called
		}
		d := core.Delivery{Target: core.Target{URL: "http://" + net.JoinHostPort(n.IP.String(), "9") + "/", Outward: true, Timeout: time.Minute}, Request: core.Request{Method: "POST", Target: "/"}}
		if a := s.Send(t.Context(), d, 1, time.Now()); a.Failure != deliver.Inward {
			t.Errorf("%s: %q %s", n.IP, a.Failure, a.Detail)
		}
	}
}
