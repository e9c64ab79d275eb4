package settings

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/public"
	"hookglass/ui/view"
)

// historySection shows what the history holds, bounds it, and removes from it.
type historySection struct {
	w     *frame.Window
	usage *control.Facts
	count *control.Field
	age   *control.Field
	size  *control.Field
	keep  *control.Button
	cap   store.Cap // in force

	filter  *control.Field
	matches *control.Text
	delete  *control.Button
	typing  func()
	found   int // captures that will go
	work    *frame.LongWork
	sound   *control.Paragraph
	check   *control.Button
	search  *searchCard
	root    *settingsForm
}

func newHistorySection(w *frame.Window) *historySection {
	h := &historySection{w: w, usage: control.NewFacts(), matches: control.NewText("", control.Small).Ellipsis(), sound: control.NewParagraph("", control.Body)}
	h.usage.OnCopy = func(f control.Fact) { w.Layers.Toast(control.Toast{Text: f.Key + " copied", Tone: control.Green}) }
	h.count = control.NewField("Captures", "no bound", h.edited)
	h.age = control.NewField("Days", "no bound", h.edited)
	h.size = control.NewField("GiB", "no bound", h.edited)
	h.keep = control.NewButton("Apply", "check", control.Secondary, h.askCap)
	third := func(o fyne.CanvasObject) fyne.CanvasObject { return control.Grow(control.Col(0, o)) }
	bounds := control.RowFill(12, third(h.count), third(h.age), third(h.size))

	h.filter = control.NewField("", "Filter: source:stripe since:1h, as in the inbox", func(string) { h.typed() }).WithIcon("search")
	h.delete = control.NewButton("Delete what matches", "trash-2", control.Danger, h.askDelete)
	h.delete.SetDisabled(true)
	all := control.NewButton("Delete all", "trash-2", control.Danger, h.askDeleteAll)
	h.work = frame.NewLongWork(w, func() { h.root.again() })

	h.check = control.NewButton("Check the file", "stethoscope", control.Secondary, h.inspect)
	folder := control.NewButton("Open folder", "folder", control.Secondary, func() { public.OpenFolder(w, filepath.Dir(w.Engine.Store.Path())) })
	h.sound.Hide()
	h.search = newSearchCard(w)
	for _, f := range []*control.Field{h.count, h.age, h.size} {
		f.OnSubmit = func(string) { h.Save() }
	}
	h.root = newSettingsForm(
		group("What it holds", "", h.usage, control.Row(8, folder, h.check), h.sound),
		group("Keep at most", "The oldest go first; pinned captures stay. Leave a field empty for no bound.", bounds, control.Row(0, h.keep)),
		h.search.root,
		group("Delete captures", "Pinned captures stay. It cannot be taken back.", h.filter, h.matches, control.Row(8, h.delete, all)),
		h.work.Root)
	return h
}

func (h *historySection) Title() string           { return "History" }
func (h *historySection) Icon() string            { return "database" }
func (h *historySection) view() fyne.CanvasObject { return h.root.Scroll }

func (h *historySection) load(ctx context.Context) func() {
	usage, err := h.w.Engine.Store.Usage(ctx)
	if err != nil {
		return func() { h.w.Fail(err) }
	}
	search := h.search.load(ctx)
	limit, disk, path := h.w.Engine.History.Cap(ctx), h.w.Engine.History.DiskUse(), h.w.Engine.Store.Path()
	return func() {
		h.usage.Set(
			control.Fact{Key: "Captures", Value: shareOf(usage.Captures, limit.Count, func(n int64) string { return grouped(n) })},
			control.Fact{Key: "Size", Value: shareOf(usage.Bytes, limit.Bytes, view.Size)},
			control.Fact{Key: "On disk", Value: view.Size(disk)},
			control.Fact{Key: "File", Value: path, Code: true})
		search()
		h.root.again() // the rows above have their height now
		if h.cap != limit && !h.editing() {
			h.cap = limit
			h.showCap()
		}
	}
}

// shareOf prints how much of a bound is used.
func shareOf(n, bound int64, text func(int64) string) string {
	if bound == 0 {
		return text(n) + ", without a bound"
	}
	return fmt.Sprintf("%s of %s (%d %%)", text(n), text(bound), n*100/bound)
}

// grouped prints a number with its thousands apart.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (h *historySection) editing() bool {
	return h.count.Focused() || h.age.Focused() || h.size.Focused()
}

func (h *historySection) showCap() {
	h.count.SetQuiet(part.WriteGiven(float64(h.cap.Count)))
	h.age.SetQuiet(part.WriteGiven(h.cap.Age.Hours() / 24))
	h.size.SetQuiet(part.WriteGiven(float64(h.cap.Bytes) / (1 << 30)))
	h.edited("")
}

// edited says whether what is entered can be applied.
func (h *historySection) edited(string) {
	limit, ok := h.entered()
	h.keep.SetDisabled(!ok || limit == h.cap)
}

// entered reads the bounds, and marks the fields that cannot be read.
func (h *historySection) entered() (store.Cap, bool) {
	count, ok1 := bound(h.count, part.Bounds{Least: 1, Most: 1e12, Whole: true})
	days, ok2 := bound(h.age, part.Bounds{Least: 0.01, Most: 36_500})
	gib, ok3 := bound(h.size, part.Bounds{Least: 0.001, Most: 1e6})
	return store.Cap{Count: int64(count), Age: time.Duration(days * 24 * float64(time.Hour)), Bytes: int64(gib * (1 << 30))}, ok1 && ok2 && ok3
}

// bound reads a number from a field; nothing means no bound.
func bound(f *control.Field, b part.Bounds) (float64, bool) {
	n, _, reason := part.ReadNumber(f.Text(), b)
	f.SetProblem(part.WholeSentence(reason))
	return n, reason == ""
}

// Save is Ctrl+S, and Enter in a bound.
func (h *historySection) Save() {
	if !h.keep.Disabled() {
		h.askCap()
	}
}

// askCap applies bounds, after a question where captures will go.
func (h *historySection) askCap() {
	limit, ok := h.entered()
	if !ok {
		return
	}
	apply := func() {
		h.run("Applying the bounds", func(ctx context.Context) (string, error) {
			gone, err := h.w.Engine.History.PutCap(ctx, limit)
			if gone == 0 {
				return "The bounds are in force. Nothing had to go.", err
			}
			return fmt.Sprintf("The bounds are in force; %s went.", public.Count(int(gone), "capture")), err
		})
	}
	if !tighter(limit, h.cap) {
		apply()
		return
	}
	h.w.Layers.Ask(control.Question{Title: "Bound the history more tightly?", Yes: "Apply and delete the oldest", Danger: true, Do: apply,
		Text: "Captures beyond the new bounds are deleted at once, the oldest first. Pinned ones stay. It cannot be taken back."})
}

// tighter reports whether a cap may delete what another one keeps.
func tighter(now, before store.Cap) bool {
	less := func(a, b int64) bool { return a > 0 && (b == 0 || a < b) }
	return less(now.Count, before.Count) || less(int64(now.Age), int64(before.Age)) || less(now.Bytes, before.Bytes)
}

// typed counts what matches after a pause in typing.
func (h *historySection) typed() {
	if h.typing != nil {
		h.typing()
	}
	h.delete.SetDisabled(true)
	h.typing = h.w.Pump.After(300*time.Millisecond, h.countMatches)
}

func (h *historySection) countMatches() {
	text := strings.TrimSpace(h.filter.Text())
	h.filter.SetProblem("")
	if text == "" {
		h.matches.Set("")
		return
	}
	h.matches.Put("Counting…", control.Small)
	h.w.Pump.Task(h.w.Ctx, func(ctx context.Context) func() {
		all, pinned, err := h.w.Engine.History.Count(ctx, text)
		return func() {
			if strings.TrimSpace(h.filter.Text()) != text {
				return // another one was typed since
			}
			if err != nil {
				h.matches.Set("")
				h.filter.SetProblem(part.Sentence(err) + ".")
				return
			}
			h.found = all - pinned
			h.matches.Put(matchText(all, pinned), control.Small)
			h.delete.SetDisabled(h.found == 0)
		}
	})
}

func matchText(all, pinned int) string {
	if pinned == 0 {
		return public.Count(all, "capture") + " match."
	}
	return fmt.Sprintf("%s match; %d of them are pinned and stay.", public.Count(all, "capture"), pinned)
}

func (h *historySection) askDelete() {
	text := strings.TrimSpace(h.filter.Text())
	what := public.Count(h.found, "capture")
	h.w.Layers.Ask(control.Question{Title: "Delete " + what + "?", Yes: "Delete " + what, Danger: true,
		Text: "All that match " + text + " and are not pinned. It cannot be taken back.",
		Do:   func() { h.remove(text) }})
}

func (h *historySection) askDeleteAll() {
	h.w.Layers.Ask(control.Question{Title: "Delete all captures?", Yes: "Delete all captures", Danger: true,
		Text: "Every capture that is not pinned, of every source. Sources, endpoints and settings stay. It cannot be taken back.",
		Do:   func() { h.remove("") }})
}

func (h *historySection) remove(text string) {
	h.run("Deleting captures", func(ctx context.Context) (string, error) {
		n, err := h.w.Engine.History.DeleteCaptures(ctx, text)
		return public.Count(int(n), "capture") + " deleted.", err
	})
	h.filter.SetQuiet("")
	h.matches.Set("")
	h.delete.SetDisabled(true)
}

// inspect runs SQLite's own check of the file.
func (h *historySection) inspect() {
	h.sound.Hide()
	began := time.Now()
	h.run("Checking the file", func(ctx context.Context) (string, error) {
		if err := h.w.Engine.Store.Check(ctx); err != nil {
			return "", fmt.Errorf("%w; export what you need, move the file away and start anew", err)
		}
		return "The file is sound; checked in " + view.Duration(time.Since(began)) + ".", nil
	})
}

// run does what may take a while, and says how it came out.
func (h *historySection) run(what string, work func(context.Context) (done string, err error)) {
	h.work.Run(what, func(ctx context.Context) func() {
		done, err := work(ctx)
		cancelled := ctx.Err() != nil
		return func() {
			switch {
			case cancelled && err != nil:
				h.w.Layers.Toast(control.Toast{Text: what + " was cancelled; what was done until then stays done"})
			case err != nil:
				h.w.Fail(err)
			default:
				h.w.Layers.Toast(control.Toast{Text: done, Tone: control.Green})
			}
		}
	})
}
