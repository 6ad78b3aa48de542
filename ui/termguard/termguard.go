// Package termguard keeps the program silent while it starts.
//
// The screen's library asks the terminal for its background colour when it is
// merely imported, and waits five seconds for a terminal that never answers,
// even when the program only prints its version. It does not ask a terminal
// that is called "dumb". So this package, which imports nothing but os and is
// therefore initialised before that library, calls the terminal dumb;
// [Restore] undoes it once everything is initialised.
package termguard

import "os"

var name, set = hush()

func hush() (string, bool) {
	name, set := os.LookupEnv("TERM")
	_ = os.Setenv("TERM", "dumb")
	return name, set
}

// Restore gives the terminal its name back. It may be called more than once.
func Restore() {
	if set {
		_ = os.Setenv("TERM", name)
		return
	}
	_ = os.Unsetenv("TERM")
}
