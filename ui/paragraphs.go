package ui

import (
	"strings"

	"plimsoll/ui/theme"
)

// paragraphs collects wrapped and painted lines. Texts must be cleaned.
type paragraphs struct {
	th    *theme.Theme
	width int
	lines []string
}

// put adds a paragraph behind an indent.
func (p *paragraphs) put(indent string, token theme.Token, text string) {
	p.lead(segment{theme.Plain, ""}, len(indent)-margin, token, text)
}

// lead adds a paragraph beside a word that takes so many cells; its further
// lines begin below its first.
func (p *paragraphs) lead(head segment, cells int, token theme.Token, text string) {
	cells = max(cells, 0)
	for i, part := range theme.Wrap(text, max(p.width-margin-cells-margin, 1)) {
		if i > 0 {
			head.text = ""
		}
		l := line{{theme.Plain, theme.Fit("", margin)}, {head.token, theme.Fit(head.text, cells)}, {token, part}}
		p.lines = append(p.lines, l.render(p.th, p.width))
	}
}

// field adds a value with its name; nothing where it is empty. The value comes
// from outside.
func (p *paragraphs) field(e *env, name, value string, token theme.Token) {
	if value != "" {
		p.lead(segment{theme.Muted, "  " + name}, 12, token, clip(e.theme, value))
	}
}

// sentence makes a sentence of a message: a full stop, and a capital letter
// unless its first word is the name of a file or a package.
func sentence(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if plain := strings.Trim(word, "abcdefghijklmnopqrstuvwxyz'") == ""; word != "" && plain {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if s != "" && !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
