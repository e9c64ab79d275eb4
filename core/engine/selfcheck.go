package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"hookglass/core/store"
)

// Condition is one thing that the self-check looked at.
type Condition struct {
	Subject string `json:"subject"`
	State   string `json:"state"` // Fine, Odd or Broken
	Says    string `json:"says"`
	Next    string `json:"next,omitempty"` // what to do about it
}

// The states of a Condition.
const (
	Fine   = "fine"
	Odd    = "odd" // Hookglass works, and something is not as it should be
	Broken = "broken"
)

// Selfcheck looks at what Hookglass needs of this machine. It reads, and calls nobody outside of it. What it says is for a report
// to strangers: no secret, no address that is not this machine's, and the user's folder as ~.
type Selfcheck struct {
	Home    string
	Keyring func() error // asks the system's for something that it need not have; nil: there is none
	Running string       // what runs on this home now; empty: nothing
	Window  bool         // this program has one
	Free    func(folder string) (bytes uint64, err error)
	Environ func(name string) string
	Dial    func(network, address string) error // reaches a display
}

// Run looks at one thing after the other.
func (s Selfcheck) Run(ctx context.Context) []Condition {
	all := []Condition{s.home(), s.disk()}
	st, err := store.OpenRead(ctx, HistoryPath(s.Home))
	all = append(all, s.history(ctx, st, err))
	all = append(all, s.port(ctx, st), s.keyring(), s.display(), s.tunnel(ctx, st))
	if st != nil {
		st.Close()
	}
	for i := range all {
		all[i].Says, all[i].Next = s.masked(all[i].Says), s.masked(all[i].Next)
	}
	return all
}

// masked takes the user's name out of paths.
func (s Selfcheck) masked(text string) string {
	if user, err := os.UserHomeDir(); err == nil && len(user) > 1 {
		text = strings.ReplaceAll(text, user, "~")
	}
	return text
}

func (s Selfcheck) home() Condition {
	c := Condition{Subject: "home", State: Fine, Says: s.Home}
	info, err := os.Stat(s.Home)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Says += ", made at the first start"
		return c
	case err != nil:
		return Condition{"home", Broken, err.Error(), "name another folder with --home DIR"}
	case !info.IsDir():
		return Condition{"home", Broken, s.Home + " is a file", "name a folder with --home DIR"}
	}
	f, err := os.CreateTemp(s.Home, ".selfcheck")
	if err != nil {
		return Condition{"home", Broken, err.Error(), "make the folder writable for you, or name another one with --home DIR"}
	}
	f.Close()
	os.Remove(f.Name())
	c.Says += ", writable"
	if open := info.Mode().Perm() & 0o077; open != 0 && runtime.GOOS != "windows" {
		c.State, c.Next = Odd, "others of this machine can look into it: chmod 700 it"
	}
	return c
}

// room is a number of bytes in words.
func room(bytes uint64) string {
	if bytes < 1<<30 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}

// How much room there should be.
const (
	tightDisk = 1 << 30
	fullDisk  = 50 << 20
)

func (s Selfcheck) disk() Condition {
	folder := s.Home
	for folder != filepath.Dir(folder) {
		if _, err := os.Stat(folder); err == nil {
			break
		}
		folder = filepath.Dir(folder)
	}
	free, err := s.Free(folder)
	switch {
	case err != nil:
		return Condition{"disk", Odd, "how much is free cannot be read: " + err.Error(), ""}
	case free < fullDisk:
		return Condition{"disk", Broken, room(free) + " free", "make room: what cannot be kept is answered with 503"}
	case free < tightDisk:
		return Condition{"disk", Odd, room(free) + " free", "make room, or bound the history more tightly: Settings, History"}
	}
	return Condition{"disk", Fine, room(free) + " free", ""}
}

func (s Selfcheck) history(ctx context.Context, st *store.Store, err error) Condition {
	if st == nil {
		if _, missing := os.Stat(HistoryPath(s.Home)); errors.Is(missing, fs.ErrNotExist) {
			return Condition{"history", Fine, "none yet", ""}
		}
		return Condition{"history", Broken, err.Error(), "keep a copy of the folder before anything else, then start Hookglass with another --home"}
	}
	use, err := st.Usage(ctx)
	if err != nil {
		return Condition{"history", Broken, err.Error(), "keep a copy of the folder before anything else, then start Hookglass with another --home"}
	}
	said := fmt.Sprintf("%d captures in %s", use.Captures, room(uint64(use.Bytes)))
	if s.Running != "" {
		said += ", open in " + s.Running
	}
	return Condition{"history", Fine, said, ""}
}

func (s Selfcheck) port(ctx context.Context, st *store.Store) Condition {
	addr := DefaultAddr
	if st != nil {
		addr = (&Address{store: st}).wanted(ctx)
	}
	ln, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		ln.Close()
		return Condition{"port", Fine, addr + " is free", ""}
	case s.Running != "":
		return Condition{"port", Fine, addr + " is taken, by Hookglass or another program", ""}
	}
	return Condition{"port", Odd, addr + ": " + reason(err).Error(), "the next free one is taken instead; choose another in Settings, Address, or end what has it"}
}

func (s Selfcheck) keyring() Condition {
	if s.Keyring == nil {
		return Condition{"keyring", Odd, "none", "secrets last for a run, or come from the environment"}
	}
	answer := make(chan error, 1)
	go func() { answer <- s.Keyring() }()
	const next = "start or unlock it (on Linux a Secret Service such as gnome-keyring); until then secrets last for a run, or come from the environment"
	select {
	case err := <-answer:
		if err != nil {
			return Condition{"keyring", Odd, "does not answer: " + err.Error(), next}
		}
	case <-time.After(keyringPatience):
		return Condition{"keyring", Odd, fmt.Sprintf("did not answer in %v; it may be asking for its password", keyringPatience), next}
	}
	return Condition{"keyring", Fine, "answers", ""}
}

// keyringPatience is how long the self-check waits for one that may be asking its user something.
const keyringPatience = 5 * time.Second

func (s Selfcheck) display() Condition {
	x, wayland := s.Environ("DISPLAY"), s.Environ("WAYLAND_DISPLAY")
	switch {
	case !s.Window:
		return Condition{"display", Fine, "not needed: this program has no window", ""}
	case runtime.GOOS != "linux":
		return Condition{"display", Fine, "the system's", ""}
	case x == "" && wayland == "":
		return Condition{"display", Odd, "none (DISPLAY is not set)", "hookglass serve works without one"}
	case x == "":
		return Condition{"display", Broken, "Wayland without XWayland (DISPLAY is not set)", "install xwayland and log in again"}
	}
	network, address := displayAddress(x)
	if err := s.Dial(network, address); err != nil {
		return Condition{"display", Broken, "DISPLAY=" + x + " does not answer: " + err.Error(), "set DISPLAY to the display that you sit at; over ssh, use ssh -X"}
	}
	if wayland != "" {
		return Condition{"display", Fine, "DISPLAY=" + x + " answers, under Wayland", ""}
	}
	return Condition{"display", Fine, "DISPLAY=" + x + " answers", ""}
}

// displayAddress is where the display of a name like :0, :0.0 or host:10.0 listens.
func displayAddress(name string) (network, address string) {
	host, number, _ := strings.Cut(name, ":")
	number, _, _ = strings.Cut(number, ".")
	if host == "" || host == "unix" {
		return "unix", "/tmp/.X11-unix/X" + number
	}
	n := 0
	fmt.Sscan(number, &n)
	return "tcp", net.JoinHostPort(host, fmt.Sprint(6000+n))
}

func (s Selfcheck) tunnel(ctx context.Context, st *store.Store) Condition {
	var set TunnelSettings
	if st == nil || st.Setting(ctx, tunnelSetting, &set) != nil || set.Provider == "" {
		return Condition{"tunnel", Fine, "not set up", ""}
	}
	c := Condition{"tunnel", Fine, set.Provider + " is set up", ""}
	if set.Provider == "ngrok" {
		if set.Authtoken == "" && s.Environ("NGROK_AUTHTOKEN") == "" {
			return Condition{"tunnel", Odd, "ngrok, without a token", "put one in at Settings, Tunnel, or set NGROK_AUTHTOKEN"}
		}
		c.Says += ", with a token"
	}
	return c
}
