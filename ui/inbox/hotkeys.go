package inbox

import "hookglass/ui/frame"

// Hotkeys are the keys of the inbox: those of the list, and those of its verbs.
func (p *Page) Hotkeys() []frame.Hotkey {
	keys := append([]frame.Hotkey{{Key: "/", Does: "Into the filter"}, {Key: "g", Does: "Follow what arrives"}, {Key: "v", Does: "Rows of one line, or of two"}}, frame.ListKeys...)
	for _, v := range verbs() {
		if hint := v.keyHint(); hint != "" {
			keys = append(keys, frame.Hotkey{Key: hint, Does: v.label(p, lot{n: 1})})
		}
	}
	return append(keys, frame.Hotkey{Key: "Ctrl+A", Does: "Select all that the list shows"}, frame.Hotkey{Key: "Ctrl+Z", Does: "Undo a deletion"})
}
