package ui

import (
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
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
	if d.at() == view.Change {
		d.row, d.tab = max(d.row, ^d.row), int(view.Overview)
	}
	d.row, d.pagers, d.goal = ^d.row, nil, goal{}
}

// changeCrumb names the change, and the side of it that is shown.
func (d *detail) changeCrumb(e *env, row *store.Row, room int) line {
	left := line{{theme.Muted, " Review " + e.theme.Glyph(theme.GlyphCrumb) + " "}}
	if room < layout.FullWidth {
		left = line{{theme.Plain, " "}}
	}
	side := "after"
	c := e.review.change(row)
	switch {
	case d.at() == view.Change:
		side = ""
	case row.ID < 0, c != nil && c.After == nil:
		side = "before"
	}
	return append(left, e.review.named(row, side, room-left.width()-minGap)...)
}
