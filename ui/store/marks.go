package store

import "slices"

// Marks belong to packages, as the cursor does: neither results nor a filter
// move them to others. A range reaches from the row where it began to the
// cursor; whatever would move rows within it first turns what it covers into
// marks, so that no package gets into it that a person did not see there.

// Marked reports whether a row is marked, or within the range.
func (s *Store) Marked(id int) bool {
	return id >= 0 && id < len(s.marks) && (s.marks[id] || s.inRange(id))
}

// Marks returns the IDs of the marked rows, in the catalog's order, also
// those that the filter hides.
func (s *Store) Marks() []int {
	var ids []int
	for id := range s.marks {
		if s.Marked(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// MarkCount returns how many rows are marked, and how many of them are hidden.
func (s *Store) MarkCount() (marked, hidden int) {
	if !s.Ranging() && !slices.Contains(s.marks, true) { // asked for each frame
		return 0, 0
	}
	ranging := s.Ranging()
	for id, is := range s.marks {
		if is || ranging && s.inRange(id) {
			marked++
			if !s.shown(id) {
				hidden++
			}
		}
	}
	return marked, hidden
}

// ToggleMark marks the row under the cursor, or unmarks it, and moves on. An
// open range ends instead.
func (s *Store) ToggleMark() {
	switch {
	case s.Ranging():
		s.endRange()
	case s.cursor >= 0:
		s.marks[s.cursor] = !s.marks[s.cursor]
		s.Move(1)
	}
}

// ToggleRange begins a range at the cursor, or marks what the open one covers.
func (s *Store) ToggleRange() {
	if s.Ranging() {
		s.endRange()
		return
	}
	s.Hold()
	s.anchor = s.cursor
}

// Ranging reports whether a range is open.
func (s *Store) Ranging() bool { return s.anchor >= 0 }

// ToggleAll marks every row shown; if all are marked, it unmarks them.
func (s *Store) ToggleAll() {
	s.endRange()
	all := true
	for _, id := range s.order {
		all = all && s.marks[id]
	}
	for _, id := range s.order {
		s.marks[id] = !all
	}
}

// Unmark drops the open range; without one, all marks. It reports whether
// there was anything to drop.
func (s *Store) Unmark() bool {
	if s.Ranging() {
		s.anchor = -1
		return true
	}
	marked, _ := s.MarkCount()
	clear(s.marks)
	return marked > 0
}

func (s *Store) endRange() {
	s.keepRange()
	s.anchor = -1
}

// keepRange turns what the range covers into marks and lets it go on from the
// cursor.
func (s *Store) keepRange() {
	if !s.Ranging() {
		return
	}
	for id := range s.marks {
		s.marks[id] = s.Marked(id)
	}
	s.anchor = s.cursor
}

func (s *Store) inRange(id int) bool {
	if !s.shown(s.anchor) || !s.shown(s.cursor) || !s.shown(id) {
		return false
	}
	first, last := s.place[s.anchor], s.place[s.cursor]
	if first > last {
		first, last = last, first
	}
	return s.place[id] >= first && s.place[id] <= last
}
