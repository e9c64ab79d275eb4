package sources

import (
	"encoding/json"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/platform"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// sourceEditor is one source whole: where it is reached, and everything that can be set on it. Changes are a draft until
// they are saved.
type sourceEditor struct {
	w        *frame.Window
	page     *Page
	platform platform.Platform
	stored   core.Source // as it stands in the store; without an id it is new
	draft    core.Source
	secrets  map[string]*part.SecretField

	name          *control.Field
	title_, below *control.Text
	mark          *part.PlatformMark
	tabs          *control.Tabs
	parts         []sourcePart
	stage         *control.Box
	overview      *sourceOverview
	promise       *promise
	settings      *part.Form
	faults, limit *part.Form
	forwards      *formList
	answers       *answerEditor // nil: the platform has its own answers
	limitCard     *control.Box
	confirmed     []string // hosts that the user agreed to forward to
	bar           *saveBar
	head          *fyne.Container
	others        []fyne.CanvasObject // what one does with a source that is not being changed
	notice        *control.Box
	setup         *setupCard // of a new one
	root          fyne.CanvasObject

	touched   bool // the user changed something
	over      bool // the user saves over what somebody else changed
	testing   bool // a test event follows once it is added
	madeUp    bool // its secret was made here, to try it with
	stopCheck func()
	serial    int
}

// sourcePart is one tab of the editor.
type sourcePart struct {
	label string
	view  fyne.CanvasObject
}

func newSourceEditor(p *Page, src core.Source, fresh bool) *sourceEditor {
	e := &sourceEditor{w: p.w, page: p, stored: src, draft: cloneSource(src), secrets: map[string]*part.SecretField{}, stage: control.NewBox(control.Surface{}, nil),
		notice: control.NewBox(control.Surface{}, nil)}
	e.platform, _ = platform.Find(src.Platform)
	if fresh {
		e.stored.ID = 0
		_ = platform.Check(e.draft.Settings, e.platform.Settings) // fills in the defaults; what is wrong is shown as the user types
	}
	e.build()
	return e
}

func (e *sourceEditor) view() fyne.CanvasObject { return e.root }
func (e *sourceEditor) fresh() bool             { return e.stored.ID == 0 }

func (e *sourceEditor) title() string {
	if e.draft.Name != "" {
		return e.draft.Name
	}
	return "the new source"
}

// cloneSource is a copy that shares nothing.
func cloneSource(src core.Source) core.Source {
	var out core.Source
	b, err := json.Marshal(src)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		panic("a source is plain data: " + err.Error())
	}
	if out.Settings == nil {
		out.Settings = core.Values{}
	}
	return out
}

func (e *sourceEditor) build() {
	e.mark = part.NewPlatformMark(38)
	e.mark.SetSource(e.stored, e.w.Engine.Schemes.Book())
	e.title_, e.below = control.NewText("", control.Heading).Ellipsis(), control.NewText("", control.Small).EllipsisMiddle()
	e.buildForms()
	e.bar = newSaveBar(e)
	e.promise = newPromise(e)
	e.parts = e.tabParts()
	labels := make([]string, len(e.parts))
	for i, p := range e.parts {
		labels[i] = p.label
	}
	e.tabs = control.NewTabs(e.turn, labels...)
	e.others = e.actions()
	line := control.RowFill(12, control.Centre(e.mark.View()), control.Grow(e.title_), control.Row(6, append(slices.Clone(e.others), e.bar.view())...))
	e.head = control.Col(4, part.HeadLine(e.bar.fold(), line), e.below, e.bar.words)
	e.root = control.Col(0, control.Pad(control.Sides(16, 18, 10, 22), e.head), control.Pad(control.XY(20, 0), e.tabs), control.Hair(), e.notice,
		control.Grow(e.stage))
	e.turn(0)
	e.show()
}

// tabParts are the tabs in their order; a source that is not stored yet has nothing to look over.
func (e *sourceEditor) tabParts() []sourcePart {
	scrolled := func(o fyne.CanvasObject) *control.Scroll {
		return control.NewScroll(control.Pad(control.Sides(18, 22, 22, 22), o))
	}
	parts := []sourcePart{{"Settings", scrolled(e.settingsView())}}
	if e.answers != nil {
		parts = append(parts, sourcePart{core.Capital(e.answers.name), scrolled(e.answers.view())})
	}
	parts = append(parts, []sourcePart{{"Forward", scrolled(e.forwardView())}, {"Faults", scrolled(e.faultsView())},
		{"Limit", scrolled(e.limitView())}, {"Contract", scrolled(control.Col(22, e.promise.root, contractView(e.platform)))}}...)
	if e.fresh() {
		return parts
	}
	e.overview = newSourceOverview(e)
	overview := scrolled(e.overview.view())
	e.overview.curl.Beyond(overview.Turn)
	return append([]sourcePart{{"Overview", overview}}, parts...)
}

func (e *sourceEditor) actions() []fyne.CanvasObject {
	if e.fresh() {
		return nil
	}
	return []fyne.CanvasObject{
		control.NewButton("Show captures", "inbox", control.Secondary, func() { e.w.Open("Inbox"); e.w.Go.FilterInbox("source", e.stored.Name) }),
		control.NewTool("trash-2", "Delete this source", e.askDelete),
	}
}

func (e *sourceEditor) turn(i int) {
	e.stage.SetChild(e.parts[i].view)
	if e.answers != nil && e.parts[i].label == core.Capital(e.answers.name) {
		e.answers.load()
	}
}

// turnTo brings a tab to the front by its name.
func (e *sourceEditor) turnTo(label string) {
	for i, p := range e.parts {
		if p.label == label {
			e.tabs.Select(i)
			e.turn(i)
		}
	}
}

// show brings the head, the tabs' counts and the save bar in line with the draft.
func (e *sourceEditor) show() {
	name := e.draft.Name
	if name == "" {
		name = "New source"
	}
	e.title_.Set(name)
	profile := ""
	if e.draft.Profile == core.Code {
		profile = "  ·  as shipped"
	}
	whose := e.platform.Title
	if scheme := e.draft.Settings.Text("scheme"); scheme != "" {
		whose = part.ProviderOf(e.w.Host(), scheme)
	}
	e.below.Set(whose + profile + "  ·  " + e.w.Engine.LocalURL(e.draft))
	for i, p := range e.parts {
		switch p.label {
		case "Faults":
			e.tabs.SetCount(i, part.CountText(faultCount(e.draft.Faults)))
		case "Limit":
			e.tabs.SetCount(i, part.CountText(boolCount(e.draft.Limit != nil)))
		case "Forward":
			e.tabs.SetCount(i, part.CountText(countOn(e.draft.Forwards)))
		}
	}
	e.mark.SetSource(e.draft, e.w.Engine.Schemes.Book())
	if e.setup != nil {
		e.setup.show(e.draft)
	}
	e.bar.show()
}

func boolCount(on bool) int {
	if on {
		return 1
	}
	return 0
}

// say shows a remark over the tabs' contents.
func (e *sourceEditor) say(text string) {
	if text == "" {
		e.notice.SetChild(nil)
		return
	}
	e.notice.SetChild(control.Pad(control.Sides(14, 22, 0, 22), control.Banner(control.Blue, text, nil)))
}

// update takes up what the store has now, unless the user is changing it.
func (e *sourceEditor) update(r sourceRow) {
	if e.overview != nil {
		e.overview.update(r)
	}
	if !e.dirty() && !sameSources(e.stored, r.source) {
		tab := e.tabs.Selected()
		e.stored, e.draft = r.source, cloneSource(r.source)
		e.secrets = map[string]*part.SecretField{}
		e.build()
		e.tabs.Select(tab)
		e.turn(tab)
		e.page.stage.SetChild(e.view())
		e.overview.update(r)
	}
	if r.problem != "" {
		e.notice.SetChild(control.Pad(control.Sides(14, 22, 0, 22), control.Banner(control.Amber, core.Capital(r.problem), nil)))
	}
}

// dirty reports whether there is something to save.
func (e *sourceEditor) dirty() bool {
	for _, s := range e.secrets {
		if s.Choice().Changed() {
			return true
		}
	}
	return e.fresh() || !sameSources(e.stored, e.draft) || e.unread() != nil
}

func sameSources(a, b core.Source) bool {
	x, err1 := json.Marshal(cloneSource(a))
	y, err2 := json.Marshal(cloneSource(b))
	return err1 == nil && err2 == nil && string(x) == string(y)
}

// suggestSecret fills in a random secret where the platform takes one, so that its example is signed.
func (e *sourceEditor) suggestSecret() {
	if _, any := schemeSetting(e.platform); any {
		return
	}
	for _, s := range e.platform.Settings {
		if s.Kind == platform.SecretKind && s.Name == "secret" {
			e.secret(s).Type(part.RandomSecret())
			e.touched = false // by the user
			e.show()
		}
	}
}

// secret is the field of one secret. It outlives the form that it stands in, which is drawn anew.
func (e *sourceEditor) secret(s platform.Setting) *part.SecretField {
	if e.secrets[s.Name] == nil {
		e.secrets[s.Name] = part.NewSecretField(e.w.Host(), part.SecretSpec{Label: s.Label, Help: s.Help, Random: true, Changed: e.edited})
		e.secrets[s.Name].Set(e.stored.Secrets[s.Name])
	}
	return e.secrets[s.Name]
}

// newAddress returns what changes a source's address: settings whose suggestion is another one each time.
func (e *sourceEditor) newAddress() core.Values {
	a, b := e.w.Engine.Suggest(e.platform.Name), e.w.Engine.Suggest(e.platform.Name)
	out := core.Values{}
	for name, v := range a {
		if v != b[name] {
			out[name] = v
		}
	}
	return out
}

// regenerate offers a new address. One that is reached from outside should not be guessed.
func (e *sourceEditor) regenerate(anchor fyne.CanvasObject, setting string) {
	take := func(v any) {
		e.draft.Settings[setting] = v
		e.settings.Draw(plainSettings(e.platform))
		e.edited()
		e.say("Once you save, senders of the old address get 404.")
		if e.fresh() {
			e.say("")
		}
	}
	address, _ := e.newAddress()[setting].(string)
	if !strings.HasPrefix(address, "/") {
		take(address)
		return
	}
	e.w.Layers.MenuUnder(anchor,
		control.MenuItem{Label: "Short: " + address, Icon: "shuffle", Do: func() { take(address) }},
		control.MenuItem{Label: "Unguessable, for a public address", Icon: "lock", Do: func() { take(engine.UnguessablePath()) }})
}
