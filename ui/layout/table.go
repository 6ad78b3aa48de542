package layout

// Column names a column of the packages table.
type Column uint8

// The columns, from left to right.
const (
	Status Column = iota
	Package
	Version
	Source // proven, or nothing
	Why    // the reason in words
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

// Needs is the width, in cells, of the longest text of each column; 0 if
// that is not known.
type Needs [Columns]int

// Cells is a column's place in a row.
type Cells struct {
	Column Column
	X, W   int
}

// gutter is the width of the cursor's mark and the space after it.
const gutter = 2

const (
	statusWidth = 15 // a glyph, "unchecked", the mark of what stands beside a verdict, and that of a marked row
	wideTable   = 100
	wideGap     = 2
	heading     = 10 // which no column is narrower than
)

// size is how wide a column is: at least so much, or the others are not
// squeezed for it; enough to be read as a rule; at most so much.
type size struct{ least, enough, most int }

var sizes = [Columns]size{
	Package:   {32, 44, 60},
	Version:   {9, 9, 20},
	Source:    {12, 24, 44},
	Why:       {20, 30, 1 << 20}, // all the room that is left
	Expected:  {16, 24, 44},
	SLSA:      {6, 6, 6},
	Publisher: {11, 11, 11},
	Workflow:  {14, 14, 32},
	Runner:    {13, 13, 13},
}

// of returns the column's size for texts of a known width: none is wider than
// they need, or narrower than its heading.
func (n Needs) of(c Column) size {
	s := sizes[c]
	if need := max(n[c], heading); n[c] > 0 {
		s = size{min(s.least, need), min(s.enough, need), min(s.most, need)}
	}
	return s
}

// Table divides a row of width cells into columns, from left to right as many
// as fit. What tells one package from the next comes first: unless many columns
// are wanted, the reason is there only once the names and the sources have
// enough, and nothing after it. What is left over widens them, up to a width
// that the eye can still follow, and the reason beyond that. Gaps of at least
// one cell lie between them.
func Table(width int, set Set, needs Needs) []Cells {
	room, gap := roomOf(width)
	if room <= gap {
		return nil
	}
	last := map[Set]Column{Few: Version, Fitting: Why, Many: Columns - 1}[set]
	cells := []Cells{{Column: Status, W: statusWidth}}
	for c := Package; c <= last; c++ {
		w := needs.of(c).least
		reserve := 0
		switch {
		case c == Package:
			w = min(w, room-gap)
		case c == Why && set == Fitting:
			for _, before := range cells[1:] {
				reserve += needs.of(before.Column).enough - before.W
			}
		}
		if room < gap+w+reserve {
			break
		}
		room -= gap + w
		cells = append(cells, Cells{Column: c, W: w})
	}
	enough := func(c Column) int { return needs.of(c).enough }
	room = widen(cells[:min(len(cells), int(Source))], room, enough)
	room = widen(cells[:min(len(cells), int(Why)+1)], room, enough)
	room = widen(cells, room, enough)
	room = widen(cells, room, func(c Column) int {
		if c == Why {
			return enough(c)
		}
		return needs.of(c).most
	})
	widen(cells, room, func(c Column) int { return needs.of(c).most })
	return placed(cells, gap)
}

// roomOf is how much of a row is left beside the status, and the gap between columns.
func roomOf(width int) (room, gap int) {
	gap = 1
	if width >= wideTable {
		gap = wideGap
	}
	return width - gutter - statusWidth, gap
}

func placed(cells []Cells, gap int) []Cells {
	x := gutter
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

// Changes divides a row of the changes of a review, in which two versions stand and
// the reason tells more than the source does.
func Changes(width int, needs Needs) []Cells {
	room, gap := roomOf(width)
	if room <= gap {
		return nil
	}
	cells := []Cells{{Column: Status, W: statusWidth}}
	least := map[Column]int{Package: 20, Version: 17, Why: 16}
	for _, c := range []Column{Package, Version, Why} {
		w := least[c]
		if c != Why && needs[c] > 0 {
			w = min(w, max(needs[c], heading))
		}
		if c == Package {
			w = min(w, room-gap)
		}
		if room < gap+w {
			break
		}
		room -= gap + w
		cells = append(cells, Cells{Column: c, W: w})
	}
	for _, most := range []map[Column]int{
		{Package: 32, Version: 24, Why: 30}, {Package: 44, Version: 40, Why: 40}, {Package: 60, Version: 40, Why: 1 << 20},
	} {
		room = widen(cells, room, func(c Column) int {
			if c == Why {
				return most[c]
			}
			return min(most[c], needs[c])
		})
	}
	return placed(cells, gap)
}
