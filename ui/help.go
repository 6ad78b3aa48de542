package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"

	"plimsoll/ui/explain"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// helped is the screen that the help is about, as it was when help was asked for.
type helped struct {
	scope scope
	name  string
	why   map[*key.Binding]string // why keys cannot be used; "" for those that can
}

// helpPage lists the keys of the screen on top first, then those of the others, then
// what verdicts, signs and filters mean.
func helpPage(m *Model) *textScreen {
	on := &helped{scope: m.top().scope(), why: map[*key.Binding]string{}}
	for _, screen := range screens {
		if screen.scope == on.scope {
			on.name = screen.name
		}
	}
	if p, ok := m.top().(*textScreen); ok {
		on.name = p.title
	}
	for _, l := range m.keys.on(on.scope) {
		on.why[l.binding] = m.refuses(l.binding)
	}
	return &textScreen{title: "Help", about: on.name, text: on.text, of: func(k *Keys) *key.Binding { return &k.Help }}
}

func (on *helped) text(e *env, d *view.Doc) {
	g := glossary{e}
	d.Para(theme.Accent, "Keys of "+on.name+": those that work here")
	columns(d, on.keys(e, true))
	d.Blank()
	d.Para(theme.Accent, "What words, signs and filters mean")
	blocks := []block{g.verdicts, g.signs, g.filters}
	if e.review != nil {
		blocks = append([]block{g.review}, blocks...)
	}
	columns(d, blocks)
	d.Blank()
	d.Para(theme.Accent, "Keys of other screens")
	columns(d, on.keys(e, false))
}

// keys are a block for each group: the keys of the screen, or the others.
func (on *helped) keys(e *env, here bool) (blocks []block) {
	for _, group := range e.keys.movesLast() {
		var lines []keyLine
		for _, l := range group.keys {
			if (l.scope&on.scope != 0) == here {
				lines = append(lines, l)
			}
		}
		if len(lines) == 0 {
			continue
		}
		blocks = append(blocks, func(d *view.Doc) {
			d.Heading(group.title)
			for _, l := range lines {
				help, why := l.binding.Help(), on.why[l.binding]
				k, what := view.Span{Token: theme.Key, Text: help.Key}, view.Span{Text: help.Desc}
				switch {
				case !here:
					what.Text += " (" + where(l.scope) + ")"
				case why != "":
					k.Token, what.Token = theme.Muted, theme.Muted
					what.Text += " (not now: " + why + ")"
				}
				entry(d, k, what)
			}
		})
	}
	return blocks
}

// block is a part of a text that stays together in one column.
type block func(*view.Doc)

// entry is a word and what it means.
func entry(d *view.Doc, word, means view.Span) {
	word.Text = " " + theme.Fit(word.Text, max(theme.Width(word.Text), 11)) + " "
	d.Flow(word, means)
}

// twoColumns is the width from which blocks stand in two columns.
const twoColumns = 100 - 2*margin

// columns adds blocks, on a wide screen in two columns that are about as long.
func columns(d *view.Doc, blocks []block) {
	draw := func(width int, blocks []block) *view.Doc {
		part := view.NewDoc(d.Theme, width)
		for _, b := range blocks {
			b(part)
		}
		return part
	}
	if d.Width < twoColumns {
		d.Beside(draw(d.Width, blocks), draw(d.Width, nil))
		return
	}
	const gap = 3
	width := (d.Width - gap) / 2
	var left, right *view.Doc
	for n := range blocks {
		left, right = draw(width, blocks[:n+1]), draw(width, blocks[n+1:])
		if left.Len() >= right.Len() {
			break
		}
	}
	d.Beside(left, right)
}

// verdicts lists what can be on the screen.
func verdicts(file bool) []verify.Status {
	if file {
		return []verify.Status{verify.Invalid, verify.Unchecked, verify.Unbound, verify.Bound, verify.Pending}
	}
	return verify.Statuses()
}

// glossary says what is meant by what the screen shows.
type glossary struct{ e *env }

func (g glossary) verdicts(d *view.Doc) {
	d.Heading("What the verdicts mean")
	for _, status := range verdicts(g.e.file) {
		glyph, token := g.e.theme.Status(status)
		means, _ := explain.Of(explain.Status, status.String())
		entry(d, view.Span{Token: token, Text: glyph + " " + status.String()}, view.Span{Text: means.Is})
	}
	beside := func(severity verify.Severity, meaning string) {
		glyph, token := g.e.theme.Severity(severity)
		entry(d, view.Span{Token: token, Text: glyph + " " + severity.String()}, view.Span{Text: meaning})
	}
	beside(verify.SeverityError, "an error that stands beside the verdict: what a policy or a person demands is not so")
	beside(verify.Warning, "a warning that stands beside the verdict; WHY says which, and the Overview tab lists all")
	d.Blank()
	d.Flow(view.Span{Text: " "}, view.Span{Text: "A verdict says where a package comes from, not whether it is safe."})
	if g.e.trust != "" {
		d.Flow(view.Span{Text: " "}, view.Span{Text: g.e.trust})
	}
}

func (g glossary) signs(d *view.Doc) {
	d.Heading("What the signs mean")
	for _, s := range g.e.theme.Signs() {
		means := s.Means
		if s.Names != "" {
			means += " (" + s.Names + ")"
		}
		d.Flow(view.Span{Token: s.Token, Text: theme.Fit(" "+s.Glyph, 4)}, view.Span{Text: means})
	}
}

func (g glossary) filters(d *view.Doc) {
	d.Heading("What " + short(g.e.keys.Filter) + " takes")
	for _, f := range filterForms {
		entry(d, view.Span{Token: theme.Key, Text: f.form}, view.Span{Text: f.meaning})
	}
}

// review says what is judged of a change.
func (g glossary) review(d *view.Doc) {
	say := func(token theme.Token, head, text string) {
		entry(d, view.Span{Token: token, Text: head}, view.Span{Text: text})
	}
	d.Heading("What is said of a change")
	glyph, token := g.e.theme.Severity(verify.SeverityError)
	say(token, glyph+" fail",
		"evidence was lost, another publishes, what the change is judged by changes with it, or the package itself fails")
	glyph, token = g.e.theme.Status(verify.Unchecked)
	say(token, glyph+" unchecked", "one of the two sides could not be checked, so nothing tells what was lost")
	glyph, token = g.e.theme.Status(verify.Verified)
	say(token, glyph+" pass", "nothing was lost, and the package after the change is proven")
	say(theme.Plain, "  pass", "nothing was lost, and nothing was proven either; or the spec is gone")
	d.Blank()
	d.Flow(view.Span{Text: " "},
		view.Span{Text: "Policy and decisions are those of the base: whoever writes the change is judged by them."})
}

// where names the screens on which a key works, unless it works on all.
func where(s scope) string {
	var names []string
	for _, screen := range []struct {
		scope scope
		name  string
	}{{onPackages, "packages"}, {onPackage, "package"}, {onTree, "package: Statement, Raw"}, {onTriage, "triage"}, {onReview, "review"},
		{onSide, "change"}, {onChange, "change: tab 0"}, {onText, "pages of text"}, {onExplain, "explain"}} {
		if s&screen.scope != 0 {
			names = append(names, screen.name)
		}
	}
	return strings.Join(names, ", ")
}
