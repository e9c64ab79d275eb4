package jsontext

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// numbers says how a language prints the numbers of JSON after having read them. nil keeps the literal: json.RawMessage,
// JsonElement, JsonPrimitive.
type numbers struct {
	whole       wholes  // what a literal without point and exponent is read as
	from, below float64 // plain digits for from ≤ |x| < below, an exponent beyond
	point       bool    // a whole double has ".0" behind it
	mantissa    bool    // so has a mantissa of one digit: 1.0e+25
	exponent    string  // what stands before the digits of a positive exponent: "e+"; a negative one has "e-"
	width       int     // the fewest digits of an exponent
	zero        string  // negative zero
	beyond      string  // what is beyond the range of a double; refused when empty
	nan         string  // NaN, which only Python reads
}

// wholes says what a whole literal is read as.
type wholes byte

const (
	asDouble wholes = iota
	asInt64         // where it fits, else a double
	asLong          // an integer of any length: -0 is 0
	asLexeme        // as it was written
)

// append appends the number of a literal. False means that the serialiser refuses it.
func (n *numbers) append(dst []byte, lit string) ([]byte, bool) {
	if n == nil {
		return append(dst, lit...), true
	}
	if isWhole(lit) {
		switch {
		case n.whole == asLexeme, n.whole == asLong && lit != "-0":
			return append(dst, lit...), true
		case n.whole == asDouble && len(lit) < 16 && lit != "-0" && !n.point:
			return append(dst, lit...), true // it is exact in a double
		case n.whole == asLong:
			return append(dst, '0'), true
		case n.whole == asInt64:
			if i, err := strconv.ParseInt(lit, 10, 64); err == nil {
				return strconv.AppendInt(dst, i, 10), true
			}
		}
	}
	f, _ := strconv.ParseFloat(lit, 64) // beyond its range an infinity
	return n.float(dst, f)
}

// float appends a double. False means that the serialiser refuses it.
func (n *numbers) float(dst []byte, f float64) ([]byte, bool) {
	switch a := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, n.nan...), n.nan != ""
	case math.IsInf(f, 0):
		if f < 0 && n.beyond != "null" {
			dst = append(dst, '-')
		}
		return append(dst, n.beyond...), n.beyond != ""
	case a == 0 && math.Signbit(f):
		return append(dst, n.zero...), true
	case a != 0 && (a < n.from || a >= n.below):
		return n.scientific(dst, f), true
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if n.point && bytes.IndexByte(dst[from:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst, true
}

func (n *numbers) scientific(dst []byte, f float64) []byte {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	dst = append(dst, mantissa...)
	if n.mantissa && strings.IndexByte(mantissa, '.') < 0 {
		dst = append(dst, ".0"...)
	}
	if exponent[0] == '-' {
		dst = append(dst, n.exponent[0], '-')
	} else {
		dst = append(dst, n.exponent...)
	}
	for exponent = exponent[1:]; len(exponent) > n.width && exponent[0] == '0'; {
		exponent = exponent[1:]
	}
	return append(dst, exponent...)
}

// isWhole says whether a literal has neither point nor exponent and is no NaN or Infinity.
func isWhole(lit string) bool { return !strings.ContainsAny(lit, ".eENI") }

// IsWhole says whether v is a number that Python reads as int: one with neither point nor exponent.
func (v Value) IsWhole() bool { return v.Kind() == Number && isWhole(v.Source()) }

// Float is the double that a number is read as: beyond its range an infinity.
func (v Value) Float() float64 {
	f, _ := strconv.ParseFloat(v.Source(), 64)
	return f
}

// The numbers of each language.
var (
	jsNumbers      = &numbers{from: 1e-6, below: 1e21, exponent: "e+", width: 1, zero: "0", beyond: "null", nan: "null"}
	goNumbers      = &numbers{from: 1e-6, below: 1e21, exponent: "e+", width: 1, zero: "-0"}
	pythonNumbers  = &numbers{whole: asLong, from: 1e-4, below: 1e16, point: true, exponent: "e+", width: 2, zero: "-0.0", beyond: "Infinity", nan: "NaN"}
	reprNumbers    = &numbers{whole: asLong, from: 1e-4, below: 1e16, point: true, exponent: "e+", width: 2, zero: "-0.0", beyond: "inf", nan: "nan"}
	fastAPINumbers = &numbers{whole: asLong, from: 1e-4, below: 1e16, point: true, exponent: "e+", width: 2, zero: "-0.0"} // allow_nan=False
	phpNumbers     = &numbers{whole: asInt64, from: 1e-4, below: 1e17, mantissa: true, exponent: "e+", width: 1, zero: "-0"}
	phpZeroNumbers = &numbers{whole: asInt64, from: 1e-4, below: 1e17, point: true, mantissa: true, exponent: "e+", width: 1, zero: "-0.0"}
	javaDoubles    = &numbers{from: 1e-3, below: 1e7, point: true, mantissa: true, exponent: "E", width: 1, zero: "-0.0"}
	javaNumbers    = &numbers{whole: asLexeme, from: 1e-3, below: 1e7, point: true, mantissa: true, exponent: "E", width: 1, zero: "-0.0"}
	dotNetNumbers  = &numbers{whole: asLexeme, from: 1e-5, below: 1e15, exponent: "E+", width: 2, zero: "-0"}
)
