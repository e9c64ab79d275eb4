package lab_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/sign"
)

var schemes = []string{"github", "stripe", "standard-webhooks"}

func TestACorrectHandlerScoresFullMarks(t *testing.T) {
	for _, scheme := range schemes {
		for _, h := range []*handler{
			{},
			{quiet: true},
			{fault: "413 over 512 KiB"},
			{fault: "429 when busy"},
		} {
			h.scheme = scheme
			t.Run(scheme+"/"+h.fault, func(t *testing.T) {
				card := checkup(t, h, nil)
				if card.Score != 100 || len(card.Failed()) != 0 {
					t.Errorf("score %d:\n%s", card.Score, failures(card))
				}
				for _, c := range card.Checks {
					if c.Skipped == "" && (c.Sent == "" || c.Got == "" || c.Why == "") || c.Fix != "" {
						t.Errorf("%s leaves something unsaid, or mends what is whole: %+v", c.Name, c)
					}
				}
			})
		}
	}
}

// Each seeded fault is named, and no other.
func TestEachFaultIsNamedAlone(t *testing.T) {
	all, timed := schemes, []string{"stripe", "standard-webhooks"}
	for _, c := range []struct {
		fault   string
		schemes []string
		check   string
	}{
		{"accepts without a signature", all, "missing_signature"},
		{"verifies nothing", all, "missing_signature"},
		{"any signature will do", all, "wrong_secret"},
		{"ignores the body", all, "tampered_body"},
		{"hashes go json", all, "raw_bytes"},
		{"hashes python json", all, "raw_bytes"},
		{"hashes latin-1", all, "unicode"},
		{"compares a prefix of what came", all, "partial_signature"},
		{"compares ten characters", all, "partial_signature"},
		{"compares one character", all, "partial_signature"},
		{"compares the end", all, "partial_signature"},
		{"accepts what it cannot decode", all, "malformed_signature"},
		{"500 on a bad signature", all, "rejection_status"},
		{"throws on another length", all, "rejection_status"},
		{"no timestamp check", timed, "old_timestamp"},
		{"accepts the future", timed[1:], "future_timestamp"},
		{"does not sign the time", timed, "moved_timestamp"},
		{"not idempotent", all, "idempotent"},
		{"500 on duplicates", all, "duplicate_later"},
		{"409 on duplicates", all, "duplicate_later"},
		{"500 on a replay", timed, "replayed_id"},
		{"refuses older events", all, "out_of_order"},
		{"500 when busy", all, "burst"},
		{"blocks", all, "answer_time"},
		{"accepts get", all, "get"},
		{"accepts head", all, "head"},
		{"blocks at once", all, "answer_time"},
		{"redirects", all, "redirects"},
		{"thanks with a redirect", all, "redirects"},
		{"crashes on unicode", all, "unicode"},
		{"500 on unicode", all, "unicode"},
		{"exact content type", all, "content_type"},
		{"500 on text/plain", all, "content_type"},
		{"trusts text/plain", all, "content_type"},
		{"crashes on an empty body", all, "empty_body"},
		{"cuts large bodies", all, "large_body"},
		{"crashes on large bodies", all, "large_body"},
		{"reads once", all, "slow_sender"},
		{"case-sensitive header", all, "header_case"},
		{"lower-case header", all, "header_case"},
	} {
		for _, scheme := range c.schemes {
			t.Run(c.fault+"/"+scheme, func(t *testing.T) {
				card := checkup(t, &handler{scheme: scheme, fault: c.fault}, nil)
				if got := failed(card); !slices.Equal(got, []string{c.check}) || card.Score == 100 {
					t.Errorf("named %v with score %d, want %s alone:\n%s", got, card.Score, c.check, failures(card))
				}
				for _, f := range card.Failed() {
					if f.Sent == "" || f.Got == "" || f.Why == "" || f.Fix == "" || f.Request.Method == "" {
						t.Errorf("%s leaves something unsaid: %+v", f.Name, f)
					}
				}
			})
		}
	}
}

// However much else holds, a handler that accepts what is forged cannot score well, and the scorecard says why.
func TestAForgeryCapsTheScore(t *testing.T) {
	for fault, want := range map[string]struct {
		cap    int
		check  string
		reason string
	}{
		"":                              {},
		"not idempotent":                {},
		"no timestamp check":            {}, // an old delivery is no forged one
		"verifies nothing":              {20, "missing_signature", "no signature at all"},
		"any signature will do":         {20, "wrong_secret", "no signature at all"},
		"accepts without a signature":   {40, "missing_signature", "a delivery without its signature header"},
		"ignores the body":              {40, "tampered_body", "one byte of the body was changed"},
		"compares ten characters":       {40, "partial_signature", "first half only"},
		"accepts what it cannot decode": {40, "malformed_signature", "text in place of its signature"},
		"does not sign the time":        {40, "moved_timestamp", "timestamp was moved by 20 seconds"},
		"trusts text/plain":             {40, "content_type", "without a signature"},
		"500 on a bad signature":        {},
	} {
		t.Run(fault, func(t *testing.T) {
			card := checkup(t, &handler{scheme: "stripe", fault: fault}, nil)
			switch {
			case want.cap == 0 && (card.Cap != nil || card.Score < 50):
				t.Errorf("score %d, capped by %+v", card.Score, card.Cap)
			case want.cap == 0:
			case card.Cap == nil || card.Cap.Score != want.cap || card.Cap.Check != want.check || !strings.Contains(card.Cap.Reason, want.reason) || card.Score > want.cap:
				t.Errorf("score %d, capped by %+v, want at most %d for %s\n%s", card.Score, card.Cap, want.cap, want.check, failures(card))
			}
			text, err := json.Marshal(card)
			if err != nil || strings.Contains(string(text), `"cap":{"score":`) != (want.cap > 0) {
				t.Errorf("%v: %s", err, text)
			}
		})
	}
}

// A handler that shows nothing in its answers can still be told by what it did.
func TestEffectsShowWhatAnswersDoNot(t *testing.T) {
	for fault, want := range map[string][]string{"": nil, "not idempotent": {"idempotent"}} {
		h := &handler{scheme: "github", fault: fault, quiet: true}
		card := checkup(t, h, func(c *lab.Config) {
			c.Effects = func(context.Context) (int, error) {
				h.mu.Lock()
				defer h.mu.Unlock()
				return h.processed, nil
			}
		})
		if got := failed(card); !slices.Equal(got, want) || skipReason(card, "idempotent") != "" {
			t.Errorf("%q: named %v, want %v:\n%s", fault, got, want, failures(card))
		}
	}
	blind := checkup(t, &handler{scheme: "github", fault: "not idempotent", quiet: true}, nil)
	if skipReason(blind, "idempotent") == "" {
		t.Error("a verdict on idempotency without any evidence")
	}
}

func TestAHandlerThatAnswersNothing(t *testing.T) {
	card := checkup(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), nil)
	if got := failed(card); card.Score != 0 || !slices.Equal(got, []string{"valid"}) {
		t.Errorf("score %d, named %v", card.Score, got)
	}
	hang := checkup(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}), nil)
	if got := failed(hang); hang.Score != 0 || !slices.Equal(got, []string{"answer_time"}) {
		t.Errorf("hanging: score %d, named %v\n%s", hang.Score, got, failures(hang))
	}
	wrongKey := checkup(t, &handler{scheme: "github"}, func(c *lab.Config) { c.Secret = core.Text("another") })
	if got := failed(wrongKey); wrongKey.Score != 0 || !slices.Equal(got, []string{"valid"}) {
		t.Errorf("wrong key: score %d, named %v", wrongKey.Score, got)
	}
}

func TestChecksThatDoNotApplyAreSkipped(t *testing.T) {
	card := checkup(t, &handler{scheme: "github"}, nil)
	for _, name := range []string{"old_timestamp", "future_timestamp", "moved_timestamp"} {
		if skipReason(card, name) == "" {
			t.Errorf("%s was run for a scheme without timestamp", name)
		}
	}
	stripe := checkup(t, &handler{scheme: "stripe"}, nil)
	if skipReason(stripe, "future_timestamp") == "" || skipReason(stripe, "old_timestamp") != "" {
		t.Error("stripe: want an old timestamp to be checked, and none in the future")
	}
	token := checkup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.Header.Get("X-Gitlab-Token") != secret {
			w.WriteHeader(401)
		}
	}), func(c *lab.Config) { c.Scheme, _ = sign.Known().Find("gitlab") })
	if token.Score != 100 || skipReason(token, "tampered_body") == "" || skipReason(token, "raw_bytes") == "" {
		t.Errorf("a shared token: score %d\n%s", token.Score, failures(token))
	}
	open := checkup(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" {
			w.WriteHeader(405)
		}
	}), func(c *lab.Config) { c.Scheme = sign.Scheme{} })
	if open.Score != 100 || skipReason(open, "missing_signature") == "" {
		t.Errorf("no scheme: score %d\n%s", open.Score, failures(open))
	}
}

// Every scheme that can be signed for finds a handler that verifies with our own code flawless.
func TestEverySchemeScoresFullMarksWithItsVerifier(t *testing.T) {
	for _, s := range sign.Known().All() {
		if s.SecretKind == "public_key" {
			continue // the sender's private key is not ours to check up with
		}
		t.Run(s.ID, func(t *testing.T) {
			key := secretFor(s)
			card := checkup(t, verifier(s, key), func(c *lab.Config) { c.Scheme, c.Secret = s, key })
			if card.Score != 100 {
				t.Errorf("score %d:\n%s", card.Score, failures(card))
			}
		})
	}
}

func TestReports(t *testing.T) {
	card := checkup(t, &handler{scheme: "github", fault: "500 on duplicates"}, nil)
	text, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Score  int              `json:"score"`
		Checks []map[string]any `json:"checks"`
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil || got.Score != card.Score || len(got.Checks) != len(card.Checks) {
		t.Fatalf("%v: %s", err, text)
	}
	for _, c := range got.Checks {
		if len(c) != 6 || c["name"] == nil || c["ok"] == nil || c["sent"] == nil || c["got"] == nil || c["why"] == nil || c["fix"] == nil {
			t.Errorf("want name, ok, sent, got, why and fix: %v", c)
		}
	}

	var out strings.Builder
	if err := card.WriteJUnit(&out); err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Cases    []struct {
			Name    string `xml:"name,attr"`
			Failure *struct {
				Text string `xml:",chardata"`
			} `xml:"failure"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal([]byte(out.String()), &suite); err != nil {
		t.Fatal(err)
	}
	if suite.Tests != len(card.Checks) || suite.Failures != 1 || suite.Skipped == 0 || len(suite.Cases) != len(card.Checks) {
		t.Errorf("%d tests, %d failures, %d skipped, %d cases", suite.Tests, suite.Failures, suite.Skipped, len(suite.Cases))
	}
	for _, c := range suite.Cases {
		if (c.Failure != nil) != (c.Name == "duplicate_later") {
			t.Errorf("%s: failure %v", c.Name, c.Failure)
		}
	}
}

func TestCheckupRefusesWhatItCannotCheck(t *testing.T) {
	github, _ := sign.Known().Find("github")
	for field, c := range map[string]lab.Config{
		"url":    {URL: "localhost:3000"},
		"secret": {URL: "http://127.0.0.1:1/", Scheme: github},
	} {
		_, err := lab.Checkup(t.Context(), c, nil)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("got %v, want field %s", err, field)
		}
	}
}

func TestCheckupStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := configFor(t, &handler{scheme: "github", seen: map[string]bool{}})
		card, err := lab.Checkup(ctx, c, func(done, total int, name string) {
			if name == "raw_bytes" {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || len(card.Checks) == 0 || card.Checks[len(card.Checks)-1].Name == "raw_bytes" {
			t.Errorf("got %v after %d checks", err, len(card.Checks))
		}
	})
}

// checkup runs a check-up of h in a bubble of its own, over an in-memory wire.
func checkup(t *testing.T, h http.Handler, change func(*lab.Config)) (card lab.Scorecard) {
	t.Helper()
	if h, ok := h.(*handler); ok {
		h.seen = map[string]bool{}
	}
	synctest.Test(t, func(t *testing.T) {
		c := configFor(t, h)
		if change != nil {
			change(&c)
		}
		var err error
		if card, err = lab.Checkup(t.Context(), c, nil); err != nil {
			t.Error(err)
		}
	})
	return card
}

func configFor(t *testing.T, h http.Handler) lab.Config {
	l := &memory{conns: make(chan net.Conn), done: make(chan struct{})}
	c := lab.Config{URL: "http://handler.test/hook", Secret: core.Text(secret), Transport: &http.Transport{DialContext: l.dial, DisableKeepAlives: true}}
	var running sync.WaitGroup
	faulty, ok := h.(*handler)
	if ok {
		c.Scheme, _ = sign.Known().Find(faulty.scheme)
	} else {
		c.Scheme, _ = sign.Known().Find("github")
	}
	srv := &http.Server{Handler: h}
	if ok && strings.HasSuffix(faulty.fault, "-sensitive header") || ok && strings.HasSuffix(faulty.fault, "-case header") {
		running.Go(func() { rawServer(l, h) })
	} else {
		running.Go(func() { srv.Serve(l) })
	}
	t.Cleanup(func() {
		l.Close()
		srv.Close()
		running.Wait()
	})
	return c
}

// memory is a listener whose wire is a pipe.
type memory struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case m.conns <- server:
		return client, nil
	case <-m.done:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error   { m.once.Do(func() { close(m.done) }); return nil }
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// verifier is a correct handler for any scheme, by our own code.
func verifier(s sign.Scheme, key core.Secret) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost && r.Method != http.MethodGet {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		var body strings.Builder
		if r.Body != nil {
			b := make([]byte, 32<<10)
			for {
				n, err := r.Body.Read(b)
				body.Write(b[:n])
				if err != nil {
					break
				}
			}
		}
		req := core.Request{Method: r.Method, Target: r.RequestURI, Host: r.Host, Body: []byte(body.String())}
		for k, vs := range r.Header {
			for _, v := range vs {
				req.Header = append(req.Header, core.Field{Name: k, Value: v})
			}
		}
		v := s.Verify(sign.Input{Request: &req, Secrets: []core.Secret{key}, Now: time.Now()})
		switch {
		case v.State != core.Verified && v.State != core.Stale, v.State == core.Stale && s.TS.ToleranceSource != "none":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method != http.MethodPost:
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
}

func secretFor(s sign.Scheme) core.Secret {
	switch {
	case strings.Contains(s.Key, "hex"):
		return core.Text("44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056")
	case s.ID == "contentful":
		return core.Text(strings.Repeat("k9", 32))
	case strings.Contains(s.Key, "base64") && !strings.Contains(s.Key, "strip"):
		return core.Text("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	default:
		return core.Text(secret)
	}
}

func failed(card lab.Scorecard) (names []string) {
	for _, c := range card.Failed() {
		names = append(names, c.Name)
	}
	return names
}

func failures(card lab.Scorecard) string {
	var out strings.Builder
	for _, c := range card.Checks {
		switch {
		case !c.OK:
			out.WriteString("FAILED  " + c.Name + "\n  sent: " + c.Sent + "\n  got:  " + c.Got + "\n  why:  " + c.Why + "\n")
		case c.Skipped != "":
			out.WriteString("skipped " + c.Name + ": " + c.Skipped + "\n")
		}
	}
	return out.String()
}

func skipReason(card lab.Scorecard, name string) string {
	for _, c := range card.Checks {
		if c.Name == name {
			return c.Skipped
		}
	}
	return "there is no such check"
}
