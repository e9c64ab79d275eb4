package shape

import (
	"encoding/json"
	"fmt"
	"time"

	"hookglass/core"
)

// version of what is kept. A shape of another one is learned anew.
const version = 1

type shapeDoc struct {
	Version int       `json:"v"`
	Count   int64     `json:"n"`
	Beyond  uint64    `json:"b,omitempty"`
	Root    *placeDoc `json:"r"`
}

type placeDoc struct {
	Counts  [kinds]int64 `json:"k"`
	First   [2]int64     `json:"f"`
	Last    [2]int64     `json:"l"`
	Texts   *textsDoc    `json:"t,omitempty"`
	Numbers *numbersDoc  `json:"d,omitempty"`
	Items   *placeDoc    `json:"i,omitempty"`
	Lengths *[2]int      `json:"a,omitempty"`
	Names   []string     `json:"m,omitempty"`
	Fields  []*placeDoc  `json:"o,omitempty"`
	Others  int64        `json:"x,omitempty"`
	Named   int          `json:"w,omitempty"` // bits, and the values above them
}

type textsDoc struct {
	Count   int64            `json:"n"`
	Empty   int64            `json:"e,omitempty"`
	Formats [formats]int64   `json:"f"`
	Values  map[string]int64 `json:"v,omitempty"`
	Many    bool             `json:"m,omitempty"`
	Kept    []string         `json:"k,omitempty"`
}

type numbersDoc struct {
	Min   float64 `json:"a"`
	Max   float64 `json:"b"`
	Whole bool    `json:"w,omitempty"`
	Low   int64   `json:"l,omitempty"`
	High  int64   `json:"h,omitempty"`
	Big   bool    `json:"g,omitempty"`
	Huge  bool    `json:"u,omitempty"`
}

// Encode is the shape as it is kept.
func (s *Shape) Encode() ([]byte, error) {
	s.prune()
	return json.Marshal(shapeDoc{version, s.Count, s.beyond, docOf(s.Root)})
}

// Decode reads what Encode wrote.
func Decode(b []byte) (*Shape, error) {
	var d shapeDoc
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("read shape: %w", err)
	}
	if d.Version != version || d.Root == nil || d.Count < 0 {
		return nil, fmt.Errorf("read shape: version %d is not known", d.Version)
	}
	s := New()
	s.Count, s.beyond = d.Count, d.Beyond
	if err := d.Root.into(s.Root); err != nil {
		return nil, err
	}
	s.places = s.Root.count()
	return s, nil
}

func docOf(p *Place) *placeDoc {
	d := &placeDoc{Counts: p.Counts, First: p.First.doc(), Last: p.Last.doc(), Others: p.Others, Named: p.named.bits()}
	if t := p.Texts; t != nil {
		d.Texts = &textsDoc{Count: t.Count, Empty: t.Empty, Formats: t.Formats, Values: t.Values, Many: t.Many}
		for _, e := range t.Kept {
			d.Texts.Kept = append(d.Texts.Kept, e.Text)
		}
	}
	if n := p.Numbers; n != nil {
		d.Numbers = &numbersDoc{n.Min, n.Max, n.Whole, n.Low, n.High, n.Big, n.Huge}
	}
	if p.Items != nil {
		d.Items = docOf(p.Items)
	}
	if p.Counts[Array] > 0 {
		d.Lengths = &[2]int{p.Fewest, p.Largest}
	}
	for _, f := range p.Fields {
		d.Names = append(d.Names, f.Name)
		d.Fields = append(d.Fields, docOf(f.Place))
	}
	return d
}

func (d *placeDoc) into(p *Place) error {
	if len(d.Names) != len(d.Fields) || p.deep > mostDeep {
		return fmt.Errorf("read shape: it is damaged")
	}
	p.Counts, p.First, p.Last, p.Others, p.named = d.Counts, markOf(d.First), markOf(d.Last), d.Others, namedOf(d.Named)
	if t := d.Texts; t != nil {
		p.Texts = &Texts{Count: t.Count, Empty: t.Empty, Formats: t.Formats, Values: t.Values, Many: t.Many}
		for _, text := range t.Kept {
			p.Texts.put(Example{mix(0, text), text})
		}
	}
	if n := d.Numbers; n != nil {
		p.Numbers = &Numbers{n.Min, n.Max, n.Whole, n.Low, n.High, n.Big, n.Huge}
	}
	if d.Lengths != nil {
		p.Fewest, p.Largest = d.Lengths[0], d.Lengths[1]
	}
	if d.Items != nil {
		p.Items = p.below("", true)
		if err := d.Items.into(p.Items); err != nil {
			return err
		}
	}
	for i, name := range d.Names {
		if _, twice := p.find(name); twice || d.Fields[i] == nil {
			return fmt.Errorf("read shape: it is damaged")
		}
		c := p.below(name, false)
		p.add(name, c)
		if err := d.Fields[i].into(c); err != nil {
			return err
		}
	}
	return nil
}

func (m Mark) doc() [2]int64 {
	if m.ID == 0 && m.At.IsZero() {
		return [2]int64{}
	}
	return [2]int64{int64(m.ID), m.At.UnixNano()}
}

func markOf(d [2]int64) Mark {
	if d == [2]int64{} {
		return Mark{}
	}
	return Mark{core.CaptureID(d[0]), time.Unix(0, d[1])}
}

func (n named) bits() int {
	b := n.values << 4
	for i, on := range []bool{n.path, n.missing, n.kind, n.format} {
		if on {
			b |= 1 << i
		}
	}
	return b
}

func namedOf(b int) named {
	return named{path: b&1 > 0, missing: b&2 > 0, kind: b&4 > 0, format: b&8 > 0, values: max(0, b>>4)}
}
