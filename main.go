// Command plimsoll verifies where the packages of a catalog of MCP servers
// come from.
package main

import (
	"os"
	"time"

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
		IsTerminal: cli.IsTerminal,
		Width:      cli.Width,
	}))
}
