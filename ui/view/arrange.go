package view

import (
	"cmp"
	"slices"

	"plimsoll/verify"
)

// arrange lists the artifacts in the order in which they are shown: those that
// are wrong or could not be checked first, the others as the registry lists
// them. Among thousands of files the one that matters is on the first page.
func arrange(r *verify.Report) []*verify.ArtifactReport {
	out := make([]*verify.ArtifactReport, len(r.Artifacts))
	for i := range r.Artifacts {
		out[i] = &r.Artifacts[i]
	}
	slices.SortStableFunc(out, func(a, b *verify.ArtifactReport) int { return cmp.Compare(grave(b.Status), grave(a.Status)) })
	return out
}

// attestations lists an artifact's attestations in the order in which they are
// shown: provenance before what only the registry says, the gravest first.
func attestations(a *verify.ArtifactReport) []*verify.Attestation {
	out := make([]*verify.Attestation, len(a.Attestations))
	for i := range a.Attestations {
		out[i] = &a.Attestations[i]
	}
	slices.SortStableFunc(out, func(a, b *verify.Attestation) int { return cmp.Compare(rank(b), rank(a)) })
	return out
}

// chief chooses the attestation whose chain is drawn, the first of all in the
// order of [attestations]; without any, the artifact that matters most.
func chief(r *verify.Report) (*verify.ArtifactReport, *verify.Attestation) {
	arts := arrange(r)
	var art *verify.ArtifactReport
	var best *verify.Attestation
	for _, a := range arts {
		if list := attestations(a); len(list) > 0 && (best == nil || rank(list[0]) > rank(best)) {
			art, best = a, list[0]
		}
	}
	if best == nil && len(arts) > 0 {
		art = arts[0]
	}
	return art, best
}

func rank(a *verify.Attestation) int {
	switch {
	case a.Kind == verify.KindStatement && a.Status.Holds():
		return 0 // it counts for nothing
	case a.Kind == verify.KindPublish:
		return gravity(a.Status)
	}
	return gravity(a.Status) + 10
}

// grave is gravity without telling those apart that are not wrong.
func grave(s verify.Status) int { return max(gravity(s), 1) }

func gravity(s verify.Status) int {
	switch s {
	case verify.Invalid:
		return 3
	case verify.Unchecked:
		return 2
	case verify.Verified, verify.Bound, verify.Unbound:
		return 1
	}
	return 0
}
