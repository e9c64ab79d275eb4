package sign_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// sdkVector is a request that was shown to a provider's own library, and its word. testdata/sdk_vectors.json was made by
// running the libraries that "source" names, with the clock set to "now".
type sdkVector struct {
	ID, Scheme, Method, URL, Secret, Source string
	Headers                                 [][2]string
	Body                                    []byte
	Now                                     int64
	Valid                                   bool
	Message                                 string `json:"sdk_message"`
	Params                                  map[string]string
}

func (v sdkVector) group() string {
	name := v.ID[strings.LastIndexByte(v.ID, '/')+1:]
	group, _, _ := strings.Cut(name, "-")
	return group
}

func (v sdkVector) input() sign.Input {
	r := &core.Request{Method: v.Method, Target: v.URL, Body: v.Body}
	for _, h := range v.Headers {
		r.Header = append(r.Header, core.Field{Name: h[0], Value: h[1]})
	}
	in := sign.Input{Request: r, Params: v.Params, Now: time.Unix(v.Now, 0), Secrets: []core.Secret{core.Text(v.Secret)}}
	if strings.HasPrefix(v.Secret, "-----BEGIN") {
		in.Secrets, in.Cert = nil, []byte(v.Secret)
	}
	return in
}

// says is a note that tells how libraries take the same request.
var says = regexp.MustCompile(`reject|refuse|accept|ignored`)

// TestSDKVectors holds us against the providers' own libraries. Where a library refuses for a security reason, so do we.
// Where it is only strict about spelling, or lax, our verdict may be another one, and then a note has to say so.
func TestSDKVectors(t *testing.T) {
	type tally struct{ all, same, noted int }
	groups := map[string]*tally{}
	for _, v := range sdkVectorsOf(t, "testdata/sdk_vectors.json") {
		s, ok := sign.Known().Find(strings.TrimPrefix(v.Scheme, "NEW-"))
		if !ok {
			t.Errorf("no scheme %s", v.Scheme)
			continue
		}
		g := groups[v.group()]
		if g == nil {
			g = &tally{}
			groups[v.group()] = g
		}
		g.all++
		got := s.Verify(v.input())
		verified := got.State == core.Verified
		switch {
		case verified == v.Valid:
			g.same++
			continue
		case says.MatchString(strings.Join(got.Notes, " ")):
			g.noted++
		case verified:
			t.Errorf("%s: verified, the library refuses it (%s), and no note says so\nnotes %q", v.ID, v.Message, got.Notes)
		default:
			t.Logf("%s: %s, the library accepts it; notes %q", v.ID, got.State, got.Notes)
		}
		if verified && v.group() == "tamper" {
			t.Errorf("%s: a changed request is verified", v.ID)
		}
		if os.Getenv("SDK_DIFFERENCES") != "" {
			t.Logf("%s: %s, library says %v", v.ID, got.State, v.Valid)
		}
	}
	all := tally{}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := groups[name]
		t.Logf("%-6s %3d of %3d the same verdict, %d more with a note about the difference", name, g.same, g.all, g.noted)
		if name == "mut" || name == "extra" {
			continue
		}
		all.all, all.same, all.noted = all.all+g.all, all.same+g.same, all.noted+g.noted
	}
	if (all.same+all.noted)*100 < all.all*97 {
		t.Errorf("%d of %d agree", all.same+all.noted, all.all)
	}
}

// TestLibraryVectors are the newer schemes against the libraries of their providers, or of the documents' own checks:
// testdata/make_library_vectors.cjs made them. Here nothing may differ.
func TestLibraryVectors(t *testing.T) {
	checked := map[string]int{}
	for _, v := range sdkVectorsOf(t, "testdata/library_vectors.json") {
		s, ok := sign.Known().Find(v.Scheme)
		if !ok {
			t.Errorf("no scheme %s", v.Scheme)
			continue
		}
		got := s.Verify(v.input())
		if (got.State == core.Verified) != v.Valid {
			t.Errorf("%s: %s, %s says %v %s\nnotes %q", v.ID, got.State, v.Source, v.Valid, v.Message, got.Notes)
		}
		checked[v.Scheme+" by "+v.Source]++
	}
	for _, name := range slices.Sorted(maps.Keys(checked)) {
		t.Logf("%3d of %s", checked[name], name)
	}
}

func sdkVectorsOf(t *testing.T, file string) []sdkVector {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var vs []sdkVector
	if err := json.Unmarshal(data, &vs); err != nil {
		t.Fatal(err)
	}
	return vs
}
