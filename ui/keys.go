package ui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// Keys is the one table of keys: the routing, the footer, the help and the
// README are made from it. Plain letters only: no alt, nothing that a terminal
// multiplexer or flow control takes away.
type Keys struct {
	Down, Up, Top, Bottom, HalfDown, HalfUp, PageDown, PageUp key.Binding
	Open, Back, Leave, Quit, Suspend                          key.Binding
	NextTab, PreviousTab, Tab, Next, Previous, Wrap           key.Binding
	Filter, Sort, Reverse                                     key.Binding
	Recheck, RecheckFailed                                    key.Binding
	Preview, Messages, Help, Redraw                           key.Binding
}

// DefaultKeys returns the keys as they are.
func DefaultKeys() Keys {
	bind := func(help, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, what))
	}
	return Keys{
		Down:     bind("j/↓", "down", "j", "down"),
		Up:       bind("k/↑", "up", "k", "up"),
		Top:      bind("g/home", "to the top", "g", "home"),
		Bottom:   bind("G/end", "to the end", "G", "end"),
		HalfDown: bind("ctrl+d", "half a page down", "ctrl+d"),
		HalfUp:   bind("ctrl+u", "half a page up", "ctrl+u"),
		PageDown: bind("pgdn", "a page down", "pgdown"),
		PageUp:   bind("pgup", "a page up", "pgup"),

		Open:    bind("enter/l", "open", "enter", "l"),
		Back:    bind("esc/h", "clear the filter, or back", "esc", "h"),
		Leave:   bind("q", "back; quits from the packages", "q"),
		Quit:    bind("ctrl+c", "quit", "ctrl+c"),
		Suspend: bind("ctrl+z", "suspend", "ctrl+z"),

		NextTab:     bind("tab", "next tab", "tab"),
		PreviousTab: bind("shift+tab", "previous tab", "shift+tab"),
		Tab:         bind("1-6", "a tab by its number", "1", "2", "3", "4", "5", "6"),
		Next:        bind("J", "next package", "J"),
		Previous:    bind("K", "previous package", "K"),
		Wrap:        bind("w", "wrap long values", "w"),

		Filter:  bind("/", "filter", "/"),
		Sort:    bind("s", "sort by the next column", "s"),
		Reverse: bind("S", "reverse the order", "S"),

		Recheck:       bind("r", "check the package again", "r"),
		RecheckFailed: bind("R", "check again all that failed", "R"),

		Preview:  bind("p", "preview on and off", "p"),
		Messages: bind("M", "messages", "M"),
		Help:     bind("?", "help", "?"),
		Redraw:   bind("ctrl+l", "redraw", "ctrl+l"),
	}
}

// scope is the set of screens where a key works.
type scope uint8

const (
	onPackages scope = 1 << iota
	onPackage
	onPage     // help and messages
	everywhere = onPackages | onPackage | onPage
)

// entry is one line of the table of keys.
type entry struct {
	binding key.Binding
	scope   scope
	hint    string // the word in the footer; "" where the footer leaves it out
}

// group is a heading of the help and the keys below it.
type group struct {
	title   string
	entries []entry
}

// groups is the table of keys, in the order of the help.
func (k *Keys) groups() []group {
	return []group{
		{"move", []entry{
			{k.Down, everywhere, ""}, {k.Up, everywhere, ""},
			{k.Top, everywhere, ""}, {k.Bottom, everywhere, ""},
			{k.HalfDown, everywhere, ""}, {k.HalfUp, everywhere, ""},
			{k.PageDown, everywhere, ""}, {k.PageUp, everywhere, ""},
		}},
		{"open and back", []entry{
			{k.Open, onPackages, "open"}, {k.Back, everywhere, ""}, {k.Leave, everywhere, ""},
			{k.Quit, everywhere, ""}, {k.Suspend, everywhere, ""},
		}},
		{"package", []entry{
			{k.NextTab, onPackage, ""}, {k.PreviousTab, onPackage, ""}, {k.Tab, onPackage, "tabs"},
			{k.Next, onPackage, "next"}, {k.Previous, onPackage, "previous"}, {k.Wrap, onPackage, "wrap"},
		}},
		{"filter and sort", []entry{
			{k.Filter, onPackages, "filter"}, {k.Sort, onPackages, "sort"}, {k.Reverse, onPackages, "reverse"},
		}},
		{"act", []entry{
			{k.Recheck, onPackages | onPackage, "recheck"}, {k.RecheckFailed, onPackages, "recheck failed"},
		}},
		{"view", []entry{
			{k.Preview, onPackages, "preview"}, {k.Messages, everywhere, "messages"},
			{k.Redraw, everywhere, ""}, {k.Help, everywhere, "help"},
		}},
	}
}

// Markdown returns the table of keys for the README.
func (k *Keys) Markdown() string {
	var b strings.Builder
	b.WriteString("| group | key | does |\n|---|---|---|\n")
	for _, g := range k.groups() {
		for _, e := range g.entries {
			help := e.binding.Help()
			fmt.Fprintf(&b, "| %s | `%s` | %s |\n", g.title, help.Key, help.Desc)
		}
	}
	return b.String()
}
