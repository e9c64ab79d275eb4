package handler

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestHandler runs beside a Hookglass:
//
//	GITHUB_SECRET=s WEBHOOK_SECRET=s hookglass run --workspace ../workspace.json -- go test ./...
func TestHandler(t *testing.T) {
	if os.Getenv("HOOKGLASS_URL") == "" {
		t.Skip("run me with: hookglass run --workspace ../workspace.json -- go test ./...")
	}
	server := httptest.NewServer(Handler(os.Getenv("WEBHOOK_SECRET")))
	defer server.Close()
	forward(t, "github", server.URL+"/webhooks")

	body := `{"zen": "Keep it logically awesome."}`
	if got := post(t, body, body); got != http.StatusOK {
		t.Errorf("a webhook that is rightly signed is answered with %d, want 200", got)
	}
	if got := post(t, body+" ", body); got != http.StatusUnauthorized {
		t.Errorf("a webhook that was changed is answered with %d, want 401", got)
	}
	var waited struct {
		TimedOut bool `json:"timed_out"`
		Reason   string
	}
	control(t, "GET", "/_/wait?since_s=600&timeout_s=30&query=source:github+sig:verified+status:200", nil, &waited)
	if waited.TimedOut {
		t.Error(waited.Reason)
	}
}

// post sends a body to the source, with GitHub's signature of signed.
func post(t *testing.T, body, signed string) int {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(os.Getenv("GITHUB_SECRET")))
	mac.Write([]byte(signed))
	req, err := http.NewRequest("POST", os.Getenv("HOOKGLASS_URL")+"/in/github", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-GitHub-Event", "ping")
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// forward has a source send its captures on to the handler, and answer as the handler does.
func forward(t *testing.T, name, to string) {
	t.Helper()
	var sources []struct {
		ID   int
		Name string
	}
	control(t, "GET", "/_/sources", nil, &sources)
	for _, s := range sources {
		if s.Name == name {
			control(t, "PUT", fmt.Sprint("/_/sources/", s.ID), map[string]any{"forward": map[string]any{"url": to, "answer": true}}, &struct{}{})
			return
		}
	}
	t.Fatalf("there is no source %s", name)
}

// control asks the control address.
func control(t *testing.T, method, path string, body, into any) {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(method, os.Getenv("HOOKGLASS_CONTROL")+path, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("HOOKGLASS_TOKEN"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s", method, path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
