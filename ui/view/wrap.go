package view

import (
	"strings"
	"unicode/utf8"

	"plimsoll/ui/theme"
)

// wrap breaks plain text into lines of at most width cells: at blanks, inside
// a long word after punctuation where addresses and paths have joints, and
// anywhere where there is none. It takes time linear in the text, and returns
// at least one line.
func wrap(s string, width int) []string {
	width = max(width, 1)
	var lines []string
	for {
		line := head(s, width)
		if len(line) == len(s) {
			return append(lines, line)
		}
		if line == "" { // one character wider than the line
			_, size := utf8.DecodeRuneInString(s)
			lines, s = append(lines, "?"), s[size:]
			continue
		}
		if s[len(line)] != ' ' {
			line = line[:breakAt(line)]
		}
		lines = append(lines, strings.TrimRight(line, " "))
		s = strings.TrimLeft(s[len(line):], " ")
		if s == "" {
			return lines
		}
	}
}

// breakAt returns where to end a full line that the text goes on after.
func breakAt(line string) int {
	blank := strings.LastIndexByte(line, ' ')
	if strings.TrimLeft(line[:max(blank, 0)], " ") == "" {
		blank = -1
	}
	if blank*2 >= len(line) {
		return blank
	}
	for _, joints := range []string{"/@?&", ":=,-_."} {
		if joint := strings.LastIndexAny(line, joints) + 1; joint*2 >= len(line) {
			return joint
		}
	}
	if blank > 0 {
		return blank
	}
	return len(line)
}

// head returns the longest start of the plain text s that takes at most width
// cells, without dividing a character. It looks at no more of s than that.
func head(s string, width int) string {
	if width <= 0 {
		return ""
	}
	// Cleaned text has at most a letter and four marks in a cell.
	s = prefix(s, 24*width+64)
	if theme.Width(s) <= width {
		return s
	}
	// One blank more than fits, so that Cut always cuts, after width cells.
	return strings.TrimSuffix(theme.Cut(s+indent, width+1), theme.Ellipsis)
}
