package sources

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// formList is a list of forms that are alike, in an order that counts: the targets of a forward, the rules of an answer.
type formList struct {
	host     part.Host
	settings []platform.Setting
	words    map[string]map[string]string
	title    func(core.Values) string // what a row is called
	empty    string                   // what stands where there is no row
	add      []fyne.CanvasObject      // what adds rows
	changed  func()

	rows []*formRow
	root *fyne.Container
}

// formRow is one of them.
type formRow struct {
	form  *part.Form
	title *control.Text
	open  bool
}

func (l *formList) view() fyne.CanvasObject {
	if l.root == nil {
		l.root = control.Col(12)
		l.draw()
	}
	return l.root
}

// set puts other rows in the place of all.
func (l *formList) set(rows []core.Values) {
	l.rows = nil
	for _, v := range rows {
		l.append(v)
	}
	if len(l.rows) == 1 {
		l.rows[0].open = true
	}
	l.draw()
}

// grow adds a row at the end.
func (l *formList) grow(v core.Values) {
	l.append(v)
	l.rows[len(l.rows)-1].open = true
	l.draw()
	l.changed()
	l.rows[len(l.rows)-1].form.Focus(l.settings[0].Name)
}

// turn opens a row, or closes it.
func (l *formList) turn(r *formRow) {
	r.open = !r.open
	l.draw()
}

func (l *formList) append(v core.Values) {
	r := &formRow{title: control.NewText("", control.Strong).Ellipsis()}
	r.form = part.NewForm(l.host, v, func() { l.name(); l.changed() })
	r.form.Words = l.words
	r.form.Draw(l.settings)
	l.rows = append(l.rows, r)
}

// values are those of all rows, in their order.
func (l *formList) values() []core.Values {
	all := make([]core.Values, len(l.rows))
	for i, r := range l.rows {
		all[i] = r.form.Values
	}
	return all
}

func (l *formList) move(from, to int) {
	r := l.rows[from]
	l.rows = slices.Insert(slices.Delete(l.rows, from, from+1), to, r)
	l.draw()
	l.changed()
}

func (l *formList) remove(i int) {
	l.rows = slices.Delete(l.rows, i, i+1)
	l.draw()
	l.changed()
}

// name brings the heads of the rows in line with what they hold.
func (l *formList) name() {
	for _, r := range l.rows {
		r.title.Set(l.title(r.form.Values))
	}
}

func (l *formList) draw() {
	if l.root == nil {
		return
	}
	l.name()
	l.root.Objects = nil
	if len(l.rows) == 0 && l.empty != "" {
		l.root.Objects = append(l.root.Objects, control.Wide(part.FormWidth, control.NewParagraph(l.empty, control.Body.In(control.Muted))))
	}
	for i, r := range l.rows {
		up := control.NewTool("arrow-up", "Move up", func() { l.move(i, i-1) })
		down := control.NewTool("arrow-down", "Move down", func() { l.move(i, i+1) })
		up.SetDisabled(i == 0)
		down.SetDisabled(i == len(l.rows)-1)
		turn := control.NewTool("chevron-right", "Open", func() { l.turn(r) })
		if r.open {
			turn = control.NewTool("chevron-down", "Close", func() { l.turn(r) })
		}
		head := control.RowFill(8, turn, control.Centre(control.NewBadge(strconv.Itoa(i+1), control.Muted)), control.Grow(r.title), up, down,
			control.NewTool("trash-2", "Remove", func() { l.remove(i) }))
		whole := control.Col(12, head)
		if r.open {
			whole.Add(control.Pad(control.Sides(0, 4, 4, 4), r.form.View()))
		}
		l.root.Objects = append(l.root.Objects, control.Wide(part.FormWidth+40, control.Card(whole)))
	}
	l.root.Objects = append(l.root.Objects, control.Wide(part.FormWidth, control.Wrap(8, l.add...)))
	part.Relayout(l.root)
}

// unread is the first field of any row whose text cannot be read, "[1].timeout_s".
func (l *formList) unread() *core.Invalid {
	for i, r := range l.rows {
		if bad := r.form.Unread(); bad != nil {
			return &core.Invalid{Field: fmt.Sprintf("[%d].%s", i, bad.Field), Reason: bad.Reason}
		}
	}
	return nil
}

// show puts a problem at its field, and takes all others away. A problem names its row, "[1].url", where there are several.
func (l *formList) show(invalid *core.Invalid) (shown bool) {
	at, here := l.place(invalid)
	for i, r := range l.rows {
		if i != at {
			r.form.Show(nil)
			continue
		}
		if shown = r.form.Show(here); shown && !r.open {
			l.turn(r)
		}
	}
	return shown
}

// label is what the field of a problem is called.
func (l *formList) label(invalid *core.Invalid) string {
	at, here := l.place(invalid)
	if at < 0 || at >= len(l.rows) {
		return ""
	}
	if label := l.rows[at].form.Label(here.Field); label != "" && len(l.rows) > 1 {
		return fmt.Sprintf("%d, %s", at+1, label)
	} else {
		return label
	}
}

// place is the row of a problem, and the problem as that row's form knows it; -1 where there is none.
func (l *formList) place(invalid *core.Invalid) (at int, here *core.Invalid) {
	if invalid == nil {
		return -1, nil
	}
	field := invalid.Field
	if rest, numbered := strings.CutPrefix(field, "["); numbered {
		number, below, _ := strings.Cut(rest, "]")
		n, err := strconv.Atoi(number)
		if err != nil {
			return -1, nil
		}
		at, field = n, below
	}
	return at, &core.Invalid{Field: strings.TrimPrefix(field, "."), Reason: invalid.Reason}
}
