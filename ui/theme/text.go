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
	if isASCII(s) {
		return len(s)
	}
	width := 0
	for s != "" {
		var w int
		_, s, w = cluster(s)
		width += w
	}
	return width
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
	if _, ours := fallbacks[r]; ours {
		return 1
	}
	return ansi.StringWidth(string(r))
}

// Cut returns the plain text s in at most width cells, ending in … where
// something was cut.
func Cut(s string, width int) string {
	head, rest := take(s, width)
	if rest == "" {
		return head
	}
	if width <= 0 {
		return ""
	}
	head, _ = take(s, width-1)
	return head + Ellipsis
}

// take splits s after as many whole clusters as fit in width cells.
func take(s string, width int) (head, rest string) {
	if len(s) <= width && isASCII(s) {
		return s, ""
	}
	used, at := 0, 0
	for at < len(s) {
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
	return s + strings.Repeat(" ", max(0, width-Width(s)))
}

// CutLeft returns the end of the plain text s in at most width cells, starting
// with … where something was cut: the end of a path says more than its start.
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

// CutMiddle returns the plain text s in at most width cells, with … where
// something was cut: names that begin alike are told apart by their ends.
func CutMiddle(s string, width int) string {
	if Width(s) <= width {
		return s
	}
	head, _ := take(s, (width-1)/4)
	return head + CutLeft(s[len(head):], width-Width(head))
}

// Wrap breaks the plain text s into lines of at most width cells, between
// words where it can and inside a word that is longer than a line. It returns
// at least one line.
func Wrap(s string, width int) []string {
	width = max(width, 1)
	var lines []string
	line, used, empty := "", 0, true
	for word := range strings.SplitSeq(s, " ") {
		w := Width(word)
		if !empty && used+1+w <= width {
			line, used = line+" "+word, used+1+w
			continue
		}
		if !empty {
			lines = append(lines, line)
		}
		for w > width {
			head, rest := take(word, width)
			if head == "" { // one character wider than the line
				_, rest, _ = cluster(word)
				head = "?"
			}
			lines = append(lines, head)
			word, w = rest, Width(rest)
		}
		line, used, empty = word, w, false
	}
	return append(lines, line)
}
