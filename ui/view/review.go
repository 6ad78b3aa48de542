package view

import (
	"plimsoll/catalog"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// Verdict is the sign, the word and the style of the verdict on a change. Only
// what is proven has a check mark, and is green: what has no evidence, and lost
// none, passes without one.
func Verdict(th *theme.Theme, c *review.Change) Span {
	word := " " + c.Verdict.String()
	switch {
	case !c.Judged():
		glyph, token := th.Status(verify.Pending)
		return Span{token, glyph + " " + verify.Pending.String()}
	case c.Verdict == verify.VerdictFail:
		glyph, token := th.Severity(verify.SeverityError)
		return Span{token, glyph + word}
	case c.Verdict != verify.VerdictPass:
		glyph, token := th.Status(verify.Unchecked)
		return Span{token, glyph + word}
	case c.After == nil || !verify.Proven(c.After.Report, verify.Pending):
		return Span{theme.Plain, " " + word}
	}
	glyph, token := th.Status(verify.Verified)
	return Span{token, glyph + word}
}

// Sides returns what a cell of a table shows of both sides of a change. then is
// "" if both show the same, or there is only one: of a spec that is gone, now is
// what was.
func Sides(c *review.Change, cell func(*catalog.Spec, *verify.Report) string) (then, now string) {
	if c.Before != nil {
		now = cell(&c.Before.Spec, c.Before.Report)
	}
	if c.After != nil {
		then, now = now, cell(&c.After.Spec, c.After.Report)
	}
	if then == now {
		then = ""
	}
	return then, now
}
