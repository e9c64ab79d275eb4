package exchange

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/strict"
)

// fixture is a capture as one line of JSON. Its names are those of the control listener and of show --json, so that what they print
// can be read back; what the listener leaves out is added, so that nothing is lost.
type fixture struct {
	Version    int               `json:"hookglass_capture"`
	ID         core.CaptureID    `json:"id,omitempty"`
	At         time.Time         `json:"at"`
	Source     text              `json:"source"`
	Platform   text              `json:"platform,omitempty"`
	Method     text              `json:"method"`
	Target     text              `json:"target"`
	Proto      text              `json:"proto"`
	Host       text              `json:"host"`
	Base       text              `json:"base,omitempty"`
	Remote     text              `json:"remote,omitempty"`
	Via        text              `json:"via,omitempty"`
	Headers    []pair            `json:"headers"`
	Head       []byte            `json:"head_b64,omitempty"`
	Body       []byte            `json:"body_b64"`
	Size       int64             `json:"size"`
	Truncated  bool              `json:"truncated,omitempty"`
	Event      text              `json:"event,omitempty"`
	EventID    text              `json:"event_id,omitempty"`
	TookMS     float64           `json:"took_ms"`
	Pinned     bool              `json:"pinned,omitempty"`
	Note       text              `json:"note,omitempty"`
	ReplayOf   core.CaptureID    `json:"replay_of,omitempty"`
	Response   fixtureResponse   `json:"response"`
	Receipt    fixtureReceipt    `json:"receipt"`
	Verdict    *fixtureVerdict   `json:"verdict,omitempty"`
	Work       []string          `json:"work,omitempty"`
	Deliveries []core.DeliveryID `json:"deliveries,omitempty"`
}

type fixtureResponse struct {
	Status    int    `json:"status"`
	Proto     text   `json:"proto,omitempty"`
	Headers   []pair `json:"headers"`
	Body      []byte `json:"body_b64"`
	Size      int64  `json:"size,omitempty"`
	Truncated bool   `json:"truncated,omitempty"`
}

type fixtureReceipt struct {
	Outcome core.Outcome `json:"outcome"`
	Reason  text         `json:"reason,omitempty"`
	Checks  []core.Check `json:"checks,omitempty"`
	Faults  []string     `json:"faults,omitempty"`
}

type fixtureVerdict struct {
	State      core.VerdictState `json:"verdict"`
	Scheme     string            `json:"scheme"`
	Wanted     text              `json:"wanted,omitempty"`
	Got        text              `json:"got,omitempty"`
	Parts      []fixturePart     `json:"signed_parts,omitempty"`
	Notes      []string          `json:"notes,omitempty"`
	Findings   []fixtureFinding  `json:"findings,omitempty"`
	Tried      int               `json:"tried,omitempty"`
	Where      string            `json:"where,omitempty"`
	Algorithm  string            `json:"algorithm,omitempty"`
	Encoding   string            `json:"encoding,omitempty"`
	Key        string            `json:"key,omitempty"`
	Timestamp  time.Time         `json:"timestamp,omitzero"`
	AgeS       float64           `json:"age_seconds,omitempty"`
	ToleranceS float64           `json:"tolerance_seconds,omitempty"`
	Covers     string            `json:"covers,omitempty"`
}

// fixturePart is a run of the signed bytes. Where it is the whole body it is not written a second time.
type fixturePart struct {
	Name   string `json:"name"`
	Bytes  []byte `json:"bytes_b64,omitempty"`
	IsBody bool   `json:"is_body,omitempty"`
}

type fixtureFinding struct {
	Cause        string            `json:"cause"`
	Alternatives []string          `json:"alternatives,omitempty"`
	Proof        core.Proof        `json:"proof"`
	About        core.About        `json:"about,omitempty"`
	Acts         core.Acts         `json:"acts,omitempty"`
	Detail       string            `json:"detail"`
	Fix          string            `json:"fix"`
	Code         map[string]string `json:"code,omitempty"`
	Signed       []byte            `json:"signed_b64,omitempty"`
	Offset       int               `json:"offset,omitempty"`
}

// readJSONL reads what the format json is, and what the control listener and show --json print of a capture.
func readJSONL(data []byte) (File, error) {
	all := entries{kind: "line"}
	err := all.readJSONL(bytes.NewReader(data), len(data)+1)
	return all.File, err
}

// readJSONL reads lines of up to so many bytes.
func (all *entries) readJSONL(file io.Reader, longest int) error {
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longest)
	for lines.Scan() {
		all.begin()
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		c, invalid := captureOf(line, all.place())
		if invalid != nil {
			all.leave(invalid)
			continue
		}
		if all.take(c); all.err != nil {
			return all.err
		}
	}
	return lines.Err()
}

func captureOf(line []byte, place string) (core.Capture, error) {
	var f fixture
	if err := json.Unmarshal(line, &f); err != nil {
		return core.Capture{}, &core.Invalid{Field: place, Reason: fmt.Sprintf("not a capture in JSON: %v", err)}
	}
	if f.Version > 1 {
		return core.Capture{}, &core.Invalid{Field: place + ".hookglass_capture", Reason: fmt.Sprintf("version %d is newer than this program; want 1", f.Version)}
	}
	if f.Method == "" || f.Target == "" {
		return core.Capture{}, &core.Invalid{Field: place, Reason: "method or target is missing: this is not a capture"}
	}
	if base := string(f.Base); base != "" && !isAbsolute(base) {
		return core.Capture{}, &core.Invalid{Field: place + ".base", Reason: fmt.Sprintf("%.40q is no address; want one that begins with http:// or https://, or none", base)}
	}
	return f.capture(), nil
}

func fixtureOf(c *core.Capture) fixture {
	r := &c.Request
	return fixture{
		Version: 1, ID: c.ID, At: c.At.UTC(), Source: text(c.Name), Platform: text(c.Receipt.Platform), Method: text(r.Method), Target: text(r.Target),
		Proto: text(r.Proto), Host: text(r.Host), Base: text(r.Base), Remote: text(r.Remote), Via: text(c.Via), Headers: pairsOf(r.Header), Head: r.Head,
		Body: notNil(r.Body), Size: r.Size, Truncated: r.Truncated, Event: text(c.Event.Type), EventID: text(c.Event.ID), TookMS: inMillis(c.Took),
		Pinned: c.Pinned, Note: text(c.Note), ReplayOf: c.ReplayOf, Work: c.Work, Deliveries: c.Deliveries,
		Response: fixtureResponse{c.Response.Status, text(c.Response.Proto), pairsOf(c.Response.Header), notNil(c.Response.Body), c.Response.Size, c.Response.Truncated},
		Receipt:  fixtureReceipt{c.Receipt.Outcome, text(c.Receipt.Reason), c.Receipt.Checks, c.Receipt.Faults},
		Verdict:  fixtureVerdictOf(c.Receipt.Verdict, r.Body),
	}
}

func fixtureVerdictOf(v *core.Verdict, body []byte) *fixtureVerdict {
	if v == nil {
		return nil
	}
	f := &fixtureVerdict{State: v.State, Scheme: v.Scheme, Wanted: text(v.Wanted), Got: text(v.Got), Notes: v.Notes, Tried: v.Tried, Where: v.Where,
		Algorithm: v.Algorithm, Encoding: v.Encoding, Key: v.Key, Timestamp: v.Timestamp, AgeS: v.Age.Seconds(), ToleranceS: v.Tolerance.Seconds(), Covers: v.Covers}
	for _, p := range v.Parts {
		if len(p.Bytes) > 0 && bytes.Equal(p.Bytes, body) {
			f.Parts = append(f.Parts, fixturePart{Name: p.Name, IsBody: true})
		} else {
			f.Parts = append(f.Parts, fixturePart{Name: p.Name, Bytes: p.Bytes})
		}
	}
	for _, x := range v.Findings {
		f.Findings = append(f.Findings, fixtureFinding(x))
	}
	return f
}

func (f *fixture) capture() core.Capture {
	c := core.Capture{
		ID: f.ID, At: f.At, Name: string(f.Source), Took: fromMillis(f.TookMS), Via: string(f.Via), Pinned: f.Pinned, Note: string(f.Note),
		ReplayOf: f.ReplayOf, Work: f.Work, Deliveries: f.Deliveries, Event: core.Event{Type: string(f.Event), ID: string(f.EventID)},
		Request: core.Request{Method: string(f.Method), Target: string(f.Target), Proto: string(f.Proto), Host: string(f.Host), Base: string(f.Base),
			Header: headerOf(f.Headers), Body: f.Body, Size: max(f.Size, int64(len(f.Body))), Truncated: f.Truncated, Remote: string(f.Remote)},
		Response: core.Response{Status: f.Response.Status, Proto: string(f.Response.Proto), Header: headerOf(f.Response.Headers), Body: f.Response.Body,
			Size: f.Response.Size, Truncated: f.Response.Truncated},
		Receipt: core.Receipt{Outcome: f.Receipt.Outcome, Reason: string(f.Receipt.Reason), Checks: f.Receipt.Checks, Faults: f.Receipt.Faults,
			Platform: string(f.Platform), Verdict: f.Verdict.verdict(f.Body)},
	}
	f.setHead(&c.Request)
	return c
}

// setHead takes over the recorded head, unless somebody changed the fields beside it: then they are what is meant.
func (f *fixture) setHead(r *core.Request) {
	if r.Host == "" {
		r.Host = r.Header.Get("Host")
	}
	if len(f.Head) == 0 {
		return
	}
	recorded := core.ParseHead(f.Head)
	if len(recorded) != len(r.Header) {
		return
	}
	for i := range recorded {
		if strings.ToValidUTF8(recorded[i].Value, "\uFFFD") != strings.ToValidUTF8(r.Header[i].Value, "\uFFFD") || !strings.EqualFold(recorded[i].Name, r.Header[i].Name) {
			return
		}
	}
	r.Head, r.Header = f.Head, recorded
}

func (f *fixtureVerdict) verdict(body []byte) *core.Verdict {
	if f == nil {
		return nil
	}
	v := &core.Verdict{State: f.State, Scheme: f.Scheme, Wanted: string(f.Wanted), Got: string(f.Got), Notes: f.Notes, Tried: f.Tried, Where: f.Where,
		Algorithm: f.Algorithm, Encoding: f.Encoding, Key: f.Key, Timestamp: f.Timestamp, Age: strict.Span(f.AgeS), Tolerance: strict.Span(f.ToleranceS), Covers: f.Covers}
	for _, p := range f.Parts {
		if p.IsBody {
			p.Bytes = body
		}
		v.Parts = append(v.Parts, core.Part{Name: p.Name, Bytes: p.Bytes})
	}
	for _, x := range f.Findings {
		v.Findings = append(v.Findings, core.Finding(x))
	}
	return v
}

// text is a string that may hold any bytes. What is not UTF-8 is written as {"b64": …}, since JSON would lose it.
type text string

func (t text) MarshalJSON() ([]byte, error) {
	if !utf8.ValidString(string(t)) {
		return json.Marshal(struct {
			B64 []byte `json:"b64"`
		}{[]byte(t)})
	}
	return json.Marshal(string(t))
}

func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var bytes struct {
			B64 []byte `json:"b64"`
		}
		err := json.Unmarshal(data, &bytes)
		*t = text(bytes.B64)
		return err
	}
	return json.Unmarshal(data, (*string)(t))
}

// pair is a header field, [name, value].
type pair [2]text

func pairsOf(h core.Header) []pair {
	out := make([]pair, len(h))
	for i, f := range h {
		out[i] = pair{text(f.Name), text(f.Value)}
	}
	return out
}

func headerOf(pairs []pair) core.Header {
	if len(pairs) == 0 {
		return nil
	}
	h := make(core.Header, len(pairs))
	for i, p := range pairs {
		h[i] = core.Field{Name: string(p[0]), Value: string(p[1])}
	}
	return h
}

// notNil keeps an empty body an empty string in JSON instead of null.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func inMillis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func fromMillis(ms float64) time.Duration { return strict.Span(ms / 1000) }
