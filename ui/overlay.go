package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
)

// overlay lies over the screen and takes every key until it is closed.
type overlay interface {
	// key handles a key, and reports whether the overlay stays.
	key(e *env, f layout.Frame, msg tea.KeyMsg) (a action, stays bool)
	// draw returns the painted lines that cover the end of the body: none, or
	// as many as there is room for.
	draw(e *env, f layout.Frame) []string
	// footer is the last line of the screen.
	footer(e *env, width int) string
}

// cover lays the lines of the overlay over the end of the body.
func (m *Model) cover(lines []string, f layout.Frame) {
	if m.overlay == nil {
		return
	}
	over := m.overlay.draw(&m.env, f)
	over = over[:min(len(over), f.Body.H)]
	copy(lines[f.Body.Y+f.Body.H-len(over):], over)
}

// confirm asks whether something may be done.
type confirm struct {
	question, word string
	yes            action
}

func (c *confirm) key(_ *env, _ layout.Frame, msg tea.KeyMsg) (action, bool) {
	switch msg.String() {
	case "y":
		return c.yes, false
	case "n", "esc", "q":
		return says("nothing was changed"), false
	}
	return nil, true
}

func (c *confirm) draw(*env, layout.Frame) []string { return nil }

func (c *confirm) footer(e *env, width int) string {
	right := hint("y", c.word, "n", "no")
	question := theme.Cut(c.question, max(width-right.width()-3, 1))
	return spread(e.theme, width, line{{theme.Warn, " " + question}}, right)
}
