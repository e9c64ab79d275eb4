package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"hookglass/core"
)

// decodeStrict reads JSON and refuses what encoding/json lets pass: a key that stands twice, and anything behind the
// value. What is wrong is a *core.Invalid with the path of the field.
func decodeStrict(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	v, err := decodeValue(d, "", 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, &core.Invalid{Field: "file", Reason: fmt.Sprintf("more text behind the JSON value, at byte %d", d.InputOffset())}
	}
	return v, nil
}

// deepest is how far values may be nested. No setting needs more than a few levels, and a stack is finite.
const deepest = 100

func decodeValue(d *json.Decoder, path string, depth int) (any, error) {
	if depth > deepest {
		return nil, &core.Invalid{Field: short(path, 60), Reason: fmt.Sprintf("is nested more than %d levels deep", deepest)}
	}
	t, err := d.Token()
	if err != nil {
		return nil, syntax(d, path, err)
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
	if path == "" {
		path = "file"
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &core.Invalid{Field: path, Reason: "the JSON ends too early"}
	}
	return &core.Invalid{Field: path, Reason: fmt.Sprintf("not valid JSON at byte %d: %v", d.InputOffset(), err)}
}
