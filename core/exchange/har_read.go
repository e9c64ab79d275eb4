package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"hookglass/core"
)

// harEntryIn is an entry as other tools write it: members that they leave out, or write in another type than HAR 1.2 says,
// must not cost us the request.
type harEntryIn struct {
	Started string          `json:"startedDateTime"`
	Time    json.RawMessage `json:"time"`
	Comment string          `json:"comment"`
	Request *struct {
		Method      string          `json:"method"`
		URL         string          `json:"url"`
		HTTPVersion string          `json:"httpVersion"`
		Headers     []harPair       `json:"headers"`
		PostData    *harPostData    `json:"postData"`
		BodySize    json.RawMessage `json:"bodySize"`
		Comment     string          `json:"comment"`
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

	says []string // where it is not to the byte what was sent
}

// readHAR reads the entries of a HAR log as captures, one after the other: where the file breaks off, those before are kept.
func readHAR(data []byte) (File, error) {
	all := entries{kind: "entry"}
	err := all.readHAR(bytes.NewReader(data))
	return all.File, err
}

func (all *entries) readHAR(file io.Reader) error {
	d := json.NewDecoder(file)
	if err := into(d, "log"); errors.Is(err, core.ErrNotFound) {
		return &core.Invalid{Field: "log", Reason: "is missing: this is not a HAR log"}
	} else if err != nil {
		return notHAR(err)
	}
	if err := into(d, "entries"); errors.Is(err, core.ErrNotFound) {
		return nil
	} else if err != nil {
		return notHAR(err)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return &core.Invalid{Field: "log.entries", Reason: "is not a list: this is not a HAR log"}
	}
	var raw json.RawMessage // the same memory for all entries
	for d.More() {
		all.begin()
		if err := d.Decode(&raw); err != nil {
			all.leave(&refusal{fmt.Sprintf("log.entries[%d]", all.count-1), "the file breaks off or is damaged here: " + err.Error(), "export it again where it is from"})
			return nil
		}
		c, says, err := readHAREntry(raw)
		if err != nil {
			err.field = strings.TrimSuffix(fmt.Sprintf("log.entries[%d].%s", all.count-1, err.field), ".")
			all.leave(err)
			continue
		}
		if all.take(c, says...); all.err != nil {
			return all.err
		}
	}
	if _, err := d.Token(); err != nil { // the list's end
		all.begin()
		all.leave(&refusal{"log.entries", "the file breaks off after its last whole entry", "export it again where it is from"})
	}
	return nil
}

func notHAR(err error) error {
	return &core.Invalid{Field: "file", Reason: fmt.Sprintf("not a HAR log: %v", err)}
}

// into goes into an object as far as the value of a key.
func into(d *json.Decoder, key string) error {
	if t, err := d.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return fmt.Errorf("%v stands where an object should be", t)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		if name == key {
			return nil
		}
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	return core.ErrNotFound
}

func readHAREntry(data []byte) (core.Capture, []string, *refusal) {
	var e harEntryIn
	err := json.Unmarshal(data, &e)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return core.Capture{}, nil, &refusal{wrong.Field, "is a " + wrong.Value, "want what HAR 1.2 has there"}
	} else if err != nil {
		return core.Capture{}, nil, &refusal{"", err.Error(), ""}
	}
	if !utf8.Valid(data) {
		e.say("the file is not UTF-8 here: U+FFFD stands for the bytes that no JSON can hold")
	}
	c, invalid := e.capture()
	return c, e.says, invalid
}

func (e *harEntryIn) say(format string, args ...any) {
	e.says = append(e.says, fmt.Sprintf(format, args...))
}

func (e *harEntryIn) capture() (c core.Capture, invalid *refusal) {
	var err error
	if c.At, err = harTime(e.Started); err != nil {
		return c, &refusal{"startedDateTime", fmt.Sprintf("%q is not a time", e.Started), "want one like 2026-03-14T09:20:00.000Z"}
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

func (e *harEntryIn) request() (core.Request, *refusal) {
	in := e.Request
	if in == nil {
		return core.Request{}, &refusal{"request", "is missing", ""}
	}
	address := in.URL
	if strings.ContainsFunc(address, noTarget) && !strings.ContainsFunc(address, unicode.IsControl) {
		address = asciiURL(address)
		e.say("the URL had spaces, which no request can have: they are escaped")
	}
	r, _, err := requestAt(address)
	if err != nil {
		return r, &refusal{"request.url", err.Error(), notHTTP(in.URL)}
	}
	if r.Method = in.Method; r.Method == "" || strings.ContainsFunc(r.Method, noTarget) {
		return r, &refusal{"request.method", fmt.Sprintf("%q is not a method", r.Method), ""}
	}
	r.Proto, r.Header = harProto(in.HTTPVersion), harHeader(in.Headers)
	if host, ok := r.Header.Lookup("Host"); ok {
		r.Host = host
	} else if e.Comment == hostless {
		r.Host, r.Base = "", ""
	} else if e.Comment == noHost {
		r.Host = ""
	} else if r.Proto == "HTTP/1.1" {
		r.Header = append(core.Header{{Name: "Host", Value: r.Host}}, r.Header...)
	}
	if quoted, ok := strings.CutPrefix(in.Comment, sentTarget); ok {
		if target, err := strconv.Unquote(quoted); err == nil && target != "" {
			r.Target = target
		}
	}
	if p := in.PostData; p != nil && p.MimeType != "" && !r.Header.Has("Content-Type") {
		r.Header = append(r.Header, core.Field{Name: "Content-Type", Value: p.MimeType})
	}
	return r, e.body(&r)
}

// notHTTP is what to do about an entry of a browser that went to no HTTP server.
func notHTTP(address string) string {
	switch scheme, _, _ := strings.Cut(address, ":"); strings.ToLower(scheme) {
	case "ws", "wss":
		return "it is a WebSocket, which has no one request and answer to keep"
	case "data", "blob", "about", "file", "chrome", "chrome-extension", "moz-extension", "javascript":
		return "the browser answered it by itself, so that there is no request to keep"
	}
	return "want an address with http:// or https://"
}

func (e *harEntryIn) response() (core.Response, *refusal) {
	in := e.Response
	if in == nil {
		return core.Response{}, nil
	}
	r := core.Response{Status: int(harNumber(in.Status)), Proto: harProto(in.HTTPVersion), Header: harHeader(in.Headers)}
	if r.Status < 100 || r.Status > 999 {
		r.Status = 0 // browsers write 0 where no answer came
	}
	body, err := harBody(in.Content.Text, in.Content.Encoding)
	if err != nil {
		return r, &refusal{"response.content", err.Error(), "export it again where it is from"}
	}
	r.Body, r.Size = body, int64(len(body))
	if coding := codingOf(r.Header); coding != "" && len(body) > 0 && !looksEncoded(coding, body) {
		e.say("the answer's body is decoded: its Content-Encoding, %s, speaks of what was sent", coding)
	}
	return r, nil
}

// harHeader leaves out the pseudo fields of HTTP/2, which browsers list among the others.
func harHeader(pairs []harPair) core.Header {
	var h core.Header
	for _, p := range pairs {
		switch p.Name {
		case ":authority", ":method", ":path", ":scheme", ":protocol", ":status":
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
	case "http/1.0":
		return "HTTP/1.0"
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

// withoutBOM is the text of a file without its mark of the order of bytes: Windows' PowerShell writes UTF-16.
func withoutBOM(data []byte) []byte {
	little, big := bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff"))
	if !little && !big {
		return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		unit := binary.BigEndian.Uint16(data[i:])
		if little {
			unit = bits.ReverseBytes16(unit)
		}
		units = append(units, unit)
	}
	return []byte(string(utf16.Decode(units)))
}

func encode64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
