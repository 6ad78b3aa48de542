package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
)

// menu is a list to choose from, at the end of the body. If its items have keys, these
// choose; else the list moves with the keys of every other list and can be narrowed.
type menu struct {
	title  string // cleaned
	verb   string // what enter does, for the footer
	items  []item
	shown  []int // the items that the words narrow the list to
	cursor int   // place in shown
	top    int
	narrow *input // while it is typed
	words  string
	labels int // the most cells of the labels
	share  int // and the most twentieths of the screen
}

// item is one line of a menu.
type item struct {
	key   string // "" in lists
	label string // cleaned
	value string // cleaned
	why   string // why it cannot be chosen; "" if it can
	do    action
}

func newMenu(title, verb string, items []item) *menu {
	m := &menu{title: title, verb: verb, items: items, labels: 32, share: 8}
	m.filter("")
	for m.cursor < len(items)-1 && items[m.cursor].why != "" {
		m.cursor++
	}
	if len(items) > 0 && items[m.cursor].why != "" {
		m.cursor = 0
	}
	return m
}

// begin puts the cursor on the item with a key, if it can be chosen.
func (m *menu) begin(key string) *menu {
	if i := slices.IndexFunc(m.items, func(it item) bool { return it.key == key && it.why == "" }); i >= 0 {
		m.cursor = i
	}
	return m
}

// keyed reports whether keys choose.
func (m *menu) keyed() bool { return len(m.items) > 0 && m.items[0].key != "" }

// filter narrows the list to the items that hold every word.
func (m *menu) filter(words string) {
	m.words, m.shown = words, m.shown[:0]
	m.cursor, m.top = 0, 0
	for i := range m.items {
		text := strings.ToLower(m.items[i].label + " " + m.items[i].value)
		missing := func(word string) bool { return !strings.Contains(text, word) }
		if !slices.ContainsFunc(strings.Fields(strings.ToLower(words)), missing) {
			m.shown = append(m.shown, i)
		}
	}
}

func (m *menu) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	if m.narrow != nil {
		return m.narrowing(msg)
	}
	if msg.Paste {
		return nil, true
	}
	if m.keyed() {
		for i := range m.items {
			if msg.String() == m.items[i].key {
				return m.choose(i)
			}
		}
	}
	switch name := msg.String(); {
	case name == "esc" || name == "q":
		return nil, false
	case name == "enter" && len(m.shown) > 0:
		return m.choose(m.shown[m.cursor])
	case name == "/" && !m.keyed():
		narrow := newInput("/", m.words, maxFilter)
		m.narrow = &narrow
	default:
		if delta, ok := movement(e.keys, msg, m.height(f)); ok {
			m.cursor = max(0, min(m.cursor+delta, len(m.shown)-1))
		}
	}
	return nil, true
}

// narrowing edits the words that the list is narrowed by.
func (m *menu) narrowing(msg tea.KeyMsg) (action, bool) {
	switch msg.Type {
	case tea.KeyEnter:
		m.narrow = nil
	case tea.KeyEsc:
		m.narrow = nil
		m.filter("")
	default:
		if m.narrow.key(msg) {
			m.filter(m.narrow.value())
		}
	}
	return nil, true
}

func (m *menu) choose(i int) (action, bool) {
	if it := m.items[i]; it.why != "" {
		return says(it.label + ": " + it.why), true
	}
	return m.items[i].do, false
}

// height is how many items there is room for, below the title.
func (m *menu) height(f layout.Frame) int { return max(1, min(len(m.items), f.Body.H-1)) }

func (m *menu) draw(e *env, f layout.Frame) []string {
	h := m.height(f)
	m.top = max(0, min(m.top, m.cursor, len(m.shown)-h))
	m.top = max(m.top, m.cursor-h+1)
	lines := []string{m.heading(e, f.Width)}
	labels := 0
	for _, it := range m.items {
		labels = min(max(labels, theme.Width(it.label)), f.Width*m.share/20, m.labels)
	}
	for place := m.top; place < m.top+h; place++ {
		if place >= len(m.shown) {
			text := ""
			if place == 0 {
				text = "   nothing matches"
			}
			lines = append(lines, line{{theme.Muted, text}}.render(e.theme, f.Width))
			continue
		}
		lines = append(lines, m.line(e, &m.items[m.shown[place]], place == m.cursor, labels, f.Width))
	}
	return lines
}

// heading separates the menu from what it covers.
func (m *menu) heading(e *env, width int) string {
	count := ""
	if !m.keyed() {
		count = fmt.Sprintf(" %d of %d ", min(m.cursor+1, len(m.shown)), len(m.shown))
	}
	return rule(e.theme, m.title, count, width)
}

func (m *menu) line(e *env, it *item, cursor bool, labels, width int) string {
	mark, value, key := " ", it.value, theme.Key
	label, text := theme.Plain, theme.Muted
	if it.why != "" {
		key, label, value = theme.Muted, theme.Muted, it.why
	}
	if cursor {
		mark = e.theme.Glyph(theme.GlyphCursor)
		if it.why == "" {
			label, text = theme.Selected, theme.Plain
		}
	}
	l := line{{theme.Accent, mark}}
	if it.key != "" {
		l = l.add(theme.Plain, " ").add(key, it.key)
	}
	return l.add(theme.Plain, " ").add(label, theme.Fit(it.label, labels)).add(text, "  "+value).render(e.theme, width)
}

// hints is a footer with the first of the lines that there is room for.
func hints(e *env, width int, lines ...line) string {
	return append(line{{theme.Plain, " "}}, firstFit(width-1, lines...)...).render(e.theme, width)
}

func (m *menu) footer(e *env, width int) string {
	switch {
	case m.narrow != nil:
		return m.narrow.line(e.theme, width, hint("enter", "keep", "esc", "clear"), nil)
	case m.keyed():
		return hints(e, width, hint("a letter or enter", m.verb, "up/down", "move", "esc", "close"), hint("enter", m.verb, "esc", "close"))
	default:
		return hints(e, width, hint("enter", m.verb, e.keys.moves(), "move", "/", "narrow", "esc", "close"),
			hint("enter", m.verb, "/", "narrow", "esc", "close"))
	}
}
