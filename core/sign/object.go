package sign

import (
	"encoding/json"
	"strings"
)

// object is a JSON object whose members are read when asked for. The nil object has none.
type object map[string]json.RawMessage

// readObject reads the top of a body: an object, or the first object of an array. Anything else gives nil.
func readObject(body []byte) object {
	var o object
	if json.Unmarshal(body, &o) == nil {
		return o
	}
	var list []object
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		return list[0]
	}
	return nil
}

// text returns the string, number or literal at a dotted path, or "".
func (o object) text(path string) string {
	name, rest, deeper := strings.Cut(path, ".")
	raw, ok := o[name]
	if !ok {
		return ""
	}
	if deeper {
		return readObject(raw).text(rest)
	}
	s, _, _ := plainText(raw)
	return s
}

// first returns the first of the paths that has a text.
func (o object) first(paths ...string) string {
	for _, p := range paths {
		if t := o.text(p); t != "" {
			return t
		}
	}
	return ""
}
