// Package layout divides the screen: one pure function from a size to
// rectangles, and one from a width to the table's columns. Nothing else in the
// program adds or subtracts cells.
package layout

// The smallest screen that shows a table, and the smallest on which nothing is
// left out for want of room but columns, in cells.
const (
	MinWidth  = 40
	MinHeight = 10

	FullWidth  = 60
	FullHeight = 15

	// PreviewWidth is the screen's width from which a preview lies beside the table.
	// On a narrower screen it lies below, from so many lines on.
	PreviewWidth  = 150
	PreviewHeight = 30

	// CountsHeight is the screen's height from which the counts have a line.
	CountsHeight = 20
)

// Rect is a rectangle of cells; X and Y count from the top left corner, from 0.
type Rect struct{ X, Y, W, H int }

// Empty reports whether nothing fits in r.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Wish is what a screen would like to show.
type Wish struct {
	Notice  bool // a line under the header that must not be overlooked
	Counts  bool // a line of counts
	Heading bool // column headings or tabs
	Preview bool // a pane beside the body or, on a screen that is not wide, below it
	Table   int  // cells that the body needs to tell its reasons: the pane does not lie beside it at their cost
	Size    int  // steps by which the pane is larger than usual, or smaller; see MaxSize
	Need    Need // of the pane
}

// Need is the room that a text takes: more is not given to it. The zero value is unknown.
type Need struct{ W, H int }

// The width of a pane beside a table that is no wider than it needs to be, and of what
// lies between them.
const (
	usualPane = 44
	besideGap = 3
)

// MaxSize is the largest size of a pane; the smallest is its negative.
const MaxSize = 3

// Frame is a screen divided. The lines are one cell high and as wide as the
// screen; what did not fit is empty. When Small is set, everything is empty.
type Frame struct {
	Width, Height int
	Small         bool
	Header        Rect
	Notice        Rect
	Counts        Rect
	Crumb         Rect
	Heading       Rect
	Body          Rect
	Separator     Rect // between Body and Preview: a column or a line
	Preview       Rect
	Pane          int  // the width that the preview is to be written in: it may have more than it needs
	Toast         Rect // messages; the notice if it has no line of its own
	Footer        Rect // key hints, or a prompt
}

// Divide divides a screen of width by height cells. It accepts any numbers.
func Divide(width, height int, wish Wish) Frame {
	f := Frame{Width: max(width, 0), Height: max(height, 0)}
	wish.Size = max(-MaxSize, min(wish.Size, MaxSize))
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
	f.Counts = line(wish.Counts && f.Height >= CountsHeight)
	f.Crumb = line(true)
	f.Heading = line(wish.Heading)
	f.Body = Rect{0, y, f.Width, f.Height - y - 2}
	y += f.Body.H
	f.Toast = line(true)
	f.Footer = line(true)
	switch {
	case !wish.Preview || f.Height < FullHeight || f.Width < FullWidth:
	case f.Width >= PreviewWidth && f.Width-besideGap-usualPane >= wish.Table:
		f.beside(wish)
	case f.Height >= PreviewHeight:
		f.below(wish)
	}
	return f
}

// beside takes of the body, and of the heading above it, what a table that tells its
// reasons leaves, at most a readable line; each step of size is a sixteenth.
func (f *Frame) beside(wish Wish) {
	const readable, table, separator, least = 76, 120, besideGap, 24
	w := max(usualPane, min(f.Width-separator-table, readable)) + f.Width*wish.Size/16
	f.Pane = w
	if wish.Need.W > 0 {
		w = min(w, max(wish.Need.W, least))
	}
	y, h := f.Body.Y-f.Heading.H, f.Body.H+f.Heading.H
	f.Preview = Rect{f.Width - w, y, w, h}
	f.Separator = Rect{f.Width - w - separator, y, separator, h}
	f.Body.W = f.Width - w - separator
	f.Heading.W = min(f.Heading.W, f.Body.W)
}

// below takes two fifths of the body for the preview; each step of size is a tenth.
// A margin is left free, as beside the table.
func (f *Frame) below(wish Wish) {
	end := f.Body.Y + f.Body.H
	h := f.Body.H * (4 + wish.Size) / 10
	if wish.Need.H > 0 {
		h = min(h, wish.Need.H)
	}
	f.Pane = f.Width - 1
	f.Preview = Rect{0, end - h, f.Width, h}
	f.Separator = Rect{0, end - h - 1, f.Width, 1}
	f.Body.H -= h + 1
}
