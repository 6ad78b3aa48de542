package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Keys is the one table of keys: the routing, the footer, the help and the
// manual are made from it. Plain letters only: no alt, nothing that a terminal
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
	Smaller, Larger, Explain, Commands                         key.Binding
	Triage, Coverage, Trust, Review, Chains, Side              key.Binding
	Accept, Known, Reject, Comment                             key.Binding
	Skip, SkipBack, Undo, Redo, Everywhere                     key.Binding

	refreshes bool      // RecheckFailed asks for everything
	groups    []group   // in the order of the help
	hints     []keyLine // those of the footer, in its order
}

// scope is a set of screens on which a key works.
type scope uint16

const (
	onPackages scope = 1 << iota
	onPackage
	onPage // help and messages
	onTree // a tab of the package screen that folds
	onTriage
	onReview   // the table of changes
	onSide     // the package screen of a change
	onChange   // both of its chains
	onChain    // the chain of custody of a package
	onExplain  // an explanation, which is a page
	onText     // a page of text, which can be searched
	onLeads    // a page whose lines lead to packages
	everywhere = onPackages | onPackage | onPage | onTriage | onReview
	anywhere   = ^scope(0)
)

// screens are the sets of scopes that can be on the screen together, and their names.
var screens = []struct {
	scope scope
	name  string
}{
	{onPackages, "packages"}, {onPackage, "package"},
	{onPackage | onChain, "package: Overview"}, {onPackage | onTree, "package: Statement, Raw"},
	{onPage | onText, "pages of text"}, {onPage | onText | onLeads, "coverage, trust, messages"}, {onPage | onExplain, "explain"},
	{onTriage, "triage"}, {onReview, "review"},
	{onPackage | onSide, "package of a change"}, {onPackage | onSide | onChain, "package of a change: Overview"},
	{onPackage | onSide | onTree, "package of a change: Statement, Raw"},
	{onPackage | onSide | onChain | onChange, "package of a change: tab 0"},
}

// onRow are the screens with a package under the cursor, or open.
const onRow = onPackages | onPackage | onTriage | onReview

// keyLine is one line of the table of keys.
type keyLine struct {
	binding *key.Binding
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

// newKeys returns the keys. If refreshes, the key that asks for all that failed
// asks for everything.
func newKeys(refreshes bool) *Keys {
	k := &Keys{refreshes: refreshes}
	k.groups = append(k.navigation(), k.actions()...)
	first := []*key.Binding{&k.Accept, &k.Known, &k.Reject, &k.Comment, &k.Open, &k.Tab, &k.Chains, &k.Side, &k.Filter, &k.Preset, &k.Undo,
		&k.Triage, &k.Commands, &k.Explain}
	rank := func(l keyLine) int {
		if at := slices.Index(first, l.binding); at >= 0 {
			return at
		}
		return len(first)
	}
	for _, l := range k.on(anywhere) {
		if l.hint != "" {
			k.hints = append(k.hints, l)
		}
	}
	slices.SortStableFunc(k.hints, func(a, b keyLine) int { return rank(a) - rank(b) })
	return k
}

// bind makes a key of keys: help and what are its name and its words in the help,
// hint those in the footer, or "" for none.
func bind(b *key.Binding, scope scope, hint, help, what string, keys ...string) keyLine {
	*b = key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, what))
	return keyLine{b, scope, hint}
}

// navigation is the keys that move, open, filter and mark.
func (k *Keys) navigation() []group {
	return []group{
		{"move", []keyLine{
			bind(&k.Down, everywhere, "", "j/↓", "down", "j", "down"),
			bind(&k.Up, everywhere, "", "k/↑", "up", "k", "up"),
			bind(&k.Top, everywhere, "", "g/home", "to the top", "g", "home"),
			bind(&k.Bottom, everywhere, "", "G/end", "to the end", "G", "end"),
			bind(&k.HalfDown, everywhere, "", "ctrl+d", "half a page down", "ctrl+d"),
			bind(&k.HalfUp, everywhere, "", "ctrl+u", "half a page up", "ctrl+u"),
			bind(&k.PageDown, everywhere, "", "pgdn/ctrl+f", "a page down", "pgdown", "ctrl+f"),
			bind(&k.PageUp, everywhere, "", "pgup/ctrl+b", "a page up", "pgup", "ctrl+b"),
		}},
		{"open and back", []keyLine{
			bind(&k.Open, onPackages|onTriage|onReview|onChange|onChain|onExplain|onLeads, "open",
				"enter/l", "open; on a chain of custody, the evidence of the link", "enter", "l"),
			bind(&k.Back, everywhere, "", "esc/h", "drop the marks, then the filter, then back", "esc", "h"),
			bind(&k.Leave, everywhere, "", "q", "back; quits from the packages", "q"),
			bind(&k.Quit, everywhere, "", "ctrl+c", "quit", "ctrl+c"),
			bind(&k.Suspend, everywhere, "", "ctrl+z", "suspend", "ctrl+z"),
		}},
		{"package", []keyLine{
			bind(&k.NextTab, onPackage, "", "tab", "next tab", "tab"),
			bind(&k.PreviousTab, onPackage, "", "shift+tab", "previous tab", "shift+tab"),
			bind(&k.Tab, onPackage, "tabs", "1-7", "a tab by its number", "1", "2", "3", "4", "5", "6", "7"),
			bind(&k.Chains, onSide, "change", "0", "both chains of custody, before and after the change", "0"),
			bind(&k.Side, onSide, "before/after", "b", "the package before the change, or after it", "b"),
			bind(&k.Fold, onTree, "fold", "enter", "fold or unfold the branch under the cursor", "enter"),
			bind(&k.Search, onPackage|onText, "search", "/", "search the tab, or the page", "/"),
			bind(&k.NextMatch, onPackage|onText, "", "n", "next match", "n"),
			bind(&k.PreviousMatch, onPackage|onText, "", "N", "previous match", "N"),
			bind(&k.Wrap, onPackage, "wrap", "w", "wrap long values", "w"),
			bind(&k.Next, onPackage, "", "J", "next package, or change", "J"),
			bind(&k.Previous, onPackage, "", "K", "previous package, or change", "K"),
		}},
		{"filter and sort", []keyLine{
			bind(&k.Filter, onPackages|onTriage|onReview|onExplain, "filter", "/", "filter what is listed", "/"),
			bind(&k.Preset, onPackages|onReview, nextPreset, "f", "next preset: not proven, failing and more", "f"),
			bind(&k.PreviousPreset, onPackages|onReview, "", "F", "previous preset", "F"),
			bind(&k.Sort, onPackages|onReview, "sort", "s", "sort by the next column", "s"),
			bind(&k.Reverse, onPackages|onReview, "", "S", "reverse the order", "S"),
		}},
		{"mark", []keyLine{
			bind(&k.Mark, onPackages, "mark", "space", "mark or unmark, and go down", " "),
			bind(&k.Range, onPackages, "", "v", "begin a range of marks, or end it", "v"),
			bind(&k.MarkAll, onPackages, "", "*", "mark all that is shown, or none of it", "*"),
		}},
	}
}

// actions is the keys that decide, act, and change what is shown.
func (k *Keys) actions() []group {
	recheckFailed := bind(&k.RecheckFailed, onPackages, "recheck failed",
		"R", "check again all that failed; with --watch or --every, everything", "R")
	if k.refreshes {
		recheckFailed = bind(&k.RecheckFailed, onPackages, "refresh all", "R", "check everything again", "R")
	}
	return []group{
		{"triage", []keyLine{
			bind(&k.Accept, onTriage, "accept", "a", "accept: write what is proven into the spec", "a"),
			bind(&k.Known, onTriage, "known", "x", "known: it is as it should be", "x"),
			bind(&k.Reject, onTriage, "reject", "!", "reject: it is wrong", "!"),
			bind(&k.Skip, onTriage, "", "n/space", "next finding", "n", " ", "J"),
			bind(&k.Undo, onRow, "undo", "z", "undo the last decision, or change of a spec", "z"),
			bind(&k.Comment, onTriage, "comment", "c", "comment; the finding stays open", "c"),
			bind(&k.SkipBack, onTriage, "", "N", "previous finding", "N", "K"),
			bind(&k.Redo, onRow, "redo", "Z", "redo what was taken back", "Z"),
			bind(&k.Everywhere, onTriage, "table's filter", "f", "the findings of all packages, or of those that the table shows", "f"),
		}},
		{"act", []keyLine{
			bind(&k.Triage, onPackages|onPackage|onReview, "triage", "t", "triage: decide about what was found", "t"),
			bind(&k.Review, onPackages, "review", "V", "review what the change of the catalog does", "V"),
			bind(&k.Copy, onRow, "copy", "y", "copy a value", "y"),
			bind(&k.CopyLink, onRow, "", "Y", "copy the link to the source; in a review, to the commits", "Y"),
			bind(&k.Browse, onRow|onExplain, "open link", "o", "open a link in the browser", "o"),
			bind(&k.Export, onRow, "export", "E", "write what is shown to a file", "E"),
			bind(&k.Recheck, onRow, "recheck", "r", "check the package, or the marked ones, again; in a review, the change", "r"),
			recheckFailed,
		}},
		{"view", []keyLine{
			bind(&k.Preview, onPackages|onReview, "preview", "p", "preview on and off", "p"),
			bind(&k.Smaller, onPackages|onReview, "", "<", "a smaller preview", "<"),
			bind(&k.Larger, onPackages|onReview, "", ">", "a larger preview", ">"),
			bind(&k.Columns, onPackages, "columns", "c", "fewer or more columns", "c"),
			bind(&k.Coverage, everywhere&^(onReview|onSide|onChange), "coverage", "D", "coverage: counts, and the change over time", "D"),
			bind(&k.Trust, everywhere, "", "T", "the trust in force: its source, version and age", "T"),
			bind(&k.Messages, everywhere, "messages", "M", "messages", "M"),
			bind(&k.Explain, everywhere, "explain", "i", "explain the word under the cursor: what it means, and what to do now", "i"),
			bind(&k.Commands, everywhere, "commands", ":", "every action by its name", ":"),
			bind(&k.FoldAll, onTree, "fold all", "-", "fold all branches; again: the outermost too", "-"),
			bind(&k.UnfoldAll, onTree, "", "+", "unfold all branches", "+", "="),
			bind(&k.Redraw, everywhere, "", "ctrl+l", "redraw", "ctrl+l"),
			bind(&k.Mouse, everywhere, "", "m", "take the mouse, or give it back", "m"),
			bind(&k.Help, everywhere, "help", "?", "help", "?"),
		}},
	}
}

// on returns the lines of a screen.
func (k *Keys) on(screen scope) (lines []keyLine) {
	for _, g := range k.groups {
		for _, l := range g.keys {
			if l.scope&screen != 0 {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// find returns the binding of a key on a screen, or nil if it has none there.
func (k *Keys) find(screen scope, msg tea.KeyMsg) *key.Binding {
	for _, g := range k.groups {
		for _, l := range g.keys {
			if l.scope&screen != 0 && key.Matches(msg, *l.binding) {
				return l.binding
			}
		}
	}
	return nil
}

// short is the first key of a binding.
func short(b key.Binding) string {
	keys := b.Help().Key
	if first, _, _ := strings.Cut(keys, "/"); first != "" {
		return first
	}
	return keys[:min(len(keys), 1)]
}

// movesLast are the groups, those keys last by which every list moves.
func (k *Keys) movesLast() []group {
	return append(k.groups[1:len(k.groups):len(k.groups)], k.groups[0])
}

// moves names the keys that go down and up.
func (k *Keys) moves() string { return short(k.Down) + "/" + short(k.Up) }

// Manual returns the keys for the manual page, in Markdown: what is in brackets is the
// name by which plimsoll.yaml binds an action.
func Manual() string {
	var b strings.Builder
	k := newKeys(false)
	names := k.named()
	for _, g := range k.groups {
		fmt.Fprintf(&b, "### %s\n\n", g.title)
		for _, l := range g.keys {
			help := l.binding.Help()
			fmt.Fprintf(&b, "`%s` (%s)\n: %s\n\n", help.Key, names[l.binding], help.Desc)
		}
	}
	return b.String()
}
