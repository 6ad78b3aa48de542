package triage

import (
	"slices"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// State is how a finding stands after what people decided.
type State uint8

// The states. The zero value is the one that asks for a decision.
const (
	StateOpen       State = iota // nothing was decided, or only noted
	StateResurfaced              // something was decided, and it no longer holds
	StateRejected                // looked at and not accepted: an error
	StateKnown                   // looked at and accepted: out of the queue until its date
)

var stateNames = [...]string{StateOpen: "open", StateResurfaced: "resurfaced", StateRejected: "rejected", StateKnown: "known"}

// String returns the state as people read it.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "open"
}

// What can no longer be as it was when something was decided.
const (
	changedFinding   = "what was found changed"
	changedArtifacts = "the release or its files changed"
	changedPublisher = "the publisher changed"
	changedDate      = "its date has passed"
)

// The rules of findings that stand for a status which no finding of a report
// explains. Apply makes them, so that no bad status is without an entry.
const (
	RuleInvalid   = "status.invalid"
	RuleUnchecked = "status.unchecked"
)

// Judged is one finding and how it stands.
type Judged struct {
	Finding  verify.Finding
	State    State
	Decision *Decision // nil if nothing was decided; not to be changed
	Why      string    // one sentence; "" if nothing was decided
	changed  []string
}

// Severity returns the finding's severity; what was rejected is an error.
func (j Judged) Severity() verify.Severity {
	if j.State == StateRejected {
		return verify.SeverityError
	}
	return j.Finding.Severity
}

// Apply returns how each error and warning of a report stands, in the report's
// order, none for a report that is nil.
func (d *Decisions) Apply(spec catalog.Spec, r *verify.Report, now time.Time) []Judged {
	if r == nil {
		return nil
	}
	var out []Judged
	decisions := d.of(spec.Protocol, string(spec.Package))
	findings := concerning(r)
	if len(decisions) == 0 {
		for _, f := range findings {
			out = append(out, Judged{Finding: f})
		}
		return out
	}
	binding := BindingOf(r)
	present := map[Key]bool{}
	for _, f := range findings {
		present[keyOf(spec, f)] = true
	}
	for _, f := range findings {
		j := Judged{Finding: f}
		if i := slices.IndexFunc(decisions, func(d Decision) bool { return d.Key == keyOf(spec, f) }); i >= 0 {
			j.judge(&decisions[i], binding, r.Status, now)
		} else if i := slices.IndexFunc(decisions, func(d Decision) bool { return d.Rule == f.Rule && d.Kind != Note && !present[d.Key] }); i >= 0 {
			j.changed = []string{changedFinding}
			j.judge(&decisions[i], binding, r.Status, now)
		}
		out = append(out, j)
	}
	return out
}

// concerning returns the findings that ask for a decision. Each bad status has
// one at least.
func concerning(r *verify.Report) []verify.Finding {
	var out []verify.Finding
	for _, f := range r.Findings {
		if f.Severity != verify.Info && f.Rule != "" {
			out = append(out, f)
		}
	}
	rule := map[verify.Status]string{verify.Invalid: RuleInvalid, verify.Unchecked: RuleUnchecked}[r.Status]
	if rule != "" && !explained(r) {
		out = append(out, verify.Finding{Rule: rule, Severity: verify.SeverityError, Message: r.Reason, Observed: r.Reason})
	}
	return out
}

// explained reports whether every file that has the report's status has a
// finding of its own that tells the reason.
func explained(r *verify.Report) bool {
	rules := []string{"attestation.invalid", "signature.invalid"}
	if r.Status == verify.Unchecked {
		rules = []string{"attestation.unchecked", "signature.unchecked", "evidence.missing"}
	}
	any := false
	for _, art := range r.Artifacts {
		if art.Status != r.Status {
			continue
		}
		any = true
		if !slices.ContainsFunc(r.Findings, func(f verify.Finding) bool {
			return slices.Contains(rules, f.Rule) && strings.HasPrefix(f.Message, art.Filename.String()+": ")
		}) {
			return false
		}
	}
	return any
}

// judge holds a decision against what there is now.
func (j *Judged) judge(d *Decision, now Binding, status verify.Status, clock time.Time) {
	j.Decision = d
	if d.Artifacts != now.Artifacts {
		j.changed = append(j.changed, changedArtifacts)
	}
	if d.Publisher != now.Publisher {
		j.changed = append(j.changed, changedPublisher)
	}
	if untrusted.Ended(d.Until, clock) {
		j.changed = append(j.changed, changedDate)
	}
	switch {
	case d.Kind == Note:
		j.Why = "noted" + d.by() + ": " + d.Reason + j.since()
	case len(j.changed) > 0:
		j.State, j.Why = StateResurfaced, string(d.Kind)+d.by()+": "+d.Reason+j.since()
	case d.Kind == Rejected:
		j.State, j.Why = StateRejected, "rejected"+d.by()+": "+d.Reason
	case j.Finding.Operator:
		j.Why = "what the policy on the command line demands cannot be marked as known: the decision" + d.by() + " (" + d.Reason + ") does not hold"
	case status == verify.Invalid:
		// Whoever can write the file could else wave through a forgery.
		j.Why = "evidence that does not verify cannot be marked as known: the decision" + d.by() + " (" + d.Reason + ") does not hold"
	default:
		j.State, j.Why = StateKnown, "known"+d.by()+d.until()+": "+d.Reason
	}
}

func (d *Decision) by() string {
	text := ""
	if d.By != "" {
		text = " by " + d.By
	}
	if !d.At.IsZero() {
		text += " on " + d.At.Format(time.DateOnly)
	}
	return text
}

func (d *Decision) until() string {
	if d.Until.IsZero() {
		return ""
	}
	return " until " + d.Until.Format(time.DateOnly)
}

// since tells what changed since the decision.
func (j *Judged) since() string {
	if len(j.changed) == 0 {
		return ""
	}
	return "; since then " + strings.Join(j.changed, ", and ")
}
