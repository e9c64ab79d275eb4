package core

import "log/slog"

// SecretRef says where a secret's value is kept: "env:NAME", "keyring:NAME", "file:NAME", "run:NAME" (in memory for
// this run only), or "" for none. It is safe to store and to print.
type SecretRef string

// Secret is a value that no %v, JSON or log line shows. The zero value is no secret.
type Secret struct{ reveal func() []byte }

// NewSecret hides b, which the caller must not change afterwards.
func NewSecret(b []byte) Secret {
	if len(b) == 0 {
		return Secret{}
	}
	return Secret{func() []byte { return b }}
}

// Text hides s.
func Text(s string) Secret { return NewSecret([]byte(s)) }

// Reveal returns the bytes, nil for no secret. They are shared: do not change them.
func (s Secret) Reveal() []byte {
	if s.reveal == nil {
		return nil
	}
	return s.reveal()
}

// Empty reports whether there is no secret.
func (s Secret) Empty() bool { return s.reveal == nil }

func (s Secret) String() string {
	if s.Empty() {
		return ""
	}
	return Masked
}

// GoString keeps %#v from showing the value.
func (s Secret) GoString() string { return "core.Secret(" + s.String() + ")" }

// MarshalText keeps encoders from showing the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue keeps slog from showing the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Masked stands for a value that is not shown.
const Masked = "••••"

// Shown is how many characters of a credential may be seen, so that two can be told apart: its first ones, none of a short
// one.
func Shown(credential string) int {
	const most = 12
	if len(credential) <= 2*most {
		return 0
	}
	return most
}

// Mask shows the start of a value that must not be copied from a screen.
func Mask(s string) string {
	n := Shown(s)
	switch {
	case s == "":
		return ""
	case n == 0:
		return Masked
	}
	return s[:n] + "…"
}
