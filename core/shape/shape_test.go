package shape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/jsontext"
	"hookglass/core/shape"
)

func mark(id int) shape.Mark {
	return shape.Mark{ID: core.CaptureID(id), At: time.Unix(int64(id), 0)}
}

func read(t testing.TB, body string) jsontext.Value {
	t.Helper()
	v, ok := shape.Parse([]byte(body), true)
	if !ok {
		t.Fatalf("no JSON: %s", body)
	}
	return v
}

func learn(t testing.TB, from int, bodies ...string) *shape.Shape {
	t.Helper()
	s := shape.New()
	l := shape.NewLearner(s)
	for i, b := range bodies {
		l.Learn(read(t, b), mark(from+i))
	}
	return s
}

// canon is a shape as a text that does not depend on the order in which members were met.
func canon(t testing.TB, s *shape.Shape) string {
	t.Helper()
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	sorted, _ := json.Marshal(sortFields(v))
	return string(sorted)
}

func sortFields(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	delete(m, "w") // what was told of goes by the order in which bodies came
	for k, c := range m {
		m[k] = sortFields(c)
	}
	if names, ok := m["m"].([]any); ok {
		byName := map[string]any{}
		for i, n := range names {
			byName[n.(string)] = sortFields(m["o"].([]any)[i])
		}
		delete(m, "m")
		m["o"] = byName
	}
	return m
}

// structure is canon without what is counted.
func structure(t testing.TB, s *shape.Shape) string {
	t.Helper()
	var b strings.Builder
	var walk func(path string, p *shape.Place)
	walk = func(path string, p *shape.Place) {
		fmt.Fprintf(&b, "%s %v %d-%d %v %v", path, p.Kinds(), p.Fewest, p.Largest, p.First.ID, p.Last.ID)
		if t := p.Texts; t != nil {
			values := []string{}
			for v := range t.Values {
				values = append(values, v)
			}
			slices.Sort(values)
			fmt.Fprintf(&b, " %s %v %q %v", t.Format(), t.Many, values, t.Kept)
		}
		if p.Numbers != nil {
			fmt.Fprintf(&b, " %+v", *p.Numbers)
		}
		b.WriteByte('\n')
		for _, f := range p.Sorted() {
			fmt.Fprintf(&b, "optional %v ", p.Optional(f))
			walk(path+"/"+f.Name, f.Place)
		}
		if p.Items != nil {
			walk(path+"/[]", p.Items)
		}
	}
	walk("", s.Root)
	return b.String()
}

// randomBody draws JSON that has everything in it, names that are data and names that are repeated among it.
func randomBody(r *rand.Rand, depth int) string {
	b, _ := json.Marshal(randomValue(r, depth))
	return string(b)
}

var names = []string{"id", "type", "data", "items", "a b", "über", "class", "ID", "_", "token", "created", "42", "7f3a9c2e-1b2d-4c3e-8f4a-0123456789ab", "x-y", "", "日本"}

func randomValue(r *rand.Rand, depth int) any {
	n := 12
	if depth <= 0 {
		n = 10
	}
	switch r.IntN(n) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return r.IntN(1000) - 500
	case 3:
		return float64(r.IntN(10000)) / 16
	case 4:
		return json.Number([]string{"9223372036854775808", "-1e400", "1e3", "0.1", "-0", "12345678901234567890123"}[r.IntN(6)])
	case 5:
		return []string{"open", "closed", "", "pending"}[r.IntN(4)]
	case 6:
		return time.Unix(r.Int64N(2_000_000_000), 0).UTC().Format(time.RFC3339)
	case 7:
		return []string{"https://example.com/a?b=c", "a@example.com", "10.0.0.1", "12345", "2026-11-27", "7f3a9c2e-1b2d-4c3e-8f4a-0123456789ab"}[r.IntN(6)]
	case 8:
		return strings.Repeat("x", r.IntN(200))
	case 9:
		return fmt.Sprintf("sk_live_%d", r.Int64())
	case 10:
		list := []any{}
		for range r.IntN(4) {
			list = append(list, randomValue(r, depth-1))
		}
		return list
	}
	object := map[string]any{}
	for range r.IntN(7) {
		object[names[r.IntN(len(names))]] = randomValue(r, depth-1)
	}
	return object
}

func randomBodies(r *rand.Rand, n int) (all []string) {
	for range n {
		all = append(all, randomBody(r, 4))
	}
	return all
}

// TestMergeIsOfNoOrder: any grouping and order of the same bodies gives the same shape.
func TestMergeIsOfNoOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		bodies := randomBodies(r, 3+r.IntN(30))
		whole := canon(t, learn(t, 1, bodies...))
		a, b := r.IntN(len(bodies)+1), r.IntN(len(bodies)+1)
		a, b = min(a, b), max(a, b)
		part := func(from, to int) *shape.Shape { return learn(t, 1+from, bodies[from:to]...) }
		x, y, z := part(0, a), part(a, b), part(b, len(bodies))
		left := x.Clone()
		left.Merge(y)
		left.Merge(z)
		right := y.Clone()
		right.Merge(z)
		xr := x.Clone()
		xr.Merge(right)
		back := z.Clone()
		back.Merge(y)
		back.Merge(x)
		for name, s := range map[string]*shape.Shape{"(xy)z": left, "x(yz)": xr, "zyx": back} {
			if got := canon(t, s); got != whole {
				t.Fatalf("round %d: %s is not the shape of all:\n%s\n%s", round, name, got, whole)
			}
		}
	}
}

// TestMergeWithItself: counts add, and nothing else changes.
func TestMergeWithItself(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		s := learn(t, 1, randomBodies(r, 1+r.IntN(20))...)
		twice := s.Clone()
		twice.Merge(s)
		if a, b := structure(t, s), structure(t, twice); a != b {
			t.Fatalf("merged with itself:\n%s\n%s", a, b)
		}
		if twice.Count != 2*s.Count {
			t.Fatalf("%d bodies, twice %d", s.Count, twice.Count)
		}
	}
}

// TestMergeOverTheBound: what is given up is the same in any order, and what stays is whole.
func TestMergeOverTheBound(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	letters := func() string {
		b := make([]byte, 3)
		for i := range b {
			b[i] = byte('g' + r.IntN(20))
		}
		return string(b)
	}
	var bodies []string
	for range 400 {
		object := map[string]any{"always": true}
		for range 20 {
			object[letters()] = map[string]any{letters(): 1, letters(): []any{map[string]any{letters(): "x"}}}
		}
		b, _ := json.Marshal(object)
		bodies = append(bodies, string(b))
	}
	whole := learn(t, 1, bodies...)
	want := canon(t, whole)
	if !whole.Cut() {
		t.Fatal("nothing was given up: the test has too few names")
	}
	parts := []*shape.Shape{learn(t, 1, bodies[:90]...), learn(t, 91, bodies[90:230]...), learn(t, 231, bodies[230:]...)}
	for _, order := range [][3]int{{0, 1, 2}, {2, 0, 1}, {1, 2, 0}} {
		s := shape.New()
		for _, i := range order {
			s.Merge(parts[i])
		}
		if got := canon(t, s); got != want {
			i := 0
			for i < len(got) && got[i] == want[i] {
				i++
			}
			t.Errorf("in the order %v it is another shape: %.200s, want %.200s", order, got[max(0, i-50):], want[max(0, i-50):])
		}
	}
	for _, f := range whole.Root.Fields {
		if f.Name == "always" && f.Seen() != 400 {
			t.Errorf("always was seen %d times", f.Seen())
		}
	}
}

func TestCodec(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 100 {
		s := learn(t, 1, randomBodies(r, 1+r.IntN(20))...)
		b, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := shape.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if canon(t, back) != canon(t, s) {
			t.Fatalf("it came back otherwise: %s", b)
		}
	}
}

// TestNoSecretIsKept: neither what has the name of a credential nor what looks like one.
func TestNoSecretIsKept(t *testing.T) {
	s := learn(t, 1, `{"api_key":"hunter2hunter2","note":"sk_live_abcdefghijkl","nested":{"password":["pw-one","pw-two"]},"who":"Jane"}`)
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2", "sk_live", "pw-one", "pw-two"} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("%s is kept: %s", secret, b)
		}
	}
	if !bytes.Contains(b, []byte("Jane")) {
		t.Errorf("nothing is kept at all: %s", b)
	}
}

func TestRepeatedNameCountsOnce(t *testing.T) {
	s := learn(t, 1, `{"a":"x","a":1}`, `{"a":2}`)
	f := s.Root.Fields[0]
	if f.Seen() != 2 || f.Has(shape.String) || s.Root.Optional(f) {
		t.Errorf("seen %d, kinds %v", f.Seen(), f.Kinds())
	}
}

func FuzzLearn(f *testing.F) {
	f.Add(`{"a":[1,2.5,{"b":null}]}`, `{"a":"x","a":{}}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		s := shape.New()
		for i, body := range []string{a, b, a} {
			if v, ok := shape.Parse([]byte(body), true); ok {
				s.Learn(v, mark(i+1))
			}
		}
		doc, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := shape.Decode(doc)
		if err != nil {
			t.Fatal(err)
		}
		if canon(t, back) != canon(t, s) {
			t.Fatalf("it came back otherwise: %s", doc)
		}
	})
}
