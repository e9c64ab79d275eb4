package picture

import (
	"encoding/base64"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/sign"
)

// TestTokenLines takes a token apart: which claims tie it to the request, and which of them is wrong.
func TestTokenLines(t *testing.T) {
	s, ok := sign.Known().Find("livekit")
	if !ok {
		t.Fatal("no livekit")
	}
	e := base64.RawURLEncoding.EncodeToString
	x := &Picture{Scheme: s, Verdict: core.Verdict{
		Notes: []string{`The claim sha256 says "x", and the SHA-256 of the body, in base64 is y.`, "The claim iss was not checked: give api_key to compare it with."},
		Parts: []core.Part{
			{Name: "token header", Bytes: []byte(e([]byte(`{"alg":"HS256","kid":"a\u0007b"}`)))}, {Name: "separator", Bytes: []byte(".")},
			{Name: "token claims", Bytes: []byte(e([]byte(`{"iss":"api","sha256":"x","iat":1790000000,"n":[1]}`)))},
		},
	}}
	header, claims := tokenLines(x)
	if len(header) != 2 || header[0].value != "HS256" || strings.ContainsRune(header[1].value, 7) {
		t.Errorf("header %+v", header)
	}
	want := []tokenLine{
		{name: "iss", value: "api", bound: "Has to be the api key of your settings.", unchecked: true},
		{name: "sha256", value: "x", bound: "Has to be the SHA-256 of the body, in base64.", wrong: true},
		{name: "iat", value: "1790000000 · 21 Sep 2026, 14:13:20 UTC"},
		{name: "n", value: "[1]"},
		{name: "exp", value: "missing", bound: "Has to be there.", wrong: true},
	}
	if len(claims) != len(want) {
		t.Fatalf("claims %+v", claims)
	}
	for i := range want {
		if claims[i] != want[i] {
			t.Errorf("got %+v, want %+v", claims[i], want[i])
		}
	}
	x.Verdict.Parts[0].Bytes = []byte("!")
	if header, _ := tokenLines(x); header != nil {
		t.Errorf("what is no token has a header %+v", header)
	}
}
