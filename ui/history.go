package ui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/scan"
)

// pasts keeps the histories of the packages whose History tab was opened. One
// is asked for at a time: the one that is on the screen.
type pasts struct {
	fetch   func(context.Context, catalog.Spec, *verify.Report) (history.History, error) // nil: there is none
	known   map[int]view.Past                                                            // by row: answered
	row     int                                                                          // that is asked for; -1: none
	attempt int                                                                          // counts questions; the answer to an older one is stale
	cancel  context.CancelFunc                                                           // ends the question; nil where there is none
}

func newPasts(o Options) *pasts {
	return &pasts{fetch: o.History, known: map[int]view.Past{}, row: -1}
}

// of returns what is known of a row's history.
func (p *pasts) of(row *store.Row) view.Past {
	if p.fetch == nil {
		return view.Past{}
	}
	if past, ok := p.known[row.ID]; ok {
		return past
	}
	return view.Past{State: view.HistoryLoading}
}

// retry forgets a history that could not be had, so that it is asked for
// again.
func (p *pasts) retry(row int) bool {
	if p.known[row].State != view.HistoryFailed {
		return false
	}
	delete(p.known, row)
	return true
}

// forget drops what is known of a row, and the question for it.
func (p *pasts) forget(row int) {
	delete(p.known, row)
	if p.row == row {
		p.stop()
	}
}

// answered forgets the histories of the rows that have been checked again.
func (p *pasts) answered(events []scan.Event) {
	for _, event := range events {
		if event.Kind == scan.Finished {
			p.forget(event.ID)
		}
	}
}

// clear forgets everything: there is another catalog.
func (p *pasts) clear() {
	p.stop()
	clear(p.known)
}

func (p *pasts) stop() {
	if p.cancel != nil {
		p.cancel()
	}
	p.row, p.cancel = -1, nil
}

// lookBack asks for the history of the package on the screen when its tab is
// open and nothing is known of it. Whoever went on to another package no
// longer waits for the first.
func (m *Model) lookBack() tea.Cmd {
	d, ok := m.top().(*detail)
	if !ok || view.Tabs()[d.tab] != view.History || m.pasts.fetch == nil || m.pasts.row == d.row {
		return nil
	}
	row := m.store.Row(d.row)
	if row == nil || row.Waiting || row.Report == nil || row.Report.Status == verify.Pending || row.Spec.Err != nil {
		return nil
	}
	if _, known := m.pasts.known[d.row]; known {
		return nil
	}
	m.pasts.stop()
	m.pasts.attempt++
	ctx, cancel := context.WithCancel(m.ctx)
	m.pasts.row, m.pasts.cancel = d.row, cancel
	fetch, attempt, id, spec, report := m.pasts.fetch, m.pasts.attempt, d.row, row.Spec, row.Report
	return guard(func() tea.Msg {
		defer cancel()
		h, err := fetch(ctx, spec, report)
		return pastMsg{attempt: attempt, row: id, history: h, err: err}
	})
}

// pastMsg is the history of a row's package, or why it could not be had.
type pastMsg struct {
	attempt, row int
	history      history.History
	err          error
}

func (msg pastMsg) apply(m *Model) tea.Cmd {
	if msg.attempt != m.pasts.attempt || msg.row != m.pasts.row {
		return nil
	}
	m.pasts.stop()
	row := m.store.Row(msg.row)
	if row == nil || row.Report == nil {
		return nil
	}
	if msg.err != nil {
		m.pasts.known[msg.row] = view.Past{State: view.HistoryFailed, Problem: untrusted.Message(msg.err)}
		return nil
	}
	var reports []*verify.Report
	for _, id := range m.store.All() {
		reports = append(reports, m.store.Row(id).Report)
	}
	msg.history.Compare(history.Publishers(row.Report.Release, reports...))
	m.pasts.known[msg.row] = view.Past{State: view.HistoryKnown, History: &msg.history}
	return nil
}
