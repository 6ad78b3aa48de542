package triage

import (
	"cmp"
	"slices"

	"plimsoll/catalog"
	"plimsoll/verify"
)

// Item is one package of a catalog.
type Item struct {
	Spec     catalog.Spec
	Status   verify.Status
	Findings []Judged // see [Decisions.Apply]
}

// Entry is one finding that waits for a decision.
type Entry struct {
	Item int // index into the items
	Spec catalog.Spec
	// Status is the package's.
	Status verify.Status
	Judged
}

// Queue lists what is to decide, open and resurfaced findings, the worst
// first: by severity, then by the package's status in the order of
// [verify.Statuses], then by path and rule. What is known or rejected has been
// decided.
func Queue(items []Item) []Entry {
	var queue []Entry
	for i, item := range items {
		for _, j := range item.Findings {
			if j.State == StateOpen || j.State == StateResurfaced {
				queue = append(queue, Entry{Item: i, Spec: item.Spec, Status: item.Status, Judged: j})
			}
		}
	}
	order := verify.Statuses()
	slices.SortStableFunc(queue, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(b.Severity(), a.Severity()),
			cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status)),
			cmp.Compare(a.Spec.Path, b.Spec.Path),
			cmp.Compare(a.Item, b.Item),
			cmp.Compare(a.Finding.Rule, b.Finding.Rule),
		)
	})
	return queue
}
