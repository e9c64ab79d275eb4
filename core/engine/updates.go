package engine

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// DefaultFeed lists the releases of Hookglass, as Atom.
const DefaultFeed = "https://github.com/hookglass/hookglass/releases.atom"

// Updates asks a feed of releases whether there is a newer version: only where the user switched that on, that address and nothing
// else, with no word about who asks.
type Updates struct{ store *store.Store }

// UpdateChoice is whether to look for updates, and where.
type UpdateChoice struct {
	On   bool   `json:"on,omitempty"`
	Feed string `json:"feed,omitempty"` // empty: DefaultFeed
}

const updatesSetting = "updates"

// Choice reads what the user chose: nothing, unless he did.
func (u *Updates) Choice(ctx context.Context) (c UpdateChoice) {
	if u.store.Setting(ctx, updatesSetting, &c) != nil {
		return UpdateChoice{}
	}
	return c
}

// Choose keeps what the user chose.
func (u *Updates) Choose(c UpdateChoice) error {
	c.Feed = strings.TrimSpace(c.Feed)
	if c.Feed == DefaultFeed {
		c.Feed = ""
	}
	if c.Feed != "" {
		if _, err := feedAddress(c.Feed); err != nil {
			return err
		}
	}
	return u.store.PutSetting(updatesSetting, c)
}

// feedAddress reads the address of a feed: over TLS, or on this machine.
func feedAddress(text string) (*url.URL, error) {
	f, err := url.Parse(text)
	if err != nil || f.Host == "" || f.User != nil || f.Scheme != "https" && (f.Scheme != "http" || !Loopback(text)) {
		return nil, &core.Invalid{Field: "feed", Reason: "want https://HOST/PATH of a list of releases as Atom"}
	}
	return f, nil
}

// Release is a version that a feed names.
type Release struct {
	Version string
	Page    string // about it; empty where the feed names none at its own host
}

// Bounds of what is asked.
const (
	feedPatience = 20 * time.Second
	feedBytes    = 1 << 20
)

// Newer asks the feed now. It returns nil where no version is newer than the one that runs.
func (u *Updates) Newer(ctx context.Context, running string) (*Release, error) {
	text := u.Choice(ctx).Feed
	if text == "" {
		text = DefaultFeed
	}
	feed, err := feedAddress(text)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, feedPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, feed.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "Hookglass")
	req.Header.Set("Accept", "application/atom+xml")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("look for updates: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("look for updates: %s answers %d; try again later, or name another feed", feed.Host, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, feedBytes+1))
	if err == nil && len(body) > feedBytes {
		err = errors.New("the feed is longer than a megabyte")
	}
	if err != nil {
		return nil, fmt.Errorf("look for updates: %w", err)
	}
	newest, err := newestOf(body, feed)
	if err != nil || newest == nil || !laterVersion(newest.Version, running) {
		return nil, err
	}
	return newest, nil
}

var versionLike = regexp.MustCompile(`^v?(\d{1,6}\.\d{1,6}\.\d{1,6})$`)

// newestOf reads a feed: a stranger's text, of which it takes a version number and a page at the feed's own host.
func newestOf(body []byte, feed *url.URL) (*Release, error) {
	var doc struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Entries []struct {
			Title string `xml:"title"`
			Links []struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("look for updates: the feed is no Atom: %w", err)
	}
	var newest *Release
	for _, e := range doc.Entries {
		words := strings.Fields(e.Title)
		if len(words) == 0 {
			continue
		}
		m := versionLike.FindStringSubmatch(words[len(words)-1]) // "v0.2.0", "Hookglass 0.2.0"
		if m == nil || newest != nil && !laterVersion(m[1], newest.Version) {
			continue
		}
		newest = &Release{Version: m[1]}
		for _, l := range e.Links {
			if page, err := feed.Parse(l.Href); err == nil && page.Scheme == feed.Scheme && page.Host == feed.Host && page.User == nil {
				newest.Page = page.String()
			}
		}
	}
	return newest, nil
}

// laterVersion reports whether a is a later version than b; what is no version is later than nothing.
func laterVersion(a, b string) bool {
	x, y := versionLike.FindStringSubmatch(a), versionLike.FindStringSubmatch(b)
	if x == nil || y == nil {
		return false
	}
	left, right := strings.Split(x[1], "."), strings.Split(y[1], ".")
	for i := range left {
		n, _ := strconv.Atoi(left[i])
		m, _ := strconv.Atoi(right[i])
		if n != m {
			return n > m
		}
	}
	return false
}
