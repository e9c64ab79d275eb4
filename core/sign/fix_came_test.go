package sign

import (
	"slices"
	"strings"
	"testing"

	"hookglass/core"
)

// What helps one side is the reverse of what helps the other.
func TestEveryCauseHasARemedyForEachSide(t *testing.T) {
	known := map[string]bool{}
	for _, c := range causes {
		known[c.name] = true
		r := whenCame[c.name]
		if r.fix == "" || !slices.Contains([]core.Acts{core.BySender, core.ByBetween, core.ByReceiver, core.BySettings}, r.acts) {
			t.Errorf("%s has no remedy where it is about the signature that came", c.name)
		}
		if own := remedyOf(c.name, core.AboutComputed); own.acts != core.ByReceiver && own.acts != core.BySettings {
			t.Errorf("%s: %s cannot mend the user's own value", c.name, own.acts)
		}
		// What stands in the receiver's code does not change what came.
		for _, code := range []string{rawBody, "Your code", "express.raw", "get_data", "php://input", "r.Body", "ASP.NET", "Buffer.concat"} {
			if strings.Contains(r.fix, code) {
				t.Errorf("%s: the receiver's advice %q for the signature that came: %s", c.name, code, r.fix)
			}
		}
		for _, far := range []string{"The sender", "sender's", "was added after", "was lost after", nothingHere} {
			if strings.Contains(c.fix, far) {
				t.Errorf("%s: advice about the sender for the user's own value: %s", c.name, c.fix)
			}
		}
		if headlines[c.name] == "" {
			t.Errorf("%s has no headline", c.name)
		}
	}
	for name := range whenCame {
		if !known[name] {
			t.Errorf("%s has a remedy and is no cause", name)
		}
	}
}
