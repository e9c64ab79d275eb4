package platform_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/platform"
)

// TestNoMachineMatchesWithoutItsAnchor: a router may leave a machine out where none of its anchors stands in a path.
func TestNoMachineMatchesWithoutItsAnchor(t *testing.T) {
	parts := []string{"agents", "one", "two", "webhook", "executions", "api", "webhooks", "plugins", "github", "v1", "in", "a", "b", "%6fne", "ONE", "", "."}
	chance := rand.New(rand.NewPCG(9, 9))
	settings := map[string][]core.Values{
		"generic": {{"path": "/in/a"}, {"path": "/in/a/"}, {"path": "/"}, {"path": "/one"}, {"path": "/in//a"}},
		"almyty":  {{"id": "one"}, {"id": "one", "org": "in", "slug": "two"}},
		"nitejar": {{"id": "one", "type": "github"}}, "workjet": {{"id": "one"}},
	}
	matched := 0
	for name, all := range settings {
		p, _ := platform.Find(name)
		for _, set := range all {
			for _, profile := range []string{core.Docs, core.Code} {
				m, err := p.New(platform.Config{Name: "x", Profile: profile, Settings: set})
				if err != nil {
					t.Fatal(name, set, err)
				}
				anchors := m.(platform.Anchored).Anchors()
				try := func(path string) {
					stands := slices.ContainsFunc(anchors, func(a platform.Anchor) bool {
						return a.Under && (path == a.Text || strings.HasPrefix(path, a.Text+"/")) || !a.Under && slices.Contains(platform.Segments(path), a.Text)
					})
					n := m.Match(path)
					if n > 0 {
						matched++
					}
					if n > 0 && !stands {
						t.Errorf("%s %v matches %s, which has none of %v", name, set, path, anchors)
					}
				}
				try(p.Path(set, profile))
				try(p.Path(set, profile) + "/")
				for range 3000 {
					path := ""
					for range chance.IntN(6) {
						path += "/" + parts[chance.IntN(len(parts))]
					}
					try(path)
				}
			}
		}
	}
	if matched < 100 {
		t.Errorf("only %d paths matched", matched)
	}
}
