package ui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
)

// leadPage is a text about packages: the coverage, the trust, the messages. Lines of it
// lead to those that they speak of.
type leadPage struct {
	leading
	title   string
	text    func(e *env, d *view.Doc)
	version func() int             // another number means another text
	opens   *key.Binding           // the key of the page
	made    memo[[2]int, leadText] // by width and version
}

// leadText is a text, and where its lines lead to.
type leadText struct {
	leadLines
	leads []view.Lead
}

func (p *leadPage) content(e *env, width int) leadText {
	return p.made.get([2]int{width, p.version()}, func() (t leadText) {
		d := view.NewDoc(e.theme, width-2*margin)
		p.text(e, d)
		t.lines = d.Lines()
		if e.review == nil && !e.file { // else there is no table of packages to lead to
			t.leads = d.Leads()
		}
		for _, l := range t.leads {
			t.at = append(t.at, l.Line)
		}
		return t
	})
}

func (p *leadPage) scope() scope { return onPage | onLeads }

func (p *leadPage) wish() layout.Wish { return layout.Wish{} }

func (p *leadPage) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	t := p.content(e, f.Body.W)
	if p.leading.key(e.keys, msg, t.leadLines, f.Body.H) {
		return nil, true
	}
	if key.Matches(msg, e.keys.Open) {
		return p.open(t, f), true
	}
	return nil, false
}

// open goes where the line under the cursor leads, if it is on the screen.
func (p *leadPage) open(t leadText, f layout.Frame) action {
	if !p.seen(t.leadLines, f.Body.H) {
		return says("no line on the screen leads to packages")
	}
	to := t.leads[p.at]
	return func(m *Model) tea.Cmd { return m.goTo(to) }
}

func (p *leadPage) refuses(e *env, b *key.Binding) string {
	switch {
	case b == p.opens:
		return "this is " + p.title
	case b == &e.keys.Open && p.made.made && len(p.made.value.leads) == 0:
		return "no line here leads to packages"
	}
	return ""
}

func (p *leadPage) word(*env) string { return p.title }

func (p *leadPage) crumb(e *env, f layout.Frame) (left, right line) {
	return line{{theme.Accent, " " + p.title}}, p.place(p.content(e, f.Body.W).leadLines, f.Body.H)
}

func (p *leadPage) draw(e *env, f layout.Frame) content {
	return content{body: p.leading.draw(e.theme, p.content(e, f.Body.W).leadLines, f.Body.H)}
}

func (p *leadPage) wheel(e *env, f layout.Frame, delta int) {
	p.roll(delta, p.content(e, f.Body.W).leadLines, f.Body.H)
}

// click puts the cursor on a line that leads on.
func (p *leadPage) click(e *env, f layout.Frame, x, y int) {
	if at, ok := p.clicked(p.content(e, f.Body.W).leadLines, f.Body, x, y); ok {
		p.at = at
	}
}

// openPage lays the page of a key on the stack, or brings it back: there is one of each.
func (m *Model) openPage(opens *key.Binding, p *leadPage) {
	p.opens = opens
	same := func(s screen) bool { old, ok := s.(*leadPage); return ok && old.opens == opens }
	if i := slices.IndexFunc(m.stack, same); i >= 0 {
		p = m.stack[i].(*leadPage)
	}
	m.lay(p, same)
}

// led is where a page led to the table from, and what that showed before.
type led struct {
	stack  []screen
	filter string
	preset store.Preset
	shown  string // the filter that it led to; "" for rows
}

// goTo opens a package, or shows in the table those that a line speaks of; esc leads
// back.
func (m *Model) goTo(l view.Lead) tea.Cmd {
	rows := l.Rows
	if row := m.store.At(untrusted.Text(l.Spec)); l.Spec != "" {
		if row == nil {
			m.say("the spec is not in the catalog now: " + clip(m.theme, l.Spec))
			return nil
		}
		rows = []int{row.ID}
	}
	if len(rows) == 1 {
		m.stack = append(m.stack, &detail{row: rows[0]})
		return nil
	}
	from := &led{stack: m.stack, filter: m.store.Filter(), preset: m.store.Preset(), shown: l.Filter}
	if before := m.home.led; before.holds(m.store) { // the table shows no choice of a person's
		from.filter, from.preset = before.filter, before.preset
	}
	m.home.led = from
	m.stack = m.stack[:1:1]
	if l.Filter != "" {
		m.store.SetPreset(store.All)
		m.store.SetFilter(l.Filter)
		return nil
	}
	of := make(map[int]bool, len(rows))
	for _, id := range rows {
		of[id] = true
	}
	m.store.SetFilter("")
	name := untrusted.Plural(len(rows), "package") + " of a message"
	m.store.Lead(store.Question{Name: name, Holds: func(row *store.Row) bool { return of[row.ID] }})
	return nil
}

// holds reports whether the table still shows what a page led to.
func (l *led) holds(s *store.Store) bool {
	return l != nil && s.Filter() == l.shown && (l.shown == "") == (s.Preset() == store.Led) && (l.shown == "" || s.Preset() == store.All)
}

// back returns to the page that led here, if the table still shows what it led to.
func (l *led) back(s *store.Store) action {
	if !l.holds(s) {
		return nil
	}
	return func(m *Model) tea.Cmd {
		m.store.SetFilter(l.filter)
		m.store.SetPreset(l.preset)
		m.stack, m.home.led = l.stack, nil
		return nil
	}
}
