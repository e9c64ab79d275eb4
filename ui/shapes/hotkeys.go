package shapes

import "hookglass/ui/frame"

// Hotkeys are the keys of the shapes.
func (p *Page) Hotkeys() []frame.Hotkey {
	return append([]frame.Hotkey{{Key: "/", Does: "Into the search"}, {Key: "c", Does: "Copy the code"}}, frame.ListKeys...)
}
