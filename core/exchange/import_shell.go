package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"hookglass/core"
)

// command is a simple command: its words as it would get them.
type command struct {
	words []string
	line  uint
	stdin []byte // what is fed into it; nil: nothing that is known
	fed   error  // why that is not known, where it is fed at all
	err   error  // why it cannot be read

	files   map[string][]byte // what the text wrote before it
	request *core.Request     // what PowerShell's own commands send
}

// shell reads a text as a shell would as far as words are concerned. Nothing is run and no file is read: variables are
// those that the text sets, and what only a run would show is refused with the words for it.
type shell struct {
	vars  map[string]string
	files map[string][]byte // what the text itself writes, with cat <<EOF > FILE
	all   []command
}

// shellCommands are the commands of a text in their order. What cannot be parsed costs the command that it stands in alone.
func shellCommands(text string) []command {
	s := &shell{vars: map[string]string{}, files: map[string][]byte{}}
	text = strings.ReplaceAll(withoutFences(text), "\r\n", "\n")
	for from := uint(0); text != ""; {
		done := uint(0)
		parser := syntax.NewParser(syntax.Variant(syntax.LangBash))
		var err error
		for st, failed := range parser.StmtsSeq(strings.NewReader(text)) { // to its end: it goes on after the first mistake
			if err = cmp.Or(err, failed); err == nil {
				s.stmt(st, from, command{})
				done = st.End().Line()
			}
		}
		if err == nil {
			break
		}
		bad := command{line: from + done + 1, err: parseRefusal(err)}
		bad.words, text, done = nextCommand(text, done)
		s.all = append(s.all, bad)
		from += done
	}
	return s.all
}

// nextCommand is the text behind a command that cannot be parsed, which stands below the line done: it begins where a line
// begins as a command does.
func nextCommand(text string, done uint) (bad []string, rest string, skipped uint) {
	lines := strings.SplitAfter(text, "\n")
	at := int(min(done, uint(len(lines))))
	for at < len(lines) && strings.TrimSpace(lines[at]) == "" {
		at++
	}
	bad = strings.Fields(strings.Join(lines[min(at, len(lines)):min(at+1, len(lines))], ""))
	for at++; at < len(lines); at++ {
		if first := strings.TrimLeft(lines[at], "$% \t"); strings.HasPrefix(first, "curl ") {
			return bad, strings.Join(lines[at:], ""), uint(at)
		}
	}
	return bad, "", uint(len(lines))
}

func parseRefusal(err error) error {
	if p, ok := errors.AsType[syntax.ParseError](err); ok {
		return &refusal{"command", "no shell can read it: " + p.Text, "copy it whole, with its quotes"}
	}
	return &refusal{"command", "no shell can read it: " + err.Error(), "copy it whole, with its quotes"}
}

// withoutFences takes away the lines that mark code in a text such as a README.
func withoutFences(text string) string {
	if !strings.Contains(text, "```") {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

// stmt reads one statement; in has what is fed into it.
func (s *shell) stmt(st *syntax.Stmt, from uint, in command) {
	in.line, in.files = from+st.Pos().Line(), s.files
	for _, r := range st.Redirs {
		s.redirected(r, &in)
	}
	switch c := st.Cmd.(type) {
	case *syntax.CallExpr:
		s.call(st, c, from, in)
	case *syntax.BinaryCmd:
		before := len(s.all)
		s.stmt(c.X, from, in)
		after := command{}
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			after.stdin, after.fed = s.printed(c.X)
			if n := len(s.all); n > before && s.all[n-1].err == nil && !isCurl(s.all[n-1].words) {
				s.all = s.all[:n-1] // it was there to feed this one
			}
		}
		s.stmt(c.Y, from, after)
	case *syntax.Block:
		s.stmts(c.Stmts, from, in)
	case *syntax.Subshell:
		s.stmts(c.Stmts, from, in)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			s.stmt(c.Stmt, from, in)
		}
	case *syntax.IfClause:
		s.stmts(c.Cond, from, in) // what is asked is run; what follows, nobody knows
		s.refuse(c, from, "it runs in a condition")
	case *syntax.DeclClause:
		for _, a := range c.Args {
			s.assign(a, from)
		}
	case nil:
	default:
		s.refuse(c, from, "it runs in a loop or a function")
	}
}

func (s *shell) stmts(all []*syntax.Stmt, from uint, in command) {
	for _, st := range all {
		s.stmt(st, from, in)
		in = command{}
	}
}

// refuse names each curl command within a statement whose run decides what is sent.
func (s *shell) refuse(n syntax.Node, from uint, why string) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok && len(c.Args) > 0 && isCurl([]string{c.Args[0].Lit()}) {
			s.all = append(s.all, command{words: []string{"curl"}, line: from + c.Pos().Line(), err: &refusal{"command", why, "write the command out by itself"}})
		}
		return true
	})
}

func (s *shell) redirected(r *syntax.Redirect, in *command) {
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		text, err := s.text(r.Hdoc, true)
		if r.Op == syntax.DashHdoc {
			lines := strings.SplitAfter(text, "\n")
			for i := range lines {
				lines[i] = strings.TrimLeft(lines[i], "\t")
			}
			text = strings.Join(lines, "")
		}
		in.stdin, in.fed = notNil([]byte(text)), err
	case syntax.WordHdoc:
		text, err := s.text(r.Word, false)
		in.stdin, in.fed = []byte(text+"\n"), err
	case syntax.RdrIn:
		name, err := s.text(r.Word, false)
		if in.stdin = s.files[name]; in.stdin == nil && err == nil {
			err = &refusal{"command", fmt.Sprintf("it reads from the file %q (<), which is not read here", name), "put the body into the command"}
		}
		in.fed = err
	}
}

// call reads a simple command.
func (s *shell) call(st *syntax.Stmt, c *syntax.CallExpr, from uint, in command) {
	for _, a := range c.Assigns {
		if len(c.Args) == 0 {
			s.assign(a, from)
		}
	}
	if len(c.Args) == 0 {
		return
	}
	s.within(c, from)
	for _, w := range c.Args {
		words, err := s.words(w)
		if err != nil && in.err == nil {
			in.err = err
		}
		in.words = append(in.words, words...)
	}
	if len(in.words) > 1 && (in.words[0] == "$" || in.words[0] == "%") { // a prompt, copied along
		in.words = in.words[1:]
	}
	for len(in.words) > 1 && strings.Contains(" command exec sudo nohup ", " "+in.words[0]+" ") {
		in.words = in.words[1:]
	}
	if s.writes(st, in) {
		return
	}
	s.all = append(s.all, in)
}

// within reads the commands of $(…), which run where they stand.
func (s *shell) within(n syntax.Node, from uint) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if sub, ok := n.(*syntax.CmdSubst); ok {
			for _, st := range sub.Stmts {
				if _, err := s.printed(st); err != nil {
					s.stmt(st, from, command{})
				}
			}
			return false
		}
		return true
	})
}

// writes keeps what a command writes into a file that a later one may read: cat <<EOF > body.json.
func (s *shell) writes(st *syntax.Stmt, in command) bool {
	for _, r := range st.Redirs {
		if r.Op != syntax.RdrOut && r.Op != syntax.RdrClob || in.err != nil || isCurl(in.words) {
			continue
		}
		name, err := s.text(r.Word, false)
		if data, failed := printedBy(in); err == nil && failed == nil && name != "" {
			s.files[name] = data
			return true
		}
	}
	return false
}

func (s *shell) assign(a *syntax.Assign, from uint) {
	if a.Name == nil {
		return
	}
	delete(s.vars, a.Name.Value)
	if a.Value == nil {
		if !a.Naked && a.Array == nil && !a.Append {
			s.vars[a.Name.Value] = ""
		}
		return
	}
	s.within(a, from)
	if value, err := s.text(a.Value, false); err == nil && a.Index == nil && !a.Append {
		s.vars[a.Name.Value] = value
	}
}

// printed is what a statement writes: printf, echo and cat of a here-document are known.
func (s *shell) printed(st *syntax.Stmt) ([]byte, error) {
	unknown := func(text string) error {
		return &refusal{"command", fmt.Sprintf("what %q prints is not known here", short(text, 40)), "put the body into the command"}
	}
	var in command
	for _, r := range st.Redirs {
		s.redirected(r, &in)
	}
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return nil, unknown("it")
	}
	for _, w := range c.Args {
		words, err := s.words(w)
		if err != nil {
			return nil, err
		}
		in.words = append(in.words, words...)
	}
	out, err := printedBy(in)
	if errors.Is(err, errUnknownOutput) {
		return nil, unknown(strings.Join(in.words, " "))
	}
	return out, err
}

var errUnknownOutput = errors.New("what it prints is not known here")

func printedBy(in command) ([]byte, error) {
	words := in.words
	switch {
	case len(words) == 0:
	case words[0] == "cat" && (len(words) == 1 || len(words) == 2 && words[1] == "-"):
		if in.stdin != nil || in.fed != nil {
			return in.stdin, in.fed
		}
	case words[0] == "printf" && len(words) > 2 && words[1] == "--":
		return printedBy(command{words: append([]string{"printf"}, words[2:]...)})
	case words[0] == "printf" && len(words) == 3 && words[1] == "%s":
		return []byte(words[2]), nil
	case words[0] == "printf" && len(words) == 3 && words[1] == `%s\n`:
		return []byte(words[2] + "\n"), nil
	case words[0] == "printf" && len(words) == 3 && words[1] == "%b":
		return unescapedFormat(words[2]), nil
	case words[0] == "printf" && len(words) == 2 && !strings.Contains(words[1], "%"):
		return unescapedFormat(words[1]), nil
	case words[0] == "printf" && len(words) == 2 && !strings.Contains(strings.ReplaceAll(words[1], "%%", ""), "%"):
		return unescapedFormat(strings.ReplaceAll(words[1], "%%", "%")), nil
	case words[0] == "echo" && len(words) > 2 && (words[1] == "-e" || words[1] == "-ne" || words[1] == "-en"):
		end := "\n"
		if words[1] != "-e" {
			end = ""
		}
		return unescapedFormat(strings.Join(words[2:], " ") + end), nil
	case words[0] == "echo" && strings.Contains(strings.Join(words, ""), `\`): // shells differ
	case words[0] == "echo" && len(words) > 2 && words[1] == "-n":
		return []byte(strings.Join(words[2:], " ")), nil
	case words[0] == "echo" && (len(words) < 2 || !strings.HasPrefix(words[1], "-")):
		return []byte(strings.Join(words[1:], " ") + "\n"), nil
	}
	return nil, errUnknownOutput
}

// isCurl reports whether a command is curl, wherever it stands.
func isCurl(words []string) bool {
	if len(words) == 0 {
		return false
	}
	name := words[0][strings.LastIndexAny(words[0], `/\`)+1:]
	return strings.EqualFold(strings.TrimSuffix(strings.ToLower(name), ".exe"), "curl")
}

func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
