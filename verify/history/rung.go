package history

import "plimsoll/verify"

// Rung is how strong the evidence of a release is that was verified. A greater
// one is better.
type Rung uint8

// The rungs. RungUnknown cannot be compared with the others.
const (
	RungUnknown    Rung = iota // it could not be checked, or does not verify
	RungNone                   // no evidence
	RungSignature              // a registry signature
	RungSome                   // PyPI: some files have an attestation
	RungPublish                // a publish attestation, of every file
	RungProvenance             // provenance, of every file
)

// RungOf returns how strong the verified evidence of a report is: of the weakest
// file. What the registry only offers does not count.
func RungOf(r *verify.Report) Rung {
	switch {
	case r == nil || r.Unverified != "":
		return RungUnknown
	case r.Status == verify.Invalid || r.Status == verify.Unchecked || r.Status == verify.Pending:
		return RungUnknown
	case r.Status == verify.None:
		return RungNone
	case r.Status == verify.Signed:
		return RungSignature
	case r.Status == verify.Partial:
		return RungSome
	}
	return RungProvenance // to be told apart by the kinds of the attestations of each file
}
