package platform

import (
	"errors"
	"strings"

	"hookglass/core/jsontext"
)

const (
	// pyDepth is about how deep CPython 3.11's json reads under a web framework before RecursionError.
	pyDepth = 940
	// pyDigits is the longest integer that CPython converts; a longer one raises a plain ValueError.
	pyDigits = 4300
)

var (
	// errNotJSON is json.JSONDecodeError, the one error that the handlers catch.
	errNotJSON = errors.New("not JSON")
	// errUncaught is any other exception: the framework answers 500.
	errUncaught = errors.New("uncaught exception")
)

// parsePy reads a body as json.loads(bytes) does: it detects UTF-8, 16 and 32, with or without BOM, and takes NaN and
// Infinity. The error is errNotJSON where Python raises JSONDecodeError and errUncaught for any other exception.
func parsePy(body []byte) (value, error) {
	text, ok := jsontext.DecodePython(body)
	if !ok {
		return value{}, errUncaught
	}
	return parsePyText(text)
}

// parsePyText is json.loads of a str, which refuses a BOM.
func parsePyText(text string) (value, error) {
	v, err := jsontext.Reader{Depth: pyDepth, NonFinite: true}.Read(text)
	switch {
	case errors.Is(err, jsontext.ErrTooDeep):
		return value{}, errUncaught
	case err != nil:
		return value{}, errNotJSON
	case hugeInt(v):
		return value{}, errUncaught
	}
	return v, nil
}

func hugeInt(v value) bool {
	if v.IsWhole() && len(strings.TrimPrefix(v.Source(), "-")) > pyDigits {
		return true
	}
	for item := range v.Items() {
		if hugeInt(item) {
			return true
		}
	}
	for _, member := range v.Members() {
		if hugeInt(member) {
			return true
		}
	}
	return false
}

// pyString is str(v), which is what an f-string shows.
func pyString(v value) string { return string(v.PythonString(nil)) }

// pyDumps writes v as a FastAPI response does: compact, raw Unicode. NaN, infinities and lone surrogates raise there,
// which is nil here.
func pyDumps(v value) []byte { return jsontext.FastAPI.Append(nil, v) }
