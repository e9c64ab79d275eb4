package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hookglass/core"
)

const hashRaw = "verify the bytes as they came, before anything parses them: express.raw() in Node, io.ReadAll in Go, request.get_data() in Flask, await request.body() in FastAPI"

// rawBytes sends JSON that looks different once it was parsed and printed again, each time in one way.
func rawBytes(ctx context.Context, e *exam) outcome {
	const why = "the signature covers the bytes that were sent: JSON that was parsed and printed again has other bytes and the same meaning"
	if !strings.Contains(e.cfg.Scheme.Template, "{body}") && e.cfg.Scheme.Template != "{contentful}" && e.cfg.Scheme.Template != "{rfc9421}" {
		return skipped("this scheme does not sign the body as it is")
	}
	if e.style.spaced {
		return broken(e.base, "a compact JSON body", "only a body with a space behind each comma and colon was accepted: "+why, hashRaw)
	}
	if plain := e.payload(e.newEvent()); !json.Valid(plain) || plain[0] != '{' {
		return skipped("the sample is not a JSON object")
	}
	var x exchange
	for _, v := range []struct {
		name  string
		write func([]byte) []byte
	}{
		{"spaces", indented},
		{"keys that are not sorted", func(b []byte) []byte { return withFirst(b, "zz", "0") }},
		{"the number 1.0", func(b []byte) []byte { return with(b, "zz", "1.0") }},
		{"an escaped slash", func(b []byte) []byte { return with(b, "zz", `"a\/b"`) }},
		{"a letter written as an escape", func(b []byte) []byte { return with(b, "zz", `"\u0041"`) }},
		{"unescaped angle brackets", func(b []byte) []byte { return with(b, "zz", `"<&>"`) }},
		{"a newline at the end", func(b []byte) []byte { return append(bytes.Clone(b), '\n') }},
	} {
		ev := e.newEvent()
		if x = e.send(ctx, e.withBody(ev, v.write(e.payload(ev)))); !x.accepted() {
			return broken(x, "a valid delivery with "+v.name+" in its JSON", why, hashRaw)
		}
	}
	return held(x, "valid deliveries with spaces, unsorted keys, 1.0, escaped slashes and letters, angle brackets, a final newline", why)
}

func indented(body []byte) []byte {
	var out bytes.Buffer
	if json.Indent(&out, body, "", "  ") != nil {
		return body
	}
	return out.Bytes()
}

func unicodeBody(ctx context.Context, e *exam) outcome {
	const sent = "a valid delivery with ë, 東京 and an emoji in its body"
	const why = "JSON is UTF-8, and names are not ASCII"
	ev := e.newEvent()
	x := e.send(ctx, e.withBody(ev, with(e.payload(ev), "zz", `"Zoë, 東京 🚀"`)))
	switch {
	case x.accepted():
		return held(x, sent, why)
	case x.refused() && e.failed["raw_bytes"]:
		return skipped("what raw_bytes found explains it already")
	case x.broke():
		return broken(x, sent, why+"; the handler fell over", "treat the body as bytes for the signature and as UTF-8 for the content; count bytes, not characters; use a character set with four bytes in the database")
	default:
		return broken(x, sent, why+"; the handler came to another signature", "hash the bytes of the body, not a text decoded as ASCII or Latin-1")
	}
}

func contentType(ctx context.Context, e *exam) outcome {
	ev := e.newEvent()
	r := e.request(ev, e.payload(ev))
	r.Header = r.Header.With("Content-Type", r.Header.Get("Content-Type")+"; charset=utf-8")
	const sent = "a valid delivery with a charset in its Content-Type"
	x := e.send(ctx, e.sealed(r, ev))
	if !x.accepted() {
		return broken(x, sent, "application/json and application/json; charset=utf-8 are the same type", "compare the media type without its parameters, or not at all")
	}
	ev = e.newEvent()
	r = e.request(ev, e.payload(ev))
	r.Header = r.Header.With("Content-Type", "text/plain")
	r = e.sealed(r, ev)
	if y := e.send(ctx, r); y.broke() {
		return broken(y, "a valid delivery as text/plain", "accept it or refuse it with 415, but do not fall over", "read the raw body whatever its type says")
	}
	return e.unsignedPlain(ctx, x, sent)
}

// unsignedPlain looks for a back door: verification that is tied to the JSON type.
func (e *exam) unsignedPlain(ctx context.Context, x exchange, sent string) outcome {
	if e.cfg.Scheme.ID == "" || e.signatureHeader() == "" || e.failed["missing_signature"] || e.failed["partial_signature"] {
		return held(x, sent+", and one as text/plain", "the signature is over the bytes, whatever type they are said to have")
	}
	r := e.valid(e.newEvent())
	r.Header = r.Header.Without(e.signatureHeader()).With(spelledAs(r.Header, "Content-Type"), "text/plain")
	y := e.send(ctx, r)
	if y.accepted() {
		return believed(y, "a delivery as text/plain, without a signature", "the Content-Type is chosen by whoever sends it, and must not switch the verification off", "verify first, whatever the type")
	}
	return held(x, sent+", one as text/plain, and one as text/plain without a signature", "the signature is over the bytes, whatever type they are said to have")
}

func emptyBody(ctx context.Context, e *exam) outcome {
	const sent = "a delivery with an empty body, rightly signed"
	if e.signatureHeader() == "" && e.cfg.Scheme.ID != "" || strings.Contains(e.cfg.Scheme.TS.From, "json:") {
		return skipped("the signature or its time stands in the body")
	}
	x := e.send(ctx, e.withBody(e.newEvent(), nil))
	if x.broke() {
		return broken(x, sent, "take it or refuse it with 400, but do not fall over", "look whether there is a body before you parse it, and answer 400 if there is none")
	}
	return held(x, sent, "an empty body is taken or refused, in good order")
}

func slowSender(ctx context.Context, e *exam) outcome {
	r := e.valid(e.newEvent())
	sent := fmt.Sprintf("a valid delivery whose body arrives in four pieces over %s", core.Span(e.cfg.SlowSender))
	x := e.exchange(ctx, r, &dribbling{ctx: ctx, rest: r.Body, piece: len(r.Body)/4 + 1, pause: e.cfg.SlowSender / 4})
	switch {
	case x.accepted() || x.limited():
		return held(x, sent, "networks are slow at times, and a body comes in pieces")
	case x.refused() && x.status() != http.StatusRequestTimeout:
		return broken(x, sent, "the handler refused it: it looks at the body before all of it is there", "read the body to its end (Content-Length bytes, or end of file): one read may return any part of it")
	default:
		return broken(x, sent, "networks are slow at times: what is still arriving must not be cut off", "allow at least ten seconds for reading a request")
	}
}

func largeBody(ctx context.Context, e *exam) outcome {
	ev := e.newEvent()
	pad, _ := json.Marshal(strings.Repeat("a", e.cfg.LargeBody))
	r := e.withBody(ev, with(e.payload(ev), "zz", string(pad)))
	sent := fmt.Sprintf("a valid delivery of %d KiB", len(r.Body)>>10)
	const fix = "read up to the provider's largest payload (GitHub sends 25 MB), and answer 413 to what is larger"
	x := e.sendLarge(ctx, r)
	switch {
	case x.accepted():
		return held(x, sent, "large payloads are rare and real")
	case x.status() == http.StatusRequestEntityTooLarge:
		return held(x, sent, "413 is an honest answer, but the event is lost where the provider does send as much")
	case (x.refused() || x.response == nil) && e.failed["slow_sender"]: // who does not read all of a body may close on it, too
		return skipped("what slow_sender found explains it already")
	case x.refused():
		return broken(x, sent, "it was refused, and not for its size: a body that is cut in silence has another signature", fix)
	default:
		return broken(x, sent, "a body that is too large wants a 413: a 5xx or a closed connection is tried again and again", fix)
	}
}

// sendLarge tries again where the answer was lost: a handler that refuses a body without reading it may close the
// connection while we still write, and then its 413 does not always get through.
func (e *exam) sendLarge(ctx context.Context, r core.Request) (x exchange) {
	for range 3 {
		if x = e.send(ctx, r); x.response != nil || x.took > time.Second {
			return x
		}
	}
	return x
}
