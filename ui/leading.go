package ui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
)

// leadLines is a text, and which of its lines lead on.
type leadLines struct {
	lines []string
	at    []int
}

// leading is the place in such a text: its cursor is on a line that leads on, and only
// the text between two of them is scrolled line by line.
type leading struct {
	scroller
	at int // number of the line that leads on, of those
}

// key moves through a text in a body of h.
func (l *leading) key(keys *Keys, msg tea.KeyMsg, t leadLines, h int) bool {
	delta, ok := movement(keys, msg, h)
	if ok {
		l.step(delta, t, h)
	}
	return ok
}

// step moves the cursor by a line that leads on, if that is on the screen or next to
// it, else the text by as much as it would have moved.
func (l *leading) step(delta int, t leadLines, h int) {
	next := l.at + delta
	if delta == 1 || delta == -1 {
		if next >= 0 && next < len(t.at) && t.at[next] >= l.top-1 && t.at[next] <= l.top+h {
			l.at = next
			l.show(t, h)
			return
		}
	}
	l.scroller.move(delta, len(t.lines), h)
	l.at = next
	l.clampTo(t, h)
}

// show scrolls so that the cursor is on the screen.
func (l *leading) show(t leadLines, h int) {
	line := t.at[l.at]
	l.top = min(max(l.top, line-h+1), line)
	l.clamp(len(t.lines), h)
}

// seen reports whether the cursor is on the screen.
func (l *leading) seen(t leadLines, h int) bool {
	return l.at < len(t.at) && t.at[l.at] >= l.top && t.at[l.at] < l.top+h
}

// roll moves the text alone; the cursor stays on the screen.
func (l *leading) roll(delta int, t leadLines, h int) {
	l.scroller.move(delta, len(t.lines), h)
	l.clampTo(t, h)
}

// clampTo takes the cursor along with the text: to a line on the screen, else to the
// nearest.
func (l *leading) clampTo(t leadLines, h int) {
	first, _ := slices.BinarySearch(t.at, l.top)
	last, _ := slices.BinarySearch(t.at, l.top+h)
	l.at = max(0, min(max(first, min(l.at, last-1)), len(t.at)-1))
}

// clicked returns which line that leads on was clicked, if one was.
func (l *leading) clicked(t leadLines, body layout.Rect, x, y int) (at int, ok bool) {
	row, within := inside(body, x, y)
	at, leads := slices.BinarySearch(t.at, l.top+row)
	return at, within && leads
}

// place is the right end of the line above the text.
func (l *leading) place(t leadLines, h int) (right line) {
	if lines := l.position(len(t.lines), h); lines != "" {
		right = line{{theme.Muted, lines + " "}}
	}
	return right
}

// draw returns the lines on the screen with the cursor before the one it is on.
func (l *leading) draw(th *theme.Theme, t leadLines, h int) []string {
	out := slices.Clone(l.window(t.lines, h))
	for i, text := range out {
		mark := theme.Fit("", margin)
		if l.at < len(t.at) && t.at[l.at] == l.top+i {
			mark = th.Paint(theme.Accent, th.Glyph(theme.GlyphCursor))
		}
		if text != "" {
			out[i] = mark + text
		}
	}
	return out
}
