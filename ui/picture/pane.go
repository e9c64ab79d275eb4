package picture

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// Pane is the picture of a signature: the verdict in words, then the recipe step by step: which bytes, which
// key, how, and what came out. It serves captures and, live, what Compose is about to send.
type Pane struct {
	w    *frame.Window
	body *fyne.Container
	Shot *Picture

	Slot fyne.CanvasObject // between the verdict and the recipe: the doctor, a form; or nil
	Foot fyne.CanvasObject // below the recipe; or nil

	shownFor core.CaptureID // what the two below belong to
	reveal   bool           // the user wants to see the wanted signature
	whole    bool           // the user wants to see all signed bytes
}

func NewPane(w *frame.Window) *Pane {
	return &Pane{w: w, body: control.Col(14)}
}

func (p *Pane) View() fyne.CanvasObject { return p.body }

// Set shows another picture; nil clears.
func (p *Pane) Set(shot *Picture) {
	p.Shot = shot
	if shot == nil {
		p.show()
		return
	}
	if !shot.Live && shot.Capture != p.shownFor {
		p.shownFor, p.reveal, p.whole = shot.Capture, false, false
	}
	p.Build()
}

func (p *Pane) Build() {
	x := p.Shot
	objects := []fyne.CanvasObject{p.banner(x)}
	if p.Slot != nil {
		objects = append(objects, p.Slot)
	}
	if x.Verdict.State != core.NoSecret || len(x.Verdict.Parts) > 0 {
		objects = append(objects, p.steps(x)...)
	}
	if p.Foot != nil {
		objects = append(objects, p.Foot)
	}
	p.show(objects...)
}

func (p *Pane) show(objects ...fyne.CanvasObject) {
	p.body.Objects = objects
	p.body.Refresh()
}

// banner is the verdict, to be understood at a glance.
func (p *Pane) banner(x *Picture) fyne.CanvasObject {
	icon, tone := part.VerdictIcon(x.Verdict.State)
	if tone == control.Faint {
		tone = control.Amber
	}
	title, text := x.headline()
	mark := control.NewBox(control.Surface{Fill: tone, Alpha: 0x24, Radius: 22, Pad: control.All(10)}, control.NewIcon(icon, tone, 24))
	words := control.Col(3, control.NewParagraph(title, control.Heading.At(17)), control.NewParagraph(text, control.Body.In(control.Muted)))
	scheme := control.NewBadge(x.Provider(), control.Muted)
	row := control.RowFill(14, control.Centre(mark), control.Grow(words), control.Centre(scheme))
	if x.Verdict.State == core.Stale {
		return TintedCard(tone, control.Col(12, row, clockBar(x)))
	}
	return TintedCard(tone, row)
}

// steps are the recipe, numbered as one would do it by hand.
func (p *Pane) steps(x *Picture) []fyne.CanvasObject {
	list := []func(*Picture) (title, aside string, body fyne.CanvasObject){p.signedBytes, p.key, p.how, p.compared}
	if x.isToken() {
		list = slices.Insert(list, 1, p.token)
	}
	if !x.Verdict.Timestamp.IsZero() && x.Verdict.State != core.Stale { // a stale one has its clock at the top
		list = append(list, p.clock)
	}
	var out []fyne.CanvasObject
	for i, step := range list {
		title, aside, body := step(x)
		out = append(out, stepCard(i+1, title, aside, body))
	}
	return append(out, p.meaning(x))
}

// stepCard is one numbered step.
func stepCard(n int, title, aside string, body fyne.CanvasObject) fyne.CanvasObject {
	number := control.NewBox(control.Surface{Fill: control.Accent, Alpha: 0x2c, Radius: 10, Pad: control.XY(7, 2)},
		control.NewText(fmt.Sprint(n), control.SmallBold.In(control.Accent)))
	head := control.RowFill(9, control.Centre(number), control.NewText(title, control.Strong),
		control.Grow(control.NewText(aside, control.Small).Ellipsis().Aligned(fyne.TextAlignTrailing)))
	return control.Card(control.Col(10, head, body))
}
