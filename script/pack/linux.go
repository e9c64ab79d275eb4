package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"
)

func hostArch() string { return runtime.GOARCH }

// linux makes the .deb, the .rpm and the archive of a target.
func (b *builder) linux(t target, program string, linked []part) error {
	tree, err := b.tree(t, program, linked)
	if err != nil {
		return err
	}
	needs, err := libraries(program, t)
	if err != nil {
		return err
	}
	if err := b.tarball(t, tree); err != nil {
		return err
	}
	for _, kind := range []struct {
		name     string
		packager nfpm.Packager
		depends  []string
	}{{"deb", deb.Default, needs.debian}, {"rpm", rpm.DefaultRPM, needs.sonames}} {
		info, err := b.info(t, tree, kind.depends)
		if err != nil {
			return err
		}
		info = nfpm.WithDefaults(info)
		if err := nfpm.PrepareForPackager(info, kind.name); err != nil {
			return err
		}
		var out bytes.Buffer
		if err := kind.packager.Package(info, &out); err != nil {
			return err
		}
		if err := b.write(kind.packager.ConventionalFileName(info), out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// tree is what is installed, with paths below the root of the system.
func (b *builder) tree(t target, program string, linked []part) ([]file, error) {
	bin, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	copyright, err := b.copyright(linked)
	if err != nil {
		return nil, err
	}
	history, err := os.ReadFile(filepath.Join(b.root, "docs", "changelog.md"))
	if err != nil {
		return nil, err
	}
	doc := "usr/share/doc/" + t.pkg() + "/"
	tree := []file{{"usr/bin/hookglass", bin, 0o755}, {doc + "copyright", copyright, 0o644}, {doc + "NEWS.md.gz", b.gz(history), 0o644}, {doc + "changelog.gz", b.gz(b.debianChangelog(t)), 0o644}}
	if b.manual == nil {
		if b.manual, err = b.writeManual(); err != nil {
			return nil, err
		}
	}
	tree = append(tree, b.manual...)
	if !t.headless {
		desk, err := b.desktop(releases(string(history)))
		if err != nil {
			return nil, err
		}
		tree = append(tree, desk...)
	}
	slices.SortFunc(tree, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return tree, nil
}

// writeManual has a program that runs here write the manual pages and the completions: that without a window, which is the same for
// every target.
func (b *builder) writeManual() (list []file, err error) {
	host, err := targetOf("linux/" + hostArch() + "/headless")
	if err != nil {
		return nil, err
	}
	program, err := b.build(host)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(b.work, "manual")
	cmd := exec.Command(program, "manual", folder)
	cmd.Env, cmd.Stderr = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", b.at.Unix())), os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	pages, err := os.ReadDir(filepath.Join(folder, "man1"))
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(folder, "man1", page.Name()))
		if err != nil {
			return nil, err
		}
		list = append(list, file{"usr/share/man/man1/" + page.Name() + ".gz", b.gz(text), 0o644})
	}
	for from, to := range map[string]string{"hookglass": "usr/share/bash-completion/completions/hookglass", "_hookglass": "usr/share/zsh/vendor-completions/_hookglass",
		"hookglass.fish": "usr/share/fish/vendor_completions.d/hookglass.fish"} {
		text, err := os.ReadFile(filepath.Join(folder, "completions", from))
		if err != nil {
			return nil, err
		}
		list = append(list, file{to, text, 0o644})
	}
	return list, nil
}

// desktop is what menus, software centres and file managers read.
func (b *builder) desktop(news []release) (list []file, err error) {
	metainfo := ""
	for from, to := range map[string]string{appID + ".desktop": "applications/" + appID + ".desktop", appID + ".metainfo.xml": "metainfo/" + appID + ".metainfo.xml",
		appID + ".mime.xml": "mime/packages/" + appID + ".xml"} {
		text, err := os.ReadFile(filepath.Join(b.root, "script", "pack", "files", from))
		if err != nil {
			return nil, err
		}
		metainfo = strings.NewReplacer("HOMEPAGE", homepage, "vVERSION", "v"+b.version, "RELEASES", b.metainfoReleases(news)).Replace(string(text))
		list = append(list, file{"usr/share/" + to, []byte(metainfo), 0o644})
	}
	svg, err := os.ReadFile(filepath.Join(b.root, "assets", "icon.svg"))
	if err != nil {
		return nil, err
	}
	list = append(list, file{"usr/share/icons/hicolor/scalable/apps/" + appID + ".svg", svg, 0o644})
	for _, size := range []int{16, 24, 32, 48, 64, 128, 256, 512} {
		png, err := b.icon(size)
		if err != nil {
			return nil, err
		}
		list = append(list, file{fmt.Sprintf("usr/share/icons/hicolor/%dx%d/apps/%s.png", size, size, appID), png, 0o644})
	}
	return list, nil
}

// metainfoReleases are the versions that have a date, and the one that is packed now.
func (b *builder) metainfoReleases(news []release) string {
	var out strings.Builder
	out.WriteString("  <releases>\n")
	for _, r := range news {
		if r.date == "" {
			continue
		}
		fmt.Fprintf(&out, "    <release version=\"%s\" date=\"%s\">\n      <url>%s/releases/tag/v%s</url>\n    </release>\n", html.EscapeString(r.version), html.EscapeString(r.date), homepage, html.EscapeString(r.version))
	}
	out.WriteString("  </releases>\n")
	return out.String()
}

// debianChangelog is the form that Debian's tools read; what changed stands in NEWS.md.
func (b *builder) debianChangelog(t target) []byte {
	return fmt.Appendf(nil, "%s (%s) stable; urgency=medium\n\n  * Version %s. What a user notices stands in NEWS.md beside this file.\n\n -- %s  %s\n",
		t.pkg(), b.version, b.version, maintainer, b.at.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}

func (b *builder) gz(data []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	w.Write(data) // into memory: it cannot fail
	w.Close()
	return out.Bytes()
}

// needed are the libraries that the program loads.
type needed struct{ debian, sonames []string }

// packages are the Debian packages of libraries. A library that is not here is refused, so that no package forgets one.
var packages = map[string]string{"libc.so.6": "libc6 (>= 2.34)", "libm.so.6": "libc6 (>= 2.34)", "libpthread.so.0": "libc6 (>= 2.34)", "libdl.so.2": "libc6 (>= 2.34)", "libresolv.so.2": "libc6 (>= 2.34)",
	"ld-linux-x86-64.so.2": "libc6 (>= 2.34)", "ld-linux-aarch64.so.1": "libc6 (>= 2.34)", "libGL.so.1": "libgl1", "libX11.so.6": "libx11-6", "libXcursor.so.1": "libxcursor1", "libXrandr.so.2": "libxrandr2", "libXinerama.so.1": "libxinerama1",
	"libXi.so.6": "libxi6", "libXxf86vm.so.1": "libxxf86vm1", "libXrender.so.1": "libxrender1", "libXext.so.6": "libxext6"}

// opened are the libraries that the window's toolkit opens as it starts, and that the linker does not know of.
var opened = []string{"libX11.so.6", "libXcursor.so.1", "libXrandr.so.2", "libXinerama.so.1", "libXi.so.6", "libGL.so.1"}

func libraries(program string, t target) (needed, error) {
	f, err := elf.Open(program)
	if err != nil {
		return needed{}, err
	}
	defer f.Close()
	names, err := f.ImportedLibraries()
	if err != nil {
		return needed{}, err
	}
	if !t.headless {
		names = append(names, opened...)
	}
	var n needed
	for _, name := range names {
		pkg, ok := packages[name]
		if !ok {
			return needed{}, fmt.Errorf("the program needs %s; say in packages which Debian package has it", name)
		}
		if !slices.Contains(n.debian, pkg) {
			n.debian = append(n.debian, pkg)
		}
		if soname := name + "()(64bit)"; !slices.Contains(n.sonames, soname) {
			n.sonames = append(n.sonames, soname)
		}
	}
	slices.Sort(n.debian)
	slices.Sort(n.sonames)
	return n, nil
}

// info is what packagers ask for.
func (b *builder) info(t target, tree []file, depends []string) (*nfpm.Info, error) {
	info := &nfpm.Info{Name: t.pkg(), Arch: t.arch, Platform: "linux", Version: b.version, VersionSchema: "none", Release: "", Section: "devel", Priority: "optional", Maintainer: maintainer,
		Homepage: homepage, License: "MIT", MTime: b.at, Description: description(t), DisableGlobbing: true}
	other := "hookglass-headless"
	if t.headless {
		other = "hookglass"
	}
	info.Depends, info.Conflicts, info.Replaces = depends, []string{other}, []string{other}
	info.Deb.Compression, info.RPM.Compression, info.RPM.BuildHost, info.RPM.Group = "xz", "xz", "localhost", "Development/Tools"
	if !t.headless {
		info.Recommends = []string{"ca-certificates"}
		info.Suggests = []string{"gnome-keyring"}
	}
	for i, f := range tree {
		path := filepath.Join(b.work, "stage", t.pkg()+t.arch, fmt.Sprint(i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, f.bytes, f.mode); err != nil {
			return nil, err
		}
		info.Contents = append(info.Contents, &files.Content{Source: path, Destination: "/" + f.path, FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: f.mode, MTime: b.at}})
	}
	return info, nil
}

func description(t target) string {
	text := summary
	if t.headless {
		text += " (without its window)"
	}
	text += "\nHookglass keeps the webhooks that arrive byte for byte, shows why a signature\ndoes or does not verify, and composes, signs, sends and replays requests of\nits own. It emulates agent platforms, and simulates retries, rate limits and\noutages. Everything is kept in one file on this computer."
	if t.headless {
		text += "\n\nThis package has the commands alone, for servers, containers and CI."
	}
	return text
}

// tarball is the same tree below one folder, for systems with neither kind of package; bin, share and the rest go below a prefix.
func (b *builder) tarball(t target, tree []file) error {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(zip)
	readme := file{"README", fmt.Appendf(nil, "Hookglass %s, %s\n\nbin/hookglass runs where it is. To install it: cp -r bin share /usr/local/\nTo take it away, delete what of it is there; the history stays in ~/.local/share/hookglass.\n", b.version, homepage), 0o644}
	for _, f := range append([]file{readme}, tree...) {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: b.name(t) + "/" + strings.TrimPrefix(f.path, "usr/"), Mode: int64(f.mode), Size: int64(len(f.bytes)), ModTime: b.at, Uname: "root", Gname: "root", Format: tar.FormatPAX}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		if _, err := w.Write(f.bytes); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	return b.write(b.name(t)+".tar.gz", out.Bytes())
}
