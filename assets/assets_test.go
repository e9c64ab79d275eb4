package assets_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"io/fs"
	"mime"
	"net/url"
	"os"
	"strings"
	"testing"

	"hookglass/assets"
)

func TestSamplesAndIndexAgree(t *testing.T) {
	all, err := assets.Samples()
	if err != nil {
		t.Fatal(err)
	}
	named, seen := map[string]bool{}, map[string]bool{}
	for _, s := range all {
		if seen[s.Provider+" "+s.Event] {
			t.Errorf("%s %s stands twice", s.Provider, s.Event)
		}
		seen[s.Provider+" "+s.Event], named[s.File] = true, true
		if s.Group != "provider" && s.Group != "platform" || s.Title == "" {
			t.Errorf("%s %s: group %q, title %q", s.Provider, s.Event, s.Group, s.Title)
		}
		body, err := s.Body()
		if err != nil {
			t.Error(err)
			continue
		}
		checkBody(t, s, body)
	}
	err = fs.WalkDir(os.DirFS("samples"), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path != "index.json" && !named[path] {
			t.Errorf("%s is in no index", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkBody(t *testing.T, s assets.Sample, body []byte) {
	t.Helper()
	media, _, err := mime.ParseMediaType(s.ContentType)
	if err != nil {
		t.Errorf("%s: content type %q: %v", s.File, s.ContentType, err)
	}
	switch media {
	case "application/json":
		if !json.Valid(body) {
			t.Errorf("%s is not JSON", s.File)
		}
	case "application/x-www-form-urlencoded":
		if _, err := url.ParseQuery(string(body)); err != nil || bytes.ContainsAny(body, " \n") {
			t.Errorf("%s is not a form: %v", s.File, err)
		}
	case "multipart/form-data":
		if !bytes.Contains(body, []byte("\r\n")) {
			t.Errorf("%s lost its line ends", s.File)
		}
	default:
		t.Errorf("%s: content type %q has no check", s.File, s.ContentType)
	}
}

func TestSamplesCoverWhatIsOffered(t *testing.T) {
	all, err := assets.Samples()
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]int{}
	for _, s := range all {
		has[s.Provider]++
	}
	for _, p := range strings.Fields("stripe github slack shopify twilio gitlab standard-webhooks discord sendgrid square paddle linear zoom hubspot nitejar workjet joai nekro almyty") {
		if has[p] < 2 {
			t.Errorf("%s has %d samples, want two at least", p, has[p])
		}
	}
}

func TestIconsAreDrawnWithOneColour(t *testing.T) {
	names := assets.Icons()
	if len(names) < 60 {
		t.Fatalf("%d icons", len(names))
	}
	for _, n := range names {
		svg, err := assets.Icon(n)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(svg, []byte(`stroke="currentColor"`)) || !bytes.Contains(svg, []byte(`stroke-width="2"`)) {
			t.Errorf("%s: its stroke cannot be coloured", n)
		}
		if err := xml.Unmarshal(svg, new(struct{})); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
	if _, err := assets.Icon("no-such-icon"); err == nil || !strings.Contains(err.Error(), "no-such-icon") {
		t.Errorf("an unknown icon: %v", err)
	}
}

func TestAppIconAndFonts(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(assets.AppIcon()))
	if err != nil || img.Bounds().Dx() != 512 || img.Bounds().Dy() != 512 {
		t.Errorf("icon: %v %v", img, err)
	}
	for _, f := range []string{"Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "Inter-Bold.otf", "JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf"} {
		if len(assets.Font(f)) < 50_000 {
			t.Errorf("%s has %d bytes", f, len(assets.Font(f)))
		}
	}
}

// Whoever passes on the files must pass on their licences.
func TestLicencesTravelAlong(t *testing.T) {
	for file, want := range map[string]string{"fonts/OFL-Inter.txt": "SIL OPEN FONT LICENSE", "fonts/OFL-JetBrainsMono.txt": "SIL OPEN FONT LICENSE", "icons/LICENSE": "ISC License"} {
		if got := assets.Licence(file); !strings.Contains(got, want) {
			t.Errorf("%s: %.60q, want %q in it", file, got, want)
		}
	}
}
