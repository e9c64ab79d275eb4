package tunnel_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/tunnel"
)

// Every provider must pass these.

func TestOnlineAndStopped(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		r := f.start(t, echo())
		e := r.online()
		resp, body := post(t, f.client, e.URL+"/in", []byte("hello"))
		if resp.StatusCode != 200 || string(body) != "hello" {
			t.Errorf("got %s %q", resp.Status, body)
		}
		if first := r.all()[0]; first.State != tunnel.Connecting || first.Code != "" {
			t.Errorf("first event %+v, want connecting", first)
		}
		if r.open().Provider != f.config.Provider {
			t.Errorf("provider %q", r.open().Provider)
		}
		if err := r.close(); err != nil {
			t.Errorf("Run: %v", err)
		}
		var states []tunnel.State
		for _, e := range r.all() {
			states = append(states, e.State)
		}
		if want := []tunnel.State{tunnel.Connecting, tunnel.Online, tunnel.Stopped}; !slices.Equal(states, want) {
			t.Errorf("states %v, want %v", states, want)
		}
		if resp, _, err := tryPost(f.client, e.URL, nil); err == nil && resp.StatusCode == 200 {
			t.Error("it still answers after the stop")
		}
	})
}

func TestLargeBodyArrivesByteForByte(t *testing.T) {
	sum := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := sha256.New()
		n, err := io.Copy(h, r.Body)
		if err != nil {
			return
		}
		fmt.Fprintf(w, "%d %x", n, h.Sum(nil))
	})
	body := make([]byte, 3<<20)
	random := rand.NewChaCha8([32]byte{1})
	random.Read(body)
	eachProvider(t, func(t *testing.T, f far) {
		_, got := post(t, f.client, f.start(t, sum).online().URL, body)
		if want := fmt.Sprintf("%d %x", len(body), sha256.Sum256(body)); string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// 500 requests, 50 wide.
func TestManyAtATime(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		url := f.start(t, echo()).online().URL
		numbers := make(chan int)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				for n := range numbers {
					want := bytes.Repeat([]byte(fmt.Sprintf("%08d", n)), 2500)
					resp, got, err := tryPost(f.client, fmt.Sprintf("%s/%d", url, n), want)
					switch {
					case err != nil:
						t.Errorf("request %d: %v", n, err)
					case resp.StatusCode != 200 || !bytes.Equal(got, want):
						t.Errorf("request %d: %s, %d bytes", n, resp.Status, len(got))
					}
				}
			})
		}
		for n := range 500 {
			numbers <- n
		}
		close(numbers)
		all.Wait()
	})
}

// A scheme that signs the URL verifies through a tunnel when the URL is the tunnel's with the target as it arrived.
func TestSignedURLsVerifyThroughTheTunnel(t *testing.T) {
	const target = "/in/a%2Fb/%41?q=%41&z&x=1;y=2&bad=%zz&plus=+&umlaut=%c3%bc&empty="
	const secret = "12345"
	eachProvider(t, func(t *testing.T, f far) {
		var tun atomic.Pointer[tunnel.Tunnel]
		r := f.startWith(t, func(opened *tunnel.Tunnel) error {
			tun.Store(opened)
			return serve(opened, opened.Guard().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				arrived := core.Request{Base: opened.URL(), Host: r.Host, Target: r.RequestURI, Body: body}
				form, _ := url.ParseQuery(string(body))
				fmt.Fprintf(w, "%s\n%s\n%s", arrived.URL(), twilio(secret, arrived.URL(), form), square(secret, arrived.URL(), body))
			})))
		})
		r.online()
		registered, body := "https://"+publicHost+target, "CallSid=CA1&From=%2B14158675309&Digits=1234"
		form, _ := url.ParseQuery(body)
		_, got, err := f.say(t, head("POST", target, "Content-Length: "+fmt.Sprint(len(body)), "Connection: close")+body)
		want := registered + "\n" + twilio(secret, registered, form) + "\n" + square(secret, registered, []byte(body))
		if err != nil || got != want {
			t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
		}
	})
}

// twilio signs as https://www.twilio.com/docs/usage/security says.
func twilio(secret, url string, form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range form[name] {
			url += name + value
		}
	}
	h := hmac.New(sha1.New, []byte(secret))
	io.WriteString(h, url)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// square signs as https://developer.squareup.com/docs/webhooks/step3validate says.
func square(secret, url string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	io.WriteString(h, url)
	h.Write(body)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func TestStrangersAreTurnedAwayWhileTheTunnelStaysUp(t *testing.T) {
	big := strings.Repeat("x", 40<<10)
	for _, c := range []struct {
		name   string
		text   string
		status int // 0: cut without an answer, or with one of the edge's own
	}{
		{"foreign host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
		{"loopback host", "GET / HTTP/1.1\r\nHost: 127.0.0.1:4600\r\n\r\n", 421},
		{"the host as a prefix", "GET / HTTP/1.1\r\nHost: " + publicHost + ".evil.example\r\n\r\n", 421},
		{"absolute target with a foreign host", "GET http://evil.example/ HTTP/1.1\r\nHost: " + publicHost + "\r\n\r\n", 421},
		{"the host with its port", "GET /ok HTTP/1.1\r\nHost: " + publicHost + ":443\r\nConnection: close\r\n\r\n", 200},
		{"the host in capitals", "GET /ok HTTP/1.1\r\nHost: " + strings.ToUpper(publicHost) + "\r\nConnection: close\r\n\r\n", 200},
		{"body too long", head("POST", "/", "Content-Length: 40960", "Connection: close") + big, 413},
		{"body too long, in chunks", head("POST", "/", "Transfer-Encoding: chunked", "Connection: close") + "a000\r\n" + big + "\r\n0\r\n\r\n", 413},
		{"fields too long", head("GET", "/", "X: "+big, "Connection: close"), 431},
		{"slow fields", "GET / HTTP/1.1\r\nHost: " + publicHost + "\r\nX: ", 0},
		{"slow body", head("POST", "/", "Content-Length: 100") + "begins", 408},
		{"not HTTP", "\x16\x03\x01\x02\x00\n\x00\x00\r\n\r\n", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachProvider(t, func(t *testing.T, f far) {
				f.cutsStreams(t)
				t.Parallel()
				r := f.startWith(t, func(opened *tunnel.Tunnel) error {
					g := opened.Guard()
					g.BodyLimit = 16 << 10
					s := &http.Server{Handler: g.Handler(echo()), MaxHeaderBytes: 16 << 10}
					if slow := strings.HasPrefix(c.name, "slow"); slow { // the others are never late, however busy the machine
						s.ReadHeaderTimeout, s.ReadTimeout = time.Second, 2*time.Second
					}
					return tunnel.Serve(opened, s)
				})
				url := r.online().URL
				resp, body, err := f.say(t, c.text)
				switch {
				case c.status != 0 && (err != nil || resp.StatusCode != c.status):
					t.Errorf("got %v %q %v, want %d", resp, body, err, c.status)
				case c.status == 0 && err == nil && resp.StatusCode != 502:
					t.Errorf("got %v, want no answer", resp)
				}
				answersAgain(t, f.client, url)
				if events := r.all(); events[len(events)-1].State != tunnel.Online {
					t.Errorf("the tunnel did not stay up: %+v", events)
				}
			})
		})
	}
}

// A reader that never reads parks its writer. It must not keep the program from closing.
func TestStuckReadersDoNotStopTheClosing(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		f.cutsStreams(t)
		var inside, stuck atomic.Int32
		r := f.startWith(t, func(opened *tunnel.Tunnel) error { // without the guard, which would cut them
			return serve(opened, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inside.Add(1)
				defer inside.Add(-1)
				piece := make([]byte, 1<<20)
				for range 16 { // more than the buffers on the way hold
					w.Write(piece)
				}
				stuck.Add(-1)
			}))
		})
		r.online()
		stuck.Store(64)
		for range 64 {
			f.visit(t, head("GET", "/"))
		}
		within(t, "64 readers are inside", func() bool { return inside.Load() == 64 })
		if err := r.close(); err != nil {
			t.Errorf("Run: %v", err)
		}
		if n := inside.Load(); n != 0 {
			t.Errorf("%d handlers are still inside", n)
		}
	})
}

// With the guard 64 stuck readers do not even keep the next visitor out: an answer ends before anything would wait.
func TestGuardKeepsStuckReadersFromFillingTheHouse(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		f.cutsStreams(t)
		var served atomic.Int32
		r := f.start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(w, io.LimitReader(zeros{}, 190<<10))
			served.Add(1)
		}))
		url := r.online().URL
		for range 64 {
			f.visit(t, head("GET", "/"))
		}
		within(t, "64 are served without being read", func() bool { return served.Load() == 64 })
		if resp, body := post(t, f.client, url, nil); resp.StatusCode != 200 || len(body) != 190<<10 {
			t.Errorf("the next got %s and %d bytes", resp.Status, len(body))
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// A sender may close its side when it has said all, or break off.
func TestHalfClosedSenders(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		f.cutsStreams(t)
		read := make(chan error, 1)
		r := f.start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			read <- err
			io.WriteString(w, "heard")
		}))
		r.online()
		for _, c := range []struct {
			name, text string
			whole      bool
		}{
			{"said all", head("POST", "/", "Content-Length: 3", "Connection: close") + "all", true},
			{"broke off", head("POST", "/", "Content-Length: 100", "Connection: close") + "beg", false},
		} {
			conn := f.visit(t, c.text)
			if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-read:
				if (err == nil) != c.whole {
					t.Errorf("%s: the handler read %v", c.name, err)
				}
			case <-time.After(patience):
				t.Fatalf("%s: the handler still reads", c.name)
			}
			if _, body, err := answerOn(conn); c.whole && body != "heard" {
				t.Errorf("%s: the sender heard %q %v", c.name, body, err)
			}
		}
	})
}

func TestPingTellsALiveTunnelFromADeadOne(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		f.config.BasicAuth = core.Text("dev:long enough")
		r := f.start(t, echo())
		opened := r.open()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if took, err := opened.Ping(ctx, f.client); err != nil || took <= 0 {
			t.Errorf("alive: %v, %v", took, err)
		}
		r.close()
		_, err := opened.Ping(ctx, f.client)
		var e *tunnel.Error
		if !errors.As(err, &e) || e.Text == "" || e.Next == "" {
			t.Errorf("dead: %v, want an *Error", err)
		}
	})
}

func TestHealsWithoutATrace(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		if f.drop == nil {
			t.Skip("an own tunnel has no connection of ours")
		}
		for _, c := range []struct {
			name        string
			upset, calm func()
			code        string
		}{
			{"drop", f.drop, func() {}, ""},
			{"outage", func() { f.outage(t, true) }, func() { f.outage(t, false) }, "refused"},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := f.start(t, echo())
				first, n := r.wait(0, is(tunnel.Online))
				c.upset()
				e, n := r.wait(n, func(e tunnel.Event) bool {
					return e.State == tunnel.Reconnecting && (c.code == "" || e.Code == c.code)
				})
				if e.Text == "" || e.URL != first.URL || c.code != "" && e.Retry.IsZero() {
					t.Errorf("got %+v", e)
				}
				c.calm()
				if again, _ := r.wait(n, is(tunnel.Online)); again.URL != first.URL {
					t.Errorf("back under %s, was %s", again.URL, first.URL)
				}
				answersAgain(t, f.client, first.URL)
			})
		}
	})
}

func TestStopFreesEverything(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		f.cutsStreams(t)
		cycle := func() {
			r := f.start(t, echo())
			if _, body := post(t, f.client, r.online().URL, []byte("x")); string(body) != "x" {
				t.Errorf("got %q", body)
			}
			r.close()
		}
		cycle()
		before := runtime.NumGoroutine()
		for range 20 {
			cycle()
		}
		within(t, fmt.Sprintf("the goroutines are %d again", before), func() bool { return runtime.NumGoroutine() <= before })
	})
}

func TestGuardOfAProviderThatHasNone(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		if f.config.Provider == "ngrok" {
			t.Skip("ngrok asks at its edge, see TestWhatNgrokIsAsked")
		}
		f.config.BasicAuth = core.Text("dev:open:sesame")
		f.config.Allow, f.config.TrustForwarded = []string{"203.0.113.0/24", "2001:db8::1"}, true
		f.start(t, echo()).online()
		good := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("dev:open:sesame"))
		for _, c := range []struct {
			name   string
			fields []string
			status int
		}{
			{"allowed and known", []string{good, "X-Forwarded-For: 203.0.113.9"}, 200},
			{"allowed by IPv6", []string{good, "X-Forwarded-For: 2001:db8::1"}, 200},
			{"allowed as IPv4 within IPv6", []string{good, "X-Forwarded-For: ::ffff:203.0.113.9"}, 200},
			{"not allowed", []string{good, "X-Forwarded-For: 198.51.100.1"}, 403},
			{"an allowed address only claimed", []string{good, "X-Forwarded-For: 203.0.113.9, 198.51.100.1"}, 403},
			{"claimed in a line of its own", []string{good, "X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 198.51.100.1"}, 403},
			{"no address", []string{good}, 403},
			{"no password", []string{"X-Forwarded-For: 203.0.113.9"}, 401},
			{"wrong password", []string{"X-Forwarded-For: 203.0.113.9", "Authorization: Basic ZGV2Om9wZW4="}, 401},
			{"another scheme", []string{"X-Forwarded-For: 203.0.113.9", "Authorization: Bearer x"}, 401},
		} {
			resp, body, err := f.say(t, head("GET", "/", append(c.fields, "Connection: close")...))
			if err != nil || resp.StatusCode != c.status {
				t.Errorf("%s: got %v %q %v, want %d", c.name, resp, body, err, c.status)
			}
		}
	})
}
