package lab

import "hookglass/ui/frame"

// Hotkeys are the keys of the lab.
func (p *Page) Hotkeys() []frame.Hotkey {
	return []frame.Hotkey{{Key: "r", Does: "Run"}}
}
