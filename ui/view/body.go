package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"sort"
	"strings"
)

// Body is a body with what the message says of it.
type Body struct {
	Type     string // Content-Type as sent
	Encoding string // Content-Encoding as sent
	Bytes    []byte // as they came

	plain   []byte // decoded
	problem error  // of decoding
	decoded bool
}

// Decoded is the body with its Content-Encoding undone, or as far as that went. The second value says what stood in
// the way, nil for nothing.
func (b *Body) Decoded() ([]byte, error) {
	if !b.decoded {
		b.plain, b.problem = Decode(b.Encoding, b.Bytes)
		if b.problem != nil && len(b.plain) == 0 {
			b.plain = b.Bytes
		}
		b.decoded = true
	}
	return b.plain, b.problem
}

// Media is the media type without its parameters, in lower case: what the message says, else what the bytes look like.
func (b *Body) Media() string {
	if m, _, err := mime.ParseMediaType(b.Type); err == nil {
		return m
	}
	if m, _, _ := strings.Cut(b.Type, ";"); strings.Contains(m, "/") {
		return strings.ToLower(strings.TrimSpace(m))
	}
	plain, _ := b.Decoded()
	m, _, _ := strings.Cut(http.DetectContentType(plain), ";")
	return m
}

// Renderer is one way of showing a body.
type Renderer interface {
	Name() string
	// Score says how well it fits: 0 not at all, 1 as the message says, more is better.
	Score(b *Body) float64
	// Render makes the rows. It may take a while for a large body.
	Render(b *Body) (Rows, error)
}

// Renderers are all ways of showing a body as text.
func Renderers() []Renderer {
	return []Renderer{jsonRenderer{}, linesRenderer{}, markupRenderer{"XML", "xml"}, markupRenderer{"HTML", "html"}, formRenderer{}, partsRenderer{}, textRenderer{"YAML", "yaml"}, rawRenderer{}, hexRenderer{}}
}

// Fitting returns the renderers that fit a body, best first. Raw and Hex always fit.
func Fitting(b *Body) []Renderer {
	var rs []Renderer
	for _, r := range Renderers() {
		if r.Score(b) > 0 {
			rs = append(rs, r)
		}
	}
	sort.SliceStable(rs, func(i, j int) bool { return rs[i].Score(b) > rs[j].Score(b) })
	return rs
}

type jsonRenderer struct{}

// mostIndented bounds what is written anew to be read more easily.
const mostIndented = 16 << 20

func (jsonRenderer) Name() string { return "JSON" }

func (jsonRenderer) Score(b *Body) float64 {
	m := b.Media()
	if m == "application/json" || strings.HasSuffix(m, "+json") {
		return 1
	}
	if plain, _ := b.Decoded(); looksLikeJSON(plain) {
		return 0.6
	}
	return 0
}

// looksLikeJSON reads no more than the first value's brackets, and the whole only of a small body.
func looksLikeJSON(b []byte) bool {
	t := bytes.TrimSpace(trimBOM(b))
	if len(t) < 2 || t[0] != '{' && t[0] != '[' {
		return false
	}
	if last := t[len(t)-1]; last != '}' && last != ']' {
		return false
	}
	return len(t) > 1<<20 || json.Valid(t)
}

func (jsonRenderer) Render(b *Body) (Rows, error) {
	plain, err := b.Decoded()
	if len(plain) > mostIndented {
		return NewText(plain, "json"), fmt.Errorf("JSON over %s is shown as it came, without indents", Size(mostIndented))
	}
	pretty, bad := PrettyJSON(plain)
	if bad != nil {
		return NewText(plain, "json"), fmt.Errorf("this is not valid JSON, so it is shown as it came: %w", bad)
	}
	return NewText(pretty, "json"), err
}

// linesRenderer shows JSON values that stand one below the other.
type linesRenderer struct{}

func (linesRenderer) Name() string { return "JSON lines" }

func (linesRenderer) Score(b *Body) float64 {
	switch b.Media() {
	case "application/x-ndjson", "application/jsonl", "application/json-seq", "application/jsonlines":
		return 1
	}
	return 0
}

func (linesRenderer) Render(b *Body) (Rows, error) {
	plain, err := b.Decoded()
	return NewText(plain, "json"), err
}

type markupRenderer struct{ name, syntax string }

func (r markupRenderer) Name() string { return r.name }

func (r markupRenderer) Score(b *Body) float64 {
	m := b.Media()
	if m == "text/"+r.syntax || m == "application/"+r.syntax || r.syntax == "xml" && strings.HasSuffix(m, "+xml") {
		return 1
	}
	return 0
}

func (r markupRenderer) Render(b *Body) (Rows, error) {
	plain, err := b.Decoded()
	if r.syntax == "xml" {
		if pretty, bad := PrettyXML(plain); bad == nil {
			plain = pretty
		} else if err == nil {
			err = fmt.Errorf("shown as it came: %w", bad)
		}
	}
	return Highlight(plain, r.syntax), err
}

type formRenderer struct{}

func (formRenderer) Name() string { return "Form" }

func (formRenderer) Score(b *Body) float64 {
	if b.Media() == "application/x-www-form-urlencoded" {
		return 1
	}
	return 0
}

func (formRenderer) Render(b *Body) (Rows, error) {
	plain, err := b.Decoded()
	return formText(Pairs(string(plain))), err
}

type partsRenderer struct{}

func (partsRenderer) Name() string { return "Parts" }

func (partsRenderer) Score(b *Body) float64 {
	if strings.HasPrefix(b.Media(), "multipart/") {
		return 1
	}
	return 0
}

// PartsShownBy are the parts that a way of showing a body is of; nil where it is of something else.
func PartsShownBy(r Renderer, b *Body) []Part {
	if _, ok := r.(partsRenderer); !ok {
		return nil
	}
	plain, _ := b.Decoded()
	parts, _ := Parts(b.Type, plain) // what is wrong with it, the rows say
	return parts
}

func (partsRenderer) Render(b *Body) (Rows, error) {
	plain, _ := b.Decoded()
	parts, err := Parts(b.Type, plain)
	if len(parts) == 0 && err != nil {
		return NewText(plain, ""), err
	}
	return partsText(parts), err
}

// textRenderer is for a syntax that needs no indenting.
type textRenderer struct{ name, syntax string }

func (r textRenderer) Name() string { return r.name }

func (r textRenderer) Score(b *Body) float64 {
	switch b.Media() {
	case "application/" + r.syntax, "application/x-" + r.syntax, "text/" + r.syntax, "text/x-" + r.syntax:
		return 1
	}
	return 0
}

func (r textRenderer) Render(b *Body) (Rows, error) {
	plain, err := b.Decoded()
	return Highlight(plain, r.syntax), err
}

// rawRenderer shows the text as it came, after the Content-Encoding.
type rawRenderer struct{}

func (rawRenderer) Name() string { return "Raw" }

func (rawRenderer) Score(b *Body) float64 {
	plain, _ := b.Decoded()
	if IsText(plain[:min(len(plain), 4096)]) {
		return 0.4
	}
	return 0.1
}

func (rawRenderer) Render(b *Body) (Rows, error) {
	plain, err := b.Decoded()
	return NewText(plain, ""), err
}

// hexRenderer shows the bytes that came, before any decoding.
type hexRenderer struct{}

func (hexRenderer) Name() string                 { return "Hex" }
func (hexRenderer) Score(*Body) float64          { return 0.2 }
func (hexRenderer) Render(b *Body) (Rows, error) { return NewHex(b.Bytes), nil }
