package message

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"hookglass/ui/eye"
	"hookglass/ui/stage"
	"hookglass/ui/view"
)

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPictureIsSeenAndHexStays(t *testing.T) {
	s := stage.New(t)
	p := NewBodyPane(s.W)
	onStage(s, p.View())
	data := pngOf(t, 30, 20)
	set := func(b []byte) {
		p.Set("it", &view.Body{Type: "image/png", Bytes: b})
		s.Settle()
	}
	set(data)
	s.Has(p.View(), "PNG · 30 × 20", "Hex")
	if size := p.picture.picture.Size(); size.Width != 30 || size.Height != 20 {
		t.Errorf("it is drawn as %v", size)
	}
	press(s, p, "Hex")
	s.Has(p.View(), "89 50 4e 47")
	set(data) // what was chosen last stays
	s.Lacks(p.View(), "30 × 20")
	p.pick(len(p.fits))
	s.Settle()
	s.Has(p.View(), "30 × 20")
	set(data[:40])
	s.Has(p.View(), "The picture is damaged", "89 50 4e 47")
	if p.picture.picture.Image != nil {
		t.Error("the picture before is kept")
	}
}

func TestThePartsOfAMultipartBodyAreListedSeenAndNamed(t *testing.T) {
	s := stage.New(t)
	p := NewBodyPane(s.W)
	onStage(s, p.View())
	body := fmt.Sprintf("--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nhello there\r\n--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"cat.png\"\r\nContent-Type: image/png\r\n\r\n%s\r\n--b--\r\n", pngOf(t, 30, 20))
	p.Set("it", &view.Body{Type: "multipart/form-data; boundary=b", Bytes: []byte(body)})
	s.Settle()
	s.Settle()
	s.Has(p.View(), "title", "11 B", "photo", "cat.png", "image/png", "PNG · 30 × 20") // the first file is seen
	if p.parts.pane.name != "cat.png" {
		t.Errorf("it would be saved as %q", p.parts.pane.name)
	}
	p.parts.list.OnSelect(0)
	s.Settle()
	if !strings.Contains(eye.Line(p.parts.pane.View()), "hello there") || p.parts.pane.name != "it-part-1" {
		t.Errorf("the first part, to be saved as %q:\n%s", p.parts.pane.name, eye.Line(p.parts.pane.View()))
	}
	p.Set("next", &view.Body{Type: "text/plain", Bytes: []byte("plain")})
	s.Settle()
	s.Lacks(p.View(), "cat.png")
	if len(p.parts.parts) != 0 || len(p.parts.pane.body.Bytes) != 0 {
		t.Error("the parts before are kept")
	}
}
