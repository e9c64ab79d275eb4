//go:build race

package eye

// Raced: the race detector watches.
const Raced = true
