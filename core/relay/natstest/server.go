// Package natstest runs a nats-server as a process of its own, for tests: one that can be killed.
package natstest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is a nats-server.
type Server struct {
	t     testing.TB
	path  string // of its settings
	Port  string
	cmd   *exec.Cmd
	out   *os.File
	ended chan struct{}
}

// program is the path of the nats-server, built by the module in script/natsserver where it is not built yet.
var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("HOOKGLASS_NATS_SERVER"); path != "" {
		return path, nil
	}
	_, here, _, _ := runtime.Caller(0)
	cmd := exec.Command("go", "tool", "-n", "nats-server")
	cmd.Dir = filepath.Join(filepath.Dir(here), "..", "..", "..", "script", "natsserver")
	cmd.Env = append(os.Environ(), "GOFLAGS=")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, said.String())
	}
	return strings.TrimSpace(string(out)), nil
})

// Free is a port that nobody listens on.
func Free(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return port
}

// New makes a server with settings beside its port, and starts it. The test ends it.
func New(t testing.TB, port, settings string) *Server {
	t.Helper()
	if _, err := program(); err != nil {
		t.Skip("there is no nats-server, and none can be built here: ", err)
	}
	s := &Server{t: t, Port: port, path: filepath.Join(t.TempDir(), "nats.conf")}
	s.Settings(settings)
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// Settings writes other settings; Reload has them read.
func (s *Server) Settings(text string) {
	s.t.Helper()
	text = fmt.Sprintf("listen: \"127.0.0.1:%s\"\n%s\n", s.Port, text)
	if err := os.WriteFile(s.path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// Start starts it, and returns when it listens.
func (s *Server) Start() {
	s.t.Helper()
	path, err := program()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := os.OpenFile(s.path+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command(path, "-c", s.path)
	s.cmd.Stdout, s.cmd.Stderr = out, out
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.out = out
	ended := make(chan struct{})
	go func() { defer close(ended); s.cmd.Wait() }()
	s.ended = ended
	for deadline := time.Now().Add(5 * time.Minute); ; {
		c, err := net.DialTimeout("tcp", "127.0.0.1:"+s.Port, time.Minute)
		if err == nil {
			c.Close()
			return
		}
		over := time.Now().After(deadline)
		select {
		case <-ended:
			over = true
		case <-time.After(20 * time.Millisecond):
		}
		if over {
			log, _ := os.ReadFile(s.path + ".log")
			s.t.Fatalf("the nats-server does not listen: %v\n%s", err, log)
		}
	}
}

// Kill ends it as a power cut does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	<-s.ended
	s.out.Close()
	s.cmd = nil
}

// Reload has it read its settings anew, twice: a new account gets its imports at the second time.
func (s *Server) Reload() {
	s.t.Helper()
	path, err := program()
	if err != nil {
		s.t.Fatal(err)
	}
	for range 2 {
		if out, err := exec.Command(path, "--signal", fmt.Sprintf("reload=%d", s.cmd.Process.Pid)).CombinedOutput(); err != nil {
			s.t.Fatalf("reload: %v: %s", err, out)
		}
	}
}
