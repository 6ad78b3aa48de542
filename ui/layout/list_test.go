package layout

import (
	"testing"
	"testing/quick"
)

// A list, the line and what it is about cover the body once, and a line of the list
// holds its parts.
func TestListCoversTheBody(t *testing.T) {
	t.Parallel()
	covers := func(w, h uint8, names, rules uint8) bool {
		body := Rect{0, 2, max(int(w), MinWidth), 1 + int(h)}
		list, separator, rest := List(body, int(names), int(rules))
		if list.Empty() {
			return rest == body
		}
		name, rule := Finding(list.W, int(names), int(rules))
		return list.X == 0 && separator.X == list.W && rest.X == separator.X+separator.W && rest.X+rest.W == body.W &&
			list.Y == 2 && list.H == body.H && rest.H == body.H && rest.W >= list.W/2 && rest.W >= 50 &&
			name >= 0 && (rule == 0 && listBefore+name == list.W || rule > 0 && listBefore+name+listGap+rule == list.W)
	}
	if err := quick.Check(covers, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}
