package engine

import (
	"context"
	"slices"
	"strings"

	"hookglass/core"
)

const newsSetting = "news"

// seenNews is what the user was shown of this program.
type seenNews struct {
	Version string `json:"version,omitempty"`
	Welcome bool   `json:"welcome,omitempty"`
}

// Greeting is what a window has to say as it opens.
type Greeting struct {
	Welcome bool // this is the first time, on a history with nothing in it
	Updated bool // another version than the last time
}

// Greet says what to say to the user of this version, once.
func (e *Engine) Greet(ctx context.Context, version string) (g Greeting, err error) {
	var seen seenNews
	if err := e.Store.Setting(ctx, newsSetting, &seen); err != nil || e.ReadOnly() != "" {
		return g, err
	}
	if !seen.Welcome {
		use, err := e.Store.Usage(ctx)
		sources, other := e.Store.Sources(ctx)
		if err != nil || other != nil {
			return g, err
		}
		own := slices.ContainsFunc(sources, func(src core.Source) bool { return src.Name != firstSource })
		g.Welcome = use.Captures == 0 && !own
	}
	g.Updated = seen.Version != "" && seen.Version != version && !g.Welcome
	if now := (seenNews{version, true}); now != seen {
		err = e.Store.PutSetting(newsSetting, now)
	}
	return g, err
}

// Changes are a section of the change log.
type Changes struct {
	Title  string
	Points []string // a line that begins with # is a heading
}

// ChangesOf reads the newest sections of a change log, so many at the most.
func ChangesOf(changelog string, most int) (all []Changes) {
	for line := range strings.Lines(changelog) {
		line = strings.TrimRight(line, "\r\n")
		if title, ok := strings.CutPrefix(line, "## "); ok {
			if len(all) == most {
				return all
			}
			all = append(all, Changes{Title: title})
			continue
		}
		if len(all) == 0 || strings.TrimSpace(line) == "" {
			continue
		}
		now := &all[len(all)-1]
		switch text := strings.TrimSpace(line); {
		case strings.HasPrefix(line, "### "):
			now.Points = append(now.Points, "# "+strings.TrimPrefix(text, "### "))
		case strings.HasPrefix(line, "- "):
			now.Points = append(now.Points, strings.TrimPrefix(text, "- "))
		case strings.HasPrefix(line, "  ") && len(now.Points) > 0:
			now.Points[len(now.Points)-1] += " " + text
		default:
			now.Points = append(now.Points, text)
		}
	}
	return all
}
