package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// resources puts the icon, the version and the manifest beside the sources, where Go links them in; forget takes them away again.
func (b *builder) resources(t target) (forget func(), err error) {
	object := filepath.Join(b.root, "app", "rsrc_windows_"+t.arch+".syso")
	forget = func() { os.Remove(object) }
	return forget, b.compileResources(t, object, "hookglass.exe")
}

// compileResources compiles the icon, the version and the manifest for a program of that name.
func (b *builder) compileResources(t target, object, program string) error {
	ico, err := b.ico()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(b.work, "resources")
	if err != nil {
		return err
	}
	manifest, err := os.ReadFile(filepath.Join(b.root, "script", "pack", "files", "hookglass.manifest"))
	if err != nil {
		return err
	}
	script, err := b.filled("hookglass.rc", "PROGRAM", program, "NUMBERS", strings.ReplaceAll(strings.SplitN(b.version, "-", 2)[0], ".", ",")+",0")
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"hookglass.ico": ico, "hookglass.manifest": manifest, "hookglass.rc": script} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			return err
		}
	}
	return b.call(folder, t.windres, "--output-format=coff", "-o", object, "hookglass.rc")
}

// filled is a file of ours with its words replaced; VERSION and HOMEPAGE are in all.
func (b *builder) filled(name string, pairs ...string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(b.root, "script", "pack", "files", name))
	return []byte(strings.NewReplacer(append(pairs, "@VERSION@", b.version, "@HOMEPAGE@", homepage)...).Replace(string(text))), err
}

// call runs a tool; where it is not there, the error says which it is.
func (b *builder) call(folder, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, os.Stderr, os.Stderr
	cmd.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", b.at.Unix()))
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// windows makes the zip, and the installer where there is a window to install.
func (b *builder) windows(t target, program string, linked []part) error {
	folder := filepath.Join(b.work, "windows"+t.pkg())
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	bin, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	copyright, err := b.copyright(linked)
	if err != nil {
		return err
	}
	news, err := os.ReadFile(filepath.Join(b.root, "docs", "changelog.md"))
	if err != nil {
		return err
	}
	readme, err := b.filled("README-windows.txt")
	if err != nil {
		return err
	}
	tree := []file{{"hookglass.exe", bin, 0o755}, {"LICENCES.txt", copyright, 0o644}, {"NEWS.md", news, 0o644}, {"README.txt", readme, 0o644}}
	if !t.headless {
		start, err := b.starter(t)
		if err != nil {
			return err
		}
		tree = append(tree, file{"hookglassw.exe", start, 0o755})
	}
	for i := range tree {
		path := filepath.Join(folder, tree[i].path)
		if err := os.WriteFile(path, tree[i].bytes, tree[i].mode); err != nil {
			return err
		}
		if strings.HasSuffix(path, ".exe") {
			if err := b.sign(path); err != nil {
				return err
			}
			if tree[i].bytes, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		if err := os.Chtimes(path, b.at, b.at); err != nil {
			return err
		}
	}
	if err := b.zip(t, tree); err != nil || t.headless {
		return err
	}
	return b.installer(t, folder)
}

// starter is hookglassw.exe: it starts hookglass.exe without the black window of a console.
func (b *builder) starter(t target) ([]byte, error) {
	object, out := filepath.Join(b.work, "starter.o"), filepath.Join(b.work, "hookglassw.exe")
	if err := b.compileResources(t, object, "hookglassw.exe"); err != nil {
		return nil, err
	}
	if err := b.call(filepath.Join(b.root, "script", "pack", "files"), t.cc, "-Os", "-s", "-municode", "-mwindows", "-Wall", "-Werror", "-Wl,--no-insert-timestamp", "-o", out, "hookglassw.c", object); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
}

// sign signs a program where a certificate is given: HOOKGLASS_SIGN_PFX names it, HOOKGLASS_SIGN_PASSWORD_FILE the file with its password.
func (b *builder) sign(path string) error {
	pfx := os.Getenv("HOOKGLASS_SIGN_PFX")
	if pfx == "" {
		return nil
	}
	signed := path + ".signed"
	args := []string{"sign", "-pkcs12", pfx, "-h", "sha256", "-n", "Hookglass", "-i", homepage, "-in", path, "-out", signed}
	if password := os.Getenv("HOOKGLASS_SIGN_PASSWORD_FILE"); password != "" {
		args = append(args, "-readpass", password)
	}
	if err := b.call(b.work, "osslsigncode", args...); err != nil {
		return err
	}
	return os.Rename(signed, path)
}

func (b *builder) zip(t target, tree []file) error {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range tree {
		h := &zip.FileHeader{Name: b.name(t) + "/" + f.path, Method: zip.Deflate, Modified: b.at}
		h.SetMode(f.mode)
		entry, err := w.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.bytes); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return b.write(b.name(t)+".zip", out.Bytes())
}

// installer packs what lies in folder with NSIS, where that is there; the zip is whole without it.
func (b *builder) installer(t target, folder string) error {
	if _, err := exec.LookPath("makensis"); err != nil {
		fmt.Fprintln(os.Stderr, "pack: no installer for Windows: makensis is missing (Debian's package nsis)")
		return nil
	}
	ico, err := b.ico()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "hookglass.ico"), ico, 0o644); err != nil {
		return err
	}
	if err := os.Chtimes(filepath.Join(folder, "hookglass.ico"), b.at, b.at); err != nil {
		return err
	}
	name := b.name(t) + "-setup.exe"
	out := filepath.Join(b.work, name)
	if err := b.call(folder, "makensis", "-V2", "-DVERSION="+b.version, "-DHOMEPAGE="+homepage, "-DOUT="+out, "-DFROM="+folder, filepath.Join(b.root, "script", "pack", "files", "hookglass.nsi")); err != nil {
		return err
	}
	if err := b.sign(out); err != nil {
		return err
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	return b.write(name, data)
}
