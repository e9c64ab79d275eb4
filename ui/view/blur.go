package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"hookglass/core"
)

// Blur says which values do not count when two messages are compared, since every delivery has its own.
type Blur struct {
	IDs        bool
	Times      bool
	Signatures bool
}

// What stands where a value does not count.
const (
	blurredID        = "‹id›"
	blurredTime      = "‹time›"
	blurredSignature = "‹signature›"
)

// JSON replaces the values of JSON that do not count by a word for what they are; members keep their order. What is not
// JSON comes back as it is.
func (b Blur) JSON(body []byte) []byte {
	if b == (Blur{}) {
		return body
	}
	dec := json.NewDecoder(bytes.NewReader(trimBOM(body)))
	dec.UseNumber()
	var out bytes.Buffer
	if err := b.value(dec, &out, "", 0); err != nil || dec.More() {
		return body
	}
	return out.Bytes()
}

// mostLevels bounds the nesting that is followed.
const mostLevels = 200

var errTooDeep = fmt.Errorf("more than %d levels", mostLevels)

func (b Blur) value(in *json.Decoder, out *bytes.Buffer, key string, depth int) error {
	tok, err := in.Token()
	if err != nil {
		return err
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		if word := b.word(key, scalarText(tok)); word != "" {
			tok = word
		}
		return writeScalar(out, tok)
	}
	if depth > mostLevels {
		return errTooDeep
	}
	closing := map[json.Delim]byte{'{': '}', '[': ']'}[delim]
	out.WriteByte(byte(delim))
	for n := 0; in.More(); n++ {
		if n > 0 {
			out.WriteByte(',')
		}
		name := key // the elements of a list are what the list is
		if delim == '{' {
			tok, err := in.Token()
			if err != nil {
				return err
			}
			name, _ = tok.(string)
			if err := writeScalar(out, name); err != nil {
				return err
			}
			out.WriteByte(':')
		}
		if err := b.value(in, out, name, depth+1); err != nil {
			return err
		}
	}
	out.WriteByte(closing)
	_, err = in.Token()
	return err
}

func scalarText(tok json.Token) string {
	switch v := tok.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Header does for fields what JSON does for members.
func (b Blur) Header(h core.Header) core.Header {
	out := h.Clone()
	for i, f := range out {
		if word := b.word(f.Name, f.Value); word != "" {
			out[i].Value = word
		}
	}
	return out
}

var (
	idName        = regexp.MustCompile(`(?i)(^|[_\-.])(id|uuid|guid|nonce|idempotency[_\-]?key|trace[_\-]?parent|etag)$|[a-z](Id|ID|Uuid|UUID)$|^x-(github-delivery|request-id)$`)
	timeName      = regexp.MustCompile(`(?i)(^|[_\-.])(time|timestamp|date|ts|at|created|updated|modified|expires|sent|received)$|[a-z](At|Time|Date|Timestamp)$`)
	signatureName = regexp.MustCompile(`(?i)signature|(^|[_\-])(hmac|digest|sig)([_\-]|$)|hmac-sha`)
	idValue       = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[a-z]{2,8}_[0-9A-Za-z]{8,}$|^[0-9A-HJKMNP-TV-Z]{26}$`)
	timeValue     = regexp.MustCompile(`^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+\-]\d\d:?\d\d)?)?$|^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} `)
	unixValue     = regexp.MustCompile(`^1[0-9]{9}(\.\d+)?$|^1[0-9]{12}$`)
)

// word is what stands for a value under a name, "" where it counts. A name that promises a time must be kept by the
// value: "sent": true stays.
func (b Blur) word(name, value string) string {
	timed := timeValue.MatchString(value) || unixValue.MatchString(value)
	switch {
	case value == "":
		return ""
	case b.Signatures && signatureName.MatchString(name):
		return blurredSignature
	case b.Times && (timeValue.MatchString(value) || timed && timeName.MatchString(name)):
		return blurredTime
	case b.IDs && (idValue.MatchString(value) || idName.MatchString(strings.TrimSpace(name))):
		return blurredID
	}
	return ""
}
