package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Snippet is a piece of code in one language.
type Snippet struct {
	Label string
	Text  string
	Rows  Source // how it is coloured; nil: plain
}

// CodeBlock shows one piece of code in several languages, with a button that copies it.
type CodeBlock struct {
	widget.BaseWidget
	OnCopy   func(label string)
	Take     func()             // copies instead, where what is shown would be stale by then
	OnChoose func(label string) // to begin with the same language next time

	snippets []Snippet
	choice   *Segmented
	view     *BodyView
	most     int // lines in sight
	copy     *Button
	row      *fyne.Container
}

// NewCodeBlock returns a block of at most sixteen lines in sight.
func NewCodeBlock(snippets ...Snippet) *CodeBlock {
	c := &CodeBlock{view: NewBodyView(), most: 16}
	c.choice = NewSegmented(func(i int) {
		c.show(i)
		if c.OnChoose != nil {
			c.OnChoose(c.snippets[i].Label)
		}
	})
	c.copy = NewTool("copy", "Copy", c.take)
	c.row = Row(8, c.choice, Spacer(), c.copy)
	c.ExtendBaseWidget(c)
	c.Set(snippets...)
	return c
}

// Set shows other code; the language stays, where there is one of that name.
func (c *CodeBlock) Set(snippets ...Snippet) {
	was := c.Language()
	c.snippets = snippets
	labels := make([]string, len(snippets))
	for i, s := range snippets {
		labels[i] = s.Label
	}
	c.choice.SetLabels(labels...)
	c.choice.Hidden = len(snippets) < 2
	c.Choose(was)
	c.show(c.choice.Selected())
}

// Language is the label of what is shown.
func (c *CodeBlock) Language() string {
	if i := c.choice.Selected(); i < len(c.snippets) {
		return c.snippets[i].Label
	}
	return ""
}

// Choose shows the language of a label, if there is one.
func (c *CodeBlock) Choose(label string) {
	for i, s := range c.snippets {
		if s.Label == label {
			c.choice.Select(i)
			c.show(i)
		}
	}
}

// Beyond is told of turns of the wheel that cannot move the code, so that the page below moves.
func (c *CodeBlock) Beyond(f func(*fyne.ScrollEvent)) { c.view.Beyond = f }

// SetMost changes how many lines are in sight at most.
func (c *CodeBlock) SetMost(lines int) { c.most = lines; c.Refresh() }

func (c *CodeBlock) show(i int) {
	if i >= len(c.snippets) {
		c.view.SetText("", false)
		return
	}
	s := c.snippets[i]
	if s.Rows == nil {
		s.Rows = NewLines(s.Text, false, nil).Wrapped
	}
	c.view.SetSource(s.Rows)
	c.Refresh()
}

func (c *CodeBlock) take() {
	if c.Take != nil {
		c.Take()
		return
	}
	i := c.choice.Selected()
	if i >= len(c.snippets) {
		return
	}
	fyne.CurrentApp().Clipboard().SetContent(c.snippets[i].Text)
	if c.OnCopy != nil {
		c.OnCopy(c.snippets[i].Label)
	}
}

// CreateRenderer is for Fyne.
func (c *CodeBlock) CreateRenderer() fyne.WidgetRenderer {
	ground := NewBox(Surface{Fill: SurfaceCode, Border: Line, Radius: 9}, nil)
	return draw(face{
		owner: c, objects: []fyne.CanvasObject{ground, c.view, c.row},
		place: func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			if len(c.snippets) < 2 {
				put(c.row, 8, 4, size.Width-12, 30)
				put(c.view, 0, 8, size.Width-36, size.Height-16)
				return
			}
			put(c.row, 8, 6, size.Width-14, 30)
			put(c.view, 0, 42, size.Width-4, size.Height-50)
		},
		min: func() fyne.Size {
			lines := 1
			if rows := c.view.Rows(); rows != nil {
				lines = min(max(rows.Len(), 1), c.most)
			}
			h := float32(lines)*c.view.cell.Height + 16
			if len(c.snippets) > 1 {
				h += 34
			}
			return fyne.NewSize(160, max(h, 38))
		},
	})
}
