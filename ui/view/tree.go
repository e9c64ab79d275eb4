package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Tree is a JSON text as a tree, flattened to the rows of what is open. It belongs to one goroutine.
type Tree struct {
	buf   []byte
	nodes []node
	shown []int // indexes of nodes
}

type node struct {
	key        string
	start, end int // of the value in buf
	parent     int // -1 for the root
	next       int // index behind the last node below this one
	children   int
	index      int // position among its parent's children
	depth      int
	kind       byte // '{', '[', '"', '0', 't', 'n'
	open       bool
	cut        bool // more of its children were not read
}

// mostNodes bounds a tree, whose nodes take more room than the text that they stand for.
const mostNodes = 250_000

// ErrTreeCut means that a text has more values than a tree; those that it begins with are in the tree that comes with it.
var ErrTreeCut = fmt.Errorf("the tree has the first %s values; as JSON, Raw and in what is found there are all", Count(mostNodes))

// ParseTree reads JSON. The root and its children are open. With [ErrTreeCut] there is a tree too.
func ParseTree(b []byte) (*Tree, error) {
	b = trimBOM(b)
	t := &Tree{buf: b}
	p := treeParser{tree: t, dec: json.NewDecoder(bytes.NewReader(b)), buf: b}
	p.dec.UseNumber()
	err := p.value("", -1, 0, 0)
	if err != nil && err != ErrTreeCut {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if rest := bytes.TrimSpace(b[p.dec.InputOffset():]); err == nil && len(rest) > 0 {
		return nil, fmt.Errorf("read JSON: %d bytes follow the value", len(rest))
	}
	for i := range t.nodes {
		t.nodes[i].open = t.nodes[i].depth == 0
	}
	t.flatten()
	return t, err
}

// deepest is how many levels are read; deeper JSON is shown as text.
const deepest = 1000

type treeParser struct {
	tree *Tree
	dec  *json.Decoder
	buf  []byte
}

func (p *treeParser) value(key string, parent, depth, index int) error {
	if depth > deepest {
		return fmt.Errorf("more than %d levels", deepest)
	}
	tok, err := p.dec.Token()
	if err != nil {
		return err
	}
	at := len(p.tree.nodes)
	end := int(p.dec.InputOffset())
	n := node{key: key, parent: parent, depth: depth, index: index, end: end}
	switch tok := tok.(type) {
	case json.Delim:
		n.kind, n.start = byte(tok), end-1
	case string:
		n.kind, n.start = '"', p.stringStart(end)
	case json.Number:
		n.kind, n.start = '0', end-len(tok)
	case bool:
		n.kind, n.start = 't', end-len(strconv.FormatBool(tok))
	case nil:
		n.kind, n.start = 'n', end-len("null")
	}
	p.tree.nodes = append(p.tree.nodes, n)
	children := 0
	if n.kind == '{' || n.kind == '[' {
		for p.dec.More() {
			if len(p.tree.nodes) >= mostNodes {
				return p.stop(at, children, int(p.dec.InputOffset()))
			}
			name := ""
			if n.kind == '{' {
				k, err := p.dec.Token()
				if err != nil {
					return err
				}
				name = k.(string)
			}
			err := p.value(name, at, depth+1, children)
			children++
			if err == ErrTreeCut {
				return p.stop(at, children, int(p.dec.InputOffset()))
			}
			if err != nil {
				return err
			}
		}
		if _, err := p.dec.Token(); err != nil { // the closing bracket
			return err
		}
	}
	done := &p.tree.nodes[at]
	done.children, done.end, done.next = children, int(p.dec.InputOffset()), len(p.tree.nodes)
	return nil
}

// stop leaves a node with the children that were read.
func (p *treeParser) stop(at, children, end int) error {
	n := &p.tree.nodes[at]
	n.children, n.end, n.next, n.cut = children, end, len(p.tree.nodes), true
	return ErrTreeCut
}

// stringStart finds the opening quote of the string that ends at end.
func (p *treeParser) stringStart(end int) int {
	for i := end - 2; i >= 0; i-- {
		if p.buf[i] != '"' {
			continue
		}
		slashes := 0
		for j := i - 1; j >= 0 && p.buf[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
	return 0
}

// flatten lists the nodes whose parents are all open.
func (t *Tree) flatten() {
	t.shown = t.shown[:0]
	for i := 0; i < len(t.nodes); {
		t.shown = append(t.shown, i)
		if n := &t.nodes[i]; n.open || n.children == 0 {
			i++
		} else {
			i = n.next
		}
	}
}

// Size is the number of all nodes.
func (t *Tree) Size() int { return len(t.nodes) }

// Len is the number of rows that are open.
func (t *Tree) Len() int { return len(t.shown) }

func (t *Tree) at(row int) *node { return &t.nodes[t.shown[row]] }

// Depth is how far row is indented.
func (t *Tree) Depth(row int) int { return t.at(row).depth }

// Key is the name of a member, or the index of an element.
func (t *Tree) Key(row int) string {
	n := t.at(row)
	if n.parent >= 0 && t.nodes[n.parent].kind == '[' {
		return strconv.Itoa(n.index)
	}
	return n.key
}

// Value is a short form of what row holds, with its class of colour.
func (t *Tree) Value(row int) (text, class string) {
	n := t.at(row)
	switch n.kind {
	case '{':
		return fmt.Sprintf("{ %s%s }", count(n.children, "member", "members"), n.more()), "faint"
	case '[':
		return fmt.Sprintf("[ %s%s ]", count(n.children, "element", "elements"), n.more()), "faint"
	}
	raw := t.buf[n.start:n.end]
	class = map[byte]string{'"': "string", '0': "number"}[n.kind]
	if class == "" {
		class = "literal"
	}
	if len(raw) > 400 {
		cut := 400
		for cut > 0 && !utf8.RuneStart(raw[cut]) {
			cut--
		}
		return string(raw[:cut]) + "…", class
	}
	return string(raw), class
}

func (n *node) more() string {
	if n.cut {
		return " and more"
	}
	return ""
}

// Folder reports whether row has rows below it, and whether they are shown.
func (t *Tree) Folder(row int) (folder, open bool) {
	n := t.at(row)
	return n.children > 0, n.open
}

// Toggle opens or closes row.
func (t *Tree) Toggle(row int) {
	n := t.at(row)
	if n.children == 0 {
		return
	}
	n.open = !n.open
	t.flatten()
}

// OpenAll opens every row, or closes all but the root.
func (t *Tree) OpenAll(open bool) {
	for i := range t.nodes {
		t.nodes[i].open = open || i == 0
	}
	t.flatten()
}

// Parent is the row that row stands below, or -1.
func (t *Tree) Parent(row int) int {
	want := t.at(row).parent
	for r := row - 1; r >= 0; r-- {
		if t.shown[r] == want {
			return r
		}
	}
	return -1
}

// Path is the way to row in the notation of jq: .data.items[0]."odd key".
func (t *Tree) Path(row int) string {
	var parts []string
	for i := t.shown[row]; t.nodes[i].parent >= 0; i = t.nodes[i].parent {
		n := t.nodes[i]
		switch {
		case t.nodes[n.parent].kind == '[':
			parts = append(parts, "["+strconv.Itoa(n.index)+"]")
		case isName(n.key):
			parts = append(parts, "."+n.key)
		default:
			parts = append(parts, "."+strconv.Quote(n.key))
		}
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
	}
	if b.Len() == 0 {
		return "."
	}
	return b.String()
}

func isName(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && s[i] != '_' && (i == 0 || !isDigit(s[i])) {
			return false
		}
	}
	return s != ""
}

// Raw is the JSON of row as it came.
func (t *Tree) Raw(row int) string {
	n := t.at(row)
	return string(t.buf[n.start:n.end])
}

// Text is Raw, or the characters of a string without its quotes and escapes.
func (t *Tree) Text(row int) string {
	raw := t.Raw(row)
	var s string
	if t.at(row).kind == '"' && json.Unmarshal([]byte(raw), &s) == nil {
		return s
	}
	return raw
}

// Find returns the first row from a row on whose key or value contains a text, opening what hides it; -1 when there
// is none. It begins again at the top.
func (t *Tree) Find(query string, from int) int {
	if query == "" || len(t.nodes) == 0 {
		return -1
	}
	start := 0
	if from >= 0 && from < len(t.shown) {
		start = t.shown[from]
	}
	q := []byte(query)
	for k := range t.nodes {
		i := (start + k) % len(t.nodes)
		n := &t.nodes[i]
		leaf := n.kind != '{' && n.kind != '['
		if indexFold([]byte(n.key), q) >= 0 || leaf && indexFold(t.buf[n.start:n.end], q) >= 0 {
			return t.reveal(i)
		}
	}
	return -1
}

// reveal opens all that stands above node i and returns its row.
func (t *Tree) reveal(i int) int {
	for p := t.nodes[i].parent; p >= 0; p = t.nodes[p].parent {
		t.nodes[p].open = true
	}
	t.flatten()
	for row, n := range t.shown {
		if n == i {
			return row
		}
	}
	return -1
}
