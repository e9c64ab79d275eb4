package answer

import (
	"bytes"
	"crypto/rand"
	"math/big"
	"strconv"
	"strings"

	"hookglass/core"
)

// mark stands for the id of a capture that is not stored yet, in texts that print it and do no more with it: it is put there as the
// capture is written, instead of making the answer and writing the capture twice. It is digits, so that what is JSON with the id
// is JSON with it, and nobody can guess it.
var mark = func() string {
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(39), nil)
	n, _ := rand.Int(rand.Reader, most) // never fails, says its documentation
	return new(big.Int).Add(n, most).String()
}()

// Number is a response with the id of its capture where the mark stood.
func Number(r core.Response, id core.CaptureID) core.Response {
	digits := strconv.FormatInt(int64(id), 10)
	r.Header = r.Header.Clone()
	for i, f := range r.Header {
		if strings.Contains(f.Value, mark) {
			r.Header[i].Value = strings.ReplaceAll(f.Value, mark, digits)
		}
	}
	before := len(r.Body)
	r.Body = bytes.ReplaceAll(r.Body, []byte(mark), []byte(digits))
	if r.Size = int64(len(r.Body)); len(r.Body) == before {
		return r
	}
	for i, f := range r.Header {
		if f.Is("Content-Length") && f.Value == strconv.Itoa(before) {
			r.Header[i].Value = strconv.Itoa(len(r.Body))
		}
	}
	return r
}
