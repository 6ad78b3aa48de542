package ui

import (
	"fmt"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/testdata/hostile"
)

// A key of the screen that is refused says why, and nothing else happens; one that
// the footer offers does something that is seen.
func TestOnlyKeysThatCanBeUsedAreOffered(t *testing.T) {
	t.Parallel()
	every := 1 // the keys of a scene that are tried
	if hostile.Sample(t) {
		every = 6
	}
	for _, g := range gallery {
		t.Run(g.screen, func(t *testing.T) {
			t.Parallel()
			turn := 0
			for _, scene := range g.scenes {
				m := scene.make(frameSizes[0])
				m.View()
				if m.overlay != nil {
					continue
				}
				for i, group := range m.keys.groups {
					for j, line := range group.keys {
						if turn++; turn%every == 0 && line.scope&m.top().scope() != 0 {
							offeredHolds(t, scene, m, i, j)
						}
					}
				}
			}
		})
	}
}

// offeredHolds tries a line of the table of keys on a scene, of which m is one that
// nothing was pressed on.
func offeredHolds(t *testing.T, s scene, m *Model, group, place int) {
	t.Helper()
	line := m.keys.groups[group].keys[place]
	mode := line.binding == &m.keys.Wrap || line.binding == &m.keys.Columns // says what it is now, where nothing is cut
	why, name := m.refuses(line.binding), fmt.Sprintf("%s: %q (%s)", s.name, line.binding.Help().Key, line.binding.Help().Desc)
	if why == "" && line.hint == "" {
		return
	}
	said := ""
	for _, k := range line.binding.Keys() { // one of 1 to 7 does nothing
		m := s.make(frameSizes[0])
		m.toast = ""
		before, depth := m.View(), len(m.stack)
		_, cmd := m.Update(bound(k))
		said, m.toast = m.toast, ""
		did := m.View() != before || len(m.stack) != depth || m.overlay != nil
		switch {
		case why != "" && (said == "" || did):
			t.Errorf("%s is refused (%s), says %q, and the screen changed: %v", name, why, said, did)
			return
		case why != "" || did || cmd != nil || mode && said != "":
			return
		}
	}
	t.Errorf("%s is offered and does nothing; it says %q", name, said)
}

func bound(name string) tea.KeyMsg {
	if name == " " {
		name = "space"
	}
	return typed(name)
}
