package verify

import (
	"cmp"
	"fmt"
	"slices"
)

// Verdict answers whether a package passes. The zero value is
// [VerdictUnchecked]: nothing passes that was not judged.
type Verdict uint8

// The verdicts.
const (
	VerdictUnchecked Verdict = iota // could not be checked, or was not
	VerdictPass
	VerdictFail
)

var verdictNames = [...]string{VerdictUnchecked: "unchecked", VerdictPass: "pass", VerdictFail: "fail"}

// String returns "pass", "fail" or "unchecked".
func (v Verdict) String() string { return nameOf(verdictNames[:], v) }

// Judge reports whether a report passes and, in one cleaned sentence, why not;
// the sentence is "" for what passes. Every gate asks it, over the report after
// policy and triage: exit codes, builds, summary attestations, SARIF, and what
// is shown as good.
//
// require is the least that the package must have, see [Status.Meets];
// [Pending] requires nothing. A decision waives a finding, and the status
// [Mismatch] if it waives all that contradicts the spec. It never waives
// [Invalid], [Unchecked], what the operator demands, nor require.
func Judge(r *Report, require Status) (v Verdict, why string) {
	status := "the status is " + r.Status.String()
	open, reason := r.contradiction(), cmp.Or(r.Reason, status)
	switch {
	case r.Status == Invalid:
		return VerdictFail, reason
	case open != nil:
		return VerdictFail, cmp.Or(contradictionReason(open), status)
	case r.Status == Mismatch && !r.waivesError():
		return VerdictFail, reason
	case !r.Status.Meets(require):
		return VerdictFail, fmt.Sprintf("expected at least %v, found %v: %s", require, r.Status, reason)
	}
	switch r.Status {
	case Verified, Partial, Signed, None, Mismatch:
		if r.Unverified == "" {
			return VerdictPass, ""
		}
	}
	return VerdictUnchecked, reason
}

// Proven reports whether a report may be shown as good: it is verified, it was
// verified now, and it passes.
func Proven(r *Report, require Status) bool {
	verdict, _ := Judge(r, require)
	return r.Status == Verified && !r.ReadBack && verdict == VerdictPass
}

// Meets reports whether a package with status s has at least what is required:
// verified is met by verified only, partial also by partial, signed also by
// signed, none also by none. A partial release does not meet signed: its other
// files may carry nothing at all. What is unchecked, invalid or contradicts its
// spec meets nothing. [Pending] requires nothing.
func (s Status) Meets(require Status) bool {
	switch require {
	case Pending:
		return true
	case Verified:
		return s == Verified
	case Partial, Signed:
		return s == Verified || s == require
	case None:
		return s == Verified || s == Partial || s == Signed || s == None
	}
	return false
}

// Requirements lists the statuses that can be required, the strictest first.
func Requirements() []Status { return []Status{Verified, Partial, Signed, None} }

// Waived reports whether a decision takes the finding out of the judgement.
func (f Finding) Waived() bool { return f.Known && !f.Operator }

// Open reports whether the finding makes its package fail.
func (f Finding) Open() bool { return f.Severity == SeverityError && !f.Waived() }

// waivesError reports whether a decision waives a finding that contradicts the
// spec.
func (r *Report) waivesError() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == SeverityError && f.Waived() })
}

// Outstanding returns the severity of the worst finding, from a warning on, that
// no decision waives and that the verdict does not tell: one that is not good
// tells its own reason. r may be nil.
func (r *Report) Outstanding() (worst Severity, found bool) {
	if r == nil {
		return Info, false
	}
	switch r.Status {
	case Verified, Partial, Signed, None:
		for i := range r.Findings {
			if f := &r.Findings[i]; !f.Waived() {
				worst = max(worst, f.Severity)
			}
		}
	}
	return worst, worst >= Warning
}
