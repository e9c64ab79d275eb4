package picture

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// tokenLine is one member of a token's header or claims, and what it is compared with.
type tokenLine struct {
	name, value string
	bound       string // what it has to be, in words; "" where nothing looks at it
	wrong       bool
	unchecked   bool // a setting to compare it with is not given
}

// tokenLines are the header and the claims of the token whose signed bytes a verdict has, in the order of the token.
func tokenLines(x *Picture) (header, claims []tokenLine) {
	for _, p := range x.Verdict.Parts {
		switch p.Name {
		case "token header":
			header = members(p.Bytes)
		case "token claims":
			claims = members(p.Bytes)
		}
	}
	if x.Scheme.JWT == nil {
		return header, claims
	}
	for _, c := range x.Scheme.JWT.Claims {
		at := -1
		for i := range claims {
			if claims[i].name == c.Name {
				at = i
			}
		}
		if at < 0 {
			if !c.Optional && !c.WithBody && len(claims) > 0 {
				claims = append(claims, tokenLine{name: c.Name, value: "missing", bound: bound(c), wrong: true})
			}
			continue
		}
		claims[at].bound, claims[at].wrong = bound(c), noted(x.Verdict.Notes, "The claim "+c.Name+" says ")
		claims[at].unchecked = noted(x.Verdict.Notes, "The claim "+c.Name+" was not checked")
	}
	return header, claims
}

func bound(c sign.Claim) string {
	if words := c.Words(); words != "" {
		return "Has to be " + words + "."
	}
	return "Has to be there."
}

// noted reports whether a note begins in this way.
func noted(notes []string, begin string) bool {
	return slices.ContainsFunc(notes, func(n string) bool { return strings.HasPrefix(n, begin) })
}

// members reads a part of a token, base64url of a JSON object, in its own order.
func members(part []byte) []tokenLine {
	raw, err := base64.RawURLEncoding.DecodeString(string(part))
	if err != nil {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var out []tokenLine
	for dec.More() && len(out) < mostMembers {
		name, err := dec.Token()
		if err != nil {
			return out
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return out
		}
		text, _ := name.(string)
		out = append(out, tokenLine{name: view.Visible(text), value: view.Visible(memberText(text, value))})
	}
	return out
}

// mostMembers bounds what of a stranger's token is drawn.
const mostMembers = 40

// memberText is a value as a reader wants it: text without quotes, times with what they mean.
func memberText(name string, value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	var n int64
	if (name == "iat" || name == "exp" || name == "nbf") && json.Unmarshal(value, &n) == nil {
		return string(value) + " · " + time.Unix(n, 0).UTC().Format("2 Jan 2006, 15:04:05 MST")
	}
	return string(value)
}

// isToken reports whether the signature is a JSON Web Token.
func (p *Picture) isToken() bool { return p.Scheme.Sig.Format == "jwt" }

// claimDiffers reports whether a claim says something else than the request.
func (p *Picture) claimDiffers() bool {
	_, claims := tokenLines(p)
	return slices.ContainsFunc(claims, func(l tokenLine) bool { return l.wrong })
}

// token takes the token apart: what its header and its claims say, and which of them tie it to this request.
func (p *Pane) token(x *Picture) (string, string, fyne.CanvasObject) {
	header, claims := tokenLines(x)
	title := "What the token says"
	if len(header) == 0 {
		return title, "", control.NewParagraph("The token cannot be taken apart.", control.Body.In(control.Muted))
	}
	rows := control.Col(6, control.NewText("HEADER", control.Caption))
	for _, l := range header {
		rows.Add(fact(l.name, l.value))
	}
	if x.Scheme.JWT != nil && x.Scheme.JWT.Detached {
		rows.Add(control.Gap(0, 2))
		rows.Add(control.NewParagraph("There are no claims: the body itself is the payload, and stands in its own place instead of in the token.", control.Body.In(control.Muted)))
		return title, "detached", rows
	}
	rows.Add(control.Gap(0, 2))
	rows.Add(control.NewText("CLAIMS", control.Caption))
	for _, l := range claims {
		rows.Add(fact(l.name, l.value))
		if l.bound == "" {
			continue
		}
		icon, tone := "circle-check", control.Green
		switch {
		case l.wrong:
			icon, tone = "circle-x", control.Red
		case l.unchecked:
			icon, tone, l.bound = "info", control.Amber, l.bound+" It is not known here, so nobody looked."
		case x.Verdict.State != core.Verified && x.Verdict.State != core.Stale:
			icon, tone = "lock", control.Muted
		}
		rows.Add(control.RowFill(8, control.Fixed(128, control.Col(0)), control.Grow(remarkRow(icon, tone, l.bound))))
	}
	return title, view.Plural(len(claims), "claim", "claims"), rows
}
