package cli

import (
	"os"

	"golang.org/x/term"
)

// IsTerminal reports whether a stream of the process is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// keepTerminal returns what brings the terminal back to the mode that it is in now:
// for an end that does not wait for the screen's own.
func (e Env) keepTerminal() (restore func()) {
	f, ok := e.Stdin.(*os.File)
	if !ok || !e.IsTerminal(e.Stdin) {
		return func() {}
	}
	state, err := term.GetState(int(f.Fd()))
	if err != nil {
		return func() {}
	}
	return func() { _ = term.Restore(int(f.Fd()), state) }
}

// Width is that of a terminal in cells, less than 1 if it does not say.
func Width(terminal any) (cells int) {
	if f, ok := terminal.(*os.File); ok {
		cells, _, _ = term.GetSize(int(f.Fd()))
	}
	return cells
}
