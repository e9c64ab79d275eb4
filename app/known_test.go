package main

import (
	"regexp"
	"strings"
	"testing"

	"hookglass/core/platform"
)

func TestPlatformsWriteNumbersOut(t *testing.T) {
	r := newRig(t)
	exponent := regexp.MustCompile(`\b\d+(\.\d+)?e[+-]?\d`)
	for _, name := range platform.Names(platform.All) {
		out := r.ok("platforms", name)
		_, settings, _ := strings.Cut(out, "\nSettings")
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

// TestPlatformsTellOfTheirEndpoints: what a workspace may say of an endpoint is nowhere else to be read.
func TestPlatformsTellOfTheirEndpoints(t *testing.T) {
	r := newRig(t)
	for _, p := range platform.All {
		out := r.ok("platforms", p.Name)
		_, settings, told := strings.Cut(out, "\nSettings of an endpoint\n")
		if told != (p.Endpoints != nil) {
			t.Errorf("%s:\n%s", p.Name, out)
		}
		for i := 0; told && i < len(p.Endpoints.Settings); i++ {
			if name := p.Endpoints.Settings[i].Name; !strings.Contains(settings, "  "+name+" ") {
				t.Errorf("%s: nothing of %s in\n%s", p.Name, name, settings)
			}
		}
	}
}
