package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/watch"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
)

// watches reports whether the screen is kept up to date by itself.
func (o Options) watches() bool { return o.Watch != nil || o.Every != nil }

// watchNote stands in the header, if there is room, while nothing is being
// checked.
func (m *Model) watchNote() line {
	switch {
	case m.options.Watch != nil:
		return line{{theme.Muted, "watching "}}
	case m.options.Every != nil:
		return line{{theme.Muted, "auto-refresh "}}
	}
	return nil
}

// reread says what of the catalog is to be read again. Whatever the reason, the
// whole of it is read, in a command, and what changed is found by comparing.
type reread struct {
	due        bool
	all        bool // everything is checked again then, not only what changed
	running    bool
	refreshing bool   // it is running, and everything is checked again when it ends
	writes     int    // that this program has made
	newPolicy  bool   // not everything was checked by the policy of now
	older      string // what of it cannot be read, so that it is shown as it was, cleaned; "" for nothing
}

// watch begins to listen for changes and for the time.
func (m *Model) watch() tea.Cmd {
	return tea.Batch(follow(m.ctx, m.options.Watch, (*Model).noticed), follow(m.ctx, m.options.Every, (*Model).due),
		follow(m.ctx, m.options.Minutes, (*Model).minutePassed))
}

// noticed takes what happened in the catalog's folder. It is read again as soon
// as that can be done.
func (m *Model) noticed(e watch.Event) tea.Cmd {
	for _, note := range e.Notes {
		m.say(clip(m.theme, note))
	}
	if e.Changed && m.home.state == failed {
		return m.reload()
	}
	m.reread.due = m.reread.due || e.Changed
	return nil
}

// due has everything checked again because it is time.
func (m *Model) due(time.Time) tea.Cmd {
	if m.home.state == failed {
		return m.reload()
	}
	if m.store.Working() || m.home.state != ready {
		return nil // what is being checked is as new as it gets
	}
	return m.refresh()
}

// reloadedText says which specs changed, or how many.
func (m *Model) reloadedText(r store.Reloaded) string {
	var parts []string
	for _, kind := range []struct {
		ids       []int
		one, many string
	}{
		{r.Changed, "changed", "changed"},
		{r.Added, "appeared", "appeared"},
		{r.Removed, "is gone", "are gone"},
	} {
		switch n := len(kind.ids); {
		case n == 1:
			parts = append(parts, clip(m.theme, string(m.store.Row(kind.ids[0]).Spec.Path))+" "+kind.one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d specs %s", n, kind.many))
		}
	}
	return strings.Join(parts, ", ")
}

// refreshAll is what a person who asks for everything gets.
func (m *Model) refreshAll() tea.Cmd {
	if m.store.Working() && (m.round.first || m.round.refresh) {
		m.say("everything is being checked already")
		return nil
	}
	return m.refresh()
}

// refresh has every row checked again in the background, by a trust of now and as
// the catalog reads now: neither the cursor nor the package that is being read
// moves.
func (m *Model) refresh() tea.Cmd {
	if m.reread.refreshing {
		return nil
	}
	m.reread.due, m.reread.all = true, true
	return m.readAgain()
}

// onDisk is the catalog as it is on disk now.
type onDisk struct {
	specs        []catalog.Spec
	err          error
	newPolicy    bool // other things are demanded of the packages than before
	policyErr    error
	decisions    *triage.Decisions
	decisionsErr error
}

// unread says what of the catalog cannot be read, and why; "" if all can.
func (d *onDisk) unread() string {
	for _, part := range []struct {
		name string
		err  error
	}{{"the catalog", d.err}, {"policy.yaml", d.policyErr}, {"triage.yaml", d.decisionsErr}} {
		if part.err != nil {
			return part.name + " cannot be read: " + untrusted.Message(part.err)
		}
	}
	return ""
}

// readAgain reads the catalog again when that is due; not while this program
// writes into it.
func (m *Model) readAgain() tea.Cmd {
	if !m.reread.due || m.reread.running || m.home.state != ready || m.triage.busy {
		return nil
	}
	all, writes := m.reread.all, m.reread.writes
	m.reread.due, m.reread.all, m.reread.running, m.reread.refreshing = false, false, true, all
	ctx, o, held := m.ctx, m.options, m.triage.decisions
	return func() tea.Msg {
		if all && o.RefreshTrust != nil {
			o.RefreshTrust(ctx, true)
		}
		var now onDisk
		if o.Policy != nil {
			now.newPolicy, now.policyErr = o.Policy()
		}
		if o.Load != nil {
			now.err = o.Load(ctx, func(specs []catalog.Spec) { now.specs = append(now.specs, specs...) })
		}
		if o.Triage != nil && o.Triage.Read != nil {
			now.decisions, now.decisionsErr = o.Triage.Read(held)
		}
		return action(func(m *Model) tea.Cmd {
			m.reread.running, m.reread.refreshing = false, false
			m.reread.newPolicy = m.reread.newPolicy || now.newPolicy // no later reading tells it again
			if m.triage.busy || m.reread.writes != writes {          // what was read is old
				m.reread.due, m.reread.all = true, m.reread.all || all
				return nil
			}
			return m.compare(now, all)
		})
	}
}

// compare takes the catalog as it is on disk. What is not among the specs is
// gone. A catalog that cannot be read leaves everything as it was: nothing is
// checked against less. That is said as long as it is so.
func (m *Model) compare(now onDisk, all bool) tea.Cmd {
	m.reread.older = now.unread()
	m.decisionsRead(now.decisions, now.decisionsErr)
	if now.policyErr != nil {
		m.say("policy.yaml cannot be read; what it demanded before holds: " + untrusted.Message(now.policyErr))
	}
	trusted, newTrust := m.newTrust()
	var r store.Reloaded
	switch {
	case now.err != nil:
		m.say("the catalog cannot be read, and is shown as it was: " + untrusted.Message(now.err))
		if !newTrust && !m.reread.newPolicy && !all {
			return nil
		}
	case m.options.Load != nil:
		if !m.store.Working() {
			m.store.Hold()
		}
		if r = m.store.Reload(now.specs); !r.Empty() {
			m.triage.touch()
			m.review.due = true
			m.sayOf(m.reloadedText(r), view.Lead{Rows: slices.Concat(r.Changed, r.Added, r.Removed)})
		}
	}
	newPolicy := m.reread.newPolicy
	m.reread.newPolicy = false
	if newPolicy && !all {
		m.sayOf("policy.yaml changed: everything is checked again", view.Lead{Filter: "rule:policy"})
	}
	switch {
	case newTrust:
		maps.Copy(trusted, r.Was)
		return m.again(trusted)
	case all || newPolicy:
		m.store.Hold()
		cmd := m.askAgain(m.store.All(), r.Was)
		m.round.refresh = true
		return cmd
	case r.Empty():
		return nil
	}
	return m.askAgain(slices.Concat(r.Changed, r.Added), r.Was)
}

// askAgain has rows checked, and keeps the verdicts that some had before.
func (m *Model) askAgain(ids []int, was map[int]verify.Status) tea.Cmd {
	cmd := m.ask(ids, false)
	if m.round.was == nil {
		m.round.was = map[int]verify.Status{}
	}
	for id, status := range was {
		if _, ok := m.round.was[id]; !ok {
			m.round.was[id] = status
		}
	}
	return cmd
}

// readDecisions reads what others decided, before anything is decided in view of it.
func (m *Model) readDecisions() tea.Cmd {
	o, held, writes := m.triage.options, m.triage.decisions, m.reread.writes
	if o == nil || o.Read == nil || m.triage.busy {
		return nil
	}
	return func() tea.Msg {
		now, err := o.Read(held)
		return action(func(m *Model) tea.Cmd {
			if m.triage.busy || m.reread.writes != writes {
				return nil // what was read is old
			}
			if err == nil || m.triage.unread != err.Error() { // it is told once, not each minute
				m.decisionsRead(now, err)
			}
			return nil
		})
	}
}

// decisionsRead takes what the file of decisions says now.
func (m *Model) decisionsRead(now *triage.Decisions, err error) {
	m.triage.unread = ""
	switch {
	case err != nil:
		m.triage.unread = err.Error()
		m.say("triage.yaml cannot be read; the decisions before hold: " + untrusted.Message(err))
	case now != nil && !now.SameFile(m.triage.decisions):
		m.decided(now)
		m.say(fmt.Sprintf("triage.yaml was changed by somebody else; decisions that hold now: %d", now.Len()))
	}
}

// keepSame puts, in a refresh, the answer that a row has in the place of one
// that says the same, so that what is being read is not drawn anew, and what
// was looked up stays.
func (m *Model) keepSame(events []scan.Event) []scan.Event {
	for i, event := range events {
		row := m.store.Row(event.ID)
		if m.round.refresh && event.Report != nil && row != nil && row.Answer != nil && event.Report.Same(row.Answer) {
			events[i].Report = row.Answer
		}
	}
	return events
}

// refreshed says what a refresh brought.
func (m *Model) refreshed() string {
	r := m.round
	text := fmt.Sprintf("refreshed %s: ", untrusted.Plural(r.checked, "package"))
	switch {
	case len(r.changed) == 0:
		return text + "nothing changed"
	case len(r.changed) > 1:
		return text + fmt.Sprintf("%d changed", len(r.changed))
	case r.different.Was == r.different.Is:
		return text + fmt.Sprintf("1 changed: what was found about %s", m.store.Row(r.different.ID).Name())
	default:
		return text + fmt.Sprintf("1 changed: %s is %v, was %v", m.store.Row(r.different.ID).Name(), r.different.Is, r.different.Was)
	}
}

// gone reports whether the specs of all rows have left the catalog.
func (m *Model) gone(ids []int) bool {
	return len(ids) > 0 && !slices.ContainsFunc(ids, func(id int) bool { row := m.store.Row(id); return row != nil && !row.Gone })
}
