package store

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/ui/layout"
	"plimsoll/verify"
)

// Sort is a column and a direction. The zero value is the default: by status,
// the worst first, and what fails by a policy after what fails by its evidence.
type Sort struct {
	Column  layout.Column
	Reverse bool
}

// rankKeys sort the statuses in the order of precedence, the worst first.
var rankKeys = func() (keys [numStatuses]string) {
	for i, status := range append(verify.Statuses(), verify.Unbound, verify.Bound) {
		keys[status] = string(rune('a' + i))
	}
	return keys
}()

// Sort returns how the rows are ordered.
func (s *Store) Sort() Sort { return s.sort }

// SetSort orders the rows anew. The cursor stays on its row.
func (s *Store) SetSort(sort Sort) {
	sort.Column = min(sort.Column, layout.Columns-1)
	s.sort = sort
	s.Arrange()
}

// Filter returns the filter as it was written.
func (s *Store) Filter() string { return s.query.String() }

// Problem says in a few words what is wrong with the filter, "" when all is
// well. It may hold what was written, uncleaned.
func (s *Store) Problem() string { return s.query.Problem() }

// SetFilter shows only the rows that match.
func (s *Store) SetFilter(text string) { s.narrow(parse(text), s.preset) }

// narrow shows only the rows that match. The cursor returns to the row that a
// person chose last as soon as that is shown again.
func (s *Store) narrow(query query, preset Preset) {
	before := s.Place()
	s.endRange()
	s.query, s.preset = query, preset
	s.choose(-1)
	if s.held && s.shown(s.chosen) {
		s.cursor = s.chosen
	}
	s.settle(before)
}

// Arrange filters and sorts the rows anew after results have arrived. The row
// under the cursor stays in the table even if it no longer matches: it would
// otherwise be swapped for its neighbour under a person's hand.
func (s *Store) Arrange() {
	s.keepRange()
	s.rearrange()
}

// rearrange is [Store.Arrange] after an open range has become marks: it goes on
// from the cursor.
func (s *Store) rearrange() {
	before, keep := s.Place(), -1
	if s.held {
		keep = s.cursor
	}
	s.arrange()
	s.choose(keep)
	s.settle(before)
	if s.Ranging() {
		s.anchor = s.cursor
	}
}

// OutOfOrder reports whether results arrived since the order was made.
func (s *Store) OutOfOrder() bool { return s.outOfOrder }

// ranks are the places of the rows' texts in the order of a column, by ID; equal texts
// have one place.
type ranks struct {
	of []int
	n  int // how many different texts there are; 0 if they have to be ranked anew
}

type keyed struct {
	text string
	id   int
}

// rank ranks the rows by the column that they are sorted by, unless no text of it has
// changed since.
func (s *Store) rank() ranks {
	r := &s.ranks[s.sort.Column]
	if r.n > 0 && len(r.of) == len(s.rows) {
		return *r
	}
	s.keyed = s.keyed[:0]
	for id, row := range s.rows {
		s.keyed = append(s.keyed, keyed{s.sortKey(row), id})
	}
	slices.SortFunc(s.keyed, func(a, b keyed) int { return strings.Compare(a.text, b.text) })
	*r = ranks{of: slices.Grow(r.of[:0], len(s.rows))[:len(s.rows)]}
	for i, k := range s.keyed {
		if i == 0 || k.text != s.keyed[i-1].text {
			r.n++
		}
		r.of[k.id] = r.n - 1
	}
	return *r
}

// arrange sorts all rows; the catalog's order decides between equals.
func (s *Store) arrange() {
	r := s.rank()
	at := func(id int) int {
		if s.sort.Reverse {
			return r.n - 1 - r.of[id]
		}
		return r.of[id]
	}
	s.next = append(s.next[:0], make([]int, r.n+1)...) // the place of the next row of each rank
	reasons := 0
	for id, row := range s.rows {
		if !row.Gone {
			s.next[at(id)+1]++
			reasons = max(reasons, row.why)
		}
	}
	for i := range r.n {
		s.next[i+1] += s.next[i]
	}
	s.sorted = slices.Grow(s.sorted[:0], s.next[r.n])[:s.next[r.n]]
	for id, row := range s.rows {
		if !row.Gone {
			n := at(id)
			s.sorted[s.next[n]] = id
			s.next[n]++
		}
	}
	if !s.Working() {
		s.reasons = reasons
	}
	s.outOfOrder = false
}

// sortKey is the text that a row is sorted by.
func (s *Store) sortKey(row *Row) string {
	if s.sort.Column == layout.Status && row.keys[layout.Status] == "" {
		if row.fails {
			return min(rankKeys[row.Status], rankKeys[verify.Mismatch]+rankKeys[row.Status])
		}
		return rankKeys[row.Status]
	}
	return row.keys[s.sort.Column]
}

// Version counts how often the order was made: a change of it means that rows
// may have moved.
func (s *Store) Version() int { return s.version }

// choose lets through the rows that match, and the one to keep.
func (s *Store) choose(keep int) {
	s.version++
	s.order = s.order[:0]
	s.place = slices.Grow(s.place[:0], len(s.rows))[:len(s.rows)]
	for id := range s.place {
		s.place[id] = -1
	}
	shows, source, why := s.shows(), 0, 0
	for _, id := range s.sorted {
		if row := s.rows[id]; id == keep || shows.match(row) {
			s.place[id] = len(s.order)
			s.order = append(s.order, id)
			source, why = max(source, row.source), max(why, row.why, one(row.Report != nil))
		}
	}
	if !s.Working() { // the columns stand still while results come
		s.needs[layout.Source], s.needs[layout.Why] = source, why
	}
}

// settle finds the cursor a row after the order has changed: the one it was
// on, or the one that is now in its place.
func (s *Store) settle(before int) {
	switch {
	case len(s.order) == 0:
		s.cursor = -1
	case !s.held:
		s.cursor = s.order[0]
	case !s.shown(s.cursor):
		s.cursor = s.order[min(max(before, 0), len(s.order)-1)]
	}
}

func (s *Store) shown(id int) bool { return id >= 0 && id < len(s.place) && s.place[id] >= 0 }

// Shown returns how many rows the filter lets through.
func (s *Store) Shown() int { return len(s.order) }

// Window returns the rows shown from place top on, at most n. The slice is not
// to be changed and holds until the order changes.
func (s *Store) Window(top, n int) []int {
	top = min(max(top, 0), len(s.order))
	return s.order[top:min(len(s.order), top+max(n, 0))]
}

// Cursor returns the row under the cursor, nil when nothing is shown.
func (s *Store) Cursor() *Row { return s.Row(s.cursor) }

// Place returns the cursor's place among the rows shown, from 0; -1 when
// nothing is shown.
func (s *Store) Place() int {
	if !s.shown(s.cursor) {
		return -1
	}
	return s.place[s.cursor]
}

// Hold ties the cursor to the row it is on. Until a person has moved it, or has
// done something with its row, nobody has chosen one: then the cursor rests on
// the first line, so that the worst is in view when the first results are in.
func (s *Store) Hold() {
	if s.cursor >= 0 {
		s.held, s.chosen = true, s.cursor
	}
}

// Move moves the cursor by delta rows, as far as there are any.
func (s *Store) Move(delta int) {
	if place := s.Place(); place >= 0 {
		s.MoveTo(place + delta)
	}
}

// MoveTo puts the cursor on the row at a place, or on the nearest there is.
func (s *Store) MoveTo(place int) {
	if len(s.order) == 0 {
		return
	}
	s.cursor = s.order[min(max(place, 0), len(s.order)-1)]
	s.chosen, s.held = s.cursor, true
}

// naturalKey makes a text whose byte order is the order of versions: runs of
// digits compare as numbers.
func naturalKey(version string) string {
	var b strings.Builder
	for version != "" {
		digits := len(version) - len(strings.TrimLeft(version, "0123456789"))
		if digits == 0 {
			b.WriteByte(version[0])
			version = version[1:]
			continue
		}
		number := strings.TrimLeft(version[:digits], "0")
		fmt.Fprintf(&b, "%04d%s", min(len(number), 9999), number)
		version = version[digits:]
	}
	return strings.ToLower(b.String())
}
