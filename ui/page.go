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

// textScreen is a screen of text: the help, the coverage, the trust, the messages. Lines
// of those but the help lead to the packages that they speak of.
type textScreen struct {
	title   string
	about   string // tells two texts of one title apart
	text    func(e *env, d *view.Doc)
	version func() int               // another number means another text; nil: it never changes
	of      func(*Keys) *key.Binding // the key that opens it
	query   string                   // what it is searched for
	place   pager                    // a cursor walks along the lines that lead on
	leads   []view.Lead              // by the number of the spot
	made    memo[[2]int, bool]       // by width and version
}

func (p *textScreen) pager(e *env, width int) *pager {
	version := 0
	if p.version != nil {
		version = p.version()
	}
	p.made.get([2]int{width, version}, func() bool {
		d := view.NewDoc(e.theme, width-2*margin)
		p.text(e, d)
		p.leads = nil
		if e.review == nil && !e.file { // else there is no table of packages to lead to
			p.leads = d.Leads()
		}
		p.place.set(view.Page{Lines: d.Page().Lines, Spots: leadSpots(p.leads)})
		if p.place.spot < 0 && len(p.leads) > 0 {
			p.place.spot = 0
		}
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

func (p *textScreen) scope() scope {
	if p.place.walking {
		return onPage | onText | onLeads
	}
	return onPage | onText
}

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
	case text.walking && key.Matches(msg, e.keys.Open):
		return p.follow(f), true
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

// screen shows the messages, the newest first.
func (j *journal) screen() *textScreen {
	return leadPage("Messages", func(k *Keys) *key.Binding { return &k.Messages }, func() int { return j.said },
		func(_ *env, d *view.Doc) { j.text(d) })
}

func (j *journal) text(d *view.Doc) {
	if len(j.messages) == 0 {
		d.Para(theme.Muted, "Nothing has been said yet.")
	}
	day, last := "", len(j.messages)-1
	for i, m := range slices.Backward(j.messages) {
		if is := m.time.Format(time.DateOnly); is != day { // of one day alone, nobody asks which
			if day = is; is != j.messages[0].time.Format(time.DateOnly) || i < last {
				d.Heading(day)
			}
		}
		d.LeadTo(m.lead)
		d.Flow(view.Span{Token: theme.Muted, Text: m.time.Format(time.TimeOnly) + "  "}, view.Span{Text: m.text})
	}
}
