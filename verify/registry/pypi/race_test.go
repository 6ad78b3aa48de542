//go:build race

package pypi

const raceEnabled = true
