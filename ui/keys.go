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
	Down, Up, Top, Bottom, HalfDown, HalfUp, PageDown, PageUp  key.Binding
	Open, Back, Leave, Quit, Suspend                           key.Binding
	NextTab, PreviousTab, Tab, Next, Previous, Wrap            key.Binding
	Search, NextMatch, PreviousMatch, Fold, FoldAll, UnfoldAll key.Binding
	Filter, Preset, PreviousPreset, Sort, Reverse              key.Binding
	Mark, Range, MarkAll                                       key.Binding
	Recheck, RecheckFailed, Copy, CopyLink, Browse, Export     key.Binding
	Preview, Columns, Messages, Help, Redraw, Mouse            key.Binding
	Triage, Coverage, Trust                                    key.Binding
	Accept, Known, Reject, Comment                             key.Binding
	Skip, SkipBack, Undo, Redo                                 key.Binding

	refreshes bool // RecheckFailed asks for everything
}

// defaultKeys returns the keys as they are.
func defaultKeys() Keys {
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
		Back:    bind("esc/h", "drop the marks, then the filter, then back", "esc", "h"),
		Leave:   bind("q", "back; quits from the packages", "q"),
		Quit:    bind("ctrl+c", "quit", "ctrl+c"),
		Suspend: bind("ctrl+z", "suspend", "ctrl+z"),

		NextTab:     bind("tab", "next tab", "tab"),
		PreviousTab: bind("shift+tab", "previous tab", "shift+tab"),
		Tab:         bind("1-7", "a tab by its number", "1", "2", "3", "4", "5", "6", "7"),
		Next:        bind("J", "next package", "J"),
		Previous:    bind("K", "previous package", "K"),
		Wrap:        bind("w", "wrap long values", "w"),

		Search:        bind("/", "search the tab", "/"),
		NextMatch:     bind("n", "next match", "n"),
		PreviousMatch: bind("N", "previous match", "N"),
		Fold:          bind("enter", "fold or unfold the branch under the cursor", "enter"),
		FoldAll:       bind("-", "fold all branches; again: the outermost too", "-"),
		UnfoldAll:     bind("+", "unfold all branches", "+", "="),

		Filter:         bind("/", "filter", "/"),
		Preset:         bind("f", "show what is not proven, failing, …", "f"),
		PreviousPreset: bind("F", "the same, backwards", "F"),
		Sort:           bind("s", "sort by the next column", "s"),
		Reverse:        bind("S", "reverse the order", "S"),

		Mark:    bind("space", "mark or unmark, and go down", " "),
		Range:   bind("v", "begin a range of marks, or end it", "v"),
		MarkAll: bind("*", "mark all that is shown, or none of it", "*"),

		Recheck:       bind("r", "check the package, or the marked ones, again", "r"),
		RecheckFailed: bind("R", "check again all that failed; with --watch or --every, everything", "R"),
		Copy:          bind("y", "copy a value", "y"),
		CopyLink:      bind("Y", "copy the link to the source", "Y"),
		Browse:        bind("o", "open a link in the browser", "o"),
		Export:        bind("E", "write what is shown to a file", "E"),

		Preview:  bind("p", "preview on and off", "p"),
		Columns:  bind("c", "fewer or more columns", "c"),
		Messages: bind("M", "messages", "M"),
		Help:     bind("?", "help", "?"),
		Redraw:   bind("ctrl+l", "redraw", "ctrl+l"),
		Mouse:    bind("m", "take the mouse, or give it back", "m"),

		Triage:   bind("t", "decide about what was found", "t"),
		Coverage: bind("D", "coverage: counts, and the change over time", "D"),
		Trust:    bind("T", "the trust in force: its source, version and age", "T"),

		Accept:   bind("a", "accept: write what is proven into the spec", "a"),
		Known:    bind("x", "known: it is as it should be", "x"),
		Reject:   bind("!", "reject: it is wrong", "!"),
		Comment:  bind("c", "comment; the finding stays open", "c"),
		Skip:     bind("n/space", "next finding", "n", " ", "J"),
		SkipBack: bind("N", "previous finding", "N", "K"),
		Undo:     bind("z", "take the last decision back", "z"),
		Redo:     bind("Z", "make it again", "Z"),
	}
}

// refresh makes the key that asks for all that failed ask for everything.
func (k *Keys) refresh() {
	k.refreshes = true
	k.RecheckFailed.SetHelp(k.RecheckFailed.Help().Key, "check everything again")
}

func (k *Keys) recheckHint() string {
	if k.refreshes {
		return "refresh all"
	}
	return "recheck failed"
}

// scope is a set of screens on which a key works.
type scope uint8

const (
	onPackages scope = 1 << iota
	onPackage
	onPage // help and messages
	onTree // a tab of the package screen that folds
	onTriage
	everywhere = onPackages | onPackage | onPage | onTriage
)

// onRow are the screens with a package under the cursor, or open.
const onRow = onPackages | onPackage | onTriage

// keyLine is one line of the table of keys.
type keyLine struct {
	binding key.Binding
	scope   scope
	hint    string // the word in the footer; "" if the footer leaves it out
}

// nextPreset stands in the table for the name of what the key would show.
const nextPreset = "next preset"

// group is a heading of the help and the keys below it.
type group struct {
	title string
	keys  []keyLine
}

// groups is the table of keys, in the order of the help.
func (k *Keys) groups() []group {
	return []group{
		{"move", []keyLine{
			{k.Down, everywhere, ""}, {k.Up, everywhere, ""},
			{k.Top, everywhere, ""}, {k.Bottom, everywhere, ""},
			{k.HalfDown, everywhere, ""}, {k.HalfUp, everywhere, ""},
			{k.PageDown, everywhere, ""}, {k.PageUp, everywhere, ""},
		}},
		{"open and back", []keyLine{
			{k.Open, onPackages | onTriage, "open"}, {k.Back, everywhere, ""}, {k.Leave, everywhere, ""},
			{k.Quit, everywhere, ""}, {k.Suspend, everywhere, ""},
		}},
		{"package", []keyLine{
			{k.NextTab, onPackage, ""}, {k.PreviousTab, onPackage, ""}, {k.Tab, onPackage, "tabs"},
			{k.Fold, onTree, "fold"}, {k.Search, onPackage, "search"}, {k.NextMatch, onPackage, ""}, {k.PreviousMatch, onPackage, ""},
			{k.Wrap, onPackage, "wrap"}, {k.Next, onPackage, ""}, {k.Previous, onPackage, ""},
		}},
		{"filter and sort", []keyLine{
			{k.Filter, onPackages, "filter"}, {k.Preset, onPackages, nextPreset}, {k.PreviousPreset, onPackages, ""},
			{k.Sort, onPackages, "sort"}, {k.Reverse, onPackages, ""},
		}},
		{"mark", []keyLine{
			{k.Mark, onPackages, "mark"}, {k.Range, onPackages, ""}, {k.MarkAll, onPackages, ""},
		}},
		{"triage", []keyLine{
			{k.Accept, onTriage, "accept"}, {k.Known, onTriage, "known"}, {k.Reject, onTriage, "reject"},
			{k.Skip, onTriage, "skip"}, {k.Undo, onTriage, "undo"}, {k.Comment, onTriage, "comment"}, {k.SkipBack, onTriage, ""}, {k.Redo, onTriage, "redo"},
		}},
		{"act", []keyLine{
			{k.Triage, onPackages | onPackage, "triage"},
			{k.Copy, onRow, "copy"}, {k.CopyLink, onRow, ""},
			{k.Browse, onRow, "open link"}, {k.Export, onRow, "export"},
			{k.Recheck, onRow, "recheck"}, {k.RecheckFailed, onPackages, k.recheckHint()},
		}},
		{"view", []keyLine{
			{k.Preview, onPackages, "preview"}, {k.Columns, onPackages, "columns"}, {k.Coverage, everywhere, "coverage"}, {k.Trust, everywhere, ""}, {k.Messages, everywhere, "messages"},
			{k.FoldAll, onTree, "fold all"}, {k.UnfoldAll, onTree, ""}, {k.Redraw, everywhere, ""}, {k.Mouse, everywhere, ""}, {k.Help, everywhere, "help"},
		}},
	}
}

// Markdown returns the table of keys for the README.
func (k *Keys) Markdown() string {
	var b strings.Builder
	b.WriteString("| group | key | does |\n|---|---|---|\n")
	for _, g := range k.groups() {
		for _, e := range g.keys {
			help := e.binding.Help()
			fmt.Fprintf(&b, "| %s | `%s` | %s |\n", g.title, help.Key, help.Desc)
		}
	}
	return b.String()
}
