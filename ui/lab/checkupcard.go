package lab

import (
	"encoding/json"
	"fmt"
	"io"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/lab"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// cardView shows a scorecard: the score, then what fails with how to mend it, then the rest.
type cardView struct {
	w    *frame.Window
	h    engine.Handler
	card lab.Scorecard
	body *fyne.Container
	root fyne.CanvasObject
}

func newCardView(w *frame.Window, h engine.Handler, card lab.Scorecard) *cardView {
	v := &cardView{w: w, h: h, card: card}
	v.body = control.Col(20, v.head(), v.group("FAILED", v.failed()), v.group("PASSED", v.passed()), v.group("SKIPPED", v.skipped()), v.ci())
	v.root = control.NewScroll(control.Pad(control.Sides(22, 22, 28, 22), control.Wide(980, v.body)))
	return v
}

func (v *cardView) view() fyne.CanvasObject { return v.root }

// counts are how many checks failed, passed and were skipped.
func (v *cardView) counts() (failed, passed, skipped int) {
	for _, c := range v.card.Checks {
		switch {
		case c.Skipped != "":
			skipped++
		case c.OK:
			passed++
		default:
			failed++
		}
	}
	return failed, passed, skipped
}

// head is the score, and what it is of.
func (v *cardView) head() fyne.CanvasObject {
	failed, passed, skipped := v.counts()
	ring := control.NewScoreRing()
	ring.Set(v.card.Score, "of 100")
	scheme := "unsigned"
	if v.card.Scheme != "" {
		scheme = part.ProviderOf(v.w.Host(), v.card.Scheme)
	}
	badges := []fyne.CanvasObject{}
	for _, b := range []struct {
		n    int
		word string
		icon string
		tone control.Token
	}{{failed, "failed", "x", control.Red}, {passed, "passed", "check", control.Green}, {skipped, "skipped", "minus", control.Muted}} {
		if b.n > 0 {
			badges = append(badges, control.NewBadge(fmt.Sprintf("%d %s", b.n, b.word), b.tone).WithIcon(b.icon))
		}
	}
	var share *control.Button
	share = control.NewButton("Export", "download", control.Secondary, func() { v.export(share) })
	words := control.Col(7, control.Row(10, control.Grow(control.NewText(v.verdict(failed), v.headline()).Ellipsis()), share), control.NewText(v.card.URL, control.Code.In(control.Muted)).EllipsisMiddle(),
		control.NewText(fmt.Sprintf("%s  ·  %s  ·  took %s", scheme, view.Clock(v.card.Began, v.card.Began), view.Duration(v.card.Took)), control.Small).Ellipsis(), control.Wrap(6, badges...))
	if v.card.Cap == nil {
		return control.Row(22, ring, control.Grow(words))
	}
	return control.Col(14, control.Row(22, ring, control.Grow(words)),
		control.Banner(control.Red, fmt.Sprintf("%s No more than %d of 100 until that is mended.", v.card.Cap.Reason, v.card.Cap.Score), nil))
}

func (v *cardView) headline() control.Style {
	if v.card.Cap != nil {
		return control.Heading.In(control.Red)
	}
	return control.Heading
}

// verdict is the outcome in a sentence.
func (v *cardView) verdict(failed int) string {
	switch {
	case failed == 0:
		return "Your handler holds"
	case v.card.Score == 0:
		return "Your handler accepts no valid delivery"
	case v.card.Cap != nil:
		return "Your handler accepts a forgery"
	case failed == 1:
		return "One thing to mend"
	}
	return fmt.Sprintf("%d things to mend", failed)
}

func (v *cardView) group(title string, rows []fyne.CanvasObject) fyne.CanvasObject {
	if len(rows) == 0 {
		return hidden()
	}
	return control.Col(10, append([]fyne.CanvasObject{control.NewText(title, control.Caption)}, rows...)...)
}

// hidden is nothing, which takes no gap either.
func hidden() fyne.CanvasObject {
	o := control.Gap(0, 0)
	o.Hide()
	return o
}

func (v *cardView) failed() (rows []fyne.CanvasObject) {
	for _, c := range v.card.Checks {
		if !c.OK {
			rows = append(rows, v.failure(c))
		}
	}
	return rows
}

// failure is a check that does not hold, whole.
func (v *cardView) failure(c lab.Check) fyne.CanvasObject {
	fix := control.NewBox(control.Surface{Fill: control.Accent, Alpha: 0x14, Radius: 7, Pad: control.XY(12, 9)},
		control.RowFill(9, control.Col(0, control.Gap(0, 1), control.NewIcon("wrench", control.Accent, 14)), control.Grow(control.NewParagraph(core.Capital(c.Fix), control.Body.At(12.5)))))
	head := control.Row(10, control.NewIcon("circle-x", control.Red, 17), control.Grow(control.NewText(checkTitle(c.Name), control.Strong.At(14)).Ellipsis()),
		control.NewTool("copy", "Copy how to mend it", func() { v.w.Copy("The fix", c.Fix) }),
		control.NewButton("Open in Compose", "square-pen", control.Secondary, func() { v.w.Go.Compose(captureOf(c)) }))
	stripe := control.NewBox(control.Surface{Fill: control.Red, Radius: 2, Min: fyne.NewSize(3, 0)}, nil)
	facts := control.Col(7, factLine("Sent", c.Sent, control.Ink), factLine("Came back", c.Got, control.Red), factLine("Why", core.Capital(c.Why), control.Muted))
	return control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.Sides(12, 14, 14, 12)},
		control.RowFill(13, stripe, control.Grow(control.Col(11, head, facts, fix))))
}

func factLine(name, value string, tone control.Token) fyne.CanvasObject {
	return control.RowFill(10, control.Col(0, control.Gap(0, 0.5), control.Fixed(78, control.NewText(name, control.Body.At(12.5).In(control.Faint)))),
		control.Grow(control.NewParagraph(value, control.Body.At(12.5).In(tone))))
}

func (v *cardView) passed() (rows []fyne.CanvasObject) {
	for _, c := range v.card.Checks {
		if c.OK && c.Skipped == "" {
			rows = append(rows, v.line(c, "circle-check", control.Green, c.Got))
		}
	}
	return closely(rows)
}

func (v *cardView) skipped() (rows []fyne.CanvasObject) {
	for _, c := range v.card.Checks {
		if c.Skipped != "" {
			rows = append(rows, v.line(c, "minus", control.Faint, core.Capital(c.Skipped)))
		}
	}
	return closely(rows)
}

// closely puts rows into one card.
func closely(rows []fyne.CanvasObject) []fyne.CanvasObject {
	if len(rows) == 0 {
		return nil
	}
	return []fyne.CanvasObject{control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.All(5)}, control.Col(1, rows...))}
}

// line is a check in a line, which opens to show the rest of it.
func (v *cardView) line(c lab.Check, icon string, tone control.Token, words string) fyne.CanvasObject {
	more := control.Pad(control.Sides(2, 12, 10, 36), control.Col(7, factLine("Sent", c.Sent, control.Ink), factLine("Came back", c.Got, control.Ink), factLine("Why", core.Capital(c.Why), control.Muted),
		control.Row(0, control.NewButton("Open in Compose", "square-pen", control.Ghost, func() { v.w.Go.Compose(captureOf(c)) }))))
	more.Hide()
	row := control.RowFill(10, control.NewIcon(icon, tone, 15), control.Fixed(156, control.NewText(checkTitle(c.Name), control.BodyBold.At(12.5)).Ellipsis()),
		control.Grow(control.NewText(words, control.Small).Ellipsis()))
	var column *fyne.Container
	press := control.NewPress(control.Surface{Radius: 6, Pad: control.XY(10, 6)}, row, func() {
		if c.Sent == "" {
			return
		}
		more.Hidden = !more.Hidden
		part.Relayout(column)
	})
	column = control.Col(0, press, more)
	return column
}

// captureOf is what a check sent and got, as Compose takes it.
func captureOf(c lab.Check) *core.Capture {
	capture := &core.Capture{Request: c.Request, Took: c.Took}
	capture.Request.Target = c.Request.URL() // in absolute form: it goes to the handler, not to a source
	if c.Response != nil {
		capture.Response = *c.Response
	}
	return capture
}

// ci says how the same is run without a window.
func (v *cardView) ci() fyne.CanvasObject {
	command := "hookglass checkup " + v.card.URL + " --scheme none --junit checkup.xml"
	if v.card.Scheme != "" {
		command = "hookglass checkup " + v.card.URL + " --scheme " + v.card.Scheme + " --secret-env HOOK_SECRET --junit checkup.xml"
	}
	block := control.NewCodeBlock(control.Snippet{Label: "shell", Text: command})
	block.OnCopy = func(string) { v.w.Layers.Toast(control.Toast{Text: "Command copied", Tone: control.Green}) }
	return control.Col(10, control.NewText("IN YOUR CI: FAILS WHERE A CHECK FAILS", control.Caption), block)
}

func (v *cardView) export(anchor fyne.CanvasObject) {
	name := fileName("checkup "+v.card.URL, "checkup")
	v.w.Layers.MenuUnder(anchor,
		control.MenuItem{Label: "Scorecard, JSON", Icon: "file-json", Do: func() {
			frame.SaveFile(v.w, name+".json", func(out io.Writer) error {
				e := json.NewEncoder(out)
				e.SetIndent("", "  ")
				return e.Encode(v.card)
			})
		}},
		control.MenuItem{Label: "Report for CI, JUnit XML", Icon: "file", Do: func() { frame.SaveFile(v.w, name+".xml", v.card.WriteJUnit) }})
}
