package sign_test

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/sign"
)

// TestRFC9421ByteSequences is the example of RFC 9421, 2.1.3: two lines are not the same as one with a comma between.
func TestRFC9421ByteSequences(t *testing.T) {
	s, _ := sign.Known().Find("rfc9421-hmac")
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"value, with, lots", "of, commas"}, ":dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:"},
		{[]string{"value, with, lots, of, commas"}, ":dmFsdWUsIHdpdGgsIGxvdHMsIG9mLCBjb21tYXM=:"},
		{[]string{"  "}, "::"},
	} {
		h := core.Header{{Name: "Signature-Input", Value: `s=("example-header";bs)`}, {Name: "Signature", Value: "s=:AAAA:"}}
		for _, line := range c.lines {
			h = append(h, core.Field{Name: "Example-Header", Value: line})
		}
		v := s.Verify(sign.Input{Request: &core.Request{Method: "POST", Target: "/", Header: h}, Secrets: []core.Secret{core.Text("AAAA")}})
		want := `"example-header";bs: ` + c.want + "\n\"@signature-params\": (\"example-header\";bs)"
		if got := string(joined(v.Parts)); got != want {
			t.Errorf("%q\n got %s\nwant %s\n%q", c.lines, got, want, v.Notes)
		}
	}
}

// TestRFC9421SignsChosenComponents: what is signed by choice verifies, and not after a change of what it covers.
func TestRFC9421SignsChosenComponents(t *testing.T) {
	for _, id := range []string{"rfc9421-hmac", "rfc9421-ed25519"} {
		s, _ := sign.Known().Find(id)
		secret := newKeys(t).secret(s)
		r := core.Request{Method: "POST", Target: "/in", Base: "https://a.test", Body: []byte("{}"), Header: core.Header{{Name: "X-A", Value: "1, 2"}, {Name: "X-A", Value: "3"}, {Name: "X-D", Value: `a=1, b="x"`}}}
		in := sign.Input{Request: &r, Secrets: []core.Secret{secret}, Now: now, Params: map[string]string{"components": `"@method" "x-a";bs "x-d";key="b" "x-d";sf "content-digest"`}}
		header, _, err := s.Sign(in, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range header {
			r.Header = r.Header.With(f.Name, f.Value)
		}
		in.Request = &r
		wantState(t, s, in, core.Verified, id)
		joinedLines := with(in, func(r *core.Request) { r.Header = r.Header.With("X-A", "1, 2, 3") })
		wantState(t, s, joinedLines, core.Mismatch, "one line instead of two")
		in.Params["components"] = `"x-missing";bs`
		if _, _, err := s.Sign(in, ""); err == nil || !strings.Contains(err.Error(), "x-missing is missing") {
			t.Errorf("%s: a field that is not there: %v", id, err)
		}
	}
}

// TestRFC9421Refusals: what a request cannot have is refused with the reason, and not called a mismatch.
func TestRFC9421Refusals(t *testing.T) {
	s, _ := sign.Known().Find("rfc9421-hmac")
	for components, want := range map[string]string{
		`"date";tr`:                     "trailers behind the body",
		`"@method";req`:                 "signature of a response alone",
		`"date";req`:                    "signature of a response alone",
		`"date";bs;sf`:                  "forbids together",
		`"date";sf;bs`:                  "forbids together",
		`"content-digest";key="a";bs`:   "forbids together",
		`"@method";bs`:                  "does not allow there",
		`"date";name="x"`:               "does not allow there",
		`"@path";name="x"`:              "does not allow there",
		`"date";xx`:                     "does not know",
		`"date" "@method" "date"`:       "stands twice",
		`"date";bs "date" "date";bs`:    "stands twice",
		`"@status"`:                     "is of a response",
		`"@signature-params" "@method"`: "forbids",
	} {
		r := rfcRequest()
		r.Header = r.Header.With("Signature-Input", "a=("+components+")").With("Signature", "a=:"+strings.Repeat("A", 43)+"=:")
		in := sign.Input{Request: r, Secrets: []core.Secret{core.Text(rfcSecret)}, Now: now}
		v := s.Verify(in)
		if v.State != core.Malformed || !strings.Contains(strings.Join(v.Notes, " "), want) {
			t.Errorf("%s: %s, %q; want %q", components, v.State, v.Notes, want)
		}
		d := sign.Diagnose(t.Context(), sign.Case{Scheme: s, Input: in})
		for _, f := range d.Findings {
			if strings.Contains(f.Cause, "body") || strings.Contains(f.Cause, "key") {
				t.Errorf("%s: the doctor says %s", components, f.Cause)
			}
		}
	}
}
