package layout

import (
	"testing"
	"testing/quick"
)

func TestDivide(t *testing.T) {
	all := Wish{Notice: true, Heading: true, Preview: true}
	tests := []struct {
		name    string
		w, h    int
		wish    Wish
		body    Rect
		preview Rect
		small   bool
	}{
		{"wide, with a preview", 120, 40, all, Rect{0, 4, 72, 34}, Rect{75, 3, 45, 35}, false},
		{"one column less", 119, 40, all, Rect{0, 4, 119, 34}, Rect{}, false},
		{"nobody wants a preview", 120, 40, Wish{Heading: true}, Rect{0, 3, 120, 35}, Rect{}, false},
		{"very wide: the preview stays readable", 300, 40, all, Rect{0, 4, 221, 34}, Rect{224, 3, 76, 35}, false},
		{"low: neither notice nor preview", 120, 14, all, Rect{0, 3, 120, 9}, Rect{}, false},
		{"the smallest", 40, 10, all, Rect{0, 3, 40, 5}, Rect{}, false},
		{"too narrow", 39, 10, all, Rect{}, Rect{}, true},
		{"too low", 40, 9, all, Rect{}, Rect{}, true},
		{"no size yet", 0, 0, all, Rect{}, Rect{}, true},
		{"nonsense", -3, -9, all, Rect{}, Rect{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Divide(tt.w, tt.h, tt.wish)
			if f.Body != tt.body || f.Preview != tt.preview || f.Small != tt.small {
				t.Errorf("body %v, preview %v, small %v; want %v, %v, %v",
					f.Body, f.Preview, f.Small, tt.body, tt.preview, tt.small)
			}
		})
	}
}

// Every cell of the screen belongs to exactly one rectangle.
func TestDivideCoversTheScreenOnce(t *testing.T) {
	covers := func(w, h uint8, wish Wish) bool {
		f := Divide(int(w), int(h), wish)
		rects := []Rect{f.Header, f.Notice, f.Crumb, f.Heading, f.Body, f.Separator, f.Preview, f.Toast, f.Footer}
		if f.Small {
			return f == Frame{Width: int(w), Height: int(h), Small: true}
		}
		owner := make([]int, f.Width*f.Height)
		for _, r := range rects {
			if r.Empty() {
				continue
			}
			if r.X < 0 || r.Y < 0 || r.X+r.W > f.Width || r.Y+r.H > f.Height {
				return false
			}
			for y := r.Y; y < r.Y+r.H; y++ {
				for x := r.X; x < r.X+r.W; x++ {
					owner[y*f.Width+x]++
				}
			}
		}
		for _, n := range owner {
			if n != 1 {
				return false
			}
		}
		return f.Body.H >= 5 && f.Body.W >= MinWidth
	}
	if err := quick.Check(covers, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

func TestTable(t *testing.T) {
	tests := []struct {
		width   int
		columns []Column
	}{
		{160, []Column{Status, Package, Version, Source, Expected}},
		{78, []Column{Status, Package, Version, Source, Expected}},
		{77, []Column{Status, Package, Version, Source}},
		{59, []Column{Status, Package, Version}},
		{40, []Column{Status, Package}},
		{12, nil},
		{-1, nil},
	}
	for _, tt := range tests {
		cells := Table(tt.width)
		if len(cells) != len(tt.columns) {
			t.Errorf("%d cells wide: %v, want the columns %v", tt.width, cells, tt.columns)
			continue
		}
		for i, c := range cells {
			if c.Column != tt.columns[i] {
				t.Errorf("%d cells wide: column %d is %d, want %d", tt.width, i, c.Column, tt.columns[i])
			}
		}
	}
}

func TestTableFillsTheRow(t *testing.T) {
	for width := MinWidth; width < 400; width++ {
		cells, x := Table(width), Gutter
		for i, c := range cells {
			if i > 0 && c.X <= x {
				t.Fatalf("%d cells wide: no gap before column %d: %v", width, c.Column, cells)
			}
			if c.W < 8 {
				t.Fatalf("%d cells wide: column %d has %d cells", width, c.Column, c.W)
			}
			x = c.X + c.W
		}
		if x != width {
			t.Fatalf("%d cells wide: the columns end at %d", width, x)
		}
	}
}
