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

// draw shows the filter with the cursor in it, and what is wrong with it.
func (p *prompt) draw(th *theme.Theme, problem string, width int) string {
	value := []rune(p.input.Value())
	at := min(max(p.input.Position(), 0), len(value))
	before, under, after := th.Text(string(value[:at])), " ", ""
	if at < len(value) {
		under, after = th.Text(string(value[at])), th.Text(string(value[at+1:]))
	}
	right := line{{theme.Key, "enter"}, {theme.Muted, " keep  "}, {theme.Key, "esc"}, {theme.Muted, " clear "}}
	if problem != "" {
		right = line{{theme.Warn, theme.Cut(th.Text(problem), width/2) + " "}}
	}
	const around = 5 // the slash, the cursor, and the gap before what is right
	before = theme.CutLeft(before, max(1, min(width/2, width-right.width()-around)))
	left := line{{theme.Key, " /"}, {theme.Plain, before}, {theme.Selected, under}, {theme.Plain, after}}
	if len(value) == 0 {
		left = left.add(theme.Muted, " words ~letters !not st: p: src: exp: rule: sev: slsa: pub:")
	}
	if problem == "" && left.width()+right.width()+2 > width {
		right = nil
	}
	return spread(th, width, left, right)
}

// filterForms explains what may be typed into the prompt.
var filterForms = []struct{ form, meaning string }{
	{"word", "occurs in the package, the server, the source, the reason or the status; several words: all of them"},
	{"\"a b\"", "the same, with a space, or a sign that would mean something"},
	{"~letters", "occur in this order in the package or the server"},
	{"!term", "does not hold: !word, !~letters, !st:verified"},
	{"st:inv,mis", "one of these statuses; the beginning of the word is enough"},
	{"p:npx", "the protocol: npx or npm, uvx or pypi; also proto:"},
	{"src:word", "occurs in the source; exp:word in the one that the spec expects"},
	{"rule:word", "a finding's rule, as the Overview tab and the JSON name it"},
	{"sev:warning", "a finding of this severity that nobody accepted; also sev:error, sev:info"},
	{"slsa:>=2", "the SLSA build level; also slsa:3, slsa:<2"},
	{"pub:github", "who published, as the certificate proves: github, gitlab, google, unknown, none"},
}
