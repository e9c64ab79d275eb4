//go:build unix

package main

import "syscall"

// freeSpace is how much a folder's disk has left for this user.
func freeSpace(folder string) (uint64, error) {
	var s syscall.Statfs_t
	err := syscall.Statfs(folder, &s)
	return uint64(s.Bavail) * uint64(s.Bsize), err
}
