package theme

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Ellipsis ends a text that was cut. It is one cell wide.
const Ellipsis = "…"

// Width returns how many cells the plain text s takes at most: terminals that
// join characters to clusters and those that count each alone disagree about
// emoji and flags, and a row that is too long for one of them breaks the
// screen.
func Width(s string) int {
	width := 0
	for s != "" {
		if n := single(s, len(s)); n > 0 {
			width, s = width+n, s[n:]
			continue
		}
		var w int
		_, s, w = cluster(s)
		width += w
	}
	return width
}

// PaintedWidth returns how many cells a painted line takes at most.
func PaintedWidth(line string) int { return Width(ansi.Strip(line)) }

// single returns how many characters at the start of s, of the first most, are in
// ASCII and joined by nothing, and so one cell wide and one byte long.
func single(s string, most int) int {
	n := 0
	for n < len(s) && n <= most && s[n] < utf8.RuneSelf {
		n++
	}
	if n < len(s) { // what follows may join the last
		n--
	}
	return max(0, min(n, most))
}

// cluster splits the first grapheme cluster off s.
func cluster(s string) (first, rest string, width int) {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return s[:1], s[1:], 1
	}
	// ASCII joins nothing to what is before it, and most that is not ASCII is a
	// glyph of ours between spaces.
	if r, size := utf8.DecodeRuneInString(s); size == len(s) || s[size] < utf8.RuneSelf {
		return s[:size], s[size:], runeWidth(r)
	}
	first, width = ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	if first == "" { // cannot happen; never loop for ever
		return s, "", 0
	}
	sum := 0
	for _, r := range first {
		sum += runeWidth(r)
	}
	return first, s[len(first):], max(width, sum)
}

func runeWidth(r rune) int {
	if r < utf8.RuneSelf {
		return 1
	}
	if int(r) < len(ours) && ours[r] {
		return 1
	}
	return ansi.StringWidth(string(r))
}

// Cut returns the plain text s in at most width cells, ending in … if
// something was cut.
func Cut(s string, width int) string {
	head, rest := Split(s, width)
	if rest == "" {
		return head
	}
	if width <= 0 {
		return ""
	}
	head, _ = Split(s, width-1)
	return head + Ellipsis
}

// Split splits the plain text s after as many whole characters as fit in width
// cells.
func Split(s string, width int) (head, rest string) {
	used, at := 0, 0
	for at < len(s) {
		if n := single(s[at:], width-used); n > 0 {
			used, at = used+n, at+n
			continue
		}
		first, _, w := cluster(s[at:])
		if used+w > width {
			break
		}
		used += w
		at += len(first)
	}
	return s[:at], s[at:]
}

// Fit returns the plain text s in exactly width cells, cut or padded on the
// right.
func Fit(s string, width int) string {
	s = Cut(s, width)
	return s + Blank(width-Width(s))
}

const blanks = "                                                                                                    "

// Blank returns n blanks, none if n is negative.
func Blank(n int) string {
	if n <= len(blanks) {
		return blanks[:max(n, 0)]
	}
	return strings.Repeat(" ", n)
}

// CutLeft returns the end of the plain text s in at most width cells, starting
// with … if something was cut: the end of a path says more than its start.
func CutLeft(s string, width int) string {
	total := Width(s)
	if total <= width {
		return s
	}
	if width <= 0 {
		return ""
	}
	for s != "" && total > width-1 {
		var w int
		_, s, w = cluster(s)
		total -= w
	}
	return Ellipsis + s
}

// CutMiddle returns the plain text s in at most width cells, its last tail
// cells among them, with … if something was cut.
func CutMiddle(s string, width, tail int) string {
	if Width(s) <= width {
		return s
	}
	head, rest := Split(s, width-tail-1)
	return head + CutLeft(rest, width-Width(head))
}

// Wrap breaks the plain text s into lines of at most width cells: at blanks,
// inside a long word after punctuation where addresses and paths have joints,
// and anywhere if there is none. It returns at least one line.
func Wrap(s string, width int) []string {
	width = max(width, 1)
	var lines []string
	for {
		line, rest := Split(s, width)
		switch {
		case rest == "":
			return append(lines, line)
		case line == "": // one character wider than the line
			_, rest, _ = cluster(s)
			line = "?"
		case rest[0] != ' ':
			line = line[:breakAt(line)]
			rest = s[len(line):]
		}
		lines = append(lines, strings.TrimRight(line, " "))
		if s = strings.TrimLeft(rest, " "); s == "" {
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
