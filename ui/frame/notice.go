package frame

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/core/tunnel"
)

// Notices is what the system tells of while the window is not in front. At first, nothing.
type Notices struct {
	Match  bool   `json:"match"`  // a capture that the filter lets through
	Filter string `json:"filter"` // "": every one
	Bad    bool   `json:"bad"`    // a signature that does not hold
	Drift  bool   `json:"drift"`  // a body that is not like those before it
	Tunnel bool   `json:"tunnel"` // the tunnel broke off
	Tray   bool   `json:"tray"`   // an icon in the system's tray, from the next start on
}

// noticeSetting is where they are kept.
const noticeSetting = "notices"

// noticeGap is the shortest time between two of a kind: what comes sooner is counted and told together.
const noticeGap = 10 * time.Second

// noticing watches what arrives for what is to be told.
type noticing struct {
	away atomic.Bool // the window is not in front

	mu     sync.Mutex
	set    Notices
	query  store.Query
	last   core.CaptureID // looked at
	begun  bool
	state  tunnel.State
	bursts [3]burst

	drift  int64 // the last that was looked at
	looked bool  // for drift, before
}

// The kinds of which there may be many.
const (
	matches = iota
	badSignatures
	drifts
)

// burst counts what there is to tell of a kind.
type burst struct {
	n       int
	one     core.CaptureID // the newest
	waiting bool           // a time runs at whose end it is told
}

// beginNotices reads what is to be told, and follows whether the window is in front.
func (w *Window) beginNotices() {
	var set Notices
	if err := w.Engine.Store.Setting(w.Ctx, noticeSetting, &set); err != nil {
		set = Notices{}
	}
	w.notices.take(set)
	w.App.Lifecycle().SetOnExitedForeground(func() { w.notices.away.Store(true) })
	w.App.Lifecycle().SetOnEnteredForeground(func() { w.notices.away.Store(false) })
	if set.Tray {
		w.putTray()
	}
}

// Notices are those in force.
func (w *Window) Notices() Notices {
	w.notices.mu.Lock()
	defer w.notices.mu.Unlock()
	return w.notices.set
}

// SetNotices puts others in force, and keeps them. The filter of what is refused is named.
func (w *Window) SetNotices(set Notices) error {
	if _, err := store.ParseQuery(set.Filter, time.Now()); err != nil {
		return err
	}
	w.notices.take(set)
	w.Pump.Task(w.Ctx, func(context.Context) func() {
		err := w.Engine.Store.PutSetting(noticeSetting, set)
		return func() { w.Fail(err) }
	})
	return nil
}

func (n *noticing) take(set Notices) {
	q, err := store.ParseQuery(set.Filter, time.Now())
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.set, n.query = set, q; err != nil {
		n.set.Match = false // a filter of another version
	}
}

// lookForNotices counts what came since it looked last. It runs with each round of the pump, off the UI goroutine.
func (w *Window) lookForNotices(ctx context.Context) {
	n, s := &w.notices, w.Engine.Store
	n.mu.Lock()
	set, query, last, begun, before := n.set, n.query, n.last, n.begun, n.state
	n.mu.Unlock()
	if status := w.Engine.Tunnel.Status(); status.State != before {
		n.mu.Lock()
		n.state = status.State
		n.mu.Unlock()
		broke := status.State == tunnel.Failed || status.State == tunnel.Reconnecting && before == tunnel.Online
		if set.Tunnel && broke && before != "" && n.away.Load() {
			w.notify("The tunnel broke off", status.Text)
		}
	}
	w.lookForDrift(ctx, set.Drift)
	if !set.Match && !set.Bad {
		n.mu.Lock()
		n.begun = false // who switches it on is told of what comes from then on
		n.mu.Unlock()
		return
	}
	newest, err := s.Captures(ctx, store.Query{}, 0, 1)
	if err != nil {
		return
	}
	now := core.CaptureID(0)
	if len(newest) > 0 {
		now = newest[0].ID
	}
	n.mu.Lock()
	n.last, n.begun = now, true
	n.mu.Unlock()
	if !begun || now <= last || !n.away.Load() {
		return
	}
	if set.Match {
		w.countNotices(ctx, matches, query, last, now)
	}
	if set.Bad {
		if bad, err := store.ParseQuery("sig:bad", time.Now()); err == nil {
			w.countNotices(ctx, badSignatures, bad, last, now)
		}
	}
}

// lookForDrift counts the captures that were found to differ since it looked last: they are learned after they arrived.
func (w *Window) lookForDrift(ctx context.Context, on bool) {
	n, s := &w.notices, w.Engine.Store
	n.mu.Lock()
	last, looked := n.drift, n.looked
	n.mu.Unlock()
	now, err := s.NewestDrift(ctx)
	if err != nil {
		return
	}
	n.mu.Lock()
	n.drift, n.looked = now, true // who switches it on is told of what comes from then on
	n.mu.Unlock()
	if !on || !looked || now <= last || !n.away.Load() {
		return
	}
	found, err := s.DriftsAfter(ctx, last, 1000)
	if err != nil || len(found) == 0 {
		return
	}
	captures := map[core.CaptureID]bool{}
	for _, d := range found {
		captures[d.Capture] = true
	}
	w.tellOf(ctx, drifts, len(captures), found[len(found)-1].Capture)
}

// countNotices tells of the first of a kind at once, and of what follows soon together.
func (w *Window) countNotices(ctx context.Context, kind int, q store.Query, after, upto core.CaptureID) {
	ids, err := w.Engine.Store.CaptureIDs(ctx, q, after)
	for err == nil && len(ids) > 0 && ids[0] > upto {
		ids = ids[1:] // that of the next round
	}
	if err != nil || len(ids) == 0 {
		return
	}
	w.tellOf(ctx, kind, len(ids), ids[0])
}

// tellOf tells of n captures at once, or together with those that follow soon.
func (w *Window) tellOf(ctx context.Context, kind, n int, newest core.CaptureID) {
	w.notices.mu.Lock()
	b := &w.notices.bursts[kind]
	b.n, b.one = b.n+n, newest
	waiting := b.waiting
	w.notices.mu.Unlock()
	if !waiting {
		w.tellBurst(ctx, kind)
	}
}

// tellBurst tells of what was counted, and waits before the next time. Where nothing was counted it rests.
func (w *Window) tellBurst(ctx context.Context, kind int) {
	w.notices.mu.Lock()
	b := w.notices.bursts[kind]
	w.notices.bursts[kind] = burst{waiting: b.n > 0}
	filter := w.notices.set.Filter
	w.notices.mu.Unlock()
	if b.n == 0 {
		return
	}
	var row store.Row
	if rows, err := w.Engine.Store.Rows(ctx, store.Query{}, b.one, b.one); err == nil && len(rows) > 0 {
		row = rows[0]
	}
	if w.notices.away.Load() {
		w.notify(noticeText(kind, b.n, filter, row))
	}
	w.Pump.After(noticeGap, func() {
		w.Pump.Task(w.Ctx, func(ctx context.Context) func() { w.tellBurst(ctx, kind); return nil })
	})
}

// noticeText is what is said of n captures, of which row is the newest.
func noticeText(kind, n int, filter string, row store.Row) (title, text string) {
	what := row.Event
	if what == "" {
		what = row.Method + " " + row.Target
	}
	text = fmt.Sprintf("#%d %s", row.ID, what)
	if row.Name != "" {
		text += " at " + row.Name
	}
	if n > 1 {
		text = "The newest: " + text
	}
	if kind == drifts {
		if n == 1 {
			return "A body is not like those before it", text
		}
		return fmt.Sprintf("%d bodies are not like those before them", n), text
	}
	if kind == badSignatures {
		text += ": " + row.Verdict.Words()
		if n == 1 {
			return "A signature does not hold", text
		}
		return fmt.Sprintf("%d signatures do not hold", n), text
	}
	if filter != "" {
		text += "\nFilter: " + filter
	}
	if n == 1 {
		return "A capture matches", text
	}
	return fmt.Sprintf("%d captures match", n), text
}

// mostNoticed bounds how much of what strangers wrote stands in a notice.
const mostNoticed = 200

// notify lets the system say something. What strangers wrote is shown for what it is.
func (w *Window) notify(title, text string) {
	text = core.VisibleText(text)
	if r := []rune(text); len(r) > mostNoticed {
		text = string(r[:mostNoticed-1]) + "…"
	}
	if busThere() {
		w.App.SendNotification(fyne.NewNotification(title, text))
	}
}

// TryNotice shows how a notice looks, and says whether the system has a place for it.
func (w *Window) TryNotice() bool {
	w.Pump.Task(w.Ctx, func(context.Context) func() {
		w.notify("Hookglass", "This is how a notice looks.")
		return nil
	})
	return busThere()
}
