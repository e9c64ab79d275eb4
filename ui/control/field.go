package control

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Field is a place to type in, with an optional label above, and help or what is wrong below.
type Field struct {
	widget.BaseWidget
	OnChange func(text string)
	OnSubmit func(text string)
	OnKey    func(e *fyne.KeyEvent) bool // keys first; true: dealt with
	OnFocus  func(gained bool)
	Validate func(text string) error // asked at each change; its error is shown below

	label, help, icon string
	problem           string
	bare              bool        // without a ground of its own: inside another control
	host              fyne.Widget // what is shown with the entry in it: the field, or something else
	entry             *entry
	slot              fyne.CanvasObject // the entry as it is placed
	wheel             *wheel            // over an entry of one line, which would keep the turns to itself; nil over others
	trail             fyne.CanvasObject
}

// NewField returns a field of one line.
func NewField(label, placeholder string, change func(text string)) *Field {
	return newField(label, placeholder, change, false)
}

// NewTextArea returns a field of several lines for texts of some kilobytes; rows is how many are in sight.
func NewTextArea(label, placeholder string, rows int, change func(text string)) *Field {
	f := newField(label, placeholder, change, true)
	f.entry.SetMinRowsVisible(rows)
	return f
}

func newField(label, placeholder string, change func(string), multi bool) *Field {
	f := &Field{label: label, OnChange: change}
	f.entry = &entry{field: f}
	f.entry.MultiLine = multi
	f.entry.Wrapping = fyne.TextWrapOff
	f.entry.Scroll = fyne.ScrollBoth
	if !multi {
		f.entry.Scroll = fyne.ScrollHorizontalOnly
		f.wheel = &wheel{turn: func(e *fyne.ScrollEvent) { handOn(f.host, e) }}
		f.wheel.ExtendBaseWidget(f.wheel)
	}
	f.entry.ExtendBaseWidget(f.entry)
	f.entry.SetPlaceHolder(placeholder)
	f.entry.OnChanged = f.changed
	f.entry.OnSubmitted = func(s string) {
		if f.OnSubmit != nil {
			f.OnSubmit(s)
		} else {
			submit(f)
		}
	}
	f.host = f
	f.ExtendBaseWidget(f)
	return f
}

// WithIcon puts an icon before the text.
func (f *Field) WithIcon(name string) *Field { f.icon = name; return f }

// WithHelp puts a line below the field while nothing is wrong.
func (f *Field) WithHelp(s string) *Field { f.help = s; return f }

// WithTrail puts an object at the right end inside the field.
func (f *Field) WithTrail(o fyne.CanvasObject) *Field { f.trail = o; return f }

// AsCode types in the font of code.
func (f *Field) AsCode() *Field {
	f.entry.TextStyle.Monospace = true
	f.entry.Refresh()
	return f
}

// AsSecret hides what is typed, with an eye to show it.
func (f *Field) AsSecret() *Field {
	f.entry.Password = true
	eye := NewTool("eye", "Show", nil)
	eye.OnTap = func() {
		f.entry.Password = !f.entry.Password
		if f.entry.Password {
			eye.Set("", "eye")
		} else {
			eye.Set("", "eye-off")
		}
		f.entry.Refresh()
	}
	f.entry.ActionItem = eye
	return f
}

// SetPlaceholder changes what is shown while the field is empty.
func (f *Field) SetPlaceholder(s string) { f.entry.SetPlaceHolder(s) }

// Text is what stands in the field.
func (f *Field) Text() string { return f.entry.Text }

// Set changes the text. It calls back like typing does, unless the text is the same.
func (f *Field) Set(s string) {
	if f.entry.Text != s {
		f.entry.SetText(s)
	}
}

// SetQuiet changes the text without calling back.
func (f *Field) SetQuiet(s string) {
	change := f.OnChange
	f.OnChange = nil
	f.Set(s)
	f.OnChange = change
}

// SetProblem shows what is wrong with the text; "" takes it away.
func (f *Field) SetProblem(s string) {
	if f.problem != s {
		f.problem = s
		f.Refresh()
	}
}

// Problem is what is shown as wrong.
func (f *Field) Problem() string { return f.problem }

// SetDisabled makes the field read only.
func (f *Field) SetDisabled(off bool) {
	if off {
		f.entry.Disable()
	} else {
		f.entry.Enable()
	}
}

// Focus gives the field the keyboard.
func (f *Field) Focus() { focusOn(f.entry) }

// Focused reports whether the field has the keyboard.
func (f *Field) Focused() bool { return f.entry.hasFocus }

// Cursor is the column of the cursor in characters, of its line.
func (f *Field) Cursor() int { return f.entry.CursorColumn }

// SetCursor moves the cursor within its line.
func (f *Field) SetCursor(column int) { f.entry.CursorColumn = column; f.entry.Refresh() }

func (f *Field) changed(s string) {
	if f.Validate != nil {
		problem := ""
		if err := f.Validate(s); err != nil {
			problem = err.Error()
		}
		f.SetProblem(problem)
	}
	if f.OnChange != nil {
		f.OnChange(s)
	}
}

// CreateRenderer is for Fyne.
func (f *Field) CreateRenderer() fyne.WidgetRenderer {
	if f.slot == nil { // not before: a theme of its own draws the entry at once, and the eye of a secret is not in it yet
		f.slot = container.NewThemeOverride(f.entry, entryTheme{e: f.entry})
	}
	r := &fieldFace{f: f, ground: rect(8), icon: NewIcon("", Faint, 15),
		label: NewText(f.label, Body.At(12).As(Medium)), below: NewParagraph("", Small)}
	r.face = face{owner: f, paint: r.paint, place: r.place, min: r.min}
	r.paint()
	return r
}

type fieldFace struct {
	face
	f      *Field
	ground *canvas.Rectangle
	icon   *Icon
	label  *Text
	below  *Paragraph
}

func (r *fieldFace) paint() {
	f := r.f
	edge := FieldLine
	switch {
	case f.problem != "":
		edge = Red
	case f.entry.hasFocus:
		edge = Accent
	}
	r.ground.FillColor, r.ground.StrokeColor, r.ground.StrokeWidth = paint(SurfaceField), paint(edge), 1
	r.label.Put(f.label, Body.At(12).As(Medium))
	r.icon.Set(f.icon, Faint)
	r.below.Put(f.help, Small.In(Faint))
	if f.problem != "" {
		r.below.Put(f.problem, Small.In(Red))
	}
	r.objects = append(r.objects[:0], r.ground, f.slot)
	if f.wheel != nil {
		r.objects = append(r.objects, f.wheel)
	}
	r.ground.Hidden = f.bare
	if f.bare {
		r.below.Put("", Small)
	}
	if f.label != "" {
		r.objects = append(r.objects, r.label)
	}
	if f.icon != "" {
		r.objects = append(r.objects, r.icon)
	}
	if f.trail != nil {
		r.objects = append(r.objects, f.trail)
	}
	if r.below.Text() != "" {
		r.objects = append(r.objects, r.below)
	}
}

func (r *fieldFace) above() float32 {
	if r.f.label == "" {
		return 0
	}
	return r.label.MinSize().Height + 5
}

func (r *fieldFace) under() float32 {
	if r.below.Text() == "" {
		return 0
	}
	return r.below.MinSize().Height + 4
}

func (r *fieldFace) place(size fyne.Size) {
	put(r.label, 0, 0, size.Width, r.label.MinSize().Height)
	r.below.Resize(fyne.NewSize(size.Width, r.below.Size().Height))
	top, h := r.above(), size.Height-r.above()-r.under()
	put(r.ground, 0, top, size.Width, h)
	left, right := float32(4), float32(4)
	if r.f.icon != "" {
		put(r.icon, 10, top+(min(h, 34)-15)/2, 15, 15)
		left = 27
	}
	if r.f.bare {
		left = 0
	}
	if r.f.trail != nil {
		m := r.f.trail.MinSize()
		put(r.f.trail, size.Width-m.Width-3, top+(min(h, 34)-m.Height)/2, m.Width, m.Height)
		right = m.Width + 5
	}
	// In no room at all Fyne's entry would draw a frame of negative size.
	w, h := max(size.Width-left-right, 8), max(h-2, 8)
	put(r.f.slot, left, top+1, w, h)
	if r.f.wheel != nil {
		put(r.f.wheel, left, top+1, w, h)
	}
	put(r.below, 0, size.Height-r.under()+4, size.Width, r.under()-4)
}

func (r *fieldFace) min() fyne.Size {
	m := r.f.slot.MinSize() // which makes its renderer: what has none cannot take the keyboard
	return fyne.NewSize(80, max(m.Height+2, 33)+r.above()+r.under())
}

// entry is Fyne's entry, which reports focus and offers keys to the field first.
type entry struct {
	widget.Entry
	field    *Field
	hasFocus bool
	moved    func() // the cursor; may be nil
	inked    bool   // its text is drawn by what it stands in
	masked   bool   // its text is drawn by us: see [missing]
}

func (e *entry) FocusGained() {
	e.hasFocus = true
	e.Entry.FocusGained()
	e.field.host.Refresh()
	IntoSight(e.field.host)
	if e.field.OnFocus != nil {
		e.field.OnFocus(true)
	}
}

func (e *entry) FocusLost() {
	e.hasFocus = false
	e.Entry.FocusLost()
	e.field.host.Refresh()
	if e.field.OnFocus != nil {
		e.field.OnFocus(false)
	}
}

func (e *entry) TypedKey(k *fyne.KeyEvent) {
	if askedHelp(e.field.host, k.Name) {
		return
	}
	if e.field.OnKey != nil && e.field.OnKey(k) {
		return
	}
	if k.Name == fyne.KeyEscape {
		leave(e)
		return
	}
	e.Entry.TypedKey(k)
}

// TypedShortcut offers the window its shortcuts before the field sees them.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok {
		if e.MultiLine && c.Modifier == fyne.KeyModifierShortcutDefault && (c.KeyName == fyne.KeyHome || c.KeyName == fyne.KeyEnd) {
			e.goTo(c.KeyName == fyne.KeyEnd)
			return
		}
		if l := LayersOf(e); l != nil && l.OnShortcut != nil && l.OnShortcut(c) {
			return
		}
	}
	e.Entry.TypedShortcut(s)
}

// goTo puts the cursor before the text, or behind it. Nothing is selected then.
func (e *entry) goTo(end bool) {
	e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft}) // lets go of a selection
	e.CursorRow, e.CursorColumn = 0, 0
	if end {
		lines := strings.Split(e.Text, "\n")
		e.CursorRow = len(lines) - 1
		e.CursorColumn = utf8.RuneCountInString(lines[e.CursorRow])
	}
	e.Refresh()
}
