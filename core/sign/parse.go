package sign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hookglass/core"
)

// Parse reads a user's own scheme, written like a row of the table. What it cannot use it refuses with a
// *core.Invalid that names the field.
func Parse(data []byte) (Scheme, error) {
	var s Scheme
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Scheme{}, unreadable(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Scheme{}, &core.Invalid{Field: "scheme", Reason: "want one JSON object and nothing behind it"}
	}
	if err := s.check(); err != nil {
		return Scheme{}, err
	}
	return s, nil
}

func unreadable(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return &core.Invalid{Field: wrong.Field, Reason: "want " + wrong.Type.String() + ", got " + wrong.Value}
	}
	if _, name, ok := strings.Cut(err.Error(), `unknown field "`); ok {
		return &core.Invalid{Field: strings.TrimSuffix(name, `"`), Reason: "no such field in a scheme"}
	}
	return &core.Invalid{Field: "scheme", Reason: "not JSON: " + err.Error()}
}

// check returns the first fault of a row.
func (s *Scheme) check() error {
	for _, look := range []func(*Scheme) error{checkID, checkSig, checkTimestamp, checkMsgID, checkAlg, checkKey, checkTemplate} {
		if err := look(s); err != nil {
			return err
		}
	}
	return nil
}

func checkID(s *Scheme) error {
	if s.ID == "" {
		return &core.Invalid{Field: "id", Reason: "want a name for the scheme"}
	}
	return nil
}

func checkSig(s *Scheme) error {
	for _, from := range append([]string{s.Sig.From}, s.Sig.Also...) {
		if err := checkPlace("sig.from", from, "header", "json"); err != nil {
			return err
		}
	}
	switch s.Sig.Format {
	case "plain":
	case "list":
		if s.Sig.Sep == "" {
			return &core.Invalid{Field: "sig.sep", Reason: "a list needs the separator of its elements"}
		}
	case "kv":
		if s.Sig.Sep == "" || s.Sig.KV == "" || s.Sig.Field == "" {
			return &core.Invalid{Field: "sig", Reason: "format kv needs sep, kv and field"}
		}
	case "rfc9421":
		if s.Template != "{rfc9421}" {
			return &core.Invalid{Field: "template", Reason: "format rfc9421 needs the template {rfc9421}"}
		}
	default:
		return oneOf("sig.format", s.Sig.Format, "plain", "list", "kv", "rfc9421")
	}
	return nil
}

func checkTimestamp(s *Scheme) error {
	t := s.TS
	if t == (Timestamp{}) {
		return nil
	}
	if err := checkPlace("ts.from", t.From, "header", "sig", "json"); err != nil {
		return err
	}
	if strings.HasPrefix(t.From, "sig:") && s.Sig.Format != "kv" {
		return &core.Invalid{Field: "ts.from", Reason: "sig:KEY needs the signature format kv"}
	}
	if t.Tolerance < 0 {
		return &core.Invalid{Field: "ts.tolerance", Reason: "want seconds, 0 or more"}
	}
	return oneOf("ts.unit", t.Unit, "s", "ms", "rfc3339", "imf")
}

func checkMsgID(s *Scheme) error {
	if s.MsgID == "" {
		return nil
	}
	return checkPlace("msg_id", s.MsgID, "header", "json")
}

func checkAlg(s *Scheme) error {
	if err := oneOf("alg", s.Alg, algorithms...); err != nil {
		return err
	}
	return oneOf("enc", s.Enc, "hex", "base64", "base64url", "raw")
}

func checkKey(s *Scheme) error {
	for step := range strings.SplitSeq(s.Key, "|") {
		if strings.HasPrefix(step, "strip=") {
			continue
		}
		if err := oneOf("key", step, "utf8", "base64", "hex", "pem-cert"); err != nil {
			return err
		}
	}
	return nil
}

func checkTemplate(s *Scheme) error {
	if s.Template == "" {
		return &core.Invalid{Field: "template", Reason: "want what is signed, as {body} or {ts}.{body}"}
	}
	for _, p := range pieces(s.Template) {
		if !p.token {
			continue
		}
		switch name, arg, _ := strings.Cut(p.text, ":"); {
		case !slices.Contains(tokens, name):
			return &core.Invalid{Field: "template", Reason: fmt.Sprintf("{%s} is none of {%s}", p.text, strings.Join(tokens, "} {"))}
		case name == "ts" && s.TS.From == "":
			return &core.Invalid{Field: "ts", Reason: "the template uses {ts}: say where the timestamp stands"}
		case name == "id" && s.MsgID == "":
			return &core.Invalid{Field: "msg_id", Reason: "the template uses {id}: say where the message id stands"}
		case slices.Contains(withArgument, name) && arg == "":
			return &core.Invalid{Field: "template", Reason: fmt.Sprintf("{%s} needs a name, as {%s:x}", name, name)}
		}
	}
	if s.Alg == "equal" != (s.Template == "{none}") {
		return &core.Invalid{Field: "template", Reason: "the algorithm equal goes with the template {none}, and no other does"}
	}
	return nil
}

func checkPlace(field, place string, kinds ...string) error {
	kind, name, ok := strings.Cut(place, ":")
	if !ok || name == "" || !slices.Contains(kinds, kind) {
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("want %s:NAME, got %q", strings.Join(kinds, ":NAME or "), place)}
	}
	return nil
}

func oneOf(field, got string, want ...string) error {
	if slices.Contains(want, got) {
		return nil
	}
	return &core.Invalid{Field: field, Reason: fmt.Sprintf("want one of %s, got %q", strings.Join(want, ", "), got)}
}
