package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// Who makes Hookglass, and where it lives.
const (
	homepage   = "https://github.com/hookglass/hookglass"
	maintainer = "The Hookglass authors <hookglass@users.noreply.github.com>"
	summary    = "desktop workbench for webhooks"
	appID      = "io.github.hookglass.Hookglass"
)

// copyright says whose work the program is, and under which terms: its own, then that of all that it carries.
func (b *builder) copyright(linked []part) ([]byte, error) {
	own, err := os.ReadFile(filepath.Join(b.root, "LICENSE"))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "Hookglass %s, %s\n\n%s\n\nThe program carries the works of others, each under its own terms:\n", b.version, homepage, strings.TrimSpace(string(own)))
	texts := map[string][]string{} // a text once, with those who use it
	var order []string
	for _, p := range linked {
		for _, l := range p.licences {
			if texts[l.text] == nil {
				order = append(order, l.text)
			}
			texts[l.text] = append(texts[l.text], strings.TrimSpace(p.name+" "+p.version)+" ("+l.file+")")
		}
	}
	for _, text := range order {
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("-", 78), strings.Join(texts[text], "\n"), shared(text))
	}
	return out.Bytes(), nil
}

// shared shortens a licence that every Debian has to where it stands there.
func shared(text string) string {
	if strings.Contains(text, "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION") {
		return "Apache License, Version 2.0. On Debian systems its text is in /usr/share/common-licenses/Apache-2.0;\nelsewhere see https://www.apache.org/licenses/LICENSE-2.0."
	}
	return text
}

// sbom lists what the program is made of, as CycloneDX.
func (b *builder) sbom(t target, linked []part) ([]byte, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", b.name(t), homepage, b.at.Unix()))
	doc := cdx.NewBOM()
	doc.SerialNumber = uuid(sum)
	self := cdx.Component{BOMRef: "hookglass", Type: cdx.ComponentTypeApplication, Name: t.pkg(), Version: b.version, Licenses: &cdx.Licenses{{License: &cdx.License{ID: "MIT"}}},
		ExternalReferences: &[]cdx.ExternalReference{{Type: cdx.ERTypeWebsite, URL: homepage}}}
	doc.Metadata = &cdx.Metadata{Timestamp: b.at.Format(time.RFC3339), Component: &self}
	var parts []cdx.Component
	var refs []string
	for _, p := range linked {
		c := cdx.Component{BOMRef: cmp.Or(p.purl, p.name), Type: cdx.ComponentTypeLibrary, Name: p.name, Version: p.version, PackageURL: p.purl}
		var named cdx.Licenses
		for _, id := range p.ids() {
			named = append(named, cdx.LicenseChoice{License: &cdx.License{ID: id}})
		}
		if len(named) > 0 {
			c.Licenses = &named
		}
		if p.sum != "" {
			c.Properties = &[]cdx.Property{{Name: "go:sum", Value: p.sum}}
		}
		parts, refs = append(parts, c), append(refs, c.BOMRef)
	}
	doc.Components, doc.Dependencies = &parts, &[]cdx.Dependency{{Ref: "hookglass", Dependencies: &refs}}
	var out bytes.Buffer
	err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).Encode(doc)
	return out.Bytes(), err
}

// uuid is a name of its own for a list of parts, the same for the same sources.
func uuid(sum [32]byte) string {
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8: made by a rule of our own
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// release is a section of docs/changelog.md.
type release struct {
	version string
	date    string // 2026-11-21; empty: not released yet
}

// releases reads docs/changelog.md, the newest first.
func releases(text string) (all []release) {
	for line := range strings.Lines(text) {
		if head, ok := strings.CutPrefix(strings.TrimSpace(line), "## "); ok {
			version, date, _ := strings.Cut(head, ", ")
			all = append(all, release{version: version, date: date})
		}
	}
	return all
}

// sums writes the checksums of all that lies in the folder of results and was made now or before.
func (b *builder) sums() error {
	entries, err := os.ReadDir(b.out)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for _, e := range entries {
		if e.IsDir() || e.Name() == "SHA256SUMS" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(b.out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	return b.write("SHA256SUMS", out.Bytes())
}
