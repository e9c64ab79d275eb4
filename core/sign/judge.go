package sign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// Judgement says whether a handler passed a provider's handshake.
type Judgement struct {
	Handshake string   // its name; empty: what was sent is none
	Source    string   // the document that says what is wanted
	Right     bool     //
	Unknown   bool     // it cannot be told: something is missing that the answer is made of
	Says      string   // in a sentence, what is wrong, or that nothing is
	Notes     []string // what the provider may mind beside
}

// Judge holds the answer that a handler gave to a request against what the provider wants to see. scheme and token are as for
// [Handshake]; took is how long the answer took.
func Judge(in Input, scheme string, token core.Secret, got *core.Response, took time.Duration) Judgement {
	h := shake{in: in, r: in.Request, scheme: scheme, token: token, query: formPairs([]byte(in.Request.Query()))}
	i := slices.IndexFunc(greetings, func(g greeting) bool { return g.fits(&h) })
	if i < 0 {
		return Judgement{}
	}
	g := &greetings[i]
	j := Judgement{Handshake: g.name, Source: g.source}
	want, ok := g.answer(&h)
	j.Handshake += h.said
	switch {
	case got == nil:
		j.Says = "no answer came, so the provider does not take the address"
		return j
	case !ok:
		j.Unknown, j.Says = true, "whether the answer is right cannot be told: the token or secret that it is made of is not known here"
		return j
	}
	if j.Says = g.wrong(&h, &want, got); j.Says == "" && g.within > 0 && took > g.within {
		j.Says = fmt.Sprintf("the answer is right, and took %s: the provider waits for %s", core.Span(took), core.Span(g.within))
	}
	if j.Right = j.Says == ""; j.Right {
		j.Says = "this is what the provider wants to see"
		j.Notes = remarks(&want, got)
	}
	if g.note != "" {
		j.Notes = append(j.Notes, g.note)
	}
	return j
}

// wrong is what is wrong with an answer, or "".
func (g *greeting) wrong(h *shake, want, got *core.Response) string {
	switch {
	case got.Status >= 300 && got.Status < 400:
		return fmt.Sprintf("the answer is a redirect (%d); the provider follows none, and wants %d at this address", got.Status, want.Status)
	case want.Status >= 300 && got.Status != want.Status, g.exact && got.Status != want.Status:
		return fmt.Sprintf("the status is %d; the provider wants %d%s", got.Status, want.Status, strings.TrimSuffix(" for this request"+h.said, " "))
	case want.Status < 300 && (got.Status < 200 || got.Status > 299):
		return fmt.Sprintf("the status is %d; the provider wants %d", got.Status, want.Status)
	case got.Truncated:
		return "the answer is longer than what is kept of it; the provider wants a few bytes"
	case want.Status >= 300:
		return ""
	}
	if g.judge != nil {
		return g.judge(h, want, got)
	}
	return different(want, got)
}

// different is in what an answer is not the one that is wanted. Members, headers and words beside those that are wanted do not count.
func different(want, got *core.Response) string {
	for _, f := range want.Header {
		if strings.EqualFold(f.Name, "Content-Type") || strings.EqualFold(f.Name, "X-Content-Type-Options") || strings.EqualFold(f.Name, "Allow") {
			continue
		}
		switch have := got.Header.Get(f.Name); {
		case !got.Header.Has(f.Name):
			return fmt.Sprintf("the header %s is missing; want %s: %s", f.Name, f.Name, f.Value)
		case have != f.Value:
			return fmt.Sprintf("the header %s is %q; want %q", f.Name, short(have), f.Value)
		}
	}
	if len(want.Body) == 0 {
		return ""
	}
	if kind, _, _ := mime.ParseMediaType(want.Header.Get("Content-Type")); kind == "application/json" {
		return differentJSON(want.Body, got.Body)
	}
	return differentText(string(want.Body), string(got.Body))
}

func differentText(want, got string) string {
	text := strings.TrimSpace(got)
	var quoted string
	var wrapped map[string]any
	switch {
	case text == want:
		return ""
	case text == "":
		return fmt.Sprintf("the body is empty; want %s in it, as plain text", short(want))
	case json.Unmarshal([]byte(text), &quoted) == nil && quoted == want:
		return "the value is right and stands in quotes, as JSON; the provider wants it as plain text"
	case json.Unmarshal([]byte(text), &wrapped) == nil && len(wrapped) > 0:
		return fmt.Sprintf("the body is a JSON object; the provider wants the plain text %s", short(want))
	case strings.Contains(text, url.QueryEscape(want)) && url.QueryEscape(want) != want:
		return "the value is still escaped as it stood in the address; decode it first"
	case strings.Contains(text, want):
		return fmt.Sprintf("the body has %s, and more around it; the provider wants it alone", short(want))
	}
	return fmt.Sprintf("the body is %q; want %s", short(text), short(want))
}

func differentJSON(want, got []byte) string {
	var wanted map[string]any
	if json.Unmarshal(want, &wanted) != nil {
		return ""
	}
	names := make([]string, 0, len(wanted))
	for name := range wanted {
		names = append(names, name)
	}
	slices.Sort(names)
	var have map[string]any
	if len(bytes.TrimSpace(got)) == 0 {
		return fmt.Sprintf("the body is empty; want the JSON object %s", short(string(want)))
	}
	if json.Unmarshal(got, &have) != nil || have == nil {
		return fmt.Sprintf("the body is no JSON object (%q); want %s", short(string(got)), short(string(want)))
	}
	for _, name := range names {
		v, there := have[name]
		switch {
		case !there:
			return fmt.Sprintf("the member %s is missing; want %s", name, short(string(want)))
		case fmt.Sprintf("%T %v", v, v) != fmt.Sprintf("%T %v", wanted[name], wanted[name]):
			return fmt.Sprintf("the member %s is %s; want %s", name, short(asJSON(v)), short(asJSON(wanted[name])))
		}
	}
	return ""
}

func asJSON(v any) string {
	b, _ := json.Marshal(v) // it came as JSON
	return string(b)
}

// short is as much of a text as a sentence takes.
func short(s string) string {
	const most = 100
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// remarks are what a provider may mind of an answer that is right.
func remarks(want, got *core.Response) (notes []string) {
	wanted, _, _ := mime.ParseMediaType(want.Header.Get("Content-Type"))
	have, _, _ := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if wanted != "" && have != wanted && len(want.Body) > 0 {
		said := "it has no Content-Type"
		if have != "" {
			said = "its Content-Type is " + short(have)
		}
		notes = append(notes, said+"; the provider's document has "+wanted)
	}
	if text := string(got.Body); wanted == "text/plain" && text != strings.TrimSpace(text) {
		notes = append(notes, "there is white space around the value; some providers compare every byte")
	}
	return notes
}

// judgeSlack takes the challenge in each of the three forms of Slack's document.
func judgeSlack(_ *shake, want, got *core.Response) string {
	challenge := string(want.Body)
	if form, err := url.ParseQuery(strings.TrimSpace(string(got.Body))); err == nil && form.Get("challenge") == challenge {
		return ""
	}
	if wrong := differentText(challenge, string(got.Body)); wrong == "" || bytes.HasPrefix(bytes.TrimSpace(got.Body), []byte("{")) {
		object, _ := inJSON("challenge", challenge)
		return either(wrong, differentJSON(object.Body, got.Body))
	} else {
		return wrong
	}
}

// judgeOrigin takes a star for any origin, and any rate.
func judgeOrigin(h *shake, want, got *core.Response) string {
	origin, wanted := got.Header.Get("WebHook-Allowed-Origin"), h.r.Header.Get("WebHook-Request-Origin")
	rate := got.Header.Get("WebHook-Allowed-Rate")
	n, err := strconv.Atoi(rate)
	switch {
	case origin == "":
		return "the header WebHook-Allowed-Origin is missing; want the origin that asks, " + wanted + ", or *"
	case origin != "*" && origin != wanted:
		return fmt.Sprintf("the header WebHook-Allowed-Origin is %q; want %s, which asks, or *", short(origin), wanted)
	case rate != "" && rate != "*" && (err != nil || n < 1):
		return fmt.Sprintf("the header WebHook-Allowed-Rate is %q; want a whole number of requests per minute, or *", short(rate))
	case want.Header.Has("WebHook-Allowed-Rate") && rate == "":
		return "the header WebHook-Allowed-Rate is missing: the question has WebHook-Request-Rate; want a number of requests per minute, or *"
	}
	return ""
}

// judgeSmartsheet takes the header or the member.
func judgeSmartsheet(_ *shake, want, got *core.Response) string {
	body := core.Response{Header: core.Header{{Name: "Content-Type", Value: "application/json"}}, Body: want.Body}
	header := core.Response{Header: want.Header}
	return either(different(&header, got), different(&body, got))
}

// judgeAdobe takes the client's id in a header or in a member.
func judgeAdobe(h *shake, want, got *core.Response) string {
	body, _ := inJSON("xAdobeSignClientId", h.r.Header.Get(adobeClient))
	return either(different(want, got), different(&body, got))
}

// either is "" where one of two is: the provider takes both.
func either(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return a
}
