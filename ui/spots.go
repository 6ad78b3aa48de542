package ui

import (
	"slices"

	"plimsoll/ui/layout"
	"plimsoll/ui/links"
	"plimsoll/ui/view"
)

// walks reports whether a cursor moves along the spots of a tab.
func walks(t view.Tab) bool { return t == view.Overview || t == view.Change }

// spotAt returns the spot under the cursor, or the one that was come to; nil
// if there is none.
func (p *pager) spotAt() *view.Spot {
	if p.spot < 0 || p.spot >= len(p.page.Spots) {
		return nil
	}
	return &p.page.Spots[p.spot]
}

// keep finds the spot of before on the page as it is now; on a page that was not
// seen yet, the one to look at first.
func (p *pager) keep(before *view.Spot) {
	p.spot = -1
	if before != nil {
		p.spot = view.Find(p.page.Spots, before.Place)
	}
	if p.walking && p.spot < 0 {
		p.spot = view.Start(p.page.Spots)
	}
}

// walk moves the cursor by one spot, or the text if the next one is far: what lies
// between is not passed over.
func (p *pager) walk(delta, h int) {
	here, spots := p.spotAt(), p.page.Spots
	top, end := p.scroller.top, p.scroller.top+h
	next := p.spot + delta
	switch {
	case delta > 0 && here.To > end: // the rest of it
		p.roll(min(here.To-end, h-1), h)
	case delta < 0 && here.From < top:
		p.roll(-min(top-here.From, h-1), h)
	case next < 0 || next >= len(spots):
		p.roll(delta, h)
	case delta > 0 && spots[next].To > end:
		p.roll(max(1, min(spots[next].To-end, h-1, spots[next].From-top)), h)
		if spots[next].From < p.scroller.top+h {
			p.spot = next
		}
	case delta < 0 && spots[next].From < top:
		p.roll(-max(1, min(top-spots[next].From, h-1, end-spots[next].To)), h)
		if spots[next].To > p.scroller.top {
			p.spot = next
		}
	default:
		p.spot = next
	}
}

// leap moves the cursor by about as many lines, onto a spot.
func (p *pager) leap(delta, h int) {
	to := p.spotAt().From + delta
	p.roll(delta, h)
	if delta > 0 {
		p.spot = slices.IndexFunc(p.page.Spots, func(s view.Spot) bool { return s.From >= to })
		if p.spot < 0 {
			p.spot = len(p.page.Spots) - 1
		}
	} else {
		p.spot = 0
		for i, s := range p.page.Spots {
			if s.From <= to {
				p.spot = i
			}
		}
	}
	if at := p.spotAt(); p.scroller.top > at.From || at.From >= p.scroller.top+h {
		p.seek(h)
	}
}

// roll moves the text alone.
func (p *pager) roll(delta, h int) { p.scroller.move(delta, len(p.visible), h) }

// seek takes the cursor along with the text: to the nearest spot that is on the
// screen. One that was only come to is left behind.
func (p *pager) seek(h int) {
	at := p.spotAt()
	if at == nil || at.To > p.scroller.top && at.From < p.scroller.top+h {
		return
	}
	if !p.walking {
		p.spot = -1
		return
	}
	below := slices.IndexFunc(p.page.Spots, func(s view.Spot) bool { return s.To > p.scroller.top })
	switch {
	case below < 0:
		p.spot = len(p.page.Spots) - 1
	case at.To <= p.scroller.top || p.page.Spots[below].From >= p.scroller.top+h:
		p.spot = below
	default: // the text went up
		for below+1 < len(p.page.Spots) && p.page.Spots[below+1].From < p.scroller.top+h {
			below++
		}
		p.spot = below
	}
}

// pick puts the cursor on the spot that a line belongs to, if it belongs to one.
func (p *pager) pick(line int) {
	if i := slices.IndexFunc(p.page.Spots, func(s view.Spot) bool { return s.From <= line && line < s.To }); i >= 0 {
		p.spot = i
	}
}

// about is the spot that a word is asked for: the one under the cursor, else the one
// at the cursor's line or at the top of the screen, and if none is there, the next.
func (p *pager) about() *view.Spot {
	if at := p.spotAt(); at != nil {
		return at
	}
	line := p.at()
	for i := len(p.page.Spots) - 1; i >= 0; i-- {
		if p.page.Spots[i].From <= line {
			return &p.page.Spots[i]
		}
	}
	if len(p.page.Spots) > 0 {
		return &p.page.Spots[0]
	}
	return nil
}

// link is the key of the page that shows the link of the chain under the cursor.
func (p *pager) link() string {
	if at := p.spotAt(); at != nil {
		switch at.Place {
		case "built by", "published by":
			return linkKeys[links.Workflow]
		case "log":
			return linkKeys[links.Entry]
		}
	}
	return linkKeys[links.Source]
}

// goal is a spot of a tab that may not have been drawn yet.
type goal struct {
	place  view.Place
	origin view.Tab // the tab that it was gone to from
	back   bool     // origin is where escape leads
}

// follow goes from a spot to its evidence.
func (d *detail) follow(e *env, f layout.Frame) action {
	from := d.pager(e, f.Body.W).spotAt()
	if from == nil {
		if d.tab == view.Change {
			d.show(view.Overview)
		}
		return nil
	}
	if from.Tab == d.tab && from.Evidence == from.Place {
		return says("there is nothing more to see of this; " + e.keys.Explain.Help().Key + " explains it")
	}
	d.goal = goal{from.Evidence, d.tab, from.Tab != d.tab}
	d.tab = from.Tab
	d.arrive(e, f)
	return nil
}

// arrive puts the cursor, or the mark, on the spot that was gone to, as soon as
// it is drawn.
func (d *detail) arrive(e *env, f layout.Frame) {
	if d.goal.place == "" {
		return
	}
	p := d.pager(e, f.Body.W)
	if i := view.Find(p.page.Spots, d.goal.place); i >= 0 {
		p.reveal(p.page.Spots[i].From, f.Body.H)
		p.spot, d.goal.place = i, ""
	}
}

// show goes to a tab that was asked for by itself.
func (d *detail) show(t view.Tab) { d.tab, d.goal = t, goal{} }

// goBack returns to where the evidence was gone to from, and reports whether it did.
func (d *detail) goBack() bool {
	if !d.goal.back {
		return false
	}
	d.tab, d.goal = d.goal.origin, goal{}
	return true
}
