package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
)

// icon is the program's picture in another size, as PNG.
func (b *builder) icon(size int) ([]byte, error) {
	f, err := os.Open(filepath.Join(b.root, "assets", "icon.png"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	whole, err := png.Decode(f)
	if err != nil {
		return nil, err
	}
	small := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(small, small.Bounds(), whole, whole.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	err = e.Encode(&out, small)
	return out.Bytes(), err
}

// ico is the picture in the sizes that Windows shows, in one file.
func (b *builder) ico() ([]byte, error) {
	sizes := []int{16, 24, 32, 48, 64, 256}
	var head, body bytes.Buffer
	put := func(v any) { binary.Write(&head, binary.LittleEndian, v) } // into memory: it cannot fail
	put([]uint16{0, 1, uint16(len(sizes))})
	for _, size := range sizes {
		picture, err := b.icon(size)
		if err != nil {
			return nil, err
		}
		put([]uint8{uint8(size), uint8(size), 0, 0}) // 256 is written as 0
		put([]uint16{1, 32})
		put([]uint32{uint32(len(picture)), uint32(6 + 16*len(sizes) + body.Len())})
		body.Write(picture)
	}
	return append(head.Bytes(), body.Bytes()...), nil
}
