package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"hookglass/core"
)

// harIn is a HAR log as other tools write it: members that they leave out, or write in another type than HAR 1.2 says,
// must not cost us the requests.
type harIn struct {
	Log *struct {
		Entries []json.RawMessage `json:"entries"`
	} `json:"log"`
}

type harEntryIn struct {
	Started string          `json:"startedDateTime"`
	Time    json.RawMessage `json:"time"`
	Request *struct {
		Method      string          `json:"method"`
		URL         string          `json:"url"`
		HTTPVersion string          `json:"httpVersion"`
		Headers     []harPair       `json:"headers"`
		PostData    *harPostData    `json:"postData"`
		BodySize    json.RawMessage `json:"bodySize"`
	} `json:"request"`
	Response *struct {
		Status      json.RawMessage `json:"status"`
		HTTPVersion string          `json:"httpVersion"`
		Headers     []harPair       `json:"headers"`
		Content     struct {
			Text     string `json:"text"`
			Encoding string `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
	Timings struct {
		Wait json.RawMessage `json:"wait"`
	} `json:"timings"`
}

// readHAR reads the entries of a HAR log as captures. One that is no HTTP request is unread, with its path.
func readHAR(data []byte) (out []core.Capture, unread []Unread, err error) {
	var h harIn
	if err := json.Unmarshal(withoutBOM(data), &h); err != nil {
		return nil, nil, &core.Invalid{Field: "file", Reason: fmt.Sprintf("not a HAR log: %v", err)}
	}
	if h.Log == nil {
		return nil, nil, &core.Invalid{Field: "log", Reason: "is missing: this is not a HAR log"}
	}
	out = make([]core.Capture, 0, len(h.Log.Entries))
	for i, entry := range h.Log.Entries {
		c, invalid := readHAREntry(entry)
		if invalid != nil {
			invalid.Field = strings.TrimSuffix(fmt.Sprintf("log.entries[%d].%s", i, invalid.Field), ".")
			unread = append(unread, Unread{fmt.Sprintf("entry %d", i+1), invalid})
			continue
		}
		out = append(out, c)
	}
	return out, unread, nil
}

func readHAREntry(data []byte) (core.Capture, *core.Invalid) {
	var e harEntryIn
	err := json.Unmarshal(data, &e)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return core.Capture{}, &core.Invalid{Field: wrong.Field, Reason: "is a " + wrong.Value + "; want what HAR 1.2 has there"}
	} else if err != nil {
		return core.Capture{}, &core.Invalid{Reason: err.Error()}
	}
	return e.capture()
}

func (e *harEntryIn) capture() (c core.Capture, invalid *core.Invalid) {
	var err error
	if c.At, err = harTime(e.Started); err != nil {
		return c, &core.Invalid{Field: "startedDateTime", Reason: fmt.Sprintf("%q is not a time like 2026-03-14T09:20:00.000Z", e.Started)}
	}
	if c.Request, invalid = e.request(); invalid != nil {
		return c, invalid
	}
	if c.Response, invalid = e.response(); invalid != nil {
		return c, invalid
	}
	if c.Took = fromMillis(max(harNumber(e.Timings.Wait), 0)); c.Took == 0 {
		c.Took = fromMillis(max(harNumber(e.Time), 0))
	}
	return c, nil
}

func (e *harEntryIn) request() (core.Request, *core.Invalid) {
	in := e.Request
	if in == nil {
		return core.Request{}, &core.Invalid{Field: "request", Reason: "is missing"}
	}
	r, _, err := requestAt(in.URL)
	if err != nil {
		return r, &core.Invalid{Field: "request.url", Reason: err.Error()}
	}
	if r.Method = in.Method; !core.IsToken(r.Method) {
		return r, &core.Invalid{Field: "request.method", Reason: fmt.Sprintf("%q is not a method", r.Method)}
	}
	r.Proto, r.Header = harProto(in.HTTPVersion), harHeader(in.Headers)
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	} else if r.Proto == "HTTP/1.1" {
		r.Header = append(core.Header{{Name: "Host", Value: r.Host}}, r.Header...)
	}
	if p := in.PostData; p != nil {
		if r.Body, err = p.bytes(); err != nil {
			return r, &core.Invalid{Field: "request.postData", Reason: err.Error()}
		}
		if !r.Header.Has("Content-Type") && p.MimeType != "" {
			r.Header = append(r.Header, core.Field{Name: "Content-Type", Value: p.MimeType})
		}
	}
	r.Size = int64(len(r.Body))
	if size := int64(harNumber(in.BodySize)); size > r.Size {
		r.Size, r.Truncated = size, true
	}
	return r, nil
}

func (e *harEntryIn) response() (core.Response, *core.Invalid) {
	in := e.Response
	if in == nil {
		return core.Response{}, nil
	}
	r := core.Response{Status: int(harNumber(in.Status)), Proto: harProto(in.HTTPVersion), Header: harHeader(in.Headers)}
	if r.Status < 100 || r.Status > 999 {
		r.Status = 0 // browsers write 0 where no answer came
	}
	var err error
	if r.Body, err = harBody(in.Content.Text, in.Content.Encoding); err != nil {
		return r, &core.Invalid{Field: "response.content", Reason: err.Error()}
	}
	r.Size = int64(len(r.Body))
	return r, nil
}

// bytes are the body: its text, or the form that its parameters make. Files are not in a HAR log.
func (p *harPostData) bytes() ([]byte, error) {
	if p.Text != "" || len(p.Params) == 0 {
		return harBody(p.Text, p.Encoding)
	}
	if mediaType(p.MimeType) != "application/x-www-form-urlencoded" {
		return nil, fmt.Errorf("a body of type %q is given by its parameters alone; its bytes cannot be made of them", p.MimeType)
	}
	var b strings.Builder
	for i, param := range p.Params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(param.Name) + "=" + url.QueryEscape(param.Value))
	}
	return []byte(b.String()), nil
}

func harBody(text, encoding string) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "":
		return []byte(text), nil
	case "base64":
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("the text is not base64: %v", err)
		}
		return b, nil
	}
	return nil, fmt.Errorf("unknown encoding %q; want base64 or none", encoding)
}

// harHeader leaves out the pseudo fields of HTTP/2, which browsers list among the others.
func harHeader(pairs []harPair) core.Header {
	var h core.Header
	for _, p := range pairs {
		if strings.HasPrefix(p.Name, ":") {
			continue
		}
		if p.Comment == latin1 {
			p.Name, p.Value = toLatin1(p.Name), toLatin1(p.Value)
		}
		h = append(h, core.Field{Name: p.Name, Value: p.Value})
	}
	return h
}

// harProto gives the spellings of browsers ours: "h2", "http/2.0" and "HTTP/2".
func harProto(s string) string {
	switch strings.ToLower(s) {
	case "h2", "http/2", "http/2.0":
		return "HTTP/2.0"
	case "h3", "http/3", "http/3.0":
		return "HTTP/3.0"
	case "", "unknown", "http/1.1":
		return "HTTP/1.1"
	}
	return s
}

// harTime reads the times that tools write; none counts as the zero time.
func harTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time", s)
}

// harNumber reads a number, also one in quotes; anything else is 0.
func harNumber(raw json.RawMessage) float64 {
	var n float64
	if json.Unmarshal(bytes.Trim(raw, `"`), &n) != nil || n > 1<<53 || n < -1<<53 {
		return 0
	}
	return n
}

// requestAt splits an address into where it goes and what is asked for there, untouched; user is what stood before an @.
func requestAt(address string) (r core.Request, user string, err error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if lower := strings.ToLower(scheme); !ok || lower != "http" && lower != "https" {
		return r, "", fmt.Errorf("%q does not begin with http:// or https://", address)
	}
	rest, _, _ = strings.Cut(rest, "#")
	host, target := rest, "/"
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host, target = rest[:i], rest[i:]
	}
	if target[0] == '?' {
		target = "/" + target
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		user, host = host[:i], host[i+1:]
	}
	if host == "" || strings.ContainsFunc(address, noTarget) {
		return r, "", fmt.Errorf("%q is not an address", address)
	}
	return core.Request{Method: "GET", Target: target, Proto: "HTTP/1.1", Host: host, Base: strings.ToLower(scheme) + "://" + host}, user, nil
}

// noTarget is a character that would end a target, or the line that it stands in.
func noTarget(c rune) bool { return c <= ' ' || c == 0x7f }

func withoutBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }

func encode64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
