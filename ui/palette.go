package ui

import (
	"github.com/charmbracelet/bubbles/key"
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
				do: func(m *Model) tea.Cmd { return m.press(keyOf(k.binding)) },
			})
		}
	}
	menu := newMenu("Commands", "do", items)
	narrow := newInput(":", "", maxFilter)
	menu.narrow = &narrow
	return menu
}

// keyOf is the message of the first key of a binding.
func keyOf(b *key.Binding) tea.KeyMsg {
	name := b.Keys()[0]
	for typ := tea.KeyType(-100); typ <= 127; typ++ {
		if typ != tea.KeyRunes && (tea.KeyMsg{Type: typ}).String() == name {
			return tea.KeyMsg{Type: typ}
		}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}
