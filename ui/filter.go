package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
)

// maxFilter bounds what is typed to filter or search by, in characters.
const maxFilter = 200

// filterPrompt asks for the filter. What is shown follows every letter.
type filterPrompt struct {
	input
	of filtered
}

// filtered is what a filter narrows: a table, or the findings of triage.
type filtered interface {
	Filter() string
	SetFilter(string)
	Problem() string
}

func newFilterPrompt(of filtered) *filterPrompt {
	p := &filterPrompt{newInput("/", of.Filter(), maxFilter), of}
	p.example = " words ~letters !not st: p: src: exp: rule: sev: slsa: pub:"
	return p
}

// key edits the filter. Enter keeps it, Escape clears it.
func (p *filterPrompt) key(_ *env, _ layout.Frame, msg tea.KeyMsg) (action, bool) {
	switch msg.Type {
	case tea.KeyEnter:
		return nil, false
	case tea.KeyEsc:
		p.of.SetFilter("")
		return nil, false
	}
	if p.input.key(msg) {
		p.of.SetFilter(p.value())
	}
	return nil, true
}

// footer shows the filter, and what is wrong with it.
func (p *filterPrompt) footer(e *env, width int) string {
	if problem := p.of.Problem(); problem != "" {
		return p.line(e.theme, width, line{{theme.Warn, theme.Cut(e.theme.Text(problem), width/2) + " "}})
	}
	return p.line(e.theme, width, hint("enter", "keep", "esc", "clear"), nil)
}

// filterForms explains what may be typed into the prompt.
var filterForms = []struct{ form, meaning string }{
	{"word", "occurs in the package, the server, the source, the reason or the status; several words: all of them"},
	{"\"a b\"", "the same, with a space, or a sign that would mean something"},
	{"~letters", "occur in this order in the package or the server"},
	{"!term", "does not hold: !word, !~letters, !st:verified"},
	{"st:inv,mis", "one of these statuses; the beginning of the word is enough"},
	{"p:npx", "the protocol: npx or npm, uvx or pypi, go; also proto:"},
	{"src:word", "occurs in the source; exp:word in the one that the spec expects"},
	{"rule:word", "a finding's rule, as the Overview tab and the JSON name it"},
	{"sev:warning", "a finding of this severity that nobody accepted; also sev:error, sev:info"},
	{"slsa:>=2", "the SLSA build level; also slsa:3, slsa:<2"},
	{"pub:github", "who published, as the certificate proves: github, gitlab, google, unknown, none"},
}
