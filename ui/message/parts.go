package message

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// partsPane lists the parts of a multipart body, and shows the selected one as a body of its own.
type partsPane struct {
	w     *frame.Window
	name  string
	parts []view.Part
	list  *control.List
	pane  *BodyPane // made when it is wanted: a part may have parts
	stage *control.Box
	root  fyne.CanvasObject
}

func newPartsPane(w *frame.Window) *partsPane {
	p := &partsPane{w: w, stage: control.NewBox(control.Surface{Pad: control.Sides(8, 8, 8, 8)}, nil)}
	p.list = control.NewList(30, func() int { return len(p.parts) }, func() fyne.CanvasObject { return newPartRow() },
		func(i int, o fyne.CanvasObject) { o.(*partRow).set(i, p.parts[i]) })
	p.list.OnSelect = p.show
	p.root = control.NewSplit(control.Pad(control.XY(6, 4), p.list), p.stage, 104, 64, 90).Down()
	return p
}

// set shows the parts, and the first file among them.
func (p *partsPane) set(name string, parts []view.Part) {
	p.name, p.parts = name, parts
	p.list.Refresh()
	first := 0
	for i, part := range parts {
		if part.File != "" {
			first = i
			break
		}
	}
	p.list.Select(first)
	p.show(first)
}

func (p *partsPane) show(i int) {
	if i >= len(p.parts) {
		return
	}
	if p.pane == nil {
		p.pane = NewBodyPane(p.w)
		p.stage.SetChild(p.pane.View())
	}
	part := p.parts[i]
	p.pane.Set(view.FileName(part.File, fmt.Sprintf("%s-part-%d", p.name, i+1)), &view.Body{Type: part.Type, Bytes: part.Body})
}

// clear lets go of the parts.
func (p *partsPane) clear() {
	p.parts = nil
	p.list.Unselect()
	if p.pane != nil {
		p.pane.Set("", &view.Body{})
	}
}

// partRow is one part: its name, the file it was, its type and size.
type partRow struct {
	widget.BaseWidget
	name, file, media, size *control.Text
}

func newPartRow() *partRow {
	r := &partRow{name: control.NewText("", control.BodyBold).Ellipsis(), file: control.NewText("", control.Body).EllipsisMiddle(),
		media: control.NewText("", control.Small).Ellipsis(), size: control.NewText("", control.Small).Aligned(fyne.TextAlignTrailing)}
	r.ExtendBaseWidget(r)
	return r
}

func (r *partRow) set(i int, p view.Part) {
	r.name.Set(core.Visible(p.Name))
	if p.Name == "" {
		r.name.Set(fmt.Sprintf("part %d", i+1))
	}
	r.file.Set(core.Visible(p.File))
	r.media.Set(core.Visible(p.Type))
	r.size.Set(view.Size(int64(len(p.Body))))
}

// CreateRenderer is for Fyne.
func (r *partRow) CreateRenderer() fyne.WidgetRenderer {
	return control.Placed(r, fyne.NewSize(200, 30), func(put control.Put, s fyne.Size) {
		room := s.Width - 10 - 80
		put(r.name, 10, 6, room*0.25-8, 19)
		put(r.file, 10+room*0.25, 6, room*0.4-8, 19)
		put(r.media, 10+room*0.65, 7, room*0.35-8, 17)
		put(r.size, s.Width-86, 7, 74, 17)
	}, r.name, r.file, r.media, r.size)
}
