package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The pages that users read. Every ```console block in them is run (docs_run_test.go), every link leads somewhere, and the pages below
// docs/reference are made from the program. HOOKGLASS_WRITE_DOCS=1, or make docs, writes what the program says now into them.
func writesDocs() bool { return os.Getenv("HOOKGLASS_WRITE_DOCS") != "" }

// page is a file of the documentation.
type page struct {
	name  string // below the root of the sources
	lines []string
}

func docPages(t *testing.T) (all []page) {
	t.Helper()
	var names []string
	for _, pattern := range []string{"../README.md", "../docs/*.md", "../docs/reference/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page{filepath.ToSlash(strings.TrimPrefix(name, "../")), strings.Split(string(text), "\n")})
	}
	if len(all) < 5 {
		t.Fatalf("only %d pages are found", len(all))
	}
	return all
}

// block is a fenced piece of a page: lines from..to-1 are its text.
type block struct {
	info     []string // what stands behind the fence
	from, to int
}

func (p *page) blocks() (all []block) {
	open := -1
	for i, line := range p.lines {
		fence := strings.TrimSpace(line)
		switch {
		case open < 0 && strings.HasPrefix(fence, "```"):
			open = i
			all = append(all, block{info: strings.Fields(strings.TrimPrefix(fence, "```")), from: i + 1})
		case open >= 0 && fence == "```":
			all[len(all)-1].to, open = i, -1
		}
	}
	if open >= 0 {
		all[len(all)-1].to = len(p.lines)
	}
	return all
}

// step is a command of a console block and what the page says that it prints.
type step struct {
	command string
	prints  []string
	at      int // line of the page where what it prints begins
}

// steps reads a console block: "$ " begins a command, "> " goes on with it, all else is printed by it.
func (p *page) steps(b block) (all []step) {
	for i := b.from; i < b.to; i++ {
		line := p.lines[i]
		switch {
		case strings.HasPrefix(line, "$ "):
			all = append(all, step{command: line[2:], at: i + 1})
		case strings.HasPrefix(line, "> ") && len(all) > 0 && len(all[len(all)-1].prints) == 0:
			all[len(all)-1].command += "\n" + line[2:]
			all[len(all)-1].at = i + 1
		case len(all) > 0:
			all[len(all)-1].prints = append(all[len(all)-1].prints, line)
		}
	}
	return all
}

// changing is what differs from run to run: times, durations, ports, tokens and process numbers.
var changing = []struct {
	like *regexp.Regexp
	is   string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?`), "DATE"},
	{regexp.MustCompile(`\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`), "DATE"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d(\.\d+)?\b`), "TIME"},
	{regexp.MustCompile(`\b(127\.0\.0\.1|localhost):\d{4,5}`), "HOST:PORT"},
	{regexp.MustCompile(`\b[A-Z2-7]{26}\b`), "TOKEN"},
	{regexp.MustCompile(`\b\d+(\.\d+)?\s?(ns|µs|ms|s)\b`), "SPAN"},
	{regexp.MustCompile(`\b\d+ combinations tried`), "N combinations tried"},
}

func plainLine(line string) string {
	for _, c := range changing {
		line = c.like.ReplaceAllString(line, c.is)
	}
	return strings.Join(strings.Fields(line), " ") // columns are as wide as what stands in them
}

// agree compares what a page says with what was printed. "…" stands for anything within a line, and alone for any lines.
func agree(said, printed []string) error {
	said, printed = slices.Clone(said), slices.Clone(printed)
	for len(said) > 0 && strings.TrimSpace(said[len(said)-1]) == "" {
		said = said[:len(said)-1]
	}
	for len(printed) > 0 && strings.TrimSpace(printed[len(printed)-1]) == "" {
		printed = printed[:len(printed)-1]
	}
	k := 0
	for i, line := range said {
		if strings.TrimSpace(line) == "…" {
			if i == len(said)-1 {
				return nil
			}
			for k < len(printed) && !sameLine(said[i+1], printed[k]) {
				k++
			}
			continue
		}
		if k >= len(printed) {
			return fmt.Errorf("the page goes on with %q, and the command ended", line)
		}
		if !sameLine(line, printed[k]) {
			return fmt.Errorf("the page says\n\t%s\nand the command\n\t%s", plainLine(line), plainLine(printed[k]))
		}
		k++
	}
	if k < len(printed) {
		return fmt.Errorf("the command goes on with %q", printed[k])
	}
	return nil
}

func sameLine(said, printed string) bool {
	parts := strings.Split(plainLine(said), "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	ok, err := regexp.MatchString("^"+strings.Join(parts, ".*")+"$", plainLine(printed))
	return ok && err == nil
}

func TestPagesAreComparedStrictly(t *testing.T) {
	same := [][2]string{{"a\nb", "a\nb\n"}, {"12:00:01.5 x", "23:59:59 x"}, {"a\n…\nd", "a\nb\nc\nd"}, {"v1=…", "v1=abc"}, {"a\n…", "a\nb"}, {"on 127.0.0.1:4600", "on 127.0.0.1:53211"}}
	other := [][2]string{{"a", "b"}, {"a", "a\nb"}, {"a\nb", "a"}, {"a\n…\nd", "a\nb"}, {"x v1=…", "y v1=1"}, {"", "a"}}
	for _, c := range same {
		if err := agree(strings.Split(c[0], "\n"), strings.Split(c[1], "\n")); err != nil {
			t.Errorf("%q and %q: %v", c[0], c[1], err)
		}
	}
	for _, c := range other {
		if agree(strings.Split(c[0], "\n"), strings.Split(c[1], "\n")) == nil {
			t.Errorf("%q is taken for %q", c[1], c[0])
		}
	}
}

var (
	linkLike = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"`)
	codeLike = regexp.MustCompile("`[^`]*`")
)

// TestLinksLeadSomewhere: within the pages, to files that are there and headings that they have.
func TestLinksLeadSomewhere(t *testing.T) {
	pages := docPages(t)
	headings := map[string][]string{}
	for _, p := range pages {
		headings[p.name] = p.headings()
	}
	links := 0
	for _, p := range pages {
		inBlock := func(i int) bool {
			return slices.ContainsFunc(p.blocks(), func(b block) bool { return i >= b.from-1 && i <= b.to })
		}
		for i, line := range p.lines {
			if inBlock(i) {
				continue
			}
			for _, m := range linkLike.FindAllStringSubmatch(codeLike.ReplaceAllString(line, ""), -1) {
				to := m[1] + m[2]
				if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") {
					continue // no network here
				}
				links++
				path, heading, _ := strings.Cut(to, "#")
				target := p.name
				if path != "" {
					target = filepath.ToSlash(filepath.Join(filepath.Dir(p.name), path))
				}
				if _, err := os.Stat(filepath.Join("..", target)); err != nil {
					t.Errorf("%s:%d: %s leads nowhere", p.name, i+1, to)
				} else if heading != "" && !slices.Contains(headings[target], heading) {
					t.Errorf("%s:%d: %s has no heading %q; it has %s", p.name, i+1, target, heading, strings.Join(headings[target], ", "))
				}
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links were looked at", links)
	}
}

// headings are the names that links give to the headings of a page.
func (p *page) headings() (all []string) {
	drop := regexp.MustCompile(`[^\p{L}\p{N}\- ]`)
	fenced := false
	for _, line := range p.lines {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		if text := strings.TrimLeft(line, "#"); !fenced && text != line && strings.HasPrefix(text, " ") {
			all = append(all, strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(strings.TrimSpace(text)), ""), " ", "-"))
		}
	}
	return all
}

// TestEveryPageIsFound: from the README, by links.
func TestEveryPageIsFound(t *testing.T) {
	pages := docPages(t)
	linked := map[string]bool{"README.md": true}
	for range pages {
		for _, p := range pages {
			if !linked[p.name] {
				continue
			}
			for _, m := range linkLike.FindAllStringSubmatch(strings.Join(p.lines, "\n"), -1) {
				path, _, _ := strings.Cut(m[1]+m[2], "#")
				linked[filepath.ToSlash(filepath.Join(filepath.Dir(p.name), path))] = true
			}
		}
	}
	for _, p := range pages {
		if !linked[p.name] {
			t.Errorf("no link leads to %s", p.name)
		}
	}
}
