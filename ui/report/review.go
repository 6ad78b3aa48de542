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
	if r.unreadable() > 0 {
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

// rests is what the verdicts about both sides rest on.
func (r Review) rests() Trust {
	var reports []*verify.Report
	for _, c := range r.Changes {
		for _, side := range []*review.Side{c.Before, c.After} {
			if side != nil && side.Report != nil {
				reports = append(reports, side.Report)
			}
		}
	}
	return r.Trust.over(reports...)
}

// unreadable is how many specs of the head cannot be read.
func (r Review) unreadable() (n int) {
	for _, c := range r.Changes {
		if c.After != nil && c.After.Spec.Err != nil {
			n++
		}
	}
	return n
}

// verdicts returns "3 fail, 1 unchecked, 36 pass", and how many specs cannot be
// read.
func (r Review) verdicts() string {
	text := counts(r.summary().ByVerdict, []verify.Verdict{verify.VerdictFail, verify.VerdictUnchecked, verify.VerdictPass})
	if n := r.unreadable(); n > 0 {
		text += "; " + untrusted.Plural(n, "spec") + " cannot be read"
	}
	return text
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

// between names both ends of the change; name writes the names of commits.
func (r Review) between(name func(string) string) string {
	const most = 12 // of their characters
	head := "the files in the folder"
	if r.Head != review.WorkTree {
		head = name(untrusted.Cut(r.Head, most))
	}
	return "between " + name(untrusted.Cut(r.Base, most)) + " and " + head
}

// headOf is what a change leads to as a package. Its findings are those of the
// whole report.
func headOf(c *review.Change) Package {
	side := cmp.Or(c.After, c.Before, &review.Side{})
	return Package{side.Spec, *cmp.Or(side.Report, &verify.Report{})}
}

// weight is the severity that a finding has after what people decided.
func weight(f verify.Finding) verify.Severity {
	if f.Waived() {
		return verify.Info
	}
	return f.Severity
}

// honoured returns the findings of the head about which people decided.
func honoured(c *review.Change) []verify.Finding {
	if c.After == nil {
		return nil
	}
	return decided(headOf(c))
}

// outstanding reports whether a change brings a warning or an error that no
// decision waives.
func outstanding(c *review.Change) bool {
	return slices.ContainsFunc(c.Findings, func(f verify.Finding) bool { return weight(f) >= verify.Warning })
}

// clean reports whether a change passes and brings nothing to look at: what
// people accepted is worth a look.
func clean(c *review.Change) bool {
	notable := func(f verify.Finding) bool { return f.Severity >= verify.Warning }
	return c.Verdict == verify.VerdictPass && !slices.ContainsFunc(c.Findings, notable)
}

// worstFirst returns the changes in the order in which people should look at
// them: what fails, could not be checked, has warnings, the others.
func (r Review) worstFirst() []*review.Change {
	rank := func(c *review.Change) int {
		switch {
		case c.Verdict == verify.VerdictFail:
			return 0
		case c.Verdict != verify.VerdictPass:
			return 1
		case !clean(c):
			return 2
		}
		return 3
	}
	var out []*review.Change
	for i := range r.Changes {
		out = append(out, &r.Changes[i])
	}
	slices.SortStableFunc(out, func(a, b *review.Change) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// inShort is a change in a few words: what became of publisher and evidence if it
// passes, and the rules of which something was found. The whole sentences stand
// below the table.
func (r Review) inShort(c *review.Change) string {
	var parts []string
	add := func(text string) {
		if !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	least, waived := verify.Warning, 0
	if c.Verdict == verify.VerdictPass {
		add(c.Summary())
	} else if open := slices.ContainsFunc(c.Findings, verify.Finding.Open); !open {
		add(r.rooted(c.Why))
	} else {
		least = verify.SeverityError
	}
	for _, f := range c.Findings {
		switch {
		case f.Waived():
			waived++
		case f.Severity >= least && f.Rule != "review.publisher": // which has several reasons
			rule, _ := explained(f.Rule)
			add(cmp.Or(rule.Short, f.Message))
		case f.Severity >= least:
			add(f.Message)
		case f.Severity == verify.Info && strings.HasPrefix(f.Rule, "review.") && c.Verdict == verify.VerdictPass:
			add(f.Message)
		}
	}
	if c.From != "" {
		add("compared with " + c.From.String())
	}
	if waived > 0 {
		add(untrusted.Plural(waived, "finding") + " accepted by decision")
	}
	return strings.Join(parts, "; ")
}

// rooted is a reason without why there was no trust root, which stands once, at
// the end.
func (r Review) rooted(reason string) string {
	if r.Trust.Problem == "" {
		return reason
	}
	return strings.Replace(reason, r.Trust.Problem, "no trust root", 1)
}

// cell is what a cell of a table of changes shows: then is "" if it shows one
// value.
type cell struct{ then, now string }

// cells are package, version, status and proven source of both sides, uncleaned.
func cells(c *review.Change) (name, version, status, source cell) {
	of := func(text func(Package) string) (shown cell) {
		shown.then, shown.now = view.Sides(c, func(s *catalog.Spec, r *verify.Report) string {
			return cmp.Or(text(Package{*s, *cmp.Or(r, &verify.Report{})}), "–")
		})
		return shown
	}
	name, version = of(displayName), of(func(p Package) string { return string(p.Spec.Version) })
	if c.After == nil { // nothing is installed any more
		return name, version, cell{"", "–"}, cell{"", "–"}
	}
	status = of(func(p Package) string { return p.Report.Status.String() })
	return name, version, status, of(func(p Package) string { return view.Source(&p.Report) })
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
	for _, c := range r.worstFirst() {
		t.change(d, r, c)
	}
	t.commits(d, r)
	t.changeDecisions(d, r)
	d.Blank()
	if len(r.Changes) == 0 {
		d.Row(plain("no spec differs " + r.between(t.Theme.Text)))
		notRead(d, r.Trust)
		return d.Write(w)
	}
	d.Row(plain(untrusted.Plural(len(r.Changes), "change") + " " + r.between(t.Theme.Text) + ": " + r.kinds()))
	d.Row(plain("verdict: " + r.Verdict().String() + "; " + r.verdicts()))
	rests(d, r.rests(), false)
	return d.Write(w)
}

// changes are the rows of the table.
func (t Text) changes(r Review) [][]view.Span {
	rows := [][]view.Span{{muted("  VERDICT"), muted(""), muted("CHANGE"), muted("PACKAGE"), muted("VERSION"),
		muted("STATUS"), muted("SOURCE, proven"), muted("IN SHORT")}}
	for _, c := range r.worstFirst() {
		name, version, status, source := cells(c)
		rows = append(rows, []view.Span{
			view.Verdict(t.Theme, c), t.warning(c), plain(c.Kind.String()),
			t.sides(name, maxPackageCells), t.sides(version, maxVersionCells), t.sides(status, maxVersionCells),
			t.sides(source, maxSourceCells),
			plain(theme.Cut(t.Theme.Text(untrusted.Shorten(r.inShort(c), maxName)), maxShortCells)),
		})
	}
	return rows
}

const maxShortCells = 120

// warning stands beside the verdict of a change that passes with warnings.
func (t Text) warning(c *review.Change) view.Span {
	if !outstanding(c) || c.Verdict != verify.VerdictPass {
		return plain("")
	}
	glyph, token := t.Theme.Severity(verify.Warning)
	return view.Span{Token: token, Text: glyph}
}

// sides is a cell, "then → now" if both sides differ in it.
func (t Text) sides(c cell, width int) view.Span {
	text := theme.Cut(t.cell(c.now), width)
	if c.then != "" {
		text = theme.Cut(t.cell(c.then), width) + " " + t.Theme.Glyph(theme.GlyphRight) + " " + text
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
	text := findingText(f)
	if f.Decision != "" {
		text += "; " + f.Decision
	}
	glyph, token := t.Theme.Severity(weight(f))
	d.Row(plain(indent), view.Span{Token: token, Text: glyph}, plain(" "+d.Text(untrusted.Text(f.Rule))+": "+t.Theme.Text(text)))
}

// change adds what is wrong with a change, or worth a look. What failed for want
// of a trust root alone has one line together, at the end.
func (t Text) change(d *view.Doc, r Review, c *review.Change) {
	if clean(c) || !outstanding(c) && c.Why != "" && c.Why == r.Trust.Problem {
		return
	}
	d.Blank()
	d.Row(view.Verdict(t.Theme, c), plain("  "+t.name(headOf(c))+"  "+d.Text(c.Path)))
	if c.Why != "" && !slices.ContainsFunc(c.Findings, func(f verify.Finding) bool { return strings.HasPrefix(c.Why, f.Message) }) {
		d.Row(plain("  " + t.Theme.Text(r.rooted(c.Why))))
	}
	for _, f := range c.Findings {
		t.finding(d, "  ", f)
	}
	if n := stoodBefore(c); n > 0 {
		d.Row(muted("  " + untrusted.Plural(n, "finding") + " stood before the change"))
	}
}

// stoodBefore is how many warnings and errors of the head are no news.
func stoodBefore(c *review.Change) (n int) {
	for _, f := range c.Standing() {
		if f.Severity >= verify.Warning && !f.Waived() {
			n++
		}
	}
	return n
}

// commits lists the pages that show the commits between two releases.
func (t Text) commits(d *view.Doc, r Review) {
	first := true
	for _, c := range r.worstFirst() {
		address := links.Commits(c)
		if address == "" {
			continue
		}
		if first {
			d.Blank()
			d.Row(plain("Commits:"))
			first = false
		}
		d.Row(plain(t.name(headOf(c))+": "), d.Link(address))
	}
}

// changeDecisions lists the decisions that were honoured.
func (t Text) changeDecisions(d *view.Doc, r Review) {
	var packages []Package
	for _, c := range r.worstFirst() {
		if c.After != nil {
			packages = append(packages, headOf(c))
		}
	}
	t.decisions(d, packages)
}
