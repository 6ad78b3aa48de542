package ui

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/coverage"
	reports "plimsoll/ui/report"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// coveragePage counts what is known so far, and shows how it changed since
// earlier runs.
func coveragePage(d *triageState) *page {
	return &page{title: "Coverage", version: func() int { return d.seen }, text: coverageText}
}

func coverageText(e *env, width int) []string {
	counted := coverage.ComputeReports(answered(e.store))
	counted.NotRead = e.unread
	whole := counted.Total == e.store.Len()
	inner := width - 2*margin
	put := func(lines []string, token theme.Token, text string) []string {
		return append(lines, theme.Fit("", margin)+e.theme.Paint(token, theme.Cut(text, inner)))
	}
	var lines []string
	if !whole {
		lines = put(lines, theme.Warn, fmt.Sprintf("%d of %d checked", counted.Total, e.store.Len()))
		lines = append(lines, "")
	}
	if counted.Total == 0 {
		return put(lines, theme.Muted, "There is nothing to count yet.")
	}
	// What coverage draws is never narrower than the smallest screen.
	indent := min(margin, max(width-minCoverage, 0))
	text := coverage.Text{Theme: e.theme, Width: width - 2*indent, Color: true}
	drawn := text.Coverage(counted)
	if trend := e.triage.trend(e.store, whole); trend != nil {
		drawn += "\n" + text.Trend(trend)
	}
	for part := range strings.SplitSeq(strings.TrimRight(drawn, "\n"), "\n") {
		lines = append(lines, theme.Fit("", indent)+part)
	}
	return lines
}

// minCoverage is the width below which package coverage does not go.
const minCoverage = 40

// answered are the packages that were answered.
func answered(s *store.Store) iter.Seq2[catalog.Protocol, *verify.Report] {
	return func(yield func(catalog.Protocol, *verify.Report) bool) {
		for id := range s.Len() {
			if row := s.Row(id); row.Report != nil && !yield(row.Spec.Protocol, row.Report) {
				return
			}
		}
	}
}

// trend compares with earlier runs of the catalog; nil where there is none.
// What is known now counts once it is whole.
func (d *triageState) trend(s *store.Store, whole bool) *coverage.Trend {
	if len(d.runs) == 0 {
		return nil
	}
	runs := slices.Clone(d.runs)
	last := runs[len(runs)-1]
	if whole {
		packages := make([]reports.Package, s.Len())
		for id := range packages {
			row := s.Row(id)
			packages[id] = reports.Package{Spec: row.Spec, Report: *row.Report}
		}
		runs = append(runs, coverage.NewRun(d.now(), last.Catalog, packages))
	}
	return coverage.Since(runs, runs[0].Time)
}

// openCoverage shows the page, and reads the earlier runs the first time.
func (m *Model) openCoverage() tea.Cmd {
	m.open(coveragePage(m.triage))
	read := m.options.CoverageRuns
	if m.triage.runsRead || read == nil {
		return nil
	}
	m.triage.runsRead = true
	return guard(func() tea.Msg {
		runs, err := read()
		return result(func(m *Model) tea.Cmd {
			if err != nil {
				m.say("earlier runs are not shown: " + untrusted.Message(err))
				return nil
			}
			m.triage.runs = runs
			m.triage.touch()
			return nil
		})
	})
}
