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
	Danger  bool
	Do      func()
}

// Ask shows a question over the window. Enter does it, Esc does not.
func (l *Layers) Ask(q Question) {
	p := &Popup{Middle: true, Modal: true}
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
	no := NewButton("Cancel", "", Secondary, func() { l.Close(p) })
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

// dialog is a card with a title, content and buttons.
type dialog struct {
	widget.BaseWidget
	width   float32
	box     *Box
	buttons *fyne.Container
}

func newDialog(title string, content fyne.CanvasObject, buttons []fyne.CanvasObject, closing func()) *dialog {
	parts := []fyne.CanvasObject{Row(8, Grow(NewText(title, Title).Ellipsis()), NewTool("x", "", closing)), Grow(content)}
	row := Row(8, append([]fyne.CanvasObject{Spacer()}, buttons...)...)
	if len(buttons) > 0 {
		parts = append(parts, row)
	}
	d := &dialog{width: 440, buttons: row, box: NewBox(Surface{Fill: SurfacePopup, Border: FieldLine, Radius: 12, Pad: Sides(14, 16, 16, 20), Shadow: true}, Col(14, parts...))}
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
