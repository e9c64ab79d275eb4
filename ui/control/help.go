package control

import "fyne.io/fyne/v2"

// askedHelp gives the window its F1, which Fyne keeps to what has the keyboard.
func askedHelp(o fyne.CanvasObject, key fyne.KeyName) bool {
	l := LayersOf(o)
	if key != fyne.KeyF1 || l == nil || l.OnHelp == nil {
		return false
	}
	l.OnHelp()
	return true
}

// askedHelpBy is askedHelp for what takes no text: there ? asks, too.
func askedHelpBy(o fyne.CanvasObject, r rune) bool { return r == '?' && askedHelp(o, fyne.KeyF1) }
