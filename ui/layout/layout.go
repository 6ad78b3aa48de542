// Package layout divides the screen: one pure function from a size to
// rectangles, and one from a width to the table's columns. Nothing else in the
// program adds or subtracts cells.
package layout

// The smallest screen that shows a table, and the smallest that shows all of
// its columns, in cells.
const (
	MinWidth  = 40
	MinHeight = 10

	FullWidth  = 60
	FullHeight = 15

	// PreviewWidth is the screen's width from which a preview fits beside the
	// table.
	PreviewWidth = 120
)

// Rect is a rectangle of cells; X and Y count from the top left corner, from 0.
type Rect struct{ X, Y, W, H int }

// Empty says that nothing fits in r.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Wish is what a screen would like to show.
type Wish struct {
	Notice  bool // a line under the header that must not be overlooked
	Heading bool // column headings or tabs
	Preview bool // a pane beside the body
}

// Frame is a screen divided. The lines are one cell high and as wide as the
// screen; what did not fit is empty. When Small is set, everything is empty.
type Frame struct {
	Width, Height int
	Small         bool
	Header        Rect
	Notice        Rect
	Crumb         Rect
	Heading       Rect
	Body          Rect
	Separator     Rect // between Body and Preview
	Preview       Rect
	Toast         Rect // messages; the notice where it had no line of its own
	Footer        Rect // key hints, or a prompt
}

// Divide divides a screen of width by height cells. It accepts any numbers.
func Divide(width, height int, wish Wish) Frame {
	f := Frame{Width: max(width, 0), Height: max(height, 0)}
	if f.Width < MinWidth || f.Height < MinHeight {
		f.Small = true
		return f
	}
	y := 0
	line := func(wanted bool) Rect {
		if !wanted {
			return Rect{}
		}
		y++
		return Rect{0, y - 1, f.Width, 1}
	}
	f.Header = line(true)
	f.Notice = line(wish.Notice && f.Height >= FullHeight)
	f.Crumb = line(true)
	f.Heading = line(wish.Heading)
	f.Body = Rect{0, y, f.Width, f.Height - y - 2}
	y += f.Body.H
	f.Toast = line(true)
	f.Footer = line(true)
	if wish.Preview && f.Width >= PreviewWidth && f.Height >= FullHeight {
		f.split()
	}
	return f
}

// split takes three eighths of the body, and of the heading above it, for the
// preview; at most a readable line.
func (f *Frame) split() {
	const readable, separator = 76, 3
	w := min(f.Width*3/8, readable)
	y, h := f.Body.Y-f.Heading.H, f.Body.H+f.Heading.H
	f.Preview = Rect{f.Width - w, y, w, h}
	f.Separator = Rect{f.Width - w - separator, y, separator, h}
	f.Body.W = f.Width - w - separator
	f.Heading.W = min(f.Heading.W, f.Body.W)
}

// Column names a column of the packages table.
type Column uint8

// The columns, from left to right.
const (
	Status Column = iota
	Package
	Version
	Source
	Expected
	Columns // how many there are
)

// Cells is a column's place in a row.
type Cells struct {
	Column Column
	X, W   int
}

// Gutter is the width of the cursor's mark and the space after it.
const Gutter = 2

const (
	statusWidth  = 10 // a glyph, a space and "mismatch"
	versionWidth = 10
	widePadding  = 2
)

// Table divides a row of width cells into columns, as many as are worth
// showing: on a narrow screen first the expected source goes, then the source,
// then the version. Gaps of at least one cell lie between them.
func Table(width int) []Cells {
	gap := 1
	if width >= 90 {
		gap = widePadding
	}
	version := versionWidth
	if width >= 110 {
		version += 4
	}
	rest := width - Gutter - statusWidth - gap
	if rest <= 0 {
		return nil
	}
	shares := []share{{Package, rest}}
	switch room := rest - version - gap; {
	case width >= 78:
		room -= 2 * gap
		side := room * 3 / 10
		shares = []share{{Package, room - 2*side}, {Version, version}, {Source, side}, {Expected, side}}
	case width >= FullWidth:
		room -= gap
		side := room * 2 / 5
		shares = []share{{Package, room - side}, {Version, version}, {Source, side}}
	case width >= 46:
		shares = []share{{Package, room}, {Version, version}}
	}
	cells := []Cells{{Status, Gutter, statusWidth}}
	x := Gutter + statusWidth + gap
	for _, s := range shares {
		cells = append(cells, Cells{s.column, x, s.width})
		x += s.width + gap
	}
	return cells
}

type share struct {
	column Column
	width  int
}
