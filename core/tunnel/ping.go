package tunnel

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"hookglass/core"
)

// Ping goes out to the public address and back to our own Guard. It tells a live tunnel from one that only looks alive:
// the answer proves that it comes from this very tunnel. The error is an *Error.
func (t *Tunnel) Ping(ctx context.Context, client *http.Client) (time.Duration, error) {
	nonce := make([]byte, 16)
	rand.Read(nonce) // never fails
	n := hex.EncodeToString(nonce)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(t.URL(), "/")+"/"+t.key+"?"+n, nil)
	if err != nil {
		return 0, invalid("url", "cannot be called: "+err.Error())
	}
	r.Header.Set("ngrok-skip-browser-warning", "1")
	r.Header.Set("User-Agent", "hookglass-ping")
	if user, password, ok := strings.Cut(string(t.config.BasicAuth.Reveal()), ":"); ok {
		r.SetBasicAuth(user, password)
	}
	start := time.Now()
	resp, err := client.Do(r)
	if err != nil {
		return 0, t.pingError(explain(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	took := time.Since(start)
	switch code := resp.Header.Get("Ngrok-Error-Code"); {
	case err != nil:
		return 0, t.pingError(explain(err))
	case code != "":
		return 0, t.pingError(known(code, resp.Status))
	case !hmac.Equal(body, []byte(proof(t.key, n))):
		return 0, t.pingError(explain(&coded{"not_ours", errors.New("answered " + resp.Status)}))
	}
	return took, nil
}

func (t *Tunnel) pingError(r row) error {
	clean := (&reporter{secrets: append(t.config.secrets(), core.Text(t.key))}).clean(r.Trouble)
	return &Error{clean}
}

// isPing compares in constant time, because who knows the address can ask whether we are there.
func (g Guard) isPing(r *http.Request) bool {
	return g.pingKey != "" && r.Method == http.MethodGet &&
		subtle.ConstantTimeCompare([]byte(r.URL.Path), []byte("/"+g.pingKey)) == 1
}

func (g Guard) answerPing(w http.ResponseWriter, r *http.Request) bool {
	if !g.isPing(r) {
		return false
	}
	io.WriteString(w, proof(g.pingKey, r.URL.RawQuery))
	return true
}

func proof(key, nonce string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(nonce))
	return hex.EncodeToString(h.Sum(nil))
}
