package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// detail is the package screen: one package, seven tabs.
type detail struct {
	row      int // below 0: the package before a change
	tab      view.Tab
	reviewed bool // it is the package of a change
	wrap     bool
	query    string              // what the tabs are searched for
	goal     goal                // the evidence that was gone to
	pagers   map[view.Tab]*pager // each keeps its place
}

// drawn is what a tab was rendered from, so that scrolling does not render it
// anew.
type drawn struct {
	row, width int
	wrap       bool
	report     *verify.Report
	dossier    *verify.Dossier
	problem    string // why its evidence is not here
	change     *review.Change
	seen       int       // of the Change tab only, see triageState
	past       view.Past // of the History tab only
	asOf       time.Time // to the minute
}

// margin is the space on both sides of a tab.
const margin = 1

func (d *detail) scope() scope {
	s := onPackage
	if d.tab.Folds() {
		s |= onTree
	}
	if d.reviewed {
		s |= onSide
	}
	switch d.tab {
	case view.Change:
		s |= onChange
	case view.Overview:
		s |= onChain
	}
	return s
}

// cycle goes to another tab, round and round.
func (d *detail) cycle(delta int) {
	first := view.Overview
	if d.reviewed {
		first = view.Change
	}
	n := view.Tab(len(view.Tabs())) - first
	d.show((d.tab-first+view.Tab(delta)+n)%n + first)
}

func (d *detail) wish() layout.Wish { return layout.Wish{Heading: true} }

// pager returns the tab as it is now.
func (d *detail) pager(e *env, width int) *pager {
	if d.pagers == nil {
		d.pagers = map[view.Tab]*pager{}
	}
	p := d.pagers[d.tab]
	if p == nil {
		p = &pager{walking: walks(d.tab), spot: -1}
		d.pagers[d.tab] = p
	}
	row := e.row(d.row)
	if row == nil {
		return p
	}
	if d.tab == view.Change {
		return d.chains(e, p, row, width)
	}
	now := drawn{row: d.row, report: row.Report, width: width, wrap: d.wrap, asOf: e.asOf().Truncate(time.Minute)}
	now.dossier, now.problem = e.dossier(row)
	if d.tab == view.History {
		now.past = e.history(row)
	}
	if p.drawn != now {
		if p.drawn.report != now.report || p.drawn.dossier != now.dossier {
			p.folded = nil
		}
		p.drawn = now
		in := view.Input{Spec: *row.Spec, Report: now.report, Dossier: now.dossier, Problem: now.problem,
			Width: width - gutter(d.tab.Folds()) - margin, Wrap: d.wrap, Past: now.past, Now: e.asOf()}
		p.set(view.Render(d.tab, in, e.theme))
	}
	if p.search.query != d.query {
		p.search.run(d.query)
	}
	return p
}

func (d *detail) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	p := d.pager(e, f.Body.W)
	if p.key(e.keys, msg, f.Body.H) {
		return nil, true
	}
	switch {
	case key.Matches(msg, e.keys.NextTab):
		d.cycle(1)
	case key.Matches(msg, e.keys.PreviousTab):
		d.cycle(-1)
	case key.Matches(msg, e.keys.Tab):
		d.show(view.Tab(min(slices.Index(e.keys.Tab.Keys(), msg.String()), len(view.Tabs())-1)))
	case d.reviewed && key.Matches(msg, e.keys.Chains):
		d.show(view.Change)
	case d.reviewed && key.Matches(msg, e.keys.Side):
		d.otherSide()
	case walks(d.tab) && key.Matches(msg, e.keys.Open):
		return d.follow(e, f), true
	case key.Matches(msg, e.keys.Next):
		d.step(e, 1)
	case key.Matches(msg, e.keys.Previous):
		d.step(e, -1)
	case key.Matches(msg, e.keys.Wrap):
		d.wrap = !d.wrap
		if d.wrap {
			return says("long values are shown whole"), true
		}
		return says("long values are cut"), true
	case key.Matches(msg, e.keys.Search):
		return covers(newSearchPrompt(d, p)), true
	case key.Matches(msg, e.keys.NextMatch):
		return again(d, e, f, true), true
	case key.Matches(msg, e.keys.PreviousMatch):
		return again(d, e, f, false), true
	case key.Matches(msg, e.keys.Back) && d.query != "":
		find(d, e, f, "")
	case key.Matches(msg, e.keys.Back) && d.goBack():
	case key.Matches(msg, e.keys.Recheck) && d.tab == view.History && e.histories.failed(e.row(d.row)):
		e.histories.forget(d.row)
	case key.Matches(msg, e.keys.Recheck):
		e.dossiers.forget(d.row)
		return asks(d.row), true
	case d.tab == view.Overview && key.Matches(msg, e.keys.Browse):
		return covers(openMenu(e, e.row(d.row)).begin(p.link())), true
	default:
		return act(e, e.row(d.row), d.tab, false, msg)
	}
	return nil, true
}

// step goes to the next package of the table, which moves the table's cursor
// as well. The tab stays.
func (d *detail) step(e *env, delta int) {
	id := max(d.row, ^d.row)
	if here := e.store.Row(id); here == nil || !here.Gone { // else the cursor is on the next one already
		e.store.Move(delta)
	}
	row := e.store.Cursor()
	if row == nil || row.ID == id {
		return
	}
	side := d.row
	d.row, d.pagers, d.goal = row.ID, nil, goal{}
	if side < 0 && e.review.before(row.ID) != nil {
		d.row = ^row.ID
	}
}

func (d *detail) crumb(e *env, f layout.Frame) (left, right line) {
	row := e.row(d.row)
	if row == nil {
		return nil, nil
	}
	name := func(room int) line { return e.named(row, theme.Accent, room) }
	from := "Packages"
	if e.review != nil {
		from = "Review"
		name = func(room int) line { return d.changeName(e, row, room) }
	}
	whole := name(far).width() + 1 + minGap
	if right = d.position(e, f, true); whole+right.width() > f.Width {
		right = d.position(e, f, false) // the name matters more than which lines are shown
	}
	left = line{{theme.Muted, " " + from + " " + e.theme.Glyph(theme.GlyphCrumb) + " "}}
	if e.file || whole+left.width()+right.width() > f.Width {
		left = line{{theme.Plain, " "}}
	}
	return append(left, name(f.Width-left.width()-right.width()-minGap)...), right
}

// named is a package with its verdict, which must be seen however long the name
// is.
func (e *env) named(row *store.Row, name theme.Token, width int) line {
	glyph, token := view.Status(e.theme, row.Status, row.Report, verify.Pending)
	verdict := line{{token, "  " + glyph + " " + row.Status.String()}}
	if row.Gone {
		verdict = line{{theme.Warn, "  gone from the catalog"}, {theme.Muted, ", last " + row.Status.String()}}
	}
	switch {
	case row.Waiting && row.Message != "":
		verdict = verdict.add(theme.Muted, "  "+row.Message+"…")
	case row.Waiting:
		verdict = verdict.add(theme.Muted, "  waiting to be checked…")
	}
	return append(line{{name, theme.Cut(row.Release(), max(width-verdict.width(), 0))}}, verdict...)
}

// position says which match and which part of the tab is on the screen, and
// where the package is among those shown.
func (d *detail) position(e *env, f layout.Frame, where bool) (right line) {
	p := d.pager(e, f.Body.W)
	if right = p.search.found(e, f.Width); len(right) > 0 && f.Width < layout.FullWidth {
		return right
	}
	if lines := p.scroller.position(len(p.visible), f.Body.H); where && lines != "" {
		right = right.add(theme.Muted, lines+"   ")
	}
	if row := e.row(d.row); e.file && e.store.Len() == 1 || row != nil && row.Gone {
		return right // it has no place
	}
	return right.add(theme.Muted, fmt.Sprintf("%d of %d ", e.store.Place()+1, e.store.Shown()))
}

func (d *detail) sought() *string { return &d.query }

func (d *detail) draw(e *env, f layout.Frame) content {
	d.arrive(e, f)
	return content{
		heading: d.tabs(f.Heading.W).render(e.theme, f.Heading.W),
		body:    d.pager(e, f.Body.W).draw(e, f.Body.W, f.Body.H),
	}
}

// tabs names every tab if there is room, and the current one always.
func (d *detail) tabs(width int) line {
	var names, tight, numbers line
	shown := view.Tabs()
	if d.reviewed {
		shown = append([]view.Tab{view.Change}, shown...)
	}
	for _, tab := range shown {
		label := fmt.Sprintf(" %d %s ", tab+1, tab.Title())
		token, short := theme.Muted, fmt.Sprintf(" %d ", tab+1)
		if tab == d.tab {
			token, short = theme.Selected, label
		}
		names = names.add(theme.Plain, " ").add(token, label)
		tight = tight.add(theme.Plain, " ").add(token, strings.TrimSpace(label))
		numbers = numbers.add(theme.Plain, " ").add(token, short)
	}
	closest := append(line{{theme.Plain, ""}}, tight[1:]...)
	return firstFit(width, names, tight, closest, numbers)
}

// word is that of what the cursor is on, or of what is on the screen.
func (d *detail) word(*env) string {
	if p := d.pagers[d.tab]; p != nil {
		if at := p.about(); at != nil {
			return at.Word
		}
	}
	return d.tab.Title()
}
