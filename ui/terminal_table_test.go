package ui

import (
	"strings"
	"testing"

	"plimsoll/ui/state"
)

// A maintainer asks what is not proven, looks at why the first one fails, goes
// to the next and comes back to where the table was.
func TestTerminalFindsWhatIsNotProven(t *testing.T) {
	o, _ := terminalOptions()
	x := run(t, o)
	x.waitFor("checked 11 packages")
	x.typeKeys("f")
	x.waitFor("Packages › not proven")
	x.waitFor("9 of 11")
	x.waitForRow("npx/yaml-tiny")
	x.typeKeys("/")
	x.waitFor("enter keep")
	x.typeKeys("!st:inv,unc !~zzz")
	x.waitFor("5 of 11")
	x.waitForRow("npx/@acme/http-client")
	x.typeKeys("\r")
	x.waitFor("f failing")
	x.typeKeys("\r")
	x.waitFor("1 Overview")
	x.waitFor("npx/@acme/http-client 2.4.1  ✗ mismatch")
	x.waitFor("1 of 5")
	x.typeKeys("J")
	x.waitFor("uvx/left-padder 1.3.0  ◐ partial")
	x.typeKeys("\x1b")
	x.waitFor("Packages › not proven › !st:inv,unc !~zzz")
	x.waitForRow("uvx/left-padder")
	x.typeKeys("\x1b")
	x.waitFor("9 of 11")
	x.typeKeys("\x1b")
	x.waitFor("f not proven")
	x.waitForRow("uvx/left-padder")
	x.typeKeys("q")
	if err := x.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestTerminalMarksAndRechecks(t *testing.T) {
	o, engine := terminalOptions()
	x := run(t, o)
	x.waitFor("checked 11 packages")
	x.typeKeys("  ")
	x.waitFor("2 marked")
	x.waitForRow("uvx/")
	x.typeKeys("vj")
	x.waitFor("4 marked, v ends")
	x.typeKeys("vr")
	x.waitFor("checked 4 packages again: 0 changed")
	x.typeKeys("/clickhouse\r")
	x.waitFor("4 marked (4 hidden)")
	x.typeKeys("*")
	x.waitFor("5 marked (4 hidden)")
	x.typeKeys("\x1b")
	x.waitFor("1 of 11   sort")
	x.typeKeys("\x1b")
	x.wait("all packages", func(screen string) bool { return !strings.Contains(screen, "of 11") })
	x.waitForRow("npx/broken")
	x.typeKeys("q")
	if err := x.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	engine.mu.Lock()
	defer engine.mu.Unlock()
	if n := len(engine.tasks); n != 15 {
		t.Errorf("the engine got %d tasks, want 11 and the 4 that were marked", n)
	}
}

// How the table was left is read when the screen opens and written when it
// closes, before any delay has passed.
func TestTerminalKeepsTheTable(t *testing.T) {
	file := state.ForDemo(t.TempDir(), "both")
	for _, keys := range []string{"fs", ""} {
		o, _ := terminalOptions()
		o.State = file
		x := run(t, o)
		x.waitFor("checked 11 packages")
		if keys == "" {
			x.waitFor("sort: package")
		}
		x.typeKeys(keys + "?")
		x.waitFor("Keys of packages")
		x.typeKeys("qq")
		if err := x.end(); err != nil {
			t.Errorf("Run: %v", err)
		}
		if kept, found, err := file.Load(); err != nil || !found || kept.Packages.Sort != "package" {
			t.Errorf("kept %+v, %v, %v", kept, found, err)
		}
	}
}
