package tunnel

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"time"

	"golang.org/x/crypto/ssh"
)

// Services tell the public address in what they print to a shell.

// greetingLimit is how much of it is read for an address.
const greetingLimit = 64 << 10

// controls are the colours and cursor moves of a terminal, which stand in the middle of addresses.
var controls = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]`)

type greeting struct {
	found chan string // the address
	text  chan string // all of it, when it ended without one
}

// listenToGreeting opens a shell and reads what it prints, until the connection ends.
func listenToGreeting(conn ssh.Conn, pattern *regexp.Regexp) (*greeting, error) {
	ch, reqs, err := conn.OpenChannel("session", nil)
	if err != nil {
		return nil, err
	}
	go ssh.DiscardRequests(reqs)
	g := &greeting{make(chan string, 1), make(chan string, 1)}
	go io.Copy(io.Discard, ch.Stderr())
	go g.read(ch, pattern)
	if _, err := ch.SendRequest("shell", true, nil); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *greeting) read(r io.Reader, pattern *regexp.Regexp) {
	var all []byte
	chunk := make([]byte, 4096)
	for {
		n, err := r.Read(chunk)
		all = append(all, chunk[:n]...)
		if url := FindURL(all, pattern, err != nil); url != "" {
			g.found <- url
			io.Copy(io.Discard, r) // or the server would wait for us to read
			return
		}
		if err != nil || len(all) > greetingLimit {
			g.text <- string(controls.ReplaceAll(all, nil))
			io.Copy(io.Discard, r)
			return
		}
	}
}

// FindURL looks for the public address in a greeting: the pattern's first group, or all it matches. Until the greeting
// is complete, an address at its very end may go on in the next piece, and is not taken.
func FindURL(text []byte, pattern *regexp.Regexp, complete bool) string {
	text = controls.ReplaceAll(text, nil)
	m := pattern.FindSubmatchIndex(text)
	if m == nil || !complete && m[1] == len(text) {
		return ""
	}
	if len(m) > 2 && m[2] >= 0 {
		m = m[2:]
	}
	return string(bytes.TrimRight(text[m[0]:m[1]], "/.,"))
}

func (g *greeting) wait(d time.Duration) (string, error) {
	clock := time.NewTimer(d)
	defer clock.Stop()
	select {
	case url := <-g.found:
		return url, nil
	case text := <-g.text:
		return "", &coded{"no_url", errors.New("the greeting was: " + text)}
	case <-clock.C:
		return "", &coded{"no_url", errors.New("no address in the greeting")}
	}
}
