package sign_test

import (
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// A public key is known to everybody: what somebody signs with its bytes taken for a seed must not verify.
func TestPublicKeyDoesNotSign(t *testing.T) {
	public := core.Text("d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737")
	s, _ := sign.Known().Find("discord")
	r := core.Request{Method: "POST", Target: "/", Body: []byte(`{"type":1}`)}
	in := sign.Input{Request: &r, Secrets: []core.Secret{public}, Now: time.Unix(1_760_000_000, 0)}
	header, _, err := s.Sign(in, "")
	if err != nil {
		return // refused to sign at all: as good
	}
	for _, f := range header {
		r.Header = r.Header.With(f.Name, f.Value)
	}
	if v := s.Verify(in); v.State == core.Verified {
		t.Error("a signature made with the public key verifies")
	}
}
