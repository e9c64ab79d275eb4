package engine_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

func freshEngine(t *testing.T) *engine.Engine {
	e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func atom(entries ...string) string {
	out := `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Release notes</title>`
	for _, e := range entries {
		title, link, _ := strings.Cut(e, " -> ")
		out += fmt.Sprintf(`<entry><title>%s</title><link rel="alternate" href="%s"/></entry>`, title, link)
	}
	return out + `</feed>`
}

// Looking for updates asks one address, once, and takes of what it says a number and a page at the same host.
func TestUpdatesAskTheFeedAlone(t *testing.T) {
	e := freshEngine(t)
	if e.Updates.Choice(t.Context()).On {
		t.Fatal("it looks for updates without being asked to")
	}
	answer, status := "", 200
	var asked []*http.Request
	feed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r)
		if status == 302 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		fmt.Fprint(w, answer)
	}))
	defer feed.Close()
	if err := e.Updates.Choose(engine.UpdateChoice{On: true, Feed: feed.URL + "/releases.atom"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		answer string
		status int
		want   string // version and page; "": none
		fails  bool
	}{
		"a newer one":            {atom("v0.1.0 -> /1", "Hookglass 0.10.0 -> /2", "v0.9.0 -> /3"), 200, "0.10.0 " + feed.URL + "/2", false},
		"the same":               {atom("v0.2.0 -> /1"), 200, "", false},
		"an older one":           {atom("v0.1.9 -> /1"), 200, "", false},
		"none":                   {atom(), 200, "", false},
		"no versions":            {atom("0.3.0-evil; rm -> /x", "nightly -> /y", " -> /z"), 200, "", false},
		"a page elsewhere":       {atom("v0.3.0 -> https://evil.example/x"), 200, "0.3.0 ", false},
		"a page that acts":       {atom("v0.3.0 -> javascript:alert(1)"), 200, "0.3.0 ", false},
		"no Atom":                {"<html></html>", 200, "", true},
		"a redirect":             {"", 302, "", true},
		"a server that is ill":   {"", 500, "", true},
		"more than a megabyte":   {strings.Repeat(" ", 2<<20), 200, "", true},
		"an entity that expands": {`<!DOCTYPE x [<!ENTITY a "aaaa">]><feed xmlns="http://www.w3.org/2005/Atom"><entry><title>&a;</title></entry></feed>`, 200, "", true},
	} {
		answer, status, asked = c.answer, c.status, nil
		got, err := e.Updates.Newer(t.Context(), "0.2.0")
		said := ""
		if got != nil {
			said = got.Version + " " + got.Page
		}
		if said != c.want || (err != nil) != c.fails {
			t.Errorf("%s: %q, %v; want %q", name, said, err, c.want)
		}
		if len(asked) != 1 || asked[0].URL.Path != "/releases.atom" || asked[0].Method != "GET" {
			t.Fatalf("%s: asked %v", name, asked)
		}
		for header := range asked[0].Header {
			if !strings.Contains("User-Agent Accept Accept-Encoding Connection", header) {
				t.Errorf("%s: the feed is told %s", name, header)
			}
		}
		if agent := asked[0].UserAgent(); agent != "Hookglass" {
			t.Errorf("the feed is told %q", agent)
		}
	}
	for _, bad := range []string{"http://example.com/feed", "ftp://example.com", "https://", "https://me:secret@example.com/x", "feed"} {
		if err := e.Updates.Choose(engine.UpdateChoice{Feed: bad}); err == nil {
			t.Errorf("%s is taken for a feed", bad)
		}
	}
}

// A new user is welcomed once; who had another version hears of what is new, once.
func TestGreetings(t *testing.T) {
	ctx := t.Context()
	greet := func(e *engine.Engine, version string) engine.Greeting {
		g, err := e.Greet(ctx, version)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	e := freshEngine(t)
	if err := e.Welcome(ctx); err != nil {
		t.Fatal(err)
	}
	if g := greet(e, "0.1.0"); !g.Welcome || g.Updated {
		t.Errorf("the first start: %+v", g)
	}
	if g := greet(e, "0.1.0"); g != (engine.Greeting{}) {
		t.Errorf("the second start: %+v", g)
	}
	if g := greet(e, "0.2.0"); g.Welcome || !g.Updated {
		t.Errorf("after an update: %+v", g)
	}
	if g := greet(e, "0.2.0"); g != (engine.Greeting{}) {
		t.Errorf("and once more: %+v", g)
	}
	used := freshEngine(t)
	if err := used.PutSource(ctx, &core.Source{Name: "a", Platform: "generic", Settings: core.Values{"path": "/in/a"}}); err != nil {
		t.Fatal(err)
	}
	if g := greet(used, "0.1.0"); g.Welcome {
		t.Error("who has sources is welcomed as if new")
	}
}

func TestNewsAreRead(t *testing.T) {
	got := engine.ChangesOf("# Changes\n\nwords\n\n## Unreleased\n\n### The window\n\n- one\n  goes on\n- two\n\n## 0.1.0, 2026-11-21\n\nThe first.\n\n## 0.0.1\n\n- x\n", 2)
	if len(got) != 2 || got[0].Title != "Unreleased" || strings.Join(got[0].Points, "|") != "# The window|one goes on|two" || got[1].Points[0] != "The first." {
		t.Errorf("%+v", got)
	}
}
