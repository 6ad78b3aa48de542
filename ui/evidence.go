package ui

import (
	"context"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/verify"
)

// maxExamined is how many packages keep their evidence after they were looked
// at. The rows of the table hold the verdicts alone: the evidence of a whole
// catalog would take gigabytes.
const maxExamined = 16

// examined keeps the evidence of the packages that were opened last. A package
// that is opened is checked again, with every step explained: what is shown is
// the evidence of a verdict of now, never of one that was kept.
type examined struct {
	fetch   func(context.Context, catalog.Spec) (*verify.Report, error) // nil: reports are whole
	known   []exhibit                                                   // the last one looked at is the last
	row     int                                                         // that is asked for; -1: none
	attempt int                                                         // counts questions; the answer to an older one is stale
	cancel  context.CancelFunc                                          // ends the question; nil where there is none
}

// exhibit is the evidence of one row.
type exhibit struct {
	row     int
	found   *verify.Report // the answer in the table that it belongs to, without decisions
	whole   *verify.Report // the same with its evidence; nil where that could not be had
	problem string         // why not, cleaned
	shown   *verify.Report // the row's report that merged was made of
	merged  *verify.Report
}

func newExamined(o Options) *examined { return &examined{fetch: o.Examine, row: -1} }

// of returns what is known of the evidence for an answer.
func (x *examined) of(row int, found *verify.Report) *exhibit {
	for i := range x.known {
		if x.known[i].row == row && x.known[i].found == found {
			return &x.known[i]
		}
	}
	return nil
}

func (x *examined) keep(e exhibit) {
	x.known = slices.DeleteFunc(x.known, func(old exhibit) bool { return old.row == e.row })
	x.known = append(x.known, e)
	x.known = x.known[max(0, len(x.known)-maxExamined):]
}

// forget drops the evidence of a row, so that it is asked for again, and the
// question for it.
func (x *examined) forget(row int) {
	x.known = slices.DeleteFunc(x.known, func(old exhibit) bool { return old.row == row })
	if x.row == row {
		x.stop()
	}
}

// clear forgets everything: there is another catalog.
func (x *examined) clear() {
	x.stop()
	x.known = nil
}

func (x *examined) stop() {
	if x.cancel != nil {
		x.cancel()
	}
	x.row, x.cancel = -1, nil
}

// report is what is known of a row: with its evidence where that is here, and
// the decisions about its findings. problem says why the evidence could not be
// had.
func (e *env) report(row *store.Row) (report *verify.Report, problem string) {
	if row.Report == nil || !row.Report.Brief {
		return row.Report, ""
	}
	have := e.examined.of(row.ID, e.desk.report(row))
	if have == nil || have.whole == nil {
		switch {
		case have != nil:
			problem = have.problem
		case row.Gone:
			problem = "its spec is no longer in the catalog"
		}
		return row.Report, problem
	}
	if have.shown != row.Report {
		merged := *row.Report
		merged.Artifacts, merged.Brief = have.whole.Artifacts, false
		have.shown, have.merged = row.Report, &merged
	}
	return have.merged, ""
}

// examine asks for the evidence of the package that is open. Whoever went on
// to another package no longer waits for the first.
func (m *Model) examine() tea.Cmd {
	d, ok := m.top().(*detail)
	if !ok || m.examined.fetch == nil || m.examined.row == d.row {
		return nil
	}
	row := m.store.Row(d.row)
	if row == nil || row.Gone || row.Waiting || row.Report == nil || !row.Report.Brief || m.examined.of(d.row, m.desk.report(row)) != nil {
		return nil
	}
	m.examined.stop()
	m.examined.attempt++
	ctx, cancel := context.WithCancel(m.ctx)
	m.examined.row, m.examined.cancel = d.row, cancel
	fetch, attempt, id, spec := m.examined.fetch, m.examined.attempt, d.row, row.Spec
	return guard(func() tea.Msg {
		defer cancel()
		report, err := fetch(ctx, spec)
		return examinedMsg{attempt: attempt, row: id, report: report, err: err}
	})
}

// examinedMsg is the report on a row's package with its evidence, or why it
// could not be had.
type examinedMsg struct {
	attempt, row int
	report       *verify.Report
	err          error
}

func (msg examinedMsg) apply(m *Model) tea.Cmd {
	if msg.attempt != m.examined.attempt || msg.row != m.examined.row {
		return nil
	}
	m.examined.stop()
	row := m.store.Row(msg.row)
	if row == nil || row.Report == nil || row.Waiting {
		return nil
	}
	switch {
	case msg.err != nil:
		m.examined.keep(exhibit{row: msg.row, found: m.desk.report(row), problem: untrusted.Message(msg.err)})
		return nil
	case msg.report == nil || len(msg.report.Artifacts) == 0:
		// The verdict stays that of its time: nothing was found that speaks
		// against it, only nothing was found.
		problem := "nothing was found"
		if msg.report != nil {
			problem = msg.report.Reason
		}
		m.examined.keep(exhibit{row: msg.row, found: m.desk.report(row), problem: problem})
		return nil
	}
	m.replace(row, msg.report)
	return m.followTrust(nil)
}

// replace takes the verdict of the evidence that is shown for the row's: both
// must be of the same check.
func (m *Model) replace(row *store.Row, whole *verify.Report) {
	brief := whole.Condensed()
	answer, ok := m.store.Replace(row.ID, &brief)
	if !ok {
		return
	}
	m.desk.answered(m.store, row.ID)
	m.examined.keep(exhibit{row: row.ID, found: m.desk.report(row), whole: whole})
	if answer.Is != answer.Was {
		m.say(fmt.Sprintf("checked %s again to show its evidence: %v, was %v", row.Cells.Package, answer.Is, answer.Was))
	}
	if !m.store.Working() && m.store.OutOfOrder() {
		m.store.Arrange()
	}
}
