package ui

import (
	"bytes"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/theme"
)

// looksScenes are screens in true colour and with links, if a terminal has both.
var looksScenes = []scene{
	pressed("dark-table", func(size tea.WindowSizeMsg) *Model { return looking(options(), "dark", size, answers(upTo(11)...)) }),
	pressed("light-table", func(size tea.WindowSizeMsg) *Model { return looking(options(), "light", size, answers(upTo(11)...)) }),
	pressed("dark-overview", linkedAt("dark")),
	pressed("light-log", linkedAt("light"), "3"),
	pressed("publisher", linkedAt("ansi"), "4"),
	pressed("search", linkedAt("ansi"), "4", "/", "client", "enter"),
}

func linkedAt(look string) func(tea.WindowSizeMsg) *Model {
	return func(size tea.WindowSizeMsg) *Model {
		o, _ := toolOptions()
		o.Examine = examineTools
		return do(looking(o, look, size, toolEvents()), "enter")
	}
}

// looking is the screen in a look, on a terminal that can show everything.
func looking(o Options, look string, messages ...tea.Msg) *Model {
	l, err := theme.ParseLook(look)
	if err != nil {
		panic(err)
	}
	o.Theme = theme.New(theme.Options{Color: true, Look: l, Terminal: theme.Terminal{Depth: theme.True, Links: true}})
	return send(New(o), messages...)
}

// What a terminal shows is the same with links, also on one that has none but
// knows the sequence.
func TestTerminalLinks(t *testing.T) {
	o, _ := toolOptions()
	o.Engine, o.Examine = &toolEngine{newEngine(false)}, examineTools
	o.Theme = theme.New(theme.Options{Color: true, Terminal: theme.Terminal{Links: true}})
	x := run(t, o)
	x.waitFor("checked 3 packages")
	x.typeKeys("\r4")
	x.waitFor("Comparison")
	x.wait("nothing of the links", func(screen string) bool {
		return strings.Contains(screen, ".github/workflows/release.yml") && !strings.Contains(screen, "]8;") && !strings.Contains(screen, "/tree/")
	})
	x.mu.Lock()
	if !bytes.Contains(x.written, []byte("\x1b]8;;https://github.com/acme/http-client/tree/")) {
		t.Error("nothing leads to the source")
	}
	x.mu.Unlock()
	x.typeKeys("qq")
	if err := x.end(); err != nil {
		t.Error(err)
	}
}
