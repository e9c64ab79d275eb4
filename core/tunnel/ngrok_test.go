package tunnel_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/tunnel"
	"hookglass/core/tunnel/edgetest"
)

func TestSenderAndEnd(t *testing.T) {
	edge := edgetest.Start(t)
	r := start(t, quick(edge), echo())
	e := r.online()
	resp, _ := post(t, edge.Client(), e.URL+"/in", []byte("hello"))
	if got := resp.Header.Get("X-Remote"); got != "203.0.113.9:4444" {
		t.Errorf("remote address %q, want the sender's", got)
	}
	if !r.open().TrustedClientIP {
		t.Error("the sender's address is not marked as trusted")
	}
	r.close()
	if n := edge.Unbinds(); n != 1 {
		t.Errorf("gave back %d addresses, want one", n)
	}
	within(t, "the edge sees the agent leave", func() bool { return edge.Sessions() == 0 })
	if resp, _ := post(t, edge.Client(), e.URL, nil); resp.Header.Get("Ngrok-Error-Code") != "ERR_NGROK_3200" {
		t.Errorf("after the stop the address answers %s", resp.Status)
	}
}

func TestRefusalsSayWhatToDoAndStop(t *testing.T) {
	echoed := "The authtoken you specified is properly formed, but it is invalid.\nYour authtoken: " + token + "\r\n\r\nERR_NGROK_"
	for _, c := range []struct {
		name       string
		auth, bind string
		code       string
		text       string
		field      string
	}{
		{"wrong token", echoed + "105\r\n", "", "ERR_NGROK_105", "does not accept the authtoken", "authtoken"},
		{"old token", echoed + "106\r\n", "", "ERR_NGROK_106", "older kind", "authtoken"},
		{"revoked token", echoed + "107\r\n", "", "ERR_NGROK_107", "revoked", "authtoken"},
		{"account not verified", "Verify.\r\n\r\nERR_NGROK_4018\r\n", "", "ERR_NGROK_4018", "verified account", "authtoken"},
		{"account suspended", "Suspended.\r\n\r\nERR_NGROK_103\r\n", "", "ERR_NGROK_103", "suspended", ""},
		{"session limit", "Your account is limited to 3 simultaneous sessions.\r\n\r\nERR_NGROK_108\r\n", "", "ERR_NGROK_108", "as many agents", ""},
		{"domain taken", "", "The endpoint is already online.\r\n\r\nERR_NGROK_334\r\n", "ERR_NGROK_334", "already online elsewhere", "domain"},
		{"policy refused", "", "Plan.\r\n\r\nERR_NGROK_7027\r\n", "ERR_NGROK_7027", "traffic policy", "verify"},
		{"code nobody told us of", "", "The moon is full.\r\n\r\nERR_NGROK_99999\r\n", "ERR_NGROK_99999", "The moon is full", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			edge := edgetest.Start(t)
			edge.RefuseAuth(func(edgetest.Auth) string { return c.auth })
			edge.RefuseBind(func(edgetest.Bind) string { return c.bind })
			r := start(t, quick(edge), echo())
			err := r.ended()
			var e *tunnel.Error
			if !errors.As(err, &e) {
				t.Fatalf("Run: %v, want an *Error", err)
			}
			if e.Code != c.code || !strings.Contains(e.Text, c.text) || e.Field != c.field || e.Next == "" {
				t.Errorf("got %+v, want code %s, field %q, text with %q", e.Trouble, c.code, c.field, c.text)
			}
			last := r.all()[len(r.all())-1]
			if last.State != tunnel.Failed || last.Code != c.code {
				t.Errorf("last event %+v, want failed with %s", last, c.code)
			}
			if n := len(edge.Auths()); n != 1 {
				t.Errorf("signed in %d times, want once", n)
			}
			if strings.Contains(err.Error()+fmt.Sprintf("%+v", r.all())+r.log.String(), token) {
				t.Error("the token leaked")
			}
		})
	}
}

func TestHealsUnderTheSameAddress(t *testing.T) {
	for _, c := range []struct {
		name  string
		upset func(testing.TB, *edgetest.Edge)
		calm  func(testing.TB, *edgetest.Edge)
		code  string
	}{
		{"dropped connection", func(_ testing.TB, e *edgetest.Edge) { e.Drop() }, nil, "lost"},
		{"goaway", func(_ testing.TB, e *edgetest.Edge) { e.GoAway() }, nil, "lost"},
		{"muted heartbeats", func(_ testing.TB, e *edgetest.Edge) { e.MuteHeartbeats(true) },
			func(_ testing.TB, e *edgetest.Edge) { e.MuteHeartbeats(false) }, "lost"},
		{"outage", func(tb testing.TB, e *edgetest.Edge) { e.Outage(tb, true) },
			func(tb testing.TB, e *edgetest.Edge) { e.Outage(tb, false) }, "refused"},
		{"silent sign-in", func(_ testing.TB, e *edgetest.Edge) { e.Silence(true); e.Drop() },
			func(_ testing.TB, e *edgetest.Edge) { e.Silence(false) }, "silent"},
		{"address still taken by ourselves", func(_ testing.TB, e *edgetest.Edge) {
			e.RefuseBind(func(edgetest.Bind) string { return "The endpoint is already online.\r\n\r\nERR_NGROK_334\r\n" })
			e.Drop()
		}, func(_ testing.TB, e *edgetest.Edge) { e.RefuseBind(nil) }, "ERR_NGROK_334"},
		{"agents counted twice", func(_ testing.TB, e *edgetest.Edge) {
			e.RefuseAuth(func(edgetest.Auth) string { return "Limited.\nYour authtoken: " + token + "\r\n\r\nERR_NGROK_108\r\n" })
			e.Drop()
		}, func(_ testing.TB, e *edgetest.Edge) { e.RefuseAuth(nil) }, "ERR_NGROK_108"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			edge := edgetest.Start(t)
			config := quick(edge)
			switch c.name {
			case "muted heartbeats":
				if raceDetector {
					t.Skip("ngrok v2.4.0 has a race of its own between Auth and its heartbeat (raw_session.go, Logger)")
				}
				config.Timing = hasty
			case "silent sign-in":
				config.Timing.Answer = hasty.Answer
			}
			r := start(t, config, echo())
			first, n := r.wait(0, is(tunnel.Online))
			c.upset(t, edge)
			trouble, n := r.wait(n, func(e tunnel.Event) bool { return e.State == tunnel.Reconnecting && e.Code == c.code })
			if trouble.Text == "" || trouble.Next == "" || trouble.URL != first.URL {
				t.Errorf("got %+v, want a sentence, a next step and the address", trouble)
			}
			if strings.Contains(fmt.Sprint(r.all()), token) {
				t.Error("the token leaked")
			}
			if c.calm != nil {
				if c.code != "lost" && trouble.Retry.IsZero() {
					t.Errorf("got %+v, want the time of the next try", trouble)
				}
				c.calm(t, edge)
			}
			again, _ := r.wait(n, is(tunnel.Online))
			if again.URL != first.URL {
				t.Errorf("back under %s, was %s", again.URL, first.URL)
			}
			answersAgain(t, edge.Client(), first.URL)
		})
	}
}

func TestGivesUpOnAPermanentRefusalAfterALoss(t *testing.T) {
	edge := edgetest.Start(t)
	r := start(t, quick(edge), echo())
	r.online()
	edge.RefuseAuth(func(edgetest.Auth) string { return "Revoked. Your authtoken: " + token + "\r\n\r\nERR_NGROK_107\r\n" })
	edge.Drop()
	var e *tunnel.Error
	if err := r.ended(); !errors.As(err, &e) || e.Code != "ERR_NGROK_107" {
		t.Errorf("Run: %v, want ERR_NGROK_107", err)
	}
}

func TestEndedByNgrok(t *testing.T) {
	edge := edgetest.Start(t)
	r := start(t, quick(edge), echo())
	edge.StopTunnel(t, host(r.online().URL), "ERR_NGROK_999", "Stopped by an administrator.")
	var e *tunnel.Error
	if err := r.ended(); !errors.As(err, &e) || e.Code != "ERR_NGROK_999" || !strings.Contains(e.Text, "administrator") {
		t.Errorf("Run: %v, want ERR_NGROK_999 and what ngrok says", err)
	}
}

func TestCommandsOfTheDashboardAreNotObeyed(t *testing.T) {
	edge := edgetest.Start(t)
	r := start(t, quick(edge), echo())
	url := r.online().URL
	edge.Command(t, edgetest.Stop)
	edge.Command(t, edgetest.Restart)
	edge.Command(t, edgetest.Update)
	if _, body := post(t, edge.Client(), url, []byte("still here")); string(body) != "still here" {
		t.Errorf("got %q", body)
	}
	if why := edge.Auths()[0].Extra.StopUnsupportedError; why == nil || *why == "" {
		t.Error("the agent says that it can be stopped from outside")
	}
}

func TestOfflineKeepsTryingAndSaysWhen(t *testing.T) {
	edge := edgetest.Start(t)
	edge.Outage(t, true)
	began := time.Now()
	r := start(t, quick(edge), echo())
	e, n := r.wait(0, func(e tunnel.Event) bool { return e.State == tunnel.Connecting && e.Code == "refused" })
	if e.Retry.Before(began) || !strings.Contains(e.Text, "No connection") {
		t.Errorf("got %+v, want when the next try begins", e)
	}
	edge.Outage(t, false)
	r.wait(n, is(tunnel.Online))
}

func TestSilentEdge(t *testing.T) {
	edge := edgetest.Start(t)
	edge.Silence(true)
	config := quick(edge)
	config.Timing.Answer = hasty.Answer
	r := start(t, config, echo())
	e, n := r.wait(0, func(e tunnel.Event) bool { return e.Code == "silent" })
	if e.State != tunnel.Connecting || !strings.Contains(e.Text, "does not answer") {
		t.Errorf("got %+v", e)
	}
	edge.Silence(false)
	r.wait(n, is(tunnel.Online))
}

func TestUntrustedCertificateExplainsItself(t *testing.T) {
	edge := edgetest.Start(t)
	c := quick(edge)
	c.CAFile = ""
	var e *tunnel.Error
	if err := start(t, c, echo()).ended(); !errors.As(err, &e) || e.Code != "tls" || e.Field != "ca_file" {
		t.Errorf("Run: %v, want tls", err)
	}
}

func TestStopAtAnyMoment(t *testing.T) {
	for _, c := range []struct {
		name string
		when func(testing.TB, *edgetest.Edge, *running)
	}{
		{"at once", func(testing.TB, *edgetest.Edge, *running) {}},
		{"while nothing answers", func(_ testing.TB, e *edgetest.Edge, r *running) {
			within(t, "an agent signs in", func() bool { return len(e.Auths()) > 0 })
		}},
		{"during an outage", func(tb testing.TB, e *edgetest.Edge, r *running) {
			e.Silence(false)
			r.online()
			e.Outage(tb, true)
			r.wait(0, func(e tunnel.Event) bool { return e.State == tunnel.Reconnecting && !e.Retry.IsZero() })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			edge := edgetest.Start(t)
			edge.Silence(true)
			r := start(t, quick(edge), echo())
			c.when(t, edge, r)
			if err := r.close(); err != nil {
				t.Errorf("Run: %v", err)
			}
			if last := r.all()[len(r.all())-1]; last.State != tunnel.Stopped {
				t.Errorf("last event %+v, want stopped", last)
			}
		})
	}
}

func TestAutoStop(t *testing.T) {
	edge := edgetest.Start(t)
	c := quick(edge)
	c.AutoStop = 50 * time.Millisecond
	r := start(t, c, echo())
	if err := r.ended(); err != nil {
		t.Fatal(err)
	}
	if last := r.all()[len(r.all())-1]; last.State != tunnel.Stopped || last.Code != "auto_stop" {
		t.Errorf("last event %+v, want stopped by the timer", last)
	}
}

func TestWhatNgrokIsAsked(t *testing.T) {
	edge := edgetest.Start(t)
	c := quick(edge)
	c.Domain = "https://Taken.edge.test/"
	c.BasicAuth = core.Text(`user:pass"word<1>`)
	c.Allow = []string{"203.0.113.9", "2001:db8::/32"}
	c.Verify = tunnel.Verify{Provider: "github", Secret: core.Text("webhook&secret"), LetPass: true}
	r := start(t, c, echo())
	if e := r.online(); e.URL != "https://taken.edge.test" {
		t.Errorf("online under %s", e.URL)
	}
	b := edge.Binds()[0]
	want := `{"on_http_request":[{"actions":[` +
		`{"type":"restrict-ips","config":{"allow":["203.0.113.9/32","2001:db8::/32"]}},` +
		`{"type":"basic-auth","config":{"credentials":["user:pass\"word\u003c1\u003e"]}},` +
		`{"type":"verify-webhook","config":{"provider":"github","secret":"webhook\u0026secret","enforce":false}}]}]}`
	if b.Opts.TrafficPolicy != want {
		t.Errorf("policy\n%s\nwant\n%s", b.Opts.TrafficPolicy, want)
	}
	if a := edge.Auths()[0]; a.Extra.Authtoken != token || !strings.HasPrefix(a.Extra.UserAgent, "hookglass/") {
		t.Errorf("signed in as %+v", a.Extra)
	}
	for _, secret := range []string{token, `pass"word<1>`, `pass\"word`, "webhook&secret", `webhook\u0026secret`, "u0026secret"} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if !strings.Contains(r.log.String(), "decoded response") {
		t.Error("the client's log did not arrive; the test proves nothing")
	}
}
