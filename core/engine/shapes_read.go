package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/shape"
	"hookglass/core/store"
)

// EventShape is what is known of an event of a source.
type EventShape struct {
	store.Shape
	Learned *shape.Shape
	Drifts  []DriftNews // the newest first
	Changes int         // all of them
}

// DriftNews is in what a capture differed from those before it.
type DriftNews struct {
	shape.Drift
	Capture core.CaptureID
	At      time.Time
}

// shownDrifts are read of an event.
const shownDrifts = 200

// List is what was learned, the last seen first, without the shapes themselves.
func (s *Shapes) List(ctx context.Context) ([]EventShape, error) {
	all, err := s.store.Shapes(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := s.store.DriftCounts(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]EventShape, len(all))
	for i, d := range all {
		out[i] = EventShape{Shape: d, Changes: counts[d.Source][d.Event]}
	}
	return out, nil
}

// NoEvent is how an event without a name is asked for.
const NoEvent = "-"

// Find is the event of that name; of the source of that name, where one is given. An event that several sources have wants one.
func (s *Shapes) Find(ctx context.Context, source, event string) (EventShape, error) {
	all, err := s.List(ctx)
	if err != nil {
		return EventShape{}, err
	}
	name := event
	if event == NoEvent {
		name = ""
	}
	var found []EventShape
	var events, sources []string
	for _, e := range all {
		if source != "" && e.Name != source {
			continue
		}
		events = append(events, EventName(e.Event))
		if e.Event == name {
			found = append(found, e)
			sources = append(sources, e.Name)
		}
	}
	switch {
	case len(found) == 1:
		return s.Event(ctx, found[0].Source, found[0].Event)
	case len(found) > 1:
		slices.Sort(sources)
		return EventShape{}, &core.Invalid{Field: "source", Reason: "is missing: " + EventName(name) + " came to " + strings.Join(sources, " and ") + "; name one of them"}
	case len(events) == 0 && source != "":
		return EventShape{}, &core.Invalid{Field: "source", Reason: "no JSON came to " + source + " yet; hookglass sources lists the names"}
	case len(events) == 0:
		return EventShape{}, &core.Invalid{Field: "event", Reason: "no JSON has arrived yet; send a source something, then look again"}
	}
	slices.Sort(events)
	if events = slices.Compact(events); len(events) > 12 {
		events = append(events[:12], "…")
	}
	return EventShape{}, &core.Invalid{Field: "event", Reason: fmt.Sprintf("there is no %s; known are %s", EventName(name), strings.Join(events, ", "))}
}

// EventName is an event as it is asked for.
func EventName(event string) string {
	if event == "" {
		return NoEvent
	}
	return event
}

// Event is what is known of an event of a source.
func (s *Shapes) Event(ctx context.Context, source core.SourceID, event string) (EventShape, error) {
	d, err := s.store.Shape(ctx, source, event)
	if err != nil {
		return EventShape{}, err
	}
	e := EventShape{Shape: d, Learned: shape.New()}
	if len(d.Doc) > 0 {
		e.Learned = s.decoded(d.Doc)
	}
	e.Doc = nil
	rows, err := s.store.EventDrifts(ctx, source, event, shownDrifts)
	if err != nil {
		return EventShape{}, err
	}
	e.Drifts = news(rows)
	counts, err := s.store.DriftCounts(ctx)
	e.Changes = counts[source][event]
	return e, err
}

// decoded is the shape of a document. Nobody changes it.
func (s *Shapes) decoded(doc []byte) *shape.Shape {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.last.shape == nil || !bytes.Equal(s.last.doc, doc) {
		read, err := shape.Decode(doc)
		if err != nil {
			return shape.New() // of another version: it is learned anew soon
		}
		s.last.doc, s.last.shape = doc, read
	}
	return s.last.shape
}

// DriftsOf is in what a capture differs from those before it.
func (s *Shapes) DriftsOf(ctx context.Context, id core.CaptureID) ([]DriftNews, error) {
	rows, err := s.store.DriftsOf(ctx, id)
	return news(rows), err
}

func news(rows []store.Drift) (out []DriftNews) {
	for _, r := range rows {
		d := DriftNews{Capture: r.Capture, At: r.At}
		if json.Unmarshal(r.Doc, &d.Drift) == nil {
			out = append(out, d)
		}
	}
	return out
}

// Tell puts into a capture's JSON what was found of it behind the captures: in what it differs from those before it, and where it
// breaks its source's contract.
func (s *Shapes) Tell(ctx context.Context, c *CaptureJSON) error {
	found, checked, err := s.Violations(ctx, c.ID)
	if err != nil {
		return err
	}
	if checked {
		p := core.Promise{Violations: found}
		c.Contract, c.Violations = p.Word(), found
	}
	drifts, err := s.DriftsOf(ctx, c.ID)
	for _, d := range drifts {
		c.Drift = append(c.Drift, driftOf(d))
	}
	return err
}

func driftOf(d DriftNews) DriftJSON { return DriftJSON{d.Capture, stamp(d.At), d.Drift, d.Says()} }

// ShapeJSON is an event's shape.
type ShapeJSON struct {
	Source  string      `json:"source"`
	Event   string      `json:"event"`
	Count   int64       `json:"count"`
	First   string      `json:"first"`
	Last    string      `json:"last"`
	Changes int         `json:"changes"`
	Drift   []DriftJSON `json:"drift,omitempty"`
	Paths   []PathJSON  `json:"paths,omitempty"`
	Cut     bool        `json:"cut,omitempty"` // there were more paths than are learned
	Format  string      `json:"format,omitempty"`
	Code    string      `json:"code,omitempty"`
}

// DriftJSON is in what a capture differed from those before it.
type DriftJSON struct {
	Capture core.CaptureID `json:"capture"`
	At      string         `json:"at"`
	shape.Drift
	Says string `json:"says"`
}

// PathJSON is what stands at a path.
type PathJSON struct {
	Path     string           `json:"path"`
	Types    map[string]int64 `json:"types"`
	Presence float64          `json:"presence"` // the share of the objects around it that have it
	Format   string           `json:"format,omitempty"`
	Values   []string         `json:"values,omitempty"` // all that came, where they are few
	Examples []string         `json:"examples,omitempty"`
	Masked   bool             `json:"masked,omitempty"`
	Min      *float64         `json:"min,omitempty"`
	Max      *float64         `json:"max,omitempty"`
	Items    *[2]int          `json:"items,omitempty"` // the fewest and the most of an array
	First    core.CaptureID   `json:"first"`
	Last     core.CaptureID   `json:"last"`
}

// ShapeOf is an event as scripts see it.
func ShapeOf(e EventShape) ShapeJSON {
	j := ShapeJSON{Source: e.Name, Event: e.Event, Count: e.Count, First: stamp(e.First), Last: stamp(e.Last), Changes: e.Changes}
	for _, d := range e.Drifts {
		j.Drift = append(j.Drift, driftOf(d))
	}
	if e.Learned == nil {
		return j
	}
	j.Cut = e.Learned.Cut()
	for _, n := range e.Learned.Outline() {
		p := PathJSON{Path: n.Path, Types: map[string]int64{}, Presence: n.Presence, Format: n.Format(), Values: n.Values(), Examples: n.Examples(), Masked: n.Secret(), First: n.First.ID, Last: n.Last.ID}
		for _, k := range n.Kinds() {
			p.Types[k.String()] = n.Counts[k]
		}
		if n.Numbers != nil {
			p.Min, p.Max = &n.Numbers.Min, &n.Numbers.Max
		}
		if n.Has(shape.Array) {
			p.Items = &[2]int{n.Fewest, n.Largest}
		}
		j.Paths = append(j.Paths, p)
	}
	return j
}
