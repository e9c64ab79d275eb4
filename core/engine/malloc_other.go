//go:build !linux || !cgo

package engine

// tuneMalloc is for the C library of Linux, which keeps what was large.
func tuneMalloc() {}

func trimMalloc() {}
