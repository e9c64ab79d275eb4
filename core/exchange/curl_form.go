package exchange

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"path"
	"strings"
)

// formPart is what one -F adds to a multipart body.
type formPart struct{ name, value, kind, file string }

// newFormPart reads NAME=VALUE;type=…;filename=…; literal takes all behind the = as it is.
func newFormPart(text string, literal bool) (p formPart, err error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return p, &refusal{"--form", fmt.Sprintf("%q is not of the form NAME=VALUE", short(text, 40)), "write it so"}
	}
	p.name = name
	switch {
	case literal:
		p.value = value
		return p, nil
	case strings.HasPrefix(value, "@") || strings.HasPrefix(value, "<"):
		return p, &refusal{"--form", fmt.Sprintf("reads the file %q, which is not read here", short(value[1:], 40)), "put its content into the command, or run it against a source of yours and take the capture"}
	case strings.HasPrefix(value, "("):
		return p, &refusal{"--form", "makes parts within parts", "run the command against a source of yours and take the capture"}
	}
	p.value, value = formWord(value)
	inType := false
	for value != "" {
		start := strings.TrimLeft(value[1:], " \t")
		gap := value[1 : len(value)-len(start)]
		key, _, _ := strings.Cut(start, "=")
		switch key = strings.ToLower(key); key {
		case "type": // as it stands, quotes and all
			i := strings.IndexByte(start, ';')
			if i < 0 {
				i = len(start)
			}
			p.kind, value, inType = strings.TrimSpace(start[len("type="):i]), start[i:], true
			continue
		case "filename":
			p.file, value = formWord(start[len("filename="):])
		case "headers", "encoder":
			return p, &refusal{"--form", key + "= is not followed here", "run the command against a source of yours and take the capture"}
		default:
			var more string
			if more, value = formWord(start); inType { // a parameter of the type: text/plain; charset=utf-8
				p.kind += ";" + gap + more
			}
			continue
		}
		inType = false
	}
	return p, nil
}

// formWord reads as far as a semicolon, without the spaces around, or a quoted text.
func formWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " \t")
	after := func(s string) string {
		if i := strings.IndexByte(s, ';'); i >= 0 {
			return s[i:]
		}
		return ""
	}
	if strings.HasPrefix(s, `"`) {
		var out []byte
		for i := 1; i < len(s); i++ {
			switch {
			case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
				i++
				out = append(out, s[i])
			case s[i] == '"':
				return string(out), after(s[i+1:])
			default:
				out = append(out, s[i])
			}
		}
	}
	rest = after(s)
	return strings.TrimRight(s[:len(s)-len(rest)], " \t\r\n"), rest
}

// multipart is the body of a form, with a boundary that is the same for the same body.
func multipart(parts []formPart, disposition string, escapes bool) (body []byte, boundary string) {
	var all strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&all, "%q %q %q %q\n", p.name, p.value, p.kind, p.file)
	}
	sum := sha256.Sum256([]byte(all.String()))
	boundary = fmt.Sprintf("%s%x", strings.Repeat("-", 24), sum[:8])
	quoted := func(s string) string {
		if escapes {
			return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
		}
		return strings.NewReplacer("\r", "%0D", "\n", "%0A", `"`, "%22").Replace(s)
	}
	var b bytes.Buffer
	for _, p := range parts {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: %s", boundary, disposition)
		if p.name != "" {
			fmt.Fprintf(&b, "; name=\"%s\"", quoted(p.name))
		}
		if p.file != "" {
			fmt.Fprintf(&b, "; filename=\"%s\"", quoted(p.file))
		}
		b.WriteString("\r\n")
		if kind := cmp.Or(p.kind, typeOf(p.file)); kind != "" {
			b.WriteString("Content-Type: " + kind + "\r\n")
		}
		b.WriteString("\r\n" + p.value + "\r\n")
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.Bytes(), boundary
}

// typeOf is the type that curl guesses from a file's name.
func typeOf(file string) string {
	types := map[string]string{".gif": "image/gif", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".svg": "image/svg+xml",
		".txt": "text/plain", ".htm": "text/html", ".html": "text/html", ".pdf": "application/pdf", ".xml": "application/xml"}
	return types[strings.ToLower(path.Ext(file))]
}
