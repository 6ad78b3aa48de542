// Command plimsoll verifies where the packages of a catalog of MCP servers
// come from.
package main

import (
	"os"
	"time"

	"golang.org/x/term"

	"plimsoll/ui/cli"
	"plimsoll/ui/termguard" // keeps the terminal from being asked before main begins
)

func main() {
	termguard.Restore()
	if home, err := os.UserHomeDir(); err == nil && os.Getenv("HOME") == "" { // Windows calls it otherwise
		_ = os.Setenv("HOME", home)
	}
	os.Exit(cli.Main(os.Args[1:], cli.Env{
		Stdin:      os.Stdin,
		Stdout:     os.Stdout,
		Stderr:     os.Stderr,
		Getenv:     os.Getenv,
		Environ:    os.Environ,
		Now:        time.Now,
		IsTerminal: isTerminal,
		Width:      width,
	}))
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func width(terminal any) (cells int) {
	if f, ok := terminal.(*os.File); ok {
		cells, _, _ = term.GetSize(int(f.Fd())) // less than 1 if it does not say
	}
	return cells
}
