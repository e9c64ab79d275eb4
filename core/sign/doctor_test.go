package sign_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// doctorCase is one row of testdata/doctor_cases.json: a seeded fault, and the cause that the doctor must name.
type doctorCase struct {
	ID, Title, Scheme, Perspective string
	Request                        struct {
		Method, URL string
		Headers     map[string]string
		Body        []byte
	}
	Secret       string
	OtherSecrets []struct{ Label, Value string } `json:"other_secrets"`
	KnownURLs    []string                        `json:"known_urls"`
	Now          int64
	Computed     string `json:"computed_signature"`
	Expected     string
	Family       string
	Proof        string
	Acceptable   []string `json:"acceptable_alternatives"`
}

func (c doctorCase) make(t testing.TB) sign.Case {
	t.Helper()
	s, ok := sign.Find(c.Scheme)
	if !ok {
		t.Fatalf("no scheme %q", c.Scheme)
	}
	v := vector{URL: c.Request.URL, Method: c.Request.Method, Headers: c.Request.Headers, Body: c.Request.Body, Secret: c.Secret, Now: c.Now}
	out := sign.Case{Scheme: s, Input: v.input(), Computed: c.Computed, KnownURLs: c.KnownURLs, Budget: time.Minute}
	for _, o := range c.OtherSecrets {
		out.Others = append(out.Others, sign.Labelled{Label: o.Label, Secret: core.Text(o.Value)})
	}
	return out
}

func doctorCases(t testing.TB) []doctorCase {
	t.Helper()
	data, err := os.ReadFile("testdata/doctor_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cs []doctorCase
	if err := json.Unmarshal(data, &cs); err != nil {
		t.Fatal(err)
	}
	return cs
}

// proofs are those that the cases name, in our words.
var proofs = map[string]core.Proof{
	"recomputed": core.Recomputed, "signature valid": core.Structural, "prefix match": core.Consistent,
	"case-folded match": core.Consistent, "independent body digest": core.Structural, "structural": core.Structural, "none": core.Structural,
}

func TestDoctorNamesTheSeededCause(t *testing.T) {
	first, among := 0, 0
	cases := doctorCases(t)
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			d := sign.Diagnose(context.Background(), c.make(t))
			if c.Expected == "ok" {
				if len(d.Findings) > 0 {
					t.Errorf("%s: a right signature got %+v", c.Title, d.Findings)
				}
				first++
				return
			}
			if len(d.Findings) == 0 {
				t.Fatalf("%s: no finding, want %s", c.Title, c.Expected)
			}
			f := d.Findings[0]
			switch {
			case len(d.Findings) > 1:
				t.Errorf("%s: %d findings, want one: %+v", c.Title, len(d.Findings), d.Findings)
			case f.Cause == c.Expected:
				first++
			case slices.Contains(f.Alternatives, c.Expected):
				among++
				t.Logf("%s: first %s, want %s; alternatives %v", c.Title, f.Cause, c.Expected, f.Alternatives)
			default:
				t.Errorf("%s: got %s %v (%s), want %s", c.Title, f.Cause, f.Alternatives, f.Detail, c.Expected)
			}
			if want := proofs[c.Proof]; f.Proof != want {
				t.Errorf("%s: %s is proven %q, want %q", c.Title, f.Cause, f.Proof, want)
			}
			if f.Fix == "" || f.Detail == "" {
				t.Errorf("%s: a finding without fix or detail: %+v", c.Title, f)
			}
		})
	}
	t.Logf("%d cases: expected cause first %d, among those of the same bytes %d", len(cases), first, among)
}
