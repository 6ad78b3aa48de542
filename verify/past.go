package verify

import "time"

// Past is what the releases before one say of it, as far as somebody asked: a
// policy demands it, and decides by it. The finding of what was not lost is nil.
type Past struct {
	// Problem is why nothing is known of the versions before, cleaned, or "" if
	// it is. The other problems are why their value is not known.
	Problem string

	// Published is when the last file of the release was, as the registry says, and
	// not before it was signed.
	Published        time.Time
	PublishedProblem string

	Loss        *Finding // what the release has less of than those before it
	LossProblem string

	// Asked is set if the publisher of the release before was asked for: its
	// evidence was fetched and verified, if it has any.
	Asked            bool
	Publisher        *Finding // that another published, or that nothing proves any more who did
	PublisherProblem string
}
