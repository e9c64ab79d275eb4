// Package stage is for tests of the window: an engine, and a window of one page whose UI goroutine is the test's.
package stage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// Stage is a window on an engine of its own, whose UI goroutine is the test's: what other goroutines want done there
// waits until Settle.
type Stage struct {
	T    *testing.T
	W    *frame.Window
	E    *engine.Engine
	todo chan func()
	Went []string // where the pages on it led, as "delivery 3"

	mu      sync.Mutex // for what follows
	timers  int
	waiting map[int]func()
}

// New has a window without pages: see On. What its pages lead to is written down.
func New(t *testing.T) *Stage { return NewWith(t, nil) }

// NewWith is New with a keyring.
func NewWith(t *testing.T, keyring engine.Keyring) *Stage {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	e, err := engine.Open(ctx, engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1, Keyring: keyring})
	if err != nil {
		t.Fatal(err)
	}
	s := &Stage{T: t, E: e, todo: make(chan func(), 1000), waiting: map[int]func(){}}
	s.W = frame.New(ctx, test.NewTempApp(t), e, func(f func()) { s.todo <- f })
	s.W.Pump.Timer = s.wait
	s.W.Go = s.verbs()
	s.W.Win.Resize(fyne.NewSize(1280, 800))
	t.Cleanup(func() { cancel(); s.Settle(); e.Close() })
	return s
}

// wait is a timer that does not run: how fast the machine is makes no difference to what a page shows. See Later.
func (s *Stage) wait(_ time.Duration, f func()) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.timers
	s.timers++
	s.waiting[n] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waiting, n)
	}
}

// Later lets the time pass that the page waits for now, however long that is.
func (s *Stage) Later() {
	s.T.Helper()
	s.mu.Lock()
	due := s.waiting
	s.waiting = map[int]func(){}
	s.mu.Unlock()
	for _, n := range slices.Sorted(maps.Keys(due)) {
		due[n]()
	}
	s.Settle()
}

// show puts a page into the window, with nothing beside it.
func (s *Stage) show(p frame.Page) {
	s.W.Build(frame.Layout{Pages: []frame.Page{p}, Beside: control.Gap(0, 0), Turned: func(int) {}, Palette: func() {},
		Load: func(context.Context) func() { return func() {} }})
	s.Settle()
}

// On is the page of a stage; the first call makes it.
func On[P frame.Page](s *Stage, make func(*frame.Window) P) P {
	if len(s.W.Pages) == 0 {
		s.show(make(s.W))
	}
	return s.W.Now().(P)
}

// verbs write down where a page leads. Long work is done at once.
func (s *Stage) verbs() frame.Verbs {
	to := func(format string, args ...any) {
		s.Went = append(s.Went, strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
	return frame.Verbs{
		OpenCapture:   func(id core.CaptureID) { to("capture %d", id) },
		FilterInbox:   func(key, value string) { to("inbox %s:%s", key, value) },
		NarrowInbox:   func(key, value string) { to("inbox + %s:%s", key, value) },
		RereadCapture: func(core.CaptureID) {},
		Replay:        func(ids []core.CaptureID, quick bool) { to("replay %d", ids) },
		OpenFiles:     func(paths ...string) { to("files %s", paths) },
		Compose:       func(c *core.Capture) { to("compose %s", c.Request.Target) },
		Recompose:     func(c *core.Capture, whole bool) { to("recompose %s, whole: %v", c.Request.Target, whole) },
		OpenDelivery:  func(id core.DeliveryID) { to("delivery %d", id) },
		OpenBatch:     func(batch string) { to("batch %s", batch) },
		OpenWork:      func(id string) { to("work %s", id) },
		OpenSource:    func(id core.SourceID, tab string) { to("source %d %s", id, tab) },
		AddSource:     func(c *core.Capture) { to("source at %s", c.Request.Path()) },
		CheckUp:       func(url, scheme string, _ core.SecretRef) { to("check-up of %s %s", url, scheme) },
		NewSource:     func(platform, scheme string) { to("new source %s %s", platform, scheme) },
		OpenShape:     func(source core.SourceID, event string) { to("shape %d %s", source, event) },
		OpenSettings:  func(section string) { to("settings %s", section) },
		JoinSpace:     func(invite string) { to("join %s", invite) },
		SettleTunnel:  func(then func()) { then() },
		CorrectTunnel: func(field, reason string) { to("tunnel %s: %s", field, reason) },
		Prepare: func(_ string, work func(context.Context, engine.Progress) (string, error)) {
			s.W.Pump.Task(s.W.Ctx, func(ctx context.Context) func() {
				_, err := work(ctx, func(int, int) {})
				return func() { s.W.Fail(err) }
			})
		},
	}
}

// Settle loads what is shown and runs all that follows, until nothing is under way.
func (s *Stage) Settle() {
	s.T.Helper()
	if len(s.W.Pages) > 0 {
		s.W.Load(s.W.Ctx)()
	}
	for more := true; more; {
		s.W.Pump.Jobs.Wait() // todo has room for all that they want done
		more = len(s.todo) > 0
		for len(s.todo) > 0 {
			(<-s.todo)()
		}
	}
}

// Run lets the engine send, and returns what waits for the next attempt to end.
func (s *Stage) Run() (attempt func() core.Attempt) {
	ctx, cancel := context.WithCancel(s.T.Context())
	done := make(chan struct{})
	go func() { s.E.Run(ctx); close(done) }()
	s.T.Cleanup(func() { cancel(); <-done })
	attempts := s.E.Outbox.Watch(ctx)
	return func() core.Attempt {
		s.T.Helper()
		s.W.Pump.Jobs.Wait()
		a := <-attempts
		s.Settle()
		s.Settle()
		return a
	}
}

func (s *Stage) Arrive(n int, change func(i int, c *core.Capture)) {
	s.T.Helper()
	for i := range n {
		head := fmt.Sprintf("POST /in/%d HTTP/1.1\r\nHost: h\r\nX-Odd: 1\r\n\r\n", i)
		c := core.Capture{At: time.Unix(1_700_000_000+int64(i), 0), Name: "stripe", Source: 1,
			Request:  core.Request{Method: "POST", Target: fmt.Sprintf("/in/%d", i), Head: []byte(head), Header: core.ParseHead([]byte(head)), Body: []byte(`{"n":1}`), Size: 7, Host: "h", Proto: "HTTP/1.1"},
			Response: core.Response{Status: 200}, Receipt: core.Receipt{Outcome: core.Accepted}, Event: core.Event{Type: fmt.Sprintf("event.%d", i)}}
		if change != nil {
			change(i, &c)
		}
		if err := s.E.Store.AddCapture(&c, nil); err != nil {
			s.T.Fatal(err)
		}
	}
}

// SignedCase is a case of the picture: a request signed with a scheme, and what happened to it then.
type SignedCase struct {
	Scheme, Secret string
	With           string // signed with this secret instead
	Age            time.Duration
	Body           string
	Media          string // Content-Type; JSON if empty
	Change         func(r *core.Request)
}

// Receive stores a capture of a source, with the verdict that it got.
func (s *Stage) Receive(src *core.Source, c SignedCase) core.CaptureID {
	s.T.Helper()
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	media := c.Media
	if media == "" {
		media = "application/json"
	}
	r := core.Request{Method: "POST", Target: "/in/shop", Host: "h", Proto: "HTTP/1.1", Header: core.Header{{Name: "Host", Value: "h"}, {Name: "Content-Type", Value: media}}, Body: []byte(c.Body)}
	if scheme, ok := sign.Known().Find(c.Scheme); ok {
		with := c.Secret
		if c.With != "" {
			with = c.With
		}
		var err error
		if r, err = engine.SignRequest(scheme, r, "", core.Text(with), at.Add(-c.Age), "msg_1"); err != nil {
			s.T.Fatal(err)
		}
	}
	if c.Change != nil {
		c.Change(&r)
	}
	r.Size = int64(len(r.Body))
	capture := core.Capture{At: at, Source: src.ID, Name: src.Name, Request: r, Response: core.Response{Status: http.StatusOK}, Receipt: core.Receipt{Outcome: core.Accepted, Platform: "generic"}}
	if err := s.E.Store.AddCapture(&capture, nil); err != nil {
		s.T.Fatal(err)
	}
	if src.Settings.Text("scheme") != "" {
		if _, err := s.E.Reverify(s.T.Context(), capture.ID, "", core.Secret{}); err != nil {
			s.T.Fatal(err)
		}
	}
	return capture.ID
}

// Owe puts deliveries into the outbox.
func (s *Stage) Owe(n int, change func(i int, d *core.Delivery)) []core.DeliveryID {
	s.T.Helper()
	now := time.Now()
	var ids []core.DeliveryID
	for i := range n {
		d := core.Delivery{Target: core.Target{URL: fmt.Sprintf("http://127.0.0.1:1/hook/%d", i), Policy: core.RetryPolicy{Retries: 3, Base: time.Minute}},
			Event: core.Event{Type: fmt.Sprintf("order.%d", i)}, Request: core.Request{Method: "POST", Body: []byte(`{"a":1}`)}, Due: now.Add(time.Hour), Created: now}
		if change != nil {
			change(i, &d)
		}
		one, err := s.E.Store.AddDeliveries(context.Background(), []core.Delivery{d})
		if err != nil {
			s.T.Fatal(err)
		}
		ids = append(ids, one...)
	}
	return ids
}

// Tried stores an attempt of a delivery and how it leaves it.
func (s *Stage) Tried(id core.DeliveryID, status int, failure core.Failure, state core.DeliveryState) {
	s.T.Helper()
	ctx := context.Background()
	d, err := s.E.Store.Delivery(ctx, id)
	if err != nil {
		s.T.Fatal(err)
	}
	a := core.Attempt{Delivery: id, Number: d.Attempts + 1, Started: time.Now()}
	if err := s.E.Store.StartAttempt(ctx, a); err != nil {
		s.T.Fatal(err)
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
	if err := s.E.Store.FinishAttempt(ctx, a, d); err != nil {
		s.T.Fatal(err)
	}
}

func (s *Stage) DeliveriesIn(f store.DeliveryFilter) []store.DeliveryRow {
	s.T.Helper()
	rows, err := s.E.Store.Deliveries(context.Background(), f, 0, 1000)
	if err != nil {
		s.T.Fatal(err)
	}
	return rows
}

// SourcesByName are the stored sources.
func (s *Stage) SourcesByName() map[string]core.Source {
	s.T.Helper()
	all, err := s.E.Store.Sources(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	out := map[string]core.Source{}
	for _, src := range all {
		out[src.Name] = src
	}
	return out
}

// WorkItem is an item of three steps, of which the second failed where failed says so.
func WorkItem(id, state string, final, failed bool) core.WorkItem {
	at := time.Unix(1_700_000_000, 0)
	w := core.WorkItem{ID: id, Platform: "acme", Source: 1, SourceName: "agent", Capture: 1, Created: at, State: state, Final: final, Failed: failed, Cost: 0.0421,
		Title: "Title of " + id, Session: "webhook:me", States: []core.StateAt{{State: "PENDING", At: at}, {State: state, At: at.Add(1500 * time.Millisecond)}},
		Steps: []core.Step{{Name: "received", Started: at, Took: 2 * time.Millisecond}, {Name: "inference", Detail: "call 1", Started: at.Add(time.Second), Took: time.Second, Cost: 0.0421}},
		Notes: []core.Notification{{Chat: "group_1", Text: "It is done.", At: at.Add(2 * time.Second)}}}
	if failed {
		w.Steps[1].Error = "the model gave up"
	}
	return w
}

func (s *Stage) Work(items ...core.WorkItem) {
	s.T.Helper()
	if err := s.E.Store.AddKept(&store.Kept{Source: 1, Work: items}); err != nil {
		s.T.Fatal(err)
	}
}

func (s *Stage) Has(o fyne.CanvasObject, wanted ...string) {
	s.T.Helper()
	got := eye.Line(o)
	for _, w := range wanted {
		if !strings.Contains(got, w) {
			s.T.Errorf("%q is not in\n%s", w, got)
		}
	}
}

func (s *Stage) Lacks(o fyne.CanvasObject, unwanted ...string) {
	s.T.Helper()
	got := eye.Line(o)
	for _, w := range unwanted {
		if strings.Contains(got, w) {
			s.T.Errorf("%q stands in\n%s", w, got)
		}
	}
}

// Tap presses the button of a label.
func (s *Stage) Tap(o fyne.CanvasObject, label string) {
	s.T.Helper()
	if b := eye.Button(o, label); b != nil {
		b.Tapped(nil)
		s.Settle() // what it does
		s.Settle() // and what follows from that
		return
	}
	s.T.Fatalf("there is no button %q in\n%s", label, eye.Line(o))
}

// Pick chooses an entry of the menu that is open.
func (s *Stage) Pick(label string) {
	s.T.Helper()
	menu, ok := s.W.Win.Canvas().Focused().(*control.List)
	if !ok || !s.W.Layers.Covered() {
		s.T.Fatalf("no menu is open that could offer %q", label)
	}
	entry := eye.Text(menu, label)
	if entry == nil {
		s.T.Fatalf("the menu does not offer %q:\n%s", label, eye.Words(menu))
	}
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	at := place(entry).Subtract(place(menu)).Add(fyne.NewPos(0, entry.Size().Height/2))
	menu.Tapped(&fyne.PointEvent{Position: at})
	s.Settle()
	s.Settle()
}

// Press taps the first button below o whose words hold a label.
func (s *Stage) Press(o fyne.CanvasObject, label string) {
	s.T.Helper()
	for _, b := range eye.All[*control.Button](o) {
		if strings.Contains(eye.Words(b), label) {
			test.Tap(b)
			s.Settle()
			return
		}
	}
	s.T.Fatalf("no button %q among %q", label, eye.Words(o))
}

// BrokenKeyring is one that nobody is behind.
type BrokenKeyring struct{}

var errNoKeyring = errors.New("no such interface")

func (BrokenKeyring) Get(string) (string, error) { return "", errNoKeyring }
func (BrokenKeyring) Set(string, string) error   { return errNoKeyring }
func (BrokenKeyring) Delete(string) error        { return errNoKeyring }

// OwnSchemes are two of the user's own: a token, and an HMAC over the body.
var OwnSchemes = map[string]string{"my-token": "Token GmbH", "my-hmac": "Hmac GmbH"}

// PutOwnSchemes adds them, as Settings does while the other pages are there already.
func (s *Stage) PutOwnSchemes() {
	s.T.Helper()
	for id, rest := range map[string]string{"my-token": `"template":"{none}","alg":"equal","enc":"raw","key":"utf8"`, "my-hmac": `"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"`} {
		text := fmt.Sprintf(`{"id":%q,"provider":%q,"sig":{"from":"header:X-%s","format":"plain"},%s}`, id, OwnSchemes[id], id, rest)
		if _, err := s.E.Schemes.Put(s.W.Ctx, "", []byte(text)); err != nil {
			s.T.Fatal(err)
		}
	}
}

// Says looks for words anywhere in the window.
func (s *Stage) Says(parts ...string) {
	s.T.Helper()
	if lacks := eye.Missing(eye.Texts(s.W.Layers), parts...); lacks != nil {
		s.T.Errorf("the window does not say %q:\n%s", lacks, eye.Texts(s.W.Layers))
	}
}

// Choose takes a choice of the select below o that offers it.
func (s *Stage) Choose(o fyne.CanvasObject, label string) {
	s.T.Helper()
	sel := eye.Select(o, label)
	if sel == nil {
		s.T.Fatalf("nothing offers %q in\n%s", label, eye.Words(o))
	}
	sel.OnChange(sel.Selected())
}

// TypeInto writes into the field of a label.
func TypeInto(t *testing.T, f *part.Form, label, text string) {
	t.Helper()
	for path, l := range f.Labels {
		if l != label {
			continue
		}
		if field, ok := f.Items[path].View.(*control.Field); ok {
			field.Set(text)
			return
		}
	}
	t.Fatalf("no field %q", label)
}

// FieldOf is the text field of a setting.
func FieldOf(t *testing.T, f *part.Form, path string) *control.Field {
	t.Helper()
	field, ok := f.Items[path].View.(*control.Field)
	if !ok {
		t.Fatalf("no field %q", path)
	}
	return field
}
