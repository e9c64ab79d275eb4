package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/ui/control"
)

// stage is a window on an engine of its own, whose UI goroutine is the test's: what other goroutines want done there
// waits until settle.
type stage struct {
	t    *testing.T
	w    *Window
	e    *engine.Engine
	todo chan func()
	went []string // where the pages on it led, as "delivery 3"
}

// newStage has a window without pages: see show. What its pages lead to is written down.
func newStage(t *testing.T) *stage { return newStageWith(t, nil) }

// newStageWith is newStage with a keyring.
func newStageWith(t *testing.T, keyring engine.Keyring) *stage {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	e, err := engine.Open(ctx, engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1, Keyring: keyring})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, e: e, todo: make(chan func(), 1000)}
	s.w = newWindow(ctx, test.NewTempApp(t), e, func(f func()) { s.todo <- f })
	s.w.to = s.verbs()
	s.w.win.Resize(fyne.NewSize(1280, 800))
	t.Cleanup(func() { cancel(); s.settle(); e.Close() })
	return s
}

// show puts a page into the window, with nothing beside it.
func (s *stage) show(p page) {
	s.w.build(layout{pages: []page{p}, beside: control.Gap(0, 0), turned: func(int) {}, palette: func() {},
		load: func(context.Context) func() { return func() {} }})
	s.settle()
}

// on is the page of a stage; the first call makes it.
func on[P page](s *stage, make func(*Window) P) P {
	if len(s.w.pages) == 0 {
		s.show(make(s.w))
	}
	return s.w.now().(P)
}

// verbs write down where a page leads. Long work is done at once.
func (s *stage) verbs() verbs {
	to := func(format string, args ...any) {
		s.went = append(s.went, strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
	return verbs{
		openCapture:   func(id core.CaptureID) { to("capture %d", id) },
		filterInbox:   func(key, value string) { to("inbox %s:%s", key, value) },
		narrowInbox:   func(key, value string) { to("inbox + %s:%s", key, value) },
		rereadCapture: func(core.CaptureID) {},
		replay:        func(ids []core.CaptureID, quick bool) { to("replay %d", ids) },
		compose:       func(c *core.Capture) { to("compose %s", c.Request.Target) },
		openDelivery:  func(id core.DeliveryID) { to("delivery %d", id) },
		openBatch:     func(batch string) { to("batch %s", batch) },
		openWork:      func(id string) { to("work %s", id) },
		openSource:    func(id core.SourceID, tab string) { to("source %d %s", id, tab) },
		addSource:     func(c *core.Capture) { to("source at %s", c.Request.Path()) },
		openSettings:  func(section string) { to("settings %s", section) },
		settleTunnel:  func(then func()) { then() },
		correctTunnel: func(field, reason string) { to("tunnel %s: %s", field, reason) },
		prepare: func(_ string, work func(context.Context, engine.Progress) (string, error)) {
			s.w.pump.task(s.w.ctx, func(ctx context.Context) func() {
				_, err := work(ctx, func(int, int) {})
				return func() { s.w.fail(err) }
			})
		},
	}
}

// settle loads what is shown and runs all that follows, until nothing is under way.
func (s *stage) settle() {
	s.t.Helper()
	if len(s.w.pages) > 0 {
		s.w.load(s.w.ctx)()
	}
	for more := true; more; {
		s.w.pump.jobs.Wait() // todo has room for all that they want done
		more = len(s.todo) > 0
		for len(s.todo) > 0 {
			(<-s.todo)()
		}
	}
}

// run lets the engine send, and returns what waits for the next attempt to end.
func (s *stage) run() (attempt func() core.Attempt) {
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan struct{})
	go func() { s.e.Run(ctx); close(done) }()
	s.t.Cleanup(func() { cancel(); <-done })
	attempts := s.e.Outbox.Watch(ctx)
	return func() core.Attempt {
		s.t.Helper()
		s.w.pump.jobs.Wait()
		a := <-attempts
		s.settle()
		s.settle()
		return a
	}
}

func (s *stage) arrive(n int, change func(i int, c *core.Capture)) {
	s.t.Helper()
	for i := range n {
		head := fmt.Sprintf("POST /in/%d HTTP/1.1\r\nHost: h\r\nX-Odd: 1\r\n\r\n", i)
		c := core.Capture{At: time.Unix(1_700_000_000+int64(i), 0), Name: "stripe", Source: 1,
			Request:  core.Request{Method: "POST", Target: fmt.Sprintf("/in/%d", i), Head: []byte(head), Header: core.ParseHead([]byte(head)), Body: []byte(`{"n":1}`), Size: 7, Host: "h", Proto: "HTTP/1.1"},
			Response: core.Response{Status: 200}, Receipt: core.Receipt{Outcome: core.Accepted}, Event: core.Event{Type: fmt.Sprintf("event.%d", i)}}
		if change != nil {
			change(i, &c)
		}
		if err := s.e.Store.AddCapture(&c, nil); err != nil {
			s.t.Fatal(err)
		}
	}
}

// signed is a case of the picture: a request signed with a scheme, and what happened to it then.
type signedCase struct {
	scheme, secret string
	with           string // signed with this secret instead
	age            time.Duration
	body           string
	media          string // Content-Type; JSON if empty
	change         func(r *core.Request)
}

// receive stores a capture of a source, with the verdict that it got.
func (s *stage) receive(src *core.Source, c signedCase) core.CaptureID {
	s.t.Helper()
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	media := c.media
	if media == "" {
		media = "application/json"
	}
	r := core.Request{Method: "POST", Target: "/in/shop", Host: "h", Proto: "HTTP/1.1", Header: core.Header{{Name: "Host", Value: "h"}, {Name: "Content-Type", Value: media}}, Body: []byte(c.body)}
	if scheme, ok := sign.Known().Find(c.scheme); ok {
		with := c.secret
		if c.with != "" {
			with = c.with
		}
		var err error
		if r, err = engine.SignRequest(scheme, r, "", core.Text(with), at.Add(-c.age), "msg_1"); err != nil {
			s.t.Fatal(err)
		}
	}
	if c.change != nil {
		c.change(&r)
	}
	r.Size = int64(len(r.Body))
	capture := core.Capture{At: at, Source: src.ID, Name: src.Name, Request: r, Response: core.Response{Status: http.StatusOK}, Receipt: core.Receipt{Outcome: core.Accepted, Platform: "generic"}}
	if err := s.e.Store.AddCapture(&capture, nil); err != nil {
		s.t.Fatal(err)
	}
	if src.Settings.Text("scheme") != "" {
		if _, err := s.e.Reverify(s.t.Context(), capture.ID, "", core.Secret{}); err != nil {
			s.t.Fatal(err)
		}
	}
	return capture.ID
}

// owe puts deliveries into the outbox.
func (s *stage) owe(n int, change func(i int, d *core.Delivery)) []core.DeliveryID {
	s.t.Helper()
	now := time.Now()
	var ids []core.DeliveryID
	for i := range n {
		d := core.Delivery{Target: core.Target{URL: fmt.Sprintf("http://127.0.0.1:1/hook/%d", i), Policy: core.RetryPolicy{Retries: 3, Base: time.Minute}},
			Event: core.Event{Type: fmt.Sprintf("order.%d", i)}, Request: core.Request{Method: "POST", Body: []byte(`{"a":1}`)}, Due: now.Add(time.Hour), Created: now}
		if change != nil {
			change(i, &d)
		}
		one, err := s.e.Store.AddDeliveries(context.Background(), []core.Delivery{d})
		if err != nil {
			s.t.Fatal(err)
		}
		ids = append(ids, one...)
	}
	return ids
}

// tried stores an attempt of a delivery and how it leaves it.
func (s *stage) tried(id core.DeliveryID, status int, failure core.Failure, state core.DeliveryState) {
	s.t.Helper()
	ctx := context.Background()
	d, err := s.e.Store.Delivery(ctx, id)
	if err != nil {
		s.t.Fatal(err)
	}
	a := core.Attempt{Delivery: id, Number: d.Attempts + 1, Started: time.Now()}
	if err := s.e.Store.StartAttempt(ctx, a); err != nil {
		s.t.Fatal(err)
	}
	a.Took, a.Failure, a.Detail = 12*time.Millisecond, failure, "so it was"
	a.Request = core.Request{Method: "POST", Target: "/hook/0", Proto: "HTTP/1.1", Header: core.Header{{Name: "X-Sent", Value: "yes"}}, Body: []byte(`{"a":1}`)}
	if failure == "" {
		a.Response = &core.Response{Status: status, Header: core.Header{{Name: "X-Answer", Value: "here"}}, Body: []byte(`{"ok":false}`)}
	}
	d.State, d.Attempts, d.Due = state, a.Number, time.Now().Add(time.Hour)
	if state == core.Exhausted {
		d.Reason = "gave up after 1 attempt"
	}
	if err := s.e.Store.FinishAttempt(ctx, a, d); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) deliveriesIn(f store.DeliveryFilter) []store.DeliveryRow {
	s.t.Helper()
	rows, err := s.e.Store.Deliveries(context.Background(), f, 0, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	return rows
}

// sourcesByName are the stored sources.
func (s *stage) sourcesByName() map[string]core.Source {
	s.t.Helper()
	all, err := s.e.Store.Sources(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]core.Source{}
	for _, src := range all {
		out[src.Name] = src
	}
	return out
}

// item is a work item of three steps, of which the second failed where failed says so.
func workItem(id, state string, final, failed bool) core.WorkItem {
	at := time.Unix(1_700_000_000, 0)
	w := core.WorkItem{ID: id, Platform: "nitejar", Source: 1, SourceName: "agent", Capture: 1, Created: at, State: state, Final: final, Failed: failed, Cost: 0.0421,
		Title: "Title of " + id, Session: "webhook:me", States: []core.StateAt{{State: "PENDING", At: at}, {State: state, At: at.Add(1500 * time.Millisecond)}},
		Steps: []core.Step{{Name: "received", Started: at, Took: 2 * time.Millisecond}, {Name: "inference", Detail: "call 1", Started: at.Add(time.Second), Took: time.Second, Cost: 0.0421}},
		Notes: []core.Notification{{Chat: "group_1", Text: "It is done.", At: at.Add(2 * time.Second)}}}
	if failed {
		w.Steps[1].Error = "the model gave up"
	}
	return w
}

func (s *stage) work(items ...core.WorkItem) {
	s.t.Helper()
	if err := s.e.Store.AddKept(&store.Kept{Source: 1, Work: items}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) has(o fyne.CanvasObject, wanted ...string) {
	s.t.Helper()
	got := eyeLine(o)
	for _, w := range wanted {
		if !strings.Contains(got, w) {
			s.t.Errorf("%q is not in\n%s", w, got)
		}
	}
}

func (s *stage) lacks(o fyne.CanvasObject, unwanted ...string) {
	s.t.Helper()
	got := eyeLine(o)
	for _, w := range unwanted {
		if strings.Contains(got, w) {
			s.t.Errorf("%q stands in\n%s", w, got)
		}
	}
}

// tap presses the button of a label.
func (s *stage) tap(o fyne.CanvasObject, label string) {
	s.t.Helper()
	if b := eyeButton(o, label); b != nil {
		b.Tapped(nil)
		s.settle() // what it does
		s.settle() // and what follows from that
		return
	}
	s.t.Fatalf("there is no button %q in\n%s", label, eyeLine(o))
}

// press taps the button with a label below o.
func (s *stage) press(o fyne.CanvasObject, label string) {
	s.t.Helper()
	var found *control.Button
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() || found != nil {
			return
		}
		switch o := o.(type) {
		case *control.Button:
			if strings.Contains(eyeWords(o), label) {
				found = o
			}
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c)
			}
		}
	}
	walk(o)
	if found == nil {
		s.t.Fatalf("no button %q among %q", label, eyeWords(o))
	}
	test.Tap(found)
	s.settle()
}

// ownScheme adds a scheme of the user's own.
func (s *stage) ownScheme(id string) {
	s.t.Helper()
	if _, err := s.e.Schemes.Put(s.t.Context(), "", []byte(fmt.Sprintf(`{"id": %q, "provider": "My API", "sig": {"from": "header:X-Mine", "format": "plain"}, "template": "{body}", "alg": "hmac-sha256", "enc": "hex", "key": "utf8"}`, id))); err != nil {
		s.t.Fatal(err)
	}
}

// brokenKeyring is one that nobody is behind.
type brokenKeyring struct{}

var errNoKeyring = errors.New("no such interface")

func (brokenKeyring) Get(string) (string, error) { return "", errNoKeyring }
func (brokenKeyring) Set(string, string) error   { return errNoKeyring }
func (brokenKeyring) Delete(string) error        { return errNoKeyring }

// ownSchemes are two of the user's own: a token, and an HMAC over the body.
var ownSchemes = map[string]string{"my-token": "Token GmbH", "my-hmac": "Hmac GmbH"}

// putOwnSchemes adds them, as Settings does while the other pages are there already.
func (s *stage) putOwnSchemes() {
	s.t.Helper()
	for id, rest := range map[string]string{"my-token": `"template":"{none}","alg":"equal","enc":"raw","key":"utf8"`, "my-hmac": `"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"`} {
		text := fmt.Sprintf(`{"id":%q,"provider":%q,"sig":{"from":"header:X-%s","format":"plain"},%s}`, id, ownSchemes[id], id, rest)
		if _, err := s.e.Schemes.Put(s.w.ctx, "", []byte(text)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// says looks for words anywhere in the window.
func (s *stage) says(parts ...string) {
	s.t.Helper()
	if lacks := eyeMissing(eyeTexts(s.w.layers), parts...); lacks != nil {
		s.t.Errorf("the window does not say %q:\n%s", lacks, eyeTexts(s.w.layers))
	}
}

// choose takes a choice of the select below o that offers it.
func (s *stage) choose(o fyne.CanvasObject, label string) {
	s.t.Helper()
	sel := eyeSelect(o, label)
	if sel == nil {
		s.t.Fatalf("nothing offers %q in\n%s", label, eyeWords(o))
	}
	sel.OnChange(sel.Selected())
}

// typeInto writes into the field of a label.
func typeInto(t *testing.T, f *Form, label, text string) {
	t.Helper()
	for path, l := range f.labels {
		if l != label {
			continue
		}
		if field, ok := f.items[path].View.(*control.Field); ok {
			field.Set(text)
			return
		}
	}
	t.Fatalf("no field %q", label)
}

// fieldOf is the text field of a setting.
func fieldOf(t *testing.T, f *Form, path string) *control.Field {
	t.Helper()
	field, ok := f.items[path].View.(*control.Field)
	if !ok {
		t.Fatalf("no field %q", path)
	}
	return field
}
