package store

import (
	"slices"

	"plimsoll/catalog"
	"plimsoll/verify"
)

// A row is the spec at a path. Over a reload it keeps its number, and with it
// the cursor, the marks and whatever others remember of it; the row of a spec
// that is gone is hidden, not renumbered, and is the spec's again if that comes
// back.

// Change is what was found at the path of a spec that may have changed.
type Change struct {
	Spec catalog.Spec
	Gone bool // there is no spec any more; of Spec only the Path is known
}

// Reloaded is what a reload changed: the numbers of rows.
type Reloaded struct {
	Changed []int // they hold other text than before
	Added   []int
	Removed []int
	// Was is the verdict on each of the Changed before.
	Was map[int]verify.Status
}

// Empty says that nothing changed.
func (r Reloaded) Empty() bool { return len(r.Changed)+len(r.Added)+len(r.Removed) == 0 }

// Reload takes what was found at some paths. A spec that reads as before is no
// change. What was known about one that reads otherwise was about another text:
// it is pending, or unchecked if it cannot be read, until it is asked for.
// The rows that did not change stay as they are.
func (s *Store) Reload(changes []Change) Reloaded {
	known := make(map[string]int, len(s.rows))
	for i := range s.rows {
		known[string(s.rows[i].Spec.Path)] = i
	}
	r := Reloaded{Was: map[int]verify.Status{}}
	s.keepRange()
	for _, c := range changes {
		id, found := known[string(c.Spec.Path)]
		switch {
		case c.Gone && (!found || s.rows[id].Gone):
		case c.Gone:
			s.remove(s.rows[id])
			r.Removed = append(r.Removed, id)
		case !found:
			id = s.add(c.Spec)
			known[string(c.Spec.Path)] = id
			r.Added = append(r.Added, id)
		case s.rows[id].Gone:
			s.rows[id].Gone = false
			s.renew(s.rows[id], c.Spec)
			r.Added = append(r.Added, id)
		case !sameText(s.rows[id].Spec, c.Spec):
			r.Was[id] = s.rows[id].Status
			s.counts[s.rows[id].Status]--
			s.renew(s.rows[id], c.Spec)
			r.Changed = append(r.Changed, id)
		}
	}
	if !r.Empty() {
		s.rearrange()
	}
	return r
}

// sameText says whether two specs were read from the same bytes, or could not
// be read for the same reason.
func sameText(a, b catalog.Spec) bool {
	if (a.Err == nil) != (b.Err == nil) {
		return false
	}
	return a.SHA256 == b.SHA256 && (a.Err == nil || *a.Err == *b.Err)
}

// add appends a row and returns its number.
func (s *Store) add(spec catalog.Spec) int {
	s.rows = append(s.rows, &Row{ID: len(s.rows)})
	s.marks = append(s.marks, false)
	row := s.rows[len(s.rows)-1]
	s.renew(row, spec)
	return row.ID
}

// renew makes a row that of a spec about which nothing is known. The row is not
// counted before.
func (s *Store) renew(row *Row, spec catalog.Spec) {
	s.dismiss(row)
	s.weigh(row, false)
	row.Spec, row.Answer, row.Report, row.Status, row.Judged = spec, nil, nil, verify.Pending, nil
	if spec.Err != nil {
		row.Status = verify.Unchecked
	}
	s.counts[row.Status]++
	s.write(row)
	s.measure(row.Cells)
}

// remove hides a row for good. What was known about it can still be read.
func (s *Store) remove(row *Row) {
	s.dismiss(row)
	s.counts[row.Status]--
	s.weigh(row, false)
	s.marks[row.ID] = false
	row.Gone = true
}

// dismiss no longer waits for a row's answer; one that comes is stale.
func (s *Store) dismiss(row *Row) {
	row.generation++
	if !row.Waiting {
		return
	}
	row.Waiting, row.Message = false, ""
	if s.asked--; s.asked == s.answered {
		s.asked, s.answered = 0, 0
	}
}

// rearrange is [Store.Arrange] after rows have come or gone, and an open range
// has become marks: it goes on from the cursor.
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

// present returns the numbers of the rows that are not gone and that fit, in
// the catalog's order.
func (s *Store) present(fits func(*Row) bool) []int {
	ids := make([]int, 0, len(s.rows))
	for i := range s.rows {
		if !s.rows[i].Gone && fits(s.rows[i]) {
			ids = append(ids, i)
		}
	}
	return slices.Clip(ids)
}
