package deliver

import (
	"time"

	"hookglass/core"
	"hookglass/core/platform"
)

// Presets returns the retry policies of known senders, those of the emulated platforms first, each with the document it
// comes from. Where a document gives no steps, Source says so and the steps are our choice within what it does say.
func Presets() []core.RetryPolicy {
	all := []core.RetryPolicy{{Name: "none", Source: "one attempt, no retry"}}
	for _, p := range platform.Senders() {
		all = append(all, p.Endpoints.Policy)
	}
	return append(all, providers()...)
}

// providers are the senders that no platform emulates.
func providers() []core.RetryPolicy {
	const s, m, h = time.Second, time.Minute, time.Hour
	return []core.RetryPolicy{
		{
			Name: "spatie", Source: "spatie/laravel-webhook-server, ExponentialBackoffStrategy: 10 to the power of the attempt in seconds, 100,000 from the fifth on; its setting tries is 3 unless changed",
			Retries: 5, Delays: []time.Duration{10 * s, 100 * s, 1_000 * s, 10_000 * s, 100_000 * s},
		},
		{
			Name: "standard-webhooks", Source: "Standard Webhooks 1.0.0, Deliverability and reliability: example retry schedule; 410 ends it, Retry-After is to be considered",
			Retries: 9, Delays: []time.Duration{5 * s, 5 * m, 30 * m, 2 * h, 5 * h, 10 * h, 14 * h, 20 * h, 24 * h},
			RetryAfter: Honour, StopOn: []int{410},
		},
		{
			Name: "svix", Source: "docs.svix.com/retries and /receiving/delivery-control; Retry-After at most 2 h behind the schedule (svix-webhooks#2203)",
			Retries: 7, Delays: []time.Duration{5 * s, 5 * m, 30 * m, 2 * h, 5 * h, 10 * h, 10 * h},
			RetryAfter: Cap, AfterCap: 2 * h, Control: true,
		},
		{
			Name: "stripe", Source: `docs.stripe.com/webhooks: "for up to three days with an exponential back off" in live mode; the steps are not published: our choice 10 min doubled, at most 12 h`,
			Retries: 11, Base: 10 * m, Factor: 2, Max: 12 * h, Window: 72 * h,
		},
		{
			Name: "stripe-sandbox", Source: `docs.stripe.com/webhooks: in a sandbox "three times over the course of a few hours"; the steps are our choice`,
			Retries: 3, Base: 30 * m, Factor: 2,
		},
		{
			Name: "shopify", Source: `shopify.dev changelog 2024-09-10: "8 times over 4 hours using an exponential backoff"; the steps are our choice: 56 s doubled makes 3 h 58 min`,
			Retries: 8, Base: 56 * s, Factor: 2, Window: 4 * h,
		},
		{Name: "github", Source: "docs.github.com, Handling failed webhook deliveries: no automatic redelivery"},
		{
			Name: "slack", Source: "docs.slack.dev, Events API: three retries: nearly at once, after 1 minute, after 5 minutes",
			Retries: 3, Delays: []time.Duration{0, m, 5 * m},
		},
		{
			Name: "twilio", Source: "twilio.com/docs/usage/webhooks/webhooks-connection-overrides: rc=1, rp=ct: one retry, at once, where no connection came about; 15 s in all",
			Retries: 1, Delays: []time.Duration{0}, Window: 15 * s, Unanswered: true,
		},
		{
			Name: "square", Source: "developer.squareup.com/docs/webhooks/overview: eleven retries over 24 hours",
			Retries: 11, Delays: []time.Duration{m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, 60 * m, 2 * h, 4 * h, 8 * h, 8 * h},
		},
		{
			Name: "circle", Source: "developers.circle.com/cpn/references/webhook-retries: production",
			Retries: 11, Delays: []time.Duration{s, 10 * s, 30 * s, m, 15 * m, h, 3 * h, 5 * h, 6 * h, 10 * h, 11 * h},
		},
		{
			Name: "recurly", Source: "docs.recurly.com, Automatic retries: 10 + x·2^(x+5) seconds, ten times",
			Retries: 10, Delays: []time.Duration{10 * s, 74 * s, 266 * s, 778 * s, 2_058 * s, 5_130 * s, 12_298 * s, 28_682 * s, 65_546 * s, 147_466 * s},
		},
		{
			Name: "nmi", Source: "docs.nmi.com/reference/retry-logic: over three days",
			Retries: 20, Delays: []time.Duration{15 * s, m, m, m, 5 * m, 15 * m, 30 * m, h, h, h, h, h, h, h, h, h, h, 12 * h, 12 * h, 24 * h},
		},
		{Name: "sanity", Source: "sanity.io changelog 2026-04-29: twice, 30 seconds apart", Retries: 2, Delays: []time.Duration{30 * s}},
		{
			Name: "outpost", Source: "hookdeck/outpost: exponential, base 2, 30 s, ten tries",
			Retries: 9, Base: 30 * s, Factor: 2,
		},
	}
}

// Preset returns the preset of that name.
func Preset(name string) (core.RetryPolicy, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return core.RetryPolicy{}, false
}
