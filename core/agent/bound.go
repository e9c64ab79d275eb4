package agent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"hookglass/core"
)

// Bounds of an answer: a model reads all of it, and pays for it.
const (
	mostBody   = 16 << 10 // bytes of a body in one call
	mostAnswer = 28 << 10 // of an answer's JSON: escapes make a body of 16 KiB longer
	mostText   = 4 << 10  // of a text beside bodies
	mostItems  = 200      // of any list
)

// bounded writes v as JSON in which every text is one that a reader sees whole: nothing in it acts, and what is too long says so.
// Bodies were cut to their range before; the rest gives way until the answer fits.
func bounded(v any) (json.RawMessage, error) {
	doc, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	for text, items := mostBody*2, mostItems; ; text, items = text/2, max(items*2/3, 4) {
		out, err := seen(doc, text, items)
		if err != nil || len(out) <= mostAnswer || text <= 32 {
			return out, err
		}
	}
}

// seen writes a document again: its texts visible and cut, its lists cut, its order kept.
func seen(doc []byte, text, items int) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var b bytes.Buffer
	err := seenValue(d, &b, text, items)
	return b.Bytes(), err
}

func seenValue(d *json.Decoder, b *bytes.Buffer, text, items int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		return seenAll(d, b, t, text, items)
	case string:
		return put(b, cut(core.VisibleText(t), text))
	case nil:
		b.WriteString("null")
	default:
		fmt.Fprint(b, t)
	}
	return nil
}

// seenAll writes the members of an object or the items of a list.
func seenAll(d *json.Decoder, b *bytes.Buffer, open json.Delim, text, items int) error {
	b.WriteString(open.String())
	n, left := 0, 0
	for d.More() {
		if n >= items && open == '[' {
			if err := d.Decode(new(json.RawMessage)); err != nil {
				return err
			}
			left++
			continue
		}
		if n++; n > 1 {
			b.WriteByte(',')
		}
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			if err := put(b, cut(core.Visible(name.(string)), mostText)); err != nil {
				return err
			}
			b.WriteByte(':')
		}
		if err := seenValue(d, b, text, items); err != nil {
			return err
		}
	}
	if left > 0 {
		b.WriteByte(',')
		if err := put(b, fmt.Sprintf("… and %d more, left out to keep the answer short", left)); err != nil {
			return err
		}
	}
	end, err := d.Token()
	if err != nil {
		return err
	}
	b.WriteString(end.(json.Delim).String())
	return nil
}

// put writes a text as JSON.
func put(b *bytes.Buffer, s string) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's line feed
	return nil
}

// cut shortens a text to n bytes, and says by how much.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := n
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes more)", s[:end], len(s)-end)
}
