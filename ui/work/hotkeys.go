package work

import "hookglass/ui/frame"

// Hotkeys are the keys of the work.
func (p *Page) Hotkeys() []frame.Hotkey {
	return append([]frame.Hotkey{{Key: "/", Does: "Into the filter"}, {Key: "o", Does: "Open the capture that it came from"}}, frame.ListKeys...)
}
