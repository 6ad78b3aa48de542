package ui

import (
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/sahilm/fuzzy"

	"plimsoll/ui/explain"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
)

// palette offers every action of the screen on top by its name. What is typed narrows
// the list by its letters, the best match first; what cannot be done now says why.
type palette struct {
	*menu
	typed input
	names []string // of the items, as they are searched
}

// explains begins the names of explanations.
const explains = "explain "

func newPalette(m *Model) *palette {
	e, top := m.here(), m.top()
	items := m.keyItems()
	switch top := top.(type) {
	case *packages:
		items = append(items, tableItems(e, top)...)
		items = append(items, rowItems(e, e.store.Cursor(), view.Overview)...)
	case *changes:
		items = append(items, tableItems(e, &top.packages)...)
		items = append(items, rowItems(e, e.store.Cursor(), view.Change)...)
	case *detail:
		for _, tab := range view.Tabs() {
			items = append(items, item{label: "tab: " + tab.Title(), value: shown(m.keys.Tab.Keys()[tab]), do: does(func() { top.show(tab) })})
		}
		items = append(items, rowItems(e, e.row(top.row), top.tab)...)
	}
	items = append(items, m.exportItems()...)
	for _, entry := range explain.All() {
		items = append(items, item{label: explains + entry.Word, value: entry.Short,
			do: func(m *Model) tea.Cmd { return m.explain(entry.Word) }})
	}
	p := &palette{newMenu("Commands", "do", items), newInput(short(m.keys.Commands), "", maxFilter), nil}
	if p.typed.label != ":" { // the name of a key, which what is typed would go on
		p.typed.label += ": "
	}
	p.labels, p.share = 60, 12 // they are sentences
	for _, it := range items {
		p.names = append(p.names, it.label)
	}
	return p
}

// keyItems are the keys of the screen on top.
func (m *Model) keyItems() (items []item) {
	groups := m.keys.movesLast()
	for _, g := range append(groups[1:], groups[0]) { // whoever opens the palette is not looking for the way back
		for _, l := range g.keys {
			if l.scope&m.top().scope() == 0 || l.binding == &m.keys.Commands || l.binding == &m.keys.Tab {
				continue
			}
			items = append(items, item{label: l.binding.Help().Desc, value: l.binding.Help().Key, why: m.refuses(l.binding),
				do: func(m *Model) tea.Cmd { return m.press(keyOf(l.binding.Keys()[0])) }})
		}
	}
	return items
}

// tableItems are the presets and views of a table, its orders and its columns.
func tableItems(e *env, p *packages) (items []item) {
	for i := range len(e.store.Questions()) + 1 {
		preset := store.Preset(i)
		what := "preset, " + short(e.keys.Preset) + " goes on"
		if v, ok := p.view(preset); ok {
			what = "view: " + clip(e.theme, v.Filter)
		}
		items = append(items, item{label: "show: " + clip(e.theme, e.store.PresetName(preset)), value: what,
			do: does(func() { p.choose(e.store, preset) })})
	}
	for column := range layout.Columns {
		items = append(items, item{label: "sort by " + e.columnName(column), value: short(e.keys.Sort) + " goes on",
			do: does(func() { e.store.SetSort(store.Sort{Column: column}) })})
	}
	if e.review != nil {
		return items
	}
	for set := range layout.Sets {
		items = append(items, item{label: "columns: " + setNames[set], value: setMeanings[set], do: does(func() { p.columns = set })})
	}
	return items
}

// rowItems are what can be copied of a package, and its links.
func rowItems(e *env, row *store.Row, tab view.Tab) (items []item) {
	if row == nil {
		return nil
	}
	for _, m := range []*menu{copyMenu(e, row, tab), openMenu(e, row)} {
		for _, it := range m.items {
			it.key, it.label = "", m.verb+": "+it.label
			items = append(items, it)
		}
	}
	return items
}

// exportItems are the forms in which what is shown can be written.
func (m *Model) exportItems() (items []item) {
	b := &m.keys.Export
	if !slices.ContainsFunc(m.keys.on(m.top().scope()), func(l keyLine) bool { return l.binding == b }) {
		return nil
	}
	for _, ext := range []string{".json", ".md", ".csv"} {
		if ext == ".csv" && m.here().review != nil {
			continue
		}
		items = append(items, item{label: "export as " + formats[ext].name, value: "to a file", why: m.refuses(b), do: func(m *Model) tea.Cmd {
			cmd := m.press(keyOf(b.Keys()[0]))
			if p, ok := m.overlay.(*exportPrompt); ok {
				name := p.value()
				p.input = newInput(p.label, strings.TrimSuffix(name, filepath.Ext(name))+ext, maxFileName)
			}
			return cmd
		}})
	}
	return items
}

func (p *palette) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	switch msg.Type {
	case tea.KeyEsc:
		return nil, false
	case tea.KeyEnter:
		if len(p.shown) == 0 {
			return says("no action has these letters: " + clip(e.theme, p.typed.value())), true
		}
		return p.choose(p.shown[p.cursor])
	case tea.KeyUp, tea.KeyDown, tea.KeyPgUp, tea.KeyPgDown:
		delta := map[tea.KeyType]int{tea.KeyUp: -1, tea.KeyDown: 1, tea.KeyPgUp: -p.height(f), tea.KeyPgDown: p.height(f)}[msg.Type]
		p.cursor = max(0, min(p.cursor+delta, len(p.shown)-1))
		return nil, true
	}
	if p.typed.key(msg) {
		p.search(p.typed.value())
	}
	return nil, true
}

// search shows the items that have the letters, in their order: what can be done before
// what cannot, names that begin so, then those that hold the letters in one piece,
// actions before explanations, and else the best match first.
func (p *palette) search(letters string) {
	p.shown, p.cursor, p.top = p.shown[:0], 0, 0
	if letters = strings.TrimSpace(letters); letters == "" {
		p.filter("")
		return
	}
	for _, match := range fuzzy.Find(letters, p.names) {
		p.shown = append(p.shown, match.Index)
	}
	rank := func(i int) (n int) {
		switch at := strings.Index(lower(p.names[i]), lower(letters)); {
		case at < 0:
			n = 4
		case at > 0:
			n = 2
		}
		if p.items[i].why != "" {
			n += 8
		}
		if strings.HasPrefix(p.names[i], explains) {
			n++
		}
		return n
	}
	slices.SortStableFunc(p.shown, func(a, b int) int { return rank(a) - rank(b) })
}

func (p *palette) footer(e *env, width int) string {
	return p.typed.line(e.theme, width, hint("enter", p.verb, "up/down", "move", "esc", "close"), hint("enter", p.verb, "esc", "close"), nil)
}
