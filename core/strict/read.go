// Package strict reads the JSON of documents that people write. Nothing is passed over: an unknown key, one that stands
// twice, a wrong type, a number out of range and text behind the end are refused as a *core.Invalid with the path of the
// field: "sources[2].auth: want none, bearer or hmac".
package strict

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"hookglass/core"
)

// Read reads a document and refuses what encoding/json lets pass: a key that stands twice, and anything behind the value.
// Objects are map[string]any, lists []any, numbers json.Number: a seed has more digits than a float64.
func Read(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := decodeValue(d, "", 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, &core.Invalid{Field: "file", Reason: fmt.Sprintf("not valid JSON at byte %d: more text behind the JSON value", d.InputOffset())}
	}
	return v, nil
}

// deepest is how far values may be nested. No setting needs more than a few levels, and a stack is finite.
const deepest = 100

func decodeValue(d *json.Decoder, path string, depth int) (any, error) {
	if depth > deepest {
		return nil, &core.Invalid{Field: short(path), Reason: fmt.Sprintf("is nested more than %d levels deep", deepest)}
	}
	t, err := d.Token()
	if err != nil {
		return nil, syntax(d, path, err)
	}
	if n, ok := t.(json.Number); ok {
		if _, err := n.Float64(); err != nil {
			return nil, &core.Invalid{Field: orFile(path), Reason: "is a number beyond all bounds"}
		}
	}
	switch t {
	case json.Delim('{'):
		return decodeObject(d, path, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := decodeValue(d, fmt.Sprintf("%s[%d]", path, len(list)), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		if _, err := d.Token(); err != nil {
			return nil, syntax(d, path, err)
		}
		return list, nil
	}
	return t, nil
}

func decodeObject(d *json.Decoder, path string, depth int) (any, error) {
	object := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, syntax(d, path, err)
		}
		key := t.(string)
		if _, twice := object[key]; twice {
			return nil, &core.Invalid{Field: under(path, key), Reason: "stands twice; remove one"}
		}
		if object[key], err = decodeValue(d, under(path, key), depth+1); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, syntax(d, path, err)
	}
	return object, nil
}

func under(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func syntax(d *json.Decoder, path string, err error) error {
	path = orFile(path)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &core.Invalid{Field: path, Reason: fmt.Sprintf("not valid JSON at byte %d: it ends too early", d.InputOffset())}
	}
	return &core.Invalid{Field: path, Reason: fmt.Sprintf("not valid JSON at byte %d: %v", d.InputOffset(), err)}
}

// orFile names the document where there is no path.
func orFile(path string) string {
	if path == "" {
		return "file"
	}
	return path
}

// short cuts the path of what is nested too deep.
func short(path string) string {
	const most = 60
	if r := []rune(path); len(r) > most {
		return string(r[:most]) + "…"
	}
	return path
}
