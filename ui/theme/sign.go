package theme

// Sign is a glyph and the one thing that it means, wherever it stands.
type Sign struct {
	Glyph string
	Token Token
	Names string // the words that stand beside it
	Means string
}

// legend is every glyph that says something. Lines, arrows and punctuation only join.
var legend = []struct {
	sign
	names, means string
}{
	{sign{GlyphVerified, Good}, "verified, pass, match", "it is proven"},
	{sign{GlyphMismatch, Bad}, "mismatch, fail, error", "it contradicts: what verifies and what the spec demands, two values, or a rule"},
	{sign{GlyphInvalid, Bad}, "invalid", "what was offered as evidence does not verify, or belongs to something else"},
	{sign{GlyphUnchecked, Warn}, "unchecked, not verified, not known", "it could not be checked: whether it is good or bad, nobody knows"},
	{sign{GlyphPartial, Warn}, "partial", "some files are proven, others carry nothing"},
	{sign{GlyphSigned, Plain}, "signed", "only the registry vouches: the bytes are its own, their origin is not known"},
	{sign{GlyphNone, Muted}, "none", "nothing is offered, or nothing that counts"},
	{sign{GlyphPending, Muted}, "pending", "there is more to come; at the end of a text, there is more of it"},
	{sign{GlyphBound, Accent}, "bound", "a file of evidence verifies, and names the artifact that was given"},
	{sign{GlyphUnbound, Warn}, "unbound", "a file of evidence verifies, and was compared with no artifact"},
	{sign{GlyphWarning, Warn}, "warning, differs", "look at it: it stands beside the verdict and does not change it"},
	{sign{GlyphInfo, Accent}, "info, not run, no need, not compared", "nothing for and nothing against"},
	{sign{GlyphAbsent, Muted}, "", "there is no value"},
	{sign{GlyphCursor, Accent}, "", "the line that keys act on"},
	{sign{GlyphMark, Plain}, "", "marked"},
	{sign{GlyphAscending, Muted}, "", "sorted by this column, the lowest first"},
	{sign{GlyphDescending, Muted}, "", "sorted by this column, the highest first"},
	{sign{GlyphFolded, Muted}, "", "there is more below, folded away"},
	{sign{GlyphUnfolded, Muted}, "", "what is below is shown"},
	{sign{GlyphPoint, Plain}, "", "the time in the log, on the bar of a certificate's validity"},
	{sign{GlyphLeft, Bad}, "broken here, stops here", "the chain ends at this link"},
}

// Signs lists every glyph that says something, as the terminal can show it, and what
// it means: the gravest words first.
func (t *Theme) Signs() []Sign {
	signs := make([]Sign, len(legend))
	for i, l := range legend {
		signs[i] = Sign{t.Glyph(l.glyph), l.token, l.names, l.means}
	}
	return signs
}
