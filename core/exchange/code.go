package exchange

import "hookglass/core"

// Code is a way of writing "send it again" down.
type Code struct {
	Name   string // "node"
	Title  string // "Node"
	Syntax string // as highlighters call it
	Write  func(core.Request) string
}

// Codes are all ways there are, the shortest first.
func Codes() []Code {
	return []Code{{"curl", "cURL", "bash", Curl}, {"go", "Go", "go", Go}, {"node", "Node", "javascript", Node}, {"python", "Python", "python", Python}}
}
