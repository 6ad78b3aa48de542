package ui

import (
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/store"
	"plimsoll/ui/theme"
)

// prompt asks for the filter on the last line. The table follows every letter.
// The input's own drawing is not used: it has styles of its own.
type prompt struct{ input textinput.Model }

const maxFilter = 200 // characters

func newPrompt(filter string) *prompt {
	p := &prompt{textinput.New()}
	p.input.CharLimit = maxFilter
	p.input.KeyMap.Paste = key.NewBinding(key.WithDisabled()) // it would run a program
	p.input.SetValue(filter)
	p.input.Focus()
	return p
}

// key edits the filter. Enter keeps it, Escape clears it; then the prompt is
// done.
func (p *prompt) key(s *store.Store, msg tea.KeyMsg) (done bool) {
	switch msg.Type {
	case tea.KeyEnter:
		return true
	case tea.KeyEsc:
		s.SetFilter("")
		return true
	}
	p.input, _ = p.input.Update(msg)
	if value := p.input.Value(); value != s.Filter() {
		s.SetFilter(value)
	}
	return false
}

// draw shows the filter with the cursor in it.
func (p *prompt) draw(th *theme.Theme, width int) string {
	value := []rune(p.input.Value())
	at := min(max(p.input.Position(), 0), len(value))
	before, under, after := th.Text(string(value[:at])), " ", ""
	if at < len(value) {
		under, after = th.Text(string(value[at])), th.Text(string(value[at+1:]))
	}
	before = theme.CutLeft(before, width/2)
	left := line{{theme.Key, " /"}, {theme.Plain, before}, {theme.Selected, under}, {theme.Plain, after}}
	right := line{{theme.Key, "enter"}, {theme.Muted, " keep  "}, {theme.Key, "esc"}, {theme.Muted, " clear "}}
	if left.width()+right.width()+2 > width {
		right = nil
	}
	return spread(th, width, left, right)
}
