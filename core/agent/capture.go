package agent

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/compare"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

type listArgs struct {
	Query  string         `json:"query,omitempty" jsonschema:"filter; empty: everything"`
	Limit  int            `json:"limit,omitempty" jsonschema:"how many at most, 1 to 200; 20 where it is left out"`
	Before core.CaptureID `json:"before,omitempty" jsonschema:"only captures with lower numbers: the next page"`
}

type captureList struct {
	Captures   []engine.CaptureLine `json:"captures"`
	NextBefore core.CaptureID       `json:"next_before,omitempty"` // there may be more
}

func (s *server) listCaptures(ctx context.Context, in listArgs) (any, error) {
	if in.Limit < 0 || in.Limit > mostItems {
		return nil, &core.Invalid{Field: "limit", Reason: fmt.Sprintf("want 1 to %d", mostItems)}
	}
	if in.Limit == 0 {
		in.Limit = 20
	}
	q, err := store.ParseQuery(in.Query, time.Now())
	if err != nil {
		return nil, err
	}
	return s.read(ctx, func(st *store.Store) (any, error) {
		rows, err := st.Captures(ctx, q, in.Before, in.Limit)
		if err != nil {
			return nil, err
		}
		opt, err := s.masks(ctx, st)
		out, room := captureList{Captures: []engine.CaptureLine{}}, mostBody
		for _, r := range rows {
			line := engine.LineOf(r)
			line.Target, line.Note = cut(maskAddress(line.Target, opt), 300), cut(line.Note, 300)
			text, _ := json.Marshal(line) // a line always encodes
			if room -= len(text); room < 0 && len(out.Captures) > 0 {
				break
			}
			out.Captures = append(out.Captures, line)
		}
		if n := len(out.Captures); n > 0 && (n < len(rows) || n == in.Limit) {
			out.NextBefore = out.Captures[n-1].ID
		}
		return out, err
	})
}

// maskAddress masks what opens a door in an address.
func maskAddress(address string, opt exchange.Options) string {
	c := core.Capture{Request: core.Request{Base: address}}
	exchange.Redact(&c, opt)
	return c.Request.Base
}

type captureArgs struct {
	ID     core.CaptureID `json:"id" jsonschema:"number of the capture"`
	Part   string         `json:"part,omitempty" jsonschema:"overview, headers, body, body_base64, head, response or receipt"`
	Offset int            `json:"offset,omitempty" jsonschema:"first byte of the body, or first header field"`
	Limit  int            `json:"limit,omitempty" jsonschema:"bytes of the body, at most 16384; or header fields"`
}

// chunk is a range of a body.
type chunk struct {
	Text     string `json:"text,omitempty"`
	Base64   string `json:"base64,omitempty"`
	Encoding string `json:"encoding"` // "text" or "base64"
	Offset   int    `json:"offset"`
	Bytes    int    `json:"bytes"` // how many of the body this range is
	Total    int    `json:"total"`
	Next     int    `json:"next_offset,omitempty"` // where the rest begins
	Altered  bool   `json:"altered,omitempty"`     // some characters are shown as pictures
}

// rangeOf cuts a range out of a body. What is text comes as text in which nothing acts, at whole characters; else, or where it is
// asked for, come the very bytes in base64.
func rangeOf(body []byte, offset, limit int, exact bool) (chunk, error) {
	if offset < 0 || offset > len(body) {
		return chunk{}, &core.Invalid{Field: "offset", Reason: fmt.Sprintf("want 0 to %d, the length of the body", len(body))}
	}
	if limit < 0 {
		return chunk{}, &core.Invalid{Field: "limit", Reason: fmt.Sprintf("want 1 to %d", mostBody)}
	}
	if limit == 0 || limit > mostBody {
		limit = mostBody
	}
	out := chunk{Offset: offset, Total: len(body), Encoding: "text"}
	if exact || !utf8.Valid(body) {
		out.Encoding, limit = "base64", min(limit, mostBody/4*3)
	}
	end := min(offset+limit, len(body))
	if out.Encoding == "text" {
		for out.Offset < end && !utf8.RuneStart(body[out.Offset]) {
			out.Offset++
		}
		for end > out.Offset && end < len(body) && !utf8.RuneStart(body[end]) {
			end--
		}
		if end == out.Offset && end < len(body) { // the limit is shorter than the character
			_, n := utf8.DecodeRune(body[end:])
			end += n
		}
		for out.Text = core.VisibleText(string(body[out.Offset:end])); len(out.Text) > mostBody && end-out.Offset > utf8.UTFMax; {
			for end = out.Offset + (end-out.Offset)/2; !utf8.RuneStart(body[end]); {
				end--
			}
			out.Text = core.VisibleText(string(body[out.Offset:end]))
		}
		out.Altered = out.Text != string(body[out.Offset:end])
	} else {
		out.Base64 = base64.StdEncoding.EncodeToString(body[offset:end])
	}
	out.Bytes = end - out.Offset
	if end < len(body) {
		out.Next = end
	}
	return out, nil
}

// overview is a capture without its whole body.
type overview struct {
	engine.CaptureLine
	URL        string             `json:"url"`
	Proto      string             `json:"proto"`
	Remote     string             `json:"remote"`
	Headers    engine.Pairs       `json:"headers"`
	Left       int                `json:"headers_left_out,omitempty"`
	Body       chunk              `json:"body"`
	Response   answerView         `json:"response"`
	Receipt    engine.ReceiptJSON `json:"receipt"`
	Signature  *verdictView       `json:"signature"`
	Work       []string           `json:"work"`
	Deliveries []core.DeliveryID  `json:"deliveries"`
	Masked     []string           `json:"masked,omitempty"`   // what was masked in it
	Contract   string             `json:"contract,omitempty"` // of its source: kept or broken
	Violations []core.Violation   `json:"violations,omitempty"`
	Drift      []engine.DriftJSON `json:"drift,omitempty"` // from the captures before it
}

type answerView struct {
	Status  int          `json:"status"`
	Headers engine.Pairs `json:"headers"`
	Body    *chunk       `json:"body,omitempty"`
}

// previewed is how much of a body stands in an overview.
const previewed = 4 << 10

func (s *server) getCapture(ctx context.Context, in captureArgs) (any, error) {
	return s.read(ctx, func(st *store.Store) (any, error) {
		c, masked, err := s.capture(ctx, st, in.ID)
		if err != nil {
			return nil, err
		}
		part, err := partOf(&c, masked, in)
		if o, ok := part.(overview); ok && err == nil {
			told := engine.CaptureJSON{ID: c.ID}
			err = engine.NewShapes(st).Tell(ctx, &told)
			o.Contract, o.Violations, o.Drift = told.Contract, told.Violations, told.Drift
			return o, err
		}
		return part, err
	})
}

// partHead is what every part of a capture says of itself.
type partHead struct {
	ID     core.CaptureID `json:"id"`
	Part   string         `json:"part"`
	Masked []string       `json:"masked,omitempty"` // what was masked in the capture
}

func partOf(c *core.Capture, masked []string, in captureArgs) (any, error) {
	whole := engine.CaptureOf(c)
	of := partHead{c.ID, in.Part, masked}
	switch in.Part {
	case "", "overview":
		out := overview{CaptureLine: whole.Line(), URL: cut(whole.URL, 2000), Proto: whole.Proto, Remote: whole.Remote, Receipt: whole.Receipt, Signature: brief(whole.Verdict, false),
			Work: whole.Work, Deliveries: whole.Deliveries, Masked: masked, Response: answerView{Status: c.Response.Status, Headers: whole.Response.Headers}}
		out.Target = cut(out.Target, 2000)
		out.Headers, out.Left = fields(whole.Headers, 0, 0)
		if in.Limit == 0 {
			in.Limit = previewed
		}
		var err error
		out.Body, err = rangeOf(c.Request.Body, in.Offset, in.Limit, false)
		return out, err
	case "headers":
		all := whole.Headers
		if in.Offset < 0 || in.Offset > len(all) {
			return nil, &core.Invalid{Field: "offset", Reason: fmt.Sprintf("want 0 to %d, the number of fields", len(all))}
		}
		shown, left := fields(all[in.Offset:], in.Limit, mostBody)
		next := 0
		if left > 0 {
			next = in.Offset + len(shown)
		}
		return struct {
			partHead
			Headers engine.Pairs `json:"headers"`
			Total   int          `json:"total"`
			Next    int          `json:"next_offset,omitempty"`
		}{of, shown, len(all), next}, nil
	case "body", "body_base64", "head":
		bytes := c.Request.Body
		if in.Part == "head" {
			bytes = c.Request.Head
		}
		body, err := rangeOf(bytes, in.Offset, in.Limit, in.Part == "body_base64")
		return struct {
			partHead
			Type string `json:"content_type,omitempty"`
			Cut  bool   `json:"truncated,omitempty"` // the end of it was not kept
			chunk
		}{of, c.Request.Header.Get("Content-Type"), c.Request.Truncated && in.Part != "head", body}, err
	case "response":
		body, err := rangeOf(c.Response.Body, in.Offset, in.Limit, false)
		shown, _ := fields(whole.Response.Headers, 0, 0)
		return struct {
			partHead
			answerView
		}{of, answerView{c.Response.Status, shown, &body}}, err
	case "receipt":
		return struct {
			partHead
			Receipt   engine.ReceiptJSON `json:"receipt"`
			Signature *verdictView       `json:"signature"`
		}{of, whole.Receipt, brief(whole.Verdict, true)}, nil
	}
	return nil, &core.Invalid{Field: "part", Reason: "want overview, headers, body, body_base64, head, response or receipt"}
}

// fields are the first fields, as many as fit, each value cut where it is long.
func fields(all engine.Pairs, limit, room int) (shown engine.Pairs, left int) {
	if limit <= 0 {
		limit = len(all)
	}
	if room == 0 {
		room = mostText
	}
	shown = engine.Pairs{}
	for _, p := range all {
		p = [2]string{cut(core.Visible(p[0]), 200), cut(core.Visible(p[1]), 2000)}
		if room -= len(p[0]) + len(p[1]); len(shown) == limit || room < 0 && len(shown) > 0 {
			break
		}
		shown = append(shown, p)
	}
	return shown, len(all) - len(shown)
}

type waitArgs struct {
	Query    string   `json:"query,omitempty" jsonschema:"filter; empty: any capture"`
	TimeoutS *float64 `json:"timeout_s,omitempty" jsonschema:"seconds to wait, at most 60; 30 where it is left out, 0: only what is there"`
	SinceS   float64  `json:"since_s,omitempty" jsonschema:"captures of so many seconds ago count, too"`
}

const mostWait = 60

func (s *server) waitForCapture(ctx context.Context, in waitArgs) (any, error) {
	timeout := 30.0
	if in.TimeoutS != nil {
		timeout = *in.TimeoutS
	}
	if timeout < 0 || timeout > mostWait {
		return nil, &core.Invalid{Field: "timeout_s", Reason: fmt.Sprintf("want seconds from 0 to %d", mostWait)}
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	v := url.Values{"query": {in.Query}, "timeout_s": {number(timeout)}, "since_s": {number(in.SinceS)}}
	var got engine.Waited
	if err := s.ask(ctx, "GET", "/_/wait?"+v.Encode(), nil, &got); err != nil {
		return nil, err
	}
	out := struct {
		Captures []any         `json:"captures"`
		TimedOut bool          `json:"timed_out"`
		Misses   []engine.Miss `json:"misses,omitempty"`
		Reason   string        `json:"reason,omitempty"`
	}{[]any{}, got.TimedOut, got.Misses, got.Reason}
	if len(got.Captures) == 0 {
		return out, nil
	}
	return s.read(ctx, func(st *store.Store) (any, error) { // with what is masked
		for i := range got.Captures {
			c, masked, err := s.capture(ctx, st, got.Captures[i].ID)
			if err != nil {
				return nil, err
			}
			part, err := partOf(&c, masked, captureArgs{ID: c.ID})
			if err != nil {
				return nil, err
			}
			out.Captures = append(out.Captures, part)
		}
		return out, nil
	})
}

type diffArgs struct {
	A      core.CaptureID `json:"a" jsonschema:"number of a capture"`
	B      core.CaptureID `json:"b" jsonschema:"number of the other"`
	Ignore []string       `json:"ignore,omitempty" jsonschema:"what does not count"`
}

func (s *server) diffCaptures(ctx context.Context, in diffArgs) (any, error) {
	return s.read(ctx, func(st *store.Store) (any, error) {
		opt, err := s.masks(ctx, st)
		if err != nil {
			return nil, err
		}
		var plain, masked [2]core.Request
		for i, id := range []core.CaptureID{in.A, in.B} {
			c, err := st.Capture(ctx, id)
			if errors.Is(err, core.ErrNotFound) {
				err = &core.Invalid{Field: string(rune('a' + i)), Reason: "there is no such capture; list_captures lists them"}
			}
			if err != nil {
				return nil, err
			}
			plain[i] = c.Request
			exchange.Redact(&c, opt)
			masked[i] = c.Request
		}
		out := struct {
			Same        bool                 `json:"same"`
			Differences []compare.Difference `json:"differences"`
		}{Differences: []compare.Difference{}}
		shown := compare.Requests(&masked[0], &masked[1], in.Ignore)
		for _, d := range compare.Requests(&plain[0], &plain[1], in.Ignore) {
			i := slices.IndexFunc(shown, func(m compare.Difference) bool { return m.Part == d.Part && m.Path == d.Path })
			if i >= 0 {
				d = shown[i]
			} else { // they differ only in what is masked
				d.A, d.B, d.Note = nil, nil, "the values differ and are credentials, which are not shown"
			}
			if d.A, d.B = clip(d.A), clip(d.B); len(out.Differences) < mostItems {
				out.Differences = append(out.Differences, d)
			}
		}
		out.Same = len(out.Differences) == 0
		return out, nil
	})
}

// clip shortens a value of JSON to a text of it.
func clip(v json.RawMessage) json.RawMessage {
	if len(v) <= 1000 {
		return v
	}
	text, _ := json.Marshal(cut(string(v), 1000)) // a text always encodes
	return text
}
