package triage

import (
	"cmp"
	"slices"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Entry is one finding of a package.
type Entry struct {
	ID     int            // by which the caller knows the package
	Path   untrusted.Text // of its spec
	Status verify.Status  // the package's
	Judged
}

// Queue returns what is to decide of the entries, open and resurfaced findings,
// the worst first: by severity, then by the package's status in the order of
// [verify.Statuses], then by path and rule. What is known or rejected has been
// decided. It takes the entries apart.
func Queue(entries []Entry) []Entry {
	queue := slices.DeleteFunc(entries, func(e Entry) bool { return e.State == StateKnown || e.State == StateRejected })
	order := verify.Statuses()
	slices.SortStableFunc(queue, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(b.Severity(), a.Severity()),
			cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status)),
			cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.ID, b.ID),
			cmp.Compare(a.Finding.Rule, b.Finding.Rule),
		)
	})
	return queue
}
