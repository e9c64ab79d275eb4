package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hookglass/core"
)

// The types of this file are HAR 1.2. What our captures have beyond it is not hidden in fields of our own: a tool that
// cleans HAR files would not know to look there. The json format keeps everything.
type (
	har struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment,omitempty"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		ServerIP string      `json:"serverIPAddress,omitempty"`
		Comment  string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string       `json:"method"`
		URL         string       `json:"url"`
		HTTPVersion string       `json:"httpVersion"`
		Cookies     []harPair    `json:"cookies"`
		Headers     []harPair    `json:"headers"`
		QueryString []harPair    `json:"queryString"`
		PostData    *harPostData `json:"postData,omitempty"`
		HeadersSize int64        `json:"headersSize"`
		BodySize    int64        `json:"bodySize"`
		Comment     string       `json:"comment,omitempty"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int64      `json:"headersSize"`
		BodySize    int64      `json:"bodySize"`
	}
	harPair struct {
		Name     string `json:"name"`
		Value    string `json:"value"`
		FileName string `json:"fileName,omitempty"` // of a parameter that is a file
		Comment  string `json:"comment,omitempty"`
	}
	// harPostData has the field encoding, which HAR 1.2 gives to contents only; several tools write and read it here too.
	harPostData struct {
		MimeType string    `json:"mimeType"`
		Params   []harPair `json:"params"`
		Text     string    `json:"text"`
		Encoding string    `json:"encoding,omitempty"`
	}
	harContent struct {
		Size     int64  `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Encoding string `json:"encoding,omitempty"`
	}
	// harTimings are milliseconds; -1 means that the phase did not happen.
	harTimings struct {
		Blocked float64 `json:"blocked"`
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"`
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// latin1 is said beside a value that is no UTF-8: each byte stands as the character of that number.
const latin1 = "not UTF-8: each byte is written as the Latin-1 character of that number"

// What is said in a comment, so that we read back what no other place of a HAR log can hold.
const (
	noHost     = "it came without a Host"
	hostless   = noHost + ": the address has a made-up one"
	sentTarget = "the target as it was sent: " // and a string of Go
)

func entryOf(c *core.Capture) harEntry {
	took := inMillis(c.Took)
	e := harEntry{
		Started: c.At.UTC().Format(time.RFC3339Nano), Time: took, Request: harRequestOf(&c.Request), Response: harResponseOf(&c.Response),
		Timings: harTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1, Wait: took},
	}
	if c.Request.Truncated {
		e.Comment = fmt.Sprintf("the body is cut: %d of %d bytes", len(c.Request.Body), c.Request.Size)
	}
	switch r := &c.Request; {
	case r.Host != "" || r.Header.Has("Host"):
	case r.Base == "":
		e.Comment = hostless
	default:
		e.Comment = noHost
	}
	return e
}

func harRequestOf(r *core.Request) harRequest {
	address, comment := harURL(r)
	h := harRequest{Method: r.Method, URL: address, Comment: comment, HTTPVersion: r.Proto, Cookies: cookiesOf(r.Header), Headers: harPairsOf(r.Header),
		QueryString: queryOf(r.Query()), HeadersSize: -1, BodySize: r.Size}
	if r.Head != nil {
		h.HeadersSize = int64(len(r.Head))
	}
	if len(r.Body) > 0 {
		text, encoding := harText(r.Body)
		h.PostData = &harPostData{r.Header.Get("Content-Type"), []harPair{}, text, encoding}
	}
	return h
}

// harURL is the address of a request, and what is to be said where the target that was sent is not in it.
func harURL(r *core.Request) (address, comment string) {
	scheme, _, _ := strings.Cut(r.URL(), "://")
	base := scheme + "://" + authority(r)
	switch target := asciiURL(r.Target); {
	case isAbsolute(r.Target):
		address = target
	case strings.HasPrefix(target, "/") && !strings.Contains(target, "#"):
		address = base + target
	case strings.HasPrefix(target, "?"):
		address = base + "/" + target
	default: // "*", "host:443", what no URL can hold
		address = base + "/"
	}
	if !strings.HasSuffix(address, r.Target) || !strings.HasPrefix(r.Target, "/") {
		comment = sentTarget + strconv.QuoteToASCII(r.Target)
	}
	return address, comment
}

func harResponseOf(r *core.Response) harResponse {
	text, encoding := harText(r.Body)
	return harResponse{Status: r.Status, StatusText: http.StatusText(r.Status), HTTPVersion: r.Proto, Cookies: []harPair{}, Headers: harPairsOf(r.Header),
		Content:     harContent{int64(len(r.Body)), r.Header.Get("Content-Type"), text, encoding},
		RedirectURL: r.Header.Get("Location"), HeadersSize: -1, BodySize: max(r.Size, int64(len(r.Body)))}
}

func harPairsOf(h core.Header) []harPair {
	out := make([]harPair, len(h))
	for i, f := range h {
		out[i] = harPair{Name: f.Name, Value: f.Value}
		if !utf8.ValidString(f.Name) || !utf8.ValidString(f.Value) {
			out[i] = harPair{Name: fromLatin1(f.Name), Value: fromLatin1(f.Value), Comment: latin1}
		}
	}
	return out
}

func cookiesOf(h core.Header) []harPair {
	out := []harPair{}
	for _, line := range h.Values("Cookie") {
		for part := range strings.SplitSeq(line, ";") {
			if name, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
				out = append(out, harPair{Name: name, Value: value})
			}
		}
	}
	return out
}

func queryOf(query string) []harPair {
	out := []harPair{}
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, harPair{Name: unescaped(name), Value: unescaped(value)})
	}
	return out
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil && utf8.ValidString(plain) {
		return plain
	}
	return asciiURL(s)
}

func harText(body []byte) (text, encoding string) {
	if utf8.Valid(body) {
		return string(body), ""
	}
	return encode64(body), "base64"
}

// asciiURL escapes the bytes that JSON could not hold or that no URL may have; escapes that are there stay.
func asciiURL(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c > ' ' && c < 0x7f {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func fromLatin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

func toLatin1(s string) string {
	var b []byte
	for _, r := range s {
		if r > 0xff {
			return s
		}
		b = append(b, byte(r))
	}
	return string(b)
}

func mediaType(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind, _, _ = strings.Cut(contentType, ";")
	}
	return strings.ToLower(strings.TrimSpace(kind))
}

// UnmarshalJSON takes a value that is a number or a truth too, as some tools write it.
func (p *harPair) UnmarshalJSON(data []byte) error {
	var in struct {
		Name, Comment, FileName string
		Value                   any
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		return err
	}
	*p = harPair{Name: in.Name, FileName: in.FileName, Comment: in.Comment}
	switch v := in.Value.(type) {
	case nil:
	case string:
		p.Value = v
	case json.Number, bool:
		p.Value = fmt.Sprint(v)
	default:
		return &json.UnmarshalTypeError{Value: "object", Field: "value"}
	}
	return nil
}
