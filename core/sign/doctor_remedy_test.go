package sign_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// fixURL is the address that a fix tells to check against.
var fixURL = regexp.MustCompile(`(?s) It is (.*)\.$`)

// TestFollowingTheFixVerifies makes every seeded cause on both sides and does what the finding says: the settings are set, what
// lies between passes on what was signed, the receiver undoes it, the sender signs anew. Where only others can mend it, the
// finding has to say that nothing on the receiver's side does.
func TestFollowingTheFixVerifies(t *testing.T) {
	const nothingHere = "Nothing that the receiver changes makes this request verify."
	done := map[string]int{}
	acts := map[core.Acts]int{}
	for _, seeds := range [][]seed{bodySeeds(), keySeeds(), sumSeeds(), textSeeds(), joinSeeds()} {
		for _, f := range seeds {
			for _, s := range senders() {
				if f.only != nil && !f.only(s) || f.body != "" && s.form != strings.HasPrefix(f.body, "ToCountry") && s.form {
					continue
				}
				if s.form && (strings.HasPrefix(f.cause, "signed_form") || strings.HasPrefix(f.cause, "body_")) {
					continue
				}
				for _, own := range []bool{false, true} {
					if own && f.store != nil && f.cause != "secret_html_escaped" {
						continue
					}
					w := f.sow(t, s, own)
					if w.nothing {
						continue
					}
					d := sign.Diagnose(context.Background(), w.c)
					if len(d.Findings) != 1 {
						continue // said by TestDoctorFindsSeededFaultsInEveryScheme
					}
					x := d.Findings[0]
					in := w.c.Input
					verifies := func(r *core.Request, in sign.Input) bool {
						in.Request = r
						return w.c.Scheme.Verify(in).State == core.Verified
					}
					bad := func(why string) {
						t.Errorf("%s, %s, own code %v: %s about %s by %s: %s\n%s\nfix: %s", f.cause, s.scheme, own, x.Cause, x.About, x.Acts, why, x.Detail, x.Fix)
					}
					done[x.Cause]++
					acts[x.Acts]++
					if own {
						switch {
						case x.About != core.AboutComputed || x.Acts != core.ByReceiver && x.Acts != core.BySettings:
							bad("the user's own value is mended in the user's own code or settings")
						case strings.Contains(x.Fix, nothingHere):
							bad("the request verifies, so something on the receiver's side helps")
						case !verifies(in.Request, in):
							bad("what the scheme computes is not what came")
						}
						// The code does what the scheme says: then its value is the one that came.
						w.c.Computed = w.right
						if d := sign.Diagnose(context.Background(), w.c); len(d.Findings) > 0 {
							bad("the right value has a finding: " + d.Findings[0].Detail)
						}
						continue
					}
					lost := strings.Contains(x.Fix, nothingHere)
					if x.About != core.AboutCame {
						bad("it is about the signature that came")
					}
					if lost != (x.Acts == core.BySender || x.Acts == core.ByBetween) && x.Cause != "hex_uppercase" {
						bad("whether the receiver can do anything is said wrongly")
					}
					switch x.Acts {
					case core.BySender: // it signs what it sends, as the scheme says
						if f.key == nil {
							in.Secrets = []core.Secret{core.Text(s.secret)}
						}
						if !verifies(s.request(w.asSent, w.right), in) {
							bad("signed as the scheme says, it does not verify")
						}
					case core.ByBetween: // what was signed and written is what arrives
						value := w.value
						if f.text != nil {
							value = w.right
						}
						passed := s.request(w.spoilt, value)
						passed.Target = in.Request.Target
						if x.Cause == "timestamp_header_changed" {
							in.Now = in.Now.Add(4 * time.Minute) // the one that was signed lies ahead of what arrived
						}
						if !verifies(passed, in) {
							bad("passed on as it was signed, it does not verify")
						}
					case core.ByReceiver: // it undoes what was done
						if m := fixURL.FindStringSubmatch(x.Fix); m != nil {
							in.URL = m[1]
							if !verifies(in.Request, in) {
								bad("checked against that address, it does not verify")
							}
						} else if !verifies(s.request(w.spoilt, w.value), in) {
							bad("undone by the receiver, it does not verify")
						}
					case core.BySettings:
						switch m := fixURL.FindStringSubmatch(x.Fix); {
						case m != nil:
							in.URL = m[1]
						case x.Cause == "other_known_secret" || f.store != nil:
							in.Secrets = []core.Secret{core.Text(s.secret)}
						default: // the secret as the sender has it
							in.Secrets = []core.Secret{core.Text(string(w.spoilt.key))}
						}
						if !verifies(in.Request, in) {
							bad("with the settings as the fix says, it does not verify")
						}
					default:
						bad("nobody can mend it")
					}
				}
			}
		}
	}
	for _, a := range []core.Acts{core.BySender, core.ByBetween, core.ByReceiver, core.BySettings} {
		if acts[a] == 0 {
			t.Errorf("nothing is mended by %s", a)
		}
	}
	var causes []string
	for c := range done {
		causes = append(causes, c)
	}
	slices.Sort(causes)
	t.Logf("%d causes, mended by %v", len(causes), acts)
}
