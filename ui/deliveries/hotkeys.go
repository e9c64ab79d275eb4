package deliveries

import "hookglass/ui/frame"

// Hotkeys are the keys of what is in front, deliveries or endpoints.
func (p *Page) Hotkeys() []frame.Hotkey {
	if p.on != showDeliveries {
		return append([]frame.Hotkey{{Key: "n", Does: "New endpoint"}}, frame.ListKeys...)
	}
	keys := append([]frame.Hotkey{{Key: "/", Does: "Into the filter"}}, frame.ListKeys...)
	return append(keys, frame.Hotkey{Key: "r", Does: "Resend"}, frame.Hotkey{Key: "x", Does: "Cancel"}, frame.Hotkey{Key: "e", Does: "Edit and send"},
		frame.Hotkey{Key: "c", Does: "Copy as cURL"}, frame.Hotkey{Key: "d", Does: "Compare two attempts"})
}
