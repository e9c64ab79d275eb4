package message

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"hookglass/ui/control"
	"hookglass/ui/view"
)

// picturePane shows a picture in its own size, or smaller where there is no room for that.
type picturePane struct {
	picture *canvas.Image
	words   *control.Text
	root    fyne.CanvasObject
}

func newPicturePane() *picturePane {
	p := &picturePane{picture: canvas.NewImageFromImage(nil), words: control.NewText("", control.Small.In(control.Muted)).Aligned(fyne.TextAlignCenter)}
	p.picture.FillMode = canvas.ImageFillContain
	p.root = control.Col(6, control.Grow(&fyne.Container{Layout: &ownSize{p}, Objects: []fyne.CanvasObject{p.picture}}), p.words)
	return p
}

func (p *picturePane) set(v *view.Picture) {
	p.picture.Image = v.Image
	p.words.Set(fmt.Sprintf("%s  ·  %s × %s", strings.ToUpper(v.Format), view.Count(int64(v.Width)), view.Count(int64(v.Height))))
	p.picture.Refresh()
	p.root.Refresh()
}

// clear lets go of the picture.
func (p *picturePane) clear() { p.picture.Image = nil }

// ownSize puts a picture into the middle, never larger than it is.
type ownSize struct{ p *picturePane }

func (o *ownSize) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(40, 40) }

func (o *ownSize) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	m := size
	if img := o.p.picture.Image; img != nil {
		m = fyne.NewSize(min(float32(img.Bounds().Dx()), size.Width), min(float32(img.Bounds().Dy()), size.Height))
	}
	objects[0].Move(fyne.NewPos((size.Width-m.Width)/2, (size.Height-m.Height)/2))
	objects[0].Resize(m)
}
