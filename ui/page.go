package ui

import (
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
)

// textScreen is a screen of text that does not change: the help.
type textScreen struct {
	title string
	about string // tells two texts of one title apart
	text  func(e *env, d *view.Doc)
	query string // what it is searched for
	place pager
	made  memo[int, bool] // by width
}

func (p *textScreen) pager(e *env, width int) *pager {
	p.made.get(width, func() bool {
		d := view.NewDoc(e.theme, width-2*margin)
		p.text(e, d)
		p.place.spot = -1
		p.place.set(view.Page{Lines: d.Page().Lines})
		return true
	})
	if p.place.search.query != p.query {
		p.place.search.run(p.query)
	}
	return &p.place
}

func (p *textScreen) sought() *string { return &p.query }

// inset moves lines to the right by the margin.
func inset(lines []string) []string {
	for i, l := range lines {
		if l != "" {
			lines[i] = theme.Fit("", margin) + l
		}
	}
	return lines
}

func (p *textScreen) scope() scope { return onPage | onText }

func (p *textScreen) wish() layout.Wish { return layout.Wish{} }

func (p *textScreen) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	text := p.pager(e, f.Body.W)
	switch {
	case key.Matches(msg, e.keys.Search):
		return covers(newSearchPrompt(p, text)), true
	case key.Matches(msg, e.keys.NextMatch):
		return again(p, e, f, true), true
	case key.Matches(msg, e.keys.PreviousMatch):
		return again(p, e, f, false), true
	case key.Matches(msg, e.keys.Back) && p.query != "":
		find(p, e, f, "")
		return nil, true
	}
	return nil, text.key(e.keys, msg, f.Body.H)
}

func (p *textScreen) crumb(e *env, f layout.Frame) (left, right line) {
	text := p.pager(e, f.Body.W)
	right = text.search.found(e, f.Width)
	if lines := text.scroller.position(len(text.visible), f.Body.H); lines != "" {
		right = right.add(theme.Muted, lines+" ")
	}
	return line{{theme.Accent, " " + p.title}}, right
}

func (p *textScreen) draw(e *env, f layout.Frame) content {
	return content{body: p.pager(e, f.Body.W).draw(e, f.Body.W, f.Body.H)}
}

func (p *textScreen) word(*env) string { return p.title }

// journal keeps what was said.
type journal struct {
	messages []message
	said     int // in all
}

type message struct {
	time time.Time
	text string
	lead view.Lead // to the packages that it speaks of; zero if to none
}

const maxMessages = 500

func (j *journal) add(now time.Time, text string, lead view.Lead) {
	if len(j.messages) >= maxMessages {
		j.messages = slices.Delete(j.messages, 0, len(j.messages)-maxMessages+1)
	}
	j.messages = append(j.messages, message{now, text, lead})
	j.said++
}

// page shows the messages, the newest first.
func (j *journal) page() *leadPage {
	return &leadPage{title: "Messages", version: func() int { return j.said }, text: func(_ *env, d *view.Doc) { j.text(d) }}
}

func (j *journal) text(d *view.Doc) {
	if len(j.messages) == 0 {
		d.Para(theme.Muted, "Nothing has been said yet.")
	}
	for _, m := range slices.Backward(j.messages) {
		if l := m.lead; l.Filter != "" || l.Spec != "" || len(l.Rows) > 0 {
			d.LeadTo(l)
		}
		d.Flow(view.Span{Token: theme.Muted, Text: m.time.Format(time.TimeOnly) + "  "}, view.Span{Text: m.text})
	}
}
