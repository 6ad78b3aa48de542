package ui

import (
	"strconv"
	"strings"
	"testing"

	"plimsoll/testdata/lab"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
)

// Every line of the coverage leads to as many packages as it counts, and esc leads back
// to it, to the filter that was on, and to the line.
func TestCoverageLeadsToItsPackages(t *testing.T) {
	t.Parallel()
	o := options()
	o.Load, o.Specs = nil, append(lab.Specs(t, "dockyard"), lab.Specs(t, "attacks")...)
	for _, r := range lab.Check(t, o.Specs, lab.Registries(t), false) {
		o.Results = append(o.Results, *r)
	}
	m := press(send(New(o), full), "/", "p:npx", "enter", "D")
	page := m.top().(*leadPage)
	text := page.content(m.here(), m.frame(page).Body.W)
	if len(text.leads) < 20 {
		t.Fatalf("%d lines lead on", len(text.leads))
	}
	for i, lead := range text.leads {
		page.at = i
		press(m, "enter")
		var count string
		for _, field := range strings.Fields(text.lines[lead.Line]) {
			if _, err := strconv.Atoi(field); err == nil {
				count = field
			}
		}
		if got := m.store.Shown(); m.top() != screen(m.home) || m.store.Filter() != lead.Filter || strconv.Itoa(got) != count {
			t.Errorf("%q: %d packages under %q", text.lines[lead.Line], got, m.store.Filter())
		}
		press(m, "esc")
		if m.top() != screen(page) || page.at != i || m.store.Filter() != "p:npx" {
			t.Fatalf("%q: esc leads to %T, line %d, filter %q", lead.Filter, m.top(), page.at, m.store.Filter())
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
	if m.store.Shown() != 2 || m.store.Preset() != store.Led || !strings.Contains(m.View(), "2 packages of a message") {
		t.Errorf("%d packages are shown", m.store.Shown())
	}
	press(m, "esc")
	if p, ok := m.top().(*leadPage); !ok || p.title != "Messages" || m.store.Preset() != store.All {
		t.Errorf("esc leads to %T", m.top())
	}
	press(m, "esc")
	if m.sayOf("gone", view.Lead{Spec: "npx/none/spec.yaml"}); len(m.stack) != 1 {
		t.Errorf("%d screens", len(m.stack))
	}
	press(m, "M", "enter")
	if _, ok := m.top().(*leadPage); !ok {
		t.Errorf("a package that is not there: %T", m.top())
	}
}
