package ui

import (
	"plimsoll/ui/store"
	"plimsoll/ui/view"
)

// chains is the pager of the Change tab: both sides of the change.
func (d *detail) chains(e *env, p *pager, row *store.Row, width int) *pager {
	row = e.store.Row(max(row.ID, ^row.ID))
	now := drawn{row: row.ID, change: e.review.change(row), seen: e.triage.seen, width: width, wrap: d.wrap}
	if p.drawn != now {
		p.drawn = now
		in := e.review.page(row, width-2*margin)
		in.Wrap = d.wrap
		p.set(view.ChangePage(in, e.theme))
	}
	if p.search.query != d.query {
		p.search.run(d.query)
	}
	return p
}

// otherSide goes to the package before the change, or to that after it.
func (d *detail) otherSide() {
	if d.tab == view.Change {
		d.row, d.tab = max(d.row, ^d.row), view.Overview
	}
	d.row, d.pagers, d.goal = ^d.row, nil, goal{}
}

// changeName names the change, and the side of it that is shown.
func (d *detail) changeName(e *env, row *store.Row, room int) line {
	side := "after"
	c := e.review.change(row)
	switch {
	case d.tab == view.Change:
		side = ""
	case row.ID < 0, c != nil && c.After == nil:
		side = "before"
	}
	return e.review.named(row, side, room)
}
