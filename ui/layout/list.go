package layout

// listWidth is the screen's width from which a list fits beside what it lists.
const listWidth = 100

const (
	listBefore = gutter + 2 // the cursor's mark, and a sign
	listGap    = 2
)

// List divides a body into a list whose longest names and rules are so wide, the line
// between, and what the list is about. On a narrower screen the list is empty.
func List(body Rect, names, rules int) (list, separator, rest Rect) {
	const least, between = 40, 3
	if body.W < listWidth {
		return Rect{}, Rect{}, body
	}
	w := max(least, min(listBefore+names+listGap+rules, body.W*47/100))
	list = Rect{body.X, body.Y, w, body.H}
	separator = Rect{body.X + w, body.Y, between, body.H}
	rest = Rect{body.X + w + between, body.Y, body.W - w - between, body.H}
	return list, separator, rest
}

// Finding divides a line of such a list into a name and the rule that was broken, which
// is not there if the name leaves no room for a word of it.
func Finding(width, names, rules int) (name, rule int) {
	const word = 9
	room := max(width-listBefore, 0)
	if rule = min(rules, room-names-listGap); rule < word {
		return room, 0
	}
	return room - listGap - rule, rule
}
