package ui

import (
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// take shows answers that were saved, one for each row.
func (m *Model) take(results []verify.Report) {
	if len(results) == 0 || len(results) != m.store.Len() {
		return
	}
	var ids []int
	for id := range results {
		if results[id].Status != verify.Pending {
			ids = append(ids, id)
		}
	}
	var events []scan.Event
	for _, task := range m.store.Ask(ids...) {
		events = append(events, scan.Event{ID: task.ID, Generation: task.Generation, Kind: scan.Finished, Report: &results[task.ID]})
	}
	m.store.Apply(events)
	m.store.Arrange()
	m.triage.touch()
}
