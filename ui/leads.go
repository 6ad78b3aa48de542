package ui

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
)

// leadPage is a page with lines that lead on: the coverage, the trust, the messages.
func leadPage(title string, of func(*Keys) *key.Binding, version func() int, text func(*env, *view.Doc)) *textScreen {
	return &textScreen{title: title, of: of, version: version, text: text, place: pager{walking: true, spot: -1}}
}

// leadSpots are the lines that lead on, as places of a cursor. They are counted from the
// end: of the messages the newest is the first.
func leadSpots(leads []view.Lead) []view.Spot {
	spots := make([]view.Spot, len(leads))
	seen := map[string]int{}
	for i, l := range slices.Backward(leads) {
		to := l.Filter + l.Spec
		seen[to]++
		spots[i] = view.Spot{From: l.Line, To: l.Line + 1, Place: view.Place(fmt.Sprintf("%d: %s", seen[to], to))}
	}
	return spots
}

// follow goes where the line under the cursor leads, if it is on the screen.
func (p *textScreen) follow(f layout.Frame) action {
	at := p.place.spotAt()
	if at == nil || at.From < p.place.scroller.top || at.From >= p.place.scroller.top+f.Body.H {
		return says("no line on the screen leads on")
	}
	to := p.leads[p.place.spot]
	return func(m *Model) tea.Cmd { return m.goTo(to) }
}

// led is where a page led to the table from, and what that showed before.
type led struct {
	stack  []screen
	filter string
	preset store.Preset
	shown  string // the filter that it led to; "" for rows
}

// goTo opens a package, or shows in the table those that a line speaks of; esc leads
// back.
func (m *Model) goTo(l view.Lead) tea.Cmd {
	rows := l.Rows
	if l.Trust {
		m.openTrust()
		return nil
	}
	if row := m.store.At(untrusted.Text(l.Spec)); l.Spec != "" {
		if row == nil {
			m.say("the spec is not in the catalog now: " + clip(m.theme, l.Spec))
			return nil
		}
		rows = []int{row.ID}
	}
	if len(rows) == 1 {
		m.stack = append(m.stack, &detail{row: rows[0]})
		return nil
	}
	from := &led{stack: m.stack, filter: m.store.Filter(), preset: m.store.Preset(), shown: l.Filter}
	if before := m.home.led; before.holds(m.store) { // the table shows no choice of a person's
		from.filter, from.preset = before.filter, before.preset
	}
	m.home.led = from
	m.stack = m.stack[:1:1]
	if l.Filter != "" {
		m.store.SetPreset(store.All)
		m.store.SetFilter(l.Filter)
		return nil
	}
	of := make(map[int]bool, len(rows))
	for _, id := range rows {
		of[id] = true
	}
	m.store.SetFilter("")
	name := untrusted.Plural(len(rows), "package") + " spoken of"
	m.store.Lead(store.Question{Name: name, Holds: func(row *store.Row) bool { return of[row.ID] }})
	return nil
}

// holds reports whether the table still shows what a page led to.
func (l *led) holds(s *store.Store) bool {
	return l != nil && s.Filter() == l.shown && (l.shown == "") == (s.Preset() == store.Led) && (l.shown == "" || s.Preset() == store.All)
}

// back returns to the page that led here, if the table still shows what it led to.
func (l *led) back(s *store.Store) action {
	if !l.holds(s) {
		return nil
	}
	return func(m *Model) tea.Cmd {
		m.store.SetFilter(l.filter)
		m.store.SetPreset(l.preset)
		m.stack, m.home.led = l.stack, nil
		return nil
	}
}
