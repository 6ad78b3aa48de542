//go:build race

package testfiles

// Race is whether the race detector is on.
const Race = true
