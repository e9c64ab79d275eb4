package sign

import (
	"regexp"
	"slices"
	"strings"

	"hookglass/core"
)

// keyFaults say what is wrong with the secret itself, where that can be seen without a signature: nil when nothing is.
func (d *doctor) keyFaults() *core.Finding {
	if !d.hasSecret() {
		return nil
	}
	for _, secret := range d.secrets() {
		if what := d.scheme.misplaced(string(secret)); what != "" {
			f := d.finding("secret_is_api_key", core.Structural, "What is stored as the secret looks like "+what+". "+d.scheme.rightKey())
			d.whereKept(&f)
			return &f
		}
	}
	if slices.ContainsFunc(d.bases, func(t trial) bool { return !t.unusable }) {
		return nil
	}
	_, err := d.scheme.key(d.secrets()[0])
	if err == nil {
		return nil
	}
	f := d.finding("secret_unusable", core.Structural, "Nothing could be computed: "+err.Error()+". "+d.scheme.rightKey())
	d.whereKept(&f)
	return &f
}

// whereKept adds to a fix where the provider shows the secret.
func (d *doctor) whereKept(f *core.Finding) {
	if at := d.scheme.Setup.Secret; at != "" && !strings.HasPrefix(at, "None") {
		f.Fix += " " + d.scheme.Provider + " shows it under: " + strings.TrimSuffix(at, ".") + "."
	}
}

// rightKey says what kind of key the scheme wants.
func (s Scheme) rightKey() string {
	switch {
	case s.Sig.Format == "jwt" || s.Sig.Format == "rfc9421":
		return s.Provider + " signs with a key of its own."
	case public(s.Alg):
		if s.ID == "discord" {
			return "Discord signs with the application's public key, 64 hex digits under General Information: no bot token and no client secret."
		}
		return s.Provider + " signs with a private key, so what is needed here is its public key or certificate."
	case s.Alg == "equal":
		return s.Provider + " sends the token that is set for the webhook."
	}
	return s.Provider + " signs with the webhook's own signing secret."
}

// credentials are the shapes of keys that open an API. They sign no webhook, but for the schemes named.
var credentials = []struct {
	shape *regexp.Regexp
	what  string
	right []string // schemes, by how their ids begin, that do sign with it
}{
	{regexp.MustCompile(`^(?:sk|rk)_(?:test|live)_`), "a secret API key (sk_… or rk_…)", []string{"paystack", "clerk", "flutterwave", "lob", "korapay"}},
	{regexp.MustCompile(`^pk_(?:test|live)_`), "a publishable API key (pk_…)", nil},
	{regexp.MustCompile(`^[MNO][\w-]{2,}\.[\w-]{3,}\.[\w-]{3,}$`), "a bot token of Discord", nil},
	{regexp.MustCompile(`^(?:xox[abeprs]|xapp)-`), "a token of Slack's API", nil},
	{regexp.MustCompile(`^(?:gh[opsur]_|github_pat_)\w{16,}`), "an access token of GitHub", nil},
	{regexp.MustCompile(`^glpat-`), "an access token of GitLab", nil},
	{regexp.MustCompile(`^shp(?:at|ca|pa|ua)_`), "an access token of Shopify", nil},
	{regexp.MustCompile(`^SG\.[\w-]{10,}\.`), "an API key of SendGrid", nil},
	{regexp.MustCompile(`^sk-(?:proj-|ant-)?\w{16,}`), "an API key (sk-…)", nil},
	{regexp.MustCompile(`^pat-(?:na|eu)\d-`), "an access token of HubSpot", nil},
	{regexp.MustCompile(`^lin_api_`), "an API key of Linear", nil},
	{regexp.MustCompile(`^pdl_(?:live|sdbx)_apikey_`), "an API key of Paddle", nil},
	{regexp.MustCompile(`^AC[0-9a-f]{32}$`), "an account SID of Twilio, and what signs is the auth token", nil},
	{regexp.MustCompile(`^SK[0-9a-f]{32}$`), "an API key SID of Twilio, and what signs is the auth token", nil},
	{regexp.MustCompile(`^AKIA[0-9A-Z]{16}$`), "an access key of AWS", nil},
}

// misplaced says what a secret looks like, where that is a credential which does not sign in this scheme.
func (s Scheme) misplaced(secret string) string {
	if s.Alg == "equal" || s.Confidence == "own" {
		return "" // a shared token may be any text
	}
	secret = trimmed(secret)
	for _, c := range credentials {
		if c.shape.MatchString(secret) && !slices.ContainsFunc(c.right, func(id string) bool { return strings.HasPrefix(s.ID, id) }) {
			return c.what
		}
	}
	return ""
}

// tokenDiffers explains a shared token that is not the one stored. Nothing is signed, so there is nothing to try.
func (d *doctor) tokenDiffers() core.Finding {
	for _, secret := range d.secrets() {
		for _, sp := range d.target.spellings {
			if strings.EqualFold(string(secret), string(sp.raw)) {
				return d.finding("secret_case_changed", core.Structural, d.subject()+" is the stored token, but for upper and lower case letters.")
			}
		}
	}
	f := d.finding("unexplained", core.Structural, d.subject()+" is another token than the one that is stored. A shared token shows who sends; nothing is signed, so the body plays no part.")
	f.Fix = "Copy the token that is set at the provider, or set there the one that is stored here."
	if f.About == core.AboutComputed {
		f.Fix = "Compare the whole header with the stored token, without decoding or hashing either."
	}
	d.whereKept(&f)
	return f
}

// unsigned is the finding for a request without a signature. What to do depends on where the scheme has it and who holds the key.
func (d *doctor) unsigned() core.Finding {
	s := d.scheme
	f := d.finding("signature_header_missing", core.Structural, "The request has no "+say(s.Sig.From)+d.otherSignatures()+".")
	place, _, _ := strings.Cut(s.Sig.From, ":")
	where := say(s.Sig.From)
	switch {
	case place == "json" || place == "form":
		f.Acts = core.ByBetween
		f.Fix = s.Provider + " sends the signature in the body (" + where + "): see that this is a request of " + s.Provider + " at all, and that its whole body arrives in its own form. " + nothingHere
	case place == "query":
		f.Acts = core.ByBetween
		f.Fix = s.Provider + " sends the signature in the address (" + where + "): see that no proxy or router drops the query. " + nothingHere
	case s.SecretKind == "public_key":
		f.Acts = core.ByBetween
		f.Fix = s.Provider + " signs every request: see that this one is from " + s.Provider + " at all, and that no proxy or framework drops the " + where + ". " + nothingHere
	case s.SecretKind == "token":
		f.Fix = "Set the token at the provider: " + s.Provider + " sends it along only then. See that no proxy or framework drops the " + where + "."
		d.whereKept(&f)
	default:
		f.Fix = "Set the secret at the provider: many sign only then. See that no proxy or framework drops the " + where + "."
		d.whereKept(&f)
	}
	return f
}
