package sign

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"regexp"
	"strings"
)

// A spoiltKey is one way in which a program could have come to another key than the scheme's.
type spoiltKey struct {
	cause, how string
	secret     string // the secret's text, to be read with steps
	steps      string // the key column that the program followed
}

// spoiltKeys lists what configuration and code do to a secret. Nothing is guessed: every key is made from the secret
// that the user stored, or is a text that stands where none was set.
func (s Scheme) spoiltKeys(secret []byte) []spoiltKey {
	text := string(secret)
	var ks []spoiltKey
	add := func(cause, how, secret string) { ks = append(ks, spoiltKey{cause, how, secret, s.Key}) }
	read := func(cause, how, secret, steps string) { ks = append(ks, spoiltKey{cause, how, secret, steps}) }

	add("secret_should_be_trimmed", "the secret without the space or invisible characters around it", trimmed(text))
	add("secret_quotes_should_be_removed", "the secret without its quotes", unquoted(trimmed(text)))
	if rest, ok := strings.CutPrefix(trimmed(text), "v1,"); ok {
		add("secret_has_v1_prefix", `the secret without "v1,"`, rest)
		read("secret_has_v1_prefix", `the secret without "v1,", whsec_ stripped and base64-decoded`, rest, "strip=whsec_|base64")
	} else {
		add("secret_has_v1_prefix", `the secret with "v1," in front`, "v1,"+text)
	}
	for _, e := range []struct{ cause, how, before, after string }{
		{"secret_has_trailing_lf", "the secret and a line end", "", "\n"},
		{"secret_has_trailing_crlf", "the secret and CRLF", "", "\r\n"},
		{"secret_has_trailing_space", "the secret and a space", "", " "},
		{"secret_has_leading_space", "a space and the secret", " ", ""},
		{"secret_has_quotes", "the secret in double quotes", `"`, `"`},
		{"secret_has_quotes", "the secret in single quotes", "'", "'"},
	} {
		add(e.cause, e.how, e.before+text+e.after)
	}
	ks = append(ks, s.misread(text)...)
	add("secret_case_changed", "the secret in upper case", strings.ToUpper(text))
	add("secret_case_changed", "the secret in lower case", strings.ToLower(text))
	add("secret_url_encoded", "the secret URL-encoded", url.QueryEscape(text))
	add("secret_url_encoded", "the secret percent-encoded", url.PathEscape(text))
	add("secret_url_encoded", "the secret URL-decoded", unescapeForm(text))
	add("secret_html_escaped", "the secret HTML-escaped", html.EscapeString(text))
	add("secret_html_escaped", "the secret HTML-escaped, as PHP does", phpHTML.Replace(text))
	add("secret_html_escaped", "the secret HTML-escaped, quotes kept", wpHTML.Replace(text))
	add("secret_html_escaped", "the secret HTML-unescaped", html.UnescapeString(text))
	read("secret_base64_encoded", "the base64 text of the secret", base64.StdEncoding.EncodeToString(secret), "utf8")
	if b, err := base64.StdEncoding.DecodeString(trimmed(text)); err == nil {
		add("secret_base64_encoded", "the secret that was stored as base64", string(b))
	}
	read("secret_hex_encoded", "the hex text of the secret", hex.EncodeToString(secret), "utf8")
	ks = append(ks, hashedKeys(secret)...)
	read("secret_empty", "an empty secret", "", "utf8")
	for _, p := range s.placeholders() {
		read("secret_is_placeholder_literal", "the text "+p, p, "utf8")
	}
	return ks
}

var (
	phpHTML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#039;")
	wpHTML  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
)

// misread are the keys of programs that read the secret in another way than the scheme: decoded when it is text, as
// text when it is encoded, with the prefix or without.
func (s Scheme) misread(text string) []spoiltKey {
	if public(s.Alg) {
		return nil
	}
	kind := keyKind(s.keyLine([]byte(text)))
	prefixed := false
	var ks []spoiltKey
	for _, bare := range withoutPrefix(s, text) {
		prefixed = true
		how := "the secret without " + namedPrefix(text[:len(text)-len(bare)])
		if kind == "utf8" {
			ks = append(ks,
				spoiltKey{"secret_prefix_stripped", how, bare, "utf8"},
				spoiltKey{"secret_prefix_stripped_and_base64_decoded", how + ", base64-decoded", bare, "base64"},
				spoiltKey{"secret_prefix_stripped_and_base64_decoded", how + ", base64-decoded as Node does", lenientBase64(bare), "utf8"},
			)
			continue
		}
		ks = append(ks,
			spoiltKey{"secret_prefix_stripped_but_not_decoded", how + ", as text", bare, "utf8"},
			spoiltKey{"secret_used_as_text_instead_of_" + kind, how + ", as text", bare, "utf8"},
		)
	}
	switch kind {
	case "utf8":
		ks = append(ks,
			spoiltKey{"secret_base64_decoded_instead_of_text", "the secret base64-decoded", text, "base64"},
			spoiltKey{"secret_base64_decoded_instead_of_text", "the secret base64-decoded as Node does", lenientBase64(text), "utf8"},
			spoiltKey{"secret_hex_decoded_instead_of_text", "the secret hex-decoded", text, "hex"},
		)
	default:
		if prefixed {
			ks = append(ks,
				spoiltKey{"secret_used_as_text_with_prefix", "the whole secret as text, prefix and all", text, "utf8"},
				spoiltKey{"secret_prefix_not_stripped", "the whole secret decoded, prefix and all, as Node does", lenientBase64(text), "utf8"},
			)
		}
		ks = append(ks, spoiltKey{"secret_used_as_text_instead_of_" + kind, "the secret as text", text, "utf8"})
		ks = append(ks, spoiltKey{"secret_" + other(kind) + "_decoded_instead_of_text", "the secret " + other(kind) + "-decoded", text, other(kind)})
	}
	return ks
}

// namedPrefix shows a prefix only if it is one that a provider gives to all its secrets: else it is part of a secret.
func namedPrefix(prefix string) string {
	switch prefix {
	case "whsec_", "v1,whsec_", "v1,", "whpk_", "whsk_", "polar_whs_", "polar_", "sk_", "sk_test_", "sk_live_", "shpss_", "pdl_", "pdl_ntfset_":
		return prefix
	}
	return "its prefix"
}

func other(kind string) string {
	if kind == "hex" {
		return "base64"
	}
	return "hex"
}

// keyKind is the last step of a key column.
func keyKind(steps string) string {
	kind := "utf8"
	for step := range strings.SplitSeq(steps, "|") {
		if step == "base64" || step == "hex" {
			kind = step
		}
	}
	return kind
}

var secretPrefix = regexp.MustCompile(`^(?:v1,)?(?:[A-Za-z][A-Za-z0-9]{1,9}[_.-]){1,3}`)

// withoutPrefix are the secret without each prefix that it may have.
func withoutPrefix(s Scheme, text string) []string {
	var out []string
	for step := range strings.SplitSeq(s.keyLine([]byte(text)), "|") {
		prefix, ok := strings.CutPrefix(step, "strip=")
		if !ok {
			prefix, ok = strings.CutPrefix(step, "need=")
		}
		if ok && strings.HasPrefix(text, prefix) {
			text = text[len(prefix):]
			out = append(out, text)
		}
	}
	if len(out) > 0 {
		return out
	}
	if p := secretPrefix.FindString(text); p != "" && len(p) < len(text) {
		first := strings.IndexAny(p, "_.-") + 1
		out = append(out, text[first:])
		if first != len(p) {
			out = append(out, text[len(p):])
		}
	}
	return out
}

// lenientBase64 decodes as Buffer.from(s, "base64") does: both alphabets, everything else skipped, "=" ends it.
func lenientBase64(s string) string {
	s, _, _ = strings.Cut(s, "=")
	var kept []byte
	for _, c := range []byte(s) {
		switch {
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		}
		if c == '+' || c == '/' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			kept = append(kept, c)
		}
	}
	if len(kept)%4 == 1 {
		kept = kept[:len(kept)-1]
	}
	out, _ := base64.RawStdEncoding.DecodeString(string(kept))
	return string(out)
}

func hashedKeys(secret []byte) []spoiltKey {
	s256, s1, m5, s512 := sha256.Sum256(secret), sha1.Sum(secret), md5.Sum(secret), sha512.Sum512(secret)
	var ks []spoiltKey
	for _, h := range []struct {
		name string
		sum  []byte
	}{{"SHA-256", s256[:]}, {"SHA-1", s1[:]}, {"MD5", m5[:]}, {"SHA-512", s512[:]}} {
		ks = append(ks,
			spoiltKey{"secret_hashed", "the hex text of the secret's " + h.name, hex.EncodeToString(h.sum), "utf8"},
			spoiltKey{"secret_hashed", "the " + h.name + " of the secret", string(h.sum), "utf8"},
			spoiltKey{"secret_hashed", "the base64 text of the secret's " + h.name, base64.StdEncoding.EncodeToString(h.sum), "utf8"},
		)
	}
	return ks
}

// placeholders are the texts that programs use as a secret when none was set.
func (s Scheme) placeholders() []string {
	out := []string{"undefined", "null", "None", "nil", "<nil>", "NULL", "false", "true", "NaN", "[object Object]", "[object Promise]",
		"secret", "changeme", "change-me", "your-secret", "your_secret", "your-webhook-secret", "your_webhook_secret", "whsec_..."}
	provider := strings.ToUpper(strings.NewReplacer("-", "_", " ", "_").Replace(s.ID))
	for _, name := range []string{"WEBHOOK_SECRET", "SECRET", provider + "_WEBHOOK_SECRET", provider + "_SECRET"} {
		out = append(out, name, "$"+name, "${"+name+"}", "process.env."+name)
	}
	return out
}

// keyChanges are the spoilt keys, and those of the other secrets that the user has stored.
func (s Scheme) keyChanges(secret []byte, others []Labelled) []change {
	var out []change
	use := func(cause, how string, k key, secret []byte) {
		out = append(out, change{inKey, cause, how, func(t *trial) bool {
			t.key, t.values.secret, t.unusable = k, secret, false
			return true
		}})
	}
	for _, o := range others {
		if k, err := s.key(o.Secret.Reveal()); err == nil && !o.Secret.Empty() {
			use("other_known_secret", "the stored secret "+quoteLabel(o.Label), k, o.Secret.Reveal())
		}
	}
	for _, sp := range s.spoiltKeys(secret) {
		if len(secret) == 0 && sp.cause != "secret_is_placeholder_literal" {
			continue
		}
		if sp.secret == string(secret) && sp.steps == s.Key {
			continue // it does nothing to this secret
		}
		if public(s.Alg) {
			if k, err := s.key([]byte(sp.secret)); err == nil && sp.steps == s.Key {
				use(sp.cause, sp.how, k, []byte(sp.secret))
			}
			continue
		}
		if b, how, err := decodeKey(sp.steps, []byte(sp.secret)); err == nil && (len(b) > 0 || sp.cause == "secret_empty") {
			used := []byte(sp.secret)
			if sp.steps != s.Key {
				used = bytes.Clone(b)
			}
			use(sp.cause, sp.how, key{bytes: b, how: how}, used)
		}
	}
	return out
}

func quoteLabel(label string) string {
	if label == "" {
		return "of another source"
	}
	return "“" + label + "”"
}
