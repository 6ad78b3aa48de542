package ui

import (
	"strings"

	"plimsoll/ui/theme"
)

// segment is a piece of plain text and what it is.
type segment struct {
	token theme.Token
	text  string
}

// line is a line of the screen before it is cut and painted.
type line []segment

func (l line) width() int {
	n := 0
	for _, s := range l {
		n += theme.Width(s.text)
	}
	return n
}

func (l line) add(token theme.Token, text string) line {
	return append(l, segment{token, text})
}

// render cuts the line to width cells and paints it.
func (l line) render(th *theme.Theme, width int) string {
	var b strings.Builder
	for _, s := range l {
		if width <= 0 {
			break
		}
		text := theme.Cut(s.text, width)
		width -= theme.Width(text)
		b.WriteString(th.Paint(s.token, text))
		if text != s.text {
			break
		}
	}
	return b.String()
}

// minGap is what lies at least between what is left and what is right.
const minGap = 2

// spread renders left at the left edge and right at the right one. If there
// is no room for both, left is cut.
func spread(th *theme.Theme, width int, left, right line) string {
	w := right.width()
	if w == 0 || w+minGap >= width {
		return left.render(th, width)
	}
	room := width - w - minGap
	used := min(left.width(), room)
	return left.render(th, room) + strings.Repeat(" ", width-w-used) + right.render(th, w)
}

// firstFit returns the first of the lines, from the most to the least
// talkative, that fits.
func firstFit(width int, lines ...line) line {
	for _, l := range lines {
		if l.width() <= width {
			return l
		}
	}
	return lines[len(lines)-1]
}
