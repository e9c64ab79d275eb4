package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Question is asked before something that cannot be taken back.
type Question struct {
	Title   string
	Text    string
	Content fyne.CanvasObject // under the text
	Yes     string            // the label of what will be done: "Delete 12 captures"
	No      string            // "": Cancel
	Closed  func()            // it was answered, or put away
	Danger  bool
	Do      func()
}

// Ask shows a question over the window. Enter does it, Esc does not.
func (l *Layers) Ask(q Question) {
	p := &Popup{Middle: true, Modal: true, OnClose: q.Closed}
	kind := Primary
	if q.Danger {
		kind = Danger
	}
	yes := NewButton(q.Yes, "", kind, func() {
		l.Close(p)
		if q.Do != nil {
			q.Do()
		}
	})
	if q.No == "" {
		q.No = "Cancel"
	}
	no := NewButton(q.No, "", Secondary, func() { l.Close(p) })
	var body []fyne.CanvasObject
	if q.Text != "" {
		body = append(body, NewParagraph(q.Text, Body.In(Muted)))
	}
	if q.Content != nil {
		body = append(body, q.Content)
	}
	d := newDialog(q.Title, Col(10, body...), []fyne.CanvasObject{no, yes}, func() { l.Close(p) })
	p.Content = d
	l.Open(p)
	if q.Danger {
		focusOn(no)
	} else {
		focusOn(yes)
	}
}

// Dialog shows content over the window, with a title and buttons at its lower edge. The popup is for [Layers.Close].
func (l *Layers) Dialog(title string, width float32, content fyne.CanvasObject, buttons ...fyne.CanvasObject) *Popup {
	p := &Popup{Middle: true, Modal: true}
	d := newDialog(title, content, buttons, func() { l.Close(p) })
	d.width = width
	p.Content = d
	l.Open(p)
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		c.Unfocus() // what is behind takes no more keys; the content may take them
	}
	return p
}

// Submit presses the chief button of the dialog in front: what Enter, Ctrl+Enter and Ctrl+S do there. It reports whether there
// is a dialog that takes them.
func (l *Layers) Submit() bool {
	n := len(l.popups)
	if n == 0 {
		return false
	}
	d, ok := l.popups[n-1].Content.(*dialog)
	if !ok || d.chief == nil || l.popups[n-1].Careful {
		return false
	}
	d.chief.press()
	return true
}

// submit is Submit for a widget whose Enter means the dialog that it stands in.
func submit(o fyne.CanvasObject) bool {
	l := LayersOf(o)
	return l != nil && l.Submit()
}

// SetTitle changes the title of a dialog.
func (p *Popup) SetTitle(title string) {
	if d, ok := p.Content.(*dialog); ok {
		d.title.Set(title)
	}
}

// dialog is a card with a title, content and buttons.
type dialog struct {
	widget.BaseWidget
	width   float32
	box     *Box
	title   *Text
	chief   *Button // what one has come for; nil: there is none
	buttons *fyne.Container
}

func newDialog(title string, content fyne.CanvasObject, buttons []fyne.CanvasObject, closing func()) *dialog {
	head := NewText(title, Title).Ellipsis()
	parts := []fyne.CanvasObject{Row(8, Grow(head), NewTool("x", "", closing)), Grow(content)}
	row := Row(8, append([]fyne.CanvasObject{Spacer()}, buttons...)...)
	if len(buttons) > 0 {
		parts = append(parts, row)
	}
	d := &dialog{width: 440, title: head, buttons: row, box: NewBox(Surface{Fill: SurfacePopup, Border: FieldLine, Radius: 12, Pad: Sides(14, 16, 16, 20), Shadow: true}, Col(14, parts...))}
	for _, o := range buttons {
		if b, ok := o.(*Button); ok && b.kind == Primary {
			d.chief = b
		}
	}
	d.ExtendBaseWidget(d)
	return d
}

func (d *dialog) CreateRenderer() fyne.WidgetRenderer {
	return draw(face{
		owner: d, objects: []fyne.CanvasObject{d.box},
		place: func(size fyne.Size) { put(d.box, 0, 0, size.Width, size.Height) },
		min: func() fyne.Size {
			d.box.Resize(fyne.NewSize(d.width, d.box.Size().Height)) // wrapped text knows its height once it has its width
			return fyne.NewSize(d.width, d.box.MinSize().Height)
		},
	})
}

// Tapped keeps clicks on the card from reaching what is behind it.
func (d *dialog) Tapped(*fyne.PointEvent) {}
