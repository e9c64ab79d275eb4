package answer

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// Functions are what a template may call beside what text/template itself has, each with what it gives.
func Functions() [][2]string {
	return [][2]string{{"now", "the time, as 2026-11-27T10:00:00Z"}, {"unix", "the time in seconds since 1970"}, {"uuid", "a UUID, drawn from the seed"},
		{"random N M", "a whole number from N to M, drawn from the seed"}, {"toJSON V", "a value as JSON"}, {"base64 TEXT", "in base64"},
		{`hmac "sha256" "secret" TEXT`, `in hex, with a secret of the source, or one named "env:NAME" or "keyring:NAME"`}}
}

// functions are bound to a run. text/template's own that make texts are bounded here: a text could double at each turn of a loop.
func (r *run) functions() template.FuncMap {
	return template.FuncMap{
		"now":    func() string { return r.in.Now.UTC().Format(time.RFC3339) },
		"unix":   func() int64 { return r.in.Now.Unix() },
		"uuid":   r.uuid,
		"random": r.random,
		"toJSON": toJSON,
		"base64": func(v any) (string, error) { return within(base64.StdEncoding.EncodeToString([]byte(textOf(v)))) },
		"hmac":   r.hmac,

		"headerOf": func(of any, name string) (string, error) {
			if h, ok := of.(header); ok {
				return h.fields.Get(name), nil
			}
			return "", errors.New(`.header is of the request; within range or with it is $.header "Name"`)
		},
		"step":  r.step,
		"enter": r.enter,

		"print":    func(all ...any) (string, error) { return sized(fmt.Sprint, all) },
		"println":  func(all ...any) (string, error) { return sized(fmt.Sprintln, all) },
		"html":     func(all ...any) (string, error) { return sized(template.HTMLEscaper, all) },
		"js":       func(all ...any) (string, error) { return sized(template.JSEscaper, all) },
		"urlquery": func(all ...any) (string, error) { return sized(template.URLQueryEscaper, all) },
		"printf":   printf,
	}
}

// dice are what uuid and random draw from: the same seed gives the same.
func (r *run) dice() *rand.Rand {
	if r.chance == nil {
		r.chance = rand.New(rand.NewPCG(r.in.Seed, 0))
	}
	return r.chance
}

func (r *run) uuid() string {
	d := r.dice()
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(d.UintN(256))
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (r *run) random(from, to any) (int64, error) {
	low, err := whole(from)
	high, err2 := whole(to)
	if err = errors.Join(err, err2); err != nil {
		return 0, err
	}
	span := high - low
	if span < 0 { // also where the two are too far apart
		return 0, fmt.Errorf("from %d to %d there is nothing; want the lower first", low, high)
	}
	return low + int64(r.dice().Uint64N(uint64(span)+1)), nil
}

func whole(v any) (int64, error) {
	x := reflect.ValueOf(v)
	switch {
	case x.IsValid() && x.CanInt():
		return x.Int(), nil
	case x.IsValid() && x.CanFloat():
		return int64(x.Float()), nil
	}
	n, err := strconv.ParseInt(textOf(v), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%.40q is no whole number", textOf(v))
	}
	return n, nil
}

var hashes = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}

func (r *run) hmac(algorithm, key string, text any) (string, error) {
	of := hashes[strings.ToLower(algorithm)]
	if of == nil {
		return "", fmt.Errorf("%.40q is no hash; want sha1, sha256, sha384 or sha512", algorithm)
	}
	k, named := r.keys[key]
	switch {
	case !named:
		return "", errors.New("the key of hmac has to stand in the template")
	case k.err != nil:
		return "", k.err
	case k.secret.Empty():
		return "", fmt.Errorf("the secret %s is not set", key)
	}
	m := hmac.New(of, k.secret.Reveal())
	m.Write([]byte(textOf(text)))
	return hex.EncodeToString(m.Sum(nil)), nil
}

func toJSON(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return within(strings.TrimSuffix(b.String(), "\n"))
}

// textOf is a value as a template prints it.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(v)
}

func within(s string) (string, error) {
	if len(s) > longestOutput {
		return "", errTooLong
	}
	return s, nil
}

// sized makes a text of values that are not too large to begin with.
func sized(make func(...any) string, all []any) (string, error) {
	if weight(all, longestOutput) > longestOutput {
		return "", errTooLong
	}
	return within(make(all...))
}

// weight is about how many bytes values take, counted until it is more than most.
func weight(v any, most int) int {
	n := 0
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		for _, x := range v {
			if n += 2 + weight(x, most-n); n > most {
				break
			}
		}
		return n
	case map[string]any:
		for key, x := range v {
			if n += 2 + len(key) + weight(x, most-n); n > most {
				break
			}
		}
		return n
	case map[string]string:
		for key, x := range v {
			n += 2 + len(key) + len(x)
		}
		return n
	}
	return 32
}

var width = regexp.MustCompile(`%[-+# 0]*(\[\d+\])?(\*|\d{5,})|\.(\[\d+\])?(\*|\d{5,})`)

// printf is fmt's, without what makes much of little: wide fields, and one value many times over.
func printf(format string, all ...any) (string, error) {
	if width.MatchString(format) {
		return "", errors.New("want a width of less than 10000, written out")
	}
	verbs := strings.Count(format, "%")
	if len(format)+verbs*10_000 > 2*longestOutput {
		return "", errTooLong
	}
	most := longestOutput / max(verbs, 1)
	for _, v := range all {
		if weight(v, most) > most {
			return "", errTooLong
		}
	}
	return within(fmt.Sprintf(format, all...))
}
