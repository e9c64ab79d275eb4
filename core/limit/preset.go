package limit

import (
	"time"

	"hookglass/core"
)

// Preset is a set of limits that a platform documents.
type Preset struct {
	Name   string // "almyty-free"
	Title  string
	Source string // the document it comes from
	Limits []core.Limit
}

// Presets are the documented limits, as data.
func Presets() []Preset {
	const tiers = "almyty documentation, commit 54358734 (March 2026), rate limits by tier; the window's start and the wait are our choice"
	return []Preset{
		{"almyty-free", "almyty Free: 10 a minute, 2 at a time", tiers, perMinute(10, 2)},
		{"almyty-pro", "almyty Pro: 100 a minute, 10 at a time", tiers, perMinute(100, 10)},
		{"almyty-enterprise", "almyty Enterprise: 1000 a minute, 50 at a time", tiers, perMinute(1000, 50)},
	}
}

// FindPreset returns the preset of that name.
func FindPreset(name string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

func perMinute(count, atATime int) []core.Limit {
	return []core.Limit{
		{Kind: Fixed, Count: count, Window: time.Minute},
		{Kind: Concurrency, Count: atATime},
	}
}
