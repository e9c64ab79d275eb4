package compose

import (
	"strconv"

	"hookglass/assets"
	"hookglass/core/store"
	"hookglass/ui/control"
)

// samplesOf are a provider's samples.
func samplesOf(provider string) []assets.Sample {
	var out []assets.Sample
	for _, s := range assets.Samples() {
		if s.Provider == provider {
			out = append(out, s)
		}
	}
	return out
}

func (p *Page) providerOptions() []control.Command {
	out := []control.Command{{Label: "From what arrived", Hint: "median, smallest, fullest, made up", Icon: "inbox", Words: "sample captured event shape", Do: p.fromArrived}, {Label: "An empty request", Icon: "file", Do: func() { p.draft = store.Draft{}; p.put(composition{Method: "POST", URL: p.url.Text()}) }}}
	seen := map[string]bool{}
	for _, s := range assets.Samples() {
		if seen[s.Provider] {
			continue
		}
		seen[s.Provider] = true
		all := samplesOf(s.Provider)
		hint := all[0].Event
		if n := len(all); n > 1 {
			hint = strconv.Itoa(n) + " events"
		}
		words := ""
		for _, a := range all {
			words += " " + a.Event
		}
		out = append(out, control.Command{Label: s.Title, Hint: hint, Icon: "package", Words: words, Do: func() { p.useSample(all[0]) }})
	}
	return append(out, p.handshakeOptions()...)
}

// useSample puts a sample up, addressed to who expects it.
func (p *Page) useSample(s assets.Sample) {
	c, _, _ := p.read()
	c = c.sampled(s)
	t, fits := p.fitting(s.Provider, s.Scheme)
	if fits || c.URL == "" {
		c.URL = t.url
	}
	c.Secret = ""
	if fits {
		c.Secret = t.secret
	}
	p.draft = store.Draft{}
	p.put(c)
}

func (p *Page) pickEvent(i int) {
	if all := samplesOf(p.from); i >= 0 && i < len(all) {
		p.useSample(all[i])
	}
}

func (p *Page) eventName() string { return p.event.Text() }

// showSample shows which sample it is, or that it is none.
func (p *Page) showSample(provider, event string) {
	all := samplesOf(provider)
	if len(all) == 0 {
		p.provider.set("")
		p.event.SetItems(nil)
		if event != "" {
			p.event.SetChoices(event)
		}
		return
	}
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Event
	}
	p.provider.set(all[0].Title)
	p.event.SetChoices(names...)
	p.event.ChooseText(event)
}
