// Package picture draws a signature and says in words what it proves: the signed bytes, the key, the clock, the verdict, and what
// the doctor found.
package picture

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// Picture is all that the picture of a signature shows. It is made off the UI goroutine and does not change.
type Picture struct {
	Verdict core.Verdict
	Scheme  sign.Scheme
	Kept    string // where the secret is kept, in words; "" for no secret
	Capture core.CaptureID
	Live    bool   // of a request that is not sent yet
	Wrong   string // what is wrong on purpose with it
	Changed []byte // the body as it was signed, where another one is sent
}

// Provider is who signs, as a sentence names it.
func (p *Picture) Provider() string {
	if p.Scheme.Provider != "" {
		return p.Scheme.Provider
	}
	return p.Verdict.Scheme
}

// who is the provider in the middle of a sentence: "Twilio" of "Twilio (form)".
func (p *Picture) who() string {
	name, _, _ := strings.Cut(p.Provider(), " (")
	return name
}

// Kind tells the three ways to sign apart, which need different words.
func (p *Picture) Kind() string {
	switch alg := p.algorithm(); {
	case alg == "equal":
		return "token"
	case strings.HasPrefix(alg, "hmac"), alg == "sha1", alg == "sha256", alg == "md5", alg == "sha512":
		return "shared"
	}
	return "public"
}

func (p *Picture) algorithm() string {
	if p.Scheme.Alg != "" && p.Scheme.Alg != "jws" { // of a token, the algorithm is the one that it says
		return p.Scheme.Alg
	}
	return p.Verdict.Algorithm
}

// marked is the byte to point at: the first one that is not as it was signed, -1 for none.
func (p *Picture) marked() int {
	if fs := p.Verdict.Findings; len(fs) > 0 && fs[0].Signed != nil && !hasSecret(p.Verdict.Parts) {
		return fs[0].Offset
	}
	at := 0
	for _, part := range maskedParts(p.Verdict.Parts) {
		if part.Name == "body" && p.Changed != nil {
			for i := range min(len(part.Bytes), len(p.Changed)) {
				if part.Bytes[i] != p.Changed[i] {
					return at + i
				}
			}
		}
		at += len(part.Bytes)
	}
	return -1
}

// headline is the verdict in a few words, and why in a sentence or two.
func (p *Picture) headline() (title, text string) {
	v := &p.Verdict
	who := p.who()
	if p.Live && v.State != core.Verified {
		return "A receiver must reject this", cmp.Or(wrongWhy(p.Wrong), p.firstNote("The signature does not hold."))
	}
	switch v.State {
	case core.Verified:
		return p.verifiedWords()
	case core.Mismatch:
		if p.isToken() && p.claimDiffers() {
			return "The token is not for this request", "The token is genuine, and a claim of it does not fit what came with it: the request was changed, or the token belongs to another one."
		}
		switch p.Kind() {
		case "token":
			return "The token does not match", "The value in " + v.Where + " is not the secret that is set."
		case "public":
			return "The signature does not match", "It was not made over these bytes with the private key that belongs to your public key of " + who + "."
		}
		return "The signature does not match", "These bytes and this secret give another signature than the one that came: the bytes were changed, the secret is another one, or it was computed in another way."
	case core.Missing:
		return "There is no signature", p.firstNote("The request lacks " + v.Where + ".")
	case core.Malformed:
		return "The signature cannot be read", p.firstNote("What stands in " + v.Where + " is no signature of " + who + ".")
	case core.Stale:
		if v.Age < 0 {
			return "Right, but from the future", fmt.Sprintf("The signature is right. Its timestamp is %s ahead of the clock here, and %s are allowed.", view.Duration(-v.Age), view.Duration(v.Tolerance))
		}
		return "Right, but too old", fmt.Sprintf("The signature is right. It was made %s before it arrived, and %s are allowed: somebody may be sending an old request again.",
			view.Duration(v.Age), view.Duration(v.Tolerance))
	case core.NoSecret:
		if p.Kind() == "public" {
			return "No public key is set", "Without the public key that " + who + " shows, nothing can be checked."
		}
		return "No secret is set", p.firstNote("Without the secret that " + who + " shows, nothing can be checked.")
	}
	return part.VerdictWords(v.State), ""
}

func (p *Picture) verifiedWords() (title, text string) {
	who := p.who()
	if p.Live && p.Wrong != "" {
		return "A receiver will accept this all the same", "What is wrong on purpose cannot be seen by this scheme: " + who + " signs nothing that it changes."
	}
	if p.Live {
		if p.Kind() == "public" {
			return "The signature is right for this key", "A receiver accepts it with the public key that belongs to this private key. " + who + "'s own public key is another one."
		}
		return "A receiver will accept this", "It would come to the same signature with these bytes and this secret."
	}
	if p.isToken() {
		return "The token is right", "It was signed by " + who + "'s key, and what its claims say fits this request."
	}
	switch p.Kind() {
	case "token":
		return "The token is right", "The sender knows the secret. Nothing else is protected: the body could be any."
	case "public":
		return "The signature is right", "Exactly these bytes were signed with the private key that belongs to your public key of " + who + "."
	}
	return "The signature is right", "Exactly these bytes were signed by someone who knows your secret: that is " + who + "."
}

// firstNote is the first note of the verdict, which says why it is not better; or else other words.
func (p *Picture) firstNote(other string) string {
	if len(p.Verdict.Notes) > 0 {
		return p.Verdict.Notes[0]
	}
	return other
}

// notes are the verdict's notes that the headline does not say already.
func (p *Picture) notes() []string {
	_, text := p.headline()
	var out []string
	for i, n := range p.Verdict.Notes {
		if n == text || i == 0 && p.Verdict.State == core.Stale {
			continue
		}
		out = append(out, n)
	}
	return out
}

// recipe says in words how the signed bytes are put together.
func recipe(parts []core.Part) string {
	if len(parts) == 0 {
		return ""
	}
	var words []string
	form := false
	for _, p := range parts {
		switch {
		case strings.HasPrefix(p.Name, "form "):
			if !form {
				words = append(words, "every parameter of the form, name and value, sorted by name")
			}
			form = true
		case p.Name == "separator", p.Name == "literal":
			words = append(words, "“"+view.Visible(string(p.Bytes))+"”")
		default:
			words = append(words, p.Name)
		}
	}
	if len(words) > 9 {
		return fmt.Sprintf("%d parts, one after the other", len(words))
	}
	if len(words) == 1 && !form {
		return "the " + words[0] + ", byte for byte, and nothing else"
	}
	return strings.Join(words, " + ")
}

// algorithmWords explain an algorithm to someone who never used one.
func (p *Picture) algorithmWords() string {
	alg := p.algorithm()
	switch p.Kind() {
	case "token":
		return "Nothing is computed. The request carries the secret itself, and it is compared."
	case "public":
		return algorithmTitle(alg) + ": the provider signs with a private key that only it has; with the public key anyone can check, and nobody can sign."
	}
	return algorithmTitle(alg) + " stirs the key and the bytes into a short fingerprint. One other bit in either, and all of it is different."
}

// algorithmTitle writes an algorithm as documents do.
func algorithmTitle(alg string) string {
	switch alg {
	case "equal":
		return "Comparison"
	case "ed25519":
		return "Ed25519"
	case "":
		return "?"
	}
	s := strings.ToUpper(alg)
	for _, n := range []string{"1", "256", "384", "512"} {
		s = strings.ReplaceAll(s, "SHA"+n, "SHA-"+n)
	}
	return s
}

// keyWords say how the secret became the key.
func keyWords(how string) string {
	if how == "" {
		return "not used"
	}
	return core.Capital(how)
}

// protection says what a right signature proves, and what it leaves open.
func (p *Picture) protection() (proves string, open []string) {
	covers := p.Verdict.Covers
	if p.Kind() == "token" || covers == "sender only" {
		return "That the sender knows the secret.", []string{"The body is not protected: who has seen one request can send any body.", "Old requests can be sent again."}
	}
	if covers == "" {
		return "That the signed bytes are as the sender made them.", nil
	}
	proves = "That the sender has the key, and that nobody changed the " + covers + "."
	if !strings.Contains(covers, "body") && !strings.Contains(covers, "form") && !strings.Contains(covers, "message") && !strings.Contains(covers, "fields") {
		open = append(open, "The body is not protected.")
	}
	if p.Verdict.Timestamp.IsZero() && !strings.Contains(covers, "timestamp") {
		open = append(open, "No timestamp is signed: an old request can be sent again. Remember the event ids you have seen.")
	}
	return proves, append(open, "Headers that are not named here can be changed on the way.")
}

// clockWords say when it was signed and what is allowed.
func (p *Picture) clockWords() string {
	v := &p.Verdict
	seen := "when it arrived"
	if p.Live {
		seen = "now"
	}
	if v.Age.Abs() < time.Second {
		seen = "just " + seen
		if !p.Live {
			seen = "within the second in which it arrived"
		}
		return fmt.Sprintf("Signed at %s, %s.", v.Timestamp.UTC().Format("2 Jan 2006, 15:04:05 MST"), seen) + p.limitWords()
	}
	return fmt.Sprintf("Signed at %s: %s %s.", v.Timestamp.UTC().Format("2 Jan 2006, 15:04:05 MST"), view.Old(v.Age), seen) + p.limitWords()
}

// limitWords say how old or early a signature may be.
func (p *Picture) limitWords() string {
	switch tolerance := p.Verdict.Tolerance; {
	case tolerance == 0:
		return " " + p.who() + " sets no limit."
	case p.Scheme.TS.Ahead != nil && *p.Scheme.TS.Ahead == 0:
		return " Allowed: " + view.Duration(tolerance) + " in the past, and nothing of the future."
	case p.Scheme.TS.Future && p.Scheme.TS.Ahead == nil:
		return " Allowed: " + view.Duration(tolerance) + " either way."
	default:
		return " Allowed: " + view.Duration(tolerance) + " in the past."
	}
}

// proofWords are a proof as a badge says it, and as a tip explains it.
func proofWords(p core.Proof) (badge, tip string) {
	switch p {
	case core.Recomputed:
		return "Proven", "The same signature came out when it was computed this way."
	case core.Structural:
		return "Visible", "It can be seen in the request itself."
	}
	return "Fits", "It fits, and so may other things: this is no proof."
}

// AgoWords say when something was, for a list.
func AgoWords(t, now time.Time) string {
	if a := view.Ago(t, now); a != "now" {
		return a + " ago"
	}
	return "now"
}
