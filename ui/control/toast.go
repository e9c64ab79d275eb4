package control

import (
	"cmp"
	"slices"
	"time"

	"fyne.io/fyne/v2"
)

// Toast is a short message at the lower edge of the window.
type Toast struct {
	Text   string
	Tone   Token  // "" means Muted
	Icon   string // "" follows from the tone
	Action string // label of a button: "Undo"
	Do     func()
	Stay   bool          // until dismissed: for errors
	For    time.Duration // how long it stays; 0 means 4 s
}

type toast struct {
	card *Box
	says string // all of it, where it does nothing but say it
	stop func()
}

// Toast shows a message, until it is dismissed or its time is over. Of more than four the oldest goes. One that only says what
// another one says already takes its place.
func (l *Layers) Toast(t Toast) (dismiss func()) {
	shown := &toast{}
	if t.Action == "" {
		shown.says = t.Text
		if i := slices.IndexFunc(l.toasts, func(o *toast) bool { return o.says == t.Text }); i >= 0 {
			l.dismiss(l.toasts[i])
		}
	}
	shown.card = l.toastCard(t, func() { l.dismiss(shown) })
	l.toasts = append(l.toasts, shown)
	if len(l.toasts) > 4 {
		l.dismiss(l.toasts[0])
	}
	if !t.Stay && l.after != nil {
		shown.stop = l.after(cmp.Or(t.For, 4*time.Second), func() { l.dismiss(shown) })
	}
	l.Refresh()
	return func() { l.dismiss(shown) }
}

func (l *Layers) dismiss(t *toast) {
	i := slices.Index(l.toasts, t)
	if i < 0 {
		return
	}
	if t.stop != nil {
		t.stop()
	}
	l.toasts = slices.Delete(l.toasts, i, i+1)
	l.Refresh()
}

func (l *Layers) toastCard(t Toast, dismiss func()) *Box {
	tone, icon := t.Tone, t.Icon
	if tone == "" {
		tone = Muted
	}
	if icon == "" {
		icon = toneIcon(tone)
	}
	text := NewParagraph(t.Text, Body.At(12.5)).Lines(4)
	parts := []fyne.CanvasObject{NewIcon(icon, tone, 16), Fixed(min(text.style.measure(t.Text).Width+2, 380), text)}
	if t.Action != "" {
		parts = append(parts, NewButton(t.Action, "", Ghost, func() { dismiss(); t.Do() }))
	}
	parts = append(parts, NewButton("", "x", Ghost, dismiss))
	return NewBox(Surface{Fill: SurfacePopup, Border: FieldLine, Radius: 10, Pad: Sides(8, 8, 8, 14), Shadow: true}, Row(10, parts...))
}

// toneIcon is the picture that goes with a tone.
func toneIcon(tone Token) string {
	switch tone {
	case Green:
		return "circle-check"
	case Red:
		return "circle-alert"
	case Amber:
		return "triangle-alert"
	}
	return "info"
}

func (l *Layers) placeToasts(size fyne.Size) {
	y := size.Height - 20
	for _, t := range slices.Backward(l.toasts) {
		// A paragraph knows its height once it has its width.
		w := min(t.card.MinSize().Width, size.Width-40)
		t.card.Resize(fyne.NewSize(w, t.card.Size().Height))
		h := t.card.MinSize().Height
		y -= h
		put(t.card, (size.Width-w)/2, y, w, h)
		y -= 8
	}
}
