package sign_test

import (
	"context"
	"fmt"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

func ExampleScheme_Verify() {
	github, _ := sign.Known().Find("github")
	r := core.Request{Method: "POST", Target: "/webhooks", Body: []byte(`{"zen":"Keep it simple"}`)}
	in := sign.Input{Request: &r, Secrets: []core.Secret{core.Text("it's a secret to everybody")}, Now: time.Unix(1_700_000_000, 0)}

	r.Header, _, _ = github.Sign(in, "")
	fmt.Println(r.Header[0].Name, github.Verify(in).State)

	r.Body = append(r.Body, '\n') // what a proxy, a shell or an editor may do
	fmt.Println(github.Verify(in).State)
	// Output:
	// X-Hub-Signature-256 verified
	// mismatch
}

// The doctor says what was signed instead, and proves it.
func ExampleDiagnose() {
	github, _ := sign.Known().Find("github")
	r := core.Request{Method: "POST", Target: "/webhooks", Body: []byte(`{"zen":"Keep it simple"}`)}
	in := sign.Input{Request: &r, Secrets: []core.Secret{core.Text("it's a secret to everybody")}, Now: time.Unix(1_700_000_000, 0)}
	r.Header, _, _ = github.Sign(in, "")
	r.Body = append(r.Body, '\n')

	best := sign.Diagnose(context.Background(), sign.Case{Scheme: github, Input: in}).Findings[0]
	fmt.Printf("%s (%s)\n%q\n", best.Cause, best.Proof, best.Signed)
	// Output:
	// signed_bytes_lack_trailing_lf (recomputed)
	// "{\"zen\":\"Keep it simple\"}"
}
