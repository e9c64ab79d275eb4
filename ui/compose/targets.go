package compose

import (
	"context"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// target is an address to send to, with what is known of it.
type target struct {
	url, label, icon string
	scheme           string
	secret           core.SecretRef
	platform         string
	source           string // its name, where it is one of ours
}

// knownTargets are the user's own sources, the endpoints, and the addresses that were sent to last.
func knownTargets(ctx context.Context, w *frame.Window) []target {
	var out []target
	seen := map[string]bool{}
	add := func(t target) {
		if t.url != "" && !seen[t.url] {
			seen[t.url] = true
			out = append(out, t)
		}
	}
	sources, err := w.Engine.Store.Sources(ctx)
	if err != nil {
		return nil
	}
	for _, src := range sources {
		if p, ok := platform.Find(src.Platform); ok && p.Inbound {
			t := target{url: w.Engine.LocalURL(src), label: "source " + src.Name, icon: "webhook", platform: src.Platform, source: src.Name, scheme: src.Settings.Text("scheme"), secret: src.Secrets["secret"]}
			if own, ok := w.Engine.Schemes.Book().Find(src.Platform); ok && t.scheme == "" {
				t.scheme = own.ID
			}
			add(t)
		}
	}
	endpoints, err := w.Engine.Store.Endpoints(ctx)
	if err != nil {
		return out
	}
	for _, ep := range endpoints {
		add(target{url: ep.Target.URL, label: "endpoint " + ep.Name, icon: "send", scheme: ep.Target.Scheme, secret: ep.Target.Secret})
	}
	rows, err := w.Engine.Store.Deliveries(ctx, store.DeliveryFilter{}, 0, 100)
	if err != nil {
		return out
	}
	for _, r := range rows {
		add(target{url: r.Target.URL, label: "sent before", icon: "history"})
	}
	return out
}

// targetOptions are the addresses to choose from.
func (p *Page) targetOptions() []control.Command {
	var out []control.Command
	for _, t := range p.urls {
		out = append(out, control.Command{Label: t.url, Hint: t.label, Icon: t.icon, Words: t.label, Do: func() { p.url.Set(t.url) }})
	}
	return out
}

// fitting is the source or endpoint that expects a scheme: where a sample of it goes first.
func (p *Page) fitting(provider, scheme string) (target, bool) {
	for _, t := range p.urls {
		if t.icon != "history" && (t.platform == provider || scheme != "" && t.scheme == scheme) {
			return t, true
		}
	}
	for _, t := range p.urls {
		if t.icon == "webhook" {
			return t, false
		}
	}
	return target{}, false
}
