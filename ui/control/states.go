package control

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
	"rsc.io/qr"
)

// EmptyState stands where there is nothing yet: what would be here, and what to do next. more may hold buttons or a
// code block.
func EmptyState(icon, title, text string, more ...fyne.CanvasObject) fyne.CanvasObject {
	mark := NewBox(Surface{Fill: SurfaceRaised, Radius: 12, Pad: All(12)}, NewIcon(icon, Muted, 22))
	parts := []fyne.CanvasObject{Centre(mark), Gap(0, 4), Centre(NewText(title, Title)), NewParagraph(text, Body.In(Muted)).Centred()}
	if len(more) > 0 {
		parts = append(parts, Gap(0, 6))
		parts = append(parts, more...)
	}
	return &fyne.Container{Layout: narrowMiddle{440}, Objects: []fyne.CanvasObject{Col(8, parts...)}}
}

// Skeleton stands where rows will be, while they are being read.
func Skeleton(rows int, height float32) fyne.CanvasObject {
	bars := make([]fyne.CanvasObject, rows)
	for i := range bars {
		bars[i] = NewBox(Surface{Fill: Resting, Radius: 8, Min: fyne.NewSize(40, height)}, nil)
	}
	return Col(8, Pad(XY(8, 4), Col(8, bars...)), Spacer())
}

// narrowMiddle places its object in the middle, as wide as lines are read well, or as there is room.
type narrowMiddle struct{ most float32 }

func (n narrowMiddle) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(120, objects[0].MinSize().Height)
}

func (n narrowMiddle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const margin = 16
	w := max(min(n.most, size.Width-2*margin), 0)
	objects[0].Resize(fyne.NewSize(w, objects[0].Size().Height)) // what wraps knows its height once it has its width
	h := objects[0].MinSize().Height
	put(objects[0], (size.Width-w)/2, max((size.Height-h)/2, 0), w, h)
}

// Banner is a message on a tint of its tone, over the thing that it is about, with an optional button.
func Banner(tone Token, text string, action *Button) fyne.CanvasObject {
	parts := []fyne.CanvasObject{NewIcon(toneIcon(tone), tone, 16), Grow(NewParagraph(text, Body.At(12.5)))}
	if action != nil {
		parts = append(parts, action)
	}
	return NewBox(Surface{Fill: tone, Alpha: 0x1c, Radius: 8, Pad: XY(12, 9)}, Row(10, parts...))
}

// Progress is a bar: a share of the work, or a part that moves while the share is not known.
type Progress struct {
	widget.BaseWidget
	share float64 // below zero: not known
	at    float32
	anim  *fyne.Animation
	steps int // since it began to move
}

// looksEvery is after how many steps a bar looks whether it is seen. One that is not comes to rest: what moves where nobody sees it
// paints the whole window again and again, and whoever takes a bar away need not think of that.
const looksEvery = 60

// NewProgress returns a bar at zero.
func NewProgress() *Progress {
	p := &Progress{}
	p.ExtendBaseWidget(p)
	return p
}

// Set shows a share from 0 to 1.
func (p *Progress) Set(share float64) {
	p.stop()
	p.share = min(max(share, 0), 1)
	p.Refresh()
}

// Busy shows that work goes on; [Progress.Set] ends it.
func (p *Progress) Busy() {
	p.share = -1
	p.move()
	p.Refresh()
}

// move begins to move, unless it does.
func (p *Progress) move() {
	if p.anim == nil {
		p.anim = fyne.NewAnimation(canvas.DurationStandard*5, p.step)
		p.anim.RepeatCount = fyne.AnimationRepeatForever
		p.anim.Curve = fyne.AnimationLinear
		p.anim.Start()
	}
}

// seen reports whether the window shows the bar. Nothing but the window's own corner stands at its origin, and no bar does.
func (p *Progress) seen() bool {
	return !fyne.CurrentApp().Driver().AbsolutePositionForObject(p).IsZero()
}

func (p *Progress) step(done float32) {
	if p.steps++; p.steps%looksEvery == 0 && !p.seen() {
		p.stop()
		return
	}
	p.at = done
	p.Refresh()
}

func (p *Progress) stop() {
	if p.anim != nil {
		p.anim.Stop()
		p.anim = nil
	}
}

// CreateRenderer is for Fyne.
func (p *Progress) CreateRenderer() fyne.WidgetRenderer {
	d := newDrawing(p, func() fyne.Size { return fyne.NewSize(60, 4) }, func(d *pool, size fyne.Size) {
		y := (size.Height - 4) / 2
		d.rect(0, y, size.Width, 4, paint(SurfaceRaised), 2)
		x, w := float32(0), float32(p.share)*size.Width
		if p.share < 0 {
			w = size.Width * 0.3
			x = p.at*(size.Width+w) - w
			w, x = min(x+w, size.Width)-max(x, 0), max(x, 0)
		}
		if w > 0 {
			d.rect(x, y, w, 4, paint(Accent), 2)
		}
	})
	return moving{d, p}
}

// moving is the face of a bar, which moves on when it is looked at again.
type moving struct {
	*drawing
	bar *Progress
}

func (m moving) Objects() []fyne.CanvasObject {
	if m.bar.share < 0 {
		m.bar.move()
	}
	return m.drawing.Objects()
}

// NewQR returns the QR code of a text, dark on light in every theme so that cameras read it; nil when the text is
// too long for one.
func NewQR(text string, side float32) fyne.CanvasObject {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil
	}
	picture := canvas.NewImageFromImage(pixels(code))
	picture.ScaleMode = canvas.ImageScalePixels
	picture.FillMode = canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSquareSize(side))
	ground := canvas.NewRectangle(color.White)
	ground.CornerRadius = 8
	return Stack(ground, picture)
}

// pixels draws a code with one pixel a module and the quiet border that readers need.
func pixels(code *qr.Code) image.Image {
	const quiet = 4
	img := image.NewNRGBA(image.Rect(0, 0, code.Size+2*quiet, code.Size+2*quiet))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			c := color.NRGBA{0xff, 0xff, 0xff, 0xff}
			if code.Black(x-quiet, y-quiet) {
				c = color.NRGBA{0x10, 0x12, 0x18, 0xff}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}
