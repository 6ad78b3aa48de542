package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// round is a number of checks that began when nothing was being checked, and
// ends when nothing is again.
type round struct {
	first   bool // of the whole catalog
	refresh bool // of everything, once more
	checked int
	changed []int // their IDs
	last    store.Finished
	// different is the last row that changed.
	different store.Finished
	was       map[int]verify.Status // of rows whose spec, or the trust, changed: the verdict before
	why       string                // how the trust changed; "" if it did not
	wrote     string                // said of the only package if its spec was written; "" if it was not
}

// start begins the work, once, after the first frame.
func (m *Model) start() tea.Cmd {
	if m.started {
		return nil
	}
	m.started = true
	m.lookAtClock()
	cmd := tea.Batch(m.recall(), follow(m.ctx, m.jobs.stops, (*Model).askedToStop), follow(m.ctx, m.jobs.wakes, (*Model).woken))
	if m.options.Engine != nil {
		cmd = tea.Batch(cmd, listen(m.ctx, m.options.Engine.Events()), m.watch())
	}
	if m.review.alone {
		return tea.Batch(cmd, m.startReview())
	}
	if m.home.state == loading {
		return tea.Batch(cmd, m.load())
	}
	return tea.Batch(cmd, m.ask(m.store.All(), true))
}

// reload tries again to load the catalog.
func (m *Model) reload() tea.Cmd {
	if m.options.Load == nil || m.home.state != failed {
		return nil
	}
	m.attempt++
	m.home.state = loading
	m.round = round{}
	m.store.Load(nil)
	m.triage.touch()
	m.histories.clear()
	m.dossiers.clear()
	return m.load()
}

// loaded takes a part of the catalog. Its packages are checked while the rest
// is read.
func (m *Model) loaded(b batch) tea.Cmd {
	if b.attempt != m.attempt || m.home.state != loading {
		return nil
	}
	added := m.store.Append(b.specs)
	cmd := m.ask(added, true)
	switch {
	case !b.last:
	case b.err != nil:
		m.home.state, m.home.failure = failed, untrusted.Message(b.err)
		m.say("the catalog could not be loaded: " + m.home.failure)
	default:
		m.home.state = ready
		m.conclude()
		return tea.Batch(cmd, m.countUnread())
	}
	return cmd
}

// countUnread asks how many specs of the catalog were not read.
func (m *Model) countUnread() tea.Cmd {
	count, ctx := m.options.Unread, m.ctx
	if count == nil {
		return nil
	}
	return func() tea.Msg {
		unread := count(ctx)
		return action(func(m *Model) tea.Cmd {
			m.unread = unread
			m.triage.touch() // the coverage says so as well
			return nil
		})
	}
}

// ask has rows checked, those on the screen first.
func (m *Model) ask(ids []int, first bool) tea.Cmd {
	if m.options.Engine == nil {
		if !first {
			m.say(readBack)
		}
		return nil
	}
	if !m.store.Working() && !(first && m.round.first) { // the parts of a catalog are one round
		m.round = round{first: first}
	}
	tasks := m.store.Ask(ids...)
	if len(tasks) == 0 {
		if m.gone(ids) {
			m.say("the spec is no longer in the catalog: there is nothing to check")
		}
		return nil
	}
	visible := slices.Clone(m.store.Window(m.home.top, m.frame(m.home).Body.H))
	m.promoted = visible
	return submit(m.options.Engine, tasks, m.waiting(visible))
}

// apply takes what the engine said. While it works, the table re-orders itself
// with the ticks: often enough to be read, seldom enough to be cheap.
func (m *Model) apply(events []scan.Event) {
	for _, answer := range m.store.Apply(events) {
		if was, ok := m.round.was[answer.ID]; ok {
			answer.Was, answer.FirstAnswer = was, false
		}
		m.round.checked++
		m.round.last = answer
		m.noteTrust(m.store.Row(answer.ID).Report)
		m.triage.review(m.store, m.store.Row(answer.ID)) // of the same answer too: a decision may have ended since
		if answer.Same {
			continue
		}
		m.triage.judge(m.store, m.store.Row(answer.ID)) // not when somebody waits for the whole queue
		m.triage.touch()
		if answer.Was != answer.Is || m.round.refresh {
			m.round.changed = append(m.round.changed, answer.ID)
			m.round.different = answer
		}
	}
	m.conclude()
}

// noteTrust keeps, for the notice, why there is no trust root: it is one reason
// for all packages.
func (m *Model) noteTrust(r *verify.Report) {
	switch {
	case r == nil:
	case r.Unverified != "":
		m.noRoot = clip(m.theme, r.Unverified)
	case len(r.Artifacts) > 0: // it was verified against one
		m.noRoot = ""
	}
}

// conclude says what a round of checks brought, when all of it is answered.
func (m *Model) conclude() {
	if m.home.state == loading || m.store.Working() || !m.store.OutOfOrder() {
		return
	}
	m.store.Arrange()
	text := m.summary()
	if m.round.why != "" {
		text = m.round.why + "; " + text
	}
	if m.round.refresh && m.trusting.stale != "" {
		text += "; " + m.trusting.stale
	}
	m.sayOf(text, m.spoken())
}

// summary says in one sentence what a round of checks brought.
func (m *Model) summary() string {
	r := m.round
	switch {
	case r.first && m.file:
		return "checked the file"
	case r.first:
		checked := min(r.checked, len(m.store.All())) // one that was rechecked meanwhile answered twice
		if n := m.store.Count(verify.Unchecked); n > 0 && n == checked {
			return fmt.Sprintf("none of %s could be checked", untrusted.Plural(n, "package"))
		}
		text := "checked " + untrusted.Plural(checked, "package")
		var bad []string
		for _, status := range []verify.Status{verify.Invalid, verify.Unchecked, verify.Mismatch} {
			if n := m.store.Count(status); n > 0 {
				bad = append(bad, fmt.Sprintf("%d %v", n, status))
			}
		}
		if len(bad) > 0 {
			text += ": " + strings.Join(bad, ", ")
		}
		return text
	case r.refresh:
		return m.refreshed()
	case r.checked == 1 && r.wrote != "" && r.last.Was == r.last.Is:
		return fmt.Sprintf("%s   still %v", r.wrote, r.last.Is)
	case r.checked == 1 && r.wrote != "":
		return fmt.Sprintf("%s   now %v", r.wrote, r.last.Is)
	case r.checked == 1 && r.last.FirstAnswer:
		return fmt.Sprintf("checked %s: %v", m.store.Row(r.last.ID).Name(), r.last.Is)
	case r.checked == 1 && r.last.Was == r.last.Is:
		return fmt.Sprintf("checked %s again: still %v", m.store.Row(r.last.ID).Name(), r.last.Is)
	case r.checked == 1:
		return fmt.Sprintf("checked %s again: %v, was %v", m.store.Row(r.last.ID).Name(), r.last.Is, r.last.Was)
	default:
		return fmt.Sprintf("checked %s again: %d changed", untrusted.Plural(r.checked, "package"), len(r.changed))
	}
}

// spoken are the packages that the summary of a round is about.
func (m *Model) spoken() view.Lead {
	r := m.round
	switch {
	case r.first:
		var bad []string
		for _, status := range []verify.Status{verify.Invalid, verify.Unchecked, verify.Mismatch} {
			if m.store.Count(status) > 0 {
				bad = append(bad, status.String())
			}
		}
		if len(bad) > 0 {
			return view.Lead{Filter: "st:" + strings.Join(bad, ",")}
		}
	case r.checked == 1 && !r.refresh:
		return view.Lead{Rows: []int{r.last.ID}}
	}
	return view.Lead{Rows: r.changed}
}

// closed gives up on rows that will not be answered.
func (m *Model) closed() tea.Cmd {
	missing := m.store.Abandon()
	m.store.Arrange()
	if missing > 0 {
		m.say(fmt.Sprintf("the checks stopped early: %s not answered", untrusted.Plural(missing, "package")))
	}
	return nil
}

// promote asks for the rows on the screen first, when others came into view.
func (m *Model) promote() tea.Cmd {
	if m.options.Engine == nil || !m.store.Working() {
		return nil
	}
	visible := m.store.Window(m.home.top, m.frame(m.home).Body.H)
	if slices.Equal(visible, m.promoted) {
		return nil
	}
	m.promoted = slices.Clone(visible)
	if ids := m.waiting(visible); len(ids) > 0 {
		return promote(m.options.Engine, ids)
	}
	return nil
}

func (m *Model) waiting(ids []int) []int {
	return slices.DeleteFunc(slices.Clone(ids), func(id int) bool { return !m.store.Row(id).Waiting })
}

// tick starts the spinner when there is something to wait for.
func (m *Model) tick() tea.Cmd {
	if m.ticking || !m.store.Working() && m.home.state != loading && m.review.cancel == nil {
		return nil
	}
	m.ticking = true
	return tick()
}

func (m *Model) ticked() {
	m.ticking = false
	m.ticks++
	if m.store.OutOfOrder() {
		m.store.Arrange()
	}
	if rows := m.review.env.store; rows.OutOfOrder() {
		rows.Arrange()
	}
}

// say shows a message and keeps it.
func (m *Model) say(text string) { m.sayOf(text, view.Lead{}) }

// sayOf is say for a message about packages, to which it leads.
func (m *Model) sayOf(text string, lead view.Lead) {
	m.toast = text
	m.journal.add(m.options.Now(), text, lead)
}
