package engine_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"hookglass/core/engine"
)

// TestShrinkSignsEachTry: a handler that checks the signature first still fails at the smallest body, which is kept as a draft.
func TestShrinkSignsEachTry(t *testing.T) {
	t.Setenv("SHRINK_SECRET", "s3cret")
	var asked, forged atomic.Int64
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Hub-Signature-256") != githubSignature("s3cret", body) {
			forged.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var v struct {
			Data struct{ Items []struct{ Quantity int } }
			ID   *string
		}
		json.Unmarshal(body, &v)
		if v.ID == nil { // another mistake, which is not the one that is looked for
			w.WriteHeader(500)
			io.WriteString(w, "panic: no id")
			return
		}
		for _, i := range v.Data.Items {
			if i.Quantity < 0 {
				w.WriteHeader(500)
				fmt.Fprintf(w, "panic: quantity, goroutine %d", asked.Load())
			}
		}
	}))
	defer handler.Close()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "name": "shop", "path": "/in/shop", "scheme": "github", "secret": map[string]any{"env": "SHRINK_SECRET"}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"id":"evt_1","type":"order.paid","data":{"items":[{"sku":"a","quantity":2},{"sku":"b","quantity":-7}],"note":"please"}}`
	r.send("POST", "/in/shop", [][2]string{{"Content-Type", "application/json"}, {"X-GitHub-Event", "push"}, {"X-Hub-Signature-256", githubSignature("s3cret", []byte(body))}}, []byte(body))

	if _, err := r.Outbox.Shrink(t.Context(), engine.ShrinkRequest{Capture: 1, To: "http://example.com/hook"}); err == nil || !strings.Contains(err.Error(), "is not this machine") {
		t.Errorf("elsewhere: %v", err)
	}
	if asked.Load() > 0 {
		t.Error("something was sent before anybody agreed")
	}
	steps := 0
	got, err := r.Outbox.Shrink(t.Context(), engine.ShrinkRequest{Capture: 1, To: handler.URL, Progress: func(int, int) { steps++ }})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"id":"","data":{"items":[{"quantity":-1}]}}`; string(got.Body) != want || !got.Whole || got.Tries > 200 || int64(got.Tries) != asked.Load() || forged.Load() > 0 || steps == 0 || got.Answer != "it answered 500" {
		t.Errorf("%s after %d tries, of which %d arrived and %d were forged; want %s", got.Body, got.Tries, asked.Load(), forged.Load(), want)
	}
	drafts := must1(r.Store.Drafts(t.Context()))(t)
	var draft struct {
		URL, Scheme string
		Body        []byte
	}
	if len(drafts) != 1 || drafts[0].ID != got.Draft || json.Unmarshal(drafts[0].Doc, &draft) != nil || string(draft.Body) != string(got.Body) || draft.Scheme != "github" || strings.Contains(string(drafts[0].Doc), "s3cret") {
		t.Errorf("%+v: %s", got, drafts[0].Doc)
	}
}

func TestShrinkRefusesWhatDoesNotFail(t *testing.T) {
	status := atomic.Int64{}
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
		if status.Load() == 503 {
			status.Store(200)
		}
	}))
	defer handler.Close()
	r := learnt(t, `{"id":1}`, `no JSON`)
	for want, try := range map[string]struct {
		status  int64
		request engine.ShrinkRequest
	}{
		"does not fail at it: it answered 200": {200, engine.ShrinkRequest{Capture: 1, To: handler.URL}},
		"failed once and then did not":         {503, engine.ShrinkRequest{Capture: 1, To: handler.URL}},
		"its body is no JSON":                  {500, engine.ShrinkRequest{Capture: 2, To: handler.URL}},
		"there is no capture 9":                {500, engine.ShrinkRequest{Capture: 9, To: handler.URL}},
		"want 3 to 5000":                       {500, engine.ShrinkRequest{Capture: 1, To: handler.URL, Most: 2}},
	} {
		status.Store(try.status)
		if _, err := r.Outbox.Shrink(t.Context(), try.request); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func githubSignature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
