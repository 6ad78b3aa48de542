package store

import (
	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// Amend replaces the answer to a row by the same one with what people decided
// about its findings. The status stays, and so does the row's place: a
// decision changes neither. It does nothing if the status is another one.
func (s *Store) Amend(id int, report *verify.Report) {
	row := s.Row(id)
	if row == nil || row.Report == nil || report == nil || report.Status != row.Status {
		return
	}
	row.Report, row.Judged = report, nil
	s.weigh(row)
	s.write(row)
}

// Judge keeps how the findings of a row stand; nil: that is not known any more.
func (s *Store) Judge(id int, judged []triage.Judged) {
	if row := s.Row(id); row != nil {
		row.Judged = judged
	}
}

// Replace gives a row an answer that it was not asked for. It does nothing if one
// is waited for.
func (s *Store) Replace(id int, report *verify.Report) (Finished, bool) {
	row := s.Row(id)
	if row == nil || row.Waiting || row.Gone {
		return Finished{}, false
	}
	return s.put(row, report), true
}

// SetSpec replaces the spec of a row after its file was written. What is known
// about the row is about the spec before, until it is asked for anew.
func (s *Store) SetSpec(id int, spec catalog.Spec) {
	row := s.Row(id)
	if row == nil || row.Gone {
		return
	}
	row.Spec, row.Judged = &spec, nil
	s.write(row)
	s.measure(row)
	s.outOfOrder = true
}

// Point puts the cursor on a row, if that is shown.
func (s *Store) Point(id int) {
	if s.shown(id) {
		s.MoveTo(s.place[id])
	}
}
