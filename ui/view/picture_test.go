package view_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"hookglass/ui/view"
)

func drawn(w, h int) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.Black})
	img.SetColorIndex(w/2, h/2, 1)
	return img
}

// bomb is a PNG that promises many pixels in few bytes.
func bomb(w, h uint32) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	head := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	head = append(head, 8, 2, 0, 0, 0)
	out = binary.BigEndian.AppendUint32(out, uint32(len(head)-4))
	out = append(out, head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func TestPicturesAreReadWithinBounds(t *testing.T) {
	var p, j, g, large bytes.Buffer
	if err := png.Encode(&p, drawn(20, 10)); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, drawn(20, 10), nil); err != nil {
		t.Fatal(err)
	}
	if err := gif.EncodeAll(&g, &gif.GIF{Image: []*image.Paletted{drawn(20, 10), drawn(20, 10)}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&large, drawn(4000, 100)); err != nil {
		t.Fatal(err)
	}
	webp := []byte("RIFF\x22\x00\x00\x00WEBPVP8L\x15\x00\x00\x00\x2f\x00\x00\x00\x00\x07\x10\xfd\x8f\xfe\x07\x22\xa2\xff\x01\x00\x00\x00") // one pixel
	for name, c := range map[string]struct {
		data   []byte
		format string
		w, h   int
		shown  int // its width, where that is another
	}{"png": {p.Bytes(), "png", 20, 10, 0}, "jpeg": {j.Bytes(), "jpeg", 20, 10, 0}, "gif": {g.Bytes(), "gif", 20, 10, 0}, "large": {large.Bytes(), "png", 4000, 100, 1600}, "webp": {webp, "webp", 1, 1, 0}} {
		got, err := view.ReadPicture(c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.shown == 0 {
			c.shown = c.w
		}
		if got.Format != c.format || got.Width != c.w || got.Height != c.h || got.Image.Bounds().Dx() != c.shown {
			t.Errorf("%s: %s %d × %d, shown %v", name, got.Format, got.Width, got.Height, got.Image.Bounds())
		}
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"a bomb":      {bomb(60000, 60000), "60,000 × 60,000 pixels"},
		"a line":      {bomb(1<<30, 1), "pixels"},
		"cut":         {p.Bytes()[:p.Len()-20], "damaged"},
		"text":        {[]byte("hello"), "no picture"},
		"too long":    {append(p.Bytes()[:p.Len():p.Len()], make([]byte, 17<<20)...), "over 16"},
		"no pictures": {nil, "no picture"},
	} {
		if got, err := view.ReadPicture(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for _, c := range []struct {
		body view.Body
		want bool
	}{{view.Body{Type: "image/webp", Bytes: []byte("x")}, true}, {view.Body{Type: "application/octet-stream", Bytes: p.Bytes()}, true}, {view.Body{Bytes: []byte(`{"a":1}`)}, false}, {view.Body{Type: "image/svg+xml", Bytes: []byte("<svg/>")}, false}} {
		if got := view.IsPicture(&c.body); got != c.want {
			t.Errorf("%s %.10q: %v", c.body.Type, c.body.Bytes, got)
		}
	}
}

func TestAFileIsCalledWithoutHarm(t *testing.T) {
	for name, want := range map[string]string{
		"cat.png": "cat.png", "../../etc/passwd": "passwd", `C:\Users\x\evil.exe`: "evil.exe", ".bashrc": "bashrc", "..": "part", "": "part", "a\x00b\nc.txt": "a␀b␊c.txt",
		"nul.txt": "part", "COM1": "part", "grüße 日本.txt": "grüße 日本.txt", `a<b>:"|?*.txt`: "a_b______.txt", "dir/": "part", "  x. ": "x",
	} {
		if got := view.FileName(name, "part"); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
	if got := view.FileName(strings.Repeat("ä", 500)+".png", "part"); len(got) > 110 {
		t.Errorf("a name of %d bytes", len(got))
	}
	if got := view.FileName("a\u202egnp.exe", "part"); strings.ContainsRune(got, '\u202e') {
		t.Errorf("%q turns what is read around", got)
	}
}
