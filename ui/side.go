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
func (d *detail) otherSide(e *env) action {
	id := max(d.row, ^d.row)
	switch {
	case d.at() == view.Change && e.review.before(id) != nil:
		d.row, d.tab = ^id, int(view.Overview)
	case d.at() == view.Change, d.row >= 0 && e.review.before(id) == nil:
		switch c := e.review.change(e.row(id)); {
		case c == nil:
			return says("wait: the change is being reviewed")
		case c.After == nil:
			return says("the spec is gone: there is nothing after the change")
		}
		return says("the spec is new: there is nothing before the change")
	default:
		d.row = ^d.row
	}
	d.pagers = nil
	return nil
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
