package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/links"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// Review is what a change of a catalog does, and what the verdicts rest on.
type Review struct {
	*review.Review
	Trust     Trust
	Generated time.Time
}

// ExitCode returns the exit code of a review: as [ExitCode] does, but a change
// in which no spec differs is [ExitOK].
func (r Review) ExitCode() int {
	if slices.ContainsFunc(r.Changes, func(c review.Change) bool { return c.After != nil && c.After.Spec.Err != nil }) {
		return ExitUsage
	}
	switch r.Verdict() {
	case verify.VerdictPass:
		return ExitOK
	case verify.VerdictFail:
		return ExitFailed
	default:
		return ExitUnchecked
	}
}

// verdicts returns "3 fail, 1 unchecked, 36 pass".
func (r Review) verdicts() string {
	return counts(r.summary().ByVerdict, []verify.Verdict{verify.VerdictFail, verify.VerdictUnchecked, verify.VerdictPass})
}

// kinds returns "1 added, 38 bumped".
func (r Review) kinds() string {
	return counts(r.summary().ByKind, []review.Kind{review.Added, review.Removed, review.Edited, review.Bumped, review.Replaced})
}

func counts[T fmt.Stringer](count map[string]int, names []T) string {
	var parts []string
	for _, name := range names {
		if n := count[name.String()]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %v", n, name))
		}
	}
	return strings.Join(parts, ", ")
}

// between names both ends of the change; name writes the names.
func (r Review) between(name func(string) string) string {
	head := "the files as they are"
	if r.Head != review.WorkTree {
		head = name(r.Head)
	}
	return "between " + name(r.Base) + " and " + head
}

// compareURL is the page that lists the commits between the two sides, or "".
func compareURL(c *review.Change) string {
	if c.Before == nil || c.After == nil || !c.Judged() {
		return ""
	}
	return links.Compare(c.Before.Report.Publisher, c.After.Report.Publisher)
}

// headOf is what a change leads to as a package. Its findings are those of the
// whole report.
func headOf(c *review.Change) Package {
	side := cmp.Or(c.After, c.Before, &review.Side{})
	return Package{side.Spec, *cmp.Or(side.Report, &verify.Report{})}
}

// outstanding returns the worst finding, from a warning on, that a change brings
// and no decision waives.
func outstanding(c *review.Change) (worst verify.Severity, found bool) {
	for i := range c.Findings {
		if f := &c.Findings[i]; !f.Waived() {
			worst = max(worst, f.Severity)
		}
	}
	return worst, worst >= verify.Warning
}

// clean reports whether a change passes and brings nothing to look at.
func clean(c *review.Change) bool {
	_, stands := outstanding(c)
	return c.Verdict == verify.VerdictPass && !stands
}

// inShort is one sentence about a change, and how many decisions it rests on.
func inShort(c *review.Change) string {
	text := c.Summary()
	waived := 0
	for i := range c.Findings {
		if c.Findings[i].Waived() {
			waived++
		}
	}
	if waived > 0 && c.Verdict == verify.VerdictPass {
		text += "; " + untrusted.Plural(waived, "finding") + " accepted by decision"
	}
	return text
}

// Cells of a table of changes.
func nameCell(s *catalog.Spec, _ *verify.Report) string { return displayName(Package{Spec: *s}) }
func versionCell(s *catalog.Spec, _ *verify.Report) string {
	return string(cmp.Or(s.Version, "–"))
}
func sourceCell(_ *catalog.Spec, r *verify.Report) string { return view.Source(r) }
func statusCell(_ *catalog.Spec, r *verify.Report) string {
	return cmp.Or(r, &verify.Report{}).Status.String()
}

// Review writes one line a change, then what is wrong with those that do not
// pass, then the commits, the decisions, the counts and what the verdicts rest
// on.
func (t Text) Review(w io.Writer, r Review) error {
	d := view.NewDoc(t.Theme, 0)
	if len(r.Changes) > 0 {
		d.Table(t.changes(r)...)
	}
	t.whole(d, r.Findings)
	for i := range r.Changes {
		t.change(d, &r.Changes[i])
	}
	t.commits(d, r)
	t.changeDecisions(d, r)
	d.Blank()
	if len(r.Changes) == 0 {
		d.Row(plain("no spec differs " + r.between(t.Theme.Text)))
		return d.Write(w)
	}
	d.Row(plain(untrusted.Plural(len(r.Changes), "change") + " " + r.between(t.Theme.Text) + ": " + r.kinds()))
	d.Row(plain("verdict: " + r.Verdict().String() + "; " + r.verdicts()))
	rests(d, r.Trust, false)
	return d.Write(w)
}

// changes are the rows of the table.
func (t Text) changes(r Review) [][]view.Span {
	rows := [][]view.Span{{muted("  VERDICT"), muted(""), muted("CHANGE"), muted("PACKAGE"), muted("VERSION"),
		muted("STATUS"), muted("SOURCE, proven"), muted("IN SHORT")}}
	for i := range r.Changes {
		c := &r.Changes[i]
		rows = append(rows, []view.Span{
			view.Verdict(t.Theme, c), t.worst(c), plain(c.Kind.String()),
			t.sides(c, maxPackageCells, nameCell), t.sides(c, maxVersionCells, versionCell),
			t.sides(c, maxVersionCells, statusCell), t.sides(c, maxSourceCells, sourceCell),
			plain(t.Theme.Text(untrusted.Shorten(inShort(c), maxShort))),
		})
	}
	return rows
}

const maxShort = 300 // bytes of a change's sentence in a table

// worst is the worst finding that stands beside a verdict.
func (t Text) worst(c *review.Change) view.Span {
	severity, stands := outstanding(c)
	if !stands || c.Verdict != verify.VerdictPass {
		return plain("")
	}
	glyph, token := t.Theme.Severity(severity)
	return view.Span{Token: token, Text: glyph}
}

// sides is a cell of both sides, "then → now" if they differ.
func (t Text) sides(c *review.Change, cells int, cell func(*catalog.Spec, *verify.Report) string) view.Span {
	then, now := view.Sides(c, cell)
	text := theme.Cut(t.cell(now), cells)
	if then != "" {
		text = theme.Cut(t.cell(then), cells) + " " + t.Theme.Glyph(theme.GlyphRight) + " " + text
	}
	return plain(text)
}

// cell is a name of a table.
func (t Text) cell(s string) string {
	if s == "–" {
		return s
	}
	return t.Theme.Name(untrusted.Cut(s, maxName))
}

// whole adds the findings about the change as a whole.
func (t Text) whole(d *view.Doc, findings []verify.Finding) {
	if len(findings) > 0 {
		d.Blank()
	}
	for _, f := range findings {
		t.finding(d, "", f)
	}
}

func (t Text) finding(d *view.Doc, indent string, f verify.Finding) {
	glyph, token := t.Theme.Severity(f.Severity)
	d.Row(plain(indent), view.Span{Token: token, Text: glyph}, plain(" "+d.Text(untrusted.Text(f.Rule))+": "+t.Theme.Text(findingText(f))))
}

// change adds what is wrong with a change, or worth a look.
func (t Text) change(d *view.Doc, c *review.Change) {
	if clean(c) {
		return
	}
	d.Blank()
	d.Row(view.Verdict(t.Theme, c), plain("  "+t.name(headOf(c))+"  "+d.Text(c.Path)))
	if c.Why != "" && !slices.ContainsFunc(c.Findings, func(f verify.Finding) bool { return strings.HasPrefix(c.Why, f.Message) }) {
		d.Row(plain("  " + t.Theme.Text(c.Why)))
	}
	for _, f := range c.Findings {
		t.finding(d, "  ", f)
	}
}

// commits lists the pages that show the commits between two releases.
func (t Text) commits(d *view.Doc, r Review) {
	first := true
	for i := range r.Changes {
		c := &r.Changes[i]
		address := compareURL(c)
		if address == "" {
			continue
		}
		if first {
			d.Blank()
			d.Row(plain("Commits:"))
			first = false
		}
		d.Row(plain(t.name(headOf(c))+": "), view.Span{Token: theme.Link, Text: address})
	}
}

// changeDecisions lists the decisions that were honoured.
func (t Text) changeDecisions(d *view.Doc, r Review) {
	var packages []Package
	for i := range r.Changes {
		if c := &r.Changes[i]; c.After != nil {
			packages = append(packages, headOf(c))
		}
	}
	t.decisions(d, packages)
}
