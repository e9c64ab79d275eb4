package lab_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// handler is a correct webhook handler, written without our own signing code, with room for one seeded fault.
type handler struct {
	scheme string // github, stripe or standard-webhooks
	fault  string
	quiet  bool // answers "ok" to everything and shows nothing of what it does

	mu        sync.Mutex
	seen      map[string]bool
	processed int
	newest    int64
	busy      atomic.Int32
}

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.fault == "blocks at once" {
		time.Sleep(20 * time.Second)
	}
	if h.fault == "redirects" && r.URL.Path != "/hook/" {
		http.Redirect(w, r, "/hook/", http.StatusPermanentRedirect)
		return
	}
	if r.URL.Path == "/thanks" {
		http.NotFound(w, r)
		return
	}
	if h.fault == "accepts head" && r.Method == http.MethodHead {
		return
	}
	if !h.allows(r.Method) {
		w.Header().Set("Allow", "POST")
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	if kind := r.Header.Get("Content-Type"); h.fault == "exact content type" && kind != "application/json" {
		http.Error(w, "want application/json", http.StatusUnsupportedMediaType)
		return
	}
	body, err := h.read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	if err := h.verify(r, body); err != nil {
		status := http.StatusUnauthorized
		if h.fault == "500 on a bad signature" {
			status = http.StatusInternalServerError
		}
		http.Error(w, err.Error(), status)
		return
	}
	defer h.busy.Add(-1)
	if n := h.busy.Add(1); n > 10 && h.fault == "500 when busy" {
		http.Error(w, "too many connections", http.StatusInternalServerError)
	} else if n > 10 && h.fault == "429 when busy" { // correct as well
		w.Header().Set("Retry-After", "1")
		http.Error(w, "busy", http.StatusTooManyRequests)
	} else {
		time.Sleep(10 * time.Millisecond) // virtual, so that a burst does meet
		if h.fault == "thanks with a redirect" {
			http.Redirect(w, r, "/thanks", http.StatusSeeOther)
			h.process(&rawWriter{header: http.Header{}}, r, body)
			return
		}
		h.process(w, r, body)
	}
}

func (h *handler) allows(method string) bool {
	return method == http.MethodPost || h.fault == "accepts get"
}

func (h *handler) read(r *http.Request) ([]byte, error) {
	switch h.fault {
	case "cuts large bodies":
		return io.ReadAll(io.LimitReader(r.Body, 64<<10))
	case "reads once":
		b := make([]byte, 4<<20)
		n, _ := r.Body.Read(b)
		return b[:n], nil
	case "413 over 512 KiB": // correct as well
		return io.ReadAll(http.MaxBytesReader(nil, r.Body, 512<<10))
	case "crashes on large bodies":
		if r.ContentLength > 256<<10 {
			panic(http.ErrAbortHandler)
		}
	}
	return io.ReadAll(r.Body)
}

// get looks a header up.
func (h *handler) get(r *http.Request, name string) string {
	if h.fault == "case-sensitive header" || h.fault == "lower-case header" {
		if h.fault == "lower-case header" {
			name = strings.ToLower(name)
		}
		return strings.Join(r.Header[name], ", ")
	}
	for k, vs := range r.Header {
		if strings.EqualFold(k, name) {
			return vs[0]
		}
	}
	return ""
}

// parts are what each scheme puts into a request.
func (h *handler) parts(r *http.Request) (id, ts, sig string) {
	switch h.scheme {
	case "github":
		return h.get(r, "X-GitHub-Delivery"), "", strings.TrimPrefix(h.get(r, "X-Hub-Signature-256"), "sha256=")
	case "stripe":
		for field := range strings.SplitSeq(h.get(r, "Stripe-Signature"), ",") {
			switch k, v, _ := strings.Cut(field, "="); k {
			case "t":
				ts = v
			case "v1":
				sig = v
			}
		}
		return "", ts, sig
	default:
		return h.get(r, "webhook-id"), h.get(r, "webhook-timestamp"), strings.TrimPrefix(h.get(r, "webhook-signature"), "v1,")
	}
}

func (h *handler) verify(r *http.Request, body []byte) error {
	id, ts, sig := h.parts(r)
	_, given := r.Header[http.CanonicalHeaderKey(map[string]string{"github": "X-Hub-Signature-256", "stripe": "Stripe-Signature"}[h.scheme])]
	if h.scheme == "standard-webhooks" {
		_, given = r.Header["Webhook-Signature"]
	}
	switch {
	case h.fault == "verifies nothing", h.fault == "accepts without a signature" && !given:
		return nil
	case h.fault == "trusts text/plain" && r.Header.Get("Content-Type") == "text/plain":
		return nil
	case sig == "" && h.fault != "compares a prefix of what came" && h.fault != "accepts what it cannot decode":
		return errors.New("no signature")
	case h.fault == "any signature will do":
		return nil
	case h.fault == "hashes go json":
		body = viaGo(body)
	case h.fault == "hashes python json":
		body = viaPython(body)
	case h.fault == "hashes latin-1":
		body = latin1(body)
	}
	if err := h.fresh(ts); err != nil {
		return err
	}
	signed := map[string]string{"github": string(body), "stripe": ts + "." + string(body), "standard-webhooks": id + "." + ts + "." + string(body)}[h.scheme]
	switch {
	case h.fault == "does not sign the time" && h.scheme == "stripe":
		return h.compareAnyTime(body, ts, id, sig)
	case h.fault == "does not sign the time" && h.scheme == "standard-webhooks":
		return h.compareAnyTime(body, ts, id, sig)
	case h.fault == "ignores the body":
		return h.compareAnyBody(signed, body, id, ts, sig)
	}
	return h.compare(h.mac(signed), sig)
}

func (h *handler) mac(signed string) string {
	key := []byte(secret)
	if h.scheme == "standard-webhooks" {
		key, _ = base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(signed))
	if h.scheme == "standard-webhooks" {
		return base64.StdEncoding.EncodeToString(m.Sum(nil))
	}
	return hex.EncodeToString(m.Sum(nil))
}

func (h *handler) compare(want, got string) error {
	var ok bool
	switch h.fault {
	case "compares a prefix of what came":
		ok = strings.HasPrefix(want, got)
	case "compares ten characters":
		ok = len(got) >= 10 && want[:10] == got[:10]
	case "compares one character":
		ok = len(got) > 0 && want[0] == got[0]
	case "compares the end":
		ok = len(got) >= 10 && strings.HasSuffix(want, got[len(got)-10:])
	case "accepts what it cannot decode":
		_, err1 := hex.DecodeString(got)
		_, err2 := base64.StdEncoding.DecodeString(got)
		ok = hmac.Equal([]byte(want), []byte(got)) || err1 != nil && err2 != nil
	case "throws on another length":
		if len(want) != len(got) {
			panic(http.ErrAbortHandler)
		}
		fallthrough
	default:
		ok = hmac.Equal([]byte(want), []byte(got))
	}
	if !ok {
		return errors.New("bad signature")
	}
	return nil
}

// compareAnyTime accepts a signature made at any time of the last two minutes.
func (h *handler) compareAnyTime(body []byte, ts, id, sig string) error {
	t, _ := strconv.ParseInt(ts, 10, 64)
	for back := range int64(120) {
		for _, at := range []int64{t - back, t + back} {
			signed := fmt.Sprintf("%d.%s", at, body)
			if h.scheme == "standard-webhooks" {
				signed = id + "." + signed
			}
			if h.compare(h.mac(signed), sig) == nil {
				return nil
			}
		}
	}
	return errors.New("bad signature")
}

// compareAnyBody accepts the signature of this body or of one with another digit in it: what a handler does that leaves
// part of the body out of the hash.
func (h *handler) compareAnyBody(signed string, body []byte, id, ts, sig string) error {
	if h.compare(h.mac(signed), sig) == nil {
		return nil
	}
	for i, c := range body {
		if c < '0' || c > '9' {
			continue
		}
		for d := byte('0'); d <= '9'; d++ {
			b := bytes.Clone(body)
			b[i] = d
			if h.compare(h.mac(strings.TrimSuffix(signed, string(body))+string(b)), sig) == nil {
				return nil
			}
		}
	}
	return errors.New("bad signature")
}

func (h *handler) fresh(ts string) error {
	if h.scheme == "github" || h.fault == "no timestamp check" {
		return nil
	}
	n, err := strconv.ParseInt(ts, 10, 64)
	age := time.Since(time.Unix(n, 0))
	if err != nil || age > 5*time.Minute {
		return errors.New("too old")
	}
	if h.scheme == "standard-webhooks" && age < -5*time.Minute && h.fault != "accepts the future" {
		return errors.New("from the future")
	}
	return nil
}

func (h *handler) process(w http.ResponseWriter, r *http.Request, body []byte) {
	var e struct {
		ID      string
		Created int64
	}
	bad := json.Unmarshal(body, &e) != nil
	switch {
	case h.fault == "blocks":
		time.Sleep(20 * time.Second)
	case h.fault == "crashes on an empty body" && len(body) == 0:
		panic(http.ErrAbortHandler)
	case h.fault == "crashes on unicode" && !ascii(body):
		panic(http.ErrAbortHandler)
	case h.fault == "500 on unicode" && !ascii(body):
		http.Error(w, "UnicodeDecodeError", http.StatusInternalServerError)
		return
	case h.fault == "500 on text/plain" && r.Header.Get("Content-Type") == "text/plain":
		http.Error(w, "cannot parse", http.StatusInternalServerError)
		return
	}
	if bad && r.Method != http.MethodHead {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	id := e.ID
	if _, _, sig := h.parts(r); h.fault == "500 on a replay" {
		if h.seen["replay "+sig] {
			http.Error(w, "nonce seen", http.StatusInternalServerError)
			return
		}
		h.seen["replay "+sig] = true
	}
	if h.fault == "refuses older events" && e.Created < h.newest-60 {
		http.Error(w, "older than what we have", http.StatusConflict)
		return
	}
	h.newest = max(h.newest, e.Created)
	if h.seen[id] && h.fault != "not idempotent" {
		h.duplicate(w)
		return
	}
	h.seen[id] = true
	h.processed++
	if h.quiet {
		io.WriteString(w, "ok")
		return
	}
	fmt.Fprintf(w, `{"received":true,"processed":%d,"request_id":"%d"}`, h.processed, time.Now().UnixNano())
}

func (h *handler) duplicate(w http.ResponseWriter) {
	switch {
	case h.fault == "500 on duplicates":
		http.Error(w, "duplicate key value violates unique constraint", http.StatusInternalServerError)
	case h.fault == "409 on duplicates":
		http.Error(w, "known", http.StatusConflict)
	case h.quiet:
		io.WriteString(w, "ok")
	default:
		fmt.Fprintf(w, `{"received":true,"processed":%d,"duplicate":true,"request_id":"%d"}`, h.processed, time.Now().UnixNano())
	}
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func viaGo(body []byte) []byte {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return body
	}
	out, _ := json.Marshal(v)
	return out
}

// viaPython prints as json.dumps does: a space behind each separator. It keeps the order, and knows only what the
// samples hold.
func viaPython(body []byte) []byte {
	var out bytes.Buffer
	if json.Compact(&out, body) != nil {
		return body
	}
	var spaced []byte
	inside := false
	for i, c := range out.Bytes() {
		if c == '"' && (i == 0 || out.Bytes()[i-1] != '\\') {
			inside = !inside
		}
		spaced = append(spaced, c)
		if !inside && (c == ',' || c == ':') {
			spaced = append(spaced, ' ')
		}
	}
	return spaced
}

func latin1(body []byte) []byte {
	var out []byte
	for _, r := range string(body) {
		if r > 255 {
			r = '?'
		}
		out = append(out, byte(r))
	}
	return out
}

// rawServer hands a handler the names of headers as they were sent, which net/http does not.
func rawServer(l net.Listener, h http.Handler) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			if r, err := readRaw(bufio.NewReader(conn)); err == nil {
				w := &rawWriter{header: http.Header{}, status: 200}
				h.ServeHTTP(w, r)
				fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", w.status, http.StatusText(w.status), w.body.Len(), w.body.Bytes())
			}
		}()
	}
}

func readRaw(b *bufio.Reader) (*http.Request, error) {
	line, err := b.ReadString('\n')
	if err != nil {
		return nil, err
	}
	method, rest, _ := strings.Cut(line, " ")
	target, _, _ := strings.Cut(rest, " ")
	r, err := http.NewRequestWithContext(context.Background(), method, target, nil)
	if err != nil {
		return nil, err
	}
	length := 0
	for {
		line, err := b.ReadString('\n')
		if err != nil {
			return nil, err
		}
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		if !ok {
			break
		}
		if strings.EqualFold(name, "Content-Length") {
			length, _ = strconv.Atoi(value)
		}
		r.Header[name] = append(r.Header[name], value)
	}
	r.Body = io.NopCloser(io.LimitReader(b, int64(length)))
	return r, nil
}

type rawWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *rawWriter) Header() http.Header         { return w.header }
func (w *rawWriter) WriteHeader(status int)      { w.status = status }
func (w *rawWriter) Write(p []byte) (int, error) { return w.body.Write(p) }
