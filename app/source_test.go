package main

import (
	"strings"
	"testing"
)

func TestSource(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env = []string{"SHOP_SECRET=s3cret"}
	work := func() {
		t.Helper()
		if got := r.ok("source", "add", "generic", "path=/in/shop", "scheme=github", "secret=env:SHOP_SECRET", `faults={"error_rate":0.5}`); !strings.HasPrefix(got, "added source shop at http://") {
			t.Errorf("it says %s", got)
		}
		if got := r.ok("source", "edit", "shop", "path=/in/store", "faults=", "name=7", "--json"); !strings.HasPrefix(got, `{"event":"changed","id":`) || !strings.Contains(got, `"name":"7"`) || !strings.Contains(got, "(env)") {
			t.Errorf("it says %s", got)
		}
		if got := r.ok("export", "--format", "workspace"); !strings.Contains(got, "/in/store") || strings.Contains(got, "faults") {
			t.Errorf("there is %s", got)
		}
		for _, args := range [][]string{{}, {"add"}, {"add", "nope"}, {"add", "generic", "x"}, {"add", "generic", "path=/in/x", "secret=plain"}, {"add", "generic", "path=/in/x", "colour=red"},
			{"add", "generic", "path=/in/store"}, {"edit"}, {"edit", "nope", "x=1"}, {"edit", "7", "faults=x"}, {"remove"}, {"remove", "nope"}, {"add", "--file", "none"}} {
			if got := r.do("", append([]string{"source"}, args...)...); got.code != 2 || !strings.HasPrefix(got.errout, "hookglass: ") {
				t.Errorf("%q: exit %d, %s%s", args, got.code, got.out, got.errout)
			}
		}
		if got := r.do(`{"platform":"generic","path":"/in/file"}`, "source", "add", "--file", "-"); got.code != 0 {
			t.Errorf("exit %d, %s", got.code, got.errout)
		}
		for _, name := range []string{"7", "file"} {
			if got := r.ok("source", "remove", name); got != "removed source "+name+"; its captures stay\n" {
				t.Errorf("it says %s", got)
			}
		}
		if got := r.ok("sources"); !strings.Contains(got, "no sources yet") {
			t.Errorf("there is %s", got)
		}
	}
	work()
	s := r.serve()
	work()
	s.stop()
}
