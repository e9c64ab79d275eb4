package engine

import (
	"encoding/json"
	"net/http"
	"slices"

	"hookglass/core"
	"hookglass/core/shape"
)

// route is one operation of the control address. What answers it and what the document at /_/openapi.json says of it stand in
// one row, so that neither is changed without the other.
type route struct {
	method, path string
	summary      string // one sentence, without its full stop
	query        []param
	takes, gives any      // values of the Go types whose JSON is the body and the answer; nil: there is none
	named        bool     // the id in its path is a text
	task         bool     // it is long work: 202 at once, and the answer with the task
	long         bool     // it may be, for who asks so: Prefer: respond-async
	needs        []string // members that the body must have
	refuses      []int    // statuses of its own, beside those that every address has
	tells        map[string]any

	answer func(*http.Request) (any, error)
	serve  http.HandlerFunc // instead of answer, where the answer is no JSON
}

// param is what a query may hold.
type param struct {
	name, kind string // kind is a type of JSON schema
	about      string
}

// table is all routes, in the order of the document.
func (c *Control) table() []route {
	filter := param{"query", "string", "A filter of the history, as hookglass history takes it; empty: everything"}
	limit := param{"limit", "integer", "How many at most, 0 to 10000; 100 where it is left out"}
	after := param{"after", "integer", "Only captures with higher numbers"}
	since := param{"since_s", "number", "Instead of after: those of so many seconds ago, and later"}
	invalid := []int{http.StatusBadRequest}
	missing := []int{http.StatusBadRequest, http.StatusNotFound}
	decided := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict}
	return slices.Concat([]route{
		{method: "GET", path: "/_/captures", summary: "List captures, the newest first", answer: c.captures, gives: []CaptureLine{}, refuses: invalid,
			query: []param{filter, limit, {"before", "integer", "Only captures with lower numbers: the next page"}}},
		{method: "GET", path: "/_/captures/{id}", summary: "Read a capture whole, and why its signature does not hold", answer: c.capture, gives: CaptureJSON{}, refuses: missing},
		{method: "DELETE", path: "/_/captures", summary: "Delete the captures that match and are not pinned", answer: c.deleteCaptures, gives: Deleted{}, refuses: invalid, long: true,
			query: []param{filter, {"all", "boolean", "True where everything is meant and no query is given"}}},
		{method: "GET", path: "/_/search", summary: "Say how far the index of texts is; what is not in it is found too, more slowly", answer: c.searching, gives: Searching{}},
		{method: "PUT", path: "/_/search", summary: "Switch the index of texts on or off", answer: c.switchSearch, takes: switched{}, gives: Searching{}, refuses: invalid},
		{method: "PUT", path: "/_/captures/{id}/note", summary: "Put a note on a capture; an empty one takes it away", answer: c.note, takes: noteBody{}, gives: noted{}, refuses: missing},
		{method: "PUT", path: "/_/captures/{id}/pin", summary: "Keep a capture from being deleted, or let it go", answer: c.pin, takes: pinBody{}, gives: pinned{}, refuses: missing},
		{method: "GET", path: "/_/wait", summary: "Wait until captures match, or until the time is over", answer: c.wait, gives: Waited{}, refuses: invalid,
			query: []param{filter, {"count", "integer", "How many must match; 1 where it is left out"}, after, since,
				{"timeout_s", "number", "Seconds to wait; 30 where it is left out, 0: only what is there already"}}},
		{method: "GET", path: "/_/stream", summary: "Hear of captures and attempts as server-sent events; Last-Event-ID takes it up again", serve: c.stream, refuses: invalid,
			query: []param{filter, after, since}, tells: map[string]any{"capture": CaptureNews{}, "attempt": AttemptNews{}}},
		{method: "POST", path: "/_/open", summary: "Bring the window to the front, with a file or a hookglass:// link where one is named", answer: c.open, takes: openBody{}, gives: opened{},
			refuses: []int{http.StatusBadRequest, http.StatusConflict}},
		{method: "GET", path: "/_/work", summary: "List the work that platforms did, the newest first", answer: c.workItems, gives: []WorkJSON{}, query: []param{limit}, refuses: invalid},
		{method: "GET", path: "/_/work/{id}", summary: "Read a work item whole", answer: c.work, gives: WorkJSON{}, refuses: []int{http.StatusNotFound}},
		{method: "GET", path: "/_/deliveries", summary: "List deliveries without their attempts, the newest first", answer: c.deliveries, gives: []DeliveryJSON{}, refuses: invalid,
			query: []param{limit, {"state", "string", "Only those in this state"}, {"batch", "string", "Only those of this replay"}}},
		{method: "GET", path: "/_/deliveries/{id}", summary: "Read a delivery with its attempts", answer: c.delivery, gives: DeliveryJSON{}, refuses: missing},
		{method: "POST", path: "/_/deliveries/{id}/cancel", summary: "Give a delivery up", answer: c.cancel, gives: DeliveryJSON{}, refuses: decided},
		{method: "POST", path: "/_/deliveries/cancel", summary: "Give a replay up as a whole, what is not owed yet too", answer: c.cancelBatch, gives: cancelled{}, refuses: invalid,
			query: []param{{"batch", "string", "Of which replay"}}},
		{method: "POST", path: "/_/deliveries/{id}/retry", summary: "Make a delivery due at once", answer: c.retry, gives: DeliveryJSON{}, refuses: decided},
		{method: "GET", path: "/_/endpoints", summary: "List endpoints, their secrets masked", answer: c.endpoints, gives: []EndpointJSON{}},
		{method: "GET", path: "/_/sources", summary: "List sources, their secrets masked", answer: c.sources, gives: []SourceJSON{}},
		{method: "POST", path: "/_/sources", summary: "Add a source, written as a workspace file writes one", answer: c.addSource, takes: sourceDoc{}, needs: []string{"platform"},
			gives: SourceJSON{}, refuses: invalid},
		{method: "GET", path: "/_/sources/{id}", summary: "Read a source, its secrets masked", answer: c.source, gives: SourceJSON{}, refuses: missing},
		{method: "PUT", path: "/_/sources/{id}", summary: "Change what the body names of a source; null puts a setting back", answer: c.editSource, takes: sourceDoc{}, gives: SourceJSON{}, refuses: missing},
		{method: "DELETE", path: "/_/sources/{id}", summary: "Remove a source; its captures stay", answer: c.removeSource, gives: removed{}, refuses: missing},
		{method: "POST", path: "/_/events", summary: "Send an event to the endpoints that want it", answer: c.events, takes: eventDoc{}, needs: []string{"event"}, gives: emitted{}, refuses: invalid},
		{method: "POST", path: "/_/replay", summary: "Send captures again; of many, the rest is owed after the answer", answer: c.replay, takes: ReplayRequest{}, gives: replayed{}, refuses: missing, long: true,
			query: []param{{"wait", "boolean", "True: answer when all are owed"}}},
		{method: "POST", path: "/_/send", summary: "Send one composed request", answer: c.send, takes: SendBody{}, needs: []string{"delivery"}, gives: emitted{}, refuses: invalid},
		{method: "GET", path: "/_/shapes", summary: "Read what the bodies of events look like: all in short, or one whole; in code where a format is named", answer: c.shapes, gives: []ShapeJSON{}, refuses: invalid,
			query: []param{{"event", "string", "One event whole; - where none was recognised"}, {"source", "string", "Only of the source of this name"},
				{"format", "string", "The code too: " + core.OrList(shape.ExportNames())}}},
		{method: "POST", path: "/_/verify", summary: "Check a signature, and where it does not hold, say why", answer: c.verify, takes: VerifyBody{}, gives: VerdictJSON{}, refuses: missing},
		{method: "POST", path: "/_/shrink", summary: "Find the smallest body of a capture that a handler still fails at; it ends where the caller goes", answer: c.shrink, takes: ShrinkRequest{}, needs: []string{"capture", "to"},
			gives: Shrunk{}, refuses: invalid, long: true},
		{method: "POST", path: "/_/simulate", summary: "Run a what-if in virtual time; it ends where the caller goes", answer: c.simulate, takes: scenarioDoc{}, gives: simulated{}, refuses: invalid, long: true},
		{method: "GET", path: "/_/agents", summary: "List what coding agents did, the newest first", answer: c.agentCalls, gives: []AgentCall{}, query: []param{limit}, refuses: invalid},
		{method: "POST", path: "/_/agents", summary: "Keep what a coding agent did", answer: c.noteAgent, takes: AgentCall{}, needs: []string{"did"}, gives: AgentCall{}, refuses: invalid},
		{method: "POST", path: "/_/checkup", summary: "Examine a handler; the scorecard is the result of the task", answer: c.checkup, takes: CheckupBody{}, needs: []string{"url"}, gives: scorecard{},
			refuses: invalid, task: true},
		{method: "POST", path: "/_/faults", summary: "Set what a source does wrong on purpose", answer: c.faults, takes: faultsDoc{}, needs: []string{"source", "faults"}, gives: faulty{}, refuses: missing},
		{method: "GET", path: "/_/tasks", summary: "List the long work of this run, the newest first", answer: c.listTasks, gives: []TaskJSON{}},
		{method: "GET", path: "/_/tasks/{id}", summary: "Read how far long work has come, and what came of it", answer: c.task, gives: TaskJSON{}, refuses: missing, named: true,
			query: []param{{"wait_s", "number", "Seconds to wait for its end, 600 at the most; 0 where it is left out"}}},
		{method: "POST", path: "/_/tasks/{id}/cancel", summary: "Give long work up", answer: c.cancelTask, gives: TaskJSON{}, named: true,
			refuses: []int{http.StatusNotFound, http.StatusConflict}},
		{method: "GET", path: "/_/openapi.json", summary: "Read this document", answer: c.document, gives: core.Values{}},
	}, c.environmentTable(), c.teamTable())
}

func (c *Control) shapes(r *http.Request) (any, error) {
	q := r.URL.Query()
	return c.e.Shapes.Ask(r.Context(), ShapeQuery{Event: q.Get("event"), Source: q.Get("source"), Format: q.Get("format")})
}

func (c *Control) routes() http.Handler {
	m := http.NewServeMux()
	for _, rt := range c.table() {
		serve := rt.serve
		switch {
		case rt.task || rt.long:
			serve = func(w http.ResponseWriter, r *http.Request) { c.takeOn(w, r, &rt) }
		case serve == nil:
			serve = func(w http.ResponseWriter, r *http.Request) {
				v, err := rt.answer(r)
				reply(w, http.StatusOK, v, err)
			}
		}
		m.HandleFunc(rt.method+" "+rt.path, serve)
	}
	return m
}

// The shapes of small bodies and answers.
type (
	noteBody struct {
		Note string `json:"note"`
	}
	noted struct {
		ID   core.CaptureID `json:"id"`
		Note string         `json:"note"`
	}
	pinBody struct {
		Pinned bool `json:"pinned"` // true where it is left out
	}
	pinned struct {
		ID     core.CaptureID `json:"id"`
		Pinned bool           `json:"pinned"`
	}
	openBody struct {
		File string `json:"file"`
		Link string `json:"link"` // the window asks before it follows it
	}
	opened struct {
		Opened bool `json:"opened"`
	}
	removed struct {
		ID      core.SourceID `json:"id"`
		Removed bool          `json:"removed"`
	}
	emitted struct {
		Deliveries []core.DeliveryID `json:"deliveries"`
	}
	replayed struct {
		Deliveries []core.DeliveryID `json:"deliveries"`
		Batch      string            `json:"batch"`
		Of         int               `json:"of"` // how many there will be: many are owed after the answer
	}
	cancelled struct {
		Batch     string `json:"batch"`
		Cancelled int    `json:"cancelled"`
	}
	faultsDoc struct {
		Source any             `json:"source"` // its name or its number
		Faults json.RawMessage `json:"faults"` // as a workspace file has them; null takes all away
	}
	faulty struct {
		ID     core.SourceID   `json:"id"`
		Source string          `json:"source"`
		Faults json.RawMessage `json:"faults"`
	}
	// sourceDoc is read by what reads workspaces.
	sourceDoc struct{}
	// scenarioDoc and simulated are read and written as core/lab's files are.
	scenarioDoc struct{}
	// scorecard is written as core/lab does.
	scorecard struct{}
	simulated struct{}
	eventDoc  struct {
		Event     string          `json:"event"`
		Data      json.RawMessage `json:"data"`      // an example where it is left out
		Timestamp string          `json:"timestamp"` // now where it is left out
	}
)
