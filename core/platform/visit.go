package platform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hookglass/core"
)

// base is what the machines of all platforms share: the source's settings and its work items.
type base struct {
	cfg    Config
	name   string // of the platform
	set    core.Values
	script script
	runs   runs
	held   Out // what came due before a request: Advance hands it over, since it is not the request's doing
	// over says what follows from a work item that has just become final.
	over func(*core.WorkItem, *Out)
}

func newBase(name string, cfg Config, settings []Setting) (base, error) {
	set, err := settled(cfg.Settings, settings)
	if err != nil {
		return base{}, err
	}
	if cfg.Pace <= 0 {
		cfg.Pace = 1
	}
	return base{cfg: cfg, name: name, set: set, script: scriptOf(set)}, nil
}

// code reports whether the source behaves as the platform's released software does.
func (b *base) code() bool { return b.cfg.Profile == core.Code }

func (b *base) secret(name string) []byte { return b.cfg.Secrets[name].Reveal() }

// resume goes on with the unfinished work of an earlier run; plan makes an item's plan again.
func (b *base) resume(plan func(core.WorkItem) plan) {
	for _, item := range b.cfg.Work {
		if item.Final {
			b.runs.add(item)
		} else {
			b.runs.resume(item, plan(item))
		}
	}
}

// begin opens a visit, after everything that is due by then.
func (b *base) begin(in In) *visit {
	v := &visit{in: in}
	v.out.Receipt.Platform = b.name
	b.catchUp(in.Now)
	return v
}

// end closes a visit: an answer to HEAD has no body, and the machine says when it wants to go on.
func (b *base) end(v *visit, out Out) Out {
	if v.in.Request.Method == "HEAD" {
		out.Response.Body, out.Response.Size = nil, 0
	}
	if out.Next = b.runs.next(); len(b.held.Work) > 0 {
		out.Next = v.in.Now
	}
	return out
}

// Look leaves all to Receive, for machines whose checks take no time worth mentioning.
func (b *base) Look(In) Seen { return Seen{} }

// Advance does what is due at now.
func (b *base) Advance(now time.Time, _ IDs) (Out, time.Time) {
	b.catchUp(now)
	out := b.held
	b.held = Out{}
	out.Next = b.runs.next()
	return out, out.Next
}

func (b *base) catchUp(now time.Time) {
	changed := b.runs.advance(now, func(item *core.WorkItem) {
		if b.over != nil {
			b.over(item, &b.held)
		}
	})
	b.held.Work = append(b.held.Work, changed...)
}

// item is a new work item of this source.
func (b *base) item(id string, now time.Time) core.WorkItem {
	return core.WorkItem{ID: id, Platform: b.name, Source: b.cfg.Source, SourceName: b.cfg.Name, Created: now}
}

// job is what the script needs to plan an item.
func (b *base) job(item core.WorkItem, checked, output string) job {
	return job{id: item.ID, accepted: item.Created, checked: checked, output: output, pace: b.cfg.Pace, seed: b.cfg.Seed}
}

// done closes an item that is finished when it is made: a handler that answers synchronously.
func (b *base) done(item core.WorkItem, state string, steps ...core.Step) core.WorkItem {
	item.State, item.Final = state, true
	item.States = []core.StateAt{{State: state, At: item.Created}}
	item.Steps = steps
	b.runs.add(item)
	return item
}

// visit is one request on its way through the checks.
type visit struct {
	in  In
	out Out
}

// check puts down one thing that was looked at, and returns ok.
func (v *visit) check(name, want, got string, ok bool) bool {
	v.out.Receipt.Checks = append(v.out.Receipt.Checks, core.Check{Name: name, Want: want, Got: clip(got), OK: ok})
	return ok
}

func (v *visit) close(outcome core.Outcome, r core.Response, reason string) Out {
	v.out.Receipt.Outcome, v.out.Receipt.Reason, v.out.Response = outcome, reason, r
	return v.out
}

func (v *visit) accept(r core.Response, reason string) Out { return v.close(core.Accepted, r, reason) }
func (v *visit) ignore(r core.Response, reason string) Out { return v.close(core.Ignored, r, reason) }
func (v *visit) reject(r core.Response, reason string) Out { return v.close(core.Rejected, r, reason) }
func (v *visit) limit(r core.Response, reason string) Out  { return v.close(core.Limited, r, reason) }

// fits checks the body against a limit in bytes; 0 means none. A body that was cut on the way in never fits.
func (v *visit) fits(limit float64) bool {
	r := v.in.Request
	size := max(r.Size, int64(len(r.Body)))
	var room [32]byte
	got := string(append(strconv.AppendInt(room[:0], size, 10), " bytes"...))
	if r.Truncated {
		got += " or more"
	}
	if limit <= 0 {
		return v.check("body size", "a whole body", got, !r.Truncated)
	}
	return v.check("body size", fmt.Sprintf("up to %.0f bytes", limit), got, !r.Truncated && float64(size) <= limit)
}

// bodyLimitSetting bounds the body that a source takes. The capture server keeps no more of it either, so a larger one
// comes cut.
func bodyLimitSetting(def float64, help string) Setting {
	return Setting{Name: "body_limit_bytes", Label: "Largest body (bytes)", Kind: NumberKind, Default: def,
		Max: 1 << 30, Whole: true, Advanced: true, Help: help + " 0: what Hookglass keeps of a body, 10 MiB, is the limit."}
}

// ShareCredentials is the setting of a source by which what opens a door travels to the readers of a team's space.
const ShareCredentials = "share_credentials"

var shareSetting = Setting{Name: ShareCredentials, Label: "Share credentials with the team", Kind: BoolKind, Default: false, Advanced: true,
	Help: "Only for a hub. Authorization, cookies and tokens of a request go to the readers of the space as they came; else they are masked. Signing secrets never go."}

// clip shortens what a check shows.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return head(s, most) + "…"
}

// head returns about the first n bytes of s, whole characters only.
func head(s string, n int) string {
	for cut := n; cut > n-utf8.UTFMax && cut < len(s); cut-- {
		if utf8.RuneStart(s[cut]) {
			return s[:cut]
		}
	}
	return s[:min(n, len(s))] // all of it, or no UTF-8
}

// unmatched answers a request to an address of the platform that no source has.
func unmatched(name string, r core.Response, checked, got string) Out {
	return Out{Response: r, Receipt: core.Receipt{Outcome: core.Unmatched, Platform: name, Reason: "no source has this " + checked,
		Checks: []core.Check{{Name: checked, Want: "one of the sources", Got: clip(got)}}}}
}

// reply is a response with a body of that type; an empty type leaves the header out.
func reply(status int, contentType string, body []byte) core.Response {
	r := core.Response{Status: status, Body: body, Size: int64(len(body))}
	if contentType != "" {
		r.Header = core.Header{{Name: "Content-Type", Value: contentType}}
	}
	return r
}

// with returns the response with one more field.
func with(r core.Response, name, value string) core.Response {
	r.Header = append(r.Header.Clone(), core.Field{Name: name, Value: value})
	return r
}

// example is a POST of body to path.
func example(path string, h core.Header, body []byte) core.Request {
	return core.Request{Method: "POST", Target: path, Proto: "HTTP/1.1", Header: h, Body: body, Size: int64(len(body))}
}

// Segments are the parts of a path between its slashes, decoded: what an [Anchor] is compared with.
func Segments(path string) []string { return segments(path) }

// segments are the parts of a path, percent-escapes decoded. One slash at the end counts for nothing.
func segments(path string) []string {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if d, err := url.PathUnescape(p); err == nil {
			parts[i] = d
		}
	}
	return parts
}

// shaped reports whether a path has these parts, "*" standing for any that is not empty.
func shaped(parts []string, want ...string) bool {
	if len(parts) != len(want) {
		return false
	}
	for i, w := range want {
		if w == "*" && parts[i] == "" || w != "*" && w != parts[i] {
			return false
		}
	}
	return true
}

// joined is a header as Node shows it: repeats joined, surrounding whitespace gone.
func joined(r *core.Request, name string) string {
	return strings.Trim(r.Header.Joined(name), " \t")
}

// first is a header of which only the first counts.
func first(r *core.Request, name string) string { return strings.Trim(r.Header.Get(name), " \t") }

// mediaType is a content type without its parameters, in lower case.
func mediaType(contentType string) string {
	t, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// hmacHex is the lower-case hex HMAC-SHA256.
func hmacHex(key, message []byte) string {
	m := hmac.New(sha256.New, key)
	m.Write(message)
	return hex.EncodeToString(m.Sum(nil))
}

// bodyVerdict is the picture of a check of an HMAC over the body: what stood in the header against what should.
func bodyVerdict(scheme, header, want, got string, key, signed []byte, ok bool) *core.Verdict {
	v := &core.Verdict{
		State: core.Mismatch, Scheme: scheme, Wanted: want, Got: got, Where: "header " + header,
		Algorithm: "hmac-sha256", Encoding: "hex", Key: fmt.Sprintf("the secret as text: %d bytes", len(key)),
		Covers: "body", Parts: []core.Part{{Name: "body", Bytes: signed}},
	}
	switch {
	case ok:
		v.State = core.Verified
	case got == "":
		v.State = core.Missing
	}
	return v
}

// checkVerdict keeps a verdict and puts it down as a check.
func (v *visit) checkVerdict(d *core.Verdict, want string) bool {
	v.out.Receipt.Verdict = d
	got := d.Got
	if got == "" {
		got = "no signature"
	}
	return v.check("signature", want, got, d.State == core.Verified)
}
