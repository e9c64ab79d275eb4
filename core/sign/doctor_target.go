package sign

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A spelling is one way to read the text of a signature as bytes, with what would be wrong with the text if this
// were the right way. The search compares bytes, so faults of spelling cost it nothing.
type spelling struct {
	raw    []byte
	text   string   // the digest's text, for comparing without regard to case
	causes []string // what is wrong with the text; empty: nothing
	alts   []string // other names for the last cause
	hows   []string // a clause for each cause
	far    int      // how far-fetched the reading is, beyond the number of its causes
	outer  int      // how many of the causes stand before the encoding
	ts     string   // the timestamp read from the same text; "" for none
}

// target is the signature in question, in every plausible spelling.
type target struct {
	texts     []string
	spellings []spelling
	exact     map[string][]int // raw bytes → spellings, fewest faults first
	computed  bool             // the user's own code came to it
}

// newTarget reads texts, the values in which the signature stands, as the scheme and as common mistakes would have it.
func (s Scheme) newTarget(texts []string, computed bool) *target {
	t := &target{texts: texts, exact: map[string][]int{}, computed: computed}
	for _, v := range repairs(s, texts) {
		t.read(s, v)
	}
	slices.SortStableFunc(t.spellings, func(a, b spelling) int { return len(a.causes) + a.far - len(b.causes) - b.far })
	for i, sp := range t.spellings {
		t.exact[string(sp.raw)] = append(t.exact[string(sp.raw)], i)
	}
	return t
}

// sizes are the lengths of the digests that the target can be.
func (t *target) sizes() []int {
	var out []int
	for _, sp := range t.spellings {
		if !slices.Contains(out, len(sp.raw)) {
			out = append(out, len(sp.raw))
		}
	}
	return out
}

// A value is the text of a signature after some repairs.
type value struct {
	text   string
	causes []string
	hows   []string
}

const mostRepairs = 3

// repairs undoes what may have happened to the whole text: quotes, space, escapes, folding. The first value is
// the text as it came.
func repairs(s Scheme, texts []string) []value {
	var out []value
	add := func(v value) {
		if v.text != "" && !slices.ContainsFunc(out, func(o value) bool { return o.text == v.text }) {
			out = append(out, v)
		}
	}
	for i, t := range texts {
		v := value{text: t}
		if i > 0 && s.Sig.Format == "plain" && len(s.Sig.Also) == 0 {
			v.causes, v.hows = []string{"header_values_folded"}, []string{"the header comes several times, and the first one counts"}
		}
		add(v)
	}
	if len(texts) > 1 {
		add(value{text: strings.Join(texts, ", ")})
	}
	for i := 0; i < len(out) && len(out) < 64; i++ {
		if v := out[i]; len(v.causes) < mostRepairs {
			for _, r := range v.repaired(s) {
				add(r)
			}
		}
	}
	return out
}

func (v value) repaired(s Scheme) []value {
	var out []value
	fix := func(text, cause, how string) {
		if text != v.text {
			out = append(out, value{text, append(slices.Clone(v.causes), cause), append(slices.Clone(v.hows), how)})
		}
	}
	fix(trimmed(v.text), "signature_has_whitespace", "there is space around it")
	fix(unquoted(v.text), "signature_has_quotes", "it stands in quotes")
	if strings.ContainsRune(v.text, '%') {
		if u, err := url.PathUnescape(v.text); err == nil {
			fix(u, "signature_percent_encoded", "it is percent-encoded")
		}
	}
	if strings.ContainsAny(v.text, "\r\n") {
		fix(strings.NewReplacer("\r", "", "\n", "").Replace(v.text), "signature_has_whitespace", "there are line breaks in it")
	}
	if s.Sig.Format == "plain" || s.Sig.Format == "" {
		for _, space := range []string{"", "+"} {
			if plain := strings.TrimPrefix(v.text, s.Sig.Prefix); strings.Contains(plain, " ") && !strings.Contains(plain, ",") {
				how := map[string]string{"": "there is space in it", "+": `"+" was turned into a space`}[space]
				fix(v.text[:len(v.text)-len(plain)]+strings.ReplaceAll(plain, " ", space), "signature_has_whitespace", how)
			}
		}
	}
	if p := s.Sig.Prefix; p != "" && strings.Count(v.text, p) > 1 {
		for part := range strings.SplitSeq(v.text, p) {
			if part != "" {
				fix(p+strings.TrimRight(part, ",; "), "header_values_folded", "several values stand in one header line")
			}
		}
	}
	if folded, sep := folds(s, v.text); folded {
		for part := range strings.SplitSeq(v.text, sep) {
			fix(strings.TrimSpace(part), "header_values_folded", "several values stand in one header line")
		}
	}
	return out
}

// folds reports whether text may be several header lines joined with a comma, and by what to split it.
func folds(s Scheme, text string) (bool, string) {
	sep := ","
	if strings.Contains(s.Sig.Prefix, ",") || s.Sig.Sep == "," {
		sep = ", "
	}
	if s.Sig.Sep == "," && s.Sig.Format != "plain" {
		return false, ""
	}
	return strings.Contains(text, sep), sep
}

// trimmed also takes away what unicode does not call space but no one sees: zero-width characters and byte order marks.
func trimmed(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u2060' || r == '\ufeff' || r == 0
	})
}

var quotePairs = []string{`""`, `''`, "``", "“”", "‘’", "«»"}

func unquoted(s string) string {
	for _, q := range quotePairs {
		r := []rune(q)
		open, end := string(r[0]), string(r[1])
		if len(s) >= len(open)+len(end) && strings.HasPrefix(s, open) && strings.HasSuffix(s, end) {
			return s[len(open) : len(s)-len(end)]
		}
	}
	return s
}

// parse reads one value as the scheme has it written.
func (s Scheme) parse(text string) found {
	var f found
	switch s.Sig.Format {
	case "kv":
		f.readKV(s, []string{text})
	case "list":
		f.readList(s, []string{text})
	default:
		f.readPlain(s, []string{text})
	}
	return f
}

// read adds the spellings of one value.
func (t *target) read(s Scheme, v value) {
	if raw, _, _ := printedBytes(v.text); raw != nil && t.computed { // pasted whole, whatever the header looks like
		t.decode(s, v, "", stray{text: v.text})
		return
	}
	f := s.parse(v.text)
	for _, c := range f.candidates {
		t.decode(s, v, f.ts, stray{text: c.text})
		if text, ok := cutLabel(c.text); ok {
			t.decode(s, v, f.ts, stray{text, []string{"prefix_extra"}, nil, "there is one prefix too many", 0})
		}
	}
	if len(f.candidates) > 0 {
		return
	}
	// Nothing stands where the scheme wants it.
	for _, e := range strayDigests(s, v.text) {
		t.decode(s, v, f.ts, e)
	}
}

// A stray is a digest's text found in a value, and what is wrong with where it was found.
type stray struct {
	text         string
	causes, alts []string
	how          string
	far          int
}

var (
	label   = regexp.MustCompile(`^[A-Za-z][\w.-]{0,20}[=:, ]\s*`)
	longRun = regexp.MustCompile(`[A-Za-z0-9+/_-]{24,}={0,2}`)
)

// cutLabel takes "sha1=", "v2," or "Bearer " away.
func cutLabel(text string) (string, bool) {
	l := label.FindString(text)
	if l == "" || len(text)-len(l) < 16 {
		return text, false
	}
	return text[len(l):], true
}

// strayDigests finds digests in a value that does not have the scheme's form.
func strayDigests(s Scheme, text string) []stray {
	var out []stray
	want := s.Sig.Prefix
	if s.Sig.Format == "kv" {
		want = s.Sig.Field + s.Sig.KV
	}
	elements := []string{text}
	if s.Sig.Sep != "" {
		elements = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(s.Sig.Sep+" \t", r) })
	}
	for _, e := range elements {
		rest, labelled := cutLabel(e)
		switch {
		case !labelled:
			out = append(out, stray{e, []string{"prefix_missing"}, nil, "it lacks " + want, 0})
		case s.Sig.Format == "kv" || s.Sig.Format == "list":
			out = append(out, stray{rest, []string{"no_signature_with_expected_version"}, []string{"prefix_wrong"},
				"it is under " + e[:len(e)-len(rest)] + " and not under " + want, 0})
		case want == "":
			out = append(out, stray{rest, []string{"prefix_extra"}, nil, "it begins with " + e[:len(e)-len(rest)], 0})
		default:
			out = append(out, stray{rest, []string{"prefix_wrong"}, nil, "it begins with " + e[:len(e)-len(rest)] + " and not with " + want, 0})
		}
	}
	if want == "" {
		return out
	}
	for _, run := range longRun.FindAllString(text, 4) {
		if !slices.ContainsFunc(out, func(s stray) bool { return s.text == run }) {
			out = append(out, stray{run, []string{"prefix_wrong"}, nil, "it is not written " + want + "…", 1})
		}
	}
	return out
}

// decode adds every reading of a digest's text as bytes.
func (t *target) decode(s Scheme, v value, ts string, e stray) {
	hows := slices.Clone(v.hows)
	if e.how != "" {
		hows = append(hows, e.how)
	}
	causes := append(slices.Clone(v.causes), e.causes...)
	for _, d := range decodings(s.Enc, e.text) {
		sp := spelling{raw: d.raw, text: e.text, causes: causes, alts: e.alts, hows: hows, outer: len(causes), far: e.far, ts: ts}
		if d.cause != "" {
			sp.causes, sp.hows, sp.alts = append(slices.Clone(causes), d.cause), append(slices.Clone(hows), d.how), nil
		}
		t.spellings = append(t.spellings, sp)
	}
}

type decoding struct {
	raw        []byte
	cause, how string
}

// decodings reads a digest's text in every encoding. The one that the scheme wants has no cause.
func decodings(enc, text string) []decoding {
	if enc == "raw" {
		return []decoding{{raw: []byte(text)}}
	}
	var out []decoding
	if raw, cause, how := printedBytes(text); raw != nil {
		if enc != "hex" {
			how += ", and should be " + enc
		}
		return []decoding{{raw, cause, how}}
	}
	whole := text
	if enc == "hex" && len(text)%2 == 1 && isHex(text) {
		whole = text[:len(text)-1] // cut in the middle of a byte
	}
	if raw, err := hex.DecodeString(whole); err == nil && len(raw) >= leastPrefix {
		d := decoding{raw: raw}
		switch {
		case enc != "hex":
			d.cause, d.how = "encoding_hex_instead_of_base64", "it is hex and should be "+enc
		case text != strings.ToLower(text):
			d.cause, d.how = "hex_uppercase", "it is upper-case hex"
		}
		out = append(out, d)
		if inner, _, ok := fromBase64(string(raw)); ok && printable(raw) {
			out = append(out, decoding{inner, "hex_of_base64_string", "it is the hex of a base64 text"})
		}
		if enc == "hex" || len(raw) >= 16 {
			return out // a text of only hex digits is hex
		}
	}
	raw, spelled, ok := fromBase64(text)
	if !ok {
		return out
	}
	out = append(out, decoding{raw, base64Cause(enc, spelled), base64How(enc, spelled)})
	if !printable(raw) {
		return out
	}
	if inner, err := hex.DecodeString(string(bytes.TrimSpace(raw))); err == nil && len(inner) >= 16 {
		out = append(out, decoding{inner, "base64_of_hex_string", "it is the base64 of a hex text"})
	} else if inner, _, ok := fromBase64(string(bytes.TrimSpace(raw))); ok && len(inner) >= 16 {
		out = append(out, decoding{inner, "base64_double_encoded", "it is base64 of base64"})
	}
	return out
}

var (
	spacedHex  = regexp.MustCompile(`^[0-9A-Fa-f]{2}(?:[-: ,][0-9A-Fa-f]{2}){7,}$`)
	escapedHex = regexp.MustCompile(`^(?:(?:0x|0X|\\x)[0-9A-Fa-f]{1,2}[, ]*){8,}$`)
	bufferHex  = regexp.MustCompile(`^<Buffer((?: [0-9a-f]{2})+)>$`)
	byteList   = regexp.MustCompile(`^(?:\{"type": ?"Buffer", ?"data": ?)?[\[({]?(?:-?\d{1,3}[, ]+){7,}-?\d{1,3}[\])}]?\}?$`)
	byteInList = regexp.MustCompile(`-?\d+`)
	byteInHex  = regexp.MustCompile(`(?:0x|0X|\\x)([0-9A-Fa-f]{1,2})`)
)

// printedBytes reads digests that were printed for a person: hex with something between or in front, lists of numbers.
func printedBytes(text string) (raw []byte, cause, how string) {
	switch {
	case spacedHex.MatchString(text):
		raw, _ = hex.DecodeString(strings.NewReplacer("-", "", ":", "", " ", "", ",", "").Replace(text))
		return raw, "hex_with_separators", fmt.Sprintf("it is hex with %q between the bytes", text[2:3])
	case bufferHex.MatchString(text):
		raw, _ = hex.DecodeString(strings.ReplaceAll(bufferHex.FindStringSubmatch(text)[1], " ", ""))
		return raw, "digest_printed_as_list", "it is a Buffer as Node prints it"
	case escapedHex.MatchString(text):
		for _, m := range byteInHex.FindAllStringSubmatch(text, -1) {
			n, _ := strconv.ParseUint(m[1], 16, 8)
			raw = append(raw, byte(n))
		}
		return raw, "digest_printed_as_list", "it is a list of hex numbers"
	case byteList.MatchString(text):
		for _, m := range byteInList.FindAllString(text, -1) {
			n, err := strconv.Atoi(m)
			if err != nil || n < -128 || n > 255 {
				return nil, "", ""
			}
			raw = append(raw, byte(n))
		}
		return raw, "digest_printed_as_list", "it is a list of the digest's bytes"
	}
	for _, p := range []string{"0x", "0X", `\x`} {
		if rest, ok := strings.CutPrefix(text, p); ok && isHex(rest) && len(rest)%2 == 0 && len(rest) >= 2*leastPrefix {
			raw, _ = hex.DecodeString(rest)
			return raw, "prefix_extra", "it begins with " + p
		}
	}
	return nil, "", ""
}

func isHex(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(lowerHex+"ABCDEF", r) }) < 0
}

// fromBase64 reads either alphabet, with or without padding, and says which it was.
func fromBase64(text string) (raw []byte, spelled string, ok bool) {
	bare := strings.TrimRight(text, "=")
	padded := len(text)%4 == 0
	spelled = "base64"
	if strings.ContainsAny(bare, "-_") {
		bare = strings.NewReplacer("-", "+", "_", "/").Replace(bare)
		spelled = "base64url"
	}
	if strings.ContainsAny(bare, "\r\n") || len(bare) < 11 {
		return nil, "", false
	}
	if len(bare)%4 == 1 {
		bare = bare[:len(bare)-1] // no encoder ends here: it was cut
	}
	raw, err := base64.RawStdEncoding.DecodeString(bare)
	if err != nil {
		return nil, "", false
	}
	if !padded {
		spelled += " unpadded"
	}
	return raw, spelled, true
}

func base64Cause(enc, spelled string) string {
	switch {
	case enc == "hex":
		return "encoding_base64_instead_of_hex"
	case enc == "base64" && strings.HasPrefix(spelled, "base64url"):
		return "encoding_base64url_instead_of_base64"
	case enc == "base64" && spelled != "base64":
		return "base64_padding_missing"
	}
	return "" // base64url is read with the standard alphabet and with padding too, as its receivers do
}

func base64How(enc, spelled string) string {
	switch base64Cause(enc, spelled) {
	case "encoding_base64_instead_of_hex":
		return "it is base64 and should be hex"
	case "encoding_base64url_instead_of_base64":
		return "it is base64url and should be base64"
	case "base64_padding_missing":
		return `it lacks the "=" at its end`
	}
	return ""
}

func printable(b []byte) bool {
	return len(b) > 0 && !bytes.ContainsFunc(b, func(r rune) bool { return (r < 0x20 || r > 0x7e) && r != '\n' })
}

// match returns the spelling with the fewest faults under which the target is this digest, or nil. enc is the
// scheme's encoding; weak says that only a part of the text agrees.
func (t *target) match(sum []byte, enc string) (sp *spelling, weak bool) {
	if is := t.exact[string(sum)]; len(is) > 0 {
		return &t.spellings[is[0]], false
	}
	for i := range t.spellings {
		if sp := zerosLost(&t.spellings[i], sum); sp != nil {
			return sp, false
		}
		if sp := partly(&t.spellings[i], sum, enc); sp != nil {
			return sp, true
		}
	}
	return nil, false
}

const leastPrefix = 8 // bytes of a cut digest that must agree

// zerosLost finds a digest whose bytes, or whose first byte, were printed without leading zeros.
func zerosLost(sp *spelling, sum []byte) *spelling {
	text := strings.ToLower(sp.text)
	if len(sp.raw) >= len(sum) || len(text) < len(sum) || len(text) >= 2*len(sum) || !isHex(text) {
		return nil
	}
	if strings.TrimLeft(hex.EncodeToString(sum), "0") == text {
		return sp.also("hex_zeros_lost", "it is hex without the zeros at its beginning, as of a number")
	}
	for _, c := range sum {
		digits := strconv.FormatUint(uint64(c), 16)
		if !strings.HasPrefix(text, digits) {
			return nil
		}
		text = text[len(digits):]
	}
	if text != "" {
		return nil
	}
	return sp.also("hex_zeros_lost", "it is hex in which bytes below 16 have one digit")
}

// partly finds a digest that was cut short, or whose letters changed case.
func partly(sp *spelling, sum []byte, enc string) *spelling {
	if enc == "raw" {
		return nil // a token is not a digest
	}
	if n := len(sp.raw); n >= leastPrefix && n < len(sum) && bytes.HasPrefix(sum, sp.raw) {
		return sp.also("signature_truncated", "it is cut short")
	}
	if len(sp.raw) == len(sum) && strings.HasPrefix(enc, "base64") {
		if want := encodeSignature(enc, sum); want != sp.text && strings.EqualFold(want, sp.text) {
			return sp.also("signature_case_altered", "its letters changed case")
		}
	}
	return nil
}

func (sp *spelling) also(cause, how string) *spelling {
	c := *sp
	c.causes, c.hows, c.alts = append(slices.Clone(sp.causes[:sp.outer]), cause), append(slices.Clone(sp.hows[:sp.outer]), how), nil
	return &c
}
