//go:build cgo

package engine

/*
#include <malloc.h>

static void large_apart(void) {
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
	mallopt(M_ARENA_MAX, 2);
#endif
}

static void give_back(void) {
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
*/
import "C"

// tuneMalloc has the C library give back what was large as soon as it is freed. By its own rule, memory for blobs comes from where
// small things lie too once a large one was freed, and stays there. What is smaller it
// would give back and take again for each piece of a body; it keeps some of it until trimMalloc, in two
// places and not in one for each thread that ever called: SQLite is called by whichever thread Go has at hand.
func tuneMalloc() { C.large_apart() }

// trimMalloc gives back what the C library keeps.
func trimMalloc() { C.give_back() }
