// Package control holds the widgets of the window. They know nothing of webhooks: they show what they are given
// and call back. All of them belong to the UI goroutine, follow a change of theme, and accept any size down to zero.
//
// Colours are named by [Token]s and looked up in the current theme at the moment of painting. Popups, tips and
// toasts are drawn by [Layers], which wraps the content of a window; a widget finds the layers of its own canvas.
package control
