package layout

// Column names a column of the packages table.
type Column uint8

// The columns, from left to right.
const (
	Status Column = iota
	Package
	Version
	Source
	Expected
	SLSA
	Publisher
	Workflow
	Runner
	Columns // how many there are
)

// Set says which columns a person wants to see.
type Set uint8

// The sets of columns.
const (
	Fitting Set = iota // as many as fit beside package names that can be read
	Few                // status, package, version
	Many               // as many as fit at all
	Sets               // how many there are
)

// Needs is the width, in cells, of the longest text of each column; 0 where
// that is not known.
type Needs [Columns]int

// Cells is a column's place in a row.
type Cells struct {
	Column Column
	X, W   int
}

// Gutter is the width of the cursor's mark and the space after it.
const Gutter = 2

const (
	statusWidth = 14 // a glyph, "unchecked", and the mark of a marked row
	wideTable   = 100
	wideGap     = 2
)

// size is how wide a column is: at least so much, or the others are not
// squeezed for it; enough to be read as a rule; at most so much.
type size struct{ least, enough, most int }

var sizes = [Columns]size{
	Package:   {32, 44, 60},
	Version:   {9, 9, 20},
	Source:    {14, 24, 44},
	Expected:  {16, 24, 44},
	SLSA:      {6, 6, 6},
	Publisher: {11, 11, 11},
	Workflow:  {14, 14, 32},
	Runner:    {13, 13, 13},
}

// of returns the column's size for texts of a known width: none is wider than
// they need, or narrower than its heading.
func (n Needs) of(c Column) size {
	const heading = 10
	s := sizes[c]
	if need := max(n[c], heading); n[c] > 0 {
		s = size{min(s.least, need), min(s.enough, need), min(s.most, need)}
	}
	return s
}

// Table divides a row of width cells into columns, from left to right as many
// as fit. What tells one package from the next comes first: unless many
// columns are wanted, those after the source are there only once the names and
// the sources have enough, and the last ones once all before them have. What
// is left over widens them, up to a width that the eye can still follow. Gaps
// of at least one cell lie between them.
func Table(width int, set Set, needs Needs) []Cells {
	gap := 1
	if width >= wideTable {
		gap = wideGap
	}
	room := width - Gutter - statusWidth
	if room <= gap {
		return nil
	}
	cells := []Cells{{Column: Status, W: statusWidth}}
	reserved := 1 // how many of the cells have been given enough
	for c := Package; c < Columns; c++ {
		w := needs.of(c).least
		switch {
		case c == Package:
			w = min(w, room-gap)
		case set == Fitting && (c == Expected || c == Workflow):
			for ; reserved < len(cells); reserved++ {
				room -= needs.of(cells[reserved].Column).enough - cells[reserved].W
			}
		}
		if room < gap+w || set == Few && c > Version {
			break
		}
		room -= gap + w
		cells = append(cells, Cells{Column: c, W: w})
	}
	room = width - Gutter
	for _, c := range cells {
		room -= c.W + gap
	}
	enough := func(c Column) int { return needs.of(c).enough }
	first := min(len(cells), int(Source)+1)
	room = widen(cells[:first], room+gap, enough)
	room = widen(cells, room, enough)
	widen(cells, room, func(c Column) int { return needs.of(c).most })
	x := Gutter
	for i := range cells {
		cells[i].X = x
		x += cells[i].W + gap
	}
	return cells
}

// widen gives each column in turn a cell more, until nothing is left or each
// is as wide as it shall be. It returns what is left.
func widen(cells []Cells, room int, upTo func(Column) int) int {
	for used := true; used; {
		used = false
		for i := 1; i < len(cells) && room > 0; i++ {
			if c := &cells[i]; c.W < upTo(c.Column) {
				c.W++
				room--
				used = true
			}
		}
	}
	return room
}
