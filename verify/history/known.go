package history

import (
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/pyname"
)

// ruleUnchecked is the rule of the finding that tells why a history could not
// be fetched.
const ruleUnchecked = "history.unchecked"

// Unchecked is the finding for a history that could not be fetched. reason is
// cleaned.
func Unchecked(reason string) verify.Finding {
	return verify.Finding{
		Rule: ruleUnchecked, Severity: verify.Info,
		Message: "the versions before could not be looked at: " + reason,
	}
}

// know keeps the reports that are about versions of the package. What could not
// be checked takes the place of nothing that was.
func (h *History) know(reports []*verify.Report) {
	if h.known == nil {
		h.known = map[untrusted.Text]*verify.Report{}
	}
	for _, r := range reports {
		if r == nil || !samePackage(r.Release, h.Release) {
			continue
		}
		if old := h.known[r.Release.Version]; RungOf(old) == RungUnknown || RungOf(r) != RungUnknown {
			h.known[r.Release.Version] = r
		}
	}
}

// reportOf returns the report on what was verified of a version, or nil if there
// is none. The current version may be spelt as in the release: PyPI's 1.0 is
// 1.0.0.
func (h *History) reportOf(v *Version) *verify.Report {
	r := h.known[v.Version]
	if r == nil && v.Current {
		r = h.known[h.Release.Version]
	}
	if RungOf(r) == RungUnknown {
		return nil
	}
	return r
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
