package layout

import (
	"slices"
	"testing"
	"testing/quick"
)

// demo is about what a catalog of scoped npm packages needs.
var demo = Needs{Package: 43, Version: 9, Expected: 44}

func columns(cells []Cells) (c []Column) {
	for _, cell := range cells {
		c = append(c, cell.Column)
	}
	return c
}

func TestTable(t *testing.T) {
	t.Parallel()
	short := Needs{Package: 18, Version: 6, Expected: 20}
	tests := []struct {
		name  string
		width int
		set   Set
		needs Needs
		want  []Column
	}{
		{"the widest", 250, Fitting, demo, []Column{Status, Package, Version, Source, Why}},
		{"120 cells", 120, Fitting, demo, []Column{Status, Package, Version, Source, Why}},
		{"100 cells", 100, Fitting, demo, []Column{Status, Package, Version, Source, Why}},
		{"80 cells: the names come first", 80, Fitting, demo, []Column{Status, Package, Version, Source}},
		{"60 cells", 60, Fitting, demo, []Column{Status, Package, Version}},
		{"60 cells, short names", 60, Fitting, short, []Column{Status, Package, Version, Source}},
		{"80 cells, short names", 80, Fitting, short, []Column{Status, Package, Version, Source, Why}},
		{"40 cells", 40, Fitting, demo, []Column{Status, Package}},
		{"few", 250, Few, demo, []Column{Status, Package, Version}},
		{"many on 100 cells", 100, Many, demo, []Column{Status, Package, Version, Source, Why}},
		{"many on 200 cells", 200, Many, demo, []Column{Status, Package, Version, Source, Why, Expected, SLSA, Publisher, Workflow, Runner}},
		{"many on 40 cells", 40, Many, demo, []Column{Status, Package}},
		{"nothing known", 80, Fitting, Needs{}, []Column{Status, Package, Version, Source}},
		{"too narrow", 12, Fitting, demo, nil},
		{"nonsense", -1, Fitting, demo, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := columns(Table(tt.width, tt.set, tt.needs)); !slices.Equal(got, tt.want) {
				t.Errorf("columns %v, want %v", got, tt.want)
			}
		})
	}
}

// The name of the package gets what it needs before other columns get more.
func TestTheNameComesFirst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ width, least int }{{72, 32}, {80, 40}, {100, 40}, {120, 40}, {250, 43}} {
		if w := Table(tt.width, Fitting, demo)[1].W; w < tt.least || w > demo[Package] {
			t.Errorf("%d cells wide: the package has %d, want from %d to %d", tt.width, w, tt.least, demo[Package])
		}
	}
}

// The reason is cut last: it takes all the room that is left.
func TestTheReasonTakesWhatIsLeft(t *testing.T) {
	for _, width := range []int{160, 250, 400} {
		cells := Table(width, Fitting, demo)
		if last := cells[len(cells)-1]; last.Column != Why || last.X+last.W != width {
			t.Errorf("%d cells wide: the last column is %v", width, last)
		}
	}
}

// Columns lie side by side with gaps between them, within the row; a wider row
// never has fewer, and none is stretched beyond what can be read.
func TestTableHolds(t *testing.T) {
	t.Parallel()
	holds := func(w uint8, s uint8, a, b, c uint8) bool {
		width, set := int(w), Set(s)%Sets
		needs := Needs{Package: int(a), Version: int(b), Expected: int(c)}
		cells, x := Table(width, set, needs), gutter-1
		for i, c := range cells {
			if c.X <= x || c.W < 1 || i > 0 && c.Column <= cells[i-1].Column || i > 0 && c.W > fitting.sizes[c.Column].most {
				t.Logf("%d cells wide: %v", width, cells)
				return false
			}
			x = c.X + c.W
		}
		return x <= max(width, gutter) && len(Table(width+1, set, needs)) >= len(cells) || width == wideTable-1
	}
	if err := quick.Check(holds, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	long, short := Needs{Package: 43, Version: 18}, Needs{Package: 12, Version: 13}
	for _, tt := range []struct {
		name  string
		width int
		needs Needs
		want  []Column
	}{
		{"the widest", 250, long, []Column{Status, Package, Version, Why}},
		{"140 cells with a preview", 85, long, []Column{Status, Package, Version, Why}},
		{"80 cells", 80, long, []Column{Status, Package, Version, Why}},
		{"120 cells with a preview", 72, short, []Column{Status, Package, Version, Why}},
		{"60 cells", 60, long, []Column{Status, Package, Why}},
		{"40 cells", 40, long, []Column{Status, Package}},
		{"nothing known", 80, Needs{}, []Column{Status, Package, Version, Why}},
		{"too narrow", 12, long, nil},
		{"nonsense", -1, long, nil},
	} {
		cells := Changes(tt.width, tt.needs)
		if got := columns(cells); !slices.Equal(got, tt.want) {
			t.Errorf("%s: columns %v, want %v", tt.name, got, tt.want)
		}
		for i, c := range cells {
			if c.W < 1 || c.X+c.W > tt.width || i > 0 && c.X <= cells[i-1].X+cells[i-1].W-1 {
				t.Errorf("%s: cell %+v after %+v", tt.name, c, cells[max(i-1, 0)])
			}
		}
	}
}
