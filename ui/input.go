package ui

import (
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
)

// input is a line that is typed in the footer: an overlay that has one covers
// nothing. The library's own drawing is not used: it has styles of its own.
type input struct {
	label   string
	example string // shown while nothing has been typed
	model   textinput.Model
}

func newInput(label, value string, limit int) input {
	in := input{label: label, model: textinput.New()}
	in.model.CharLimit = limit
	in.model.KeyMap.Paste = key.NewBinding(key.WithDisabled()) // it would run a program
	in.model.SetValue(value)
	in.model.Focus()
	return in
}

func (in *input) draw(*env, layout.Frame) []string { return nil }

func (in *input) value() string { return in.model.Value() }

// key edits the line and reports whether that changed it.
func (in *input) key(msg tea.KeyMsg) bool {
	before := in.value()
	in.model, _ = in.model.Update(msg)
	return in.value() != before
}

// line shows what is typed with the cursor in it, and beside it the first of the
// hints, from the most to the least talkative, that there is room for. The last
// always has room.
func (in *input) line(th *theme.Theme, width int, hints ...line) string {
	value := []rune(in.value())
	at := min(max(in.model.Position(), 0), len(value))
	before, under, after := th.Text(string(value[:at])), " ", ""
	if at < len(value) {
		under, after = th.Text(string(value[at])), th.Text(string(value[at+1:]))
	}
	const around = 4 // the space before the label, and what lies between the line and a hint
	room := width - theme.Width(in.label) - theme.Width(under) - hints[len(hints)-1].width() - around
	left := line{{theme.Key, " " + in.label}, {theme.Plain, theme.CutLeft(before, max(room, 1))}, {theme.Selected, under}, {theme.Plain, after}}
	if len(value) == 0 {
		left = left.add(theme.Muted, in.example)
	}
	return spread(th, width, left, firstFit(width-left.width()-minGap, hints...))
}

// hint says what keys do: a key, its word, a key, its word.
func hint(words ...string) (l line) {
	for i := 0; i+1 < len(words); i += 2 {
		l = l.add(theme.Key, words[i]).add(theme.Muted, " "+words[i+1]+"  ")
	}
	return l
}
