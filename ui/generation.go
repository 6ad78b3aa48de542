package ui

import (
	"cmp"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// shownTrust is what the screen knows of the trust that its verdicts rest on.
type shownTrust struct {
	generation int       // of the verdicts that are shown; 0 before the first
	refreshing bool      // somebody is waiting for a newer one
	stale      string    // since when it cannot be refreshed; "" if it can
	kept       string    // what was said last of the files that are kept
	fork       string    // how the checksum database contradicts itself; "" if it does not
	why        string    // how it changed last
	root       string    // what it is and how old, for the header; "" if that is not known
	ends       time.Time // zero if it does not
	ended      time.Time // the end that was noticed last
}

// minutePassed looks at what ends with time: the trust, and each day what policy
// and decisions say until a date; and at what others decided.
func (m *Model) minutePassed(time.Time) tea.Cmd {
	m.lookAtClock()
	if day := utcDay(m.options.Now()); day != m.day && !m.file && m.home.state == ready && !m.store.Working() {
		m.day = day
		m.say("a new day has begun: what is excepted or decided until a date is looked at again")
		return m.refresh()
	}
	return tea.Batch(m.refreshTrust(nil, false), m.readDecisions())
}

// lookAtClock says once that this machine's clock is wrong.
func (m *Model) lookAtClock() {
	if m.options.Clock == nil {
		return
	}
	wrong := m.options.Clock()
	if wrong != "" && !m.wrongClock {
		m.say(clip(m.theme, wrong))
	}
	m.wrongClock = wrong != ""
}

func utcDay(now time.Time) string { return now.UTC().Format(time.DateOnly) }

// refreshTrust has the trust refreshed, at once or if that is due, and then
// rows checked.
func (m *Model) refreshTrust(ask []int, atOnce bool) tea.Cmd {
	refresh, ctx := m.options.RefreshTrust, m.ctx
	switch {
	case refresh == nil && len(ask) > 0:
		return m.ask(ask, false)
	case refresh == nil, m.trusting.refreshing && len(ask) == 0:
		return nil
	}
	m.trusting.refreshing = true
	return func() tea.Msg {
		refresh(ctx, atOnce)
		return action(func(m *Model) tea.Cmd { return m.trustRefreshed(ask) })
	}
}

func (m *Model) trustRefreshed(ask []int) tea.Cmd {
	m.trusting.refreshing = false
	if cmd := m.followTrust(nil); cmd != nil || len(ask) == 0 {
		return cmd
	}
	return m.ask(ask, false)
}

// followTrust has everything checked again if answers rest on another trust
// than those that are shown.
func (m *Model) followTrust(events []scan.Event) tea.Cmd {
	for _, e := range events {
		if m.trusting.generation == 0 {
			m.trusting.generation = e.Trust
		}
	}
	if was, changed := m.newTrust(); changed {
		return m.again(was)
	}
	return nil
}

// lapse takes the verdicts back as soon as the trust that they rest on has ended, and
// has everything checked again: to load a newer one takes its time, or fails.
func (m *Model) lapse() tea.Cmd {
	t := &m.trusting
	over := func() bool { return !t.ends.IsZero() && !t.ends.Equal(t.ended) && !m.options.Now().Before(t.ends) }
	if !over() {
		return nil
	}
	if was, changed := m.newTrust(); changed {
		return m.again(was)
	}
	if !over() { // it was refreshed meanwhile
		return nil
	}
	t.ended = t.ends
	t.why = "the trust ended on " + t.ends.UTC().Format("2006-01-02 15:04") + " UTC"
	m.sayOf(t.why, view.Lead{Trust: true})
	return m.again(m.outdate(nil))
}

// newTrust reports whether the trust is another one than the verdicts that are
// shown rest on. It then takes them back, and returns them: without a trust root
// the packages are unchecked from now on, else until they are checked again.
func (m *Model) newTrust() (was map[int]verify.Status, changed bool) {
	if m.options.TrustInfo == nil || m.options.Engine == nil {
		return nil, false
	}
	info := m.options.TrustInfo()
	m.sayStale(&info)
	if info.Kept != "" && info.Kept != m.trusting.kept {
		m.sayOf(clip(m.theme, info.Kept), view.Lead{Trust: true})
	}
	m.trusting.kept = cmp.Or(info.Kept, m.trusting.kept)
	m.trusting.root, m.trusting.ends = "", info.Expires
	if info.RootSHA256 != "" && info.RootError == "" {
		m.trusting.root = clip(m.theme, info.Root)
		if !info.Checked.IsZero() {
			m.trusting.root += ", confirmed " + view.Ago(m.options.Now().Sub(info.Checked))
		}
	}
	before := m.trusting.generation
	m.trusting.generation = max(before, info.Generation)
	newer, forked := before > 0 && m.trusting.generation > before, m.newFork()
	switch {
	case forked:
		m.trusting.why = m.trusting.fork
	case !newer:
		return nil, false
	default:
		m.trusting.why = cmp.Or(clip(m.theme, info.Change), "the trust has changed")
	}
	m.sayOf(m.trusting.why, view.Lead{Trust: true})
	var instead func(*store.Row) *verify.Report
	if info.RootError != "" {
		instead = func(row *store.Row) *verify.Report {
			lost := verify.Failed(scan.ReleaseOf(*row.Spec), info.RootError)
			lost.Unverified = info.RootError
			return &lost
		}
	}
	return m.outdate(instead), true
}

// newFork reports whether the checksum database has contradicted itself since the last
// look: nothing that it vouched for before counts either.
func (m *Model) newFork() bool {
	if m.trusting.fork != "" || m.options.SumDB == nil {
		return false
	}
	m.trusting.fork = clip(m.theme, m.options.SumDB().Fork)
	return m.trusting.fork != ""
}

// outdate takes all verdicts back, see [store.Store.Outdate].
func (m *Model) outdate(instead func(*store.Row) *verify.Report) (was map[int]verify.Status) {
	m.store.Hold()
	was = m.store.Outdate(instead)
	m.triage.touch()
	m.histories.clear()
	m.dossiers.clear()
	m.review.due = true
	return was
}

// again has everything checked by the trust of now.
func (m *Model) again(was map[int]verify.Status) tea.Cmd {
	cmd := m.askAgain(m.store.All(), was)
	m.round.why, m.round.refresh = m.trusting.why, false
	return cmd
}

// sayStale says once that the trust cannot be refreshed, and once that it was.
func (m *Model) sayStale(info *scan.TrustInfo) {
	since := ""
	if info.Stale != "" {
		since = "the trust could not be refreshed since " + info.StaleSince.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	switch {
	case info.Loading || since == m.trusting.stale:
		return
	case since == "" && info.RootError == "":
		m.sayOf("the trust was refreshed again", view.Lead{Trust: true})
	case since != "":
		until := ""
		if !info.Expires.IsZero() {
			until = " until " + info.Expires.UTC().Format("2006-01-02 15:04") + " UTC"
		}
		m.sayOf(fmt.Sprintf("%s; what was loaded before holds%s: %s", since, until, clip(m.theme, info.Stale)), view.Lead{Trust: true})
	}
	m.trusting.stale = since
}
