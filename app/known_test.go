package main

import (
	"regexp"
	"strings"
	"testing"

	"hookglass/core/platform"
)

func TestPlatformsWriteNumbersOut(t *testing.T) {
	r := newRig(t)
	exponent := regexp.MustCompile(`\de[+-]?\d`)
	for _, name := range platform.Names(platform.All) {
		out := r.ok("platforms", name)
		_, settings, _ := strings.Cut(out, "\nSettings\n")
		if bad := exponent.FindString(settings); bad != "" {
			t.Errorf("%s: a number with an exponent, %s, in\n%s", name, bad, settings)
		}
	}
	for name, want := range map[string]string{"nitejar": "default 10485760 bytes  0 to 1073741824 bytes", "nekro": "default 10 s  0 to 86400 s", "almyty": "default 100  0 to 1000000  A fixed"} {
		if out := r.ok("platforms", name); !strings.Contains(out, want) {
			t.Errorf("%s: want %q in\n%s", name, want, out)
		}
	}
}
