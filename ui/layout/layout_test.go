package layout

import (
	"testing"
	"testing/quick"
)

func TestDivide(t *testing.T) {
	t.Parallel()
	all := Wish{Notice: true, Counts: true, Heading: true, Preview: true}
	tests := []struct {
		name    string
		w, h    int
		wish    Wish
		body    Rect
		preview Rect
		small   bool
	}{
		{"wide: the preview lies beside", 150, 40, all, Rect{0, 5, 103, 33}, Rect{106, 4, 44, 34}, false},
		{"one column less: below", 149, 40, all, Rect{0, 5, 149, 19}, Rect{0, 25, 149, 13}, false},
		{"no more than it needs", 149, 40, Wish{Notice: true, Counts: true, Heading: true, Preview: true, Need: Need{W: 9, H: 6}},
			Rect{0, 5, 149, 26}, Rect{0, 32, 149, 6}, false},
		{"beside likewise, but for a name", 150, 40, Wish{Notice: true, Counts: true, Heading: true, Preview: true, Need: Need{W: 9, H: 6}},
			Rect{0, 5, 123, 33}, Rect{126, 4, 24, 34}, false},
		{"larger by two steps", 149, 40, Wish{Heading: true, Preview: true, Size: 2}, Rect{0, 3, 149, 13}, Rect{0, 17, 149, 21}, false},
		{"low: none below", 149, 29, all, Rect{0, 5, 149, 22}, Rect{}, false},
		{"nobody wants a preview", 150, 40, Wish{Heading: true}, Rect{0, 3, 150, 35}, Rect{}, false},
		{"very wide: the preview stays readable", 300, 40, all, Rect{0, 5, 221, 33}, Rect{224, 4, 76, 34}, false},
		{"not high: the counts are in the header", 120, 19, all, Rect{0, 4, 120, 13}, Rect{}, false},
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
	t.Parallel()
	covers := func(w, h uint8, wish Wish) bool {
		f := Divide(int(w), int(h), wish)
		rects := []Rect{f.Header, f.Notice, f.Counts, f.Crumb, f.Heading, f.Body, f.Separator, f.Preview, f.Toast, f.Footer}
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

// The pane does not lie beside a table at the cost of its reasons.
func TestBesideOnlyIfTheTableTellsItsReasons(t *testing.T) {
	t.Parallel()
	for table, beside := range map[int]bool{0: true, 103: true, 104: false, 200: false} {
		f := Divide(150, 40, Wish{Heading: true, Preview: true, Table: table})
		if got := f.Separator.W == besideGap; got != beside || beside && f.Body.W < table {
			t.Errorf("a table that needs %d cells: beside %v, want %v; it has %d", table, got, beside, f.Body.W)
		}
	}
	if wide, narrow := Tells(demo), Tells(Needs{Package: 10, Version: 5, Source: 9, Why: 12}); wide <= narrow || narrow > 60 {
		t.Errorf("a table needs %d cells for long texts, %d for short ones", wide, narrow)
	}
}
