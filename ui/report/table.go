package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// Widths, in cells, beyond which the table cuts a cell. Real names are far
// shorter; one hostile name must not push the other columns away.
const (
	maxPackageCells = 64
	maxVersionCells = 24
	maxSourceCells  = 72
)

// Text writes results for people.
type Text struct {
	Theme *theme.Theme
	// Verbose adds every check with its result and reason to a package.
	Verbose bool
	// Now is set where evidence comes from a cache or a recording: it is then
	// said how old it is.
	Now time.Time
	// Require is that of [ExitCode].
	Require verify.Status

	unverified bool // nothing of the evidence that is being written was verified
}

// Table writes one row a package in their order, then one sentence for each
// package that has something wrong, then the counts.
func (t Text) Table(w io.Writer, packages []Package, trust Trust) error {
	out := bufio.NewWriter(w)
	if readBack(packages) {
		fmt.Fprintf(out, "%s\n\n", t.Theme.Paint(theme.Warn, notNow))
	}
	rows := make([][]cell, 0, len(packages)+1)
	rows = append(rows, []cell{
		{"", theme.Muted}, {"STATUS", theme.Muted}, {"", theme.Muted}, {"PACKAGE", theme.Muted},
		{"VERSION", theme.Muted}, {"SOURCE, proven", theme.Muted}, {"EXPECTED (spec)", theme.Muted},
	})
	for _, p := range packages {
		rows = append(rows, t.row(p))
	}
	t.align(out, rows)
	t.problems(out, packages)
	t.warnings(out, packages)
	t.noRoot(out, packages)
	t.decisions(out, packages)
	fmt.Fprintf(out, "\n%s\n%s\n", t.summary(packages), verdicts(packages, t.Require))
	t.trust(out, trust, readBack(packages))
	return out.Flush()
}

// cell is one cell of the table: cleaned plain text and its style.
type cell struct {
	text  string
	token theme.Token
}

func (t Text) row(p Package) []cell {
	glyph, token := view.Status(t.Theme, p.Report.Status, &p.Report, t.Require)
	return []cell{
		{glyph, token},
		{p.Report.Status.String(), token},
		t.mark(p),
		{theme.Cut(t.name(p), maxPackageCells), theme.Plain},
		{theme.Cut(t.text(string(p.Spec.Version)), maxVersionCells), theme.Plain},
		{theme.Cut(t.value(view.Source(&p.Report)), maxSourceCells), theme.Plain},
		{theme.Cut(t.value(view.Expected(p.Spec)), maxSourceCells), theme.Plain},
	}
}

// mark is the worst finding that stands beside the verdict.
func (t Text) mark(p Package) cell {
	worst, stands := p.Report.Standing()
	if !stands {
		return cell{"", theme.Plain}
	}
	glyph, token := t.Theme.Severity(worst)
	return cell{glyph, token}
}

// align writes rows with every column as wide as its widest cell. The last
// cell of a row is not padded.
func (t Text) align(w io.Writer, rows [][]cell) {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], theme.Width(c.text))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, c := range row {
			b.WriteString(t.Theme.Paint(c.token, c.text))
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-theme.Width(c.text)+columnGap(i)))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// columnGap is the number of spaces after column i: one after the glyph.
func columnGap(i int) int {
	if i == 0 {
		return 1
	}
	return 2
}

// problems writes one line for each package that makes the exit code other
// than zero, so that a log of a CI run says why without a second run. What
// failed for want of a trust root alone has one line together, see noRoot.
func (t Text) problems(w io.Writer, packages []Package) {
	first := true
	for _, p := range packages {
		if p.Report.Unverified != "" && !slices.ContainsFunc(p.Report.Findings, verify.Finding.Open) {
			continue
		}
		if p.passes(t.Require) {
			continue
		}
		if first {
			fmt.Fprintln(w)
			first = false
		}
		fmt.Fprintln(w, t.problem(p))
	}
}

// problem is what is wrong with p, as a sentence with a glyph: the verdict's,
// or that of an error where the status alone is good.
func (t Text) problem(p Package) string {
	glyph, token := t.Theme.Status(p.Report.Status)
	if p.Report.Status.Meets(verify.None) {
		glyph, token = t.Theme.Severity(verify.SeverityError)
	}
	_, why := p.judge(t.Require)
	return t.Theme.Paint(token, glyph) + " " + t.name(p) + ": " + t.sentence(why)
}

// decisions lists what people decided, and the policy's exceptions.
func (t Text) decisions(w io.Writer, packages []Package) {
	first := true
	for _, p := range packages {
		for _, f := range decided(p) {
			if first {
				fmt.Fprint(w, "\nDecisions:\n")
				first = false
			}
			fmt.Fprintf(w, "%s: %s: %s\n", t.name(p), t.text(f.Rule), t.sentence(f.Decision))
		}
	}
}

// warnings writes one line for each package beside whose verdict a warning
// stands.
func (t Text) warnings(w io.Writer, packages []Package) {
	first := true
	for _, p := range packages {
		worst, stands := p.Report.Standing()
		if !stands || worst > verify.Warning {
			continue
		}
		if first {
			fmt.Fprintln(w)
			first = false
		}
		glyph, token := t.Theme.Severity(worst)
		fmt.Fprintln(w, t.Theme.Paint(token, glyph)+" "+t.name(p)+": "+t.sentence(view.Beside(&p.Report)))
	}
}

// noRoot says why there was no trust root: one line for all packages that have
// the same reason.
func (t Text) noRoot(w io.Writer, packages []Package) {
	of := map[string]int{}
	var reasons []string
	for _, p := range packages {
		if why := p.Report.Unverified; why != "" {
			if of[why]++; of[why] == 1 {
				reasons = append(reasons, why)
			}
		}
	}
	for _, why := range reasons {
		glyph, token := t.Theme.Status(verify.Unchecked)
		fmt.Fprintf(w, "\n%s no trust root, %s not verified: %s\n", t.Theme.Paint(token, glyph), untrusted.Plural(of[why], "package"), t.sentence(why))
	}
}

// summary is "41 packages: 17 verified, 5 mismatch", the worst first.
func (t Text) summary(packages []Package) string {
	statuses := CountStatuses(packages)
	proven := 0
	for _, p := range packages {
		if verify.Proven(&p.Report, t.Require) {
			proven++
		}
	}
	var parts []string
	for _, s := range verify.Statuses() {
		if n := statuses[s.String()]; n > 0 {
			glyph, token := t.Theme.Status(s)
			if s == verify.Verified && proven < n {
				token = theme.Plain
			}
			parts = append(parts, t.Theme.Paint(token, fmt.Sprintf("%s %d %v", glyph, n, s)))
		}
	}
	return untrusted.Plural(len(packages), "package") + ": " + strings.Join(parts, ", ")
}

// Rests says what verdicts of this run rest on, as a catalog's report ends.
func (t Text) Rests(on Trust) string {
	var b strings.Builder
	t.trust(&b, on, false)
	return b.String()
}

// trust says what the verdicts rest on.
func (t Text) trust(w io.Writer, trust Trust, readBack bool) {
	if readBack {
		fmt.Fprint(w, "the file says: ")
	}
	fmt.Fprintln(w, trust.against("", t.sentence))
	if left := trust.notRead(); left != "" {
		fmt.Fprintln(w, t.Theme.Paint(theme.Warn, t.sentence(left)))
	}
	if trust.Demo {
		fmt.Fprintln(w, t.Theme.Paint(theme.Warn, "this is the demo: its evidence is made up and proves nothing outside it"))
	}
}

// name is "npx/@scope/name"; a spec that cannot be read goes by its folder.
func (t Text) name(p Package) string {
	name := p.Spec.Package
	if name == "" {
		name = p.Spec.Server
	}
	return t.Theme.Name(bounded(string(p.Spec.Protocol) + "/" + string(name)))
}

// maxText is how many bytes of a text are written: what others wrote may be
// megabytes, and is whole in the JSON.
const maxText = 8 << 10

func bounded(s string) string {
	if len(s) <= maxText {
		return s
	}
	head := untrusted.Cut(s, maxText)
	return fmt.Sprintf("%s… (%d more bytes)", head, len(s)-len(head))
}

// text cleans s, which came from outside, for one line.
func (t Text) text(s string) string { return t.Theme.Text(bounded(s)) }

// value is a cell of package view: cleaned, or the sign for no value.
func (t Text) value(s string) string {
	if s == "" || s == "–" {
		return t.Theme.Glyph(theme.GlyphAbsent)
	}
	return t.text(s)
}

// sentence cleans a sentence of ours, which may quote what came from outside.
func (t Text) sentence(s string) string {
	return t.Theme.Paint(theme.Plain, untrusted.Clean(bounded(s)))
}
