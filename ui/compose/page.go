// Package compose is the page that makes a request, signs it, also wrong on purpose, and sends it.
package compose

import (
	"context"
	"strconv"
	"sync"

	"fyne.io/fyne/v2"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/message"
	"hookglass/ui/part"
	"hookglass/ui/picture"
)

// The tabs at the right of Compose.
const (
	pictureTab = iota
	answerTab
	codeTab
)

// Page makes a request by hand: from a sample, a capture or nothing, signed as a provider does, right or wrong on
// purpose. Beside it stands what a receiver would see, the answer, and code that sends the same.
type Page struct {
	frame.Plain
	w *frame.Window

	about      *control.Text
	provider   *choiceField
	event      *control.Select
	method     *control.Select
	url        *control.Field
	filled     *control.Paragraph // what the environment makes of it
	where      *fyne.Container
	headers    *headerEditor
	body       *bodyEditor
	signing    *signingEditor
	sendButton *control.Button
	wrongly    *control.Button // sends wrong on purpose
	from       string          // the provider of the sample
	urls       []target

	right        *control.Tabs
	stage        *control.Box
	pane         *picture.Pane
	picture      *control.Scroll
	pictureStage *control.Box
	split        *control.Split
	answer       *message.AttemptPanel
	answerStage  *control.Box
	code         *control.CodeBlock
	codeStage    *control.Box
	lang         string

	draft      store.Draft
	made       uint64 // bodies that were made up
	askURL     string // the address that a handshake was put up with, and
	askedOf    string // what stood there before
	shown      int    // which composition was put up
	started    bool
	sending    bool
	answered   map[core.DeliveryID]bool
	forged     map[core.DeliveryID]forged
	serial     int
	stopTyping func()

	mu      sync.Mutex // for the pump
	sent    core.DeliveryID
	asked   map[core.DeliveryID]asked
	stopped bool // the user gave up what is not in the outbox yet
}

var methods = []string{"POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}

func New(w *frame.Window) *Page {
	p := &Page{Plain: frame.Plain{Title: "Compose", Symbol: "square-pen"}, w: w, lang: "cURL", answered: map[core.DeliveryID]bool{}, forged: map[core.DeliveryID]forged{}, asked: map[core.DeliveryID]asked{}}
	p.headers = newHeaderEditor(p.edited)
	p.body = newBodyEditor(w, p.edited)
	p.signing = newSigningEditor(w, p.edited)
	p.split = control.NewSplit(p.left(), p.rightSide(), 560, 380, 320).Named("Request", "Signature and answer")
	p.Root = control.Col(0, p.head(), control.Hair(), control.Grow(p.split))
	p.put(composition{Method: "POST"})
	return p
}

func (p *Page) head() fyne.CanvasObject {
	p.about = control.NewText("", control.Small).Ellipsis()
	p.sendButton = control.NewButton("Send", "send", control.Primary, p.send)
	p.sendButton.Tip = "Ctrl+Enter"
	words := control.Col(2, control.NewText("Compose", control.Heading), p.about)
	p.wrongly = control.NewButton("Send wrong", "shield-x", control.Secondary, p.chooseWrong)
	folding := []part.Labelled{
		{B: control.NewButton("Drafts", "folder", control.Ghost, p.openDrafts), Label: "Drafts", Icon: "folder"},
		{B: control.NewButton("Save draft", "save", control.Ghost, p.saveDraft), Label: "Save draft", Icon: "save"},
		{B: p.wrongly, Label: "Send wrong", Icon: "shield-x"}}
	fold := part.FoldAll(folding...)
	p.wrongly.Tip = "Send it once, wrong on purpose"
	actions := control.Row(6, folding[0].B, folding[1].B, p.wrongly, p.sendButton)
	return control.Pad(control.Sides(16, 18, 14, 22), part.HeadLine(fold, control.RowFill(10, control.Grow(words), control.Centre(actions))))
}

// left is what one edits.
func (p *Page) left() fyne.CanvasObject {
	p.provider = newChoiceField(p.w, "Provider or platform", "Start from a sample", p.providerOptions)
	p.event = control.NewSelect("Event", p.pickEvent)
	p.method = control.NewSelect("", func(int) { p.edited() }, methods...)
	p.url = control.NewField("", "http://127.0.0.1:3000/webhooks", func(string) { p.url.SetProblem(""); p.edited() }).AsCode()
	p.url.OnSubmit = func(string) { p.send() }
	pick := control.NewTool("chevron-down", "Sources, endpoints and addresses sent to before", func() { p.w.Layers.OpenChoice("Where to", p.targetOptions()) })
	line := control.RowFill(6, control.Fixed(104, control.Col(0, p.method)), control.Grow(p.url), control.Col(0, pick)) // the problem of an address stands below it alone
	p.filled = control.NewParagraph("", control.Small)
	p.filled.Hide()
	p.where = control.Col(6, line, p.filled)
	column := control.Col(18,
		part.Abreast(p.provider.view(), p.event),
		part.Section("Where to", p.where),
		part.Section("Body", p.body.view()),
		part.Section("Signature", p.signing.view()),
		part.Section("Headers", p.headers.view()))
	scroll := control.NewScroll(control.Pad(control.Sides(16, 20, 24, 22), column))
	p.body.text.Beyond, p.body.raw.Beyond = scroll.Turn, scroll.Turn
	return control.NewBox(control.Surface{Fill: control.SurfacePanel}, scroll)
}

// rightSide is what comes of it.
func (p *Page) rightSide() fyne.CanvasObject {
	p.right = control.NewTabs(p.turn, "Signature", "Answer", "Code")
	p.pane = picture.NewPane(p.w)
	p.pictureStage = control.NewBox(control.Surface{}, p.unsigned())
	p.picture = control.NewScroll(control.Pad(control.XY(20, 16), p.pictureStage))
	p.answer = message.NewAttemptPanel(p.w)
	p.answerStage = control.NewBox(control.Surface{}, p.unsent())
	p.code = picture.NewCodeBlock(p.w, &p.lang, nil)
	p.code.SetMost(6) // it takes the height there is
	p.codeStage = control.NewBox(control.Surface{}, p.code)
	p.stage = control.NewBox(control.Surface{}, p.picture)
	return control.NewBox(control.Surface{Fill: control.SurfaceDetail}, control.Col(0, control.Pad(control.Sides(6, 20, 0, 20), p.right), control.Hair(), control.Grow(p.stage)))
}

func (p *Page) turn(i int) {
	switch i {
	case answerTab:
		p.stage.SetChild(p.answerStage)
	case codeTab:
		p.stage.SetChild(control.Pad(control.XY(20, 16), p.codeStage))
	default:
		p.stage.SetChild(p.picture)
	}
}

func (p *Page) unsigned() fyne.CanvasObject {
	return control.Pad(control.XY(0, 60), control.EmptyState("fingerprint-pattern", "Not signed", "Choose a scheme and a secret, and the signature stands here as you type: every byte that goes into it."))
}

func (p *Page) unsent() fyne.CanvasObject {
	return control.EmptyState("send", "Nothing sent yet", "Press Send, or Ctrl+Enter. The answer stands here, beside what you sent.")
}

// Submit is Ctrl+Enter, Save is Ctrl+S.
func (p *Page) Submit() { p.send() }
func (p *Page) Save()   { p.saveDraft() }

// Verbs are what can be done from any page.
func (p *Page) Verbs() []control.Command {
	here := func(do func()) func() { return func() { p.w.Open(p.Title); do() } }
	return []control.Command{
		{Label: "New request", Hint: "Compose", Icon: "square-pen", Words: "send webhook event make sign", Do: here(p.Find)},
		{Label: "Send wrong on purpose", Hint: "Compose", Icon: "shield-x", Words: "stale tampered forged bad signature missing", Do: here(p.chooseWrong)},
		{Label: "Compose from what arrived", Hint: "Compose", Icon: "inbox", Words: "sample event shape synthetic median full minimal", Do: here(p.fromArrived)},
		{Label: "Open a draft", Hint: "Compose", Icon: "folder", Words: "load", Do: here(p.openDrafts)},
		{Label: "Save the draft", Hint: "Compose", Icon: "save", Words: "keep", Do: here(p.saveDraft)},
	}
}

func (p *Page) Find() { p.url.Focus() }

// subtitle says what is being edited.
func (p *Page) subtitle() {
	switch {
	case p.draft.ID != 0:
		p.about.Set("Draft: " + p.draft.Name)
	default:
		p.about.Set("Make a webhook by hand, signed as its provider does, right or wrong on purpose")
	}
}

// put shows a composition.
func (p *Page) put(c composition) {
	p.shown++
	p.from = c.Provider
	p.showSample(c.Provider, c.Event)
	p.method.ChooseText(c.Method)
	p.url.SetQuiet(c.URL)
	p.headers.set(c.Header)
	p.body.set(c.Body)
	p.signing.set(c)
	p.subtitle()
	p.edited()
}

// read is what is composed now, with the secrets as they are named.
func (p *Page) read() (c composition, secret, old part.SecretChoice) {
	c = composition{Provider: p.from, Event: p.eventName(), Method: p.method.Text(), URL: p.url.Text(), Header: p.headers.fields(), Body: p.body.bytes}
	secret, old = p.signing.read(&c)
	return c, secret, old
}

// begin puts up a sample that one of the sources expects, so that a newcomer sees something that works at once.
func (p *Page) begin() {
	p.edited()
	if p.url.Text() != "" || len(p.body.bytes) > 0 {
		return
	}
	for _, s := range assets.Samples() {
		if _, fits := p.fitting(s.Provider, s.Scheme); fits {
			p.useSample(s)
			return
		}
	}
	if t, _ := p.fitting("", ""); t.url != "" {
		p.url.SetQuiet(t.url)
		p.edited()
	}
}

// OpenCapture opens the page with a capture's request, to edit and send.
func (p *Page) OpenCapture(c *core.Capture) { p.open(c, composition.literal) }

// OpenAgain opens the page with what was composed before, and names values of an environment: in its address, or in the whole of it.
func (p *Page) OpenAgain(c *core.Capture, whole bool) {
	p.open(c, func(from composition) composition {
		if whole {
			return from
		}
		url := from.URL
		from = from.literal()
		from.URL = url
		return from
	})
}

func (p *Page) open(c *core.Capture, as func(composition) composition) {
	w := p.w
	w.Open(p.Title)
	p.split.Turn(false)
	p.started = true
	p.w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		var scheme sign.Scheme
		var secret core.SecretRef
		if s, err := w.Engine.SigningFor(ctx, c); err == nil {
			scheme = s.Scheme
			if len(s.Refs) > 0 {
				secret = s.Refs[0]
			}
		}
		known := part.StoredSecrets(ctx, w.Engine.Store)
		from := as(composedFrom(c, w.Engine.URL(), scheme, secret))
		return func() {
			p.draft = store.Draft{}
			p.signing.known = known
			p.put(from)
		}
	})
}

func statusText(status int) string { return strconv.Itoa(status) }
