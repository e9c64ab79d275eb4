package env

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"hookglass/core"
)

// Cover puts the names of secrets back where their values went out, so that what is kept of an attempt has none.
type Cover []covered

type covered struct{ value, name string }

// Reveal is a delivery as it is sent: with the values of the secrets whose names stand in it. value finds them.
func Reveal(d core.Delivery, value func(core.SecretRef) (core.Secret, error)) (core.Delivery, Cover, error) {
	if len(d.Target.Hidden) == 0 {
		return d, nil, nil
	}
	var cover Cover
	one := core.Environment{Values: map[string]string{}}
	for name, ref := range d.Target.Hidden {
		s, err := value(ref)
		if err != nil {
			return d, nil, fmt.Errorf("%s of the environment: %w", name, err)
		}
		text := string(s.Reveal())
		one.Values[name] = text
		for _, form := range []string{text, url.QueryEscape(text), url.PathEscape(text), (&url.URL{Path: text}).EscapedPath()} {
			if form != "" && !slices.Contains(cover, covered{form, name}) {
				cover = append(cover, covered{form, name})
			}
		}
	}
	slices.SortFunc(cover, func(a, b covered) int { // the longest first: one may be part of another
		if len(a.value) != len(b.value) {
			return len(b.value) - len(a.value)
		}
		return strings.Compare(a.value+a.name, b.value+b.name)
	})
	whole := d.Target.Filled
	d.Target.Hidden, d.Target.Filled = nil, false
	d, err := Set{Chosen: &one}.fill(d, whole, false)
	return d, cover, err
}

// Text is a text with the names in the place of the values.
func (c Cover) Text(text string) string {
	for _, s := range c {
		text = strings.ReplaceAll(text, s.value, written(s.name))
	}
	return text
}

// Request is a request with the names in the place of the values.
func (c Cover) Request(r core.Request) core.Request {
	if len(c) == 0 {
		return r
	}
	r.Target, r.Header = c.Text(r.Target), r.Header.Clone()
	for i := range r.Header {
		r.Header[i].Value = c.Text(r.Header[i].Value)
	}
	for _, s := range c {
		r.Head, r.Body = bytes.ReplaceAll(r.Head, []byte(s.value), []byte(written(s.name))), bytes.ReplaceAll(r.Body, []byte(s.value), []byte(written(s.name)))
	}
	r.Size = int64(len(r.Body))
	return r
}
