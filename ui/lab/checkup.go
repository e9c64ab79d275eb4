package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/lab"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// checkup is the part of the Lab that examines the developer's own handler.
type checkup struct {
	*foot
	form *checkupForm
	at   atomic.Pointer[checkupStep]

	stage    *control.Box
	card     *cardView // nil: nothing was examined yet
	handlers []engine.Handler
	root     *control.Split
}

// checkupStep is how far a check-up is.
type checkupStep struct {
	done, total int
	name        string
}

func newCheckup(w *frame.Window) *checkup {
	p := &checkup{form: newCheckupForm(w), stage: control.NewBox(control.Surface{}, nil)}
	p.foot = newFoot(w, control.NewButton("Run check-up", "stethoscope", control.Primary, p.start))
	p.step.Show()
	p.form.fields["url"].OnSubmit = func(string) { p.start() }
	var again *control.Button
	again = control.NewTool("history", "Handlers examined before", func() { p.recentMenu(again) })
	p.form.fields["url"].WithTrail(again).Refresh()
	p.root = control.NewSplit(p.below(p.form.root), p.stage, 346, 296, 392).Named("Handler", "Scorecard")
	p.showEmpty()
	return p
}

func (p *checkup) View() fyne.CanvasObject { return p.root }
func (p *checkup) Find()                   { p.form.fields["url"].Focus() }

func (p *checkup) Key(r rune) bool {
	if r == 'r' {
		p.start()
		return true
	}
	return false
}

// Load reads the handlers that were examined.
func (p *checkup) Load(ctx context.Context) func() {
	handlers, err := p.w.Engine.Lab.Handlers(ctx)
	known := part.StoredSecrets(ctx, p.w.Engine.Store)
	return func() {
		p.w.Fail(err)
		p.form.secret.Offer(known)
		if len(handlers) == len(p.handlers) && (len(handlers) == 0 || handlers[0] == p.handlers[0]) {
			return
		}
		p.handlers = handlers
		if p.card == nil && p.cancel == nil {
			p.showEmpty()
		}
	}
}

func (p *checkup) showEmpty() {
	var more []fyne.CanvasObject
	for _, h := range p.handlers[:min(len(p.handlers), 5)] {
		more = append(more, p.handlerRow(h))
	}
	p.stage.SetChild(control.Pad(control.All(24), control.EmptyState("stethoscope", "Does your handler hold?",
		"Enter its address, scheme and secret. It is sent valid, forged, stale, repeated, reordered, oversized and concurrent deliveries; "+
			"each check says what was sent, what came back and how to mend it.", more...)))
}

func (p *checkup) handlerRow(h engine.Handler) fyne.CanvasObject {
	row := control.RowFill(10, control.NewIcon("server", control.Muted, 15), control.Grow(control.NewText(h.URL, control.Code).EllipsisMiddle()),
		control.NewText(recent(h, time.Now()), control.Small))
	return control.NewPress(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 8, Pad: control.XY(12, 9)}, row, func() { p.form.set(h) })
}

func (p *checkup) recentMenu(anchor fyne.CanvasObject) {
	items := []control.MenuItem{{Label: "No handlers were examined yet", Off: true}}
	if len(p.handlers) > 0 {
		items = nil
	}
	for _, h := range p.handlers {
		items = append(items, control.MenuItem{Label: h.URL, Icon: "server", Hint: recent(h, time.Now()), Do: func() { p.form.set(h) }})
	}
	p.w.Layers.MenuUnder(anchor, items...)
}

// show puts what is wrong where it belongs.
func (p *checkup) show(invalid *core.Invalid) {
	text := ""
	if !p.form.show(invalid) && invalid != nil {
		text = part.Sentence(invalid)
	}
	p.problem.Set(text)
	p.problem.Hidden = text == ""
	part.Relayout(p.root)
}

// start examines the handler of the form.
func (p *checkup) start() {
	h, c, invalid := p.form.handler()
	if p.show(invalid); invalid != nil || p.cancel != nil {
		return
	}
	p.root.Turn(true)
	ctx, cancel := context.WithCancel(p.w.Ctx)
	p.cancel = cancel
	p.at.Store(&checkupStep{0, 1, "a valid delivery"})
	p.run.SetDisabled(true)
	p.busy(p.share)
	secret := p.form.secret.Choice()
	p.w.Pump.Task(ctx, func(ctx context.Context) func() {
		var card lab.Scorecard
		err := p.form.keep(ctx, secret, &h)
		if err == nil {
			card, err = p.w.Engine.Lab.Checkup(ctx, h, c, func(done, total int, name string) { p.at.Store(&checkupStep{done, total, name}) })
		}
		return func() {
			p.end()
			var trouble *part.SecretTrouble
			if wrong, ok := err.(*core.Invalid); ok {
				p.show(wrong)
			} else if errors.As(err, &trouble) {
				p.form.secret.Fail(trouble, p.start)
			} else if p.w.Fail(err); err == nil {
				p.put(h, card)
			}
		}
	})
}

// share says the step that is under way, and how far that is.
func (p *checkup) share() float64 {
	at := p.at.Load()
	p.step.Set(fmt.Sprintf("%d of %d: %s", at.done+1, at.total, strings.ToLower(checkTitle(at.name))))
	return float64(at.done) / float64(at.total)
}

func (p *checkup) put(h engine.Handler, card lab.Scorecard) {
	if h.Scheme != "" {
		p.form.secret.Set(h.Secret) // it is kept now
	}
	p.card = newCardView(p.w, h, card)
	p.stage.SetChild(p.card.view())
}

// checkTitle is the name of a check as people read it.
func checkTitle(name string) string {
	switch name {
	case "get", "head":
		return strings.ToUpper(name) + " request"
	case "unicode":
		return "Unicode body"
	}
	return core.Capital(strings.ReplaceAll(name, "_", " "))
}
