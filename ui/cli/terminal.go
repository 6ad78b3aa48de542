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

// Width is that of a terminal in cells, less than 1 if it does not say.
func Width(terminal any) (cells int) {
	if f, ok := terminal.(*os.File); ok {
		cells, _, _ = term.GetSize(int(f.Fd()))
	}
	return cells
}
