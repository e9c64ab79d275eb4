package view

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif" // its first picture, where it moves
	_ "image/jpeg"
	_ "image/png"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"hookglass/core"
)

// Picture is a body as a picture.
type Picture struct {
	Image         image.Image // not larger than a screen shows
	Format        string      // "png"
	Width, Height int         // as it was sent
}

// What a picture may cost: a few bytes can promise any number of pixels, so that they are counted before one is made.
const (
	mostPictureBytes = 16 << 20
	mostPixels       = 16 << 20
	mostSide         = 1600 // of what is shown
)

var pictureTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// IsPicture reports whether a body says that it is a picture of a kind that can be shown, or begins like one.
func IsPicture(b *Body) bool {
	if slices.Contains(pictureTypes, b.Media()) {
		return true
	}
	plain, _ := b.Decoded()
	return slices.Contains(pictureTypes, http.DetectContentType(plain[:min(len(plain), 512)]))
}

// ReadPicture reads a picture, of moving ones the first. It may take a while.
func ReadPicture(data []byte) (*Picture, error) {
	if len(data) > mostPictureBytes {
		return nil, fmt.Errorf("a picture of over %s is not shown; save it, or see it in hex", Size(mostPictureBytes))
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("this is no picture that can be read: %w", err)
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > mostPixels/c.Height {
		return nil, fmt.Errorf("%s says it has %s × %s pixels; over %s are not unpacked", strings.ToUpper(format), Count(int64(c.Width)), Count(int64(c.Height)), Count(mostPixels))
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("the picture is damaged: %w", err)
	}
	return &Picture{Image: fitScreen(img), Format: format, Width: c.Width, Height: c.Height}, nil
}

// fitScreen makes a large picture smaller, so that drawing it costs little each time.
func fitScreen(img image.Image) image.Image {
	b := img.Bounds()
	side := max(b.Dx(), b.Dy())
	if side <= mostSide {
		return img
	}
	k := float64(mostSide) / float64(side)
	small := image.NewRGBA(image.Rect(0, 0, max(int(float64(b.Dx())*k), 1), max(int(float64(b.Dy())*k), 1)))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), img, b, draw.Src, nil)
	return small
}

// FileName makes a name for a file of what strangers called it: no folders, nothing hidden, nothing that acts or that a system
// keeps for itself.
func FileName(name, fallback string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	var b strings.Builder
	for _, r := range core.Visible(name) {
		switch {
		case b.Len() > 100:
		case r < 0x20 || strings.ContainsRune(`<>:"|?*`, r):
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	clean := strings.Trim(b.String(), " .")
	stem, _, _ := strings.Cut(strings.ToUpper(clean), ".")
	if clean == "" || slices.Contains([]string{"CON", "PRN", "AUX", "NUL"}, stem) || len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) {
		return fallback
	}
	return clean
}
