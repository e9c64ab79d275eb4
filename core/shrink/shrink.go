// Package shrink finds the smallest body that still makes a handler fail: delta debugging over the members, items and values of
// JSON. It does no I/O; who calls it tries the bodies.
package shrink

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"

	"hookglass/core/jsontext"
)

// Most is how many bodies are tried where nobody says otherwise.
const Most = 200

// Result is what was found.
type Result struct {
	Body    []byte
	Tries   int
	Whole   bool // nothing smaller was left to try; false: the tries ran out, or an end was asked for
	Smaller bool // than what it began with
}

// Find makes a body smaller as long as fails says that it still fails. The same body is tried once. It ends after most tries, or
// when fails says stop.
func Find(body []byte, most int, fails func(body []byte) (failed, stop bool)) Result {
	v, err := jsontext.Reader{Depth: 512}.Read(string(body))
	if err != nil {
		return Result{Body: body, Whole: true}
	}
	f := &finder{root: treeOf(v), most: most, fails: fails, known: map[string]bool{}}
	was := f.root.text()
	f.known[was] = true
	for {
		before := f.root.text()
		f.thin()
		f.simplify()
		if f.over || f.root.text() == before {
			break
		}
	}
	out := f.root.text()
	r := Result{Body: []byte(out), Tries: f.tries, Whole: !f.over, Smaller: out != was}
	if !r.Smaller {
		r.Body = body
	}
	return r
}

// node is a value that can lose parts.
type node struct {
	kind  jsontext.Kind
	lit   string // of what is neither object nor list
	names []string
	kids  []*node
	gone  bool
}

func treeOf(v jsontext.Value) *node {
	n := &node{kind: v.Kind()}
	switch n.kind {
	case jsontext.Object:
		for name, m := range v.Members() {
			n.names = append(n.names, name.Source())
			n.kids = append(n.kids, treeOf(m))
		}
	case jsontext.Array:
		for item := range v.Items() {
			n.kids = append(n.kids, treeOf(item))
		}
	default:
		n.lit = v.Source()
	}
	return n
}

func (n *node) text() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	ends := "[]"
	switch n.kind {
	case jsontext.Object:
		ends = "{}"
	case jsontext.Array:
	default:
		b.WriteString(n.lit)
		return
	}
	b.WriteByte(ends[0])
	first := true
	for i, k := range n.kids {
		if k.gone {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		if n.kind == jsontext.Object {
			b.WriteString(n.names[i])
			b.WriteByte(':')
		}
		k.write(b)
	}
	b.WriteByte(ends[1])
}

// level are the values at a depth that are still there.
func (n *node) level(depth int) (all []*node) {
	for _, k := range n.kids {
		if k.gone {
			continue
		}
		if depth == 0 {
			all = append(all, k)
		} else {
			all = append(all, k.level(depth-1)...)
		}
	}
	return all
}

type finder struct {
	root  *node
	most  int
	tries int
	over  bool
	fails func([]byte) (failed, stop bool)
	known map[string]bool // bodies that were tried, and whether they failed
}

// still tries the body as it is now.
func (f *finder) still() bool {
	text := f.root.text()
	if failed, known := f.known[text]; known {
		return failed
	}
	if f.over || f.tries >= f.most {
		f.over = true
		return false
	}
	f.tries++
	failed, stop := f.fails([]byte(text))
	f.over = f.over || stop
	f.known[text] = failed
	return failed
}

// thin takes away what the failure does not need, from the outermost members to the innermost: a large part that goes early saves
// all tries of what is in it.
func (f *finder) thin() {
	for depth := 0; !f.over; depth++ {
		all := f.root.level(depth)
		if len(all) == 0 {
			return
		}
		f.ddmin(all)
	}
}

// ddmin is the minimising delta debugging of Zeller and Hildebrandt: it takes away ever smaller parts of a list.
func (f *finder) ddmin(all []*node) {
	if f.without(all) {
		return
	}
	parts := 2
	for len(all) > 1 && !f.over {
		size := (len(all) + parts - 1) / parts
		reduced := false
		for from := 0; from < len(all); from += size {
			part := all[from:min(from+size, len(all))]
			if f.without(part) {
				rest := append(append([]*node{}, all[:from]...), all[from+len(part):]...)
				all, parts, reduced = rest, max(parts-1, 2), true
				break
			}
		}
		if reduced {
			continue
		}
		if size == 1 {
			return
		}
		parts = min(2*parts, len(all))
	}
}

// without takes nodes away where it still fails then.
func (f *finder) without(part []*node) bool {
	if len(part) == 0 {
		return false
	}
	for _, n := range part {
		n.gone = true
	}
	if f.still() {
		return true
	}
	for _, n := range part {
		n.gone = false
	}
	return false
}

// simplify makes the values that are left plain: a short text, a small number, false. A type is never changed: that would be
// another mistake.
func (f *finder) simplify() {
	var leaves []*node
	f.root.each(func(n *node) {
		if len(n.kids) == 0 && n.lit != plainest(n.kind) {
			leaves = append(leaves, n)
		}
	})
	if len(leaves) > 1 { // most do not matter: all at once, then halves
		f.plain(leaves)
	}
	for _, n := range leaves {
		if f.over {
			return
		}
		if was := n.lit; was != plainest(n.kind) && !f.set(n, plainest(n.kind)) {
			switch n.kind {
			case jsontext.String:
				f.shorten(n)
			case jsontext.Number:
				f.smaller(n)
			}
		}
	}
}

func (n *node) each(do func(*node)) {
	do(n)
	for _, k := range n.kids {
		if !k.gone {
			k.each(do)
		}
	}
}

func plainest(k jsontext.Kind) string {
	switch k {
	case jsontext.String:
		return `""`
	case jsontext.Number:
		return "0"
	case jsontext.Bool:
		return "false"
	case jsontext.Null:
		return "null"
	}
	return ""
}

// plain makes as many values plain at once as it can.
func (f *finder) plain(leaves []*node) {
	if f.over || len(leaves) == 0 {
		return
	}
	was := make([]string, len(leaves))
	for i, n := range leaves {
		was[i], n.lit = n.lit, plainest(n.kind)
	}
	if f.still() {
		return
	}
	for i, n := range leaves {
		n.lit = was[i]
	}
	if half := len(leaves) / 2; half > 0 {
		f.plain(leaves[:half])
		f.plain(leaves[half:])
	}
}

// set gives a value another text where it still fails then.
func (f *finder) set(n *node, lit string) bool {
	was := n.lit
	if n.lit = lit; f.still() {
		return true
	}
	n.lit = was
	return false
}

// shorten takes characters away, by ever smaller parts.
func (f *finder) shorten(n *node) {
	text := []rune(textOf(n.lit))
	for size := len(text) / 2; size > 0 && !f.over; {
		shorter := false
		for from := 0; from+size <= len(text); {
			rest := append(append([]rune{}, text[:from]...), text[from+size:]...)
			if f.set(n, quote(string(rest))) {
				text, shorter = rest, true
				continue
			}
			from += size
		}
		if size = min(size, len(text)); !shorter || size > len(text)/2 {
			size /= 2
		}
	}
}

func textOf(lit string) string {
	var s string
	if json.Unmarshal([]byte(lit), &s) != nil {
		return ""
	}
	return s
}

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// smaller looks for the number next to 0 that still fails, as if all beyond it did too.
func (f *finder) smaller(n *node) {
	value, ok := new(big.Int).SetString(n.lit, 10)
	if !ok {
		if whole, _, found := strings.Cut(n.lit, "."); found && !strings.ContainsAny(n.lit, "eE") {
			f.set(n, whole)
		}
		return
	}
	sign := value.Sign()
	low, high := big.NewInt(0), new(big.Int).Abs(value) // low does not fail, high does
	for !f.over {
		middle := new(big.Int).Add(low, high)
		if middle.Rsh(middle, 1); middle.Cmp(low) == 0 {
			return
		}
		signed := new(big.Int).Set(middle)
		if sign < 0 {
			signed.Neg(signed)
		}
		if f.set(n, signed.String()) {
			high = middle
		} else {
			low = middle
		}
	}
}
