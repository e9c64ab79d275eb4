package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// File is what a file of another tool holds: captures, or a workspace.
type File struct {
	Format    string // the name of one of [Readable]
	Captures  []core.Capture
	Workspace *Workspace
	Unread    []Unread // entries that are left out
	Marks     []Mark   // entries that are taken, though they are not to the byte what was sent
}

// Unread is an entry among others that can be read.
type Unread struct {
	Index int    // counted from 1
	Place string // "command 2", "line 7"
	Why   *core.Invalid
	Next  string // what to do about it; Why says it too
}

// Reason is why the entry cannot be read, without the next step.
func (u Unread) Reason() string { return strings.TrimSuffix(u.Why.Reason, "; "+u.Next) }

// Mark says of an entry that was read where it departs from what was, or would be, sent. The note of its capture says it too.
type Mark struct {
	Index int // as that of [Unread]
	Place string
	Says  string
}

// refusal is why an entry cannot be read, and what to do about it.
type refusal struct{ field, reason, next string }

func (r *refusal) Error() string { return r.invalid().Error() }

// Unwrap makes it a core.Invalid for whoever asks.
func (r *refusal) Unwrap() error { return r.invalid() }

func (r *refusal) invalid() *core.Invalid {
	reason := r.reason
	if r.next != "" {
		reason += "; " + r.next
	}
	return &core.Invalid{Field: r.field, Reason: reason}
}

// entries collects what is read of a file, entry by entry.
type entries struct {
	kind  string // "command"
	count int
	File

	each func(*core.Capture) error // given each capture, where they are not collected
	err  error                     // of each: nothing more is wanted
}

// begin counts the next entry.
func (e *entries) begin() { e.count++ }

func (e *entries) place() string { return fmt.Sprintf("%s %d", e.kind, e.count) }

// take keeps a capture of the entry that began last, and what is to be said about it.
func (e *entries) take(c core.Capture, says ...string) {
	for _, s := range says {
		e.Marks = append(e.Marks, Mark{e.count, e.place(), s})
	}
	if len(says) > 0 {
		c.Note = strings.Join(append(says, c.Note), "; ")
		c.Note = strings.TrimSuffix(c.Note, "; ")
	}
	if e.each == nil {
		e.Captures = append(e.Captures, c)
		return
	}
	imported(&c)
	e.err = e.each(&c)
}

// leave leaves the entry that began last out.
func (e *entries) leave(err error) {
	u := Unread{Index: e.count, Place: e.place()}
	if r, ok := errors.AsType[*refusal](err); ok {
		u.Next = r.next
	}
	if !errors.As(err, &u.Why) {
		u.Why = &core.Invalid{Field: u.Place, Reason: err.Error()}
	}
	e.Unread = append(e.Unread, u)
}

// Read reads a file of any format that it knows, found by its content. Captures carry what the file says of them, the event
// recognised where it says nothing, and the note "imported".
func Read(data []byte) (File, error) { return ReadAs("", data) }

// ReadAs is Read of a file that is known to have a format: the name of one of [Readable]; "" finds it by the content.
func ReadAs(format string, data []byte) (f File, err error) {
	data = withoutBOM(data)
	if format == "" {
		format = kind(bytes.TrimSpace(data))
	}
	for _, r := range Readable() {
		if r.Name == format {
			f, err = r.read(data)
			f.Format = r.Name
			for i := range f.Captures {
				imported(&f.Captures[i])
			}
			return f, err
		}
	}
	if format == "" {
		return f, &core.Invalid{Field: "file", Reason: "is neither a " + readableList() + " file"}
	}
	return f, &core.Invalid{Field: "format", Reason: "want " + core.OrList(readableNames())}
}

// imported fills in what a file of another tool does not say, and takes away what is true only where the capture was made.
func imported(c *core.Capture) {
	c.Source, c.ReplayOf, c.Work, c.Deliveries, c.Pinned = 0, 0, nil, nil, false
	if c.Event.Type == "" && c.Event.ID == "" {
		c.Event = sign.Event(&c.Request)
	}
	if c.Receipt.Outcome == "" {
		c.Receipt.Outcome, c.Receipt.Reason = outcomeOf(c.Response.Status), "imported; what became of it is read from the status"
	}
	if c.Note == "" {
		c.Note = "imported"
	}
}

func outcomeOf(status int) core.Outcome {
	switch {
	case status == 0:
		return core.Unmatched
	case status == 429:
		return core.Limited
	case status >= 400:
		return core.Rejected
	}
	return core.Accepted
}
