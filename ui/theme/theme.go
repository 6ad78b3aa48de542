// Package theme is the only place that makes styles: every colour, every glyph
// and every way of cutting text to cells.
//
// A style is compiled once to the escape sequence that starts it; [Theme.Paint]
// puts it round plain text that was already cut to its width. A [Look] gives the
// colours: unless another is chosen the terminal's own sixteen, and never a
// background, so that a light terminal is as readable as a dark one. Status is a
// glyph and a word as well as a colour, and each glyph has a fallback of the same
// width for ASCII terminals.
//
// Text from outside must be cleaned before it comes here.
package theme

import (
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/confusable"
)

// Token names what a piece of text is, never how it looks.
type Token uint8

// The tokens. Plain is the terminal's own style.
const (
	Plain    Token = iota
	Good           // proven
	Bad            // disproven, contradicted
	Warn           // a maintainer should look
	Muted          // less important than its neighbours; labels
	Accent         // where the eye should rest: the active tab, the breadcrumb
	Title          // the program's name, a section's heading
	Strong         // important words of a sentence
	Key            // a key in a hint
	Selected       // the row under the cursor, reversed
	Border         // lines and boxes
	Link           // an address that can be opened
	Match          // what a search has found
	Found          // the match that a search is at
	tokens
)

const reset = "\x1b[0m"

// Options chooses what a terminal can show.
type Options struct {
	Color bool // false: no colour; bold, underline and reverse stay
	Plain bool // true: no escape code at all, for a file or another program
	ASCII bool // true: every glyph is replaced by ASCII

	Look     Look
	Terminal Terminal
}

// Theme holds the compiled styles and glyphs. It does not change after [New].
type Theme struct {
	options  Options
	prefixes [tokens]string
}

// New compiles the styles.
func New(o Options) *Theme {
	t := &Theme{options: o}
	if o.Plain {
		return t
	}
	for token, style := range o.Look.styles(o.Color, o.Terminal.Depth) { // to render each text would cost forty times as much
		prefix, _, _ := strings.Cut(style.Render("x"), "x")
		if style.GetUnderline() {
			prefix = strings.TrimSuffix(prefix, ";4m") + "m" // lipgloss asks for it twice
		}
		t.prefixes[token] = prefix
	}
	return t
}

// ReadBack is the theme for results that were read back from a file: nothing of
// them was proven now, so nothing is green.
func (t *Theme) ReadBack() *Theme {
	plain := *t
	plain.prefixes[Good] = ""
	return &plain
}

// ASCII reports whether glyphs and text are limited to ASCII.
func (t *Theme) ASCII() bool { return t.options.ASCII }

// Paint returns plain in the style of token, ending in a reset if it styled
// anything. plain must be cleaned, cut to its width, and hold no style.
func (t *Theme) Paint(token Token, plain string) string {
	if plain == "" {
		return ""
	}
	if t.options.ASCII {
		plain = toASCII(plain)
	}
	if token >= tokens || t.prefixes[token] == "" {
		return plain
	}
	return t.prefixes[token] + plain + reset
}

// Text cleans s for one line. For an ASCII terminal every other character
// becomes a visible escape, so that two names which differ never look alike.
func (t *Theme) Text(s string) string {
	s = untrusted.Clean(s)
	if !t.options.ASCII {
		return s
	}
	return untrusted.ASCII(s)
}

// Name is Text for names: a part that can be taken for another name shows its
// characters outside ASCII as escapes.
func (t *Theme) Name(s string) string { return t.Text(confusable.Reveal(s)) }

// sign is how a result is shown beside its word.
type sign struct {
	glyph Glyph
	token Token
}

// Only what is proven is green.
var (
	statuses = map[verify.Status]sign{
		verify.Verified:  {GlyphVerified, Good},
		verify.Signed:    {GlyphSigned, Plain},
		verify.None:      {GlyphNone, Muted},
		verify.Partial:   {GlyphPartial, Warn},
		verify.Mismatch:  {GlyphMismatch, Bad},
		verify.Invalid:   {GlyphInvalid, Bad},
		verify.Unchecked: {GlyphUnchecked, Warn},
		verify.Bound:     {GlyphBound, Accent}, // not green: green is a package's verdict
		verify.Unbound:   {GlyphUnbound, Warn},
	}
	checks = map[verify.CheckStatus]sign{
		verify.Pass: {GlyphVerified, Good}, verify.Fail: {GlyphMismatch, Bad}, verify.Blocked: {GlyphUnchecked, Warn},
	}
	severities = map[verify.Severity]sign{verify.SeverityError: {GlyphMismatch, Bad}, verify.Warning: {GlyphWarning, Warn}}
	results    = map[verify.Result]sign{
		verify.ResultMatch: {GlyphVerified, Good}, verify.ResultMismatch: {GlyphMismatch, Bad}, verify.ResultDiffers: {GlyphWarning, Warn},
	}
)

// show returns the sign of a key, or other if it has none.
func show[K comparable](t *Theme, signs map[K]sign, key K, other sign) (glyph string, token Token) {
	if s, ok := signs[key]; ok {
		other = s
	}
	return t.Glyph(other.glyph), other.token
}

// Status returns the glyph and the style of a verdict.
func (t *Theme) Status(s verify.Status) (glyph string, token Token) {
	return show(t, statuses, s, sign{GlyphPending, Muted})
}

// Check returns the glyph and the style of one check's result.
func (t *Theme) Check(s verify.CheckStatus) (glyph string, token Token) {
	return show(t, checks, s, sign{GlyphInfo, Muted})
}

// Severity returns the glyph and the style of a finding.
func (t *Theme) Severity(s verify.Severity) (glyph string, token Token) {
	return show(t, severities, s, sign{GlyphInfo, Accent})
}

// Result returns the glyph and the style of a comparison of witnesses.
func (t *Theme) Result(r verify.Result) (glyph string, token Token) {
	return show(t, results, r, sign{GlyphInfo, Muted})
}
