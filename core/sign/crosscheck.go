package sign

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// crosscheck makes the checks that stand beside a right signature. Each can only take the verdict back.
func (s Scheme) crosscheck(v *core.Verdict, in Input, f found, a attempt) {
	if slices.Contains(s.Checks, "query-bodySHA256") {
		checkBodyHash(v, in)
	}
	if s.Sig.Format == "rfc9421" && a.label != "" {
		checkDeclaredAlgorithm(v, in, a.label)
		checkExpiry(v, in, a.label)
		checkContentDigest(v, in, a.label)
	}
	if s.Sig.Format == "jwt" {
		s.checkClaims(v, in, f, a)
	}
	if s.Template == "{sns}" {
		checkSNS(v, in.Request.Body, a)
	}
	s.checkRequired(v, in, f)
	if s.Template == "{adyen}" && v.State == core.Verified {
		s.checkOtherItems(v, in)
	}
}

// checkRequired looks for the headers that the provider's own libraries insist on.
func (s Scheme) checkRequired(v *core.Verdict, in Input, f found) {
	for _, name := range slices.Sorted(maps.Keys(s.Require)) {
		got, ok := in.Request.Header.Lookup(name)
		template, lenient := strings.CutPrefix(s.Require[name], "?")
		switch {
		case !ok && lenient:
			note(v, fmt.Sprintf("The request has no header %s; the provider sends it, and the provider's own library rejects a request without.", name))
			continue
		case !ok:
			note(v, fmt.Sprintf("The request has no header %s, and this scheme wants it.", name))
			demote(v, core.Missing)
			continue
		case template == "":
			continue
		}
		parts, err := render(template, s.values(in, f))
		switch want := string(message(parts)); {
		case isNeeds(err):
			note(v, fmt.Sprintf("The header %s was not checked: %s.", name, err))
		case err != nil:
			note(v, fmt.Sprintf("The header %s cannot be checked: %s.", name, err))
			demote(v, core.Malformed)
		case strings.Trim(got, " \t") != want:
			note(v, fmt.Sprintf("The header %s says %q, and this scheme wants %q.", name, got, want))
			demote(v, core.Mismatch)
		}
	}
}

// checkOtherItems verifies the further items of an Adyen notification, each of which has a signature of its own. The
// verdict is that of the first item that fails.
func (s Scheme) checkOtherItems(v *core.Verdict, in Input) {
	for i := 1; ; i++ {
		item, ok := adyenItemOf(in, i)
		if !ok {
			return
		}
		if got := s.Verify(item); got.State != core.Verified {
			got.Notes = append([]string{fmt.Sprintf("Item %d of the notification has a signature of its own, and it is this one that fails; the items before it are right.", i+1)}, got.Notes...)
			*v = got
			return
		}
	}
}

// adyenItemOf is the notification with its i-th item alone.
func adyenItemOf(in Input, i int) (Input, bool) {
	start, end, err := locate(in.Request.Body, []string{"notificationItems", strconv.Itoa(i)})
	if err != nil {
		return in, false
	}
	r := *in.Request
	r.Body = slices.Concat([]byte(`{"notificationItems":[`), in.Request.Body[start:end], []byte(`]}`))
	in.Request = &r
	return in, true
}

// failingItem is the input with the item that fails alone, and which that is, from 1; or the input as it is.
func (s Scheme) failingItem(in Input) (Input, int) {
	if s.Template != "{adyen}" {
		return in, 0
	}
	for i := 0; ; i++ {
		item, ok := adyenItemOf(in, i)
		if !ok {
			return in, 0
		}
		if s.Verify(item).State == core.Verified {
			continue
		}
		if i > 0 {
			return item, i + 1
		}
		if _, more := adyenItemOf(in, 1); !more {
			return in, 0
		}
		return in, 1
	}
}

// checkBodyHash compares the body with the bodySHA256 that stands in the signed address (Twilio).
func checkBodyHash(v *core.Verdict, in Input) {
	address := in.URL
	if address == "" {
		address = in.Request.URL()
	}
	want, ok := queryValue(address, "bodySHA256")
	if !ok {
		note(v, "The address has no bodySHA256 parameter, so nothing protects the body; Twilio sends one with every JSON body.")
		demote(v, core.Missing)
		return
	}
	sum := sha256.Sum256(in.Request.Body)
	got, err := hex.DecodeString(want)
	if err == nil && bytes.Equal(got, sum[:]) {
		return
	}
	detail := fmt.Sprintf("The body's SHA-256 is %x, and bodySHA256 in the address says %s", sum, want)
	if v.State == core.Verified {
		detail += ": the signature over the address is right, so it is the body that changed"
	}
	note(v, detail+".")
	demote(v, core.Mismatch)
}

func queryValue(address, name string) (string, bool) {
	_, query, _ := strings.Cut(address, "?")
	for _, p := range formPairs([]byte(query)) {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// demote takes a good verdict back; a worse one stays.
func demote(v *core.Verdict, to core.VerdictState) {
	if v.State == core.Verified {
		v.State = to
	}
}

func note(v *core.Verdict, text string) {
	if text != "" {
		v.Notes = append(v.Notes, text)
	}
}

// checkDeclaredAlgorithm refuses a signature that declares another algorithm than the one it was checked with
// (RFC 9421, 3.2).
func checkDeclaredAlgorithm(v *core.Verdict, in Input, label string) {
	text, _ := lookup(dictionary(in.Request.Header.Joined("Signature-Input")), label)
	c, _ := readCovered(text)
	if alg, ok := lookup(c.params, "alg"); ok && alg != v.Algorithm {
		note(v, fmt.Sprintf("Signature-Input declares the algorithm %q, and this scheme checks %s.", alg, v.Algorithm))
		demote(v, core.Mismatch)
	}
}

// checkExpiry reads created and expires (RFC 9421, 2.3).
func checkExpiry(v *core.Verdict, in Input, label string) {
	created, expires := signatureTimes(in.Request.Header, label)
	if !created.IsZero() {
		v.Timestamp, v.Age = created, in.Now.Sub(created)
	}
	if !created.IsZero() && v.Age < -createdSkew {
		note(v, fmt.Sprintf("The signature is right, but created is %s in the future, and %s are allowed for clocks that differ.", -v.Age, createdSkew))
		demote(v, core.Stale)
	}
	if !expires.IsZero() && in.Now.After(expires) {
		note(v, "The signature expired at "+expires.Format("2006-01-02 15:04:05")+" UTC.")
		demote(v, core.Stale)
	}
}

// createdSkew is by how much clocks may differ.
const createdSkew = 30 * time.Second

// checkContentDigest says whether the body is protected, which in RFC 9421 only a covered Content-Digest does.
func checkContentDigest(v *core.Verdict, in Input, label string) {
	text, has := in.Request.Header.Lookup("Content-Digest")
	switch covered := covers(in.Request.Header, label, "content-digest"); {
	case !covered:
		note(v, "The signature does not cover Content-Digest, so the body is not protected.")
		return
	case !has:
		return // the signed bytes cannot be made, which is said elsewhere
	}
	for _, m := range dictionary(text) {
		sum := contentDigest(m.key, in.Request.Body)
		if sum == nil {
			continue
		}
		got, err := base64.StdEncoding.DecodeString(strings.Trim(m.value, ":"))
		if err != nil || !bytes.Equal(got, sum) {
			note(v, fmt.Sprintf("Content-Digest %s is not that of the body: the body changed after it was signed, or the digest is wrong.", m.key))
			demote(v, core.Mismatch)
		}
		return
	}
	note(v, "Content-Digest names no algorithm that can be checked here (sha-256, sha-512), so the body could not be checked.")
	demote(v, core.Mismatch)
}

func contentDigest(name string, body []byte) []byte {
	alg := map[string]string{"sha-256": "sha256", "sha-512": "sha512"}[name]
	return digest(alg, nil, one("body", body))
}
