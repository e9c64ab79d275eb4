package shape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"hookglass/core/jsontext"
)

// Weigh is how many values a body has: the measure by which one is fuller than another.
func Weigh(v jsontext.Value) int {
	n := 1
	for item := range v.Items() {
		n += Weigh(item)
	}
	for _, member := range v.Members() {
		n += Weigh(member)
	}
	return n
}

// Synthesise makes a body that looks like those that the shape was learned of: members come as often as they did, values are of
// the types, formats, lists and ranges that were seen. The same seed makes the same body.
func (s *Shape) Synthesise(seed uint64) ([]byte, error) {
	m := maker{rand.New(rand.NewPCG(seed, 0x5A)), &bytes.Buffer{}, time.Time{}}
	if s.Root.Last.At.IsZero() {
		m.until = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	} else {
		m.until = s.Root.Last.At.UTC()
	}
	m.value(s.Root)
	var out bytes.Buffer
	if err := json.Indent(&out, m.out.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("make a body: %w", err)
	}
	return out.Bytes(), nil
}

type maker struct {
	r     *rand.Rand
	out   *bytes.Buffer
	until time.Time
}

// kind draws a type, each as often as it came.
func (m *maker) kind(p *Place) Kind {
	n := p.Seen()
	if n == 0 {
		return Null
	}
	at := m.r.Int64N(n)
	for k := range kinds {
		if at -= p.Counts[k]; at < 0 {
			return k
		}
	}
	return Null
}

func (m *maker) value(p *Place) {
	switch m.kind(p) {
	case Null:
		m.out.WriteString("null")
	case Bool:
		m.out.WriteString(strconv.FormatBool(m.r.IntN(2) == 0))
	case Integer:
		m.out.WriteString(m.integer(p.Numbers))
	case Number:
		m.out.WriteString(m.number(p.Numbers))
	case String:
		b, _ := json.Marshal(m.text(p)) // of a string, which it always can
		m.out.Write(b)
	case Array:
		m.array(p)
	case Object:
		m.object(p)
	}
}

func (m *maker) integer(n *Numbers) string {
	if !n.Whole {
		return strconv.FormatFloat(math.Trunc(n.Min), 'f', -1, 64)
	}
	span := uint64(n.High) - uint64(n.Low)
	if span == math.MaxUint64 {
		return strconv.FormatInt(int64(m.r.Uint64()), 10)
	}
	return strconv.FormatInt(int64(uint64(n.Low)+m.r.Uint64N(span+1)), 10)
}

func (m *maker) number(n *Numbers) string {
	f := n.Min + (n.Max-n.Min)*m.r.Float64()
	if math.IsInf(n.Max-n.Min, 0) {
		f = n.Max * m.r.Float64()
	}
	if math.Abs(f) < 1e12 {
		f = math.Round(f*100) / 100
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

func (m *maker) array(p *Place) {
	n := 0
	if p.Items != nil {
		most := min(p.Largest, p.Fewest+4)
		n = p.Fewest + m.r.IntN(most-p.Fewest+1)
	}
	m.out.WriteByte('[')
	for i := range min(n, 50) {
		if i > 0 {
			m.out.WriteByte(',')
		}
		m.value(p.Items)
	}
	m.out.WriteByte(']')
}

func (m *maker) object(p *Place) {
	m.out.WriteByte('{')
	first := true
	for _, f := range p.Fields { // in the order in which they came
		name := f.Name
		if name == Any {
			name = strconv.Itoa(100000 + m.r.IntN(900000))
		} else if p.Optional(f) && m.r.Float64() >= p.Presence(f) {
			continue
		}
		if !first {
			m.out.WriteByte(',')
		}
		first = false
		b, _ := json.Marshal(name) // of a string, which it always can
		m.out.Write(b)
		m.out.WriteByte(':')
		m.value(f.Place)
	}
	m.out.WriteByte('}')
}

func (m *maker) text(p *Place) string {
	t := p.Texts
	if p.secret {
		return "example-" + m.word("xxxxxxxx")
	}
	if values := p.Values(); values != nil {
		at := m.r.Int64N(t.Count)
		for _, v := range values {
			if at -= t.Values[v]; at < 0 {
				return v
			}
		}
	}
	if t.Empty > 0 && m.r.Int64N(t.Count) < t.Empty {
		return ""
	}
	example := "text"
	if len(t.Kept) > 0 {
		example = t.Kept[m.r.IntN(len(t.Kept))].Text
	}
	switch t.Format() {
	case DateTime:
		return m.until.Add(-time.Duration(m.r.Int64N(int64(30 * 24 * time.Hour)))).Truncate(time.Second).Format(time.RFC3339)
	case Date:
		return m.until.AddDate(0, 0, -m.r.IntN(30)).Format(time.DateOnly)
	case UUID:
		return m.pattern("xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx")
	case Email:
		return m.word("aaaaaa") + "@example.com"
	case URI:
		return "https://example.com/" + m.word("aaaaaaaa")
	case IPv4:
		return fmt.Sprintf("192.0.2.%d", 1+m.r.IntN(254))
	case Digits:
		b := make([]byte, max(1, len(example)))
		for i := range b {
			b[i] = '0' + byte(m.r.IntN(10))
		}
		return string(b)
	}
	return m.like(example)
}

// like is a text of the look of another: what stands before its last underscore stays, as the kind of an id does; digits and hex
// digits behind it are drawn anew. Words stay as they are.
func (m *maker) like(s string) string {
	from := strings.LastIndexByte(s, '_') + 1
	tail := s[from:]
	digits := 0
	for i := range len(tail) {
		if isDigit(tail[i]) {
			digits++
		}
	}
	if digits == 0 || strings.IndexByte(tail, ' ') >= 0 {
		return s
	}
	b := []byte(s)
	for i := from; i < len(b); i++ {
		switch c := b[i]; {
		case isDigit(c):
			b[i] = '0' + byte(m.r.IntN(10))
		case c >= 'a' && c <= 'z' && digits*6 > len(tail) && len(tail) > 7:
			b[i] = 'a' + byte(m.r.IntN(26))
		}
	}
	return string(b)
}

// pattern puts hex digits in the place of each x.
func (m *maker) pattern(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'x' {
			return rune("0123456789abcdef"[m.r.IntN(16)])
		}
		return r
	}, s)
}

func (m *maker) word(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = 'a' + byte(m.r.IntN(26))
	}
	return string(b)
}
