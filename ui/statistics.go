package ui

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/coverage"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// coveragePage counts what is known so far, and shows how it changed since
// earlier runs.
func coveragePage(d *triageState) *textScreen {
	return leadPage("Coverage", func(k *Keys) *key.Binding { return &k.Coverage }, func() int { return d.seen }, coverageText)
}

func coverageText(e *env, d *view.Doc) {
	counted := coverage.Compute(answered(e.store))
	counted.NotRead = e.unread
	whole := counted.Total == e.store.Len()
	if !whole {
		d.Para(theme.Warn, fmt.Sprintf("%d of %d checked", counted.Total, e.store.Len()))
	}
	if counted.Total == 0 {
		d.Blank()
		d.Para(theme.Muted, "There is nothing to count yet.")
		return
	}
	counted.Draw(d)
	if trend := e.triage.trend(e.store, whole); trend != nil {
		trend.Draw(d)
	}
}

// answered are the packages that were answered.
func answered(s *store.Store) coverage.Packages {
	return func(yield func(*catalog.Spec, *verify.Report) bool) {
		for id := range s.Len() {
			if row := s.Row(id); row.Report != nil && !yield(row.Spec, row.Report) {
				return
			}
		}
	}
}

// trend compares with earlier runs of the catalog; nil without any. What is
// known now counts once it is whole.
func (d *triageState) trend(s *store.Store, whole bool) *coverage.Trend {
	if len(d.runs) == 0 {
		return nil
	}
	runs := slices.Clone(d.runs)
	if whole {
		runs = append(runs, coverage.NewRun(d.now(), runs[len(runs)-1].Catalog, answered(s)))
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
	return func() tea.Msg {
		runs, err := read()
		return action(func(m *Model) tea.Cmd {
			if err != nil {
				m.say("earlier runs are not shown: " + untrusted.Message(err))
				return nil
			}
			m.triage.runs = runs
			m.triage.touch()
			return nil
		})
	}
}
