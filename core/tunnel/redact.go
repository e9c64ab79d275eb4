package tunnel

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hookglass/core"
)

const hidden = core.Masked

// ngrok repeats the token in the text of its refusals 105, 106 and 107.
var echoedToken = regexp.MustCompile(`(?i)(authtoken[^\S\n]*[:=][^\S\n]*)("?)[^\s"]+`)

// userInfo is the password in an address.
var userInfo = regexp.MustCompile(`([a-z][a-z0-9+.-]*://[^\s/:@]*):[^\s/@]+@`)

// Redact returns text without the secrets, however they are escaped in it, without tokens that ngrok repeats, and
// without passwords in addresses.
func Redact(text string, secrets ...core.Secret) string {
	if forms := spellings(secrets); len(forms) > 0 {
		text = strings.NewReplacer(forms...).Replace(text)
	}
	text = echoedToken.ReplaceAllString(text, "${1}${2}"+hidden)
	return userInfo.ReplaceAllString(text, "${1}:"+hidden+"@")
}

// spellings lists old and new text for a replacer: each secret as itself, quoted for Go and JSON, escaped for URLs and in
// base64, the longest first so that no part of one is left over.
func spellings(secrets []core.Secret) []string {
	var forms []string
	for _, s := range secrets {
		raw := string(s.Reveal())
		if len(raw) < 3 { // too short to tell from ordinary text
			continue
		}
		inJSON, _ := json.Marshal(raw)
		twice, _ := json.Marshal(string(inJSON[1 : len(inJSON)-1]))
		quoted := strconv.Quote(raw)
		forms = append(forms, raw, quoted[1:len(quoted)-1],
			string(inJSON[1:len(inJSON)-1]), string(twice[1:len(twice)-1]),
			url.QueryEscape(raw), url.PathEscape(raw),
			base64.StdEncoding.EncodeToString([]byte(raw)), base64.RawURLEncoding.EncodeToString([]byte(raw)))
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	forms = slices.Compact(forms)
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range forms {
		pairs = append(pairs, f, hidden)
	}
	return pairs
}

// quiet is a log handler for a provider's client. Structures are left out, because the client logs whole protocol
// messages, in which the secrets of a traffic policy stand in clear; text is redacted.
type quiet struct {
	slog.Handler
	secrets []core.Secret
}

// quietLog returns log without the secrets of c; nil becomes silence.
func quietLog(c Config) *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(quiet{c.Log.Handler(), c.secrets()})
}

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	level := r.Level
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && givenUp(err) {
			level = slog.LevelDebug // the user wanted it to end
		}
		return true
	})
	if !q.Enabled(ctx, level) {
		return nil
	}
	clean := slog.NewRecord(r.Time, level, "tunnel: "+Redact(r.Message, q.secrets...), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(q.attr(a))
		return true
	})
	return q.Handler.Handle(ctx, clean)
}

// givenUp reports whether something failed because its context ended. A client may have kept the words alone.
func givenUp(err error) bool {
	return errors.Is(err, context.Canceled) || strings.Contains(err.Error(), context.Canceled.Error()) || strings.Contains(err.Error(), "operation was canceled")
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = q.attr(a)
	}
	return quiet{q.Handler.WithAttrs(clean), q.secrets}
}

func (q quiet) WithGroup(name string) slog.Handler {
	return quiet{q.Handler.WithGroup(name), q.secrets}
}

func (q quiet) attr(a slog.Attr) slog.Attr {
	if err, ok := a.Value.Any().(error); ok && err != nil {
		return slog.String(a.Key, Redact(err.Error(), q.secrets...))
	}
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, Redact(v.String(), q.secrets...))
	case slog.KindGroup:
		clean := make([]slog.Attr, 0, len(v.Group()))
		for _, member := range v.Group() {
			clean = append(clean, q.attr(member))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(clean...)}
	case slog.KindAny:
		return slog.String(a.Key, "(left out)")
	default:
		return slog.Attr{Key: a.Key, Value: v}
	}
}
