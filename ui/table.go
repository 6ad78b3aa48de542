package ui

import (
	"slices"
	"strings"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// sortMark points up if the worst or the first comes first.
func sortMark(th *theme.Theme, sort store.Sort) string {
	if sort.Reverse {
		return th.Glyph(theme.GlyphDescending)
	}
	return th.Glyph(theme.GlyphAscending)
}

// table draws rows of one width.
type table struct {
	e     *env
	cells []layout.Cells
	width int
}

// heading names the columns and marks the one that the rows are sorted by.
func (t table) heading() string {
	sort := t.e.store.Sort()
	return t.build(t.e.theme.Paint, func(c layout.Cells) (theme.Token, string) {
		text, mark := strings.ToUpper(t.e.columnName(c.Column)), ""
		token := theme.Muted
		if c.Column == sort.Column {
			token, mark = theme.Strong, " "+sortMark(t.e.theme, sort)
		}
		if long := text + witnesses[c.Column] + mark; theme.Width(long) <= c.W {
			return token, long
		}
		return token, text + mark
	})
}

// row draws a row in exactly the table's width. The row under the cursor is
// reversed as a whole, and has a mark in the gutter for terminals that cannot
// reverse.
func (t table) row(row *store.Row, cursor bool) string {
	th := t.e.theme
	text := func(c layout.Cells) (theme.Token, string) { return t.cell(row, c) }
	if !cursor {
		return t.build(th.Paint, text, t.flags(row)...)
	}
	plain := t.build(func(_ theme.Token, text string) string { return text }, text, t.flags(row)...)
	return th.Paint(theme.Accent, th.Glyph(theme.GlyphCursor)) + th.Paint(theme.Selected, plain[1:])
}

// build puts the cells of a row side by side, each cut to its width and then
// painted. The flags stand at the end of the first.
func (t table) build(paint func(theme.Token, string) string, cell func(layout.Cells) (theme.Token, string), flags ...segment) string {
	const flag = 2 // cells of each
	var b strings.Builder
	b.Grow(2 * t.width)
	x := 0
	for i, c := range t.cells {
		b.WriteString(theme.Blank(c.X - x))
		token, text := cell(c)
		if i > 0 {
			flags = nil
		}
		b.WriteString(paint(token, theme.Fit(text, c.W-flag*len(flags))))
		for _, f := range flags {
			b.WriteString(paint(f.token, theme.Fit(f.text, flag)))
		}
		x = c.X + c.W
	}
	b.WriteString(theme.Blank(t.width - x))
	return b.String()
}

// cell returns a cell's text and style.
func (t table) cell(row *store.Row, c layout.Cells) (theme.Token, string) {
	text := row.Texts[c.Column]
	switch c.Column {
	case layout.Status:
		if c := t.e.review.change(row); c != nil {
			verdict := view.Verdict(t.e.theme, c)
			return verdict.Token, verdict.Text
		}
		glyph, token := view.Status(t.e.theme, row.Status, row.Report, verify.Pending)
		return token, glyph + " " + row.Status.String()
	case layout.Package:
		return theme.Plain, theme.CutMiddle(text, c.W, c.W*3/4) // names that begin alike end apart
	case layout.Source:
		if row.Status == verify.Mismatch {
			return theme.Bad, text
		}
	case layout.Why:
		if row.Waiting && row.Message != "" {
			return theme.Muted, row.Message
		}
		return t.why(row, c.W)
	case layout.Version, layout.Runner, layout.Expected:
		return theme.Muted, text
	}
	return theme.Plain, text
}

// why is the reason in width cells. That nothing speaks for the origin is no more
// than the status says; of what is proven, the source stands here if it has no column.
func (t table) why(row *store.Row, width int) (theme.Token, string) {
	text := store.FitWhy(row.Texts[layout.Why], width)
	_, stands := row.Report.Outstanding()
	switch {
	case text == "" && !t.has(layout.Source) && store.ProvenPublisher(row.Report) != nil:
		return theme.Plain, "from " + row.Texts[layout.Source]
	case t.e.review == nil && !stands && (row.Status == verify.Signed || row.Status == verify.None):
		return theme.Muted, text
	}
	return theme.Plain, text
}

// said is what the row tells whole.
func (t table) said(row *store.Row) view.Said {
	whole := func(column layout.Column) bool {
		i := slices.IndexFunc(t.cells, func(c layout.Cells) bool { return c.Column == column })
		return row.Texts[column] == "" || i >= 0 && theme.Width(row.Texts[column]) <= t.cells[i].W
	}
	return view.Said{Name: whole(layout.Package) && whole(layout.Version), Why: whole(layout.Why)}
}

// has reports whether a column is on the screen.
func (t table) has(column layout.Column) bool {
	return slices.ContainsFunc(t.cells, func(c layout.Cells) bool { return c.Column == column })
}

// flags are what stands beside the verdict: the worst finding that it does not
// tell, and the mark of a marked row.
func (t table) flags(row *store.Row) (flags []segment) {
	worst, ok := row.Report.Outstanding()
	if t.e.review != nil { // what the change brings, and its verdict does not tell
		c := t.e.review.change(row)
		worst, ok = verify.Warning, c != nil && warned(c)
	}
	if ok {
		glyph, token := t.e.theme.Severity(worst)
		flags = append(flags, segment{token, " " + glyph})
	}
	mark := segment{}
	switch {
	case t.e.review != nil:
		return flags
	case t.e.store.Marked(row.ID):
		mark.text = " " + t.e.theme.Glyph(theme.GlyphMark)
	}
	return append(flags, mark)
}
