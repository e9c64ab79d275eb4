package inbox

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// loadEmpty makes what the list shows while it is empty: where to send, and how to try.
func (p *Page) loadEmpty(ctx context.Context) func() fyne.CanvasObject {
	p.sight.mu.Lock()
	idle, all := p.sight.newest == 0, p.sight.query.Everything()
	p.sight.mu.Unlock()
	if !idle || p.searching() {
		return nil
	}
	if !all {
		return p.nothing
	}
	sources, err := p.w.Engine.Store.Sources(ctx)
	if err != nil {
		return nil
	}
	return func() fyne.CanvasObject { return p.invitation(sources) }
}

// nothing stands where no request matches. Words alone are not looked for in bodies, which is where they may be.
func (p *Page) nothing() fyne.CanvasObject {
	clear := control.NewButton("Clear the filter", "x", control.Secondary, func() { p.filter.Set(""); p.apply() })
	if _, words := intoBodies(p.filter.Query()); !words {
		return control.EmptyState("search", "Nothing matches", "No request in the history matches this filter.", control.Centre(clear))
	}
	look := control.NewButton("Look into the bodies", "search", control.Primary, p.lookIntoBodies)
	look.Tip = "Enter"
	return control.EmptyState("search", "Nothing matches", "No path, event or source has these words. They may stand in a body.", control.Centre(control.Row(8, look, clear)))
}

// intoBodies is a filter whose words without a key are looked for in the body; false where there is none.
func intoBodies(filter string) (out string, words bool) {
	all := control.SplitWords(filter)
	for i, word := range all {
		if !strings.HasPrefix(word, "-") && (strings.HasPrefix(word, `"`) || !strings.Contains(word, ":")) {
			all[i], words = "body:"+word, true
		}
	}
	return strings.Join(all, " "), words
}

// lookIntoBodies looks for the words of the filter in the bodies, and opens the first that has them.
func (p *Page) lookIntoBodies() {
	if filter, words := intoBodies(p.filter.Query()); words {
		p.filter.Set(filter)
		p.toHit, p.unlessShown = true, false
		p.list.Empty = control.EmptyState("search", "Looking into the bodies", "The first that has the words is opened.")
		p.apply()
		p.list.Refresh()
	}
}

// invitation shows each source's address with a command that sends to it, and whose webhooks can be taken beside.
func (p *Page) invitation(sources []core.Source) fyne.CanvasObject {
	parts := []fyne.CanvasObject{
		control.Centre(control.NewIcon("inbox", control.Faint, 30)),
		control.Centre(control.NewText("Waiting for the first webhook", control.Title)),
		control.NewParagraph("Point a sender at an address, or send something from here. Whose webhooks?", control.Body.In(control.Muted)).Centred(),
	}
	if p.tiles == nil { // what is typed into its search stays
		p.tiles = part.NewSourceTiles(p.w.Host(), 118, 8, func(k part.SourceKind) { p.w.Go.NewSource(k.Platform.Name, k.Scheme.ID) })
	}
	parts = append(parts, p.tiles.View())
	for _, src := range sources[:min(len(sources), 4)] {
		url := p.w.Engine.SourceURL(src)
		mark := part.NewPlatformMark(22)
		mark.SetSource(src, p.w.Engine.Schemes.Book())
		card := control.Card(control.Col(6, control.Row(8, mark.View(), control.Grow(control.NewText(src.Name, control.Strong).Ellipsis())),
			control.RowFill(4, control.Grow(control.NewText(url, control.CodeSmall).EllipsisMiddle()), control.NewTool("copy", "Copy the address", func() { p.w.Copy("Address", url) })),
			control.Row(6, control.NewButton("Copy curl", "terminal", control.Secondary, func() { frame.CopyCurlOf(p.w, src) }),
				control.NewButton("Send it", "send", control.Primary, func() { p.tryIt(src) }))))
		parts = append(parts, card)
	}
	return control.NewScroll(control.Pad(control.XY(14, 18), control.Col(12, parts...)))
}

// tryIt sends a source the request that its curl line sends.
func (p *Page) tryIt(src core.Source) {
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		r, ok := p.w.Engine.Example(src)
		if !ok {
			return nil
		}
		_, err := p.w.Engine.Outbox.Send(ctx, core.Delivery{Target: core.Target{URL: r.URL(), Method: r.Method}, Request: r, Event: core.Event{Type: "test"}})
		return func() { p.w.Fail(err) }
	})
}

// replayAll opens the replay dialog for all that match the filter.
func (p *Page) replayAll() {
	if p.shown.len() == 0 {
		p.w.Layers.Toast(control.Toast{Text: "There is nothing to replay yet"})
		return
	}
	p.replay(p.allLot(), false)
}

// Commands are what the palette offers while the page is in front.
func (p *Page) Commands() []control.Command {
	list := []control.Command{
		{Label: "Filter the inbox", Hint: "Ctrl+F", Icon: "funnel", Do: p.Find},
		{Label: "Follow what arrives", Hint: "g", Icon: "arrow-up", Do: p.follow},
	}
	if len(p.removed) > 0 {
		list = append(list, control.Command{Label: "Undo the deletion", Hint: "Ctrl+Z", Icon: "undo-2", Words: "delete back", Do: p.Undo})
	}
	return append(p.verbCommands(), list...)
}
