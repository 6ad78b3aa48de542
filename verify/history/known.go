package history

import (
	"plimsoll/verify"
	"plimsoll/verify/pyname"
)

// ruleUnchecked is the rule of the finding that tells why a history could not
// be had.
const ruleUnchecked = "history.unchecked"

// Unchecked is the finding for a history that could not be had. reason is
// cleaned.
func Unchecked(reason string) verify.Finding {
	return verify.Finding{
		Rule: ruleUnchecked, Severity: verify.Info,
		Message: "the versions before could not be looked at: " + reason,
	}
}

// Publishers returns the publishers that reports prove of versions of one
// package. A report that did not verify says nothing of its publisher.
func Publishers(release verify.Release, reports ...*verify.Report) Known {
	known := Known{}
	for _, r := range reports {
		if r == nil || r.Publisher == nil || !samePackage(r.Release, release) {
			continue
		}
		switch r.Status {
		case verify.Verified, verify.Partial, verify.Mismatch:
			known[r.Release.Version] = r.Publisher
		}
	}
	return known
}

func samePackage(a, b verify.Release) bool {
	if a.Ecosystem != b.Ecosystem {
		return false
	}
	if a.Ecosystem == verify.PyPI {
		return pyname.NormalizeName(string(a.Name)) == pyname.NormalizeName(string(b.Name))
	}
	return a.Name == b.Name
}
