package layout

import "slices"

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
	wideTable = 140
	wideGap   = 2
	heading   = 7 // the narrowest column but the status: its name
)

// size is how wide a column is: at least so much, or it is not there; enough to be
// read as a rule; at most so much.
type size struct{ least, enough, most int }

// plan is how rows are divided: the columns in the order in which they get room.
type plan struct {
	status int // the width of the status, or verdict
	order  []Column
	sizes  [Columns]size
	whole  int  // from so many columns on, a further one is there only if the names have enough
	strict bool // no column is there without those before it
}

const endless = 1 << 20 // all the room that is left

// fitting is the plan of the packages. What tells one package from the next is cut
// last; the reason comes before the source, which is told of what is proven alone.
var fitting = plan{
	status: 14, // a glyph, "unchecked", the mark of what stands beside a verdict, and that of a marked row
	order:  []Column{Package, Version, Why, Source},
	sizes: [Columns]size{
		Package: {32, 40, 60}, Version: {9, 9, 20}, Source: {10, 24, 44}, Why: {20, 44, endless},
		Expected: {16, 24, 44}, SLSA: {9, 9, 9}, Publisher: {11, 11, 11}, Workflow: {14, 14, 32}, Runner: {13, 13, 13},
	},
	whole: 2,
}

// changed is the plan of the changes of a review, in which two versions stand and
// the reason tells both sources.
var changed = plan{
	status: 11, // no row is marked
	order:  []Column{Package, Why, Version},
	sizes:  [Columns]size{Package: {24, 32, 60}, Version: {15, 24, 40}, Why: {20, 40, endless}},
	whole:  int(Columns),
}

// Table divides a row of width cells into columns, with gaps of at least one cell
// between them. What is left over widens them, up to a width that the eye can still
// follow, and the reason beyond that.
func Table(width int, set Set, needs Needs) []Cells {
	p := fitting
	switch set {
	case Few:
		p.order = []Column{Package, Version}
	case Many:
		p.order, p.whole = []Column{Package, Version, Source, Why, Expected, SLSA, Publisher, Workflow, Runner}, int(Columns)
		p.strict = true
	}
	return p.divide(width, needs)
}

// Tells is how wide a table of packages must be to cut no reason.
func Tells(needs Needs) int { return fitting.tells(needs) }

// ChangesTell is that of a table of changes.
func ChangesTell(needs Needs) int { return changed.tells(needs) }

func (p plan) tells(needs Needs) int {
	p = p.of(needs)
	width := gutter + p.status
	for _, c := range p.order {
		w := p.sizes[c].least
		if c == Package || c == Why {
			w = p.sizes[c].enough
		}
		width += 1 + w
	}
	return width
}

// of is the plan for texts of a known width: no column is wider than they need, or
// narrower than its heading.
func (p plan) of(needs Needs) plan {
	for c, need := range needs {
		if s := &p.sizes[c]; need > 0 {
			need = max(need, heading)
			*s = size{min(s.least, need), min(s.enough, need), min(s.most, need)}
		}
	}
	p.sizes[Why].most = endless
	return p
}

// Changes divides a row of the changes of a review.
func Changes(width int, needs Needs) []Cells { return changed.divide(width, needs) }

func (p plan) divide(width int, needs Needs) []Cells {
	gap := 1
	if width >= wideTable {
		gap = wideGap
	}
	room := width - gutter - p.status
	if room <= 1 {
		return nil
	}
	p = p.of(needs)
	cells := []Cells{{Column: Status, W: p.status}}
	between := 1 // between the status and the name
	for i, c := range p.order {
		w, reserve := p.sizes[c].least, 0
		if c == Package {
			w = min(w, room-between)
		} else if i >= p.whole {
			reserve = p.sizes[Package].enough - cells[1].W
		}
		if room < between+w+reserve {
			if p.strict {
				break
			}
			continue
		}
		room -= between + w
		between = gap
		cells = append(cells, Cells{Column: c, W: w})
	}
	for _, upTo := range []func(size) int{func(s size) int { return s.enough }, func(s size) int { return s.most }} {
		for i := range cells[1:] {
			c := &cells[1+i]
			more := max(0, min(room, upTo(p.sizes[c.Column])-c.W))
			if c.Column == Why && upTo(p.sizes[Why]) == endless {
				continue // it gets what no other needs
			}
			c.W += more
			room -= more
		}
	}
	for i := range cells {
		if cells[i].Column == Why {
			cells[i].W += room
		}
	}
	slices.SortFunc(cells, func(a, b Cells) int { return int(a.Column) - int(b.Column) })
	return placed(cells, gap)
}

// placed puts the cells beside each other.
func placed(cells []Cells, gap int) []Cells {
	x := gutter
	for i := range cells {
		cells[i].X = x
		x += cells[i].W + gap
		if i == 0 {
			x += 1 - gap
		}
	}
	return cells
}
