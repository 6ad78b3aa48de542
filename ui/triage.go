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

// TriageOptions is what deciding about findings needs. Decide, ReadSpec and
// WriteSpec are called from other goroutines, never two at a time.
type TriageOptions struct {
	Decisions *triage.Decisions // as they were loaded
	// Decide makes a change in the file of the decisions, which others write as well,
	// and returns what the file says then: see [triage.Decisions.Update].
	Decide func(held *triage.Decisions, c triage.Change) (*triage.Decisions, error)
	// Read returns the decisions as their file says now, held if it still says that;
	// nil if nobody else writes them while the screen is open.
	Read func(held *triage.Decisions) (*triage.Decisions, error)
	// ReadSpec returns the bytes of a spec's file. As that of WriteSpec, its error
	// wraps [catalog.ErrChanged] if the file is no longer what the spec was read
	// from.
	ReadSpec func(catalog.Spec) ([]byte, error)
	// WriteSpec replaces the file of a spec and returns the spec as it reads now.
	WriteSpec func(catalog.Spec, []byte) (catalog.Spec, error)
	// InMemory means that Save keeps nothing: the demo's decisions are there to
	// try triage with.
	InMemory bool
}

// triageState is what triage works on: what was decided, and the queue of what
// is still to decide.
type triageState struct {
	options   *TriageOptions // nil: nothing can be decided here
	off       string         // why not
	now       func() time.Time
	decisions *triage.Decisions // nil: none
	unread    string            // why their file could not be read last; "" if it could
	steps     undoStack

	queues map[*store.Store][]pending // as long as nothing happens to the rows
	seen   int                        // counts what happened to them

	busy bool         // something is being written
	owed func() error // writes it, once

	runs     []coverage.Run // of earlier times
	runsRead bool
}

// pending is one finding that waits for a decision; its ID is that of its row.
type pending struct{ triage.Entry }

// same reports whether two are about one finding of one row.
func (p pending) same(other pending) bool {
	return p.ID == other.ID && triage.SameFinding(p.Finding, other.Finding)
}

// about reports whether two are about one finding of one spec, whatever the ID of its
// row is.
func (p pending) about(other pending) bool {
	return p.Path == other.Path && triage.SameFinding(p.Finding, other.Finding)
}

func newTriageState(o Options) *triageState {
	t := &triageState{options: o.Triage, off: o.TriageOff, now: o.Now, queues: map[*store.Store][]pending{}}
	if t.off == "" {
		t.off = "there is no catalog here to keep them in"
	}
	if t.options != nil {
		t.decisions = t.options.Decisions
	}
	return t
}

func (t *triageState) touch() {
	clear(t.queues)
	t.seen++
}

// review writes into the report of a row what was decided about its findings.
func (t *triageState) review(s *store.Store, row *store.Row) {
	if t.options == nil || row.Answer == nil {
		return
	}
	reviewed := *row.Answer
	t.decisions.Review(*row.Spec, &reviewed, t.now())
	if !slices.Equal(reviewed.Findings, row.Report.Findings) {
		t.touch()
		s.Amend(row.ID, &reviewed)
	}
}

// decide makes other decisions hold, and reviews the packages about which
// something else is decided than before. It returns about how many findings that is.
func (t *triageState) decide(s *store.Store, next *triage.Decisions) (different int) {
	type name struct {
		protocol catalog.Protocol
		name     string
	}
	was := map[triage.Decision]bool{}
	for _, decision := range t.decisions.All() {
		was[decision] = true
	}
	changed, concerned := map[triage.Key]bool{}, map[name]bool{}
	for _, decision := range next.All() {
		if !was[decision] {
			changed[decision.Key] = true
		}
		delete(was, decision)
	}
	for decision := range was {
		changed[decision.Key] = true
	}
	for key := range changed {
		concerned[name{key.Protocol, key.Package}] = true
	}
	t.decisions = next
	t.touch()
	for _, id := range s.All() {
		row := s.Row(id)
		if concerned[name{row.Spec.Protocol, string(row.Spec.Package)}] {
			s.Judge(id, nil)
			t.review(s, row)
		}
	}
	return len(changed)
}

// pending is the queue of the rows of a store, the worst first.
func (t *triageState) pending(s *store.Store) []pending {
	if queue, made := t.queues[s]; made {
		return queue
	}
	var entries []triage.Entry
	for _, id := range s.All() {
		row := s.Row(id)
		if row.Spec.Package == "" {
			continue // a spec that names no package is mended, not decided about
		}
		for _, judged := range t.judge(s, row) {
			entries = append(entries, triage.Entry{ID: id, Path: row.Spec.Path, Status: row.Status, Judged: judged})
		}
	}
	var queue []pending
	for _, e := range triage.Queue(entries) {
		queue = append(queue, pending{e})
	}
	t.queues[s] = queue
	return queue
}

// judge returns how the findings of a row stand.
func (t *triageState) judge(s *store.Store, row *store.Row) []triage.Judged {
	if row.Answer != nil && row.Judged == nil {
		judged := []triage.Judged{}
		for _, j := range t.decisions.Apply(*row.Spec, row.Answer, t.now()) {
			if t.options != nil || !decidedElsewhere(j.Finding) {
				judged = append(judged, j)
			}
		}
		s.Judge(row.ID, judged)
	}
	return row.Judged
}

// decidedElsewhere reports whether a finding came with a decision, as those of
// saved results do.
func decidedElsewhere(f verify.Finding) bool {
	return f.Known || strings.HasPrefix(f.Decision, triage.StateRejected.String())
}
