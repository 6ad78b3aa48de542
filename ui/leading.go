package ui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/theme"
)

// leading is the place in a text some lines of which lead on: its cursor is on one of
// those, and only the text between two of them is scrolled line by line.
type leading struct {
	scroller
	at int // number of the line that leads on, of those
}

// key moves through n lines, of which leads lead on, in a body of h.
func (l *leading) key(keys *Keys, msg tea.KeyMsg, leads []int, n, h int) bool {
	delta, ok := movement(keys, msg, h)
	if ok {
		l.step(delta, leads, n, h)
	}
	return ok
}

// step moves the cursor by a line that leads on, if that is on the screen or next to
// it, else the text by as much as it would have moved.
func (l *leading) step(delta int, leads []int, n, h int) {
	next := l.at + delta
	if delta == 1 || delta == -1 {
		if next >= 0 && next < len(leads) && leads[next] >= l.top-1 && leads[next] <= l.top+h {
			l.at = next
			l.show(leads[next], n, h)
			return
		}
	}
	l.scroller.move(delta, n, h)
	l.at = next
	l.clampTo(leads, h)
}

// show scrolls so that a line is on the screen.
func (l *leading) show(line, n, h int) {
	l.top = min(max(l.top, line-h+1), line)
	l.clamp(n, h)
}

// clampTo takes the cursor along with the text: to a line on the screen, else to the
// nearest.
func (l *leading) clampTo(leads []int, h int) {
	first, _ := slices.BinarySearch(leads, l.top)
	last, _ := slices.BinarySearch(leads, l.top+h)
	l.at = max(0, min(max(first, min(l.at, last-1)), len(leads)-1))
}

// draw returns the lines on the screen with the cursor before the one it is on.
func (l *leading) draw(th *theme.Theme, lines []string, leads []int, h int) []string {
	out := slices.Clone(l.window(lines, h))
	for i, text := range out {
		mark := theme.Fit("", margin)
		if l.at < len(leads) && leads[l.at] == l.top+i {
			mark = th.Paint(theme.Accent, th.Glyph(theme.GlyphCursor))
		}
		if text != "" {
			out[i] = mark + text
		}
	}
	return out
}
