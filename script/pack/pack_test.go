package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func newBuilder(t *testing.T) *builder {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return &builder{root: root, out: t.TempDir(), work: t.TempDir(), version: "1.2.3", at: time.Unix(1_700_000_000, 0).UTC(),
		manual: []file{{"usr/share/man/man1/hookglass.1.gz", []byte("page"), 0o644}}}
}

// stand stands for a program: what packs it looks at its bytes alone.
func stand(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "hookglass")
	if err := os.WriteFile(path, []byte("\x7fELF"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

var some = []part{{name: "example.org/a", version: "v1.0.0", purl: "pkg:golang/example.org/a@v1.0.0", sum: "h1:x=", licences: []licence{{"LICENSE", []string{"MIT"}, "the text of a"}}},
	{name: "example.org/b", version: "v2.0.0", purl: "pkg:golang/example.org/b@v2.0.0", licences: []licence{{"LICENSE", []string{"MIT"}, "the text of a"}, {"NOTICE", nil, "a notice"}}}}

// The same sources make the same bytes.
func TestTheSameAgain(t *testing.T) {
	program := stand(t)
	made := map[string][]byte{}
	for i := range 2 {
		b := newBuilder(t)
		tg, err := targetOf("linux/amd64")
		if err != nil {
			t.Fatal(err)
		}
		tree, err := b.tree(tg, program, some)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.tarball(tg, tree); err != nil {
			t.Fatal(err)
		}
		sbom, err := b.sbom(tg, some)
		if err == nil {
			err = b.write("sbom", sbom)
		}
		if err == nil {
			err = b.sums()
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(b.made) != 3 {
			t.Fatalf("made %v", b.made)
		}
		for _, name := range b.made {
			data, err := os.ReadFile(filepath.Join(b.out, name))
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 && !bytes.Equal(data, made[name]) {
				t.Errorf("%s is another one the second time", name)
			}
			made[name] = data
		}
	}
}

func TestAPackageHasWhatBelongsToIt(t *testing.T) {
	b := newBuilder(t)
	for name, windowed := range map[string]bool{"linux/amd64": true, "linux/arm64/headless": false} {
		tg, err := targetOf(name)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := b.tree(tg, stand(t), some)
		if err != nil {
			t.Fatal(err)
		}
		has := map[string]file{}
		for _, f := range tree {
			has[f.path] = f
		}
		if has["usr/bin/hookglass"].mode != 0o755 {
			t.Errorf("%s: the program cannot be run", name)
		}
		copyright := string(has["usr/share/doc/"+tg.pkg()+"/copyright"].bytes)
		for _, want := range []string{"The Hookglass authors", "example.org/a v1.0.0 (LICENSE)\nexample.org/b v2.0.0 (LICENSE)", "a notice"} {
			if !strings.Contains(copyright, want) {
				t.Errorf("%s: the copyright does not say %q", name, want)
			}
		}
		if strings.Count(copyright, "the text of a") != 1 {
			t.Errorf("%s: one text stands there %d times", name, strings.Count(copyright, "the text of a"))
		}
		for _, path := range []string{"usr/share/applications/" + appID + ".desktop", "usr/share/metainfo/" + appID + ".metainfo.xml", "usr/share/mime/packages/" + appID + ".xml", "usr/share/icons/hicolor/48x48/apps/" + appID + ".png"} {
			if _, ok := has[path]; ok != windowed {
				t.Errorf("%s: %s is there: %v", name, path, ok)
			}
		}
		for _, f := range has {
			if left := strings.Contains(string(f.bytes), "HOMEPAGE") || strings.Contains(string(f.bytes), "RELEASES"); left {
				t.Errorf("%s: %s was not filled in", name, f.path)
			}
		}
	}
}

// What the desktop entry says is what the program and its types say.
func TestTheDesktopFilesAgree(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("files", appID+name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	entry, types, info := read(".desktop"), read(".mime.xml"), read(".metainfo.xml")
	if !strings.Contains(entry, "Icon="+appID+"\n") || !strings.Contains(info, "<id>"+appID+"</id>") {
		t.Error("the id is another one")
	}
	for line := range strings.Lines(entry) {
		list, ok := strings.CutPrefix(strings.TrimSpace(line), "MimeType=")
		for kind := range strings.SplitSeq(strings.TrimSuffix(list, ";"), ";") {
			if !ok {
				continue
			}
			if !strings.Contains(info, ">"+kind+"<") {
				t.Errorf("the metainfo does not name %s", kind)
			}
			if !strings.HasPrefix(kind, "x-scheme-handler/") && !strings.Contains(types, `type="`+kind+`"`) {
				t.Errorf("%s is not explained to the system", kind)
			}
		}
	}
}

// No Mac builds the bundle here: what its workflow does and what the bundle says of itself must at least be of one mind.
func TestTheMacsBundleAgrees(t *testing.T) {
	plist, err := os.ReadFile(filepath.Join("files", "Info.plist"))
	if err != nil {
		t.Fatal(err)
	}
	flow, err := os.ReadFile(filepath.Join("..", "..", ".ci", "macos.yml"))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, m := range regexp.MustCompile(`<key>(\w+)</key><string>([^<]*)</string>`).FindAllStringSubmatch(string(plist), -1) {
		said[m[1]] = m[2]
	}
	if said["CFBundleIdentifier"] != appID || said["CFBundlePackageType"] != "APPL" || said["CFBundleShortVersionString"] != "@VERSION@" || said["CFBundleVersion"] != "@VERSION@" {
		t.Errorf("the bundle says of itself: %v", said)
	}
	for what, line := range map[string]string{
		"the program":           "/MacOS/" + said["CFBundleExecutable"] + `"`,
		"the picture":           "/Resources/" + said["CFBundleIconFile"] + `.icns"`,
		"the oldest system":     `MACOSX_DEPLOYMENT_TARGET: "` + said["LSMinimumSystemVersion"] + `"`,
		"the tags of a window":  target{os: "darwin"}.tags(),
		"the bundle's own file": "script/pack/files/Info.plist",
	} {
		if !strings.Contains(string(flow), line) {
			t.Errorf("%s: the workflow has no %s", what, line)
		}
	}
}

func TestTheListOfPartsIsCycloneDX(t *testing.T) {
	b := newBuilder(t)
	text, err := b.sbom(targets[0], some)
	if err != nil {
		t.Fatal(err)
	}
	var doc cdx.BOM
	if err := json.Unmarshal(text, &doc); err != nil || doc.BOMFormat != cdx.BOMFormat || len(*doc.Components) != 2 {
		t.Fatalf("%v, %s", err, text)
	}
	if c := (*doc.Components)[1]; c.PackageURL != "pkg:golang/example.org/b@v2.0.0" || len(*c.Licenses) != 1 || (*c.Licenses)[0].License.ID != "MIT" {
		t.Errorf("%+v", c)
	}
}

func TestLicencesAreKnown(t *testing.T) {
	list := func(goos string) map[string]module {
		dirs, err := moduleDirs(newBuilder(t).root, target{os: goos, arch: "amd64", headless: true})
		if err != nil {
			t.Fatal(err)
		}
		return dirs
	}
	n := 0
	for path, m := range list("linux") {
		if path == "hookglass" {
			continue
		}
		n++
		found, err := licencesBelow(m.dir, m.packages)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if p := (part{licences: found}); len(p.ids()) == 0 {
			t.Errorf("%s: of no licence that is known: %s", path, found[0].file)
		}
	}
	if n < 10 {
		t.Errorf("only %d modules", n)
	}
	empty := t.TempDir()
	if _, err := licencesBelow(empty, nil); err == nil {
		t.Error("what has no licence is passed on")
	}
}

// A manifest names the sum of what was packed, and is not made without it.
func TestManifestsNameTheirFiles(t *testing.T) {
	b := newBuilder(t)
	for _, m := range manifests {
		if _, err := b.manifest(m.template); err == nil && strings.Contains(m.template, "installer") {
			t.Errorf("%s is made of nothing", m.template)
		}
	}
	for _, name := range []string{"hookglass-1.2.3.tar.gz", "hookglass-1.2.3-linux-amd64.tar.gz", "hookglass-1.2.3-windows-amd64.zip", "hookglass-1.2.3-windows-amd64-setup.exe"} {
		if err := b.write(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	const sum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
	for _, m := range manifests {
		text, err := b.manifest(m.template)
		if err != nil || strings.Contains(string(text), "{{") {
			t.Errorf("%s: %v\n%s", m.template, err, text)
		}
		if has := strings.Contains(strings.ToLower(string(text)), sum); has == (m.template == "winget.version.yaml" || m.template == "winget.locale.yaml") {
			t.Errorf("%s: has the sum: %v", m.template, has)
		}
	}
}

func TestReleasesAreRead(t *testing.T) {
	got := releases("# Changes\n\nwords\n\n## Unreleased\n\n### The window\n\n- one\n  goes on\n- two\n\n## 0.1.0, 2026-11-21\n\nThe first.\n")
	if len(got) != 2 || got[0].date != "" || got[1].version != "0.1.0" || got[1].date != "2026-11-21" {
		t.Errorf("%+v", got)
	}
}
