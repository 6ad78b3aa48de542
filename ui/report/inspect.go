package report

import (
	"slices"

	"plimsoll/verify"
)

// ExitInspected says how the inspection of a file ends: [ExitOK] only if
// every attestation in it verifies, and names the artifact if one was given.
func ExitInspected(r verify.Report) int {
	switch {
	case r.Status == verify.Invalid || slices.ContainsFunc(r.Findings, verify.Finding.Open):
		return ExitFailed
	case r.Status == verify.Bound || r.Status == verify.Unbound:
		return ExitOK
	default:
		return ExitUnchecked
	}
}
