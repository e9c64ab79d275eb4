package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

// Exchange takes in files of other tools, and writes for other tools what the history holds.
type Exchange struct {
	store *store.Store
	vault *Vault
	apply func(context.Context, *exchange.Workspace) error
}

// NewExchange is for a history that no engine runs on. It keeps no workspace.
func NewExchange(st *store.Store) *Exchange { return &Exchange{store: st} }

// largestFile bounds what is read into memory at once.
const largestFile = 512 << 20

// Import is a file that was read, and what taking it will do.
type Import struct {
	Name string
	exchange.File
	Replaces []string // "source stripe": what a workspace takes the place of
	Path     string   // of a file that is too large to be held: see [Exchange.TakeLarge]; else ""
	More     int      // captures of it beside those above
}

// Read reads a file and changes nothing. A workspace's consents are left out: they are asked for here.
func (x *Exchange) Read(ctx context.Context, path string) (Import, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return Import{}, &core.Invalid{Field: "file", Reason: err.Error()}
	case !info.Mode().IsRegular():
		return Import{}, &core.Invalid{Field: "file", Reason: path + " is not a file"}
	case streams(path, info.Size()):
		return x.readLarge(ctx, path)
	case info.Size() > largestFile:
		return Import{}, &core.Invalid{Field: "file", Reason: fmt.Sprintf("%s has %d MiB; want at most %d: import it in parts", filepath.Base(path), info.Size()>>20, largestFile>>20)}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Import{}, &core.Invalid{Field: "file", Reason: err.Error()}
	}
	in := Import{Name: filepath.Base(path)}
	if in.File, err = exchange.Read(data); err != nil || in.Workspace == nil {
		return in, err
	}
	for i := range in.Workspace.Sources {
		for j := range in.Workspace.Sources[i].Forwards {
			in.Workspace.Sources[i].Forwards[j].Confirmed, in.Workspace.Sources[i].Forwards[j].Agreed = false, nil
		}
	}
	in.Replaces, err = x.replaces(ctx, in.Workspace)
	return in, err
}

// replaces names what a workspace takes the place of.
func (x *Exchange) replaces(ctx context.Context, w *exchange.Workspace) (names []string, err error) {
	sources, err := x.store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	there := placesOf(sources)
	for _, src := range w.Sources {
		if old, ok := there.same(src); ok {
			names = append(names, "source "+old.Name)
			there.take(old)
		}
	}
	endpoints, err := x.store.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range w.Environments {
		if slices.ContainsFunc(x.environments(ctx).All, func(old core.Environment) bool { return old.Name == e.Name }) {
			names = append(names, "environment "+e.Name)
		}
	}
	for _, e := range w.Endpoints {
		if at := sameEndpoint(endpoints, e); at >= 0 {
			names = append(names, "endpoint "+endpoints[at].Name)
		}
	}
	return names, nil
}

// environments are those that there are; nothing where they cannot be read.
func (x *Exchange) environments(ctx context.Context) (c environmentChoice) {
	_ = x.store.Setting(ctx, environmentSetting, &c) // who opens the history says what is wrong with it
	return c
}

// Take adds captures to the history, each with a note that says which file it is from. progress, if there is one, is
// told how many are in. An early end leaves those in that came before it.
func (x *Exchange) Take(ctx context.Context, file string, captures []core.Capture, progress func(done int)) (ids []core.CaptureID, err error) {
	t := taking{x: x, ctx: ctx, name: file, progress: progress}
	for i := range captures {
		if err := t.take(&captures[i]); err != nil {
			return t.ids, err
		}
	}
	return t.ids, t.keep()
}

// adopt says of a capture where it is from, and fills in what its file did not say.
func adopt(c *core.Capture, file string) {
	note := "imported from " + file
	if c.Note != "imported" { // a note of its own
		note = c.Note + " (" + note + ")"
	}
	c.Note = note
	if c.At.IsZero() {
		c.At = time.Now()
	}
	if c.Name == "" {
		c.Name = "imported"
	}
}

// Keep puts a workspace in force for good. Secrets that stand in the file go to a place of the vault: "keyring", or "run",
// which forgets them with the program.
func (x *Exchange) Keep(ctx context.Context, w *exchange.Workspace, place string) error {
	if place != "run" { // what Apply does with them
		if err := x.keepPlain(w, place); err != nil {
			return err
		}
	}
	return x.apply(ctx, w)
}

func (x *Exchange) keepPlain(w *exchange.Workspace, place string) error {
	kept := map[core.SecretRef]core.SecretRef{}
	for ref, s := range w.Plain {
		to, err := x.vault.Put(place, strings.TrimPrefix(string(ref), "run:"), s)
		if err != nil {
			return fmt.Errorf(`%w; write the secrets of the file as {"env":"NAME"}, agree to a file with --secrets file, or use hookglass serve --workspace`, err)
		}
		kept[ref] = to
	}
	for _, src := range w.Sources {
		for key, ref := range src.Secrets {
			if to, ok := kept[ref]; ok {
				src.Secrets[key] = to
			}
		}
	}
	for i := range w.Endpoints {
		if to, ok := kept[w.Endpoints[i].Target.Secret]; ok {
			w.Endpoints[i].Target.Secret = to
		}
	}
	w.Plain = nil
	return nil
}

// Export says what is written, and how.
type Export struct {
	Format string       // one of exchange.Formats
	Filter string       // which captures; a workspace has none
	Match  *store.Query // instead of Filter: which captures
	Limit  int          // the newest so many; 0: all
	exchange.Options
}

// Exported is what was written.
type Exported struct {
	Captures int
	More     int      // that match and are beyond the limit
	Said     []string // what was masked, or what whoever takes a workspace must look at
}

// Export writes the captures that match, oldest first, or the set-up. progress, if there is one, is told how many captures
// are out.
func (x *Exchange) Export(ctx context.Context, out io.Writer, what Export, progress func(done, total int)) (Exported, error) {
	f, err := exchange.FindFormat(what.Format)
	if err != nil {
		return Exported{}, err
	}
	if f.Setup {
		return x.exportSetup(ctx, out, what)
	}
	ids, more, err := x.matching(ctx, what)
	if err != nil {
		return Exported{}, err
	}
	if what.Book, err = ReadBook(ctx, x.store); err != nil {
		return Exported{}, err
	}
	w, err := exchange.NewWriter(out, f, what.Options)
	if err != nil {
		return Exported{}, err
	}
	done, left := Exported{More: more}, 0
	for place := more; place < ids.Len(); place++ { // the oldest first
		c, err := x.store.Capture(ctx, ids.At(place))
		if errors.Is(err, core.ErrNotFound) {
			continue // trimmed since
		}
		if damaged := (*store.Damaged)(nil); errors.As(err, &damaged) {
			left++
			continue
		}
		if err == nil {
			err = w.Add(c)
		}
		if err != nil {
			return done, err
		}
		if done.Captures++; progress != nil {
			progress(place+1-more, ids.Len()-more)
		}
	}
	masked, err := w.Close()
	for _, m := range masked {
		if !strings.Contains(m, "signed anew") {
			m = "masked: " + m
		}
		done.Said = append(done.Said, m)
	}
	if left > 0 {
		done.Said = append(done.Said, fmt.Sprintf("the history is damaged: %d captures cannot be read and were left out", left))
	}
	if !what.Reveal && !what.Bodies {
		done.Said = append(done.Said, "bodies are as they came: mask them too where they hold credentials")
	}
	return done, err
}

// matching are the newest that match, and how many more there are.
func (x *Exchange) matching(ctx context.Context, what Export) (ids store.IDs, more int, err error) {
	q, err := store.ParseQuery(what.Filter, time.Now())
	if err != nil {
		return ids, 0, err
	}
	if what.Match != nil {
		q = *what.Match
	}
	ids, err = x.store.Find(ctx, q, 0)
	if damaged := (*store.Damaged)(nil); errors.As(err, &damaged) && q.Everything() {
		ids, err = x.store.Salvage(ctx)
	}
	if err != nil {
		return ids, 0, err
	}
	if ids.Len() == 0 {
		return ids, 0, &core.Invalid{Field: "filter", Reason: "matches no capture; hookglass history lists them"}
	}
	if what.Limit > 0 {
		more = max(0, ids.Len()-what.Limit)
	}
	return ids, more, nil
}

func (x *Exchange) exportSetup(ctx context.Context, out io.Writer, what Export) (done Exported, err error) {
	if what.Filter != "" {
		return done, &core.Invalid{Field: "filter", Reason: "chooses captures; a workspace has none"}
	}
	var w exchange.Workspace
	book, err := ReadBook(ctx, x.store)
	if err != nil {
		return done, err
	}
	w.Schemes = book.Own()
	if w.Sources, err = x.store.Sources(ctx); err != nil {
		return done, err
	}
	if w.Endpoints, err = x.store.Endpoints(ctx); err != nil {
		return done, err
	}
	values := x.environments(ctx)
	w.Environments, w.Environment = values.All, values.Chosen
	data, said, err := exchange.WriteWorkspace(&w, what.Options)
	if err != nil {
		return done, err
	}
	_, err = out.Write(data)
	return Exported{Said: said}, err
}

// ExportFile is Export into a file for this user only, since it may hold credentials. What stands there is replaced at
// the end, and left alone where the export ends early.
func (x *Exchange) ExportFile(ctx context.Context, path string, what Export, progress func(done, total int)) (done Exported, err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return x.exportInto(ctx, path, what, progress)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".hookglass-*")
	if err != nil {
		return done, unwritable(path, err)
	}
	defer os.Remove(f.Name()) // it is gone where all went well
	if done, err = x.Export(ctx, f, what, progress); err != nil {
		f.Close()
		return done, err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return done, fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return done, unwritable(path, err)
	}
	return done, nil
}

// unwritable names the file that was asked for, and not the one that takes its place at the end.
func unwritable(path string, err error) error {
	return &core.Invalid{Field: "file", Reason: fmt.Sprintf("cannot write %s: %v; choose another place", path, reason(err))}
}

// exportInto writes to what is no file, such as a pipe.
func (x *Exchange) exportInto(ctx context.Context, path string, what Export, progress func(done, total int)) (Exported, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return Exported{}, unwritable(path, err)
	}
	done, err := x.Export(ctx, f, what, progress)
	return done, errors.Join(err, f.Close())
}
