package lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
)

// exchange is one delivery and what came back.
type exchange struct {
	request  core.Request
	response *core.Response
	failure  string // why there is no response
	took     time.Duration

	redirectIsYes bool
}

func (x exchange) status() int {
	if x.response == nil {
		return 0
	}
	return x.response.Status
}

func (x exchange) accepted() bool { return x.status()/100 == 2 || x.redirectIsYes && x.moved() }
func (x exchange) moved() bool    { return x.status()/100 == 3 }
func (x exchange) refused() bool  { return x.status()/100 == 4 }
func (x exchange) limited() bool  { return x.status() == http.StatusTooManyRequests }
func (x exchange) broke() bool    { return x.status() == 0 || x.status() >= 500 }

// String is what came back, in one line.
func (x exchange) String() string {
	if x.response == nil {
		return fmt.Sprintf("no answer: %s (%v)", x.failure, shown(x.took))
	}
	line := fmt.Sprintf("%d %s in %v", x.status(), http.StatusText(x.status()), shown(x.took))
	if text := excerpt(x.response.Body); text != "" {
		line += ": " + text
	}
	return line
}

// shown is a duration without the figures that nobody reads.
func shown(d time.Duration) time.Duration {
	if d < 10*time.Millisecond {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(time.Millisecond)
}

// excerpt is the start of a body, on one line.
func excerpt(body []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "\uFFFD")), " ")
	if r := []rune(text); len(r) > 120 {
		return string(r[:120]) + " …"
	}
	return text
}

// patienceWith429 bounds how long a check waits for a rate limit to let it through.
const patienceWith429 = 10 * time.Second

// send delivers r. A handler with a rate limit is given the time it asks for, up to a bound.
func (e *exam) send(ctx context.Context, r core.Request) exchange {
	for range 3 {
		x := e.exchange(ctx, r, bytes.NewReader(r.Body))
		if !x.limited() {
			return x
		}
		wait, ok := limit.ParseRetryAfter(x.response.Header.Get("Retry-After"), time.Now())
		if !ok || wait > patienceWith429 || !core.Pause(ctx, wait) {
			return x
		}
	}
	return e.exchange(ctx, r, bytes.NewReader(r.Body))
}

// exchange does one round trip. Redirects are not followed: no webhook sender does.
func (e *exam) exchange(ctx context.Context, r core.Request, body io.Reader) exchange {
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Patience)
	defer cancel()
	x, start := exchange{request: r, redirectIsYes: e.yesByRedirect}, time.Now()
	defer func() { x.took = time.Since(start) }()

	hr, err := http.NewRequestWithContext(ctx, r.Method, r.URL(), body)
	if err != nil {
		x.failure = err.Error()
		return x
	}
	hr.ContentLength = int64(len(r.Body))
	if len(r.Body) == 0 {
		hr.Body = http.NoBody
	}
	for _, f := range r.Header {
		hr.Header[f.Name] = append(hr.Header[f.Name], f.Value) // spelled as it is
	}
	resp, err := e.cfg.Transport.RoundTrip(hr)
	if err == nil {
		x.response, err = received(resp)
	}
	x.took = time.Since(start)
	if err != nil {
		x.response, x.failure = nil, e.failureOf(ctx, err)
	}
	return x
}

func received(resp *http.Response) (*core.Response, error) {
	defer resp.Body.Close()
	const most = 64 << 10
	body, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	out := &core.Response{Status: resp.StatusCode, Proto: resp.Proto, Body: body, Size: int64(len(body)), Truncated: len(body) == most}
	for name, values := range resp.Header {
		for _, v := range values {
			out.Header = append(out.Header, core.Field{Name: name, Value: v})
		}
	}
	return out, nil
}

func (e *exam) failureOf(ctx context.Context, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("nothing came within %s", core.Span(e.cfg.Patience))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	default:
		return err.Error()
	}
}

// ownTransport opens a connection for each delivery, so that what one does to its connection does not touch the next.
func ownTransport(skipTLS bool) http.RoundTripper {
	return &http.Transport{
		DisableKeepAlives:  true,
		DisableCompression: true,
		TLSClientConfig:    &tls.Config{InsecureSkipVerify: skipTLS, NextProtos: []string{"http/1.1"}},
	}
}

// dribbling hands its bytes out in pieces, with a pause before each.
type dribbling struct {
	ctx   context.Context
	rest  []byte
	piece int
	pause time.Duration
}

func (d *dribbling) Read(p []byte) (int, error) {
	if len(d.rest) == 0 {
		return 0, io.EOF
	}
	if !core.Pause(d.ctx, d.pause) {
		return 0, d.ctx.Err()
	}
	n := copy(p, d.rest[:min(d.piece, len(d.rest))])
	d.rest = d.rest[n:]
	return n, nil
}
