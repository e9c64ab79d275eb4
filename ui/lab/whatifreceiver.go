package lab

import (
	"fmt"
	"reflect"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/limit"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// receiverForm says how the other side fares: its limit, its outage, how often it fails and how long it takes.
type receiverForm struct {
	fields  part.Fields
	limit   *control.Select
	again   *control.Select // Retry-After
	counts  *control.Box    // the fields of a limit of one's own
	outage  *control.Select
	times   fyne.CanvasObject // of the outage
	service *control.Select
	root    *fyne.Container

	presets []limit.Preset
	kept    []core.Limit // a combination that the fields cannot show
}

var (
	limitKinds    = []string{limit.Fixed, limit.Sliding, limit.Bucket, limit.Concurrency}
	limitKindsSay = []string{"Fixed window", "Sliding window", "Token bucket", "At a time"}
	againKinds    = []string{limit.Seconds, limit.Date, limit.Wrong, limit.None}
	outageKinds   = []lab.Outage{{}, {}, {Status: 503}, {Hang: true}}
	spreads       = []string{"", "exponential"}
)

func newReceiverForm() *receiverForm {
	f := &receiverForm{fields: part.Fields{}, presets: limit.Presets(), counts: control.NewBox(control.Surface{}, nil)}
	edited := func() {}
	items := []control.MenuItem{{Label: "No limit"}}
	for i, p := range f.presets {
		items = append(items, control.MenuItem{Label: p.Title, Divider: i == 0})
	}
	for i, kind := range limitKindsSay {
		items = append(items, control.MenuItem{Label: kind, Divider: i == 0})
	}
	f.limit = control.NewSelect("Rate limit", func(int) { f.kept = nil; f.show() })
	f.limit.SetItems(items)
	f.fields.Add("limits.count", "Requests", "100", edited)
	f.fields.Add("limits.window", "In", "1m", edited)
	f.fields.Add("limits.rate", "Tokens a second", "10", edited)
	f.again = control.NewSelect("Retry-After", nil, "Seconds", "Date", "Wrong", "None")

	f.outage = control.NewSelect("Outage", func(int) { f.show() }, "None", "Refuses connections", "Answers 503", "Does not answer")
	f.times = part.Abreast(f.fields.Add("receiver.from", "From", "4m", edited), f.fields.Add("receiver.to", "To, since the start", "6m", edited))

	f.service = control.NewSelect("Which is", nil, "Always", "On average")
	more := part.NewFold("More", "Timeout, queue, status of failures", control.Col(10,
		part.Abreast(f.fields.Add("timeout", "Sender waits", "30s", edited), part.Hinted("any number", f.fields.Add("receiver.queue", "May wait for it", "", edited))),
		part.Abreast(f.fields.Add("receiver.status", "Failures answer", "500", edited), part.Hinted("any number", f.fields.Add("sender", "Sends a second", "", edited)))))
	f.root = control.Col(12, f.limit, f.counts, f.outage, f.times,
		part.Abreast(part.Hinted("no time", f.fields.Add("receiver.service", "A request takes", "", edited)), f.service),
		part.Abreast(part.Hinted("any number", f.fields.Add("receiver.servers", "Served at a time", "", edited)), f.fields.Add("receiver.error_rate", "Succeed (%)", "100", edited)), more.View())
	f.show()
	return f
}

func (f *receiverForm) view() fyne.CanvasObject { return f.root }

// kind is the chosen kind of a limit of one's own, or "".
func (f *receiverForm) kind() string {
	if i := f.limit.Selected() - 1 - len(f.presets); i >= 0 {
		return limitKinds[i]
	}
	return ""
}

// show shows the fields that count.
func (f *receiverForm) show() {
	again := f.again
	switch f.kind() {
	case "":
		f.counts.SetChild(nil)
		f.counts.Hide()
	case limit.Bucket:
		f.counts.SetChild(control.Col(8, part.Abreast(f.fields["limits.count"], f.fields["limits.rate"]), again))
	case limit.Concurrency:
		f.counts.SetChild(part.Abreast(f.fields["limits.count"], again))
	default:
		f.counts.SetChild(control.Col(8, part.Abreast(f.fields["limits.count"], f.fields["limits.window"]), again))
	}
	f.counts.Hidden = f.kind() == ""
	if f.outage.Selected() > 0 {
		f.times.Show()
	} else {
		f.times.Hide()
	}
	part.Relayout(f.root)
}

// put writes what the fields say into a scenario.
func (f *receiverForm) put(r *part.Reader, s *lab.Scenario) {
	own := &part.Reader{Fields: f.fields}
	s.Limits = f.limits(own)
	s.Timeout = own.Span("timeout")
	if s.Sender.Rate = own.Number("sender", 0, part.Bounds{}); s.Sender.Rate > 0 {
		s.Sender.Burst = 1
	}
	s.Receiver = lab.Receiver{ErrorRate: 1 - own.Share("receiver.error_rate", 1), Status: own.Whole("receiver.status", 0, 0, 0), Servers: own.Whole("receiver.servers", 0, 0, 0),
		Service: own.Span("receiver.service"), Spread: spreads[max(f.service.Selected(), 0)], Queue: own.Whole("receiver.queue", 0, 0, 0)}
	if i := f.outage.Selected(); i > 0 {
		o := outageKinds[i]
		if o.From, o.To = own.Span("receiver.from"), own.Span("receiver.to"); o.To <= o.From {
			own.Fail("receiver.to", "want a later time than From")
		}
		s.Receiver.Outages = []lab.Outage{o}
	}
	r.Take(own)
}

func (f *receiverForm) limits(own *part.Reader) []core.Limit {
	switch i := f.limit.Selected(); {
	case f.kept != nil:
		return f.kept
	case i <= 0:
		return nil
	case i <= len(f.presets):
		return f.presets[i-1].Limits
	}
	l := core.Limit{Kind: f.kind(), Count: own.Whole("limits.count", 0, 1, 0), RetryAfter: againKinds[max(f.again.Selected(), 0)]}
	switch l.Kind {
	case limit.Bucket:
		l.Rate = own.Number("limits.rate", 0, part.Bounds{})
	case limit.Fixed, limit.Sliding:
		l.Window = own.Span("limits.window")
	}
	if err, ok := limit.Check(l).(*core.Invalid); ok {
		own.Fail("limits."+err.Field, err.Reason)
	}
	return []core.Limit{l}
}

// set shows a scenario that was kept.
func (f *receiverForm) set(s lab.Scenario) {
	put := func(name, text string) { f.fields[name].SetQuiet(text) }
	number := func(name string, n int) {
		put(name, "")
		if n != 0 {
			put(name, fmt.Sprint(n))
		}
	}
	f.setLimits(s.Limits)
	put("receiver.error_rate", part.WriteNumber(100-100*s.Receiver.ErrorRate))
	put("receiver.service", part.WriteSpanGiven(s.Receiver.Service))
	put("timeout", part.WriteSpanGiven(s.Timeout))
	put("sender", "")
	if s.Sender.Rate > 0 {
		put("sender", part.WriteNumber(s.Sender.Rate))
	}
	number("receiver.status", s.Receiver.Status)
	number("receiver.servers", s.Receiver.Servers)
	number("receiver.queue", s.Receiver.Queue)
	f.service.Choose(placeOf(spreads, s.Receiver.Spread))
	f.outage.Choose(0)
	for _, o := range s.Receiver.Outages {
		put("receiver.from", part.WriteSpanGiven(o.From))
		put("receiver.to", part.WriteSpanGiven(o.To))
		f.outage.Choose(map[bool]int{true: 3, false: 1}[o.Hang])
		if o.Status != 0 {
			f.outage.Choose(2)
		}
	}
	f.show()
}

func (f *receiverForm) setLimits(limits []core.Limit) {
	f.kept = nil
	f.limit.Choose(0)
	for i, p := range f.presets {
		if reflect.DeepEqual(p.Limits, limits) {
			f.limit.Choose(1 + i)
			return
		}
	}
	if len(limits) == 0 {
		return
	}
	if len(limits) > 1 {
		f.kept = limits
	}
	l := limits[0]
	f.limit.Choose(1 + len(f.presets) + placeOf(limitKinds, l.Kind))
	f.fields["limits.count"].SetQuiet(fmt.Sprint(l.Count))
	f.fields["limits.window"].SetQuiet(part.WriteSpanGiven(l.Window))
	f.fields["limits.rate"].SetQuiet(part.WriteNumber(l.Rate))
	f.again.Choose(placeOf(againKinds, l.RetryAfter))
}

// placeOf is the place of a word, or 0.
func placeOf(words []string, word string) int {
	for i, w := range words {
		if w == word {
			return i
		}
	}
	return 0
}
