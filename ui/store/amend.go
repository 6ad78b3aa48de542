package store

import (
	"plimsoll/catalog"
	"plimsoll/verify"
)

// Amend replaces the answer to a row by the same one with what people decided
// about its findings. The status stays, and so does the row's place: a
// decision changes neither. It does nothing where the status is another one.
func (s *Store) Amend(id int, report *verify.Report) {
	row := s.Row(id)
	if row == nil || row.Report == nil || report == nil || report.Status != row.Status {
		return
	}
	row.Report = report
	s.write(row)
}

// SetSpec replaces the spec of a row after its file was written. What is known
// about the row is about the spec before, until it is asked for anew.
func (s *Store) SetSpec(id int, spec catalog.Spec) {
	row := s.Row(id)
	if row == nil {
		return
	}
	row.Spec = spec
	s.write(row)
	s.measure(row.Cells)
	s.outOfOrder = true
}

// Point puts the cursor on a row and says whether that is shown.
func (s *Store) Point(id int) bool {
	if !s.shown(id) {
		return false
	}
	s.MoveTo(s.place[id])
	return true
}
