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
	var some []core.Capture
	weight := 0
	keep := func() error {
		if err := ctx.Err(); err != nil || len(some) == 0 {
			return err
		}
		if err := x.store.AddCaptures(some); err != nil {
			return err
		}
		for i := range some {
			ids = append(ids, some[i].ID)
		}
		some, weight = some[:0], 0
		if progress != nil {
			progress(len(ids))
		}
		return nil
	}
	in, err = exchange.Stream(f, format, func(c *core.Capture) error {
		adopt(c, name)
		some = append(some, *c)
		if weight += len(c.Request.Body) + len(c.Response.Body); len(some) < takeMost && weight < takeWeight {
			return nil
		}
		return keep()
	})
	if err == nil {
		err = keep()
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return in, ids, err
}
