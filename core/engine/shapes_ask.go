package engine

import (
	"context"
	"slices"

	"hookglass/core"
	"hookglass/core/shape"
	"hookglass/core/store"
)

// ShapeQuery is what is asked of shapes.
type ShapeQuery struct {
	Event  string // empty: all; NoEvent: captures in which no event was recognised
	Source string // name; empty: any
	Format string // of shape.Exports; empty: no code
}

// Ask learns what has arrived by now, and tells of events: one whole, or all in short, and in code where a format is named.
func (s *Shapes) Ask(ctx context.Context, q ShapeQuery) ([]ShapeJSON, error) {
	if q.Format != "" && !slices.Contains(shape.ExportNames(), q.Format) {
		return nil, &core.Invalid{Field: "format", Reason: "want " + core.OrList(shape.ExportNames())}
	}
	if err := s.Settle(ctx); err != nil {
		return nil, err
	}
	return s.Read(ctx, q)
}

// Read is Ask of what was learned before.
func (s *Shapes) Read(ctx context.Context, q ShapeQuery) ([]ShapeJSON, error) {
	if q.Event != "" {
		e, err := s.Find(ctx, q.Source, q.Event)
		if err != nil {
			return nil, err
		}
		j := ShapeOf(e)
		if q.Format != "" {
			j.Format = q.Format
			j.Code, err = Code(q.Format, e)
		}
		return []ShapeJSON{j}, err
	}
	all, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	out := []ShapeJSON{}
	var whole []EventShape
	for _, e := range all {
		if q.Source != "" && e.Name != q.Source {
			continue
		}
		if e, err = s.Event(ctx, e.Source, e.Event); err != nil {
			return nil, err
		}
		if q.Format != "" {
			whole = append(whole, e)
		}
		j := ShapeOf(e)
		j.Paths = nil // of one event alone
		out = append(out, j)
	}
	if len(whole) > 0 {
		code, err := Code(q.Format, whole...)
		if err != nil {
			return nil, err
		}
		out[0].Format, out[0].Code = q.Format, code // of all of them
	}
	return out, nil
}

// Code writes events in a format of shape.Exports.
func Code(format string, events ...EventShape) (string, error) {
	named := make([]shape.Named, len(events))
	for i, e := range events {
		named[i] = shape.Named{Event: e.Event, Source: e.Name, Shape: e.Learned}
	}
	code, _, err := shape.Write(format, named)
	return code, err
}

// SampleKinds are the bodies of an event that are offered: of those that came the one in the middle, the shortest of content and
// the fullest; and one that is made up.
var SampleKinds = []string{"median", "minimal", "full", "synthetic"}

// Sample is a body of an event.
type Sample struct {
	Kind    string
	Event   string
	Source  core.SourceID
	Name    string
	Capture core.CaptureID // that had it; 0: it is made up
	Request core.Request   // its head and body; of one that is made up, the body alone
}

// sampled is how many of the newest captures are looked through for a sample.
const sampled = 300

// Sample finds a body of an event among those that came, or makes one up.
func (s *Shapes) Sample(ctx context.Context, e EventShape, kind string, seed uint64) (Sample, error) {
	out := Sample{Kind: kind, Event: e.Event, Source: e.Source, Name: e.Name}
	if !slices.Contains(SampleKinds, kind) {
		return out, &core.Invalid{Field: "kind", Reason: "want " + core.OrList(SampleKinds)}
	}
	if kind == "synthetic" {
		body, err := e.Learned.Synthesise(seed)
		out.Request = core.Request{Method: "POST", Header: core.Header{{Name: "Content-Type", Value: "application/json"}}, Body: body}
		return out, err
	}
	type weighed struct {
		id     core.CaptureID
		values int
		size   int
	}
	var all []weighed
	err := s.store.NewestBodies(ctx, e.Source, e.Event, sampled, func(b store.Body) {
		if v, ok := shape.Read(&b.Request); ok {
			all = append(all, weighed{b.ID, shape.Weigh(v), len(b.Request.Body)})
		}
	})
	if err != nil {
		return out, err
	}
	if len(all) == 0 {
		return out, &core.Invalid{Field: "kind", Reason: "no capture of the event is left; want synthetic"}
	}
	slices.SortStableFunc(all, func(a, b weighed) int {
		if a.values != b.values {
			return a.values - b.values
		}
		return a.size - b.size
	})
	at := map[string]int{"minimal": 0, "median": len(all) / 2, "full": len(all) - 1}[kind]
	c, err := s.store.Capture(ctx, all[at].id)
	out.Capture, out.Request = all[at].id, c.Request
	return out, err
}

// Draft is a sample as Compose takes one up: at the address of the event's newest capture, with its head, and signed as its
// source signs.
func (s *Shapes) Draft(ctx context.Context, from Sample) (core.Capture, error) {
	id := from.Capture
	if id == 0 {
		err := s.store.NewestBodies(ctx, from.Source, from.Event, 1, func(b store.Body) { id = b.ID })
		if err != nil {
			return core.Capture{}, err
		}
	}
	if id == 0 {
		return core.Capture{Source: from.Source, Name: from.Name, Event: core.Event{Type: from.Event}, Request: from.Request}, nil
	}
	c, err := s.store.Capture(ctx, id)
	if err == nil && from.Capture == 0 {
		c.Request.Body, c.Request.Size = from.Request.Body, int64(len(from.Request.Body))
	}
	return c, err
}
