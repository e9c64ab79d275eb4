package relay_test

import (
	"strings"
	"testing"
	"time"

	"hookglass/core/relay"
)

func TestDifferentSourcesHaveDifferentSubjects(t *testing.T) {
	long := strings.Repeat("x", 500)
	seen := map[string]string{}
	for _, s := range []string{"", "_", "a", "A", "a.b", "a_2eb", "a b", "a*", ">", "é", "a-b", long, long + "y", strings.ToUpper(long), "_h", "\x00"} {
		subject := relay.Subject("team", s, s)
		if other, ok := seen[subject]; ok {
			t.Errorf("%q and %q are both published as %s", s, other, subject)
		}
		seen[subject] = s
		if parts := strings.Split(subject, "."); len(parts) != 5 || strings.ContainsAny(subject, " *>\x00\r\n\t") || len(subject) > 400 {
			t.Errorf("%q is published as %q", s, subject)
		}
		if !strings.HasPrefix(subject, strings.TrimSuffix(relay.OfSource("team", s), ">")) {
			t.Errorf("%q is not among those of its source", subject)
		}
		if strings.ContainsAny(relay.Bucket("team", s), " .*>") {
			t.Errorf("%q has the bucket %q", s, relay.Bucket("team", s))
		}
	}
}

func TestAnInviteIsReadAsItIsPasted(t *testing.T) {
	seed, _, err := relay.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	v := relay.Invite{URLs: []string{"tls://hub.example:4222"}, Space: "team", Reader: "alice", Queues: []string{"build"}, Seed: string(seed.Reveal()), Pin: "abc"}
	text := v.String()
	if strings.ContainsAny(text, " \n") {
		t.Error("it is more than a line")
	}
	got, err := relay.ParseInvite(" " + text[:60] + "\r\n  " + text[60:] + "\n")
	if err != nil || got.Seed != v.Seed || got.Space != "team" || got.Reader != "alice" || got.Pin != "abc" || got.URLs[0] != v.URLs[0] || got.Queues[0] != "build" {
		t.Errorf("%+v, %v", got, err)
	}
	for name, change := range map[string]func(*relay.Invite){
		"no space":        func(v *relay.Invite) { v.Space = "" },
		"space of a path": func(v *relay.Invite) { v.Space = "../x" },
		"tunnel's name":   func(v *relay.Invite) { v.Space = "ngrok" },
		"reader of dots":  func(v *relay.Invite) { v.Reader = "a.b" },
		"no address":      func(v *relay.Invite) { v.URLs = nil },
		"another address": func(v *relay.Invite) { v.URLs = []string{"http://x"} },
		"user in it":      func(v *relay.Invite) { v.URLs = []string{"tls://u:p@x"} },
		"account's key":   func(v *relay.Invite) { v.Seed = "SAAMKX3EJ2LT3BVUNJ3FVXH3U2XEPNZLQYB4Z7FNGAWSPUGXA3SJ5YPR6A" },
		"half a key":      func(v *relay.Invite) { v.Seed = v.Seed[:20] },
		"queue of dots":   func(v *relay.Invite) { v.Queues = []string{"a b"} },
	} {
		bad := v
		change(&bad)
		if _, err := relay.ParseInvite(bad.String()); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for _, bad := range []string{"", "hookglass://join/", "hookglass://join/e30", "https://x", text[:len(text)-9]} {
		if _, err := relay.ParseInvite(bad); err == nil {
			t.Errorf("%q: taken", bad)
		}
	}
}

func FuzzParseInvite(f *testing.F) {
	f.Add("hookglass://join/eyJ2IjoxfQ")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := relay.ParseInvite(text)
		if err != nil {
			return
		}
		if again, err := relay.ParseInvite(v.String()); err != nil || again.Seed != v.Seed {
			t.Fatalf("%v", err)
		}
	})
}

func TestAReaderWhoseTimeIsOverHasNoAccount(t *testing.T) {
	now := time.Now()
	_, key, err := relay.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	all := []relay.Reader{{Name: "in", Key: key}, {Name: "over", Key: "UOVER", Expires: now.Add(-time.Second)}, {Name: "out", Key: "UOUT", Revoked: now}, {Name: "soon", Key: "USOON", Expires: now.Add(time.Second), Sources: []string{"shop"}}}
	text := relay.Accounts("team", "UHUB", all, []string{"shop", "other"}, now)
	for word, want := range map[string]bool{key: true, "UOVER": false, "UOUT": false, "USOON": true, "reader_over": false,
		"account: HG_team, subject: \"$JS.API.DIRECT.GET.OBJ_HG_team_other\"": true} {
		if strings.Contains(text, word) != want {
			t.Errorf("%s: %v", word, !want)
		}
	}
	soon := text[strings.LastIndex(text, "HG_team_reader_soon {"):]
	if strings.Contains(soon, "other") {
		t.Error("a reader of one source reaches the bodies of another")
	}
}
