package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

// maxFound is how many packages keep what was looked up. The rows of the table
// hold the verdicts alone: the evidence of a whole catalog would take gigabytes.
const maxFound = 16

// lookup fetches what is only needed of a package that is open: its history, or
// its dossier. One question is open at a time: whoever went on to another
// package no longer waits for the first. What is known belongs to one answer to
// a row; of another answer nothing is known.
type lookup[T any] struct {
	fetch  func(context.Context, catalog.Spec, *verify.Report) (T, error) // nil: there is none
	known  []*found[T]                                                    // the last one that was fetched is the last
	asked  *found[T]                                                      // what the open question is about; nil: none is open
	cancel context.CancelFunc                                             // ends the question
}

// found is what is known of a row.
type found[T any] struct {
	row     int
	answer  *verify.Report
	value   T
	problem string // why there is no value, cleaned; "" if there is one
	final   bool   // asking again gives the same problem
}

func (f *found[T]) about(row *store.Row) bool {
	return f != nil && f.row == row.ID && f.answer == row.Answer
}

// of returns what is known of a row, or nil if nothing is.
func (l *lookup[T]) of(row *store.Row) *found[T] {
	for _, f := range l.known {
		if f.about(row) {
			return f
		}
	}
	return nil
}

// failed reports whether a row was looked up and there is no value.
func (l *lookup[T]) failed(row *store.Row) bool {
	f := l.of(row)
	return f != nil && f.problem != ""
}

func (l *lookup[T]) keep(f *found[T]) {
	l.forget(f.row)
	l.known = append(l.known, f)
	l.known = slices.Delete(l.known, 0, max(0, len(l.known)-maxFound))
}

// forget drops what is known of a row, and the question about it.
func (l *lookup[T]) forget(row int) {
	l.known = slices.DeleteFunc(l.known, func(f *found[T]) bool { return f.row == row })
	if l.asked != nil && l.asked.row == row {
		l.stop()
	}
}

// clear forgets everything.
func (l *lookup[T]) clear() {
	l.stop()
	l.known = nil
}

func (l *lookup[T]) stop() {
	if l.asked != nil {
		l.cancel()
	}
	l.asked = nil
}

// ask looks a row of e up, unless that is known or being asked. take gets the value.
func (l *lookup[T]) ask(ctx context.Context, e *env, row *store.Row, take func(*Model, *store.Row, T) tea.Cmd) tea.Cmd {
	if l.fetch == nil || row.Waiting || row.Answer == nil || l.asked.about(row) || l.of(row) != nil {
		return nil
	}
	l.stop()
	ctx, cancel := context.WithCancel(ctx)
	asked := &found[T]{row: row.ID, answer: row.Answer}
	l.asked, l.cancel = asked, cancel
	spec, report := *row.Spec, row.Report
	return func() tea.Msg {
		defer cancel()
		value, err := l.fetch(ctx, spec, report)
		return action(func(m *Model) tea.Cmd {
			if l.asked != asked {
				return nil // the answer to an older question
			}
			l.stop()
			switch row := e.row(asked.row); {
			case row == nil || row.Waiting || !asked.about(row):
				return nil
			case err != nil:
				asked.problem, asked.final = untrusted.Message(err), errors.Is(err, history.ErrNotRecorded)
				l.keep(asked)
				return nil
			default:
				return take(m, row, value)
			}
		})
	}
}

// lookUp asks for what the tab on the screen needs.
func (m *Model) lookUp() tea.Cmd {
	d, ok := m.top().(*detail)
	if !ok {
		return nil
	}
	e := m.here()
	row := e.row(d.row)
	if row == nil {
		return nil
	}
	tookDossier := (*Model).tookDossier
	if e.review != nil {
		tookDossier = (*Model).tookSide
	}
	var cmds []tea.Cmd
	if row.Answer != nil && view.NeedsDossier(row.Answer) && !row.Gone {
		cmds = append(cmds, e.dossiers.ask(m.ctx, e, row, tookDossier))
	}
	if d.tab == view.History && row.Status != verify.Pending && row.Spec.Err == nil {
		cmds = append(cmds, e.histories.ask(m.ctx, e, row, func(_ *Model, row *store.Row, h history.History) tea.Cmd {
			return e.tookHistory(row, h)
		}))
	}
	return tea.Batch(cmds...)
}

// history is what is known of a row's history.
func (e *env) history(row *store.Row) view.Past {
	known := e.histories.of(row)
	switch {
	case e.histories.fetch == nil:
		return view.Past{}
	case known == nil:
		return view.Past{State: view.HistoryLoading}
	case known.problem != "":
		return view.Past{State: view.HistoryFailed, Problem: known.problem, Final: known.final}
	default:
		return view.Past{State: view.HistoryKnown, History: &known.value}
	}
}

// tookHistory compares a history with what is proven of its versions here.
func (e *env) tookHistory(row *store.Row, h history.History) tea.Cmd {
	var reports []*verify.Report
	for _, id := range e.store.All() {
		reports = append(reports, e.store.Row(id).Report)
	}
	if side := e.row(^row.ID); side != nil && side.Report != nil { // the other one of a change
		reports = append(reports, side.Report)
	}
	h.Compare(reports...)
	e.histories.keep(&found[history.History]{row: row.ID, answer: row.Answer, value: h})
	return nil
}

// dossier returns what there is to look at of a row, or nil if that is not
// here; problem says why it could not be fetched.
func (e *env) dossier(row *store.Row) (dossier *verify.Dossier, problem string) {
	switch known := e.dossiers.of(row); {
	case known != nil:
		return known.value, known.problem
	case row.Gone && e.dossiers.fetch != nil:
		return nil, "its spec is no longer in the catalog"
	}
	return nil, ""
}

// examine fetches what there is to look at of a package. A dossier without
// evidence says why there is none.
func (o Options) examine(ctx context.Context, spec catalog.Spec, _ *verify.Report) (*verify.Dossier, error) {
	dossier, err := o.Examine(ctx, spec)
	switch {
	case err != nil:
		return nil, err
	case dossier == nil:
		return nil, errors.New("nothing was found")
	case len(dossier.Artifacts) == 0:
		return nil, errors.New(dossier.Reason)
	}
	return dossier, nil
}

// tookDossier takes the verdict of what is shown for the row's: both must be of
// the same check.
func (m *Model) tookDossier(row *store.Row, d *verify.Dossier) tea.Cmd {
	report := d.Report // alone: the row must not keep the evidence
	answer, ok := m.store.Replace(row.ID, &report)
	if !ok {
		return nil
	}
	m.triage.touch()
	m.triage.review(m.store, row)
	m.dossiers.keep(&found[*verify.Dossier]{row: row.ID, answer: row.Answer, value: d})
	if answer.Is != answer.Was {
		text := fmt.Sprintf("checked %s again to show its evidence: %v, was %v", row.Name(), answer.Is, answer.Was)
		m.sayOf(text, view.Lead{Rows: []int{row.ID}})
	}
	if !m.store.Working() && m.store.OutOfOrder() {
		m.store.Arrange()
	}
	return m.followTrust(nil)
}
