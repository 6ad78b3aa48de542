package ui

import tea "github.com/charmbracelet/bubbletea"

// packageScenes are the states of the package screen.
var packageScenes = []scene{
	pressed("overview", openedAt),
	pressed("overview-links", openedAt, "jj"),
	pressed("overview-end", openedAt, "G"),
	pressed("certificates", openedAt, "2"),
	pressed("log", openedAt, "3"),
	pressed("publisher", openedAt, "4"),
	pressed("statement", openedAt, "5"),
	pressed("branch-folded", openedAt, "5", "jjjjjjjjjjjjj", "enter"),
	pressed("all-folded", openedAt, "5", "-"),
	pressed("raw", openedAt, "6"),
	pressed("history", func(size tea.WindowSizeMsg) *Model {
		o, _ := toolOptions()
		o.History = (&archive{}).history
		return send(New(o), size, toolEvents())
	}, "enter", "7"),
	pressed("wrapped", openedAt, "5", "w"),
	pressed("search-kept", openedAt, "5", "/", "acme", "enter", "n"),
	pressed("mouse", openedAt, "m"),
	pressed("dead-key", openedAt, "f"),
	pressed("unchecked", openedAt, "esc", "j", "enter"),
	pressed("hostile", openedAt, "esc", "jj", "enter", "5"),
	pressed("mismatch", checkedAt, "4j", "enter"),
	{"decided", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return press(do(m, "n", "!", "a fork", "enter", "esc", "j"), "enter", "ctrl+d")
	}},
}
