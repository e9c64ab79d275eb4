package view

import (
	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// mostHighlighted bounds what is given to the general highlighter, which takes a second a megabyte.
const mostHighlighted = 1 << 20

// Highlight returns a text with the colours of a syntax: "json", or what chroma knows as "xml", "html", "yaml", "go",
// "javascript", "python", "bash". Bodies over a megabyte of other syntaxes than JSON stay plain.
func Highlight(buf []byte, syntax string) *Text {
	t := NewText(buf, syntax)
	if syntax == "json" || len(buf) > mostHighlighted {
		return t
	}
	lexer := lexers.Get(syntax)
	if lexer == nil {
		return t
	}
	// A lexer that does not end its options well would add a line feed or turn CRLF into LF: offsets would be wrong.
	tokens, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root", EnsureLF: false}, string(buf))
	if err != nil {
		return t
	}
	at := uint32(0)
	for tok := tokens(); tok != chroma.EOF; tok = tokens() {
		end := at + uint32(len(tok.Value))
		if class := classOf(tok.Type); class != "" && end <= uint32(len(buf)) {
			t.spans = append(t.spans, span{at, end, class})
		}
		at = end
	}
	return t
}

func classOf(t chroma.TokenType) string {
	switch {
	case t.InCategory(chroma.Comment):
		return "comment"
	case t == chroma.NameTag:
		return "tag"
	case t == chroma.NameAttribute:
		return "attr"
	case t == chroma.NameFunction || t == chroma.NameBuiltin || t == chroma.NameClass:
		return "name"
	case t.InCategory(chroma.Keyword):
		if t == chroma.KeywordConstant {
			return "literal"
		}
		return "keyword"
	case t.InSubCategory(chroma.LiteralString):
		return "string"
	case t.InSubCategory(chroma.LiteralNumber):
		return "number"
	case t.InCategory(chroma.Literal):
		return "string"
	case t.InCategory(chroma.Punctuation) || t.InCategory(chroma.Operator):
		return "punct"
	}
	return ""
}
