package ui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// detail is the package screen: one package, six tabs.
type detail struct {
	row     int
	tab     int // index in view.Tabs
	wrap    bool
	scrolls map[int]*scroller // the place in each tab
	cache   detailCache
}

// detailCache holds the lines of what is on the screen, so that scrolling does
// not render a tab anew.
type detailCache struct {
	row, tab, width int
	wrap            bool
	report          *verify.Report
	lines           []string
}

// margin is the space on both sides of a tab.
const margin = 1

func (d *detail) scope() scope { return onPackage }

func (d *detail) wish() layout.Wish { return layout.Wish{Heading: true} }

func (d *detail) scroll() *scroller {
	if d.scrolls == nil {
		d.scrolls = map[int]*scroller{}
	}
	if d.scrolls[d.tab] == nil {
		d.scrolls[d.tab] = &scroller{}
	}
	return d.scrolls[d.tab]
}

func (d *detail) key(e *env, f layout.Frame, msg tea.KeyMsg) (Action, bool) {
	if d.scroll().key(e.keys, msg, len(d.lines(e, f.Body.W)), f.Body.H) {
		return Action{}, true
	}
	tabs := len(view.Tabs())
	switch {
	case key.Matches(msg, e.keys.NextTab):
		d.tab = (d.tab + 1) % tabs
	case key.Matches(msg, e.keys.PreviousTab):
		d.tab = (d.tab + tabs - 1) % tabs
	case key.Matches(msg, e.keys.Tab):
		d.tab = min(int(msg.Runes[0]-'1'), tabs-1)
	case key.Matches(msg, e.keys.Next):
		return d.step(e, 1), true
	case key.Matches(msg, e.keys.Previous):
		return d.step(e, -1), true
	case key.Matches(msg, e.keys.Wrap):
		d.wrap = !d.wrap
	case key.Matches(msg, e.keys.Recheck):
		return Action{Ask: []int{d.row}}, true
	default:
		return Action{}, false
	}
	return Action{}, true
}

// step goes to the next package of the table, which moves the table's cursor
// as well. The tab stays.
func (d *detail) step(e *env, delta int) Action {
	e.store.Move(delta)
	row := e.store.Cursor()
	if row == nil || row.ID == d.row {
		if delta > 0 {
			return Action{Say: "this is the last package shown"}
		}
		return Action{Say: "this is the first package shown"}
	}
	d.row, d.scrolls = row.ID, nil
	return Action{}
}

// lines renders the tab, or returns it as it was rendered before.
func (d *detail) lines(e *env, width int) []string {
	row := e.store.Row(d.row)
	if row == nil {
		return nil
	}
	now := detailCache{row: d.row, tab: d.tab, width: width, wrap: d.wrap, report: row.Report}
	if c := d.cache; c.lines == nil || c.row != now.row || c.tab != now.tab || c.width != now.width ||
		c.wrap != now.wrap || c.report != now.report {
		in := view.Input{Spec: row.Spec, Report: row.Report, Width: width - 2*margin, ASCII: e.theme.ASCII(), Wrap: d.wrap}
		now.lines = view.Lines(view.Tabs()[d.tab], in, e.theme)
		d.cache = now
	}
	return d.cache.lines
}

func (d *detail) crumb(e *env, f layout.Frame) (left, right line) {
	row := e.store.Row(d.row)
	if row == nil {
		return nil, nil
	}
	right = d.position(e, f)
	left = line{{theme.Muted, " Packages " + e.theme.Glyph(theme.GlyphCrumb) + " "}}
	if f.Width < layout.FullWidth {
		left = line{{theme.Plain, " "}}
	}
	glyph, token := e.theme.Status(row.Status)
	verdict := line{{token, "  " + glyph + " " + row.Status.String()}}
	if row.Waiting {
		verdict = verdict.add(theme.Muted, "  "+waitingFor(row))
	}
	// The verdict must be seen however long the name is.
	room := max(f.Width-left.width()-verdict.width()-right.width()-2, 0)
	left = left.add(theme.Accent, theme.Cut(row.Cells.Package+" "+row.Cells.Version, room))
	return append(left, verdict...), right
}

func waitingFor(row *store.Row) string {
	if row.Message != "" {
		return row.Message + "…"
	}
	return "waiting to be checked…"
}

// position says which part of the tab is on the screen, and where the package
// is among those shown.
func (d *detail) position(e *env, f layout.Frame) (right line) {
	if n := len(d.lines(e, f.Body.W)); n > f.Body.H && f.Width >= layout.FullWidth {
		first := min(d.scroll().top, n-f.Body.H)
		right = right.add(theme.Muted, fmt.Sprintf("lines %d–%d of %d   ", first+1, first+f.Body.H, n))
	}
	return right.add(theme.Muted, fmt.Sprintf("%d of %d ", e.store.Place()+1, e.store.Shown()))
}

func (d *detail) draw(e *env, f layout.Frame) content {
	c := content{heading: d.tabs(f.Heading.W).render(e.theme, f.Heading.W)}
	for _, text := range d.scroll().window(d.lines(e, f.Body.W), f.Body.H) {
		c.body = append(c.body, theme.Fit("", margin)+text)
	}
	return c
}

// tabs names every tab where there is room, and the current one always.
func (d *detail) tabs(width int) line {
	var names, numbers line
	for i, tab := range view.Tabs() {
		label := fmt.Sprintf(" %d %s ", i+1, tab.Title())
		token, short := theme.Muted, fmt.Sprintf(" %d ", i+1)
		if i == d.tab {
			token, short = theme.Selected, label
		}
		names = names.add(theme.Plain, " ").add(token, label)
		numbers = numbers.add(theme.Plain, " ").add(token, short)
	}
	return firstFit(width, names, numbers)
}
