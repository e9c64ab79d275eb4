package engine

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"hookglass/core"
	"hookglass/core/exchange"
)

// A file that is too large to be held is read twice: to see what is in it, and to take it.
const (
	LargeFile = 16 << 20 // from which on a file is not held, where it can be read in parts

	mostShown  = 1000    // captures of it that a preview has
	takeMost   = 200     // captures that are taken in one transaction
	takeWeight = 8 << 20 // bytes of them
)

// streams reports whether a file is read in parts.
func streams(path string, size int64) bool {
	if size <= LargeFile {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false // whoever reads it says so
	}
	defer f.Close()
	begin := make([]byte, 256<<10)
	n, _ := io.ReadFull(f, begin)
	return exchange.Streams(begin[:n], "")
}

// readLarge looks through a large file. What comes back has the first of its captures without their bodies, and how many more there are.
func (x *Exchange) readLarge(ctx context.Context, path string) (in Import, err error) {
	f, err := os.Open(path)
	if err != nil {
		return in, &core.Invalid{Field: "file", Reason: err.Error()}
	}
	defer f.Close()
	in = Import{Name: filepath.Base(path), Path: path}
	in.File, in.More, err = Preview(ctx, f, "")
	return in, err
}

// Preview looks through a large file that has a format, or any where that is empty.
func Preview(ctx context.Context, f io.Reader, format string) (in exchange.File, more int, err error) {
	var first []core.Capture
	in, err = exchange.Stream(f, format, func(c *core.Capture) error {
		if len(first) < mostShown {
			first = append(first, exchange.Light(c))
		} else {
			more++
		}
		return ctx.Err()
	})
	in.Captures = first
	return in, more, err
}

// TakeLarge takes all captures of a file that [Exchange.Read] found too large to be held. progress, if there is one, is told how many
// are in.
func (x *Exchange) TakeLarge(ctx context.Context, in Import, progress func(done int)) (ids []core.CaptureID, err error) {
	f, err := os.Open(in.Path)
	if err != nil {
		return nil, &core.Invalid{Field: "file", Reason: err.Error()}
	}
	defer f.Close()
	_, ids, err = x.TakeFrom(ctx, in.Name, f, in.Format, progress)
	return ids, err
}

// TakeFrom takes the captures of a file as they are read, many in a transaction. What cannot be read is said at the end; what came
// before an early end stays.
func (x *Exchange) TakeFrom(ctx context.Context, name string, f io.Reader, format string, progress func(done int)) (in exchange.File, ids []core.CaptureID, err error) {
	t := taking{x: x, ctx: ctx, name: name, progress: progress}
	in, err = exchange.Stream(f, format, t.take)
	if err == nil {
		err = t.keep()
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return in, t.ids, err
}

// taking is captures of a file on their way into the history.
type taking struct {
	x        *Exchange
	ctx      context.Context
	name     string // of the file
	progress func(done int)

	some   []core.Capture // that are not in yet
	weight int            // bytes of them
	ids    []core.CaptureID
}

// take takes one more.
func (t *taking) take(c *core.Capture) error {
	t.some = append(t.some, *c)
	adopt(&t.some[len(t.some)-1], t.name)
	if t.weight += len(c.Request.Body) + len(c.Response.Body); len(t.some) < takeMost && t.weight < takeWeight {
		return nil
	}
	return t.keep()
}

// keep stores what was taken, in one transaction.
func (t *taking) keep() error {
	if err := t.ctx.Err(); err != nil || len(t.some) == 0 {
		return err
	}
	if err := t.x.store.AddCaptures(t.some); err != nil {
		return err
	}
	for i := range t.some {
		t.ids = append(t.ids, t.some[i].ID)
	}
	t.some, t.weight = t.some[:0], 0
	if t.progress != nil {
		t.progress(len(t.ids))
	}
	return nil
}
