package deliver_test

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

// joaiCase is what of an outbound case concerns sending: the rest is the platform's.
type joaiCase struct {
	ID, Title string
	Setup     struct {
		Webhook        *joaiWebhook
		SecondWebhook  *joaiWebhook `json:"second_webhook"`
		ReceiverScript []struct {
			Status int
			Header map[string]string `json:"headers"`
			Body   string
			Delay  float64 `json:"delay_s"`
			Refuse bool
		} `json:"receiver_script"`
	}
	Expect struct {
		Deliveries int               // requests that arrived
		Attempts   int               // where it differs
		Final      string            `json:"final_status"`
		Method     string            `json:"request_method"`
		Headers    map[string]string `json:"request_headers"`
		Body       *string           `json:"body_equals"`
		Identical  []string          `json:"identical_across_attempts"`
	}
}

type joaiWebhook struct {
	ID, URL, Secret string
	Headers         map[string]string
	VerifySSL       *bool `json:"verifySsl"`
	Timeout         *float64
	MaxRetries      *int
}

// What of the cases is not about sending.
var notSending = map[string]string{
	"joai-009": "the envelope is made by the platform",
	"joai-013": "which endpoint an event goes to is decided before there is a delivery",
	"joai-034": "JoAi's bound of max_retries is checked by the platform's settings",
	"joai-044": "a timeout of 0 means the default here; JoAi's bound is checked by the platform's settings",
	"joai-045": "http is refused by the platform's settings",
	"joai-049": "an inactive webhook gets no delivery",
	"joai-052": "triggers are checked by the platform's settings",
}

func TestJoAiCases(t *testing.T) {
	text, err := os.ReadFile("testdata/joai_outbound.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []joaiCase }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	certs := newAuthority(t)
	for _, c := range file.Cases {
		t.Run(c.ID, func(t *testing.T) {
			if why := notSending[c.ID]; why != "" {
				t.Skip(why)
			}
			synctest.Test(t, func(t *testing.T) { c.run(t, certs) })
		})
	}
}

func (c *joaiCase) run(t *testing.T, certs *authority) {
	rig := newRig(t)
	rig.sender.Sign = signJoAi
	receiver := c.receiver(t, rig, certs)
	var want []core.DeliveryID
	for _, w := range []*joaiWebhook{c.Setup.Webhook, c.Setup.SecondWebhook} {
		if w != nil {
			want = append(want, rig.add(c.delivery(w, certs))...)
		}
	}
	stop := rig.start()
	time.Sleep(24 * time.Hour)
	stop()

	if len(receiver.got) != c.Expect.Deliveries {
		t.Errorf("%d requests arrived, want %d", len(receiver.got), c.Expect.Deliveries)
	}
	for _, got := range receiver.got {
		c.compare(t, got)
	}
	for _, id := range want {
		c.follow(t, rig, id)
	}
	for _, name := range c.Expect.Identical {
		for _, got := range receiver.got[1:] {
			if name == "body" && got.body != receiver.got[0].body || name != "body" && got.header.Get(name) != receiver.got[0].header.Get(name) {
				t.Errorf("%s differs between attempts", name)
			}
		}
	}
}

// delivery is what the platform would have the dispatcher send.
func (c *joaiCase) delivery(w *joaiWebhook, certs *authority) core.Delivery {
	policy, _ := deliver.Preset("joai")
	if w.MaxRetries != nil {
		policy.Retries = *w.MaxRetries
	}
	body := `{"event":"agent.message","data":{"content":"` + c.content() + `"}}`
	if c.Expect.Body != nil {
		body = *c.Expect.Body
	}
	d := to(cmp.Or(w.URL, c.Setup.Webhook.URL), body)
	d.Target.Policy, d.Target.Scheme, d.Target.Secret, d.Target.CAFile = policy, "joai", core.SecretRef(w.Secret), certs.file
	for name, value := range w.Headers {
		d.Target.Header = append(d.Target.Header, core.Field{Name: name, Value: value})
	}
	if w.Timeout != nil {
		d.Target.Timeout = time.Duration(*w.Timeout * float64(time.Second))
	}
	d.Target.SkipTLS = w.VerifySSL != nil && !*w.VerifySSL
	return d
}

func (c *joaiCase) content() string {
	if strings.Contains(c.Title, "256 KiB") {
		return strings.Repeat("M", 262144)
	}
	return "Hello"
}

func signJoAi(d core.Delivery, r core.Request, _ time.Time) (core.Request, error) {
	h := hmac.New(sha256.New, []byte(d.Target.Secret))
	h.Write(r.Body)
	r.Header = r.Header.With("X-Webhook-Signature", hex.EncodeToString(h.Sum(nil)))
	return r, nil
}

// joaiReceiver plays a script and keeps what arrived.
type joaiReceiver struct {
	mu   sync.Mutex
	step int
	got  []arrived
}

type arrived struct {
	method string
	header http.Header
	lines  []string // of the header, spelled as sent
	body   string
}

func (c *joaiCase) receiver(t *testing.T, r *rig, certs *authority) *joaiReceiver {
	receiver := new(joaiReceiver)
	next := func() int {
		receiver.mu.Lock()
		defer receiver.mu.Unlock()
		i := min(receiver.step, len(c.Setup.ReceiverScript)-1)
		receiver.step++
		return i
	}
	accept := func(raw net.Conn, cert tls.Certificate) {
		defer raw.Close()
		conn := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{cert}})
		if conn.Handshake() != nil {
			return
		}
		step := c.Setup.ReceiverScript[next()]
		got, err := receive(conn)
		if err != nil {
			return
		}
		receiver.mu.Lock()
		receiver.got = append(receiver.got, got)
		receiver.mu.Unlock()
		time.Sleep(time.Duration(step.Delay * float64(time.Second)))
		answer := http.Response{
			StatusCode: step.Status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
			Body: io.NopCloser(strings.NewReader(step.Body)), ContentLength: int64(len(step.Body)), Close: true,
		}
		for name, value := range step.Header {
			answer.Header.Set(name, value)
		}
		answer.Write(conn)
		conn.Close()
	}
	r.net.put("receiver.test:443", func(conn net.Conn) { accept(conn, certs.trusted) })
	r.net.put("selfsigned.test:443", func(conn net.Conn) { accept(conn, certs.selfSigned) })
	r.net.refuse = func(string) bool {
		receiver.mu.Lock()
		defer receiver.mu.Unlock()
		if i := receiver.step; i < len(c.Setup.ReceiverScript) && c.Setup.ReceiverScript[i].Refuse {
			receiver.step++
			return true
		}
		return false
	}
	return receiver
}

// receive reads a request, its header also as it was spelled.
func receive(c io.Reader) (got arrived, err error) {
	var text bytes.Buffer
	r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(c, &text)))
	if err != nil {
		return got, err
	}
	body, err := io.ReadAll(r.Body)
	head, _, _ := strings.Cut(text.String(), "\r\n\r\n")
	return arrived{r.Method, r.Header, strings.Split(head, "\r\n")[1:], string(body)}, err
}

func (c *joaiCase) compare(t *testing.T, got arrived) {
	if c.Expect.Method != "" && got.method != c.Expect.Method {
		t.Errorf("method %s, want %s", got.method, c.Expect.Method)
	}
	for name, pattern := range c.Expect.Headers {
		i := slices.IndexFunc(got.lines, func(l string) bool { return strings.HasPrefix(l, name+": ") })
		if c.Setup.SecondWebhook != nil && name == "X-Webhook-Signature" {
			continue // the second one has its own
		}
		if i < 0 || !regexp.MustCompile(pattern).MatchString(got.lines[i][len(name)+2:]) {
			t.Errorf("%s, spelled so: want %s in %q", name, pattern, got.lines)
		}
	}
	if c.Expect.Body != nil && got.body != *c.Expect.Body {
		t.Errorf("body %q, want %q", got.body, *c.Expect.Body)
	}
}

// follow compares state, number and times of the attempts: each begins the schedule's delay after the end of the one
// before, to the nanosecond.
func (c *joaiCase) follow(t *testing.T, r *rig, id core.DeliveryID) {
	d, as := r.delivery(id), r.attempts(id)
	state := map[string]core.DeliveryState{"success": core.Delivered, "failed": core.Exhausted, "": d.State}[c.Expect.Final]
	wanted := c.Expect.Deliveries
	if c.Setup.SecondWebhook != nil {
		wanted = 1
	}
	if c.Expect.Attempts > 0 {
		wanted = c.Expect.Attempts
	}
	if d.State != state || len(as) != wanted {
		t.Errorf("%s after %d attempts, want %s after %d", d.State, len(as), state, wanted)
	}
	delay := time.Second
	for i := range as[1:] {
		if got := as[i+1].Started.Sub(as[i].Started.Add(as[i].Took)); got != delay {
			t.Errorf("attempt %d began %v after the one before, want %v", i+2, got, delay)
		}
		delay = min(2*delay, time.Minute)
	}
}

// authority makes the certificates of these tests. In a bubble the year is 2000.
type authority struct {
	file                string
	trusted, selfSigned tls.Certificate
}

func newAuthority(t *testing.T) *authority {
	log.SetOutput(io.Discard)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	a := &authority{file: filepath.Join(t.TempDir(), "ca.pem")}
	a.trusted = certificate(t, "receiver.test")
	a.selfSigned = certificate(t, "selfsigned.test")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.trusted.Certificate[0]})
	if err := os.WriteFile(a.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func certificate(t *testing.T, name string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
