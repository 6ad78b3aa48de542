package triage

import (
	"slices"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/verify"
)

// Review writes into a report's findings what was decided about each, for
// screens, reports and exit codes alike: what is known is marked so, what was
// rejected becomes an error. The status stays: a decision does not change what
// is proven. A status that no finding explains gets one only if something
// was decided about it.
func (d *Decisions) Review(spec catalog.Spec, r *verify.Report, now time.Time) {
	if d.Len() == 0 {
		return
	}
	findings := slices.Clone(r.Findings)
	for _, j := range d.Apply(spec, r, now) {
		if j.Decision == nil {
			continue
		}
		i := slices.Index(findings, j.Finding)
		if i < 0 { // made by Apply
			f := j.Finding
			if f.Rule == RuleUnchecked {
				f.Severity = verify.Warning // exit code 3, not 1
			}
			findings = append(findings, f)
			i = len(findings) - 1
		}
		findings[i].Decision = j.Why
		if state := j.State.String(); !strings.HasPrefix(j.Why, state) {
			findings[i].Decision = state + ": " + j.Why
		}
		findings[i].Known = j.State == StateKnown
		if j.State == StateRejected {
			findings[i].Severity = verify.SeverityError
		}
	}
	r.Findings = findings
}
