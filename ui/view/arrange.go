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
	slices.SortStableFunc(out, func(a, b *verify.ArtifactReport) int {
		return cmp.Compare(max(severity(b.Status), 1), max(severity(a.Status), 1))
	})
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

// signatures lists the registry's signatures on all artifacts.
func signatures(r *verify.Report) (out []*verify.Signature) {
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Signatures {
			out = append(out, &r.Artifacts[i].Signatures[j])
		}
	}
	return out
}

// deciding chooses the attestation whose chain is drawn, the first of all in the
// order of [attestations]; without any, the artifact that matters most.
func deciding(r *verify.Report) (*verify.ArtifactReport, *verify.Attestation) {
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
		return severity(a.Status)
	}
	return severity(a.Status) + 10
}

func severity(s verify.Status) int {
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

// missing reports whether the evidence of an artifact could not be fetched: what
// is offered for it is then not known.
func missing(r *verify.Report, art *verify.ArtifactReport) bool {
	if art == nil {
		return true
	}
	if len(art.Attestations) > 0 || art.Status != verify.Unchecked {
		return false
	}
	for _, f := range r.Findings {
		if f.Rule == "evidence.missing" {
			return true
		}
	}
	return r.Unverified != "" && len(art.Signatures) == 0 // else it is why it was not verified
}

// offersNone says of an artifact that there is no attestation of it.
func offersNone(r *verify.Report, art *verify.ArtifactReport) string {
	if missing(r, art) {
		return "The attestations of this file could not be fetched."
	}
	return "The registry offers no attestation for this file."
}
