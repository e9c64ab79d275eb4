package deliver

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// Bounds of a target's timeout.
const (
	MinTimeout = time.Second
	MaxTimeout = 300 * time.Second
)

// CheckTarget refuses a target that cannot be sent to, with a *core.Invalid that names the field.
func CheckTarget(t *core.Target) error {
	if _, err := parseRoute(t); err != nil {
		return &core.Invalid{Field: "url", Reason: err.Error()}
	}
	if t.Method != "" && !core.IsToken(t.Method) {
		return &core.Invalid{Field: "method", Reason: fmt.Sprintf("%q is no method", t.Method)}
	}
	for _, f := range t.Header {
		if !core.IsToken(f.Name) {
			return &core.Invalid{Field: "headers", Reason: fmt.Sprintf("%q is no header name", f.Name)}
		}
		if strings.ContainsAny(f.Value, "\r\n\x00") {
			return &core.Invalid{Field: "headers." + f.Name, Reason: "want a value without line breaks"}
		}
	}
	if t.Timeout != 0 && (t.Timeout < MinTimeout || t.Timeout > MaxTimeout) {
		return &core.Invalid{Field: "timeout", Reason: "want 1 to 300 seconds"}
	}
	switch t.Wrong {
	case "", WrongStale, WrongFuture, WrongTampered, WrongSecret, WrongMissing, WrongOtherBody:
	default:
		return &core.Invalid{Field: "wrong", Reason: "want stale, future, tampered, secret, missing or other_body"}
	}
	if t.CAFile != "" {
		if _, err := trusted(t.CAFile); err != nil {
			return &core.Invalid{Field: "ca_file", Reason: err.Error()}
		}
	}
	if err := CheckClient(t.Client); err != nil {
		return err
	}
	return CheckPolicy(&t.Policy)
}

// CheckClient refuses a client certificate that cannot be read. Whether its key can be had shows when it is needed.
func CheckClient(c core.ClientCert) error {
	place, name, ok := strings.Cut(string(c.Key), ":")
	switch {
	case c.Key != "" && c.File == "":
		return &core.Invalid{Field: "client_cert", Reason: "is missing; the key alone is not enough"}
	case c.Key != "" && (!ok || name == "" || !slices.Contains([]string{"env", "keyring", "file", "run"}, place)):
		return &core.Invalid{Field: "client_key", Reason: "want where the key is: env:NAME or keyring:NAME"}
	case c.File == "":
		return nil
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return &core.Invalid{Field: "client_cert", Reason: err.Error()}
	}
	if block, _ := pem.Decode(text); block == nil {
		return &core.Invalid{Field: "client_cert", Reason: c.File + " holds no certificate in PEM form"}
	}
	if c.Key != "" {
		return nil
	}
	if _, err := tls.X509KeyPair(text, text); err != nil {
		return &core.Invalid{Field: "client_cert", Reason: fmt.Sprintf("%s: %v; put its key into the same file, or say where it is with client_key", c.File, err)}
	}
	return nil
}

// CheckPolicy refuses a retry policy that makes no sense, with a *core.Invalid that names the field.
func CheckPolicy(p *core.RetryPolicy) error {
	refuse := func(field, reason string) error { return &core.Invalid{Field: "policy." + field, Reason: reason} }
	switch {
	case p.Retries < 0 || p.Retries > 1<<16-2:
		return refuse("retries", "want 0 to 65534")
	case p.Base < 0:
		return refuse("base", "want no negative time")
	case p.Factor < 0:
		return refuse("factor", "want a number above 0")
	case p.Max < 0:
		return refuse("max", "want no negative time")
	case p.Window < 0:
		return refuse("window", "want no negative time")
	case p.AfterCap < 0:
		return refuse("after_cap", "want no negative time")
	case p.Spread < 0 || p.Spread > 1:
		return refuse("spread", "want 0 to 1")
	}
	for i, d := range p.Delays {
		if d < 0 {
			return refuse(fmt.Sprintf("delays[%d]", i), "want no negative time")
		}
	}
	switch p.Jitter {
	case "", FullJitter, EqualJitter, DecorrelatedJitter, FractionJitter:
	default:
		return refuse("jitter", "want full, equal, decorrelated or fraction, or nothing")
	}
	switch p.RetryAfter {
	case "", Honour, Cap:
	default:
		return refuse("retry_after", "want honour or cap, or nothing")
	}
	for _, status := range p.StopOn {
		if status < 300 || status > 599 {
			return refuse("stop_on", "want statuses from 300 to 599")
		}
	}
	return nil
}
