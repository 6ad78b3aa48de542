package ui

import (
	"fmt"
	"math/rand/v2"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/testdata/hostile"
	"plimsoll/ui/layout"
)

// From every scene of the gallery random keys lead on, at random sizes, and every
// frame holds.
func TestEveryScreenHolds(t *testing.T) {
	t.Parallel()
	walks, presses := 3, 40
	if hostile.Sample(t) {
		walks, presses = 1, 30
	}
	keys := allKeys()
	for _, g := range gallery {
		t.Run(g.screen, func(t *testing.T) {
			t.Parallel()
			r, good := rand.New(rand.NewPCG(uint64(len(g.screen)), 15)), lineWidths{}
			for _, scene := range g.scenes {
				for range walks {
					size := tea.WindowSizeMsg{Width: layout.MinWidth + r.IntN(210), Height: layout.MinHeight + r.IntN(70)}
					m, path := scene.make(size), fmt.Sprintf("%s, %dx%d", scene.name, size.Width, size.Height)
					good.check(t, m, path)
					for range presses {
						key := keys[r.IntN(len(keys))]
						path += " " + key
						if r.IntN(12) == 0 {
							size = tea.WindowSizeMsg{Width: 1 + r.IntN(250), Height: 1 + r.IntN(80)}
							path += fmt.Sprintf(" %dx%d", size.Width, size.Height)
							m.Update(size)
						}
						m.Update(typed(key))
						good.check(t, m, path)
						checkModel(t, m, path)
					}
				}
			}
		})
	}
}
