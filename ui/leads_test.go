package ui

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify/scan"
)

// Every line of the coverage leads to as many packages as it counts, and esc leads back
// to it, to the filter that was on, and to the line.
func TestCoverageLeadsToItsPackages(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	o := options()
	o.Load, o.Specs = nil, append(lab.Specs(t, "dockyard"), lab.Specs(t, "attacks")...)
	for _, r := range lab.Check(t, o.Specs, lab.Registries(t), false) {
		o.Results = append(o.Results, *r)
	}
	m := press(send(New(o), full), "/", "p:npx", "enter", "D")
	page := m.top().(*textScreen)
	p := page.pager(m.here(), m.frame(page).Body.W)
	if len(page.leads) < 20 {
		t.Fatalf("%d lines lead on", len(page.leads))
	}
	for i, lead := range page.leads {
		p.reveal(lead.Line, m.frame(page).Body.H)
		press(m, "enter")
		var count string
		for _, field := range strings.Fields(p.page.Lines[lead.Line].Text) {
			if _, err := strconv.Atoi(field); err == nil {
				count = field
			}
		}
		if got := m.store.Shown(); m.top() != screen(m.home) || m.store.Filter() != lead.Filter || strconv.Itoa(got) != count {
			t.Errorf("%q: %d packages under %q", p.page.Lines[lead.Line].Text, got, m.store.Filter())
		}
		press(m, "esc")
		if m.top() != screen(page) || p.spot != i || m.store.Filter() != "p:npx" {
			t.Fatalf("%q: esc leads to %T, line %d, filter %q", lead.Filter, m.top(), p.spot, m.store.Filter())
		}
	}
	if press(m, "enter", "D", "enter", "esc", "esc"); m.store.Filter() != "p:npx" || len(m.stack) != 1 {
		t.Errorf("from where the page led, and led again, esc leads to the filter %q, %d screens", m.store.Filter(), len(m.stack))
	}
	press(m, "D", "enter", "/", " x", "enter", "esc", "esc")
	if m.store.Filter() != "" || len(m.stack) != 1 {
		t.Errorf("a filter that was changed led back: %q, %d screens", m.store.Filter(), len(m.stack))
	}
}

// A message leads to the packages that it speaks of: one is opened, several are shown.
func TestMessagesLeadToTheirPackages(t *testing.T) {
	t.Parallel()
	m := checkedAt(full)
	id := m.store.All()[1]
	m.sayOf("one", view.Lead{Rows: []int{id}})
	press(m, "M", "enter")
	if d, ok := m.top().(*detail); !ok || d.row != id {
		t.Fatalf("one package: %T", m.top())
	}
	press(m, "esc", "esc")
	m.sayOf("two", view.Lead{Rows: m.store.All()[:2]})
	press(m, "M", "enter")
	if m.store.Shown() != 2 || m.store.Preset() != store.Led || !strings.Contains(m.View(), "2 packages spoken of") {
		t.Errorf("%d packages are shown", m.store.Shown())
	}
	press(m, "esc")
	if p, ok := m.top().(*textScreen); !ok || p.title != "Messages" || m.store.Preset() != store.All {
		t.Errorf("esc leads to %T", m.top())
	}
	press(m, "esc")
	if m.sayOf("gone", view.Lead{Spec: "npx/none/spec.yaml"}); len(m.stack) != 1 {
		t.Errorf("%d screens", len(m.stack))
	}
	press(m, "M", "enter")
	if _, ok := m.top().(*textScreen); !ok {
		t.Errorf("a package that is not there: %T", m.top())
	}
}

// A page whose lines lead on can be searched: the cursor goes to the line that is found,
// esc drops the search, then the page.
func TestLeadPagesAreSearched(t *testing.T) {
	t.Parallel()
	for key, query := range map[string]string{"D": "mismatch", "T": "newest", "M": "second"} {
		m := trustAt(full, func() scan.TrustInfo { return loaded }, false)
		for _, text := range []string{"the first", "the second", "the third"} {
			m.sayOf(text, view.Lead{Rows: m.store.All()[:2]})
		}
		page := press(m, "esc", key).top().(*textScreen)
		p := page.pager(m.here(), m.frame(page).Body.W)
		before := p.spot
		if press(m, "/", query, "esc"); p.spot != before || page.query != "" {
			t.Errorf("%s: esc leaves the cursor at %d, not %d, and the search for %q", page.title, p.spot, before, page.query)
		}
		press(m, "/", query, "enter")
		line := p.search.line()
		if line < 0 || !strings.Contains(p.page.Lines[line].Text, query) || p.spotAt().From != line {
			t.Errorf("%s: %q is found at line %d, the cursor is on %+v", page.title, query, line, p.spotAt())
		}
		if press(m, "enter"); m.top() == screen(page) {
			t.Errorf("%s: the line that was found leads nowhere", page.title)
		}
		press(m, "esc")
		if press(m, "esc"); m.top() != screen(page) || page.query != "" {
			t.Errorf("%s: esc leads to %T, searched for %q", page.title, m.top(), page.query)
		}
	}
}

// A message that comes while the page is open leaves the cursor on its message.
func TestTheCursorStaysOnItsMessage(t *testing.T) {
	t.Parallel()
	m := checkedAt(full)
	for i := range 3 {
		m.sayOf("about "+strconv.Itoa(i), view.Lead{Rows: []int{m.store.All()[i]}})
	}
	press(m, "M", "j")
	m.sayOf("newer", view.Lead{Rows: m.store.All()[:2]})
	m.View()
	press(m, "enter")
	if d, ok := m.top().(*detail); !ok || d.row != m.store.All()[1] {
		t.Errorf("enter leads to %T", m.top())
	}
}

// What was written leads to its package, a policy to what it demands, the trust to its
// page.
func TestMessagesLeadToWhatTheySpeakOf(t *testing.T) {
	t.Parallel()
	m, _ := triageAt(full)
	press(m, "n")
	about := m.top().(*triageScreen).current
	do(m, "x", "because", "enter", "enter", "M", "enter")
	if d, ok := m.top().(*detail); !ok || d.row != about.ID {
		t.Errorf("a decision leads to %T, it says %q", m.top(), m.journal.messages[len(m.journal.messages)-1].text)
	}
	do(m, "esc", "z", "M", "enter")
	if d, ok := m.top().(*detail); !ok || d.row != about.ID {
		t.Errorf("what was taken back leads to %T", m.top())
	}
	info := scan.TrustInfo{Generation: 1}
	o := options()
	o.TrustInfo = func() scan.TrustInfo { return info }
	m = send(New(o), full, answers(upTo(11)...))
	m.trusting.generation = 1
	info.Generation, info.Change = 2, "a new root"
	m.newTrust()
	if press(m, "M", "enter"); m.top().word(m.here()) != "Trust" {
		t.Errorf("a change of the trust leads to %T", m.top())
	}
	press(m, "esc", "esc")
	m.reread.newPolicy = true
	m.compare(onDisk{err: errors.New("gone")}, false)
	if press(m, "M", "enter"); m.store.Filter() != "rule:policy" {
		t.Errorf("a change of the policy leads to %q", m.store.Filter())
	}
}

// The keys of a registry lead to its packages, not to those of another.
func TestKeysLeadToThePackagesOfTheirRegistry(t *testing.T) {
	t.Parallel()
	o := options()
	o.TrustInfo = func() scan.TrustInfo { return loaded }
	events := answers(upTo(11)...)
	var want []int
	for i, event := range events {
		if event.Report == nil || o.Specs[event.ID].Protocol != catalog.NPX {
			continue
		}
		event.Report.Registry = "https://npm.example/"
		if len(want) < 2 {
			event.Report.Registry = "https://private.example"
			want = append(want, event.ID)
		}
		events[i] = event
	}
	m := press(send(New(o), full, events), "T")
	page := m.top().(*textScreen)
	p := page.pager(m.here(), m.frame(page).Body.W)
	for i, text := range []string{"npm.example", "private.example"} {
		if lead := page.leads[i]; !strings.Contains(p.page.Lines[lead.Line].Text, text) || lead.Filter != "" || (i == 1) != slices.Equal(lead.Rows, want) {
			t.Errorf("%s leads to %+v, want %v", text, lead, want)
		}
	}
}
