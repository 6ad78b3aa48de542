package ui

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/links"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/review"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
)

// reviewing is a review of a change: its rows are the specs that changed, each
// with the package after the change, or before it if the spec is gone.
type reviewing struct {
	env    env // what its screens use: a store of its own
	screen *changes
	alone  bool // there is no table of packages to go back to
	run    int  // counts how often it was begun; what belongs to an older run is stale
	cancel context.CancelFunc
	latest *review.Review // nil until git has answered
	tally  []verdictCount
	byPath map[untrusted.Text]*review.Change
	sides  map[untrusted.Text]*store.Row // the packages before the change
	asked  []scan.Task                   // of the store, in this run
	due    bool                          // what it rests on has changed: to be begun again
}

// newReviewing returns a review that was not begun.
func newReviewing(e env, o Options) *reviewing {
	r := &reviewing{byPath: map[untrusted.Text]*review.Change{}, sides: map[untrusted.Text]*store.Row{}}
	r.screen = &changes{packages{preview: true}}
	r.env = e
	r.env.review = r
	if o.ReviewTitle != "" {
		r.env.title = clip(e.theme, o.ReviewTitle)
	}
	r.env.store = store.New(r.describe(describe(e.theme)))
	r.env.store.Offer(r.questions()...)
	r.env.histories = &lookup[history.History]{fetch: o.History}
	r.env.dossiers = &lookup[*verify.Dossier]{}
	if o.Examine != nil {
		r.env.dossiers.fetch = o.examine
	}
	return r
}

// here is what the screen on top shows: a review, or the packages of the catalog.
func (m *Model) here() *env {
	for _, s := range m.stack {
		if _, ok := s.(*changes); ok {
			return &m.review.env
		}
	}
	return &m.env
}

// change returns the change that a row stands for, or nil; r may be nil.
func (r *reviewing) change(row *store.Row) *review.Change {
	if r == nil || row == nil {
		return nil
	}
	if row.ID < 0 { // the package before it, whose spec may have lain elsewhere
		return r.change(r.env.store.Row(^row.ID))
	}
	return r.byPath[row.Spec.Path]
}

// before returns the row of the package before the change, or nil. Its ID is the
// complement of that of the row after.
func (r *reviewing) before(id int) *store.Row {
	c := r.change(r.env.store.Row(id))
	if c == nil || c.Before == nil || c.After == nil {
		return nil
	}
	row := r.sides[c.Path]
	if row == nil || row.ID != ^id || row.Answer != c.Before.Report {
		row = &store.Row{ID: ^id, Spec: &c.Before.Spec, Answer: c.Before.Report, Report: c.Before.Report}
		if row.Answer != nil {
			row.Status = row.Answer.Status
		} else if row.Waiting = r.cancel != nil; row.Spec.Err != nil {
			row.Status = verify.Unchecked
		}
		row.Texts = describe(r.env.theme)(*row.Spec, row.Report)
		r.sides[c.Path] = row
	}
	return row
}

// link is the page that lists the commits between both releases, or ""; r may be
// nil.
func (r *reviewing) link(row *store.Row) string {
	c := r.change(row)
	if c == nil {
		return ""
	}
	return links.Commits(c)
}

// page is what the page of a row's change is drawn from.
func (r *reviewing) page(row *store.Row, width int) view.ChangeInput {
	return view.ChangeInput{Change: r.change(row), Width: width, Link: r.link(row),
		Decided: func(f verify.Finding) string { return r.decided(row, f) }}
}

// openReview shows the review, and begins it anew unless it is under way.
func (m *Model) openReview() tea.Cmd {
	m.stack = append(m.stack, m.review.screen)
	if m.review.cancel != nil {
		return nil
	}
	return m.startReview()
}

// reviewed is what a review has come to.
type reviewed struct {
	run    int
	review *review.Review // the latest; nil if there is none yet
	ended  bool
	err    error
}

// startReview begins the review, or begins it again.
func (m *Model) startReview() tea.Cmd {
	r := m.review
	if r.cancel != nil {
		r.cancel()
	}
	r.run++
	r.latest, r.tally, r.due = nil, nil, false
	r.screen.state, r.screen.failure = loading, ""
	r.env.histories.clear()
	r.env.dossiers.clear()
	r.env.store.Outdate(nil) // nothing of it is known any more
	clear(r.byPath)
	clear(r.sides)
	m.triage.touch()
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(m.ctx)
	box := &reviewBox{run: r.run, changed: make(chan struct{}, 1)}
	look := m.options.Review
	return tea.Batch(func() tea.Msg {
		box.put(nil, true, look(ctx, func(now *review.Review) { box.put(now, false, nil) }))
		return nil
	}, box.listen(ctx))
}

// reviewBox holds the latest of a review until the screen takes it: of thousands
// that come within a moment only the last one is drawn.
type reviewBox struct {
	run     int
	mu      sync.Mutex
	now     reviewed
	changed chan struct{}
}

func (b *reviewBox) put(now *review.Review, ended bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now != nil {
		b.now.review = now
	}
	b.now.run, b.now.ended, b.now.err = b.run, ended, err
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

func (b *reviewBox) take() reviewed {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// listen gives the model what has come within a moment, again and again until the
// review has ended.
func (b *reviewBox) listen(ctx context.Context) tea.Cmd {
	return func() tea.Msg {
		select {
		case <-b.changed:
		case <-ctx.Done():
			return nil
		}
		now := b.take()
		return action(func(m *Model) tea.Cmd {
			if now.run != m.review.run {
				return nil
			}
			m.tookReview(now)
			if now.ended {
				return nil
			}
			return tea.Tick(drainTime, func(time.Time) tea.Msg { return b.listen(ctx)() })
		})
	}
}

// tookReview takes what a review has come to.
func (m *Model) tookReview(now reviewed) {
	r := m.review
	if now.review != nil {
		r.take(now.review)
		for i := range now.review.Changes {
			if c := &now.review.Changes[i]; c.Judged() {
				m.noteTrust(shownSide(c).Report)
			}
		}
		m.judgeReview()
		m.triage.touch()
	}
	if now.ended {
		r.cancel()
		r.cancel = nil
		r.env.store.Abandon()
		m.endReview(now.err)
	}
	if !r.env.store.Working() && r.env.store.OutOfOrder() {
		r.env.store.Arrange()
	}
}

// take takes the changes: the rows with the first of a run, then the answers.
func (r *reviewing) take(now *review.Review) {
	first := r.latest == nil
	r.latest = now
	r.count()
	clear(r.byPath)
	specs := make([]catalog.Spec, len(now.Changes))
	for i := range now.Changes {
		c := &now.Changes[i]
		specs[i] = shownSide(c).Spec
		r.byPath[specs[i].Path] = c
	}
	rows := r.env.store
	if first {
		rows.Reload(specs)
		r.asked = rows.Ask(rows.All()...)
		r.screen.state = ready
	}
	var answers []scan.Event
	for _, task := range r.asked {
		row := rows.Row(task.ID)
		c := r.change(row)
		switch {
		case c == nil || !c.Judged():
		case !row.Waiting && row.Answer != shownSide(c).Report: // by a newer trust
			rows.Replace(task.ID, shownSide(c).Report)
		case row.Waiting:
			answers = append(answers, scan.Event{
				ID: task.ID, Generation: task.Generation, Kind: scan.Finished, Report: shownSide(c).Report,
			})
		}
	}
	rows.Apply(answers)
	if first {
		rows.Arrange()
	}
}

// shownSide is the side of a change that its row stands for.
func shownSide(c *review.Change) *review.Side {
	return cmp.Or(c.After, c.Before)
}

// judgeReview finds what there is to decide of the rows of which that is not known:
// what the changes bring, and what the base did not decide about.
func (m *Model) judgeReview() {
	rows := m.review.env.store
	for _, id := range rows.All() {
		row := rows.Row(id)
		if row.Answer == nil || row.Judged != nil {
			continue
		}
		c := m.review.change(row)
		judged := []triage.Judged{}
		for _, j := range m.triage.decisions.Apply(*row.Spec, row.Answer, m.triage.now()) {
			if c != nil && c.Judged() && c.After != nil && !decidedElsewhere(j.Finding) && brings(c, j.Finding) {
				judged = append(judged, j)
			}
		}
		rows.Judge(id, judged)
	}
}

// brings reports whether a finding came with a change.
func brings(c *review.Change, f verify.Finding) bool {
	if f.Rule == triage.RuleInvalid || f.Rule == triage.RuleUnchecked {
		return c.Before == nil || c.Before.Report.Status != c.After.Report.Status
	}
	return slices.ContainsFunc(c.Findings, func(brought verify.Finding) bool {
		return triage.SameFinding(brought, f)
	})
}

// decided is what was decided here about a finding, and does not count yet; "" if
// nothing was.
func (r *reviewing) decided(row *store.Row, f verify.Finding) string {
	for _, j := range row.Judged {
		if j.Why != "" && triage.SameFinding(j.Finding, f) {
			return j.Why + "; " + notYet
		}
	}
	return ""
}

// notYet is said of a decision about what a review found.
const notYet = "it counts once it is in the base"

// endReview says what the review brought.
func (m *Model) endReview(err error) {
	r := m.review
	switch {
	case err != nil && r.latest == nil:
		r.screen.state, r.screen.failure = failed, untrusted.Message(err)
		m.say("the change could not be reviewed: " + r.screen.failure)
	case err != nil:
		m.say("the review ended early: " + untrusted.Message(err))
	default:
		m.say(r.summary())
	}
}

// tookSide keeps what there is to look at of a package of a review. Its verdict
// stays that of the review; another one is said.
func (m *Model) tookSide(row *store.Row, d *verify.Dossier) tea.Cmd {
	m.review.env.dossiers.keep(&found[*verify.Dossier]{row: row.ID, answer: row.Answer, value: d})
	if d.Status != row.Status {
		m.say("checked " + row.Name() + " again to show its evidence: " + d.Status.String() + ", was " + row.Status.String() +
			"; press " + short(m.keys.Recheck) + " to review the change again")
	}
	return nil
}

// redoReview begins a review again that rests on what has changed, unless nobody
// looks at it.
func (m *Model) redoReview() tea.Cmd {
	if !m.review.due || m.here().review == nil {
		return nil
	}
	return m.startReview()
}
