package store

import (
	"slices"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// A row is the spec at a path. Over a reload it keeps its number, and with it
// the cursor, the marks and whatever others remember of it; the row of a spec
// that is gone is hidden, not renumbered, and is the spec's again if that comes
// back.

// Reloaded is what a reload changed: the IDs of rows.
type Reloaded struct {
	Changed []int // they hold other text than before
	Added   []int
	Removed []int
	// Was is the verdict on each of the Changed before.
	Was map[int]verify.Status
}

// Empty reports whether nothing changed.
func (r Reloaded) Empty() bool { return len(r.Changed)+len(r.Added)+len(r.Removed) == 0 }

// Reload takes the specs of the whole catalog as they are now; what is not among
// them is gone. A spec that reads as before is no change. What was known about
// one that reads otherwise was about another text: it is pending, or unchecked
// if it cannot be read, until it is asked for. The rows that did not change stay
// as they are.
func (s *Store) Reload(specs []catalog.Spec) Reloaded {
	known := make(map[untrusted.Text]*Row, len(s.rows))
	for _, row := range s.rows {
		known[row.Spec.Path] = row
	}
	r := Reloaded{Was: map[int]verify.Status{}}
	s.keepRange()
	for _, read := range specs {
		spec := &read // alone: a row that kept one of all would keep all
		row, found := known[spec.Path]
		delete(known, spec.Path)
		switch {
		case !found:
			r.Added = append(r.Added, s.add([]catalog.Spec{read})...)
		case row.Gone:
			row.Gone = false
			s.renew(row, spec)
			r.Added = append(r.Added, row.ID)
		case !sameText(row.Spec, spec):
			r.Was[row.ID] = row.Status
			s.discount(row)
			s.renew(row, spec)
			r.Changed = append(r.Changed, row.ID)
		}
	}
	for _, row := range known {
		if !row.Gone {
			s.remove(row)
			r.Removed = append(r.Removed, row.ID)
		}
	}
	slices.Sort(r.Removed)
	if !r.Empty() {
		s.rearrange()
	}
	return r
}

// sameText reports whether two specs were read from the same bytes, or could not
// be read for the same reason.
func sameText(a, b *catalog.Spec) bool {
	if (a.Err == nil) != (b.Err == nil) {
		return false
	}
	return a.SHA256 == b.SHA256 && (a.Err == nil || *a.Err == *b.Err)
}

// remove hides a row for good. What was known about it can still be read.
func (s *Store) remove(row *Row) {
	s.discount(row)
	s.marks[row.ID] = false
	row.Gone = true
	s.tellApart(row.label)
	s.weigh(row)
}

// discount no longer counts a row or waits for its answer; one that comes is
// stale.
func (s *Store) discount(row *Row) {
	s.counts[row.Status]--
	row.generation++
	if !row.Waiting {
		return
	}
	row.Waiting, row.Message = false, ""
	if s.asked--; s.asked == s.answered {
		s.asked, s.answered = 0, 0
	}
}

// present returns the IDs of the rows that are not gone and that fit, in
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
