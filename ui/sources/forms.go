package sources

import (
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/platform"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// buildForms makes the fields of the draft.
func (e *sourceEditor) buildForms() {
	e.name = control.NewField("Name", "stripe-live", func(text string) { e.draft.Name = text; e.edited() }).
		WithHelp("What lists show and the filter word source: matches.")
	e.name.SetQuiet(e.draft.Name)

	e.settings = part.NewForm(e.w.Host(), e.draft.Settings, e.edited)
	e.settings.Custom = map[string]func(platform.Setting) part.FormItem{}
	for _, s := range e.platform.Settings {
		if s.Kind == platform.SecretKind {
			e.settings.Custom[s.Name] = func(s platform.Setting) part.FormItem {
				return part.FormItem{View: e.secret(s).View(), Problem: e.secret(s).Problem}
			}
		}
	}
	e.settings.Beside = map[string]fyne.CanvasObject{}
	for name := range e.newAddress() {
		var button *control.Button
		button = control.NewTool("refresh-cw", "Make a new address", func() { e.regenerate(button, name) })
		e.settings.Beside[name] = control.Col(0, control.Gap(0, 22), button)
	}
	e.settings.Draw(plainSettings(e.platform))
	if s, ok := ruleSetting(e.platform); ok {
		e.answers = newAnswerEditor(e, s)
	}

	e.forwards = newForwardList(e)
	e.faults = part.NewForm(e.w.Host(), faultValues(e.draft.Faults), e.edited)
	e.faults.Words = faultWords
	e.faults.Draw(faultSettings)
	e.drawLimit()
}

func (e *sourceEditor) drawLimit() {
	l := firstLimit
	if e.draft.Limit != nil {
		l = *e.draft.Limit
	}
	values := limitValues(l)
	e.limit = part.NewForm(e.w.Host(), values, func() {
		if kind := values.Text("kind"); e.draft.Limit != nil && kind != e.draft.Limit.Kind {
			e.edited()
			e.drawLimit() // other fields count for it
			return
		}
		e.edited()
	})
	e.limit.Words = limitWords
	e.limit.Draw(limitSettings(l.Kind))
	if e.limitCard == nil {
		e.limitCard = control.NewBox(control.Surface{}, nil)
	}
	e.limitCard.SetChild(nil)
	if e.draft.Limit != nil {
		e.limitCard.SetChild(e.limit.View())
	}
}

func (e *sourceEditor) settingsView() fyne.CanvasObject {
	var parts []fyne.CanvasObject
	if e.fresh() {
		e.setup = newSetupCard(e.w)
		parts = append(parts, e.setup.root)
	}
	parts = append(parts, control.Wide(part.FormWidth, e.name))
	if len(e.platform.Shipped) > 0 {
		parts = append(parts, e.profileView())
	}
	return control.Col(16, append(parts, e.settings.View())...)
}

// profileView switches between the platform as documented and as shipped, and says what changes.
func (e *sourceEditor) profileView() fyne.CanvasObject {
	body := control.NewBox(control.Surface{}, nil)
	show := func() {
		if e.draft.Profile != core.Code {
			body.SetChild(control.NewParagraph("Answers as the platform's document says.", control.Small.In(control.Faint)))
			return
		}
		var lines []fyne.CanvasObject
		for _, f := range e.platform.Shipped {
			lines = append(lines, control.RowFill(8, control.Col(0, control.Gap(0, 1), control.NewIcon("code", control.Violet, 13)), control.Grow(control.NewParagraph(f.Text, control.Small))))
		}
		body.SetChild(control.Col(5, lines...))
	}
	documented := core.Docs
	if e.stored.Profile != core.Code {
		documented = e.stored.Profile // empty means the same
	}
	choice := control.NewSegmented(func(i int) {
		e.draft.Profile = core.Code
		if i == 0 {
			e.draft.Profile = documented
		}
		show()
		e.edited()
	}, "As documented", "As shipped")
	if e.draft.Profile == core.Code {
		choice.Select(1)
	}
	show()
	return control.Wide(part.FormWidth, control.Col(7, control.NewText("Profile", control.Body.At(12).As(control.Medium)), control.Row(0, choice), body))
}

func (e *sourceEditor) forwardView() fyne.CanvasObject {
	return control.Col(16, partHead("Forward", "Sends each request on to servers of yours, as it came. What each was sent stands in Deliveries, with the capture."), e.forwards.view())
}

func (e *sourceEditor) faultsView() fyne.CanvasObject {
	var chips []fyne.CanvasObject
	for _, p := range faultPresets {
		chips = append(chips, control.NewButton(p.name, "", control.Secondary, func() {
			e.draft.Faults = p.faults
			e.faults.Values = faultValues(p.faults)
			e.faults.Draw(faultSettings)
			e.edited()
		}))
	}
	return control.Col(16, partHead("Faults on purpose", "What this source does wrong, to see how a sender takes it. They work from the moment you save, and each capture says which of them touched it."),
		control.Wide(part.FormWidth+60, control.Wrap(6, chips...)), e.faults.View())
}

func (e *sourceEditor) limitView() fyne.CanvasObject {
	sw := control.NewSwitch(e.draft.Limit != nil, nil)
	sw.OnChange = func(on bool) {
		e.draft.Limit = nil
		if on {
			l := firstLimit
			e.draft.Limit = &l
		}
		e.drawLimit()
		e.edited()
	}
	var presets *control.Button
	presets = control.NewButton("Documented limits", "book-open", control.Secondary, func() {
		var items []control.MenuItem
		for _, c := range limitChoices() {
			items = append(items, control.MenuItem{Label: c.label, Do: func() {
				l := c.limit
				e.draft.Limit = &l
				sw.Set(true)
				e.drawLimit()
				e.edited()
			}})
		}
		e.w.Layers.MenuUnder(presets, items...)
	})
	return control.Col(16, partHead("Limit", "What senders may send. Beyond it they get 429, beside what the platform itself imposes."),
		control.Wide(part.FormWidth, control.RowFill(10, control.Grow(control.Toggle(sw, "Limit the requests", "")), presets)), e.limitCard)
}

func partHead(title, below string) fyne.CanvasObject {
	return control.Wide(part.FormWidth+60, control.Col(3, control.NewText(title, control.Title), control.NewParagraph(below, control.Small)))
}

// gather reads the forms into the draft. What cannot be read is a *core.Invalid.
func (e *sourceEditor) gather() error {
	if bad := e.unread(); bad != nil {
		return bad
	}
	e.draft.Forwards = forwardsOf(e.forwards.values(), e.stored.Forwards)
	engine.KeepConsent(e.draft.Forwards, e.stored.Forwards)
	for i := range e.draft.Forwards {
		f := &e.draft.Forwards[i]
		engine.Agree(f, slices.DeleteFunc(e.w.Engine.Environments.Unagreed(f), func(host string) bool { return !slices.Contains(e.confirmed, host) }))
	}
	if e.answers != nil {
		e.answers.keep()
	}
	faults, err := faultsOf(e.faults.Values)
	if err != nil {
		return err
	}
	e.draft.Faults = faults
	if e.draft.Limit != nil {
		l := limitOf(e.limit.Values)
		e.draft.Limit = &l
	}
	return nil
}

// formPart is a form with the tab it stands on and how the engine names its fields.
type formPart struct {
	tab    string
	form   *part.Form
	prefix string
	paths  map[string]string
}

func (e *sourceEditor) forms() []formPart {
	return []formPart{{"Settings", e.settings, "", nil}, {"Faults", e.faults, "faults.", faultPaths},
		{"Limit", e.limit, "limit.", nil}}
}

// lists are the lists of forms, by the name under which the engine knows them. Each has a tab of that name.
func (e *sourceEditor) lists() map[string]*formList {
	all := map[string]*formList{"forward": e.forwards}
	if e.answers != nil {
		all[e.answers.name] = e.answers.list
	}
	return all
}

// inList is a problem as the list of that name knows it; another's is nil.
func inList(invalid *core.Invalid, name string) *core.Invalid {
	if invalid == nil {
		return nil
	}
	field, ok := strings.CutPrefix(invalid.Field, name)
	if !ok || field != "" && field[0] != '.' && field[0] != '[' {
		return nil
	}
	return &core.Invalid{Field: field, Reason: invalid.Reason}
}

// unread is the first field of any form whose text cannot be read, by its path.
func (e *sourceEditor) unread() *core.Invalid {
	for _, f := range e.forms() {
		if bad := f.form.Unread(); bad != nil && (f.form != e.limit || e.draft.Limit != nil) {
			return &core.Invalid{Field: f.prefix + bad.Field, Reason: bad.Reason}
		}
	}
	for name, l := range e.lists() {
		if bad := l.unread(); bad != nil {
			return &core.Invalid{Field: name + bad.Field, Reason: bad.Reason}
		}
	}
	return nil
}

// point shows a problem at its field and returns the tab that it stands on; nil takes all problems away.
func (e *sourceEditor) point(err error) (tab string) {
	var invalid *core.Invalid
	if !errors.As(err, &invalid) {
		invalid = nil
	}
	e.name.SetProblem("")
	if invalid != nil && invalid.Field == "name" {
		e.name.SetProblem(core.Capital(invalid.Reason))
		tab = "Settings"
	}
	for _, p := range e.forms() {
		if p.form.Show(under(invalid, p.prefix, p.paths)) {
			tab = p.tab
		}
	}
	for name, l := range e.lists() {
		if l.show(inList(invalid, name)) {
			tab = core.Capital(name)
		}
	}
	return tab
}
