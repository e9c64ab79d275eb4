package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

const oneOfTwo = "curl http://a.test/1 -d 1\ncurl http://a.test/2 -d @body.json\ncurl http://a.test/3 -d 3\n"

// TestImportTakesWhatItCan: one entry that cannot be read costs the others nothing, and is named.
func TestImportTakesWhatItCan(t *testing.T) {
	x := exchanging{t, t.TempDir()}
	out, said, err := x.run(oneOfTwo, "import", "-")
	if !errors.Is(err, errNotHeld) || out != "imported 2 captures: id:1-2\n" {
		t.Errorf("%v, %q", err, out)
	}
	if !strings.Contains(said, "1 entry could not be read:\n  command 2: --data: ") || !strings.Contains(said, "body.json") {
		t.Errorf("it says %q", said)
	}
	out, _, err = x.run(oneOfTwo, "import", "--json", "-")
	var got struct {
		Captures []int
		Unread   []struct {
			Index                      int
			Where, Field, Reason, Next string
		}
	}
	if broken := json.Unmarshal([]byte(out), &got); broken != nil || !errors.Is(err, errNotHeld) || len(got.Captures) != 2 || len(got.Unread) != 1 {
		t.Fatalf("%v, %v, %s", broken, err, out)
	}
	if u := got.Unread[0]; u.Index != 2 || u.Where != "command 2" || u.Field != "--data" || u.Reason == "" || u.Next == "" || strings.Contains(u.Reason, u.Next) {
		t.Errorf("%+v", u)
	}
}

func TestImportDryRunTakesNothing(t *testing.T) {
	x := exchanging{t, t.TempDir()}
	out, _, err := x.run(oneOfTwo, "import", "--dry-run", "-")
	if !errors.Is(err, errNotHeld) || !strings.Contains(out, "2 captures in curl; nothing was changed:\n  POST   http://a.test/1  1 bytes") {
		t.Errorf("%v, %q", err, out)
	}
	out, _, _ = x.run("curl http://a.test/1 -d 1", "import", "--dry-run", "--json", "-")
	if out != `{"captures":[{"method":"POST","url":"http://a.test/1","size":1}],"event":"preview","format":"curl"}`+"\n" {
		t.Errorf("%s", out)
	}
	if _, _, err := x.run("", "history"); err == nil || !strings.Contains(err.Error(), "there is none yet") {
		t.Errorf("a look at a file made a history: %v", err)
	}
	if _, _, err := x.run("curl http://a.test/1 -d 1", "import", "--format", "nonsense", "-"); err == nil || !strings.Contains(err.Error(), "--format: want har") {
		t.Errorf("an unknown format: %v", err)
	}
}
