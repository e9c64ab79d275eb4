package control

import (
	"bytes"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"hookglass/assets"
)

// Icon is a line icon in a colour of the theme.
type Icon struct {
	widget.BaseWidget
	name string
	tone Token
	side float32
}

// NewIcon returns an icon by its Lucide name. A name that is not embedded shows as an empty place.
func NewIcon(name string, tone Token, side float32) *Icon {
	i := &Icon{name: name, tone: tone, side: side}
	i.ExtendBaseWidget(i)
	return i
}

// Set changes picture and colour.
func (i *Icon) Set(name string, tone Token) {
	if i.name != name || i.tone != tone {
		i.name, i.tone = name, tone
		i.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (i *Icon) CreateRenderer() fyne.WidgetRenderer {
	image := &canvas.Image{FillMode: canvas.ImageFillContain}
	return draw(face{
		owner: i, objects: []fyne.CanvasObject{image},
		paint: func() {
			res := iconResource(i.name, i.tone)
			if res == nil {
				image.Hide()
				return
			}
			if image.Resource == nil || image.Resource.Name() != res.Name() {
				image.Resource = res
				image.Refresh()
			}
			image.Show()
		},
		place: func(size fyne.Size) {
			put(image, (size.Width-i.side)/2, (size.Height-i.side)/2, i.side, i.side)
		},
		min: func() fyne.Size { return fyne.NewSquareSize(i.side) },
	})
}

// iconResource colours a stroke icon. Fyne's own themed resources understand only fills, and cache by name:
// so the colour stands in the bytes and in the name.
func iconResource(name string, tone Token) fyne.Resource {
	svg, err := assets.Icon(name)
	if err != nil {
		return nil
	}
	r, g, b, _ := paint(tone).RGBA()
	hex := fmt.Sprintf("%02x%02x%02x", r>>8, g>>8, b>>8)
	svg = bytes.Replace(svg, []byte(`stroke-width="2"`), []byte(`stroke-width="1.75"`), 1)
	svg = bytes.ReplaceAll(svg, []byte("currentColor"), []byte("#"+hex))
	return fyne.NewStaticResource(name+"-"+hex+".svg", svg)
}
