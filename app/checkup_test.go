package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const handlerSecret = "It's a Secret to Everybody"

// webhook is a handler of GitHub deliveries as it should be, unless fault says otherwise.
type webhook struct {
	fault string

	mu        sync.Mutex
	seen      map[string]bool
	processed int
}

func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/processed" {
		h.mu.Lock()
		defer h.mu.Unlock()
		fmt.Fprintf(w, `{"count":%d}`, h.processed)
		return
	}
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) == 0 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if h.fault != "no signature" && !signedBy(handlerSecret, body, r.Header.Get("X-Hub-Signature-256")) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if id := r.Header.Get("X-GitHub-Delivery"); !h.seen[id] || h.fault == "not idempotent" {
		h.seen[id] = true
		h.processed++
	}
}

func signedBy(secret string, body []byte, got string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hmac.Equal([]byte(got), []byte("sha256="+hex.EncodeToString(mac.Sum(nil))))
}

func (r *rig) handler(fault string) string {
	s := httptest.NewServer(&webhook{fault: fault, seen: map[string]bool{}})
	r.Cleanup(s.Close)
	return s.URL
}

func TestCheckup(t *testing.T) {
	t.Parallel()
	for fault, named := range map[string]string{"": "", "no signature": "missing_signature", "not idempotent": "idempotent"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.env = []string{"HOOK_SECRET=" + handlerSecret}
			url, junit := r.handler(fault), filepath.Join(r.home, "junit.xml")
			got := r.do("", "checkup", url, "--scheme", "github", "--secret-env", "HOOK_SECRET", "--effects", url+"/processed", "--slow", "200ms", "--json", "--junit", junit)

			var card map[string]json.RawMessage
			var score int
			var checks []struct {
				Name, Sent, Got, Why, Fix string
				OK                        bool
			}
			if json.Unmarshal([]byte(got.out), &card) != nil || (len(card) != 2) != (fault == "no signature") || json.Unmarshal(card["score"], &score) != nil || json.Unmarshal(card["checks"], &checks) != nil {
				t.Fatalf("exit %d, want a scorecard of score and checks:\n%s%s", got.code, got.out, got.errout)
			}
			var capped struct {
				Score         int
				Check, Reason string
			}
			if fault == "no signature" && (json.Unmarshal(card["cap"], &capped) != nil || capped.Score != 20 || score > 20 || capped.Check != "missing_signature" || capped.Reason == "") {
				t.Errorf("score %d, capped by %s", score, card["cap"])
			}
			var failed []string
			for _, c := range checks {
				if !c.OK {
					failed = append(failed, c.Name)
					if c.Sent == "" || c.Got == "" || c.Why == "" || c.Fix == "" {
						t.Errorf("%s leaves something unsaid: %+v", c.Name, c)
					}
				}
			}
			switch {
			case fault == "" && (got.code != 0 || score != 100 || len(failed) > 0):
				t.Errorf("a correct handler: exit %d, score %d, failed %v", got.code, score, failed)
			case fault != "" && (got.code != 1 || score >= 100 || !slices.Equal(failed, []string{named})):
				t.Errorf("exit %d, score %d, failed %v; want %s alone", got.code, score, failed, named)
			}
			if !strings.Contains(got.errout, "1/") || strings.Contains(got.out, "1/27") {
				t.Errorf("progress belongs on standard error: %q", got.errout)
			}
			if strings.Contains(got.out+got.errout, handlerSecret) {
				t.Error("the secret shows")
			}
			text, err := os.ReadFile(junit)
			var suite struct {
				Tests    int `xml:"tests,attr"`
				Failures int `xml:"failures,attr"`
			}
			if err != nil || xml.Unmarshal(text, &suite) != nil || suite.Tests != len(checks) || suite.Failures != len(failed) {
				t.Errorf("JUnit: %v %+v", err, suite)
			}
		})
	}
}

func TestCheckupForPeople(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(handlerSecret, "checkup", r.handler("no signature"), "--scheme", "github", "--secret-stdin", "--slow", "200ms")
	for _, want := range []string{"score 20 of 100", "It checks no signature at all", "✗ missing_signature", "fix ", "✓ valid", "skipped:"} {
		if got.code != 1 || !strings.Contains(got.out, want) {
			t.Errorf("exit %d, no %q in\n%s%s", got.code, want, got.out, got.errout)
		}
	}
}

func TestCheckupWrongUsage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env = []string{"GOOD=s"}
	url := r.handler("")
	for want, args := range map[string][]string{
		"--scheme: is missing":       {"checkup", url},
		"there is no scheme \"git\"": {"checkup", url, "--scheme", "git", "--secret-env", "GOOD"},
		"--secret-env: is missing":   {"checkup", url, "--scheme", "github"},
		"NOT_SET is not set":         {"checkup", url, "--scheme", "github", "--secret-env", "NOT_SET"},
		"URL: ":                      {"checkup", "localhost:3000", "--scheme", "none"},
		"--header":                   {"checkup", url, "--scheme", "none", "--header", "x"},
		"effects: want http":         {"checkup", url, "--scheme", "none", "--effects", "count"},
		"--burst: is out of range":   {"checkup", url, "--scheme", "none", "--burst", "100000"},
		"accepts 1 arg":              {"checkup"},
	} {
		if got := r.do("", args...); got.code != 2 || !strings.Contains(got.errout, want) || strings.Count(got.errout, "\n") != 1 {
			t.Errorf("%v: exit %d, %q; want %q", args, got.code, got.errout, want)
		}
	}
}
