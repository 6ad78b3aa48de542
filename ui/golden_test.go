package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui/theme"
	"plimsoll/verify/scan"
)

// scenes are the states of the screen that the golden files hold.
var scenes = []struct {
	name string
	make func(tea.WindowSizeMsg) *Model
}{
	{"start", func(size tea.WindowSizeMsg) *Model { return send(New(options()), size) }},
	{"checking", func(size tea.WindowSizeMsg) *Model {
		return send(New(options()), size, answers(1, 5), eventsMsg{
			{ID: 0, Generation: 1, Kind: scan.Progress, Message: "fetching attestations"},
		}, tickMsg{})
	}},
	{"packages", checkedAt},
	{"cursor", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "jjj") }},
	{"filter", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "/", "mis", "match") }},
	{"filtered", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "/", "uvx", "enter", "s", "S") }},
	{"preset", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "f") }},
	{"marks", func(size tea.WindowSizeMsg) *Model {
		return press(checkedAt(size), "space", "j", "v", "jj", "/", "!st:ver", "enter")
	}},
	{"range", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "j", "v", "jjj") }},
	{"prompt", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "/") }},
	{"wrong-filter", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "f", "/", "npx st:mos") }},
	{"few-columns", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "c") }},
	{"many-columns", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "cc", "p") }},
	{"package", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "4j", "enter") }},
	{"help", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "?") }},
	{"messages", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "M") }},
	{"no-specs", func(size tea.WindowSizeMsg) *Model {
		o := options()
		o.Specs = []catalog.Spec{}
		return send(New(o), size)
	}},
	{"no-match", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "/", "nosuch\x1b", "enter") }},
	{"load-error", func(size tea.WindowSizeMsg) *Model {
		return send(New(loadOptions()), size, batchMsg(batch{last: true, err: errors.New("open cata\x1blog: no such file\nor directory")}))
	}},
	{"loading", func(size tea.WindowSizeMsg) *Model { return send(New(loadOptions()), size) }},
	{"demo", func(size tea.WindowSizeMsg) *Model {
		o := options()
		o.Trust = "demo trust root: proves nothing outside the demo"
		return send(New(o), size, answers(upTo(11)...))
	}},
	{"ascii", func(size tea.WindowSizeMsg) *Model {
		o := options()
		o.Theme = theme.New(theme.Options{ASCII: true})
		return press(send(New(o), size, answers(upTo(11)...)), "j")
	}},
}

func checkedAt(size tea.WindowSizeMsg) *Model {
	return send(New(options()), size, answers(upTo(11)...))
}

func loadOptions() Options {
	o := options()
	o.Specs, o.Load = nil, noLoad
	return o
}

func TestGolden(t *testing.T) {
	for _, size := range []tea.WindowSizeMsg{{Width: 120, Height: 40}, {Width: 100, Height: 30}, {Width: 80, Height: 24}, {Width: 40, Height: 10}, {Width: 250, Height: 80}} {
		name := fmt.Sprintf("%dx%d", size.Width, size.Height)
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, scene := range scenes {
				fmt.Fprintf(&b, "=== %s\n%s\n", scene.name, visible(scene.make(size).View()))
			}
			testfiles.Golden(t, name+".golden", b.String())
		})
	}
}
