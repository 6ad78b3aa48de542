package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
)

// wheelLines is how far one notch of the wheel goes.
const wheelLines = 3

// pointed is a screen that the mouse can do something with.
type pointed interface {
	// wheel moves by lines, down if delta is positive.
	wheel(e *env, f layout.Frame, delta int)
	// click is the left button on a cell of the frame.
	click(e *env, f layout.Frame, x, y int)
}

// toggleMouse takes the mouse or gives it back. It is the terminal's own at
// first: whoever drags over a text wants to select it.
func (m *Model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	if !m.mouse {
		m.say("the mouse is the terminal's again: it selects text")
		return tea.DisableMouse
	}
	m.say("the mouse scrolls and clicks; it selects text only with shift, or after " + short(m.keys.Mouse))
	return tea.EnableMouseCellMotion
}

// resumed is called when the program runs again after it was suspended: the
// library has given the mouse back and does not take it again.
func (m *Model) resumed() tea.Cmd {
	if m.mouse {
		return tea.EnableMouseCellMotion
	}
	return nil
}

// mouseNote stands in the header while the mouse is ours, so that nobody
// wonders why text cannot be selected.
func (m *Model) mouseNote(before line, more string) line {
	if !m.mouse {
		return before
	}
	return append(line{{theme.Accent, "mouse"}, {theme.Muted, more}}, before...)
}

func (m *Model) mouseMsg(msg tea.MouseMsg) {
	screen, ok := m.top().(pointed)
	f := m.frame(m.top())
	if !ok || !m.mouse || f.Small || m.overlay != nil || msg.Action != tea.MouseActionPress {
		return
	}
	switch msg.Button {
	case tea.MouseButtonWheelDown:
		screen.wheel(m.here(), f, wheelLines)
	case tea.MouseButtonWheelUp:
		screen.wheel(m.here(), f, -wheelLines)
	case tea.MouseButtonLeft:
		screen.click(m.here(), f, msg.X, msg.Y)
	}
}

// inside reports whether a cell lies in r, and on which of its lines.
func inside(r layout.Rect, x, y int) (row int, ok bool) {
	return y - r.Y, x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

func (p *packages) wheel(e *env, _ layout.Frame, delta int) { e.store.Move(delta) }

// click chooses a row, or the column that the rows are sorted by; the same again
// reverses them.
func (p *packages) click(e *env, f layout.Frame, x, y int) {
	if _, ok := inside(f.Heading, x, y); ok && e.store.Shown() > 0 {
		for _, c := range p.cells(e, f) {
			if x >= c.X && x < c.X+c.W {
				sort := e.store.Sort()
				e.store.SetSort(store.Sort{Column: c.Column, Reverse: c.Column == sort.Column && !sort.Reverse})
			}
		}
	}
	if row, ok := inside(f.Body, x, y); ok && p.top+row < e.store.Shown() {
		e.store.MoveTo(p.top + row)
	}
}

func (d *detail) wheel(e *env, f layout.Frame, delta int) {
	d.pager(e, f.Body.W).scroll(delta, f.Body.H)
}

// click chooses a tab, or a line of a tree.
func (d *detail) click(e *env, f layout.Frame, x, y int) {
	if _, ok := inside(f.Heading, x, y); ok {
		at := 0
		for i, s := range d.tabs(f.Heading.W) { // a blank before each name
			at += theme.Width(s.text)
			if x < at {
				tab := view.Tab(min(i/2, len(view.Tabs())-1))
				if d.reviewed {
					tab = view.Tab(i/2) + view.Change
				}
				d.show(tab)
				return
			}
		}
	}
	if row, ok := inside(f.Body, x, y); ok {
		d.pager(e, f.Body.W).point(row)
	}
}

func (p *textScreen) wheel(e *env, f layout.Frame, delta int) {
	p.pager(e, f.Body.W).scroll(delta, f.Body.H)
}

// click puts the cursor on a line that leads on.
func (p *textScreen) click(e *env, f layout.Frame, x, y int) {
	if row, ok := inside(f.Body, x, y); ok {
		p.pager(e, f.Body.W).point(row)
	}
}
