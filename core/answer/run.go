package answer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// What a template may take.
const (
	longestOutput = 1 << 20
	longestRun    = 100 * time.Millisecond
	mostSteps     = 10_000  // turns of all loops
	mostEntered   = 1_000   // templates called by templates
	largestRead   = 8 << 20 // bytes of a body that is read for .json and .form
)

var (
	errTooLong = fmt.Errorf("it prints more than %d MiB", longestOutput>>20)
	errTooSlow = fmt.Errorf("it takes longer than %d ms", longestRun.Milliseconds())
	errTooMany = fmt.Errorf("its loops turn more than %d times", mostSteps)
	errTooDeep = fmt.Errorf("its templates call each other more than %d times", mostEntered)
)

// run is one request being answered. Its functions are bound to the templates, so that they are read once.
type run struct {
	in      Request
	started time.Time
	steps   int
	entered int
	told    bool // the id was asked for
	marks   bool // a mark stands for it
	chance  *rand.Rand
	data    map[string]any
	out     output
	keys    map[string]keyed
}

// keyed is a key that a template names, or why it cannot be had.
type keyed struct {
	secret core.Secret
	err    error
}

// begin gets ready for a request. What of it is costly to read is read where a template asks for it.
func (r *run) begin(in Request) {
	r.in, r.steps, r.entered, r.told, r.chance = in, 0, 0, false, nil
	if r.data == nil {
		r.data = map[string]any{}
	}
	clear(r.data)
}

// want gets the fields of the request ready that a text names, and begins to count.
func (r *run) want(names []string) error {
	for _, name := range names {
		if _, there := r.data[name]; there {
			continue
		}
		v, err := fields[name](r.in.Capture)
		if err != nil {
			return fmt.Errorf(".%s: %w", name, err)
		}
		if r.data[name] = v; name == "id" {
			if r.told, r.data[name] = true, int64(r.in.Capture.ID); r.marks {
				r.data[name] = mark
			}
		}
	}
	r.started, r.steps, r.entered = time.Now(), 0, 0
	return nil
}

// fields are what a template may ask of the request.
var fields = map[string]func(*core.Capture) (any, error){
	"json":       func(c *core.Capture) (any, error) { return readJSON(&c.Request) },
	"form":       func(c *core.Capture) (any, error) { return readForm(&c.Request) },
	"query":      func(c *core.Capture) (any, error) { return firsts(c.Request.Query()), nil },
	"header":     func(c *core.Capture) (any, error) { return header{c.Request.Header}, nil },
	"path":       func(c *core.Capture) (any, error) { return c.Request.Path(), nil },
	"method":     func(c *core.Capture) (any, error) { return c.Request.Method, nil },
	"id":         func(*core.Capture) (any, error) { return nil, nil },
	"violations": readViolations,
}

// Fields are the names of what a template may ask of the request.
func Fields() []string {
	return []string{"json", "form", "query", "header", "path", "method", "id", "violations"}
}

// header is looked into by headerOf alone.
type header struct{ fields core.Header }

// readViolations is what the body does otherwise than the source's contract says; never nil, so that it is a list in JSON, too.
func readViolations(c *core.Capture) (any, error) {
	all := []map[string]string{}
	if c.Promise != nil {
		for _, v := range c.Promise.Violations {
			all = append(all, map[string]string{"path": v.Path, "reason": v.Reason})
		}
	}
	return all, nil
}

// readJSON is the body as JSON; nil where it is none.
func readJSON(r *core.Request) (any, error) {
	if len(r.Body) > largestRead {
		return nil, fmt.Errorf("a body of more than %d MiB is not read", largestRead>>20)
	}
	d := json.NewDecoder(bytes.NewReader(r.Body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, nil
	}
	return numbers(v), nil
}

// number is one with a fraction, printed as people write it.
type number float64

func (n number) String() string {
	if a := math.Abs(float64(n)); a >= 1e21 || a < 1e-6 && a > 0 {
		return strconv.FormatFloat(float64(n), 'g', -1, 64)
	}
	return strconv.FormatFloat(float64(n), 'f', -1, 64)
}

// numbers makes whole numbers whole, so that they compare with those of a template and are printed with all their digits.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil && strings.ContainsAny(string(v), ".eE") {
			return number(f)
		}
		return string(v) // longer than any number: its digits
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for key, x := range v {
			if n := numbers(x); n != nil {
				v[key] = n
			}
		}
	}
	return v
}

// readForm is the body as fields of a form; empty where it is none.
func readForm(r *core.Request) (any, error) {
	if len(r.Body) > largestRead {
		return nil, fmt.Errorf("a body of more than %d MiB is not read", largestRead>>20)
	}
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return map[string]string{}, nil
	}
	return firsts(string(r.Body)), nil
}

// firsts are the first values by name of a query.
func firsts(query string) map[string]string {
	out := map[string]string{}
	values, _ := url.ParseQuery(query) // what can be read of it
	for name, all := range values {
		out[name] = all[0]
	}
	return out
}

// step is called in each turn of a loop.
func (r *run) step() (string, error) {
	if r.steps++; r.steps > mostSteps {
		return "", errTooMany
	}
	return "", r.late()
}

// enter is called in each template that a template calls.
func (r *run) enter() (string, error) {
	if r.entered++; r.entered > mostEntered {
		return "", errTooDeep
	}
	return "", r.late()
}

func (r *run) late() error {
	if time.Since(r.started) > longestRun {
		return errTooSlow
	}
	return nil
}
