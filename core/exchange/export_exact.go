package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// Files for API clients hold a request as people edit it: they have no place for bytes that are no text, for targets that no
// address can hold, for the version. Where what we write there would not come back as it was, the very request stands
// beside it in a comment, which counts as long as nobody edits what it stands beside.

// exactMark begins such a comment.
const exactMark = "hookglass-exact "

// shownAs is a request as a format has it, and what the comment beside it holds; "" where it needs none. A body that the
// format would read as something else is left to the comment.
func shownAs(r *core.Request, write func(*core.Request) string, read func([]byte) (File, error)) (text, exact string) {
	text = write(r)
	shown, ok := onlyOne(read, text)
	if ok && sameRequest(r, &shown) {
		return text, ""
	}
	if !ok {
		bare := *r
		bare.Body = nil
		text = write(&bare)
		shown, ok = onlyOne(read, text)
	}
	var whole struct {
		Request fixture  `json:"request"`
		Shown   *fixture `json:"shown,omitempty"` // what is read of the text, where nobody edits it
	}
	whole.Request = fixtureOf(&core.Capture{Request: *r})
	if ok {
		plain := fixtureOf(&core.Capture{Request: shown})
		whole.Shown = &plain
	}
	data, err := json.Marshal(whole)
	if err != nil {
		return text, ""
	}
	return text, base64.StdEncoding.EncodeToString(data)
}

func onlyOne(read func([]byte) (File, error), text string) (core.Request, bool) {
	f, err := read([]byte(text))
	if err != nil || len(f.Captures) != 1 || len(f.Unread) > 0 {
		return core.Request{}, false
	}
	return f.Captures[0].Request, true
}

// exactFrom is the request of a comment, where the text beside it is still as it was written. read is what was read of
// that; nil: nothing could be.
func exactFrom(token string, read *core.Request) (core.Request, bool) {
	if token == "" {
		return core.Request{}, false
	}
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(token))
	var in struct{ Request, Shown *fixture }
	if err != nil || json.Unmarshal(data, &in) != nil || in.Request == nil || in.Request.Method == "" || in.Request.Target == "" {
		return core.Request{}, false
	}
	if (in.Shown == nil) != (read == nil) {
		return core.Request{}, false
	}
	if in.Shown != nil {
		if shown := in.Shown.capture().Request; !sameRequest(&shown, read) {
			return core.Request{}, false
		}
	}
	return in.Request.capture().Request, true
}

// sameRequest compares all but the place of a Content-Length that says what is there, which every client makes anew.
func sameRequest(a, b *core.Request) bool {
	return a.Method == b.Method && a.Target == b.Target && a.Proto == b.Proto && a.Host == b.Host && a.URL() == b.URL() &&
		a.Truncated == b.Truncated && (a.Size == b.Size || !a.Truncated) && bytes.Equal(a.Body, b.Body) && slices.Equal(withoutLength(a), withoutLength(b))
}

func withoutLength(r *core.Request) core.Header {
	if values := r.Header.Values("Content-Length"); len(values) == 1 && values[0] == strconv.Itoa(len(r.Body)) && len(r.Body) > 0 {
		return r.Header.Without("Content-Length")
	}
	return r.Header
}

// ownFields are the fields without those that a client makes of the address and the body.
func ownFields(r *core.Request) core.Header {
	h := withoutLength(r)
	if len(h) > 0 && h[0] == (core.Field{Name: "Host", Value: authority(r)}) {
		h = h[1:]
	}
	return h
}

// postmanSink writes a collection of Postman, version 2.1.
func postmanSink(out io.Writer, _ sign.Scheme, _ sign.Book) sink {
	separator := `{
  "info": {
    "name": "Hookglass",
    "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
  },
  "item": [
    `
	begun := false
	return sink{func(c *core.Capture) error {
		request := postmanOf(&c.Request)
		if _, token := shownAs(&c.Request, postmanOne, readPostman); token != "" {
			request.Description = "Postman has no place for all of this request; Hookglass reads it back from here.\n" + exactMark + token
		}
		item, err := indented(struct {
			Name    string     `json:"name"`
			Request postmanOut `json:"request"`
		}{comment(caseName(c)), request}, "    ")
		if err == nil {
			_, err = io.WriteString(out, separator+string(item))
		}
		separator, begun = ",\n    ", true
		return err
	}, func() error {
		end := "\n  ]\n}\n"
		if !begun {
			end = strings.TrimRight(separator, " \n") + "]\n}\n"
		}
		_, err := io.WriteString(out, end)
		return err
	}}
}

// postmanOut is a request of a collection that we write.
type postmanOut struct {
	Method      string          `json:"method"`
	URL         string          `json:"url"`
	Header      []postmanField  `json:"header"`
	Body        *postmanRawBody `json:"body,omitempty"`
	Description string          `json:"description,omitempty"`
}

type postmanField struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type postmanRawBody struct {
	Mode string `json:"mode"`
	Raw  string `json:"raw"`
}

func postmanOf(r *core.Request) postmanOut {
	address, _ := harURL(r)
	out := postmanOut{Method: r.Method, URL: address, Header: []postmanField{}}
	for _, f := range ownFields(r) {
		out.Header = append(out.Header, postmanField{f.Name, f.Value})
	}
	if len(r.Body) > 0 {
		out.Body = &postmanRawBody{"raw", string(r.Body)}
	}
	return out
}

// postmanOne is a collection of one request.
func postmanOne(r *core.Request) string {
	text, _ := json.Marshal(map[string]any{"item": []any{map[string]any{"request": postmanOf(r)}}})
	return string(text)
}
