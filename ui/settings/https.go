package settings

import (
	"context"
	"errors"
	"runtime"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// The ways in which the sources are reached.
const (
	plainHTTP = iota
	ownCertificate
	certificateFiles
)

// httpsCard says whether the sources are reached over TLS, and with which certificate.
type httpsCard struct {
	w         *frame.Window
	changed   func()
	way       *control.Segmented
	cert, key *control.Field
	files     *fyne.Container
	trouble   *control.Paragraph
	trust     *fyne.Container
	keep      *control.Button
	set       engine.HTTPS // as it is stored
	authority string
	known     bool
	busy      bool
	body      *fyne.Container
}

func newHTTPSCard(w *frame.Window, changed func()) *httpsCard {
	c := &httpsCard{w: w, changed: changed, trouble: control.NewParagraph("", control.Small.In(control.Amber)), trust: control.Col(8)}
	c.way = control.NewSegmented(func(int) { c.judge() }, "Plain HTTP", "Our certificate", "Your certificate")
	typed := func(f **control.Field) func(string) { return func(string) { (*f).SetProblem(""); c.judge() } }
	c.cert = control.NewField("Certificate", "/path/to/cert.pem", typed(&c.cert)).WithHelp("A PEM file, its chain behind it.").AsCode()
	c.key = control.NewField("Key", "/path/to/key.pem", typed(&c.key)).WithHelp("The PEM file of its key.").AsCode()
	c.cert.OnSubmit = func(string) { c.apply() }
	c.key.OnSubmit = c.cert.OnSubmit
	c.files = control.Col(0, part.Abreast(c.cert, c.key))
	c.keep = control.NewButton("Apply", "check", control.Secondary, c.apply)
	c.trust.Hide()
	c.body = control.Col(12, control.Row(0, c.way), c.files, c.trouble, control.Row(0, c.keep), c.trust)
	c.judge()
	return c
}

func (c *httpsCard) view() fyne.CanvasObject {
	return group("HTTPS", "For senders that send to https:// addresses alone. Our certificate is made here, by an authority for this computer and private networks alone, which senders have to trust.", c.body)
}

func (c *httpsCard) load(ctx context.Context) func() {
	set := c.w.Engine.Address.HTTPS(ctx)
	return func() { c.put(set) }
}

// put shows how it stands, without touching what is being typed.
func (c *httpsCard) put(set engine.HTTPS) {
	if set != c.set || !c.known {
		c.set, c.known = set, true
		c.cert.SetQuiet(set.CertFile)
		c.key.SetQuiet(set.KeyFile)
		switch {
		case set.Own:
			c.way.Select(ownCertificate)
		case set.CertFile != "":
			c.way.Select(certificateFiles)
		default:
			c.way.Select(plainHTTP)
		}
	}
	why := c.w.Engine.Address.Trouble()
	if c.trouble.Hidden = why == ""; why != "" {
		c.trouble.Put("It is plain HTTP for this run: "+why, control.Small.In(control.Amber))
	}
	if now := c.w.Engine.Authority(); now != c.authority {
		c.authority = now
		c.showTrust()
	}
	c.judge()
}

// typed is what the card says now.
func (c *httpsCard) typed() engine.HTTPS {
	switch c.way.Selected() {
	case ownCertificate:
		return engine.HTTPS{Own: true}
	case certificateFiles:
		return engine.HTTPS{CertFile: strings.TrimSpace(c.cert.Text()), KeyFile: strings.TrimSpace(c.key.Text())}
	}
	return engine.HTTPS{}
}

func (c *httpsCard) judge() {
	c.files.Hidden = c.way.Selected() != certificateFiles
	c.keep.SetDisabled(c.busy || c.typed() == c.set && c.w.Engine.Address.Trouble() == "" || !c.files.Hidden && c.typed() == engine.HTTPS{})
	part.Relayout(c.body)
	c.changedHeight()
}

// changedHeight has the section give everything its place anew.
func (c *httpsCard) changedHeight() {
	if l := control.LayersOf(c.body); l != nil {
		l.Refresh()
	}
}

func (c *httpsCard) apply() {
	want := c.typed()
	if c.busy {
		return
	}
	c.busy = true
	c.judge()
	c.w.Pump.Task(c.w.Ctx, func(ctx context.Context) func() {
		err := c.w.Engine.Address.SetHTTPS(ctx, want)
		return func() {
			c.busy = false
			var invalid *core.Invalid
			switch {
			case errors.As(err, &invalid) && invalid.Field == "key_file":
				c.key.SetProblem(part.WholeSentence(invalid.Reason))
			case errors.As(err, &invalid) && invalid.Field == "cert_file":
				c.cert.SetProblem(part.WholeSentence(invalid.Reason))
			case err != nil:
				c.w.Fail(err)
			default:
				c.put(want)
				c.changed()
				c.w.Layers.Toast(control.Toast{Text: "Listening on " + c.w.Engine.URL(), Tone: control.Green})
				c.w.Pump.Again()
			}
			c.judge()
		}
	})
}

// showTrust says how senders come to trust our authority: on this system first.
func (c *httpsCard) showTrust() {
	c.trust.Objects = nil
	if c.authority != "" {
		ways := engine.TrustWays(c.authority)
		code := make([]control.Snippet, len(ways))
		shown := ""
		for i, way := range ways {
			code[i] = control.Snippet{Label: way.Where, Text: way.Command}
			if way.System == runtime.GOOS {
				shown = way.Where
			}
		}
		block := control.NewCodeBlock(code...)
		block.OnCopy = func(string) { c.w.Layers.Toast(control.Toast{Text: "Command copied", Tone: control.Green}) }
		block.Choose(shown)
		c.trust.Objects = []fyne.CanvasObject{control.Hair(), control.NewText("Trust it", control.Strong),
			control.RowFill(8, control.Grow(control.NewText(c.authority, control.CodeSmall).EllipsisMiddle()), control.NewTool("copy", "Copy the path of the authority's certificate", func() { c.w.Copy("Path", c.authority) })),
			block, control.NewParagraph("It speaks for this computer and private networks alone. Remove its folder to be rid of it.", control.Small)}
	}
	c.trust.Hidden = c.authority == ""
	part.Relayout(c.trust)
}
