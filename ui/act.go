package ui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/store"
	"plimsoll/ui/view"
)

// act handles the keys that do something with a package: the one under the
// cursor, or the one that is open. If whole, a table is shown, and an
// export takes all of it.
func act(e *env, row *store.Row, tab view.Tab, whole bool, msg tea.KeyMsg) (action, bool) {
	switch {
	case !key.Matches(msg, e.keys.Copy, e.keys.CopyLink, e.keys.Browse, e.keys.Export):
		return nil, false
	case key.Matches(msg, e.keys.Export) && whole:
		return exportShown(e), true
	case key.Matches(msg, e.keys.Copy):
		return covers(copyMenu(e, row, tab)), true
	case key.Matches(msg, e.keys.CopyLink):
		return copyLink(e, row), true
	case key.Matches(msg, e.keys.Browse):
		return covers(openMenu(e, row)), true
	default:
		return exportRow(row), true
	}
}

// action is what a screen asks of the model, or what a command that has ended
// leaves to be done; nil: nothing.
type action func(m *Model) tea.Cmd

// says tells a person something, cleaned.
func says(text string) action {
	return func(m *Model) tea.Cmd {
		m.say(text)
		return nil
	}
}

// does does something to the screen on top alone.
func does(something func()) action {
	return func(*Model) tea.Cmd {
		something()
		return nil
	}
}

// opens lays a screen on top.
func opens(s screen) action {
	return func(m *Model) tea.Cmd {
		m.stack = append(m.stack, s)
		return nil
	}
}

// covers lays an overlay over the screen; one that is there already gives way.
func covers(o overlay) action {
	return func(m *Model) tea.Cmd {
		m.overlay = o
		return nil
	}
}

// asks has rows checked again; those of a review all at once.
func asks(ids ...int) action {
	return func(m *Model) tea.Cmd {
		if m.here().review != nil {
			return m.startReview()
		}
		return m.ask(ids, false)
	}
}

func copies(c *copying) action { return func(m *Model) tea.Cmd { return m.copy(c) } }
