package sign

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// absent finds what is missing before anything can be computed. It returns nil when all is there.
func (d *doctor) absent() []core.Finding {
	s, f := d.scheme, d.found
	switch {
	case !f.has.signature && rawSNS(d.c.Input.Request, s):
		return []core.Finding{d.rawDelivery()}
	case !f.has.signature:
		if g := d.elsewhere(); g != nil {
			return []core.Finding{*g}
		}
		return []core.Finding{d.unsigned()}
	case uses(s.Template, "ts") && !f.has.ts && !strings.HasPrefix(s.TS.From, "sig:"):
		return []core.Finding{d.finding("timestamp_header_missing", core.Structural,
			"The request has no "+say(s.TS.From)+", and it is part of the signed bytes.")}
	case uses(s.Template, "id") && !f.has.id:
		return []core.Finding{d.finding("id_header_missing", core.Structural,
			"The request has no "+say(s.MsgID)+", and it is part of the signed bytes.")}
	}
	return nil
}

// unstamped finds a signature header that lacks the timestamp which it should carry beside the digest.
func (d *doctor) unstamped() []core.Finding {
	s := d.scheme
	if !uses(s.Template, "ts") || d.found.has.ts || !strings.HasPrefix(s.TS.From, "sig:") {
		return nil
	}
	if d.unlabelled() {
		return []core.Finding{*d.strayed()}
	}
	return []core.Finding{d.finding("timestamp_header_missing", core.Structural,
		"The signature has no "+say(s.TS.From)+", and it is part of the signed bytes.")}
}

// otherSignatures names the headers of the request in which other schemes have their signature.
func (d *doctor) otherSignatures() string {
	var names []string
	for _, h := range d.c.Input.Request.Header {
		if l := strings.ToLower(h.Name); strings.Contains(l, "signature") && !strings.Contains(l, "timestamp") || strings.Contains(l, "hmac") {
			names = append(names, h.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; it has " + list(names) + ", which does not verify with this secret either"
}

// elsewhere looks for a right signature in the other headers: under the scheme of that header, or as this scheme
// makes it with any hash.
func (d *doctor) elsewhere() *core.Finding {
	if !d.hasSecret() {
		return nil
	}
	ours := strings.ToLower(strings.TrimPrefix(d.scheme.Sig.From, "header:"))
	for _, h := range d.c.Input.Request.Header {
		if strings.EqualFold(h.Name, ours) || len(h.Value) < 16 {
			continue
		}
		if how := d.verifiesIn(h); how != "" {
			f := d.finding("signature_in_other_header", core.Recomputed,
				fmt.Sprintf("The header %s carries a signature that verifies with this secret, as %s.", h.Name, how))
			return &f
		}
	}
	return nil
}

func (d *doctor) verifiesIn(h core.Field) string {
	for _, o := range table() {
		if o.Alg != "equal" && strings.EqualFold(o.Sig.From, "header:"+h.Name) && o.Verify(d.c.Input).State == core.Verified {
			return o.Provider + " signs"
		}
	}
	if public(d.scheme.Alg) || d.scheme.Alg == "equal" {
		return ""
	}
	t := d.scheme.newTarget([]string{h.Value}, true)
	for _, base := range d.trials() {
		for _, n := range t.sizes() {
			base.hash = hashOfSize(n)
			if base.hash == "" || base.unusable {
				continue
			}
			parts, err := base.parts()
			if err != nil {
				continue
			}
			if len(t.exact[string(d.sum(&base, parts))]) > 0 {
				return algorithmName(base.hash, base.sum)
			}
		}
	}
	return ""
}

// times says what is wrong with the clock of a signature that is right.
func (d *doctor) times() []core.Finding {
	s := d.scheme
	if s.TS.From == "" || !d.found.has.ts {
		return nil
	}
	v := core.Verdict{Tolerance: s.TS.tolerance()}
	c := s.clock(&v, d.found, d.c.Input.Now)
	ts := d.found.ts
	if !c.outside && !c.unreadable && !c.ahead {
		return nil
	}
	one := func(cause, detail string) []core.Finding {
		return []core.Finding{d.finding(cause, core.Structural, detail)}
	}
	switch at, ok := parseTime(s.TS.Unit, ts); {
	case s.TS.Unit == "s" && isDigits(ts) && len(ts) >= 12:
		return one("timestamp_in_milliseconds", "The signature is right, and the timestamp "+ts+" is in milliseconds where seconds are expected.")
	case s.TS.Unit == "ms" && isDigits(ts) && len(ts) <= 11:
		return one("timestamp_in_seconds", "The signature is right, and the timestamp "+ts+" is in seconds where milliseconds are expected.")
	case c.unreadable && ok:
		return one("timestamp_unreadable", fmt.Sprintf("The signature is right, and the timestamp %q, %s, is not in the form %s.", ts, at.Format("2006-01-02 15:04:05"), s.TS.Unit))
	case c.unreadable:
		return one("timestamp_unreadable", fmt.Sprintf("The signature is right, and the timestamp %q cannot be read.", ts))
	case c.ahead:
		return nil
	case v.Age < 0:
		return one("timestamp_future", fmt.Sprintf("The signature is right, and its timestamp is %s ahead of this clock; %s are tolerated.", -v.Age, s.TS.tolerance()))
	default:
		return one("timestamp_stale", fmt.Sprintf("The signature is right, and it is %s old; %s are tolerated.", v.Age.Round(time.Second), s.TS.tolerance()))
	}
}

// A bodyDigest is a digest of the body that the request carries beside the signature, and that needs no secret.
type bodyDigest struct {
	where, alg string
	want       []byte
}

// digests compares the body with every digest of it that the request carries.
func (d *doctor) digests() []core.Finding {
	for _, b := range d.bodyDigests() {
		if bytes.Equal(b.sum(d.body.raw), b.want) {
			continue
		}
		detail := fmt.Sprintf("The body's %s is not the one in %s, so the body changed after that was written.", strings.ToUpper(b.alg), b.where)
		f := d.finding("body_hash_mismatch", core.Structural, detail)
		for _, form := range d.body.forms() {
			if d.ctx.Err() != nil {
				break
			}
			if made := form.make(nil); made != nil && bytes.Equal(b.sum(made), b.want) {
				f.Detail += " It is the digest of " + form.how + "."
				f.Signed, f.Offset = made, firstDifference(d.body.raw, made)
				break
			}
		}
		return []core.Finding{f}
	}
	return nil
}

func (b bodyDigest) sum(body []byte) []byte {
	if b.alg == "md5" {
		s := md5.Sum(body)
		return s[:]
	}
	return digest(b.alg, nil, one("body", body))
}

func (d *doctor) bodyDigests() []bodyDigest {
	r := d.c.Input.Request
	var out []bodyDigest
	add := func(where, alg string, want []byte, err error) {
		if err == nil && len(want) == size(alg) || alg == "md5" && len(want) == md5.Size {
			out = append(out, bodyDigest{where, alg, want})
		}
	}
	address := d.c.Input.URL
	if address == "" {
		address = r.URL()
	}
	if v, ok := queryValue(address, "bodySHA256"); ok {
		b, err := hex.DecodeString(v)
		add("bodySHA256 of the address", "sha256", b, err)
	}
	for _, h := range r.Header {
		switch strings.ToLower(h.Name) {
		case "content-digest", "repr-digest":
			for _, m := range dictionary(h.Value) {
				b, err := base64.StdEncoding.DecodeString(strings.Trim(m.value, ":"))
				add("header "+h.Name, strings.ReplaceAll(strings.ToLower(m.key), "-", ""), b, err)
			}
		case "digest":
			for e := range strings.SplitSeq(h.Value, ",") {
				name, v, _ := strings.Cut(strings.TrimSpace(e), "=")
				b, err := base64.StdEncoding.DecodeString(v)
				add("header "+h.Name, strings.ReplaceAll(strings.ToLower(name), "-", ""), b, err)
			}
		case "content-md5":
			b, err := base64.StdEncoding.DecodeString(h.Value)
			if err == nil {
				add("header "+h.Name, "md5", b, err)
			}
		case "x-amz-content-sha256", "x-content-sha256", "x-body-sha256":
			b, err := hex.DecodeString(h.Value)
			add("header "+h.Name, "sha256", b, err)
		}
	}
	return out
}

// agreed makes sure that a signature which the scheme refuses has a finding, even if its digest is right.
func (d *doctor) agreed(fs []core.Finding) []core.Finding {
	v := d.c.Scheme.Verify(d.c.Input)
	if len(fs) > 0 || v.State == core.Verified {
		return fs
	}
	return []core.Finding{d.finding("unexplained", core.Structural, "The digest is right, and still the verdict is "+string(v.State)+". "+strings.Join(v.Notes, " "))}
}

// unexplained is the finding where nothing fits. What can be seen without the secret comes before it.
func (d *doctor) unexplained() core.Finding {
	if fs := d.digests(); fs != nil {
		fs[0].Detail += " The signature itself fits nothing that was tried, which a changed body explains."
		return fs[0]
	}
	if !d.target.computed {
		if f := d.elsewhere(); f != nil && d.hasSecret() {
			f.Detail += " So secret and body are right, and the signature in the scheme's own place is not."
			return *f
		}
	}
	if d.scheme.Alg == "equal" && d.hasSecret() {
		return d.tokenDiffers()
	}
	if f := d.keyFaults(); f != nil {
		return *f
	}
	if f := d.malformed(); f != nil {
		return *f
	}
	if _, err := d.bases[0].parts(); err != nil {
		return d.finding("unexplained", core.Structural, "The signed bytes cannot be made: "+err.Error()+".")
	}
	if !d.hasSecret() {
		return d.finding("unexplained", core.Structural, fmt.Sprintf("No secret was given to check with; %s without one fit.", noneOf(d.tried)))
	}
	f := d.finding("unexplained", core.Structural, fmt.Sprintf("%s tested, none fits: no cause is proven. A wrong secret and a changed body cannot be told apart from one request.",
		counted(d.tried, "combination")))
	if d.ctx.Err() != nil {
		f.Detail += " The search ended before it had tried everything."
	}
	f.Detail += d.lengthEvidence()
	d.experiment(&f)
	return f
}

// experiment names the item of a batch, and the next thing to try where the body as such is not signed.
func (d *doctor) experiment(f *core.Finding) {
	if d.item > 0 {
		f.Detail += fmt.Sprintf(" It is item %d of the batch that does not verify; its signature covers %s.", d.item, d.scheme.covers())
	}
	if f.About == core.AboutCame && !uses(d.scheme.Template, "body") && d.scheme.Sig.Format != "rfc9421" && d.scheme.Sig.Format != "jwt" {
		f.Fix = "Set a fresh secret on both sides and have it sent again: if that verifies, the secret was wrong; if not, something that is signed was changed on its way, and that is " + d.scheme.covers() + "."
	}
	d.whereKept(f)
}

func noneOf(n int) string { return "none of " + counted(n, "combination") }

// lengthEvidence compares Content-Length with the bytes that came: a hint at what was lost or added.
func (d *doctor) lengthEvidence() string {
	r := d.c.Input.Request
	n, err := strconv.Atoi(strings.TrimSpace(r.Header.Get("Content-Length")))
	if r.Truncated {
		return " The body was cut when it was recorded, so nothing can fit."
	}
	if err != nil || n == len(r.Body) || r.Header.Get("Content-Length") == "" {
		return ""
	}
	by := n - len(r.Body)
	what := map[int]string{1: ", as a line end would be", 2: ", as CRLF would be", 3: ", as a byte order mark would be"}[max(by, -by)]
	if by > 0 {
		return fmt.Sprintf(" Content-Length says %d and %d bytes are here: %s missing%s.", n, len(r.Body), counted(by, "byte"), what)
	}
	return fmt.Sprintf(" Content-Length says %d and %d bytes are here: %s too many%s.", n, len(r.Body), counted(-by, "byte"), what)
}

// malformed says why the text cannot be a signature of this scheme at all.
func (d *doctor) malformed() *core.Finding {
	s := d.scheme
	if s.Alg == "equal" || s.Sig.Format == "rfc9421" || s.Sig.Format == "jwt" {
		return nil
	}
	var f core.Finding
	want := size(s.Alg)
	switch sizes := d.target.sizes(); {
	case d.unlabelled():
		return d.strayed()
	case len(sizes) == 0:
		f = d.finding("bad_signature_encoding", core.Structural, "The signature is not "+s.Enc+", nor any other encoding of a digest.")
	case want == 0:
		return nil
	case slices.Contains(sizes, want):
		return nil
	default:
		for _, n := range sizes {
			if h := hashOfSize(n); h != "" {
				f = d.finding("signature_length_is_"+h, core.Structural,
					fmt.Sprintf("The signature is %d bytes, the length of %s; %s has %d. It does not fit either.", n, algorithmName(h, ""), s.Alg, want))
				return &f
			}
		}
		if sizes[0] < want && sizes[0] >= want/2 {
			f = d.finding("signature_truncated", core.Consistent,
				fmt.Sprintf("The signature is %d bytes and %s has %d: some of it is missing, and what is there does not fit either.", sizes[0], s.Alg, want))
			return &f
		}
		f = d.finding("bad_signature_encoding", core.Structural, fmt.Sprintf("The signature is %d bytes in every encoding; %s has %d.", sizes[0], s.Alg, want))
	}
	return &f
}

// unlabelled reports that nothing stands where the scheme wants the signature.
func (d *doctor) unlabelled() bool {
	if d.target.computed || len(d.target.spellings) == 0 {
		return false
	}
	return !slices.ContainsFunc(d.target.spellings, func(sp spelling) bool { return !misplaced(sp.causes) })
}

func misplaced(causes []string) bool {
	return slices.ContainsFunc(causes, func(c string) bool {
		return c == "prefix_missing" || c == "prefix_wrong" || c == "no_signature_with_expected_version"
	})
}

// strayed is the finding for a signature under another prefix or version that does not fit either.
func (d *doctor) strayed() *core.Finding {
	sp := d.target.spellings[0]
	f := d.finding(sp.causes[0], core.Structural, fmt.Sprintf("The signature is not where %s wants it: %s. Nothing that was tried fits it.", d.scheme.Provider, strings.Join(sp.hows, ", ")))
	f.Alternatives = sp.alts
	return &f
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	for _, s := range []struct{ one, many string }{{"way to put", "ways to put"}, {"use of", "uses of"}, {"form of", "forms of"}, {"key made", "keys made"}, {"id of", "ids of"}} {
		if rest, ok := strings.CutPrefix(what, s.one); ok {
			return strconv.Itoa(n) + " " + s.many + rest
		}
	}
	return strconv.Itoa(n) + " " + what + "s"
}
