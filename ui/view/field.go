package view

import (
	"iter"
	"slices"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
)

// field adds a label and a value from outside. A value that does not fit beside
// its label goes on, broken, below it.
func (p *Doc) field(label string, value untrusted.Text) {
	p.values.put(label, string(value))
	p.fieldRows(label, plain(p.Text(value)), maxValueRows)
}

// Field is field for a text that is clean.
func (p *Doc) Field(label string, value Span) {
	p.values.put(label, value.Text)
	p.fieldRows(label, value, maxValueRows)
}

// Say is Field for a text of ours, which is never cut.
func (p *Doc) Say(label string, value Span) { p.fieldRows(label, value, 0) }

func (p *Doc) fieldRows(label string, value Span, limit int) {
	if value.Text == "" {
		value = p.silent()
	}
	first := []Span{muted(indent + pad(label, p.Labels) + " ")}
	fits := width(append(first, value)) <= p.Width
	if !fits && p.Width-width(first) < 24 {
		if label != "" {
			p.Item(theme.Muted, label)
		}
		first = []Span{plain(indent + indent)}
	}
	p.flow(first, nil, value, limit)
}

// hash is Field for hex or another text without words: shortened in the
// middle if it does not fit, unless the page shows values whole.
func (p *Doc) hash(label, value string, token theme.Token) {
	room := p.Width - len(indent) - max(p.Labels, theme.Width(label)) - 1
	p.values.put(label, value)
	p.fieldRows(label, Span{token, p.short(p.clean(value, maxValue), room)}, maxValueRows)
}

// short cuts the middle out of a hash that is wider than room.
func (p *Doc) short(s string, room int) string {
	if p.wrap {
		return s
	}
	if room < 12 {
		return theme.Cut(s, room)
	}
	return theme.CutMiddle(s, room, min(room/3, 12))
}

// silent stands for a witness that says nothing.
func (p *Doc) silent() Span { return muted(p.Theme.Glyph(theme.GlyphAbsent)) }

// cell is one cell of a row of columns.
type cell struct {
	width int
	Span
}

// columns adds cells side by side, two blanks between them, each broken into
// as many lines as it needs; first stands before the first line, rest before
// every other.
func (p *Doc) columns(first, rest []Span, cells ...cell) {
	parts, height := make([][]string, len(cells)), 1
	anchors := make([]lineAnchors, len(cells))
	for i, c := range cells {
		c.Text = untrusted.Clean(bounded(c.Text))
		parts[i] = theme.Wrap(c.Text, c.width)
		anchors[i] = p.anchorsInLines(c.Span, parts[i])
		height = max(height, len(parts[i]))
	}
	for y := range height {
		row := p.pieces(first)
		for i, c := range cells {
			text := ""
			if y < len(parts[i]) {
				text = parts[i][y]
			}
			if i < len(cells)-1 {
				text = theme.Fit(text, c.width) + indent
			}
			row = append(row, piece{Span{c.Token, text}, anchors[i].line(y)})
		}
		p.row(row)
		first = rest
	}
}

// Table adds rows of cells, every column as wide as its widest cell.
func (p *Doc) Table(rows ...[]Span) { p.TableOf(slices.Values(rows)) }

// TableOf is Table for rows that are made twice, in place of being kept.
func (p *Doc) TableOf(rows iter.Seq[[]Span]) {
	var widths []int
	for row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], theme.Width(untrusted.Clean(bounded(c.Text))))
		}
	}
	for row := range rows {
		for i := range row[:len(row)-1] {
			row[i].Text = pad(untrusted.Clean(bounded(row[i].Text)), widths[i]) + indent
		}
		p.Row(row...)
	}
}
