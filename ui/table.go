package ui

import (
	"strings"
	"unicode/utf8"

	"plimsoll/catalog"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

var columnNames = [layout.Columns]string{
	layout.Status: "status", layout.Package: "package", layout.Version: "version",
	layout.Source: "source", layout.Expected: "expected",
}

// witnesses says who speaks in a column.
var witnesses = [layout.Columns]string{layout.Source: " (certificate)", layout.Expected: " (spec)"}

// sortMark points up where the worst or the first comes first.
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
		text, mark := strings.ToUpper(columnNames[c.Column]), ""
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
// reversed as a whole, and has a mark for terminals that cannot reverse.
func (t table) row(row *store.Row, cursor bool) string {
	th := t.e.theme
	text := func(c layout.Cells) (theme.Token, string) { return t.cell(row, c.Column) }
	if !cursor {
		return t.build(th.Paint, text)
	}
	plain := t.build(func(_ theme.Token, text string) string { return text }, text)
	return th.Paint(theme.Accent, th.Glyph(theme.GlyphCursor)) + th.Paint(theme.Selected, plain[1:])
}

// build puts the cells of a row side by side, each cut to its width and then
// painted.
func (t table) build(paint func(theme.Token, string) string, cell func(layout.Cells) (theme.Token, string)) string {
	var b strings.Builder
	x := 0
	for _, c := range t.cells {
		b.WriteString(strings.Repeat(" ", c.X-x))
		token, text := cell(c)
		b.WriteString(paint(token, theme.Fit(text, c.W)))
		x = c.X + c.W
	}
	b.WriteString(strings.Repeat(" ", max(0, t.width-x)))
	return b.String()
}

// cell returns a cell's text and style.
func (t table) cell(row *store.Row, c layout.Column) (theme.Token, string) {
	switch c {
	case layout.Status:
		glyph, token := t.e.theme.Status(row.Status)
		return token, glyph + " " + row.Status.String()
	case layout.Package:
		return theme.Plain, row.Cells.Package
	case layout.Version:
		return theme.Muted, row.Cells.Version
	case layout.Source:
		if row.Waiting && row.Message != "" {
			return theme.Muted, row.Message
		}
		if row.Status == verify.Mismatch {
			return theme.Bad, row.Cells.Source
		}
		return theme.Plain, row.Cells.Source
	default:
		return theme.Muted, row.Cells.Expected
	}
}

// describe returns the texts of a row for a theme.
func describe(th *theme.Theme) store.Describe {
	return func(spec catalog.Spec, report *verify.Report) store.Cells {
		name := spec.Package
		if name == "" { // a spec that could not be read
			name = spec.Server
		}
		cells := store.Cells{
			Package:  clip(th, string(spec.Protocol)+"/"+string(name)),
			Server:   clip(th, string(spec.Server)),
			Version:  clip(th, string(spec.Version)),
			Source:   view.Source(report),
			Expected: view.Expected(spec),
		}
		if cells.Version == "" {
			cells.Version = th.Glyph(theme.GlyphAbsent)
		}
		if spec.Err != nil && report == nil {
			cells.Source = clip(th, spec.Err.Message)
		}
		return cells
	}
}

// maxText is how many bytes of a text from outside are kept for one line. No
// screen is as wide.
const maxText = 2048

// clip cleans a text from outside and bounds it.
func clip(th *theme.Theme, s string) string {
	if len(s) <= maxText {
		return th.Text(s)
	}
	cut := maxText
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return th.Text(s[:cut]) + theme.Ellipsis
}
