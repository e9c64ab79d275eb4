package picture

import (
	"hookglass/core/exchange"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// Snippets are the same thing as code in several languages, in colour.
func Snippets(code map[string]string) []control.Snippet {
	var out []control.Snippet
	for _, t := range exchange.Codes() {
		text := code[t.Name]
		if text == "" {
			continue
		}
		rows := view.Highlight([]byte(text), t.Syntax)
		out = append(out, control.Snippet{Label: t.Title, Text: text, Rows: func(cols int) control.Rows { return rows.Wrapped(cols, control.FitColumns) }})
	}
	return out
}

// NewCodeBlock shows code. chosen is the language that the user chose last, shared by all blocks that show the same
// kind of code.
func NewCodeBlock(w *frame.Window, chosen *string, code map[string]string) *control.CodeBlock {
	b := control.NewCodeBlock(Snippets(code)...)
	b.Choose(*chosen)
	b.OnChoose = func(label string) { *chosen = label }
	b.OnCopy = func(label string) { w.Layers.Toast(control.Toast{Text: label + " code copied", Tone: control.Green}) }
	return b
}
