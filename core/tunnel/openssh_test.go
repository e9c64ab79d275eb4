//go:build unix

package tunnel_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"hookglass/core/tunnel"
	"hookglass/core/tunnel/edgetest"
)

// Once against the real thing: OpenSSH's server, run by and for the user who runs the test.
func TestRealOpenSSH(t *testing.T) {
	sshd, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		t.Skip("no /usr/sbin/sshd here (Debian: openssh-server)")
	}
	me, drop := runAs(t)
	dir := openDir(t)
	hostKey := writeKey(t, filepath.Join(dir, "host"))
	myKey := writeKey(t, filepath.Join(dir, "me"))
	write(t, filepath.Join(dir, "authorized"), string(ssh.MarshalAuthorizedKey(myKey)))
	port := edgetest.Port(t)
	write(t, filepath.Join(dir, "config"), fmt.Sprintf(`
ListenAddress 127.0.0.1
Port %d
HostKey %s
AuthorizedKeysFile %s
PidFile none
UsePAM yes
StrictModes no
PasswordAuthentication no
PermitRootLogin prohibit-password
AllowTcpForwarding yes
`, port, filepath.Join(dir, "host"), filepath.Join(dir, "authorized")))
	own(t, dir, drop)
	said := runSSHD(t, sshd, filepath.Join(dir, "config"), port, drop)
	write(t, filepath.Join(dir, "known"), knownhosts.Line([]string{knownhosts.Normalize(fmt.Sprintf("127.0.0.1:%d", port))}, hostKey)+"\n")

	r := start(t, tunnel.Config{Provider: "ssh", SSH: tunnel.SSH{
		Host: "127.0.0.1", Port: port, User: me.Username,
		KeyFile: filepath.Join(dir, "me"), KnownHosts: filepath.Join(dir, "known"), Remote: "127.0.0.1:0",
	}}, echo())
	e, _ := r.wait(0, func(e tunnel.Event) bool { return e.State != tunnel.Connecting || e.Code != "" })
	if e.State != tunnel.Online {
		t.Fatalf("got %+v; the server says:\n%s", e, said)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	body := bytes.Repeat([]byte("0123456789abcdef"), 64<<10) // 1 MiB
	for range 2 {
		resp, got := post(t, client, e.URL+"/in?q=%41;x", body[:150<<10])
		if !bytes.Equal(got, body[:150<<10]) || resp.Header.Get("X-Target") != "/in?q=%41;x" {
			t.Errorf("got %s, %d bytes, target %q", resp.Status, len(got), resp.Header.Get("X-Target"))
		}
	}
	if err := r.close(); err != nil {
		t.Errorf("Run: %v", err)
	}
}

// runSSHD runs a server until the test ends, and returns what it says.
func runSSHD(t *testing.T, sshd, config string, port int, as *syscall.SysProcAttr) *lockedBuffer {
	t.Helper()
	said := &lockedBuffer{}
	cmd := exec.Command(sshd, "-D", "-e", "-f", config)
	cmd.Stderr, cmd.SysProcAttr = said, as
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
	})
	up := false
	within(t, "sshd listens or ends", func() bool {
		select {
		case <-ended:
			return true
		default:
		}
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			conn.Close()
			up = true
		}
		return up
	})
	if !up {
		t.Skipf("sshd does not run here as it is: %s", said)
	}
	return said
}

// runAs is who runs the server: the current user, or nobody for root, because as root it wants directories of the system.
func runAs(t *testing.T) (*user.User, *syscall.SysProcAttr) {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if me.Uid != "0" {
		return me, nil
	}
	if me, err = user.Lookup("nobody"); err != nil {
		t.Skip("run by root, and there is no user nobody")
	}
	uid, _ := strconv.ParseUint(me.Uid, 10, 32)
	gid, _ := strconv.ParseUint(me.Gid, 10, 32)
	return me, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// own gives the files to the server's user, where that is another.
func own(t *testing.T, dir string, as *syscall.SysProcAttr) {
	t.Helper()
	if as == nil {
		return
	}
	for _, name := range []string{"host", "authorized", "config"} {
		if err := os.Chown(filepath.Join(dir, name), int(as.Credential.Uid), int(as.Credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

// openDir is a directory that another user can read.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sshd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func writeKey(t *testing.T, path string) ssh.PublicKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(pem.EncodeToMemory(block)))
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer.PublicKey()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
