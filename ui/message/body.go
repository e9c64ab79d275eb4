package message

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// BodyPane shows a body in the ways that fit it: pretty, tree, raw, hex. It serves captures, attempts and answers.
type BodyPane struct {
	w        *frame.Window
	text     *control.BodyView
	find     *control.FindBar
	tree     *treePane
	picture  *picturePane
	parts    *partsPane // made when it is wanted
	modes    *control.Segmented
	note     *control.Text
	problem  *control.Text
	stage    *control.Box
	root     fyne.CanvasObject
	switcher *control.Box

	body      *view.Body
	undecoded error // what stood in the way of decoding it
	fits      []view.Renderer
	more      []string // ways that are no rows, after those
	serial    int
	name      string // for saving
	chosen    string // the way the user chose last; kept over bodies where it fits
}

func NewBodyPane(w *frame.Window) *BodyPane {
	p := &BodyPane{w: w, text: control.NewBodyView(), note: control.NewText("", control.Small.In(control.Faint)).Ellipsis().Aligned(fyne.TextAlignTrailing),
		problem: control.NewText("", control.Small.In(control.Amber)).Ellipsis(), stage: control.NewBox(control.Surface{}, nil), switcher: control.NewBox(control.Surface{}, nil)}
	p.problem.Hide()
	p.tree, p.picture = newTreePane(w), newPicturePane()
	var column *fyne.Container
	p.find = control.NewFindBar(p.text, func() { column.Refresh() })
	bar := control.RowFill(8, p.switcher, control.Grow(p.note),
		control.NewTool("text-wrap", "Wrap long lines", func() { p.text.SetWrap(!p.text.Wraps()) }),
		control.NewTool("search", "Find (Ctrl+F in the body)", p.openFind),
		control.NewTool("copy", "Copy the body", func() { w.Copy("Body", string(p.body.Bytes)) }),
		control.NewTool("download", "Save the body's bytes to a file", p.save))
	card := control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.Sides(8, 3, 8, 3)}, p.stage)
	column = control.Col(8, bar, p.problem, p.find, control.Grow(card))
	p.root = column
	p.body = &view.Body{} // nothing is said of a body before there is one
	return p
}

func (p *BodyPane) View() fyne.CanvasObject { return p.root }

// Set shows another body. Rendering runs off the UI goroutine; the raw bytes are there at once.
func (p *BodyPane) Set(name string, b *view.Body) {
	if len(p.body.Bytes) > largeBody {
		p.giveBack()
	}
	if len(p.body.Bytes) == 0 {
		p.stage.SetChild(nil) // "No body" may not be true any more
	}
	p.body, p.name, p.undecoded = b, name, nil
	p.letGo()
	p.serial++
	p.problem.Hide()
	if len(b.Bytes) == 0 {
		p.fits, p.more = nil, nil
		p.switcher.SetChild(nil)
		p.note.Set("")
		p.stage.SetChild(control.Centre(control.NewText("No body", control.Body.In(control.Faint))))
		return
	}
	serial := p.serial
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		fits := view.Fitting(b)
		plain, problem := b.Decoded()
		picture := view.IsPicture(b)
		return func() {
			if serial != p.serial {
				return
			}
			p.offer(fits, picture)
			p.note.Set(describe(b, plain))
			if problem != nil {
				p.undecoded = problem
				p.sayUndecoded()
			}
		}
	})
}

// largeBody is from where on what a body took is given back as soon as it is left.
const largeBody = 1 << 20

// giveBack returns memory to the system once what was shown is not needed any more: Go by itself looks only every other minute
// while little happens.
func (p *BodyPane) giveBack() {
	p.tree.clear()
	p.text.SetRows(nil)
	p.w.Pump.After(5*time.Second, func() {
		p.w.Pump.Task(p.w.Ctx, func(context.Context) func() { debug.FreeOSMemory(); return nil })
	})
}

// describe says what a body is in a few words.
func describe(b *view.Body, plain []byte) string {
	s := b.Media()
	if b.Encoding != "" {
		s += fmt.Sprintf("  ·  %s, %s → %s", b.Encoding, view.Size(int64(len(b.Bytes))), view.Size(int64(len(plain))))
	} else {
		s += "  ·  " + view.Size(int64(len(b.Bytes)))
	}
	return s
}

// letGo drops what another body was shown by.
func (p *BodyPane) letGo() {
	p.picture.clear()
	if p.parts != nil {
		p.parts.clear()
	}
}

// The ways that are no rows.
const (
	treeWay    = "Tree"
	pictureWay = "Picture"
)

// offer shows the ways that fit and turns to the one the user likes, or the best.
func (p *BodyPane) offer(fits []view.Renderer, picture bool) {
	p.fits, p.more = fits, nil
	if p.isJSON() {
		p.more = append(p.more, treeWay)
	}
	if picture {
		p.more = append(p.more, pictureWay)
	}
	labels := make([]string, 0, len(fits)+1)
	on := 0
	for i, r := range fits {
		labels = append(labels, r.Name())
		if r.Name() == p.chosen {
			on = i
		}
	}
	for _, way := range p.more {
		labels = append(labels, way)
		if way == p.chosen || way == pictureWay && !slices.Contains(labels, p.chosen) {
			on = len(labels) - 1
		}
	}
	p.modes = control.NewSegmented(p.pick, labels...)
	p.modes.Select(on)
	p.switcher.SetChild(p.modes)
	p.turn(on)
}

func (p *BodyPane) isJSON() bool { return len(p.fits) > 0 && p.fits[0].Name() == "JSON" }

func (p *BodyPane) pick(i int) {
	p.problem.Hide() // what stood in the way of another way
	p.sayUndecoded()
	if i < len(p.fits) {
		p.chosen = p.fits[i].Name()
	} else {
		p.chosen = p.more[i-len(p.fits)]
	}
	p.turn(i)
}

func (p *BodyPane) turn(i int) {
	serial, b := p.serial, p.body
	if i >= len(p.fits) && p.more[i-len(p.fits)] == pictureWay {
		p.turnToPicture()
		return
	}
	if i >= len(p.fits) {
		p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
			plain, _ := b.Decoded()
			t, err := view.ParseTree(plain)
			return func() {
				if serial != p.serial {
					return
				}
				if t == nil { // it only says that it is JSON: as text it shows how far it goes
					p.modes.Select(0)
					p.turn(0)
				} else {
					p.tree.set(t)
					p.stage.SetChild(p.tree.view())
				}
				if err != nil {
					p.say("No whole tree: " + err.Error())
				}
			}
		})
		return
	}
	r, beside := p.fits[i], p.text.ColsBeside()
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		rows, err := r.Render(b)
		parts := view.PartsShownBy(r, b)
		if t, ok := rows.(*view.Text); ok {
			t.Wrapped(beside(t.GutterCols()), control.FitColumns) // so that it is at hand
		}
		return func() {
			if serial != p.serial {
				return
			}
			if err != nil {
				p.say(part.Sentence(err))
			}
			if rows != nil {
				ShowRows(p.text, rows)
				p.stage.SetChild(p.text)
			}
			if parts != nil {
				if p.parts == nil {
					p.parts = newPartsPane(p.w)
				}
				p.parts.set(p.name, parts)
				p.stage.SetChild(p.parts.root)
			}
		}
	})
}

// turnToPicture unpacks the picture off the UI goroutine. One that cannot be, or would take too much, is said and shown in hex.
func (p *BodyPane) turnToPicture() {
	serial, b := p.serial, p.body
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		plain, _ := b.Decoded()
		picture, err := view.ReadPicture(plain)
		return func() {
			if serial != p.serial {
				return
			}
			if err != nil {
				hex := len(p.fits) - 1
				for i, r := range p.fits {
					if r.Name() == "Hex" {
						hex = i
					}
				}
				p.modes.Select(hex)
				p.turn(hex)
				p.say(part.Sentence(err))
				return
			}
			p.picture.set(picture)
			p.stage.SetChild(p.picture.root)
		}
	})
}

func (p *BodyPane) sayUndecoded() {
	if p.undecoded != nil {
		p.say("Not decoded: " + p.undecoded.Error() + "; shown as far as it went")
	}
}

// say shows what stands in the way of showing the body as it is.
func (p *BodyPane) say(problem string) {
	p.problem.Set(problem)
	p.problem.Show()
	p.root.Refresh()
}

// ShowRows puts rows into a view, wrapped to its width where they can be.
func ShowRows(v *control.BodyView, rows view.Rows) {
	if t, ok := rows.(*view.Text); ok {
		v.SetSource(func(cols int) control.Rows { return t.Wrapped(cols, control.FitColumns) })
		return
	}
	v.SetRows(rows)
}

func (p *BodyPane) openFind() {
	if len(p.fits) > 0 {
		p.stage.SetChild(p.text)
		p.find.Open()
	}
}

// save writes the body's bytes to a file that the user chooses.
func (p *BodyPane) save() {
	b := p.body.Bytes
	frame.SaveFile(p.w, p.name, func(out io.Writer) error {
		_, err := out.Write(b)
		return err
	})
}

// bodyTab shows what came in, and what was answered.
type bodyTab struct {
	plainTab
	pane   *BodyPane
	which  *control.Segmented
	shown  *core.Capture
	stale  bool // the pane does not show it yet
	answer bool
}

func NewBodyTab(w *frame.Window) Tab {
	t := &bodyTab{pane: NewBodyPane(w)}
	t.title = "Body"
	t.which = control.NewSegmented(func(i int) { t.answer = i == 1; t.refresh() }, "Request", "Answer")
	t.root = control.Pad(control.Sides(12, 20, 14, 20), control.Col(10, control.Row(0, t.which), control.Grow(t.pane.View())))
	return t
}

// Set lets go of a large body at once. The other one is drawn when the tab comes to the front.
func (t *bodyTab) Set(c *core.Capture) {
	t.shown, t.stale = c, true
	if len(t.pane.body.Bytes) > largeBody {
		t.pane.Set("", &view.Body{})
	}
}

func (t *bodyTab) View() fyne.CanvasObject {
	if t.stale {
		t.refresh()
	}
	return t.root
}

func (t *bodyTab) refresh() {
	c := t.shown
	if c == nil {
		return
	}
	t.stale = false
	if t.answer {
		t.pane.Set(fmt.Sprintf("capture-%d-answer", c.ID), bodyOf(c.Response.Header, c.Response.Body))
		return
	}
	t.pane.Set(fmt.Sprintf("capture-%d-body", c.ID), bodyOf(c.Request.Header, c.Request.Body))
}

func bodyOf(h core.Header, b []byte) *view.Body {
	return &view.Body{Type: h.Get("Content-Type"), Encoding: h.Get("Content-Encoding"), Bytes: b}
}
