package answer

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"hookglass/core"
)

// longestTemplate bounds the text of a template.
const longestTemplate = 256 << 10

// text is one text of a rule: a template, or words that stand as they are.
type text struct {
	name     string // the field
	words    string
	template *template.Template // nil: it is words alone
	wants    []string           // the fields of the request that it names
	marks    bool               // it prints the id and does nothing else with it, so that a mark can stand for it
}

func (t *text) fixed() bool { return t.template == nil }

// wanted reports whether the text names a field of the request.
func (t *text) wanted(field string) bool { return slices.Contains(t.wants, field) }

// parsing is a template on its way to be read.
type parsing struct {
	field  string
	words  string
	into   *text
	run    *run
	secret func(string) (core.Secret, error)
	wrong  error
	called bool // the template is one that others call

	ids, printed int // how often the id is named, and how often to print it alone
}

// read reads a text once, so that a request only fills it in.
func read(words, field string, r *run, secret func(string) (core.Secret, error)) (*text, error) {
	t := &text{name: field, words: words}
	if !strings.Contains(words, "{{") {
		return t, nil
	}
	if len(words) > longestTemplate {
		return nil, &core.Invalid{Field: field, Reason: fmt.Sprintf("is longer than %d KiB", longestTemplate>>10)}
	}
	made, err := template.New("answer").Funcs(r.functions()).Parse(words)
	if err != nil {
		return nil, &core.Invalid{Field: field, Reason: place(words, wrongAt(words, r)) + ": " + parseReason(err)}
	}
	p := &parsing{field: field, words: words, into: t, run: r, secret: secret}
	for _, name := range Fields() {
		if name != "id" && strings.Contains(words, name) { // however it is reached
			t.wants = append(t.wants, name)
		}
	}
	for _, part := range made.Templates() {
		if part.Tree == nil || part.Root == nil {
			continue
		}
		p.called = part.Name() != made.Name()
		p.list(part.Root, !p.called)
		if p.called {
			part.Root.Nodes = slices.Insert(part.Root.Nodes, 0, call("enter", part.Root.Pos))
		}
	}
	if p.wrong != nil {
		return nil, p.wrong
	}
	t.template, t.marks = made, p.ids == p.printed
	return t, nil
}

// render fills a text in.
func (t *text) render(r *run) (out string, err error) {
	if t.fixed() {
		return t.words, nil
	}
	defer func() {
		if p := recover(); p != nil { // text/template passes on what goes wrong in Go itself
			err = fmt.Errorf("%s: %v", t.name, p)
		}
	}()
	if err := r.want(t.wants); err != nil {
		return "", fmt.Errorf("%s: %w", t.name, err)
	}
	r.out.Reset()
	if err := t.template.Execute((*bounded)(r), r.data); err != nil {
		return "", fmt.Errorf("%s: %s", t.name, execReason(err))
	}
	return r.out.String(), nil
}

// bounded is where a template writes.
type bounded run

func (b *bounded) Write(p []byte) (int, error) {
	if b.out.Len()+len(p) > longestOutput {
		return 0, errTooLong
	}
	return b.out.Write(p)
}

func (p *parsing) refuse(n parse.Node, reason string) {
	if p.wrong == nil {
		at := min(int(n.Position()), len(p.words))
		if chain := n.String(); chain != "" && (chain[0] == '.' || chain[0] == '$') { // text/template counts from behind its first name
			first, _, _ := strings.Cut(chain[1:], ".")
			at = max(strings.LastIndex(p.words[:min(at+len(chain), len(p.words))], chain[:1+len(first)]), 0)
		}
		p.wrong = &core.Invalid{Field: p.field, Reason: place(p.words, at) + ": " + reason}
	}
}

// list goes over the nodes of a list. top says that the dot is the request.
func (p *parsing) list(l *parse.ListNode, top bool) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			if text := n.Pipe.String(); top && text == ".id" || !p.called && text == "$.id" {
				p.printed++
			}
			p.pipe(n.Pipe, top)
		case *parse.IfNode:
			p.branch(&n.BranchNode, top, top)
		case *parse.WithNode:
			p.branch(&n.BranchNode, top, top && same(n.Pipe))
		case *parse.RangeNode:
			p.branch(&n.BranchNode, top, false)
			n.List.Nodes = slices.Insert(n.List.Nodes, 0, call("step", n.Pos)) // a loop ends in time
		case *parse.TemplateNode:
			p.pipe(n.Pipe, top)
		}
	}
}

// same reports whether a pipe is the dot itself, or what it was at first.
func same(p *parse.PipeNode) bool { return p.String() == "." || p.String() == "$" }

func (p *parsing) branch(n *parse.BranchNode, top, within bool) {
	p.pipe(n.Pipe, top)
	p.list(n.List, within)
	p.list(n.ElseList, top)
}

func (p *parsing) pipe(n *parse.PipeNode, top bool) {
	if n == nil {
		return
	}
	for i, c := range n.Cmds {
		p.command(c, top, i > 0)
	}
}

// command goes over a command; piped says that it gets what the one before it gave.
func (p *parsing) command(c *parse.CommandNode, top, piped bool) {
	for i, arg := range c.Args {
		switch a := arg.(type) {
		case *parse.PipeNode:
			p.pipe(a, top)
		case *parse.ChainNode:
			if inner, ok := a.Node.(*parse.PipeNode); ok {
				p.pipe(inner, top)
			}
		case *parse.FieldNode:
			if top {
				p.field1(a, a.Ident[0])
			} else if p.called {
				p.wantID(a.Ident[0]) // its dot may be the request
			}
			p.header(c, i, piped, a.Ident)
		case *parse.DotNode:
			p.ids++ // it may be looked into for the id
		case *parse.VariableNode:
			if len(a.Ident) == 1 {
				p.ids++
			}
			if !p.called && a.Ident[0] == "$" && len(a.Ident) > 1 {
				p.field1(a, a.Ident[1])
			}
			p.header(c, i, piped, a.Ident[1:])
		case *parse.IdentifierNode:
			if a.Ident == "hmac" {
				p.hmac(c, i)
			}
		}
	}
}

// field1 holds the first name of a chain against those that a request has.
func (p *parsing) field1(n parse.Node, name string) {
	if _, known := fields[name]; !known {
		p.refuse(n, fmt.Sprintf("there is no .%s; want .%s", name, strings.Join(Fields(), ", .")))
	}
	p.wantID(name)
}

// wantID notes that the id of the capture is told: it is known late.
func (p *parsing) wantID(name string) {
	if name == "id" {
		p.ids++
	}
	if name == "id" && !slices.Contains(p.into.wants, name) {
		p.into.wants = append(p.into.wants, name)
	}
}

// header makes a call of .header "Name", which text/template knows of methods only.
func (p *parsing) header(c *parse.CommandNode, i int, piped bool, ident []string) {
	if i == 0 && len(ident) == 1 && ident[0] == "header" && (len(c.Args) > 1 || piped) {
		c.Args = slices.Insert(c.Args, 0, parse.Node(parse.NewIdentifier("headerOf").SetPos(c.Pos)))
	}
}

// hmac wants the key named in the template itself: no request may choose one. Its value is found now.
func (p *parsing) hmac(c *parse.CommandNode, i int) {
	if len(c.Args) <= i+2 || i > 0 {
		p.refuse(c, `want hmac "sha256" KEY text, with the key's name in quotes: "secret", "env:NAME" or "keyring:NAME"`)
		return
	}
	name, ok := c.Args[i+2].(*parse.StringNode)
	if !ok {
		p.refuse(c.Args[i+2], `the key of hmac has to stand in the template: "secret", "env:NAME" or "keyring:NAME"`)
		return
	}
	var key core.Secret
	err := errors.New("no secret can be had here")
	if p.secret != nil {
		key, err = p.secret(name.Text)
	}
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		p.refuse(name, invalid.Reason)
	}
	if p.run.keys == nil {
		p.run.keys = map[string]keyed{}
	}
	p.run.keys[name.Text] = keyed{key, err} // one that cannot be had yet fails on a request, as a signature check does
}

// call is an action that calls a function of ours and writes nothing.
func call(name string, at parse.Pos) parse.Node {
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: at, Pipe: &parse.PipeNode{NodeType: parse.NodePipe, Pos: at, Cmds: []*parse.CommandNode{
		{NodeType: parse.NodeCommand, Pos: at, Args: []parse.Node{parse.NewIdentifier(name).SetPos(at)}}}}}
}

// wrongAt is the byte of the action that cannot be read: the end of the first beginning of the text that is wrong for another reason
// than that it ends.
func wrongAt(words string, r *run) int {
	for end := 0; ; {
		i := strings.Index(words[end:], "}}")
		if i < 0 {
			break
		}
		end += i + 2
		_, err := template.New("answer").Funcs(r.functions()).Parse(words[:end])
		if err != nil && !strings.Contains(err.Error(), "unexpected EOF") {
			return max(strings.LastIndex(words[:end], "{{"), 0)
		}
	}
	return max(strings.LastIndex(words, "{{"), 0)
}

// place says where a byte of a text is, as people count.
func place(words string, at int) string {
	before := words[:min(at, len(words))]
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}

// parseReason is what text/template says, without its own way to name the place.
func parseReason(err error) string {
	_, reason, ok := strings.Cut(err.Error(), ": ")
	if parts := strings.SplitN(err.Error(), ": ", 3); ok && len(parts) == 3 {
		reason = parts[2]
	}
	return reason
}

func execReason(err error) string {
	for _, known := range []error{errTooLong, errTooSlow, errTooMany, errTooDeep} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return strings.TrimPrefix(err.Error(), "template: answer:")
}

// output is what a template has written so far.
type output = bytes.Buffer
