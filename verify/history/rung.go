package history

import (
	"slices"

	"plimsoll/verify"
	"plimsoll/verify/statement"
)

// Rung is how strong the evidence of a release is: what was verified, see
// [RungOf], or what a registry offers, of which nothing is. A greater one is
// better.
type Rung uint8

// The rungs. RungUnknown cannot be compared with the others.
const (
	RungUnknown    Rung = iota // it could not be checked, or does not verify
	RungNone                   // no evidence
	RungSignature              // a registry signature, or a record of the checksum database
	RungSome                   // PyPI: some files have an attestation, others none
	RungPublish                // a publish attestation, of every file
	RungProvenance             // provenance of the build, of every file
)

// String returns a few plain words.
func (r Rung) String() string {
	switch r {
	case RungNone:
		return "no evidence"
	case RungSignature:
		return "registry signature only"
	case RungSome:
		return "attestations of some files"
	case RungPublish:
		return "publish attestation"
	case RungProvenance:
		return "provenance"
	default:
		return "unknown"
	}
}

// RungOf returns how strong the verified evidence of a release is: that of its
// weakest file, told by the kinds of its attestations. What is only offered does
// not count, nor does the status: a release that contradicts its spec has the
// evidence that it has.
func RungOf(r *verify.Report) Rung {
	if r == nil || r.Unverified != "" || len(r.Artifacts) == 0 {
		return RungUnknown
	}
	weakest, best := RungProvenance, RungUnknown
	for i := range r.Artifacts {
		rung := rungOfFile(&r.Artifacts[i])
		weakest, best = min(weakest, rung), max(best, rung)
	}
	if weakest != RungUnknown && weakest < RungSome && best > RungSome {
		return RungSome
	}
	return weakest
}

func rungOfFile(art *verify.ArtifactReport) Rung {
	switch art.Status {
	case verify.Verified, verify.Signed, verify.None:
	default: // it does not verify, or was not checked
		return RungUnknown
	}
	rung := RungNone
	if art.Record != nil || slices.ContainsFunc(art.Signatures, func(s verify.Signature) bool { return s.Status == verify.Verified }) {
		rung = RungSignature
	}
	for _, att := range art.Attestations {
		switch {
		case att.Status != verify.Verified:
		case att.Kind == verify.KindPublish, att.Kind == verify.KindProvenance && att.PredicateType == statement.PyPIPublish:
			rung = max(rung, RungPublish)
		case att.Kind == verify.KindProvenance:
			rung = max(rung, RungProvenance)
		}
	}
	return rung
}
