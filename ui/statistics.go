package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/coverage"
	reports "plimsoll/ui/report"
	"plimsoll/ui/theme"
	"plimsoll/verify/untrusted"
)

// coveragePage counts what is known so far, and shows how it changed since
// earlier runs.
func coveragePage(d *desk) *page {
	return &page{title: "Coverage", version: func() int { return d.seen }, text: coverageText}
}

func coverageText(e *env, width int) []string {
	var packages []reports.Package
	for _, id := range e.store.All() {
		if row := e.store.Row(id); row.Report != nil {
			packages = append(packages, packageOf(e, row))
		}
	}
	inner := width - 2*margin
	put := func(lines []string, token theme.Token, text string) []string {
		return append(lines, theme.Fit("", margin)+e.theme.Paint(token, theme.Cut(text, inner)))
	}
	var lines []string
	if answered := len(packages); answered < e.store.Len() {
		lines = put(lines, theme.Warn, fmt.Sprintf("%d of %d checked", answered, e.store.Len()))
		lines = append(lines, "")
	}
	if len(packages) == 0 {
		return put(lines, theme.Muted, "There is nothing to count yet.")
	}
	// What coverage draws is never narrower than the smallest screen.
	indent := min(margin, max(width-minCoverage, 0))
	text := coverage.Text{Theme: e.theme, Width: width - 2*indent, Color: true}
	drawn := text.Coverage(coverage.Compute(packages))
	if trend := e.desk.trend(packages, len(packages) == e.store.Len()); trend != nil {
		drawn += "\n" + text.Trend(trend)
	}
	for part := range strings.SplitSeq(strings.TrimRight(drawn, "\n"), "\n") {
		lines = append(lines, theme.Fit("", indent)+part)
	}
	return lines
}

// minCoverage is the width below which package coverage does not go.
const minCoverage = 40

// trend compares with earlier runs of the catalog; nil where there is none.
// What is known now counts once it is whole.
func (d *desk) trend(packages []reports.Package, whole bool) *coverage.Trend {
	if len(d.runs) == 0 {
		return nil
	}
	runs := slices.Clone(d.runs)
	last := runs[len(runs)-1]
	if whole {
		runs = append(runs, coverage.NewRun(d.now(), last.Catalog, packages))
	}
	return coverage.Since(runs, runs[0].Time)
}

// openCoverage shows the page, and reads the earlier runs the first time.
func (m *Model) openCoverage() tea.Cmd {
	m.open(coveragePage(m.desk))
	read := m.options.CoverageRuns
	if m.desk.runsRead || read == nil {
		return nil
	}
	m.desk.runsRead = true
	return guard(func() tea.Msg {
		runs, err := read()
		return runsMsg{runs, err}
	})
}

// runsMsg is what was counted at earlier times.
type runsMsg struct {
	runs []coverage.Run
	err  error
}

func (msg runsMsg) apply(m *Model) tea.Cmd {
	if msg.err != nil {
		m.say("earlier runs are not shown: " + untrusted.Message(msg.err))
		return nil
	}
	m.desk.runs = msg.runs
	m.desk.touch()
	return nil
}
