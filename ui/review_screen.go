package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// changes is the review's table: a row for each spec that changed.
type changes struct{ packages }

func (s *changes) scope() scope { return onReview }

func (s *changes) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	if delta, ok := movement(e.keys, msg, f.Body.H); ok {
		e.store.Move(delta)
		return nil, true
	}
	row := e.store.Cursor()
	switch {
	case key.Matches(msg, e.keys.Open):
		e.store.Hold()
		return opens(&detail{row: row.ID, tab: view.Change, reviewed: true}), true
	case key.Matches(msg, e.keys.Back) && (e.store.Filter() != "" || e.store.Preset() != store.All):
		s.back(e)
	case key.Matches(msg, e.keys.Recheck):
		return (*Model).startReview, true
	case key.Matches(msg, e.keys.Filter, e.keys.Preset, e.keys.PreviousPreset, e.keys.Sort, e.keys.Reverse,
		e.keys.Preview, e.keys.Smaller, e.keys.Larger):
		return s.arrange(e, f, msg)
	case key.Matches(msg, e.keys.Copy, e.keys.CopyLink, e.keys.Browse):
		return act(e, row, view.Change, false, msg)
	case key.Matches(msg, e.keys.Export):
		return exportReview(e.review), true
	default:
		return nil, false
	}
	return nil, true
}

// crumb says between which revisions the review is.
func (s *changes) crumb(e *env, f layout.Frame) (left, right line) {
	left, right = s.packages.crumb(e, f)
	left[0].text = " Review"
	between := line{{theme.Plain, " "}}
	if r := e.review.latest; r != nil {
		between = between.add(theme.Muted, revision(e.theme, r.Base)+" "+e.theme.Glyph(theme.GlyphRight)+" "+revision(e.theme, r.Head))
	}
	if left.width()+between.width()+right.width()+minGap <= f.Width {
		left = append(append(left[:1:1], between...), left[1:]...)
	}
	return left, right
}

// word is the rule of the worst that was found in the change, else its verdict.
func (s *changes) word(e *env) string {
	c := e.review.change(e.store.Cursor())
	if c == nil {
		return "review"
	}
	word, worst := c.Verdict.String(), verify.Info
	for _, f := range c.Findings {
		if f.Severity > worst {
			word, worst = f.Rule, f.Severity
		}
	}
	return word
}

func (s *changes) draw(e *env, f layout.Frame) content {
	if e.store.Shown() == 0 || s.state == failed {
		return content{body: s.empty(e, f)}
	}
	return s.rows(e, f)
}

// empty says why no change is shown, and what to do.
func (s *changes) empty(e *env, f layout.Frame) []string {
	r := e.review
	put := func(paragraphs ...view.Span) []string { return sentences(e, f.Body.W, paragraphs...) }
	again := short(e.keys.Recheck)
	switch {
	case s.state == failed:
		return put(view.Span{Token: theme.Bad, Text: "The change could not be reviewed."},
			view.Span{Token: theme.Strong, Text: "Press " + again + " to try again, " + leaving(e) + "."}, view.Span{Text: s.failure})
	case r.latest == nil:
		return put(view.Span{Text: "Asking git which specs changed" + theme.Ellipsis})
	case e.store.Len() == 0:
		between := revision(e.theme, r.latest.Base) + " and " + revision(e.theme, r.latest.Head)
		return put(view.Span{Text: "No spec differs between " + between + "."},
			view.Span{Token: theme.Strong, Text: "Press " + again + " to look again, " + leaving(e) + "."})
	default:
		return put(view.Span{Text: nothing(e)},
			view.Span{Token: theme.Strong, Text: "Press " + wider(e) + "."})
	}
}

// leaving says how the screen is left.
func leaving(e *env) string {
	if e.review.alone {
		return short(e.keys.Leave) + " to quit"
	}
	return short(e.keys.Back) + " to go back"
}

// notice tells what the review found about the change as a whole.
func (r *reviewing) notice(th *theme.Theme) line {
	if r.latest == nil || len(r.latest.Findings) == 0 {
		return nil
	}
	worst := &r.latest.Findings[0]
	for i := range r.latest.Findings {
		if f := &r.latest.Findings[i]; f.Severity > worst.Severity {
			worst = f
		}
	}
	glyph, token := th.Severity(worst.Severity)
	l := line{{token, " " + glyph + " " + clip(th, view.Sentence(worst.Message))}}
	if n := len(r.latest.Findings) - 1; n > 0 {
		l = l.add(theme.Muted, fmt.Sprintf(" (%d more)", n))
	}
	return l
}

// shares are the changes by their verdict, the best first.
func (r *reviewing) shares() (shares []share) {
	bars := map[string]theme.Glyph{"pass": theme.GlyphBarProven, "fail": theme.GlyphBarFailing, "unchecked": theme.GlyphBarUnchecked}
	for _, t := range slices.Backward(r.tally) {
		sign, _, _ := strings.Cut(strings.TrimLeft(t.shown.Text, " "), t.verdict)
		bar, known := bars[t.verdict]
		if !known {
			bar = theme.GlyphBarPending
		}
		shares = append(shares, share{t.n, strings.TrimSpace(sign), t.verdict, t.shown.Token, bar})
	}
	return shares
}

// named is a change with its verdict; of one side, if side is "before" or "after",
// the package with the status of that.
func (r *reviewing) named(row *store.Row, side string, width int) line {
	of := r.env.store.Row(row.ID)
	if row.ID < 0 {
		of = r.env.store.Row(^row.ID)
	}
	c := r.change(of)
	if c == nil || side != "" && row.Report != nil {
		l := r.env.named(row, theme.Accent, width-theme.Width(side)-2)
		return append(l, segment{theme.Muted, ", " + side})
	}
	shown := view.Verdict(r.env.theme, c)
	verdict := line{{shown.Token, "  " + shown.Text}}
	return append(line{{theme.Accent, theme.Cut(of.Release(), max(width-verdict.width(), 0))}}, verdict...)
}
