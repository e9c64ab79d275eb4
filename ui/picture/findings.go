package picture

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// diagnosis is what the doctor's section shows.
type diagnosis struct {
	findings []core.Finding
	tried    int
	excluded []string
	parts    []core.Part // the bytes that were signed by the scheme, to compare with
	computed bool        // about the user's own value
}

func DiagnosisOf(v *core.Verdict) diagnosis {
	return diagnosis{findings: v.Findings, tried: v.Tried, excluded: v.Excluded, parts: v.Parts}
}

// done reports whether the doctor has looked at all.
func (d *diagnosis) done() bool { return len(d.findings) > 0 || d.tried > 0 }

// findingsView shows findings, best proof first: the first one whole, the others folded.
type findingsView struct {
	w     *frame.Window
	lang  *string
	wheel func(*fyne.ScrollEvent) // moves the page that the findings stand on
	open  map[int]bool
	body  *fyne.Container
	d     diagnosis
	coded bool // the user wants code where it says little
}

func newFindingsView(w *frame.Window, lang *string, wheel func(*fyne.ScrollEvent)) *findingsView {
	return &findingsView{w: w, lang: lang, wheel: wheel, body: control.Col(10)}
}

func (f *findingsView) set(d diagnosis) {
	f.d, f.open, f.coded = d, map[int]bool{0: true}, false
	f.build()
}

func (f *findingsView) build() {
	f.body.Objects = nil
	for i := range f.d.findings {
		f.body.Add(f.card(i))
	}
	f.body.Refresh()
}

func (f *findingsView) card(i int) fyne.CanvasObject {
	x := &f.d.findings[i]
	if x.Cause == "unexplained" {
		return f.unexplained(x)
	}
	badge, tip := proofWords(x.Proof)
	proof := control.NewPress(control.Surface{}, control.NewBadge(badge, proofTone(x.Proof)).WithIcon(proofIcon(x.Proof)), nil)
	proof.Tip = tip
	fold := "chevron-down"
	if f.open[i] {
		fold = "chevron-up"
	}
	head := control.RowFill(9, control.Centre(control.NewIcon("stethoscope", proofTone(x.Proof), 16)), control.Grow(control.NewParagraph(sign.Headline(x.Cause), control.Strong)), control.Centre(proof))
	if len(f.d.findings) > 1 {
		head.Add(control.NewTool(fold, "", func() { f.open[i] = !f.open[i]; f.build() }))
	}
	rows := []fyne.CanvasObject{head, control.NewParagraph(view.Visible(x.Detail), control.Body.In(control.Muted))}
	rows = append(rows, side(x)...)
	if f.open[i] {
		rows = append(rows, f.difference(x)...)
		rows = append(rows, f.others(x)...)
		rows = append(rows, f.fix(x)...)
	}
	return TintedCard(proofTone(x.Proof), control.Col(10, rows...))
}

// TintedCard is a card with a ground in a tone.
func TintedCard(tone control.Token, child fyne.CanvasObject) fyne.CanvasObject {
	return control.NewBox(control.Surface{Fill: tone, Alpha: 0x12, Border: control.Line, Radius: 10, Pad: control.XY(16, 14)}, child)
}

func proofTone(p core.Proof) control.Token {
	switch p {
	case core.Recomputed:
		return control.Green
	case core.Structural:
		return control.Blue
	}
	return control.Amber
}

func proofIcon(p core.Proof) string {
	switch p {
	case core.Recomputed:
		return "check"
	case core.Structural:
		return "eye"
	}
	return "circle-alert"
}

// difference shows the bytes that are signed above those that were.
func (f *findingsView) difference(x *core.Finding) []fyne.CanvasObject {
	if x.Signed == nil || x.Offset < 0 {
		return nil
	}
	ours, signed := joined(withoutSecret(f.d.parts)), x.Signed
	pair := control.NewBytePair().Align()
	labels := [2]string{"as it came", "as signed"}
	if f.d.computed {
		labels = [2]string{"to sign", "you signed"}
	}
	pair.Set(control.BytePart{Label: labels[0], Bytes: ours, Tone: control.Blue}, control.BytePart{Label: labels[1], Bytes: signed, Tone: control.Violet})
	sizes := fmt.Sprintf("%s  ·  %s against %s", x.Cause, view.Plural(len(ours), "byte", "bytes"), view.Plural(len(signed), "byte", "bytes"))
	return []fyne.CanvasObject{control.Card(control.Col(8, control.NewText(sizes, control.CodeSmall).Ellipsis(), pair))}
}

// others names what gives the very same bytes.
func (f *findingsView) others(x *core.Finding) []fyne.CanvasObject {
	if len(x.Alternatives) == 0 {
		return nil
	}
	var words []string
	for _, a := range x.Alternatives {
		words = append(words, core.LowerFirst(sign.Headline(a)))
	}
	return []fyne.CanvasObject{remarkRow("git-compare", control.Amber, "These give the very same bytes, and so cannot be told apart: "+strings.Join(words, "; ")+".")}
}

// side says whose bytes a finding explains and who can mend it. Findings that an older version stored do not know.
func side(x *core.Finding) []fyne.CanvasObject {
	who, icon, tip := sideWords(x.Acts)
	if who == "" {
		return nil
	}
	badge := control.NewPress(control.Surface{}, control.NewBadge(who, control.Accent).WithIcon(icon), nil)
	badge.Tip = tip
	about := "about the signature that came"
	if x.About == core.AboutComputed {
		about = "about your own value"
	}
	return []fyne.CanvasObject{control.Row(8, control.Centre(badge), control.Centre(control.NewText(about, control.Small)))}
}

// sideWords are who can mend a finding as a badge says it, and as a tip explains it.
func sideWords(a core.Acts) (badge, icon, tip string) {
	switch a {
	case core.BySender:
		return "Mend at the sender", "send", "Whoever makes the signature has to make it in another way."
	case core.ByBetween:
		return "Mend in between", "route", "Something between the sender and the receiver changed what was sent: a proxy, a gateway, a queue, a client."
	case core.ByReceiver:
		return "Mend in the receiver", "code", "The code that checks the signature has to do it in another way."
	case core.BySettings:
		return "Mend in the settings", "settings", "Secret, address or scheme have to be set in another way, here or at the provider."
	}
	return "", "", ""
}

func (f *findingsView) fix(x *core.Finding) []fyne.CanvasObject {
	var rows []fyne.CanvasObject
	if x.Fix != "" {
		rows = append(rows, remarkRow("wrench", control.Accent, x.Fix))
	}
	switch {
	case len(x.Code) == 0:
	case x.Proof == core.Structural && !f.coded:
		rows = append(rows, control.Row(0, control.NewButton("Show a check as code", "code", control.Ghost, func() { f.coded = true; f.build() })))
	default:
		code := NewCodeBlock(f.w, f.lang, x.Code)
		code.SetMost(60)
		code.Beyond(f.wheel)
		rows = append(rows, code)
	}
	return rows
}

// unexplained says plainly that nothing is proven, what was excluded, and what to try next.
func (f *findingsView) unexplained(x *core.Finding) fyne.CanvasObject {
	head := control.RowFill(9, control.Centre(control.NewIcon("stethoscope", control.Amber, 16)), control.Grow(control.NewText("No cause proven", control.Strong)),
		control.NewBadge(view.Count(int64(f.d.tried))+" tried", control.Muted))
	rows := []fyne.CanvasObject{head, control.NewParagraph(view.Visible(x.Detail), control.Body.In(control.Muted))}
	rows = append(rows, side(x)...)
	if len(f.d.excluded) > 0 {
		rows = append(rows, remarkRow("ban", control.Faint, "Excluded: "+strings.Join(f.d.excluded, ", ")+"."))
	}
	if x.Fix != "" {
		rows = append(rows, remarkRow("flask-conical", control.Accent, "Next experiment: "+core.LowerFirst(x.Fix)))
	}
	return TintedCard(control.Amber, control.Col(10, rows...))
}
