package picture

import (
	"bytes"
	"slices"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// partTone tells the parts of the signed bytes apart. A part of the same name has the same tone everywhere.
func partTone(name string, i int) control.Token {
	switch name {
	case "body":
		return control.Blue
	case "timestamp":
		return control.Amber
	case "id":
		return control.Violet
	case "url", "path":
		return control.Teal
	case "method":
		return control.Green
	case "secret":
		return control.Red
	case "separator", "literal":
		return control.Muted
	}
	return []control.Token{control.Blue, control.Teal, control.Violet, control.Amber, control.Green}[i%5]
}

// signedBytes shows what was signed, every byte visible.
func (p *Pane) signedBytes(x *Picture) (string, string, fyne.CanvasObject) {
	if x.Kind() == "token" {
		return "What was signed", "nothing", control.NewParagraph("Nothing: there is no signature over the body. The request carries a token, and who knows it is believed.", control.Body.In(control.Muted))
	}
	var parts []control.BytePart
	size := 0
	for i, part := range maskedParts(x.Verdict.Parts) {
		label := part.Name
		if label == "secret" {
			label = "secret, hidden"
		}
		parts = append(parts, control.BytePart{Label: label, Bytes: part.Bytes, Tone: partTone(part.Name, i)})
		size += len(part.Bytes)
	}
	if len(parts) == 0 {
		return "What was signed", "", control.NewParagraph("The signed bytes cannot be put together from this request.", control.Body.In(control.Muted))
	}
	strip := control.NewByteStrip(parts...)
	body := control.Col(8, control.NewParagraph("These bytes, in this order: "+recipe(x.Verdict.Parts)+".", control.Body.In(control.Muted)), strip)
	strip.Mark(x.marked())
	strip.OnMore = func() { p.whole = true; p.Build() }
	if p.whole {
		strip.SetMost(wholeLines)
		strip.OnMore = nil
		body.Add(control.Row(0, control.NewButton("Show less", "chevron-up", control.Ghost, func() { p.whole = false; p.Build() })))
	}
	if len(parts) > 1 && len(parts) < 8 { // of more parts, the names over the bytes are enough
		body.Add(strip.Legend())
	}
	copyIt := control.NewButton("Copy the signed bytes", "copy", control.Ghost, func() { p.w.Copy("Signed bytes", string(joined(x.Verdict.Parts))) })
	if !hasSecret(x.Verdict.Parts) && size < 1<<20 {
		body.Add(control.Row(0, copyIt))
	}
	return "What was signed", view.Size(int64(size)), body
}

// wholeLines bounds what "show all" shows here; the Body tab has the rest.
const wholeLines = 400

// key says with what it was signed, without showing it.
func (p *Pane) key(x *Picture) (string, string, fyne.CanvasObject) {
	title := "With which key"
	if x.Kind() == "token" {
		title = "With which secret"
	}
	if x.Kept == "" {
		what := "No secret is set."
		if x.Kind() == "public" {
			what = "No public key is set."
		}
		return title, "", control.NewParagraph(what+" "+x.Provider()+" shows it where the webhook is set up.", control.Body.In(control.Muted))
	}
	label := "Secret"
	if x.Kind() == "public" {
		label = "Public key"
		if x.Live {
			label = "Private key"
		}
	}
	rows := control.Col(6, fact(label, "••••••••••••   "+x.Kept), fact("Made into the key", keyWords(x.Verdict.Key)))
	return title, "hidden", rows
}

// fact is a name and a value that may need several lines.
func fact(name, value string) fyne.CanvasObject {
	return control.RowFill(8, control.Fixed(128, control.Col(0, control.NewText(name, control.Body.In(control.Muted)))), control.Grow(control.NewParagraph(value, control.Body)))
}

// how says what is computed, and where it is written.
func (p *Pane) how(x *Picture) (string, string, fyne.CanvasObject) {
	v := &x.Verdict
	words := control.NewParagraph(x.algorithmWords(), control.Body.In(control.Muted))
	chain := []fyne.CanvasObject{}
	link := func(text string, tone control.Token) {
		if text == "" {
			return
		}
		if len(chain) > 0 {
			chain = append(chain, control.NewIcon("arrow-right", control.Faint, 13))
		}
		chain = append(chain, control.NewBadge(text, tone))
	}
	if x.Kind() != "token" {
		link(algorithmTitle(x.algorithm()), control.Blue)
		link(encodingWords(v.Encoding), control.Teal)
	}
	link(v.Where, control.Violet)
	return "How", x.Scheme.Template, control.Col(9, words, control.Wrap(8, chain...))
}

func encodingWords(enc string) string {
	if enc == "raw" || enc == "" {
		return ""
	}
	return "written as " + enc
}

// compared shows the wanted signature above the one that came.
func (p *Pane) compared(x *Picture) (string, string, fyne.CanvasObject) {
	v := &x.Verdict
	title := "What came out"
	wanted, got := v.Wanted, v.Got
	token := x.Kind() == "token"
	right := v.State == core.Verified || v.State == core.Stale
	switch {
	case got == "" && wanted == "":
		return title, "", control.NewParagraph("There is nothing to compare.", control.Body.In(control.Muted))
	case wanted == "":
		if token && right {
			got = maskedToken(got)
		}
		pair := control.NewByteStrip(control.BytePart{Label: "came", Bytes: []byte(got), Tone: control.Violet})
		return title, "", control.Col(8, control.NewParagraph(unwanted(x), control.Body.In(control.Muted)), pair)
	case token && !p.reveal:
		wanted = maskedToken(wanted)
		if right {
			got = maskedToken(got)
		}
	case !right && !p.reveal && !x.Live:
		wanted = maskedWanted(wanted, got)
	}
	hidden := wanted != v.Wanted
	pair := control.NewBytePair()
	tone := control.Green
	if !right {
		tone = control.Ink
	}
	pair.Set(control.BytePart{Label: "wanted", Bytes: []byte(wanted), Tone: control.Green}, control.BytePart{Label: "came", Bytes: []byte(got), Tone: tone})
	body := control.Col(8, control.NewParagraph(comparedWords(x, got), control.Body.In(control.Muted)), pair)
	if hidden || p.reveal {
		body.Add(p.revealRow())
	}
	return title, "", body
}

// unwanted says why there is no wanted signature.
func unwanted(x *Picture) string {
	if x.Kind() == "public" && x.Live {
		return "Made with the private key. A receiver checks it with the public key, without making it again."
	}
	if x.Kind() == "public" {
		return "Only the owner of the private key can make this signature; here it can be checked, and not be made."
	}
	return "Without a key no signature can be computed to compare with."
}

func comparedWords(x *Picture, got string) string {
	switch {
	case x.Live && x.Verdict.State == core.Verified:
		return "What the receiver computes, and what this request carries: the same."
	case x.Verdict.State == core.Verified, x.Verdict.State == core.Stale:
		return "What these bytes and this key give, and what came: the same."
	case got == "":
		return "What these bytes and this key give. Nothing came."
	}
	return "What these bytes and this key give, and what came. One other byte changes all of it, so where they differ says nothing about what differs."
}

func (p *Pane) revealRow() fyne.CanvasObject {
	if p.reveal {
		return control.Row(0, control.NewButton("Hide", "eye-off", control.Ghost, func() { p.reveal = false; p.Build() }))
	}
	return control.Row(10, control.NewButton("Reveal", "eye", control.Secondary, func() { p.reveal = true; p.Build() }),
		control.Grow(control.NewText("Hidden, because with it anyone could send this request.", control.Small).Ellipsis()))
}

// clock shows how old the signature was.
func (p *Pane) clock(x *Picture) (string, string, fyne.CanvasObject) {
	return "When", "", control.Col(8, control.NewParagraph(x.clockWords(), control.Body.In(control.Muted)), clockBar(x))
}

func clockBar(x *Picture) fyne.CanvasObject {
	v := &x.Verdict
	r := control.ClockReading{Age: v.Age, Label: view.Old(v.Age), Past: v.Tolerance}
	if v.Tolerance > 0 {
		r.Limits = [2]string{view.Duration(v.Tolerance) + " ago", view.Duration(v.Tolerance) + " ahead"}
		r.Future = v.Tolerance
		if !x.Scheme.TS.Future {
			r.Future, r.Limits[1] = max(v.Tolerance, -v.Age), "any time ahead"
		}
	}
	return control.NewClockBar(r)
}

// meaning says what a right signature proves, what it leaves open, and what is worth knowing.
func (p *Pane) meaning(x *Picture) fyne.CanvasObject {
	proves, open := x.protection()
	rows := []fyne.CanvasObject{control.NewText("WHAT A RIGHT SIGNATURE PROVES HERE", control.Caption), remarkRow("lock", control.Green, proves)}
	for _, o := range open {
		rows = append(rows, remarkRow("lock-open", control.Amber, o))
	}
	if notes := x.notes(); len(notes) > 0 {
		rows = append(rows, control.Gap(0, 2), control.NewText("GOOD TO KNOW", control.Caption))
		for _, n := range notes {
			rows = append(rows, remarkRow("info", control.Blue, n))
		}
	}
	return control.Card(control.Col(7, rows...))
}

func remarkRow(icon string, tone control.Token, text string) fyne.CanvasObject {
	mark := control.Col(0, control.Gap(0, 1), control.NewIcon(icon, tone, 14))
	return control.RowFill(8, mark, control.Grow(control.NewParagraph(text, control.Body)))
}

// SameVerdict reports whether two verdicts look the same.
func SameVerdict(a, b *core.Verdict) bool {
	return a.State == b.State && a.Scheme == b.Scheme && a.Wanted == b.Wanted && a.Got == b.Got && len(a.Findings) == len(b.Findings) && a.Tried == b.Tried &&
		slices.EqualFunc(a.Parts, b.Parts, func(x, y core.Part) bool { return x.Name == y.Name && bytes.Equal(x.Bytes, y.Bytes) })
}

// SchemeOf finds the row of a verdict; one that is gone leaves the verdict's own words.
func SchemeOf(w *frame.Window, v *core.Verdict) sign.Scheme {
	s, _ := w.Engine.Schemes.Book().Find(v.Scheme)
	return s
}
