package verify

import (
	"reflect"
	"slices"
	"time"
)

// Same reports whether two reports on a package say the same about the same
// evidence, whenever and from wherever that was fetched, and whether or not
// every check is listed.
func (r *Report) Same(other *Report) bool {
	return reflect.DeepEqual(r.identity(), other.identity())
}

// identity is the report without what two checks of one thing may differ in.
// The evidence itself is known by the hash of its bytes.
func (r *Report) identity() Report {
	same := *r
	same.Sources = nil
	same.Artifacts = slices.Clone(r.Artifacts)
	for i := range same.Artifacts {
		art := &same.Artifacts[i]
		if art.Record != nil { // the tree grows with every module that is published
			record := *art.Record
			record.Size, record.Root = 0, ""
			record.Checks = unmet(record.Checks)
			art.Record = &record
		}
		art.Attestations = slices.Clone(art.Attestations)
		for j := range art.Attestations {
			att := &art.Attestations[j]
			att.Source = Source{}
			att.Checks = unmet(att.Checks)
			if att.Status != Verified {
				att.SignedAt = time.Time{} // known of it only if it was explained
			}
		}
	}
	return same
}

// unmet returns the checks that did not pass.
func unmet(all []Check) (checks []Check) {
	for _, c := range all {
		if c.Status == Fail || c.Status == Blocked {
			checks = append(checks, c)
		}
	}
	return checks
}
