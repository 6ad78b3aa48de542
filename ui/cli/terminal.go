package cli

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"plimsoll/ui"
)

// IsTerminal reports whether a stream of the process is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// lastWords is how long a terminal may take to be given back.
const lastWords = 100 * time.Millisecond

// keepTerminal returns what gives the terminal back as it is now, if the screen has it:
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
	return func() {
		if !e.ending.onScreen() {
			return
		}
		_ = term.Restore(int(f.Fd()), state)
		written := make(chan struct{})
		go func() {
			defer close(written)
			_, _ = io.WriteString(e.Stdout, ui.GiveBack)
		}()
		select {
		case <-written:
		case <-time.After(lastWords):
		}
	}
}

// Width is that of a terminal in cells, less than 1 if it does not say.
func Width(terminal any) (cells int) {
	if f, ok := terminal.(*os.File); ok {
		cells, _, _ = term.GetSize(int(f.Fd()))
	}
	return cells
}
