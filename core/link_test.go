package core_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"hookglass/core"
)

// A link is a stranger's text: what it may ask for is listed, and all else is refused.
func TestLinksAskForLittle(t *testing.T) {
	good := map[string]core.Link{
		"hookglass://capture/7":       {Capture: 7},
		"HOOKGLASS://Capture/12":      {Capture: 12},
		"hookglass://join/eyJ2Ijox_-": {Invite: "hookglass://join/eyJ2Ijox_-"},
		"HookGlass://JOIN/eyJ2Ijox":   {Invite: "hookglass://join/eyJ2Ijox"},
	}
	if runtime.GOOS != "windows" {
		good["hookglass://open?file=/tmp/a%20b.har"] = core.Link{File: "/tmp/a b.har"}
		good["hookglass://open/?file=/tmp/../etc/x"] = core.Link{File: "/etc/x"}
	}
	for text, want := range good {
		if got, err := core.ParseLink(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "capture/7", "http://capture/7", "hookglass:capture/7", "hookglass://capture/", "hookglass://capture/0", "hookglass://capture/-1", "hookglass://capture/7?x=1",
		"hookglass://capture/7/delete", "hookglass://me@capture/7", "hookglass://capture/7#x", "hookglass://send?to=http://127.0.0.1", "hookglass://open", "hookglass://open?file=a.har", "hookglass://open?file=//evil/share/x",
		`hookglass://open?file=\\evil\share\x`, `hookglass://open?file=/\evil\x`, "hookglass://open?file=/a&file=/b", "hookglass://open?file=/a&then=run", "hookglass://open?file=%00", "hookglass://open?file=/a%00", "hookglass://open/x?file=/a",
		"hookglass://open?file=/%zz", "hookglass://delete/7", "--yes", "hookglass://join", "hookglass://join/", "hookglass://join/a/b", "hookglass://join/a%20b", "hookglass://join/\x1b[31m", "hookglass://join/eyJ2?yes=1", "hookglass://join/eyJ2#x",
		"hookglass://me@join/eyJ2", "hookglass://join:1/eyJ2", "hookglass://join/eyJ2=", "hookglass://join/" + strings.Repeat("a", 9<<10), "hookglass://capture/99999999999999999999"} {
		got, err := core.ParseLink(text)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != "link" || !strings.Contains(invalid.Reason, " ") {
			t.Errorf("%q is taken as %+v, or refused without a next step: %v", text, got, err)
		}
	}
	if said := (core.Link{File: "/tmp/\x1b[31m\u202ea"}).Words(); strings.ContainsAny(said, "\x1b\u202e") {
		t.Errorf("the question acts: %q", said)
	}
}

func TestLocalFilesAreOfThisComputer(t *testing.T) {
	if runtime.GOOS != "windows" {
		for text, want := range map[string]string{"file:///tmp/a%20b.har": "/tmp/a b.har", "file://localhost/tmp/x": "/tmp/x", "FILE:///x": "/x"} {
			if got, err := core.LocalFile(text); err != nil || got != want {
				t.Errorf("%s: %q, %v; want %q", text, got, err, want)
			}
		}
	}
	for _, text := range []string{"file://evil/share/x", "http://x/y", "file:x", "/tmp/x"} {
		if got, err := core.LocalFile(text); err == nil {
			t.Errorf("%s is taken as %q", text, got)
		}
	}
}
