package ui

import (
	"strings"

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
	over := m.overlay.draw(m.here(), f)
	over = over[:min(len(over), f.Body.H)]
	copy(lines[f.Body.Y+f.Body.H-len(over):], over)
}

// confirm asks whether something may be done. Enter gives the default answer, which
// the footer shows: yes only if what is done can be taken back.
type confirm struct {
	title          string    // of the lines
	lines          []segment // what would be done, if that takes more than the question
	question, word string
	yes            action
	undoable       bool
	scrolls        bool // not all lines are on the screen
	scroller       scroller
}

func (c *confirm) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	answer := msg.String()
	if answer == "enter" {
		answer = map[bool]string{true: "y", false: "n"}[c.undoable]
	}
	switch answer {
	case "y":
		return c.yes, false
	case "n", "esc", "q":
		return says("nothing was changed"), false
	}
	n := len(c.wrapped(f.Width))
	c.scroller.key(e.keys, msg, n, c.height(f, n))
	return nil, true
}

// wrapped is the lines as the screen shows them: nothing that is agreed to is cut.
func (c *confirm) wrapped(width int) (lines []segment) {
	const indent = "    " // of what goes on
	for _, s := range c.lines {
		for i, text := range theme.Wrap(s.text, max(width-2-len(indent), 1)) {
			if i > 0 {
				text = indent + text
			}
			lines = append(lines, segment{s.token, text})
		}
	}
	return lines
}

// height is how many of n lines there is room for, below the title.
func (c *confirm) height(f layout.Frame, n int) int { return max(1, min(n, f.Body.H-1)) }

func (c *confirm) draw(e *env, f layout.Frame) []string {
	if len(c.lines) == 0 {
		return nil
	}
	wrapped := c.wrapped(f.Width)
	h := c.height(f, len(wrapped))
	c.scroller.clamp(len(wrapped), h)
	c.scrolls = len(wrapped) > h
	count := ""
	if c.scrolls && f.Width >= layout.FullWidth {
		count = " " + c.scroller.position(len(wrapped), h) + " "
	}
	lines := []string{rule(e.theme, c.title, count, f.Width)}
	for _, s := range wrapped[c.scroller.top : c.scroller.top+h] {
		lines = append(lines, line{{theme.Plain, " "}, s}.render(e.theme, f.Width))
	}
	return lines
}

func (c *confirm) footer(e *env, width int) string {
	yes, no := "[y]", "n"
	if !c.undoable {
		yes, no = "y", "[n]"
	}
	right := hint(yes, c.word, no, "no")
	forms := []line{right, {{theme.Key, yes + "/" + no + " "}}}
	if c.scrolls {
		forms = append([]line{append(hint(e.keys.moves(), "move"), right...)}, forms...)
	}
	question := line{{theme.Warn, " " + c.question}}
	right = firstFit(width-question.width()-minGap, forms...)
	question[0].text = theme.Cut(question[0].text, max(width-right.width()-minGap, 1))
	return spread(e.theme, width, question, right)
}

// rule is a line across the screen with a title and a count.
func rule(th *theme.Theme, title, count string, width int) string {
	glyph := th.Glyph(theme.GlyphHorizontal)
	var end line
	if count != "" {
		end = line{{theme.Muted, count}, {theme.Border, glyph}}
	}
	l := line{{theme.Border, glyph}, {theme.Title, " " + theme.Cut(title, max(width-end.width()-4, 1)) + " "}}
	l = l.add(theme.Border, strings.Repeat(glyph, max(width-l.width()-end.width(), 0)))
	return append(l, end...).render(th, width)
}
