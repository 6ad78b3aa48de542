package ui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/store"
	"plimsoll/ui/view"
)

// act handles the keys that do something with a package: the one under the
// cursor, or the one that is open. whole says that a table is shown, so that
// an export takes all of it.
func act(e *env, row *store.Row, tab view.Tab, whole bool, msg tea.KeyMsg) (Action, bool) {
	switch {
	case !key.Matches(msg, e.keys.Copy, e.keys.CopyLink, e.keys.Browse, e.keys.Export):
		return Action{}, false
	case key.Matches(msg, e.keys.Export) && whole:
		return exportShown(e), true
	case row == nil:
		return Action{Say: "there is no package here"}, true
	case key.Matches(msg, e.keys.Copy):
		return Action{Overlay: copyMenu(e, row, tab)}, true
	case key.Matches(msg, e.keys.CopyLink):
		return copyLink(row), true
	case key.Matches(msg, e.keys.Browse):
		return Action{Overlay: openMenu(e, row)}, true
	default:
		return exportRow(row), true
	}
}

// result is what a command that has ended leaves to be done with the model.
type result func(m *Model) tea.Cmd

// says is the result of which a person is told, cleaned.
func says(text string) result {
	return func(m *Model) tea.Cmd {
		m.say(text)
		return nil
	}
}
