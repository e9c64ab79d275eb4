package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

// events are a stream that is being read.
type events struct {
	*rig
	lines *bufio.Scanner
	last  string // the id of the newest
}

// stream begins to read one, behind last where it is not empty.
func (r *rig) stream(query, last string) *events {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	r.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", r.control+"/_/stream?"+query, nil)
	if err != nil {
		r.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		r.Fatalf("%s: %s, %s", query, resp.Status, resp.Header)
	}
	e := &events{rig: r, lines: bufio.NewScanner(resp.Body)}
	e.lines.Buffer(nil, 1<<20)
	return e
}

// next is the event that comes next, as "capture 1" or "attempt 1/1".
func (e *events) next() string {
	e.Helper()
	for e.lines.Scan() {
		name, value, _ := strings.Cut(e.lines.Text(), ": ")
		switch name {
		case "id":
			e.last = value
		case "data":
			var news struct {
				Event            string
				ID               core.CaptureID
				Delivery, Number int
			}
			if err := json.Unmarshal([]byte(value), &news); err != nil {
				e.Fatalf("%v: %s", err, value)
			}
			if news.Event == "capture" {
				return fmt.Sprint("capture ", news.ID)
			}
			return fmt.Sprintf("%s %d/%d", news.Event, news.Delivery, news.Number)
		}
	}
	e.Fatalf("the stream ended: %v", e.lines.Err())
	return ""
}

func (e *events) want(all ...string) {
	e.Helper()
	for _, want := range all {
		if got := e.next(); got != want {
			e.Fatalf("told %s, want %s (id %s)", got, want, e.last)
		}
	}
}

// forwarding is an engine whose source /a forwards to a receiver; /b is kept alone.
func forwarding(t *testing.T, to http.HandlerFunc) *rig {
	t.Helper()
	receiver := httptest.NewServer(to)
	t.Cleanup(receiver.Close)
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{
		map[string]any{"platform": "generic", "path": "/a", "forward": receiver.URL}, map[string]any{"platform": "generic", "path": "/b"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheStreamTellsWhatHappens(t *testing.T) {
	t.Parallel()
	r := forwarding(t, func(http.ResponseWriter, *http.Request) {})
	r.send("POST", "/b", nil, nil)
	all, some := r.stream("", ""), r.stream("query=path:/b", "")
	r.send("POST", "/a", nil, []byte("x"))
	all.want("capture 2")
	behind := all.last
	all.want("attempt 1/1")
	r.send("POST", "/b", nil, nil)
	all.want("capture 3")
	some.want("capture 3")                                // and not the forward of /a
	r.stream("", behind).want("capture 3", "attempt 1/1") // all captures that were missed come first
	r.stream("query=path:/a", behind).want("attempt 1/1")
	r.stream("after=1", "").want("capture 2", "capture 3")
	r.stream("since_s=3600&query=path:/b", "").want("capture 1", "capture 3")
	var said engine.RefusalJSON
	for _, bad := range []string{"query=colour:red", "since_s=x", "after=x"} {
		if status := r.status("GET", "/_/stream?"+bad, nil, &said); status != 400 || said.Error.Field == "" {
			t.Errorf("%s: %d %v", bad, status, said)
		}
	}
}

// An attempt that was under way while later ones ended is told to who comes back.
func TestTheStreamForgetsNoAttemptUnderWay(t *testing.T) {
	t.Parallel()
	let := make(chan struct{})
	r := forwarding(t, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.RawQuery == "slow" {
			<-let
		}
	})
	s := r.stream("", "")
	r.send("POST", "/a?slow", nil, nil)
	s.want("capture 1")
	r.until("the slow one is under way", func() bool {
		_, open, err := r.Store.TriedSoFar(r.ctx)
		return err == nil && len(open) == 1
	})
	r.send("POST", "/a", nil, nil)
	s.want("capture 2", "attempt 2/1")
	behind := s.last
	close(let)
	s.want("attempt 1/1")
	r.stream("", behind).want("attempt 1/1")
	r.send("POST", "/b", nil, nil)
	r.stream("", s.last).want("capture 3")
	s.want("capture 3")
}

func TestAStreamsIDs(t *testing.T) {
	t.Parallel()
	r := holding(t, 1)
	for _, bad := range []string{"1", "x-1", "1-x", "-1-1", "1--1", "1-1.", "1-1.x", "\xff", "1-1" + strings.Repeat(".1", 100), "99999999999999999999-1"} {
		req, err := http.NewRequestWithContext(r.ctx, "GET", r.control+"/_/stream", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Last-Event-ID", bad)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 400 {
			t.Errorf("%q: %s", bad, resp.Status)
		}
	}
	r.stream("", "0-0").want("capture 1")
}

func TestReadingAStream(t *testing.T) {
	t.Parallel()
	var got []string
	err := engine.ReadStream(strings.NewReader(": hello\n\nid: 1\nevent: a\ndata: {}\n\ndata:x\r\ndata: y\r\n\r\nevent: cut\ndata: off"), func(event string, data []byte) error {
		got = append(got, event+"="+string(data))
		return nil
	})
	if err != nil || strings.Join(got, " ") != "a={} =xy" {
		t.Errorf("%q, %v", got, err)
	}
}
