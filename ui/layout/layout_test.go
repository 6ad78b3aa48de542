package layout

import (
	"testing"
	"testing/quick"
)

func TestDivide(t *testing.T) {
	t.Parallel()
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
		{"a table that needs more room: the preview lies below", 149, 40, Wish{Notice: true, Heading: true, Preview: true, Below: true},
			Rect{0, 4, 149, 20}, Rect{0, 25, 149, 13}, false},
		{"the same, wide", 150, 40, Wish{Notice: true, Heading: true, Preview: true, Below: true},
			Rect{0, 4, 91, 34}, Rect{94, 3, 56, 35}, false},
		{"the same, low", 149, 29, Wish{Notice: true, Heading: true, Preview: true, Below: true},
			Rect{0, 4, 149, 23}, Rect{}, false},
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
	t.Parallel()
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
