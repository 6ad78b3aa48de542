package main

import (
	"os"
	"syscall"
)

// peakMemory is the largest resident set of a program that has ended, in
// bytes.
func peakMemory(state *os.ProcessState) (float64, bool) {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, false
	}
	return float64(usage.Maxrss) * 1024, true
}
