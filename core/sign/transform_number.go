package sign

import (
	"bytes"
	"math"
	"strconv"
)

// How languages print the numbers of JSON. Each takes a literal of the source and appends what the
// language prints after having read it.

// rawNumber keeps the literal: json.RawMessage, JsonElement, JsonPrimitive.
func rawNumber(dst, lit []byte) []byte { return append(dst, lit...) }

// jsNumber prints as Number.prototype.toString does: shortest digits, exponent outside 1e-7 ≤ x < 1e21.
func jsNumber(dst, lit []byte) []byte {
	f, _ := strconv.ParseFloat(string(lit), 64)
	switch {
	case math.IsInf(f, 0):
		return append(dst, "null"...)
	case f == 0:
		return append(dst, '0') // -0 too
	}
	return ecmaFloat(dst, f)
}

func ecmaFloat(dst []byte, f float64) []byte {
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	return trimExponent(dst, from)
}

// trimExponent turns "1e-07" into "1e-7".
func trimExponent(dst []byte, from int) []byte {
	e := bytes.LastIndexByte(dst[from:], 'e')
	if e < 0 {
		return dst
	}
	digits := from + e + 2
	for len(dst)-digits > 1 && dst[digits] == '0' {
		dst = append(dst[:digits], dst[digits+1:]...)
	}
	return dst
}

// goNumber prints as encoding/json does a float64: as JavaScript, but -0 keeps its sign, and what does not fit is refused.
func goNumber(dst, lit []byte) []byte {
	f, err := strconv.ParseFloat(string(lit), 64)
	switch {
	case err != nil:
		return append(dst, lit...)
	case f == 0 && math.Signbit(f):
		return append(dst, "-0"...)
	case f == 0:
		return append(dst, '0')
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// encoding/json cleans up e-09 to e-9 and leaves e+21 alone.
	if n := len(dst); n-from >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

func isInteger(lit []byte) bool { return !bytes.ContainsAny(lit, ".eE") }

// pythonNumber prints int with all its digits and float as repr does.
func pythonNumber(dst, lit []byte) []byte {
	if isInteger(lit) {
		if string(lit) == "-0" {
			return append(dst, '0')
		}
		return append(dst, lit...)
	}
	f, _ := strconv.ParseFloat(string(lit), 64)
	return pythonFloat(dst, f)
}

func pythonFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return withFraction(dst, strconv.AppendFloat(nil, f, 'f', -1, 64))
}

func withFraction(dst, digits []byte) []byte {
	dst = append(dst, digits...)
	if bytes.IndexByte(digits, '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// phpNumber prints as json_encode does with serialize_precision -1: an integer that fits stays one, 1.0 becomes 1.
func phpNumber(dst, lit []byte) []byte {
	if isInteger(lit) {
		if n, err := strconv.ParseInt(string(lit), 10, 64); err == nil && string(lit) != "-0" {
			return strconv.AppendInt(dst, n, 10)
		}
	}
	f, err := strconv.ParseFloat(string(lit), 64)
	switch a := math.Abs(f); {
	case err != nil: // beyond the range of a double
		return append(dst, lit...)
	case f == 0 && math.Signbit(f):
		return append(dst, "-0.0"...)
	case a != 0 && (a < 1e-4 || a >= 1e17):
		return mantissaWithFraction(dst, f, 'e', "+")
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// mantissaWithFraction prints "1.0e+25": at least one digit behind the point, no zeros in front of the exponent.
func mantissaWithFraction(dst []byte, f float64, e byte, plus string) []byte {
	s := trimExponent(strconv.AppendFloat(nil, f, 'e', -1, 64), 0)
	mantissa, exponent, _ := bytes.Cut(s, []byte{'e'})
	dst = append(withFraction(dst, mantissa), e)
	if exponent[0] == '+' {
		return append(append(dst, plus...), exponent[1:]...)
	}
	return append(dst, exponent...)
}

// javaDouble prints every number as Double.toString: what Gson makes of a Map<String, Object>.
func javaDouble(dst, lit []byte) []byte {
	f, err := strconv.ParseFloat(string(lit), 64)
	if err != nil {
		return append(dst, lit...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-3 || a >= 1e7) {
		return mantissaWithFraction(dst, f, 'E', "")
	}
	return withFraction(dst, strconv.AppendFloat(nil, f, 'f', -1, 64))
}

// javaNumber keeps integers and prints fractions as Double.toString: Jackson's and org.json's maps.
func javaNumber(dst, lit []byte) []byte {
	if isInteger(lit) {
		return append(dst, lit...)
	}
	return javaDouble(dst, lit)
}

// dotnetNumber prints a double as .NET does: shortest digits, "E+16" style exponent, 1.0 as 1.
func dotnetNumber(dst, lit []byte) []byte {
	if isInteger(lit) {
		return append(dst, lit...)
	}
	f, err := strconv.ParseFloat(string(lit), 64)
	if err != nil {
		return append(dst, lit...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-5 || a >= 1e15) {
		return append(dst, bytes.ToUpper(strconv.AppendFloat(nil, f, 'e', -1, 64))...)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}
