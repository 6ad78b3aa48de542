package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// Bounds of a comment on a pull request: GitHub refuses one of more than 65,536
// characters. Every cell is ours or cut, and the rows stop in time, those of what
// fails first.
const (
	maxComment     = 52 << 10 // bytes of rows
	maxCommentCell = 200      // bytes, before escaping
	foldFrom       = 5        // so many clean changes are folded away
)

// comment is a Markdown text with room for so many more bytes of rows.
type comment struct {
	markdown
	left int
}

// WriteMarkdown writes a review as a comment on a pull request: the verdict, a
// row a change, those that do not pass first, and folded what was found in each.
func (r Review) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	m := comment{markdown{&b, theme.New(theme.Options{}), verify.Pending, r.Trust.Problem}, maxComment}
	m.title(r)
	m.whole(r.Findings)
	var wrong, warned, quiet []*review.Change
	for i := range r.Changes {
		switch c := &r.Changes[i]; {
		case c.Verdict == verify.VerdictFail:
			wrong = append(wrong, c)
		case !clean(c):
			warned = append(warned, c)
		default:
			quiet = append(quiet, c)
		}
	}
	slices.SortStableFunc(warned, func(a, b *review.Change) int { return int(a.Verdict) - int(b.Verdict) }) // unchecked first
	open := append(wrong, warned...)
	if len(quiet) < foldFrom {
		m.changes(append(slices.Clone(open), quiet...), "")
	} else {
		m.changes(open, "")
		m.changes(quiet, untrusted.Plural(len(quiet), "change")+" with nothing to look at")
	}
	m.details(open)
	m.changeDecisions(r)
	m.basis(r.Trust, r.Generated, false)
	_, err := io.WriteString(w, b.String())
	return err
}

func (m *comment) title(r Review) {
	verdict := r.Verdict()
	glyph := map[verify.Verdict]string{verify.VerdictFail: "✗ ", verify.VerdictUnchecked: "? "}[verdict]
	fmt.Fprintf(m, "## Provenance review: %s%v\n\n", glyph, verdict)
	between := r.between(func(name string) string { return code(short(name)) })
	if len(r.Changes) == 0 {
		fmt.Fprintf(m, "No spec differs %s.\n", between)
		return
	}
	fmt.Fprintf(m, "%s %s: %s.\n", untrusted.Plural(len(r.Changes), "change"), between, r.verdicts())
}

func (m *comment) whole(findings []verify.Finding) {
	for _, f := range findings[:min(len(findings), 10)] {
		glyph, _ := m.theme.Severity(f.Severity)
		fmt.Fprintf(m, "\n**%s %s**\n", glyph, m.text(findingText(f)))
	}
}

// rows writes the rows of a table that there is room for, between head and foot,
// and how many others there are.
func (m *comment) rows(head, foot, noun string, rows []string) {
	if len(rows) == 0 {
		return
	}
	io.WriteString(m, head)
	shown := 0
	for _, row := range rows {
		if m.left -= len(row); m.left < 0 {
			break
		}
		io.WriteString(m, row)
		shown++
	}
	if more := len(rows) - shown; more > 0 {
		fmt.Fprintf(m, "\n%s more, not shown here.\n", untrusted.Plural(more, noun))
	}
	io.WriteString(m, foot)
}

func fold(summary string) (head, foot string) {
	return "\n<details>\n<summary>" + summary + "</summary>\n\n", "\n</details>\n"
}

const changesHead = "| Verdict | Package | Version | Status | Source (certificate) | In short |\n|---|---|---|---|---|---|\n"

// changes writes a table of changes, folded if it has a summary.
func (m *comment) changes(changes []*review.Change, summary string) {
	head, foot := "\n", ""
	if summary != "" {
		head, foot = fold(summary)
	}
	var rows []string
	for _, c := range changes {
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", m.verdict(c),
			m.sides(c, func(s *catalog.Spec, r *verify.Report) string { return m.theme.Name(nameCell(s, r)) }),
			m.sides(c, versionCell), m.words(c), m.sides(c, sourceCell), m.inShort(c)))
	}
	m.rows(head+changesHead, foot, "change", rows)
}

// verdict is in bold unless the change passes.
func (m *comment) verdict(c *review.Change) string {
	text := strings.TrimSpace(view.Verdict(m.theme, c).Text)
	if c.Verdict != verify.VerdictPass {
		return "**" + text + "**"
	}
	return text
}

// sides is a cell of both sides, in code spans.
func (m *comment) sides(c *review.Change, cell func(*catalog.Spec, *verify.Report) string) string {
	then, now := view.Sides(c, cell)
	text := code(untrusted.Shorten(now, maxCommentCell))
	if then != "" {
		text = code(untrusted.Shorten(then, maxCommentCell)) + " → " + text
	}
	return text
}

// words are the statuses of both sides.
func (m *comment) words(c *review.Change) string {
	then, now := view.Sides(c, statusCell)
	if then != "" {
		return then + " → " + now
	}
	return now
}

// inShort is a sentence about a change, its worst findings that the sentence does
// not hold, and the link to the commits.
func (m *comment) inShort(c *review.Change) string {
	text := inShort(c)
	var parts []string
	if c.Kind != review.Bumped {
		parts = append(parts, c.Kind.String()+": "+m.text(text))
	} else {
		parts = append(parts, m.text(text))
	}
	for _, f := range c.Findings {
		if f.Severity < verify.Warning || f.Waived() || strings.HasPrefix(text, f.Message) {
			continue
		}
		if len(parts) == 3 {
			parts = append(parts, "…")
			break
		}
		glyph, _ := m.theme.Severity(f.Severity)
		parts = append(parts, glyph+" "+m.text(findingText(f)))
	}
	if address := compareURL(c); address != "" {
		parts = append(parts, "[commits]("+address+")")
	}
	return strings.Join(parts, "<br>")
}

// text is a text in plain letters. Why there was no trust root stands once, at
// the end.
func (m *comment) text(s string) string {
	if m.noRoot != "" {
		s = strings.Replace(s, m.noRoot, "no trust root", 1)
	}
	return escapeMarkdown(untrusted.Shorten(s, maxCommentCell))
}

// details lists what was found in the changes, and what the rules mean.
func (m *comment) details(changes []*review.Change) {
	var rows, seen []string
	for _, c := range changes {
		name := code(untrusted.Shorten(m.theme.Name(displayName(headOf(c))), maxCommentCell))
		for _, f := range c.Findings {
			glyph, _ := m.theme.Severity(f.Severity)
			rows = append(rows, fmt.Sprintf("| %s | %s %s | %s | %s | %s |\n", name, escapeMarkdown(glyph), code(f.Rule),
				m.text(f.Message), m.value(f.Expected), m.value(f.Observed)))
			if _, ok := rules[f.Rule]; ok && !slices.Contains(seen, f.Rule) && f.Severity >= verify.Warning {
				seen = append(seen, f.Rule)
			}
		}
		if n := len(c.Standing()); n > 0 {
			rows = append(rows, fmt.Sprintf("| %s | | %s stood before already | | |\n", name, untrusted.Plural(n, "finding")))
		}
	}
	head, foot := fold("What was found, and what it means")
	var meanings []string
	for _, id := range seen {
		meanings = append(meanings, fmt.Sprintf("- %s: %s\n", code(id), escapeMarkdown(rules[id].full)))
	}
	m.rows(head+"| Package | Rule | Finding | Before, or expected | Now |\n|---|---|---|---|---|\n", "", "finding", rows)
	if len(rows) > 0 {
		m.rows("\n", "", "rule", meanings)
		io.WriteString(m, foot)
	}
}

// value is a value that was compared.
func (m *comment) value(s string) string { return code(untrusted.Shorten(s, maxCommentCell)) }

// changeDecisions lists the decisions that were honoured.
func (m *comment) changeDecisions(r Review) {
	var rows []string
	for i := range r.Changes {
		if c := &r.Changes[i]; c.After != nil {
			for _, f := range decided(headOf(c)) {
				rows = append(rows, fmt.Sprintf("| %s | %s | %s |\n", code(untrusted.Shorten(m.theme.Name(displayName(headOf(c))), maxCommentCell)),
					code(f.Rule), m.text(f.Decision)))
			}
		}
	}
	head, foot := fold("Decisions: " + fmt.Sprint(len(rows)))
	m.rows(head+"| Package | Rule | Decision |\n|---|---|---|\n", foot, "decision", rows)
}

// short is the beginning of the name of a commit.
func short(name string) string { return untrusted.Cut(name, 12) }
