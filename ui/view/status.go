package view

import (
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// Status is the glyph and the style of the status of a package, whose report is
// nil while there is none. Only what is proven is green, see [verify.Proven].
func Status(th *theme.Theme, s verify.Status, r *verify.Report, require verify.Status) (glyph string, token theme.Token) {
	glyph, token = th.Status(s)
	if token != theme.Good || r != nil && verify.Proven(r, require) {
		return glyph, token
	}
	if r != nil {
		if verdict, _ := verify.Judge(r, require); verdict == verify.VerdictFail {
			return glyph, theme.Bad
		}
	}
	return glyph, theme.Plain
}
