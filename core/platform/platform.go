// Package platform emulates the agent platforms: what each answers, what it then does step by step, and what
// it sends. It does no I/O: requests, the time and ids come in, everything else comes out as values.
//
// A new platform is a file of its own and a place in [All]. One that sends to endpoints declares them in [Endpoints]; no
// other package knows its name.
//
// Most callers look a platform up with [Find], make a [Machine] for a source and call Receive for
// each request and Advance when due.
package platform

import (
	"math/rand/v2"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// Platform is what is known of one platform. All of them stand in one literal, [All].
type Platform struct {
	Name      string     // "nitejar"
	Title     string     // "Nitejar"
	Summary   string     // one sentence for the gallery
	Inbound   bool       // can be a source
	Outbound  bool       // sends, too
	Endpoints *Endpoints // the endpoints of its own that it sends to; nil: it has none

	Management *Management // the addresses under which a source is managed; nil: it has none

	// StandsFor is the scheme of the provider whose events the platform's own scheme signs; empty: its own events.
	StandsFor string

	// Remembers is how many finished work items somebody may still ask for; Config.Work has them beside the unfinished.
	Remembers int

	Settings []Setting
	Contract []Fact // the contract in short, each with its source
	Disputes []Fact // where document and code, or two places of a document, contradict each other
	Shipped  []Fact // what the code profile does otherwise; empty: the two profiles are alike

	// Owns reports whether path has the shape of this platform's addresses, so that an unknown id there gets the
	// platform's own answer. It is asked only while a source of the platform exists.
	Owns func(path string) bool
	// Unknown answers a request that Owns claims and no source matches. profile is that of the platform's sources.
	Unknown func(in In, profile string) Out
	// New makes the machine of one source. It refuses settings out of range with a *core.Invalid whose Field is
	// the setting's name.
	New func(Config) (Machine, error)
	// Suggest returns settings for a new source, drawn anew each time, so that only a secret is left to give: an id of the
	// platform's own kind, which also is what regenerating a URL takes.
	// Nil: there is nothing to suggest.
	Suggest func(IDs) core.Values
	// Path returns the address of a source with these settings, "/agents/ID/webhook".
	Path func(core.Values, string) string
	// Example returns a request that the platform accepts, signed where a secret is set: for the curl line.
	Example func(Config, time.Time) core.Request
}

// Fact is a statement about a platform and where it is from.
type Fact struct{ Text, Source string }

// Setting is one thing a user may set on a source or an endpoint. The form in the window and the check of a workspace file are
// both drawn from it.
type Setting struct {
	Name     string
	Label    string
	Help     string
	Kind     Kind
	Default  any       // nil: none, the setting must be given if Required
	Min, Max float64   // for numbers, when Max > 0
	Whole    bool      // for numbers: no fraction
	Choices  []string  // for Choice
	Fields   []Setting // for Object: what it holds; nil: anything
	Many     bool      // for Object: or a list of such objects
	Required bool
	Advanced bool // the agent's script and other things few people touch
	Long     bool // for Text: of several lines

	Example string `json:"-"` // for Text: what an empty field shows
	Once    bool   `json:"-"` // of an endpoint: asked when it is made, and not kept
}

// Kind is the type of a setting.
type Kind string

// The kinds. A Secret travels in Config.Secrets, never in Config.Settings.
const (
	TextKind   Kind = "text"
	NumberKind Kind = "number"
	BoolKind   Kind = "bool"
	ChoiceKind Kind = "choice"
	SecretKind Kind = "secret"
	ObjectKind Kind = "object"
	SchemeKind Kind = "scheme" // text: the id of a signature scheme, or nothing
)

// Config is a source as its machine sees it.
type Config struct {
	Source    core.SourceID
	Name      string
	Profile   string
	Settings  core.Values
	Secrets   map[string]core.Secret
	Pace      float64         // delays are divided by it; 0 means 1
	Seed      uint64          // drives the emulated agent's script
	Work      []core.WorkItem // work of an earlier run, oldest first: the unfinished to go on with, and finished items that it remembers
	Endpoints []core.Endpoint // the endpoints of this platform, for management addresses
	Schemes   sign.Book       // those that exist
	Filter    Filter          // reads filters; nil: there are none
	Resolve   Resolve         // finds secrets that a template names; nil: none can be had
	Base      string          // where senders reach it, "http://127.0.0.1:4600": for an example that signs its address
}

// Filter reads a filter for requests of which is known what they are and not yet what they are answered.
type Filter = func(text string) (func(*core.Capture) bool, error)

// Resolve finds the value of a secret.
type Resolve = func(core.SecretRef) (core.Secret, error)

// Machine is one source of a platform at work. It has no goroutine, clock, random source or socket of its own,
// and is never called by two goroutines at a time.
type Machine interface {
	// Match says how well a path fits this source: 0 not at all, more is better. It alone may be called at any time,
	// so it reads only what New set.
	Match(path string) int
	// Look finds out what needs no more of a request than the request, a signature above all. It may be called at any time,
	// as Match may, so that requests need not wait for each other's.
	Look(in In) Seen
	// Receive decides what becomes of a request. It must not keep or change in.Request.
	Receive(in In) Out
	// Advance does what is due at now and says when to call again; the zero time means: when something new arrives.
	Advance(now time.Time, ids IDs) (Out, time.Time)
}

// Anchored is a machine whose Match is 0 for every path in which none of its anchors stands. Of many sources, only those are
// asked whose anchor a path has. One without is asked for every path.
type Anchored interface{ Anchors() []Anchor }

// Asking is a machine that may want to know whether a request keeps the contract of its source.
type Asking interface{ AsksContract() bool }

// Anchor is a text that a path has as one of its segments or, Under, begins with, a slash or nothing behind it.
type Anchor struct {
	Text  string
	Under bool
}

// In is one request and what a machine may not fetch for itself.
type In struct {
	Now     time.Time
	Request *core.Request
	Via     string // the tunnel that it came through; empty: this machine's listener
	IDs     IDs

	// Endpoints are those of the platform as they stand now, for management addresses. Nil: the machine goes by
	// Config.Endpoints and its own changes to them.
	Endpoints []core.Endpoint

	Promise *core.Promise // what was found of the source's contract; nil: there is none, or nobody asks for it, see Asking

	// Seen is what Look found out; the machine looks itself where it is empty.
	Seen Seen
}

// Seen is what a machine found out about a request before it was the request's turn.
type Seen struct {
	looked  bool
	event   core.Event
	verdict *core.Verdict // nil: not checked
}

// Event is what was recognised, and Verdict what the signature is worth; nil: it was not checked.
func (s Seen) Event() core.Event      { return s.event }
func (s Seen) Verdict() *core.Verdict { return s.verdict }

// Out is everything that follows from one call.
type Out struct {
	Response core.Response
	Receipt  core.Receipt
	Event    core.Event
	Work     []core.WorkItem // new and changed items, whole; of Receive: those that the request made
	Send     []Send
	Delay    time.Duration // before the answer
	// Told makes the answer of a request that is stored by now, where the answer tells its id; nil: Response is it. It is called
	// as Receive is.
	Told func(core.CaptureID) core.Response
	// Number puts the id into Response where it is told and nothing else depends on it; nil: it is not. It may be called on any
	// goroutine, and more than once.
	Number func(core.Response, core.CaptureID) core.Response
	Next   time.Time // Receive: call Advance at this time; zero means no change

	Set           core.Values     // settings of the source that changed (a webhook was switched on over the API)
	PutEndpoints  []core.Endpoint // endpoints made or changed over a management address, by WireID
	DropEndpoints []string        // WireIDs

	// Secrets are those of PutEndpoints that are new, by WireID: the caller keeps them and sets Target.Secret.
	Secrets map[string]core.Secret
}

// Send is a request that a platform owes somebody. Where Target.Scheme is set and Target.Secret is not, the caller
// fills in the reference of the source's setting "secret": a machine knows values, not references.
type Send struct {
	Target core.Target
	Event  core.Event
	Body   []byte
	Header core.Header
	Work   string // wire id of the work item that it belongs to
}

// IDs makes ids from one seeded source, so that a test can predict them.
type IDs struct{ rand *rand.Rand }

// lettersDigits is the alphabet of most ids.
const lettersDigits = "abcdefghijklmnopqrstuvwxyz0123456789"

// NewIDs draws from r.
func NewIDs(r *rand.Rand) IDs { return IDs{r} }

// Text returns n characters of alphabet.
func (i IDs) Text(alphabet string, n int) string {
	b := make([]byte, n)
	for k := range b {
		b[k] = alphabet[i.rand.IntN(len(alphabet))]
	}
	return string(b)
}

// Seed returns a number for somebody who draws by himself.
func (i IDs) Seed() uint64 {
	if i.rand == nil {
		return 0
	}
	return i.rand.Uint64()
}

// UUID returns a version 4 UUID.
func (i IDs) UUID() string {
	const hex = "0123456789abcdef"
	b := []byte("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx")
	for k, c := range b {
		switch c {
		case 'x':
			b[k] = hex[i.rand.IntN(16)]
		case 'y':
			b[k] = hex[8+i.rand.IntN(4)]
		}
	}
	return string(b)
}
