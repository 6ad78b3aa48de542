package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/links"
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
	Review
	left int
}

// WriteMarkdown writes a review as a comment on a pull request: the verdict, a
// row a change, those that do not pass first, and folded what was found in each.
func (r Review) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	m := comment{markdown{&b, theme.New(theme.Options{}), verify.Pending, r.Trust.Problem}, r, maxComment}
	m.title()
	m.whole()
	if len(r.Changes) == 0 {
		m.notRead(r.Trust)
		_, err := io.WriteString(w, b.String())
		return err
	}
	changes := r.worstFirst()
	open := slices.IndexFunc(changes, clean)
	if quiet := len(changes) - open; open < 0 || quiet < foldFrom {
		m.changes(changes, "")
	} else {
		m.changes(changes[:open], "")
		m.changes(changes[open:], untrusted.Plural(quiet, "change")+" with nothing to look at")
	}
	m.details(changes)
	m.changeDecisions(changes)
	m.basis(r.rests(), r.Generated, false)
	_, err := io.WriteString(w, b.String())
	return err
}

func (m *comment) title() {
	verdict := m.Verdict()
	glyph := map[verify.Verdict]string{verify.VerdictFail: "✗ ", verify.VerdictUnchecked: "? "}[verdict]
	fmt.Fprintf(m, "## Provenance review: %s%v\n\n", glyph, verdict)
	if len(m.Changes) == 0 {
		fmt.Fprintf(m, "No spec differs %s.\n", m.between(code))
		return
	}
	fmt.Fprintf(m, "%s %s: %s.\n", untrusted.Plural(len(m.Changes), "change"), m.between(code), m.verdicts())
}

func (m *comment) whole() {
	var rows []row
	for _, f := range m.Findings {
		rows = append(rows, func() string {
			glyph, _ := m.theme.Severity(f.Severity)
			text := fmt.Sprintf("- **%s %s**", glyph, m.text(findingText(f)))
			if r, ok := explained(f.Rule); ok {
				text += " " + escapeMarkdown(r.Text())
			}
			return text + "\n"
		})
	}
	rest := m.left * 3 / 4 // is kept for the changes
	m.left -= rest
	m.rows("\n", "", "finding", rows)
	m.left = max(m.left, 0) + rest
}

// row makes a line of a table or a list, if there is room for it.
type row func() string

// rows writes the rows of a table that there is room for, between head and foot,
// and how many others there are.
func (m *comment) rows(head, foot, noun string, rows []row) {
	if len(rows) == 0 {
		return
	}
	io.WriteString(m, head)
	shown := 0
	for ; shown < len(rows) && m.left > 0; shown++ {
		text := rows[shown]()
		if m.left -= len(text); m.left < 0 {
			break
		}
		io.WriteString(m, text)
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
	var rows []row
	for _, c := range changes {
		rows = append(rows, func() string {
			name, version, status, source := cells(c)
			name = cell{m.theme.Name(name.then), m.theme.Name(name.now)}
			return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", m.verdict(c), m.sides(name, m.value), m.sides(version, m.value),
				m.sides(status, escapeMarkdown), m.sides(source, m.value), m.words(c))
		})
	}
	m.rows(head+changesHead, foot, "change", rows)
}

// verdict is in bold unless the change passes.
func (m *comment) verdict(c *review.Change) string {
	text := strings.TrimSpace(view.Verdict(m.theme, c).Text)
	if c.Verdict != verify.VerdictPass {
		return "**" + text + "**"
	}
	if !outstanding(c) {
		return text
	}
	glyph, _ := m.theme.Severity(verify.Warning)
	return text + " " + glyph
}

// sides is a cell of both sides; write writes a value.
func (m *comment) sides(c cell, write func(string) string) string {
	if c.then != "" {
		return write(c.then) + " → " + write(c.now)
	}
	return write(c.now)
}

// words are a change in short, and the link to the commits.
func (m *comment) words(c *review.Change) string {
	text := m.text(m.inShort(c))
	if c.Kind != review.Bumped {
		text = c.Kind.String() + ": " + text
	}
	if address := links.Commits(c); address != "" {
		text += " ([commits](" + address + "))"
	}
	return text
}

// text is a text in plain letters.
func (m *comment) text(s string) string { return escapeMarkdown(untrusted.Shorten(s, maxCommentCell)) }

// details lists what was found in the changes, and what the rules mean.
func (m *comment) details(changes []*review.Change) {
	var rows, meanings []row
	seen := map[string]bool{}
	for _, c := range changes {
		for _, f := range c.Findings {
			rows = append(rows, func() string {
				glyph, _ := m.theme.Severity(weight(f))
				return fmt.Sprintf("| %s | %s %s | %s | %s | %s |\n", m.name(c), escapeMarkdown(glyph), code(f.Rule),
					m.text(f.Message), m.value(f.Expected), m.value(f.Observed))
			})
			if r, ok := explained(f.Rule); ok && f.Severity >= verify.Warning && !seen[f.Rule] {
				seen[f.Rule] = true
				meanings = append(meanings, func() string { return fmt.Sprintf("- %s: %s\n", code(f.Rule), escapeMarkdown(r.Text())) })
			}
		}
		if n := stoodBefore(c); n > 0 {
			rows = append(rows, func() string {
				return fmt.Sprintf("| %s | | %s stood before the change | | |\n", m.name(c), untrusted.Plural(n, "finding"))
			})
		}
	}
	if len(rows) == 0 {
		return
	}
	head, foot := fold("What was found: " + fmt.Sprint(len(rows)))
	if len(rows) < foldFrom && len(meanings) > 0 {
		head = strings.Replace(head, "<details>", "<details open>", 1)
	}
	m.rows(head+"| Package | Rule | Finding | Before, or expected | Found |\n|---|---|---|---|---|\n", "", "finding", rows)
	m.rows("\n", "", "rule", meanings)
	io.WriteString(m, foot)
}

// name is the package of a change.
func (m *comment) name(c *review.Change) string { return m.value(m.theme.Name(displayName(headOf(c)))) }

// value is a value that was compared.
func (m *comment) value(s string) string {
	if s == "–" {
		return s
	}
	return code(untrusted.Shorten(s, maxCommentCell))
}

// changeDecisions lists the decisions that were honoured.
func (m *comment) changeDecisions(changes []*review.Change) {
	var rows []row
	for _, c := range changes {
		for _, f := range honoured(c) {
			rows = append(rows, func() string {
				return fmt.Sprintf("| %s | %s | %s |\n", m.name(c), code(f.Rule), m.text(f.Decision))
			})
		}
	}
	head, foot := fold("Decisions: " + fmt.Sprint(len(rows)))
	m.rows(head+"| Package | Rule | Decision |\n|---|---|---|\n", foot, "decision", rows)
}
