package ui

// palette opens the list of everything that can be done: Ctrl+K.
func (w *Window) palette() {}
