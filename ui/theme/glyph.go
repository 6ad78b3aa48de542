package theme

import (
	"strings"
	"unicode/utf8"

	"plimsoll/catalog/untrusted"
)

// Glyph names a drawing character. Each is one cell wide, in Unicode and in
// ASCII alike, so that a layout does not depend on the terminal.
type Glyph uint8

// The glyphs.
const (
	GlyphVerified Glyph = iota
	GlyphMismatch
	GlyphInvalid
	GlyphUnchecked
	GlyphPartial
	GlyphNone
	GlyphSigned
	GlyphPending
	GlyphBound
	GlyphUnbound
	GlyphAbsent // no value
	GlyphWarning
	GlyphInfo
	GlyphCursor // the gutter mark of the row under the cursor
	GlyphMark   // a marked row
	GlyphCrumb  // between the parts of the breadcrumb
	GlyphAscending
	GlyphDescending
	GlyphFolded
	GlyphUnfolded
	GlyphVertical
	GlyphHorizontal
	GlyphTeeLeft  // ├
	GlyphTeeRight // ┤
	GlyphBranch   // ├ of a tree
	GlyphCorner   // └ of a tree
	GlyphPoint    // ●, the log time on the validity bar
	GlyphRight    // →
	GlyphLeft     // ←
	GlyphUp
	GlyphDown
	GlyphDot       // ·, between hints
	GlyphBarProven // the shares of a stacked bar; in ASCII the signs of their statuses
	GlyphBarPartial
	GlyphBarSigned
	GlyphBarNone
	GlyphBarFailing
	GlyphBarUnchecked
	GlyphBarPending
	GlyphBarDone // how far something is
	GlyphBarLeft
	glyphs
)

// drawing is a glyph's form and its fallback.
type drawing struct{ unicode, ascii rune }

var drawings = [glyphs]drawing{
	GlyphVerified:     {'✓', '+'},
	GlyphMismatch:     {'✗', 'x'},
	GlyphInvalid:      {'!', '!'},
	GlyphUnchecked:    {'?', '?'},
	GlyphPartial:      {'◐', '%'},
	GlyphNone:         {'○', 'o'},
	GlyphSigned:       {'s', 's'},
	GlyphPending:      {'…', '~'},
	GlyphBound:        {'◆', '#'},
	GlyphUnbound:      {'◇', '='},
	GlyphAbsent:       {'–', '-'},
	GlyphWarning:      {'▲', 'w'},
	GlyphInfo:         {'·', '.'},
	GlyphCursor:       {'▌', '>'},
	GlyphMark:         {'•', '*'},
	GlyphCrumb:        {'›', '>'},
	GlyphAscending:    {'▴', '^'},
	GlyphDescending:   {'▾', 'v'},
	GlyphFolded:       {'▹', '>'},
	GlyphUnfolded:     {'▿', 'v'},
	GlyphVertical:     {'│', '|'},
	GlyphHorizontal:   {'─', '-'},
	GlyphTeeLeft:      {'├', '|'},
	GlyphTeeRight:     {'┤', '|'},
	GlyphBranch:       {'├', '|'},
	GlyphCorner:       {'└', '`'},
	GlyphPoint:        {'●', '@'},
	GlyphRight:        {'→', '>'},
	GlyphLeft:         {'←', '<'},
	GlyphUp:           {'↑', '^'},
	GlyphDown:         {'↓', 'v'},
	GlyphDot:          {'·', '.'},
	GlyphBarProven:    {'█', '+'},
	GlyphBarPartial:   {'▚', '%'},
	GlyphBarSigned:    {'▓', 's'},
	GlyphBarNone:      {'░', 'o'},
	GlyphBarFailing:   {'▒', 'x'},
	GlyphBarUnchecked: {'▞', '?'},
	GlyphBarPending:   {'·', '.'},
	GlyphBarDone:      {'█', '#'},
	GlyphBarLeft:      {'░', '.'},
}

// Glyph returns the form of g that the terminal can show.
func (t *Theme) Glyph(g Glyph) string {
	if g >= glyphs {
		return "?"
	}
	if t.options.ASCII {
		return string(drawings[g].ascii)
	}
	return string(drawings[g].unicode)
}

// Spinner returns the frame of the spinner at a tick.
func (t *Theme) Spinner(tick int) string {
	frames := "◜◝◞◟"
	if t.options.ASCII {
		frames = `|/-\`
	}
	runes := []rune(frames)
	return string(runes[tick%len(runes)])
}

// fallbacks maps every glyph that a sentence of ours may hold to its one-cell
// ASCII form.
var fallbacks = func() map[rune]rune {
	m := map[rune]rune{
		'▁': '.', '▂': '.', '▃': '.', '▄': '#', '▅': '#', '▆': '#', '▇': '#', '█': '#', // bars
		'—': '-', '×': 'x', '‖': '|', '≠': '#', '∅': '0', '§': 'S', '“': '"', '”': '"', '’': '\'', '‘': '\'',
	}
	for _, d := range drawings { // the last form of a bar is that of one kind
		m[d.unicode] = d.ascii
	}
	return m
}()

// ours are the glyphs of fallbacks: a frame holds hundreds of them.
var ours = func() (ours [0x2800]bool) {
	for r := range fallbacks {
		ours[r] = true
	}
	return ours
}()

// Limit makes sure that a whole frame holds nothing that the terminal cannot
// show: for an ASCII terminal every other character is replaced.
func (t *Theme) Limit(frame string) string {
	if t.options.ASCII {
		return toASCII(frame)
	}
	return frame
}

// toASCII replaces each character that is not ASCII by as many ASCII ones as
// it takes cells, so that widths stay.
func toASCII(s string) string {
	if untrusted.IsASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch fallback, ok := fallbacks[r]; {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case ok:
			b.WriteRune(fallback)
		default:
			b.WriteString(strings.Repeat("?", runeWidth(r)))
		}
	}
	return b.String()
}
