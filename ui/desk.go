package ui

import (
	"slices"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/ui/coverage"
	"plimsoll/ui/store"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// TriageOptions is what deciding about findings needs. Save, ReadSpec and
// WriteSpec are called from other goroutines, never two at a time.
type TriageOptions struct {
	Decisions *triage.Decisions // as they were loaded
	Save      func(*triage.Decisions) error
	// Read returns the decisions as their file says now; nil where nobody else
	// writes them while the screen is open.
	Read func() (*triage.Decisions, error)
	// ReadSpec returns the bytes of a spec's file as it is now.
	ReadSpec func(catalog.Spec) ([]byte, error)
	// WriteSpec replaces the file of a spec and returns the spec as it reads
	// now. Its error wraps [catalog.ErrChanged] where the file is no longer
	// what the spec was read from.
	WriteSpec func(catalog.Spec, []byte) (catalog.Spec, error)
	// Passing says that Save keeps nothing: the demo's decisions are there to
	// try triage with.
	Passing bool
}

// desk is what triage works on: the reports as the engine gave them, what was
// decided, and the queue of what is still to decide.
type desk struct {
	options *TriageOptions // nil: nothing can be decided here
	off     string         // why not
	now     func() time.Time
	history *triage.History

	found  map[int]*verify.Report  // by row: the answer without any decision
	judged map[int][]triage.Judged // by row, made when it is asked for
	queue  []pending
	stale  bool // the queue must be made anew
	seen   int  // counts what happened to the rows

	busy         bool // something is being written
	outdated     bool // the file of decisions was written
	reading      bool // it is being read again
	done, undone []deed

	runs     []coverage.Run // of earlier times
	runsRead bool
}

// deed is a step that can be taken back: one of the history of decisions, or a
// spec that was written.
type deed struct {
	what string
	edit *edit // nil: a decision
}

// edit is a spec that was written.
type edit struct {
	row           int
	before, after []byte
}

// pending is one finding that waits for a decision.
type pending struct {
	triage.Entry
	row  int
	hash string // of the finding, which may be long: made once and not with each frame
}

// same says that two are about one finding of one row.
func (p pending) same(other pending) bool {
	return p.row == other.row && p.Finding.Rule == other.Finding.Rule && p.hash == other.hash
}

func newDesk(o Options) *desk {
	d := &desk{options: o.Triage, off: o.TriageOff, now: o.Now}
	if d.off == "" {
		d.off = "there is no catalog here to keep them in"
	}
	var decisions *triage.Decisions
	if d.options != nil {
		decisions = d.options.Decisions
	}
	d.history = triage.NewHistory(decisions)
	d.clear()
	return d
}

// clear forgets the rows.
func (d *desk) clear() {
	d.found, d.judged = map[int]*verify.Report{}, map[int][]triage.Judged{}
	d.touch()
}

func (d *desk) touch() {
	d.stale = true
	d.seen++
}

// answered takes the answer of a row and writes into it what was decided.
func (d *desk) answered(s *store.Store, id int) {
	delete(d.judged, id)
	d.touch()
	if row := s.Row(id); d.options != nil && row != nil && row.Report != nil {
		d.found[id] = row.Report
		d.review(s, row)
	}
}

// again takes the same answer to a row once more: a decision may have ended
// since.
func (d *desk) again(s *store.Store, id int) {
	row, found := s.Row(id), d.found[id]
	if row == nil || found == nil {
		return
	}
	reviewed := *found
	d.history.Now().Review(row.Spec, &reviewed, d.now())
	if slices.Equal(reviewed.Findings, row.Report.Findings) {
		return
	}
	delete(d.judged, id)
	d.touch()
	s.Amend(id, &reviewed)
}

// forget drops what is known about a row.
func (d *desk) forget(id int) {
	delete(d.found, id)
	delete(d.judged, id)
}

// review writes the decisions into a row's report: into a copy, for the report
// itself is what the next decision is made about.
func (d *desk) review(s *store.Store, row *store.Row) {
	found := d.found[row.ID]
	if found == nil {
		return
	}
	reviewed := *found
	d.history.Now().Review(row.Spec, &reviewed, d.now())
	s.Amend(row.ID, &reviewed)
}

// changed reviews the packages about which something else is decided than
// before.
func (d *desk) changed(s *store.Store, before *triage.Decisions) {
	type name struct {
		protocol catalog.Protocol
		name     string
	}
	was := map[triage.Decision]bool{}
	for _, decision := range before.All() {
		was[decision] = true
	}
	concerned := map[name]bool{}
	for _, decision := range d.history.Now().All() {
		if !was[decision] {
			concerned[name{decision.Protocol, decision.Package}] = true
		}
		delete(was, decision)
	}
	for decision := range was {
		concerned[name{decision.Protocol, decision.Package}] = true
	}
	for _, id := range s.All() {
		row := s.Row(id)
		if concerned[name{row.Spec.Protocol, string(row.Spec.Package)}] {
			delete(d.judged, id)
			d.review(s, row)
		}
	}
	d.touch()
}

// report is the answer to a row without any decision; nil while there is none.
func (d *desk) report(row *store.Row) *verify.Report {
	if found := d.found[row.ID]; found != nil {
		return found
	}
	return row.Report
}

// entries is the queue, the worst first.
func (d *desk) entries(s *store.Store) []pending {
	if !d.stale {
		return d.queue
	}
	d.stale = false
	var items []triage.Item
	var ids []int
	for _, id := range s.All() {
		row := s.Row(id)
		if row.Spec.Package == "" {
			continue // a spec that names no package is mended, not decided about
		}
		if judged := d.judge(row); len(judged) > 0 {
			items = append(items, triage.Item{Spec: row.Spec, Status: row.Status, Findings: judged})
			ids = append(ids, id)
		}
	}
	d.queue = nil
	for _, e := range triage.Queue(items) {
		d.queue = append(d.queue, pending{e, ids[e.Item], triage.FindingHash(e.Finding)})
	}
	return d.queue
}

// judge says how the findings of a row stand.
func (d *desk) judge(row *store.Row) []triage.Judged {
	report := d.report(row)
	if report == nil {
		return nil
	}
	judged, ok := d.judged[row.ID]
	if !ok {
		for _, j := range d.history.Now().Apply(row.Spec, report, d.now()) {
			if d.options != nil || !decidedElsewhere(j.Finding) {
				judged = append(judged, j)
			}
		}
		d.judged[row.ID] = judged
	}
	return judged
}

// decidedElsewhere says that a finding came with a decision, as those of saved
// results do.
func decidedElsewhere(f verify.Finding) bool {
	return f.Known || strings.HasPrefix(f.Decision, triage.StateRejected.String())
}
