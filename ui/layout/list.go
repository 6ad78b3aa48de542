package layout

// listWidth is the screen's width from which a list fits beside what it lists.
const listWidth = 100

// List divides a body into a list, the line between, and what the list is about.
// On a narrower screen the list is empty.
func List(body Rect) (list, separator, rest Rect) {
	const least, most, between = 40, 60, 3
	if body.W < listWidth {
		return Rect{}, Rect{}, body
	}
	w := max(least, min(body.W*2/5, most))
	list = Rect{body.X, body.Y, w, body.H}
	separator = Rect{body.X + w, body.Y, between, body.H}
	rest = Rect{body.X + w + between, body.Y, body.W - w - between, body.H}
	return list, separator, rest
}

// Finding divides a line of such a list, after the cursor's mark and a sign, into a
// name and what is found about it, whose longest texts are so wide.
func Finding(width, names, rules int) (name, rule int) {
	const before, gap = gutter + 2, 2
	room := max(width-before-gap, 0)
	rule = min(rules, max(room-names, room*2/5))
	return room - rule, rule
}
