package ui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
)

// pager shows a rendered tab: it scrolls and searches. A tree has a cursor on its
// lines, and folds; a chain of custody one on its spots.
type pager struct {
	page     view.Page
	drawn    drawn        // what page was rendered from
	folded   map[int]bool // by number in page.Folds
	visible  []int        // the lines that no fold hides
	scroller scroller     // its top is a place in visible
	cursor   int          // a place in visible; of use only if there are folds
	walking  bool         // a cursor moves along the spots
	spot     int          // in page.Spots: under the cursor, or come to from a chain; -1 for none
	search   search
}

// set shows a page, or the same one at another width: what is folded stays.
func (p *pager) set(page view.Page) {
	before := p.spotAt()
	p.page = page
	p.search.set(page)
	p.arrange()
	p.keep(before)
}

func (p *pager) tree() bool { return len(p.page.Folds) > 0 }

// arrange finds the visible lines anew.
func (p *pager) arrange() {
	hidden := make([]int, len(p.page.Lines)+1)
	for i, f := range p.page.Folds {
		if p.folded[i] {
			hidden[f.From]++
			hidden[f.To]--
		}
	}
	p.visible = p.visible[:0]
	depth := 0
	for i := range p.page.Lines {
		if depth += hidden[i]; depth == 0 {
			p.visible = append(p.visible, i)
		}
	}
	p.cursor = max(0, min(p.cursor, len(p.visible)-1))
}

// key handles a key in a body of h lines.
func (p *pager) key(keys *Keys, msg tea.KeyMsg, h int) bool {
	if delta, ok := movement(keys, msg, h); ok {
		p.move(delta, h)
		return true
	}
	if !p.tree() {
		return false
	}
	switch {
	case key.Matches(msg, keys.Fold):
		p.toggle(h)
	case key.Matches(msg, keys.FoldAll):
		p.foldAll(h)
	case key.Matches(msg, keys.UnfoldAll):
		p.unfoldAll(h)
	default:
		return false
	}
	return true
}

// move moves the cursor, or the text if there is none.
func (p *pager) move(delta, h int) {
	switch {
	case p.tree():
	case p.walking && p.spotAt() != nil && (delta == 1 || delta == -1):
		p.walk(delta, h)
		return
	case p.walking && p.spotAt() != nil:
		p.leap(delta, h)
		return
	default:
		p.scroll(delta, h)
		return
	}
	p.cursor = max(0, min(p.cursor+delta, len(p.visible)-1))
	p.follow(h)
}

// scroll moves the text, and takes the cursor along.
func (p *pager) scroll(delta, h int) {
	p.scroller.move(delta, len(p.visible), h)
	p.cursor = max(p.scroller.top, min(p.cursor, p.scroller.top+h-1, len(p.visible)-1))
	p.seek(h)
}

// follow keeps the cursor on the screen.
func (p *pager) follow(h int) {
	p.scroller.top = min(max(p.scroller.top, p.cursor-h+1), p.cursor)
	p.scroller.clamp(len(p.visible), h)
}

// at is the line that a search begins at: the cursor's, or the first on the
// screen.
func (p *pager) at() int {
	place := p.scroller.top
	if p.tree() {
		place = p.cursor
	}
	if place >= len(p.visible) {
		return 0
	}
	return p.visible[place]
}

// point puts the cursor on a line of the screen.
func (p *pager) point(row int) {
	switch at := p.scroller.top + row; {
	case at >= len(p.visible):
	case p.tree():
		p.cursor = at
	case p.walking:
		p.pick(p.visible[at])
	}
}

// toggle folds or unfolds at the cursor: the branch that has its head here,
// else the innermost that the line lies in.
func (p *pager) toggle(h int) {
	if found := p.foldAt(); found >= 0 {
		p.fold(found, !p.folded[found])
		p.show(p.page.Folds[found].Head, h)
	}
}

// foldAt is the number of the branch that is folded at the cursor, or -1.
func (p *pager) foldAt() int {
	found := -1
	if p.cursor >= len(p.visible) {
		return found
	}
	at := p.visible[p.cursor]
	for i, f := range p.page.Folds {
		if f.To > f.From && (at >= f.Head && at < f.From || at >= f.From && at < f.To) {
			found = i // they are nested: the last is the innermost
		}
	}
	return found
}

func (p *pager) fold(i int, folded bool) {
	if p.folded == nil {
		p.folded = map[int]bool{}
	}
	p.folded[i] = folded
	p.arrange()
}

// foldAll folds every branch but the outermost; if they are all folded,
// those too.
func (p *pager) foldAll(h int) {
	inner := make(map[int]bool)
	for i, end := 0, 0; i < len(p.page.Folds); i++ {
		if f := p.page.Folds[i]; f.Head < end {
			inner[i] = true
		} else {
			end = f.To
		}
	}
	done := true
	for i := range inner {
		done = done && p.folded[i]
	}
	if done {
		for i := range p.page.Folds {
			inner[i] = true
		}
	}
	p.refold(inner, h)
}

func (p *pager) unfoldAll(h int) { p.refold(map[int]bool{}, h) }

// refold changes what is folded; the cursor stays near its line.
func (p *pager) refold(folded map[int]bool, h int) {
	at := p.at()
	p.folded = folded
	p.arrange()
	p.show(at, h)
}

// reveal unfolds what hides a line, and shows it.
func (p *pager) reveal(line, h int) {
	for i, f := range p.page.Folds {
		if p.folded[i] && line >= f.From && line < f.To {
			p.folded[i] = false
		}
	}
	p.arrange()
	p.show(line, h)
}

// show scrolls only if a line, or the last visible one before it, is not on the
// screen.
func (p *pager) show(line, h int) {
	at, exact := slices.BinarySearch(p.visible, line)
	if !exact {
		at = max(at-1, 0)
	}
	p.cursor = max(0, min(at, len(p.visible)-1))
	if p.walking {
		p.pick(line)
	}
	if at < p.scroller.top || at >= p.scroller.top+h {
		p.scroller.top = at - h/3
	}
	p.scroller.clamp(len(p.visible), h)
	if p.walking {
		p.seek(h)
	}
}

// gutter is the width of what stands left of the text: a space, and in a tree
// the marks of the cursor and of the branches.
func gutter(tree bool) int {
	if tree {
		return 3
	}
	return margin
}

// draw returns the lines on the screen, each at most width cells wide.
func (p *pager) draw(e *env, width, h int) (lines []string) {
	p.scroller.clamp(len(p.visible), h)
	for place := p.scroller.top; place < min(p.scroller.top+h, len(p.visible)); place++ {
		i := p.visible[place]
		text := p.page.Lines[i].Text
		if parts := p.search.parts(i); len(parts) > 0 {
			text = e.theme.Highlight(text, parts)
		}
		if !p.tree() {
			lines = append(lines, p.mark(e, i)+text)
			continue
		}
		lines = append(lines, p.marks(e, place)+text+p.hides(e, i, width-gutter(true)-theme.Width(ansi.Strip(text))))
	}
	return lines
}

// mark stands before a line of a text: the cursor, if its spot has the line.
func (p *pager) mark(e *env, line int) string {
	if at := p.spotAt(); at != nil && at.From <= line && line < at.To {
		return e.theme.Paint(theme.Accent, e.theme.Glyph(theme.GlyphCursor))
	}
	return theme.Fit("", margin)
}

// marks stand before a line of a tree: the cursor and the branch's sign.
func (p *pager) marks(e *env, place int) string {
	cursor, sign := " ", " "
	if place == p.cursor {
		cursor = e.theme.Paint(theme.Accent, e.theme.Glyph(theme.GlyphCursor))
	}
	if i, ok := p.branch(p.visible[place]); ok {
		sign = e.theme.Glyph(theme.GlyphUnfolded)
		if p.folded[i] {
			sign = e.theme.Glyph(theme.GlyphFolded)
		}
	}
	return cursor + e.theme.Paint(theme.Muted, sign) + " "
}

// hides tells behind a folded head how much it hides, if there is room.
func (p *pager) hides(e *env, line, room int) string {
	i, ok := p.branch(line)
	if !ok || !p.folded[i] {
		return ""
	}
	f := p.page.Folds[i]
	text := " " + theme.Ellipsis + " " + untrusted.Plural(f.To-f.From, "line")
	if theme.Width(text) > room {
		return ""
	}
	return e.theme.Paint(theme.Muted, text)
}

// branch is the number of the fold that has its head on a line, and anything
// below it.
func (p *pager) branch(line int) (int, bool) {
	i, found := slices.BinarySearchFunc(p.page.Folds, line, func(f view.Fold, line int) int { return f.Head - line })
	return i, found && p.page.Folds[i].To > p.page.Folds[i].From
}
