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
		if art.Record != nil {
			record := *art.Record
			record.Time, record.Path = time.Time{}, nil
			art.Record = &record
		}
		art.Attestations = slices.Clone(art.Attestations)
		for j := range art.Attestations {
			att := &art.Attestations[j]
			att.Source = Source{}
			att.Checks = att.unmet()
			if att.Status != Verified {
				att.SignedAt = time.Time{} // known of it only if it was explained
			}
		}
	}
	return same
}

// unmet returns the checks that did not pass.
func (att *Attestation) unmet() (checks []Check) {
	for _, c := range att.Checks {
		if c.Status == Fail || c.Status == Blocked {
			checks = append(checks, c)
		}
	}
	return checks
}
