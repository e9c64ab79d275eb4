package lab

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/limit"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// newMannersView shows how a source's senders behaved after they were told to wait.
func newMannersView(p *liveFaults, r liveRow, m engine.Manners) fyne.CanvasObject {
	if m.Limited == 0 {
		return noManners(p, r)
	}
	rows := []fyne.CanvasObject{mannersHead(r, m)}
	if len(m.Early) > 0 {
		rows = append(rows, mannersChart(m), mannersTable(p, m))
	}
	return control.NewScroll(control.Pad(control.Sides(22, 22, 26, 22), control.Wide(980, control.Col(16, rows...))))
}

// noManners says how there come to be any.
func noManners(p *liveFaults, r liveRow) fyne.CanvasObject {
	text := "Nobody was told to wait by " + r.source.Name + " yet. Give it a limit, or faults that answer 429 or 503 with a Retry-After, and let a sender run into it: each return before its time is listed here."
	if r.source.Limit != nil {
		text = "The limit of " + r.source.Name + " is in force, and nobody ran into it yet. Each return before its time will be listed here."
	}
	return control.Pad(control.All(24), control.EmptyState("gauge", "How patient are your senders?", text,
		control.Centre(control.Row(8, control.NewButton("Set a limit", "gauge", control.Secondary, func() { p.edit(r.source.ID, false) }),
			control.NewButton("Set faults", "zap", control.Secondary, func() { p.edit(r.source.ID, true) })))))
}

func mannersHead(r liveRow, m engine.Manners) fyne.CanvasObject {
	ring := control.NewScoreRing()
	score, label := m.Score, "of 100"
	if m.Returns == 0 {
		score, label = -1, "no returns"
	}
	ring.Set(score, label)
	title := "Every sender waited as it was told"
	switch {
	case m.Returns == 0:
		title = "Nobody has come back yet"
	case len(m.Early) > 0:
		title = fmt.Sprintf("%s of %d came too early", view.Plural(len(m.Early), "return", "returns"), m.Returns)
	}
	words := []fyne.CanvasObject{control.NewText(title, control.Heading).Ellipsis(),
		control.NewParagraph(fmt.Sprintf("%s: %s told somebody to wait, of %s.", r.source.Name, view.Plural(m.Limited, "refusal", "refusals"),
			view.Plural(m.Arrivals, "capture", "captures")), control.Body.In(control.Muted))}
	if len(m.Early) > 0 {
		words = append(words, control.Wrap(6, control.NewBadge("worst by "+view.Duration(m.Worst), control.Red), control.NewBadge("by "+view.Duration(m.Mean)+" on average", control.Amber)))
	}
	if m.More {
		words = append(words, control.NewText("Only the newest captures are looked at.", control.Small.In(control.Faint)))
	}
	return control.Row(22, ring, control.Grow(control.Col(7, words...)))
}

// mannersChart draws each early return: how long it waited, and how much was missing.
func mannersChart(m engine.Manners) fyne.CanvasObject {
	waited, missing := make([]float64, len(m.Early)), make([]float64, len(m.Early))
	for i, e := range m.Early {
		waited[i], missing[i] = e.Waited.Seconds(), e.By.Seconds()
	}
	c := control.NewChart(control.StackChart, 220)
	c.FormatX = func(i int) string { return m.Early[i].At.Local().Format("15:04:05") }
	c.TitleX = func(i int) string { return m.Early[i].At.Local().Format("2 Jan 15:04:05") + "  ·  " + m.Early[i].Key }
	c.FormatY = func(s float64) string { return spanOf(time.Duration(s * float64(time.Second))) }
	c.Set(control.Series{Name: "waited", Tone: control.Teal, Values: waited}, control.Series{Name: "came too early by", Tone: control.Red, Values: missing})
	return chartCard("What each was told to wait, and what it did", c)
}

// mannersTable lists the early returns, the newest first.
func mannersTable(p *liveFaults, m engine.Manners) fyne.CanvasObject {
	const most = 100
	column := func(width float32, text string, style control.Style) fyne.CanvasObject {
		return control.Fixed(width, control.NewText(text, style).Ellipsis())
	}
	head := control.Row(10, column(60, "TIME", control.Caption), control.Grow(control.NewText("WHO", control.Caption).Ellipsis()), column(112, "WAITED", control.Caption),
		column(84, "TOO EARLY BY", control.Caption))
	rows := []fyne.CanvasObject{control.Pad(control.XY(10, 4), head)}
	for n := range min(len(m.Early), most) {
		e := m.Early[len(m.Early)-1-n]
		rows = append(rows, mannersRow(p, m, e, column))
	}
	if len(m.Early) > most {
		rows = append(rows, control.Pad(control.XY(10, 4), control.NewText(fmt.Sprintf("and %d before these", len(m.Early)-most), control.Small)))
	}
	return control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.All(5)}, control.Col(1, rows...))
}

func mannersRow(p *liveFaults, m engine.Manners, e limit.Early, column func(float32, string, control.Style) fyne.CanvasObject) fyne.CanvasObject {
	style := control.Body.At(12.5)
	row := control.Row(10, column(60, e.At.Local().Format("15:04:05"), style.In(control.Muted)), control.Grow(control.NewText(e.Key, control.Code.At(12)).EllipsisMiddle()),
		column(112, view.Duration(e.Waited)+" of "+view.Duration(e.Told), style), column(84, view.Duration(e.By), style.In(control.Red).As(control.SemiBold)))
	press := control.NewPress(control.Surface{Radius: 6, Pad: control.XY(10, 5)}, row, func() { p.w.Go.OpenCapture(m.Captures[e.Arrival]) })
	press.Tip = "Open the capture"
	return press
}
