package ui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// newPalette offers every action of the screen on top by its name; what cannot be
// done now says why.
func newPalette(m *Model) *menu {
	var items []item
	top := m.top()
	for _, g := range m.keys.groups {
		for _, k := range g.keys {
			if k.scope&top.scope() == 0 || k.binding == &m.keys.Commands {
				continue
			}
			items = append(items, item{
				label: k.binding.Help().Desc, value: k.binding.Help().Key, why: m.refuses(k.binding),
				do: func(m *Model) tea.Cmd { return m.press(keyOf(k.binding.Keys()[0])) },
			})
		}
	}
	menu := newMenu("Commands", "do", items)
	narrow := newInput(":", "", maxFilter)
	menu.narrow = &narrow
	return menu
}
