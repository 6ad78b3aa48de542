package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// Bounds of the Markdown: a job summary of GitHub may have 1 MiB, and one that
// is larger is dropped whole.
const (
	maxMarkdownRows     = 400 // of each of the two tables
	maxMarkdownCell     = 300 // bytes, before escaping
	maxMarkdownFindings = 3   // of a package, the worst first
)

// WriteMarkdown writes the results for the summary of a CI job: the totals, a
// table of what is not fine, and behind a fold the table of what is. Every
// text from outside is either in a code span, in which nothing acts, or has
// each mark escaped, so that it can make no link, no mention and no HTML.
//
// require is that of [ExitCode].
func WriteMarkdown(w io.Writer, packages []Package, require verify.Status, trust Trust, generated time.Time) error {
	out := bufio.NewWriter(w)
	m := markdown{out, theme.New(theme.Options{}), require, trust.Problem}
	fmt.Fprintf(out, "# Provenance of %s\n\n", untrusted.Plural(len(packages), "package"))
	if readBack(packages) {
		fmt.Fprintf(out, "%s\n\n", view.Sentence(notNow))
	}
	m.totals(packages)
	var bad, good []*Package
	for i := range packages {
		if p := &packages[i]; m.fine(*p) {
			good = append(good, p)
		} else {
			bad = append(bad, p)
		}
	}
	if len(bad) > 0 {
		fmt.Fprintf(out, "\n## Not fine: %d\n\n", len(bad))
		m.table(worstFirst(bad))
	}
	if len(good) > 0 {
		fmt.Fprintf(out, "\n<details>\n<summary>The other %s</summary>\n\n", untrusted.Plural(len(good), "package"))
		m.table(worstFirst(good))
		fmt.Fprint(out, "\n</details>\n")
	}
	for _, line := range historyProblems(packages) {
		fmt.Fprintf(out, "\n%s.\n", escapeMarkdown(untrusted.Shorten(line, maxMarkdownCell)))
	}
	m.decisions(packages)
	m.basis(trust.overAll(packages), generated, readBack(packages))
	return out.Flush()
}

// fine reports whether p leaves nothing to do: it passes, and it is not
// partial.
func (m markdown) fine(p Package) bool {
	return p.passes(m.require) && p.Report.Status != verify.Partial
}

// worstFirst sorts by status and keeps the order within one.
func worstFirst(packages []*Package) []*Package {
	sorted := make([]*Package, 0, len(packages))
	for _, status := range verify.Statuses() {
		for _, p := range packages {
			if p.Report.Status == status {
				sorted = append(sorted, p)
			}
		}
	}
	return sorted
}

type markdown struct {
	io.Writer
	theme   *theme.Theme
	require verify.Status
	noRoot  string // why there was no trust root, which stands once for all
}

// totals is one row a status and one column a protocol.
func (m markdown) totals(packages []Package) {
	byProtocol := countProtocols(packages)
	all := countStatuses(packages)
	columns := slices.DeleteFunc(catalog.Protocols(), func(p catalog.Protocol) bool { // of go the few that have it
		return p == catalog.Go && !slices.ContainsFunc(packages, func(q Package) bool { return q.Spec.Protocol == p })
	})
	head, line := "| Status |", "|---|"
	for _, protocol := range columns {
		head, line = head+" "+string(protocol)+" |", line+"--:|"
	}
	fmt.Fprint(m, head+" Total |\n"+line+"--:|\n")
	for _, s := range verify.Statuses() {
		if n := all[s.String()]; n > 0 {
			fmt.Fprintf(m, "| %s |", m.status(s))
			for _, protocol := range columns {
				fmt.Fprintf(m, " %d |", byProtocol[string(protocol)][s.String()])
			}
			fmt.Fprintf(m, " %d |\n", n)
		}
	}
	fmt.Fprintf(m, "\nVerdict: %s.\n", verdicts(packages, m.require))
}

func (m markdown) status(s verify.Status) string {
	glyph, _ := m.theme.Status(s)
	return escapeMarkdown(glyph) + " " + s.String()
}

// mark is the worst finding that stands beside the verdict.
func (m markdown) mark(p Package) string {
	worst, stands := p.Report.Outstanding()
	if !stands {
		return ""
	}
	glyph, _ := m.theme.Severity(worst)
	return " " + escapeMarkdown(glyph)
}

func (m markdown) table(packages []*Package) {
	fmt.Fprint(m, "| Status | Package | Version | Source (certificate) | Expected (spec) | Why |\n|---|---|---|---|---|---|\n")
	for _, p := range packages[:min(len(packages), maxMarkdownRows)] {
		fmt.Fprintf(m, "| %s | %s | %s | %s | %s | %s |\n", m.status(p.Report.Status)+m.mark(*p),
			code(m.theme.Name(displayName(*p))), code(string(p.Spec.Version)), code(view.Source(&p.Report)), code(view.Expected(p.Spec)), m.why(*p))
	}
	if more := len(packages) - maxMarkdownRows; more > 0 {
		fmt.Fprintf(m, "\n%s more, not shown here.\n", untrusted.Plural(more, "package"))
	}
}

// why is the reason of the verdict and the findings of p, except those that
// say the same.
func (m markdown) why(p Package) string {
	reason := p.reason()
	if verdict, why := p.judge(m.require); verdict == verify.VerdictFail {
		reason = why
	}
	if m.noRoot != "" && p.Report.Unverified == m.noRoot { // the last line says it, once
		reason = strings.Replace(reason, m.noRoot, "no trust root", 1)
	}
	parts := []string{escapeMarkdown(untrusted.Shorten(reason, maxMarkdownCell))}
	if reason == "" {
		parts[0] = "not checked"
	}
	findings := slices.DeleteFunc(slices.Clone(p.Report.Findings), func(f verify.Finding) bool {
		return f.Severity == verify.Info || repeats(f, reason)
	})
	slices.SortStableFunc(findings, func(a, b verify.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	for _, f := range findings[:min(len(findings), maxMarkdownFindings)] {
		glyph, _ := m.theme.Severity(f.Severity)
		parts = append(parts, escapeMarkdown(glyph+" "+untrusted.Shorten(findingText(f), maxMarkdownCell)))
	}
	if more := len(findings) - maxMarkdownFindings; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "<br>")
}

// repeats reports whether a finding says no more than the reason of the verdict,
// perhaps with the kind of the evidence between the file and what is wrong.
func repeats(f verify.Finding, reason string) bool {
	file, wrong, ok := strings.Cut(reason, ": ")
	return strings.Contains(reason, f.Message) || reason != "" && strings.Contains(f.Message, reason) ||
		ok && strings.HasPrefix(f.Message, file+": ") && strings.HasSuffix(f.Message, ": "+wrong)
}

// findingText is a finding with those of its values that the message does not
// hold, uncleaned.
func findingText(f verify.Finding) string {
	var values []string
	if f.Expected != "" && !strings.Contains(f.Message, f.Expected) {
		values = append(values, "expected "+f.Expected)
	}
	if f.Observed != "" && !strings.Contains(f.Message, f.Observed) {
		values = append(values, "found "+f.Observed)
	}
	if len(values) == 0 {
		return f.Message
	}
	return f.Message + ": " + strings.Join(values, ", ")
}

// decisions lists what people decided, and the policy's exceptions.
func (m markdown) decisions(packages []Package) {
	n := 0
	for _, p := range packages {
		for _, f := range decided(p) {
			if n++; n == 1 {
				fmt.Fprint(m, "\n## Decisions\n\n| Package | Rule | Decision |\n|---|---|---|\n")
			}
			if n <= maxMarkdownRows {
				fmt.Fprintf(m, "| %s | %s | %s |\n", code(m.theme.Name(displayName(p))), code(f.Rule), escapeMarkdown(untrusted.Shorten(f.Decision, maxMarkdownCell)))
			}
		}
	}
	if more := n - maxMarkdownRows; more > 0 {
		fmt.Fprintf(m, "\n%s more, not shown here.\n", untrusted.Plural(more, "decision"))
	}
}

// basis says what the verdicts rest on, and when.
func (m markdown) basis(trust Trust, generated time.Time, readBack bool) {
	at := timestamp(generated)
	if at != "" {
		at = " at " + at
	}
	against := trust.against(at, code)
	if readBack {
		against = "the file says: " + against
	}
	fmt.Fprintf(m, "\n%s\n", view.Sentence(against))
	m.notRead(trust)
	if trust.Demo {
		fmt.Fprint(m, "\n**This is the demo: its evidence is made up and proves nothing outside it.**\n")
	}
	fmt.Fprint(m, "\nProvenance proves where a package comes from, not that it is safe.\n")
}

// notRead says which specs were left out.
func (m markdown) notRead(trust Trust) {
	if left := trust.notRead(); left != "" {
		fmt.Fprintf(m, "\n%s.\n", escapeMarkdown(left))
	}
}

// code is s in a code span. Within one nothing is parsed but the backtick that
// ends it and, in a table, the bar: both are shown as escapes.
func code(s string) string {
	if s == "" || s == "–" {
		return "–"
	}
	s = strings.NewReplacer("`", `\x60`, "|", `\x7c`).Replace(untrusted.Shorten(s, maxMarkdownCell))
	return "`" + s + "`"
}

// escapeMarkdown makes s, which must be cleaned, plain text of one line of
// GitHub's Markdown, not at its start. Every mark that can begin markup or an
// automatic link is escaped; an empty comment stands after @ and #, which are
// looked for once more in the finished text.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range untrusted.Clean(s) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '|':
			b.WriteString("&#124;")
		case r == '@' || r == '#':
			b.WriteString(`\` + string(r) + "<!-- -->")
		case strings.ContainsRune("\\`*_[]()!~:.$^", r):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
