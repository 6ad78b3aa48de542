package store

import (
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// Progress returns how many of the rows that were asked for are answered;
// both are 0 when nothing is waiting.
func (s *Store) Progress() (answered, asked int) { return s.answered, s.asked }

// Working reports whether answers are missing.
func (s *Store) Working() bool { return s.asked > 0 }

// Ask marks rows as waiting and returns the tasks for them. A row that is
// waiting already is asked anew: the older answer will be dropped.
func (s *Store) Ask(ids ...int) []scan.Task {
	tasks := make([]scan.Task, 0, len(ids))
	for _, id := range ids {
		row := s.Row(id)
		if row == nil || row.Gone {
			continue
		}
		row.generation++
		row.Message = ""
		if !row.Waiting {
			row.Waiting = true
			s.asked++
		}
		tasks = append(tasks, scan.Task{ID: id, Generation: row.generation, Spec: row.Spec})
	}
	return tasks
}

// Finished is a row that was answered: its status before and now.
type Finished struct {
	ID          int
	Was, Is     verify.Status
	FirstAnswer bool
	Same        bool // the answer is the one that the row had
}

// Apply takes what the engine says, drops what is stale or not asked for, and
// returns the rows that were answered. The order stays until [Store.Arrange].
func (s *Store) Apply(events []scan.Event) []Finished {
	var finished []Finished
	for _, event := range events {
		row := s.Row(event.ID)
		if row == nil || !row.Waiting || row.generation != event.Generation {
			continue
		}
		switch event.Kind {
		case scan.Started, scan.Progress:
			row.Message = event.Message
		case scan.Finished:
			finished = append(finished, s.finish(row, event.Report))
		}
	}
	if s.answered == s.asked {
		s.asked, s.answered = 0, 0
	}
	return finished
}

// finish stores the answer to a row that is waiting.
func (s *Store) finish(row *Row, report *verify.Report) Finished {
	answer := s.put(row, report)
	row.Waiting, row.Message = false, ""
	s.answered++
	s.outOfOrder = true
	return answer
}

// put stores an answer. One without a verdict proves nothing: the row is in
// error.
func (s *Store) put(row *Row, report *verify.Report) Finished {
	if report == nil || report.Status == verify.Pending || int(report.Status) >= numStatuses {
		report = &verify.Report{Status: verify.Unchecked, Reason: "the check ended without a verdict"}
	}
	answer := Finished{ID: row.ID, Was: row.Status, Is: report.Status, FirstAnswer: row.Report == nil, Same: row.Answer == report}
	s.counts[answer.Was]--
	s.counts[answer.Is]++
	haystack, keys := row.haystack, row.keys
	if !answer.Same { // else what was decided about it stands
		row.Answer, row.Report, row.Judged = report, report, nil
	}
	row.Status = report.Status
	s.weigh(row)
	s.write(row)
	// The status is in the haystack.
	s.outOfOrder = s.outOfOrder || haystack != row.haystack || keys != row.keys
	return answer
}

// Outdate takes back what is known about all rows, and returns the verdicts that
// there were: a row has the answer that instead gives, or is pending if that
// is nil, until it is asked for again. The row of a spec that cannot be read
// stays, and so does one that is gone.
func (s *Store) Outdate(instead func(*Row) *verify.Report) map[int]verify.Status {
	was := map[int]verify.Status{}
	for _, row := range s.rows {
		if row.Gone || row.Report == nil || row.Spec.Err != nil {
			continue
		}
		was[row.ID] = row.Status
		if instead != nil {
			s.put(row, instead(row))
			continue
		}
		s.counts[row.Status]--
		row.Answer, row.Report, row.Status, row.Judged = nil, nil, verify.Pending, nil
		s.weigh(row)
		s.counts[row.Status]++
		s.write(row)
	}
	s.outOfOrder = s.outOfOrder || len(was) > 0
	return was
}

// Abandon gives up waiting and returns how many rows were not answered.
func (s *Store) Abandon() int {
	missing := s.asked - s.answered
	for i := range s.rows {
		s.rows[i].Waiting, s.rows[i].Message = false, ""
	}
	s.asked, s.answered = 0, 0
	return missing
}
