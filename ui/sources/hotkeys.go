package sources

import "hookglass/ui/frame"

// Hotkeys are the keys of the sources.
func (p *Page) Hotkeys() []frame.Hotkey {
	return append([]frame.Hotkey{{Key: "n", Does: "New source"}, {Key: "c", Does: "Copy a curl line"}}, frame.ListKeys...)
}
