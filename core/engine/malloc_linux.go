//go:build cgo

package engine

/*
#include <malloc.h>

static void large_apart(void) {
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}
*/
import "C"

// tuneMalloc has the C library give back what was large as soon as it is freed. By its own rule, memory for blobs comes from where
// small things lie too once a large one was freed, and stays there.
func tuneMalloc() { C.large_apart() }
