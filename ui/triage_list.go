package ui

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
)

// narrowing is which of the pending findings triage shows: those of the packages
// that the table shows or has marked, and those that a filter of its own lets through.
type narrowing struct {
	all     bool   // the table narrows nothing
	marked  bool   // only the marked packages count
	narrows string // what narrows the table, cleaned; "" if nothing does
	filter  string
	match   func(*store.Row) bool
	problem string
	found   memo[queueKey, queue]
}

// queueKey is what the shown part of the queue is made of.
type queueKey struct {
	seen, version int
	all           bool
	filter        string
}

// queue is a part of the queue, and the widths of its longest texts.
type queue struct {
	list         []pending
	first        map[int]int // the place of the first finding of each row
	names, rules int
}

// open takes over what narrows the table.
func (n *narrowing) open(e *env) {
	marked, _ := e.store.MarkCount()
	n.marked, n.all, n.found.made = marked > 0, false, false
	what := e.narrowedBy()
	if n.marked {
		what = []string{fmt.Sprintf("%d marked", marked)}
	}
	n.narrows = strings.Join(what, " "+e.theme.Glyph(theme.GlyphCrumb)+" ")
}

// everything leaves nothing out.
func (n *narrowing) everything() {
	n.all = true
	n.SetFilter("")
}

// Filter, SetFilter and Problem are those of the filter that is typed here.
func (n *narrowing) Filter() string { return n.filter }

// SetFilter shows only the findings that match.
func (n *narrowing) SetFilter(text string) {
	n.filter = text
	n.match, n.problem = store.Match(text)
}

// Problem says what is wrong with the filter, or is "".
func (n *narrowing) Problem() string { return n.problem }

// what names what narrows the queue, or is "".
func (n *narrowing) what(e *env) string {
	var parts []string
	if n.narrows != "" && !n.all {
		parts = append(parts, n.narrows)
	}
	if n.filter != "" {
		parts = append(parts, clip(e.theme, n.filter))
	}
	return strings.Join(parts, " "+e.theme.Glyph(theme.GlyphCrumb)+" ")
}

// covers reports whether the findings of a row are among those that are shown.
func (n *narrowing) covers(e *env, row int) bool {
	switch {
	case n.all || n.narrows == "":
		return true
	case n.marked:
		return e.store.Marked(row)
	default:
		return e.store.Shows(row)
	}
}

// queue returns the findings that are shown, the worst first.
func (n *narrowing) queue(e *env) *queue {
	n.found.get(queueKey{e.triage.seen, e.store.Version(), n.all, n.filter}, func() queue {
		list := e.triage.pending(e.store)
		if n.what(e) != "" {
			list = slices.DeleteFunc(slices.Clone(list), func(p pending) bool {
				return !n.covers(e, p.ID) || n.filter != "" && !n.match(e.store.Row(p.ID).About(p.Finding))
			})
		}
		q := queue{list: list, first: map[int]int{}}
		for i := len(list) - 1; i >= 0; i-- {
			q.first[list[i].ID] = i
			q.rules = max(q.rules, len(list[i].Finding.Rule))
			if q.names < layout.MinWidth { // which no list has room for
				q.names = max(q.names, theme.Width(e.store.Row(list[i].ID).Name()))
			}
		}
		return q
	})
	return &n.found.value
}

// divide divides the body into the list, the line between, and the finding in hand.
func (b *triageScreen) divide(e *env, f layout.Frame) (list, separator, rest layout.Rect) {
	q := b.queue(e)
	return layout.List(f.Body, q.names, q.rules)
}

// rows draws the list of the findings: as many lines as r is high, each as wide.
func (b *triageScreen) rows(e *env, r layout.Rect) (lines []string) {
	q := b.queue(e)
	b.top = max(0, min(b.top, b.at, len(q.list)-r.H))
	b.top = max(b.top, b.at-r.H+1)
	nameWidth, ruleWidth := layout.Finding(r.W, q.names, q.rules)
	for i := b.top; i < b.top+r.H; i++ {
		if i >= len(q.list) {
			lines = append(lines, theme.Fit("", r.W))
			continue
		}
		p := q.list[i]
		glyph, token := e.theme.Severity(p.Severity())
		name := theme.CutMiddle(e.store.Row(p.ID).Name(), nameWidth, nameWidth*3/4)
		cells := line{{token, glyph}, {theme.Plain, " " + theme.Fit(name, nameWidth)}}
		if ruleWidth > 0 {
			cells = cells.add(theme.Muted, "  "+theme.Fit(lastWords(clip(e.theme, p.Finding.Rule), ruleWidth), ruleWidth))
		}
		if i == b.at {
			for i := range cells {
				cells[i].token = theme.Selected
			}
			cells = append(line{{theme.Accent, e.theme.Glyph(theme.GlyphCursor)}, {theme.Selected, " "}}, cells...)
		} else {
			cells = append(line{{theme.Plain, "  "}}, cells...)
		}
		lines = append(lines, cells.render(e.theme, r.W))
	}
	return lines
}

// lastWords is a rule in at most width cells: its last words tell what was compared.
func lastWords(rule string, width int) string {
	for short := rule; ; {
		if theme.Width(short) <= width {
			return short
		}
		_, rest, more := strings.Cut(short, ".")
		if !more {
			return theme.Cut(short, width)
		}
		short = rest
	}
}

func (b *triageScreen) wheel(e *env, f layout.Frame, delta int) {
	if len(b.settle(e)) > 0 {
		b.scroller.move(delta, len(b.text(e, f)), f.Body.H)
	}
}

// click puts a finding of the list in hand.
func (b *triageScreen) click(e *env, f layout.Frame, x, y int) {
	queue := b.settle(e)
	list, _, _ := b.divide(e, f)
	if row, ok := inside(list, x, y); ok && b.top+row < len(queue) {
		b.show(queue, b.top+row)
	}
}
