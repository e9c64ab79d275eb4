package core

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// LinkScheme is what addresses begin with that the system hands to Hookglass.
const LinkScheme = "hookglass:"

// Link is what a hookglass:// address asks for. Anybody can write one, on a page or in a mail: it is a wish that the user is asked
// about, and never more than one could do by hand.
type Link struct {
	Capture CaptureID // hookglass://capture/7
	File    string    // hookglass://open?file=/home/me/session.har: shown, not taken in
	Invite  string    // hookglass://join/eyJ2Ijox…, whole: into a team's space, and never in without the user's word
}

// Words say what a link asks for, as a question goes on.
func (l Link) Words() string {
	if l.Invite != "" {
		return "follow a team's space"
	}
	if l.File != "" {
		return "show what is in the file " + Visible(l.File)
	}
	return "show capture " + strconv.FormatInt(int64(l.Capture), 10)
}

// ParseLink reads a hookglass:// address. What it does not know is refused, so that an old program never guesses what a new link means.
func ParseLink(text string) (Link, error) {
	refuse := func(reason string) (Link, error) { return Link{}, &Invalid{Field: "link", Reason: reason} }
	const want = "want hookglass://capture/NUMBER, hookglass://open?file=PATH or hookglass://join/INVITE"
	u, err := url.Parse(text)
	if err != nil || !strings.EqualFold(u.Scheme+":", LinkScheme) || u.Opaque != "" || u.User != nil || u.Fragment != "" {
		return refuse(want)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return refuse(want)
	}
	switch strings.ToLower(u.Host) { // with a port it is none of these
	case "capture":
		n, err := strconv.ParseInt(strings.TrimPrefix(u.Path, "/"), 10, 64)
		if err != nil || n <= 0 || len(query) > 0 {
			return refuse("names no capture; want hookglass://capture/NUMBER")
		}
		return Link{Capture: CaptureID(n)}, nil
	case "open":
		file := query.Get("file")
		if len(query) != 1 || len(query["file"]) != 1 || strings.Trim(u.Path, "/") != "" {
			return refuse("names no file; want hookglass://open?file=PATH")
		}
		return fileLink(file)
	case "join":
		return inviteLink(u, len(query))
	}
	return refuse("asks for something that this version does not know; " + want)
}

// longestInvite is several times what one with eight brokers takes.
const longestInvite = 8 << 10

// inviteLink takes an invite as it is written: what it holds is read by who asks about it.
func inviteLink(u *url.URL, queries int) (Link, error) {
	body := strings.TrimPrefix(u.EscapedPath(), "/")
	odd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	}
	switch {
	case len(body) > longestInvite:
		return Link{}, &Invalid{Field: "link", Reason: "is longer than an invite; ask for a new one"}
	case body == "", queries > 0, strings.ContainsFunc(body, odd):
		return Link{}, &Invalid{Field: "link", Reason: "is no invite; want the whole line that hookglass hub invite printed"}
	}
	return Link{Invite: LinkScheme + "//join/" + body}, nil
}

// fileLink takes a path on this computer alone: another one's would tell its owner who followed the link.
func fileLink(file string) (Link, error) {
	switch {
	case strings.HasPrefix(file, "//"), strings.HasPrefix(file, `\`), strings.HasPrefix(file, `/\`):
		return Link{}, &Invalid{Field: "link", Reason: "names a file of another computer; copy it to this one and open it by hand"}
	case !filepath.IsAbs(file), strings.ContainsRune(file, 0):
		return Link{}, &Invalid{Field: "link", Reason: "want the whole path of a file"}
	}
	return Link{File: filepath.Clean(file)}, nil
}

// LocalFile is the path that a file: address names, as desktops hand one over; an address of another computer is refused.
func LocalFile(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Scheme, "file") || u.Opaque != "" {
		return "", &Invalid{Field: "FILE", Reason: "want a path, or file:///PATH"}
	}
	if u.Host != "" && u.Host != "localhost" {
		return "", &Invalid{Field: "FILE", Reason: "is on another computer; copy it to this one first"}
	}
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' { // file:///C:/…
		path = path[1:]
	}
	return filepath.FromSlash(path), nil
}

// Opening is what the window is opened with, or brought to the front for: a file, a link, or neither.
type Opening struct {
	File string
	Link Link
}
