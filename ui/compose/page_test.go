package compose

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/picture"
	"hookglass/ui/stage"
)

// openCompose opens Compose on a history with one source that checks a scheme.
func openCompose(s *stage.Stage, scheme, secret string) *Page {
	s.T.Helper()
	ref, err := s.E.Vault.Put("run", "shop", core.Text(secret))
	if err != nil {
		s.T.Fatal(err)
	}
	src := core.Source{Name: "shop", Platform: "generic", Settings: core.Values{"path": "/in/shop", "scheme": scheme}, Secrets: map[string]core.SecretRef{"secret": ref}}
	if err := s.E.PutSource(s.T.Context(), &src); err != nil {
		s.T.Fatal(err)
	}
	p := stage.On(s, New)
	s.Settle()
	look(s, p)
	return p
}

// look does not wait for the pause in typing.
func look(s *stage.Stage, p *Page) {
	p.look()
	s.Settle()
}

// What a newcomer sees first is a sample that a source of theirs accepts, signed.
func TestComposeBeginsWithWhatASourceExpects(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	if got := p.url.Text(); got != s.E.URL()+"/in/shop" {
		t.Errorf("to %q", got)
	}
	s.Has(p.Root, "GitHub", "Secret of source shop")
	s.Has(p.pictureStage, "A receiver will accept this", "HMAC-SHA-256")
	s.Has(p.headers.view(), "ADDED BY THE SIGNATURE", "X-Hub-Signature-256")
}

func TestComposeSendsThroughTheEngine(t *testing.T) {
	s := stage.New(t)
	attempt := s.Run()
	p := openCompose(s, "stripe", "whsec_1")
	p.send()
	if a := attempt(); a.Response == nil || a.Response.Status != 200 {
		t.Fatalf("%+v; want an answer", a)
	}
	s.Has(p.answerStage, "200 OK", "Stripe-Signature")
	c, err := s.E.Store.Capture(t.Context(), 1)
	if err != nil || c.Receipt.Verdict == nil || c.Receipt.Verdict.State != core.Verified {
		t.Errorf("the source got %+v, %v; want it verified", c.Receipt.Verdict, err)
	}
}

// What the picture says to each way of being wrong is what a receiver says.
func TestWrongOnPurpose(t *testing.T) {
	s := stage.New(t)
	attempt := s.Run()
	p := openCompose(s, "stripe", "whsec_1")
	if err := func() error { _, err := s.E.Vault.Put("run", "old", core.Text("whsec_0")); return err }(); err != nil {
		t.Fatal(err)
	}
	for i, way := range picture.WrongWays {
		p.signing.wrong.Choose(i)
		if way.Way == picture.WrongOld {
			p.signing.old.Type("whsec_0")
		}
		p.signing.show()
		look(s, p)
		want := core.Mismatch
		switch way.Way {
		case "":
			want = core.Verified
		case "stale":
			want = core.Stale
		case "future": // Stripe's libraries do not look ahead
			want = core.Verified
		case "missing":
			want = core.Missing
		}
		if p.pane.Shot.Verdict.State != want {
			t.Errorf("%s: the picture says %s, want %s", way.Label, p.pane.Shot.Verdict.State, want)
		}
		p.send()
		attempt()
		c, err := s.E.Store.Capture(t.Context(), core.CaptureID(i+1))
		if err != nil || c.Receipt.Verdict == nil || c.Receipt.Verdict.State != want {
			t.Errorf("%s: the receiver says %+v, %v; want %s", way.Label, c.Receipt.Verdict, err, want)
		}
		// The source answers 200 to everything: right for what verifies, and for what a rotation allows.
		if want.Bad() && way.Way != picture.WrongOld {
			s.Has(p.answerStage, "200 OK, and it must not be accepted", "The receiver accepted a")
		} else {
			s.Lacks(p.answerStage, "must not be accepted", "The receiver accepted")
		}
	}
	s.Has(p.pictureStage, "A receiver must reject this", "before the rotation")
	p.signing.wrong.Choose(3)
	look(s, p)
	p.send()
	attempt()
	s.Tap(p.answerStage, "Check up the handler")
	if want := "check-up of " + p.url.Text() + " stripe"; !slices.Contains(s.Went, want) {
		t.Errorf("it leads to %q, want %q", s.Went, want)
	}
}

// A fixed time is signed once and sent as it is.
func TestFixedTime(t *testing.T) {
	s := stage.New(t)
	attempt := s.Run()
	p := openCompose(s, "slack", "s3cret")
	p.signing.when.Choose(1)
	p.signing.at.Set("1700000000")
	look(s, p)
	s.Has(p.pictureStage, "A receiver must reject this")
	p.send()
	if a := attempt(); a.Request.Header.Get("X-Slack-Request-Timestamp") != "1700000000" {
		t.Errorf("sent at %q", a.Request.Header.Get("X-Slack-Request-Timestamp"))
	}
	p.signing.at.Set("yesterday")
	look(s, p)
	s.Has(p.pictureStage, "Time: want Unix seconds")
}

// A failure is an answer too.
// TestComposeAsksAndJudges: a provider's handshake is put up with a challenge of its own, sent, and its answer judged.
func TestComposeAsksAndJudges(t *testing.T) {
	s := stage.New(t)
	attempt := s.Run()
	p := openCompose(s, "slack", "mine")
	ask, err := sign.FindAsk("slack")
	if err != nil {
		t.Fatal(err)
	}
	p.useAsk(ask)
	s.Settle()
	p.send()
	if a := attempt(); a.Response == nil || a.Response.Status != 200 {
		t.Fatalf("%+v; want an answer", a)
	}
	s.Has(p.answerStage, "Slack url_verification: this is what the provider wants to see", "api.slack.com")

	if ask, err = sign.FindAsk("meta"); err != nil {
		t.Fatal(err)
	}
	p.url.Set("http://127.0.0.1:1/hooks?k=1")
	p.useAsk(ask)
	first := p.url.Text()
	p.useAsk(ask)
	if second := p.url.Text(); p.method.Text() != "GET" || first == second || strings.Count(second, "hub.challenge=") != 1 || !strings.HasPrefix(second, "http://127.0.0.1:1/hooks?k=1&") {
		t.Errorf("put up: %s %s, then %s", p.method.Text(), first, second)
	}
	r := core.Request{Method: "GET", Target: "/hooks?hub.mode=subscribe&hub.challenge=17", Base: "http://127.0.0.1:1"}
	for body, want := range map[string]control.Token{"17": control.Green, "<p>": control.Red} {
		j := judged(&core.Delivery{Request: r}, []core.Attempt{{Request: r, Response: &core.Response{Status: 200, Body: []byte(body)}}}, asked{})
		if j == nil {
			t.Fatal("it is not judged")
		}
		if words, tone := judgement(j); tone != want || !strings.HasPrefix(words, "Meta hub.challenge: ") {
			t.Errorf("%s: %s in %v", body, words, tone)
		}
	}
	if j := judged(&core.Delivery{}, []core.Attempt{{Request: core.Request{Method: "POST", Target: "/"}, Response: &core.Response{Status: 200}}}, asked{}); j != nil {
		t.Errorf("an event is judged: %+v", j)
	}
}

func TestComposeShowsAFailure(t *testing.T) {
	s := stage.New(t)
	attempt := s.Run()
	p := openCompose(s, "github", "mine")
	gone := httptest.NewServer(http.NotFoundHandler())
	p.url.Set(gone.URL)
	gone.Close()
	p.send()
	if a := attempt(); a.Failure == "" {
		t.Fatalf("%+v; want a failure", a)
	}
	s.Has(p.answerStage, "refused")
}

// The address is checked where it is typed.
func TestComposeWantsAnAddress(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	p.url.Set("shop.example.com")
	p.send()
	s.Settle()
	if !strings.Contains(p.url.Problem(), "http://") {
		t.Errorf("problem %q", p.url.Problem())
	}
}

// What was captured is sent as it was: order, spelling, repeats, and bytes that a text field would change.
func TestComposeFromACapture(t *testing.T) {
	s := stage.New(t)
	var got core.Header
	var body []byte
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { body, _ = io.ReadAll(r.Body) }))
	defer receiver.Close()
	attempt := s.Run()
	src := core.Source{Name: "hub", Platform: "generic", Settings: core.Values{"path": "/in/shop", "scheme": "github"}}
	src.Secrets = map[string]core.SecretRef{"secret": "run:hub"}
	if _, err := s.E.Vault.Put("run", "hub", core.Text("mine")); err != nil {
		t.Fatal(err)
	}
	if err := s.E.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	id := s.Receive(&src, stage.SignedCase{Scheme: "github", Secret: "mine", Body: "{\"a\":1}\r\n", Change: func(r *core.Request) {
		r.Header = append(r.Header, core.Field{Name: "x-Odd", Value: "1"}, core.Field{Name: "X-odd", Value: "2"})
	}})
	c, err := s.E.Store.Capture(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	stage.On(s, New).OpenCapture(&c)
	s.Settle()
	p := stage.On(s, New)
	look(s, p)
	s.Has(p.pictureStage, "A receiver will accept this")
	if p.body.typed {
		t.Error("a body with CRLF stands in a text field")
	}
	p.url.Set(receiver.URL + "/x")
	p.send()
	got = attempt().Request.Header
	if string(body) != "{\"a\":1}\r\n" {
		t.Errorf("sent %q", body)
	}
	if v := got.Values("X-Odd"); len(v) != 2 || len(got.Values("X-Hub-Signature-256")) != 1 {
		t.Errorf("sent %v", got)
	}
}

func TestDraftsNameSecretsAndHoldNone(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	p.signing.secret.Type("typed-secret")
	p.headers.set(core.Header{{Name: "x-Odd", Value: "1"}, {Name: "X-odd", Value: "2"}})
	c, _, _ := p.read()
	p.keep(store.Draft{Name: "mine"}, c)
	s.Settle()
	drafts, err := s.E.Store.Drafts(t.Context())
	if err != nil || len(drafts) != 1 {
		t.Fatalf("%v, %v", drafts, err)
	}
	if strings.Contains(string(drafts[0].Doc), "typed-secret") {
		t.Errorf("the secret stands in %s", drafts[0].Doc)
	}
	p.put(composition{Method: "GET"})
	p.openDraft(drafts[0])
	again, _, _ := p.read()
	a, _ := json.Marshal(c)
	b, _ := json.Marshal(again)
	if string(a) != string(b) {
		t.Errorf("opened\n%s, want\n%s", b, a)
	}
	s.Has(p.Root, "Draft: mine")
	p.deleteDraft(drafts[0])
	s.Settle()
	if drafts, _ := s.E.Store.Drafts(t.Context()); len(drafts) != 0 {
		t.Errorf("%d drafts are left", len(drafts))
	}
}

// A token is the secret itself: neither code nor headers show it.
func TestComposeHidesTokens(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "gitlab", "glwt-secret")
	s.Has(p.pictureStage, "A receiver will accept this")
	s.Lacks(p.Root, "glwt-secret")
	c, secret, old := p.read()
	for lang, code := range previewOf(s.W, c, secret, old, time.Now()).code {
		if strings.Contains(code, "glwt-secret") || lang != "curl" && !strings.Contains(code, "YOUR_SECRET") {
			t.Errorf("%s shows the secret, or no place for it:\n%s", lang, code)
		}
	}
}

// The public key that a source holds checks, and cannot sign: it is not offered, and a pair is made to try it with.
func TestComposeSignsWithPrivateKeys(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "discord", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
	s.Has(p.Root, "Discord", "Make a key pair")
	s.Lacks(p.Root, "Secret of source shop", "A receiver will accept this")
	s.Has(p.pictureStage, "Secret: enter it")
	s.Tap(p.Root, "Make a key pair to try it with")
	look(s, p)
	s.Has(p.pictureStage, "The signature is right for this key", "belongs to this private key")
}

// Every sample can be put up and, with a secret of its scheme's form, signed so that it verifies.
func TestEverySampleFits(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.Settle()
	for _, sample := range assets.Samples() {
		p.useSample(sample)
		c, _, _ := p.read()
		if string(c.Body) != string(sample.Body) || c.Event != sample.Event || c.Scheme != sample.Scheme || c.Header.Get("Content-Type") != sample.ContentType {
			t.Errorf("%s %s: %+v", sample.Provider, sample.Event, c)
		}
	}
}

func TestBodyEditor(t *testing.T) {
	s := stage.New(t)
	b := newBodyEditor(s.W, func() {})
	for _, row := range []struct {
		name, body, state string
		typed             bool
	}{
		{"JSON", `{"a":1}`, "JSON  ·  7 B", true},
		{"broken JSON", "{\n\"a\":,\n}", "Not JSON, line 2", true},
		{"a form", "a=1&b=2", "Not JSON  ·  7 B", true},
		{"nothing", "", "No body", true},
		{"CRLF", "a\r\nb", "bytes that a text field would change", false},
		{"not UTF-8", "\xff\xfe", "bytes that a text field would change", false},
		{"a byte order mark", "\ufeff{}", "bytes that a text field would change", false},
		{"large", `"` + strings.Repeat("x", mostEdited) + `"`, "too large to edit here", false},
	} {
		b.set([]byte(row.body))
		if got := b.state.Text(); !strings.Contains(got, row.state) || b.typed != row.typed || string(b.bytes) != row.body {
			t.Errorf("%s: %q, in a text field %v", row.name, got, b.typed)
		}
	}
	b.set([]byte(`{"n":1.0,"s":"ü"}`))
	s.Tap(b.view(), "Format")
	if got := string(b.bytes); got != "{\n  \"n\": 1.0,\n  \"s\": \"ü\"\n}" {
		t.Errorf("formatted %q", got)
	}
	s.Tap(b.view(), "Compact")
	if got := string(b.bytes); got != `{"n":1.0,"s":"ü"}` {
		t.Errorf("compact %q", got)
	}
}

func TestComposeSignsWithOwnSchemes(t *testing.T) {
	for id, provider := range stage.OwnSchemes {
		s := stage.New(t)
		s.PutOwnSchemes()
		p := openCompose(s, id, "s3cret-of-mine")
		p.signing.choose(p.signing.scheme.Set(id))
		p.signing.secret.Type("s3cret-of-mine")
		look(s, p)
		s.Has(p.Root, provider)
		s.Has(p.pictureStage, "A receiver will accept this")
		c, secret, old := p.read()
		for lang, code := range previewOf(s.W, c, secret, old, time.Now()).code {
			if strings.Contains(code, "s3cret-of-mine") {
				t.Errorf("%s: the secret stands in the %s code:\n%s", id, lang, code)
			}
		}
	}
}

func TestGoesOnWhileTheKeyringWaitsCompose(t *testing.T) {
	stage.WhileKeyringWaits(t, map[string]func(s *stage.Stage, first <-chan struct{}){
		"compose": func(s *stage.Stage, first <-chan struct{}) {
			p := stage.On(s, New)
			p.put(composition{Method: "POST", URL: "http://127.0.0.1:1/", Scheme: "github", Secret: "keyring:a"})
			p.look()
			p.send()
		},
		"compose, keep": func(s *stage.Stage, first <-chan struct{}) {
			p := stage.On(s, New)
			p.put(composition{Method: "POST", URL: "http://127.0.0.1:1/", Scheme: "github"})
			s.Choose(p.signing.secret.View(), "System keyring") // it begins with this run
			p.signing.secret.Type("mine")
			p.send()
		},
	})
}

// A capture's bytes that are no UTF-8 are sent as they came, though a field can show them only as such.
func TestComposeKeepsBytesThatAreNoUTF8(t *testing.T) {
	s := stage.New(t)
	attempt := s.Run()
	p := openCompose(s, "", "")
	c := core.Capture{Request: core.Request{Method: "POST", Target: "/in/shop", Header: core.Header{{Name: "X-Name", Value: "caf\xe9"}, {Name: "X-Other", Value: "gr\xfc\xdfe"}}, Body: []byte("{}")}}
	p.OpenCapture(&c)
	look(s, p)
	if len(p.headers.rows) != 2 || p.headers.rows[0].value.Text() != "caf\uFFFD" {
		t.Fatalf("the editor shows %d rows", len(p.headers.rows))
	}
	p.headers.rows[1].value.Set("changed")
	p.send()
	if a := attempt(); a.Response == nil {
		t.Fatalf("%+v; want an answer", a)
	}
	got, err := s.E.Store.Capture(t.Context(), 1)
	if err != nil || got.Request.Header.Get("X-Name") != "caf\xe9" || got.Request.Header.Get("X-Other") != "changed" {
		t.Errorf("the receiver got %q, %v", got.Request.Header, err)
	}
}

// Send wrong takes two steps, says what the receiver made of it, and leads to the capture. What is composed stays right.
func TestSendWrongOnce(t *testing.T) {
	s := stage.New(t)
	attempt := s.Run()
	p := openCompose(s, "stripe", "whsec_1")
	s.Tap(p.Root, "Send wrong")
	s.Pick("Tampered: one byte of the body changed")
	attempt()
	s.Settle()
	s.Has(p.answerStage, "must not be accepted", "Your source shop captured it, and can tell what is wrong")
	if got := p.signing.wrong.Text(); got != picture.WrongWays[0].Label {
		t.Errorf("what is composed is now %q", got)
	}
	s.Tap(p.answerStage, "Open the capture")
	if want := "capture 1"; !slices.Contains(s.Went, want) {
		t.Errorf("it leads to %q, want %q", s.Went, want)
	}
	p.send()
	attempt()
	s.Settle()
	s.Has(p.answerStage, "Your source shop captured it.")
	s.Lacks(p.answerStage, "can tell what is wrong")
}
