package deliver

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hookglass/core"
)

// message is a request as it goes on the wire.
type message struct {
	method string
	head   []byte // request line and fields with the empty line behind them
	body   []byte
}

// agent is the User-Agent of a request that brings none.
const agent = "Hookglass/1"

// outgoing is the request that a delivery asks for, before it is signed: fields in their order and spelling. Custom
// fields replace what the request brings of the same name, except Content-Type, which belongs to the body.
// The signature, put on last, replaces both.
func outgoing(d *core.Delivery, r *route) core.Request {
	out := d.Request
	out.Method = first(d.Target.Method, d.Request.Method, "POST")
	out.Target, out.Base, out.Proto, out.Head = r.target, r.base, "HTTP/1.1", nil
	if !d.Target.KeepHost || out.Host == "" {
		out.Host = r.authority
	}
	h := d.Request.Header.EndToEnd()
	h = customised(h, d.Target.Header)
	if host, ok := d.Target.Header.Lookup("Host"); ok {
		out.Host = host
	}
	if !h.Has("Host") {
		h = append(core.Header{{Name: "Host"}}, h...)
	}
	h = withValue(h, "Host", out.Host)
	if !h.Has("User-Agent") {
		h = append(h, core.Field{Name: "User-Agent", Value: agent})
	}
	if r.user != nil && !h.Has("Authorization") {
		password, _ := r.user.Password()
		login := base64.StdEncoding.EncodeToString([]byte(r.user.Username() + ":" + password))
		h = append(h, core.Field{Name: "Authorization", Value: "Basic " + login})
	}
	out.Header = h
	return out
}

func customised(h, custom core.Header) core.Header {
	out := h.Clone()
	for i, f := range custom {
		switch {
		case strings.EqualFold(f.Name, "Content-Type") && h.Has("Content-Type"), strings.EqualFold(f.Name, "Content-Length"):
		case custom[:i].Has(f.Name): // a repeated field
			out = append(out, f)
		default:
			out = out.With(f.Name, f.Value)
		}
	}
	return out
}

// withValue is Header.With that leaves the spelling of a present name as it is.
func withValue(h core.Header, name, value string) core.Header {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			name = f.Name
			break
		}
	}
	return h.With(name, value)
}

// compose writes the head of a request, with the Content-Length of its body.
func compose(r *core.Request) (*message, error) {
	h := r.Header
	if len(r.Body) > 0 || h.Has("Content-Length") || r.Method != "GET" && r.Method != "HEAD" && r.Method != "DELETE" {
		h = withValue(h, "Content-Length", strconv.Itoa(len(r.Body)))
	}
	if !core.IsToken(r.Method) {
		return nil, fmt.Errorf("%q is no method", r.Method)
	}
	if r.Target == "" || strings.ContainsAny(r.Target, " \r\n\x00") {
		return nil, errors.New("the URL has a space or a line break in it")
	}
	head := make([]byte, 0, 512)
	head = append(head, r.Method...)
	head = append(head, ' ')
	head = append(head, r.Target...)
	head = append(head, " HTTP/1.1\r\n"...)
	for _, f := range h {
		if !core.IsToken(f.Name) {
			return nil, fmt.Errorf("%q is no header name", f.Name)
		}
		if strings.ContainsAny(f.Value, "\r\n\x00") {
			return nil, fmt.Errorf("header %s has a line break in its value", f.Name)
		}
		head = append(head, f.Name...)
		head = append(head, ": "...)
		head = append(head, f.Value...)
		head = append(head, "\r\n"...)
	}
	head = append(head, "\r\n"...)
	return &message{method: r.Method, head: head, body: r.Body}, nil
}

// sent is the request of an attempt: what really went out.
func (m *message) sent(like *core.Request, r *route) core.Request {
	line, _, _ := strings.Cut(string(m.head), "\n")
	parts := strings.SplitN(strings.TrimRight(line, "\r"), " ", 3)
	out := core.Request{Method: m.method, Base: r.base, Header: core.ParseHead(m.head), Head: m.head, Body: m.body, Size: int64(len(m.body)),
		Target: like.Target, Proto: "HTTP/1.1"}
	if len(parts) == 3 {
		out.Target, out.Proto = parts[1], parts[2]
	}
	out.Host = out.Header.Get("Host")
	return out
}
