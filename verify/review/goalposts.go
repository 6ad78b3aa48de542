package review

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/policy"
	"plimsoll/verify/triage"
)

// maxDecisions is how many decisions are named of a change, and how many packages
// that are decided about and do not change.
const maxDecisions = 10

// CompareRules holds the policy and the decisions of both revisions against each
// other: what a change is judged by must not be part of it. base and head are the
// root folders of the catalog. To be called before the changes are judged.
func (r *Review) CompareRules(base, head fs.FS) {
	r.Findings = nil
	for i := range r.Changes {
		r.Changes[i].goalposts = nil
	}
	if catalog.In(base) {
		r.comparePolicies(readPolicy(base), readPolicy(head))
	} else { // a catalog that was moved leaves its policy behind
		r.add(verify.Finding{Rule: ruleCatalog, Severity: verify.Warning, Expected: "the catalog as it was", Observed: "none at this place",
			Message: "the base has no catalog: every spec counts as new, and nothing was demanded or decided before"})
	}
	before, _ := triage.Load(base) // unreadable: as if nothing had been decided
	after, err := triage.Load(head)
	if err != nil {
		r.add(finding(ruleDecision, triage.FileName+" cannot be read: nothing of the catalog can be verified with it",
			"decisions", untrusted.Message(err)))
		return
	}
	r.compareDecisions(before.All(), after.All())
}

func (r *Review) add(f verify.Finding) { r.Findings = append(r.Findings, f) }

// policyFile is the policy of a catalog as one revision has it.
type policyFile struct {
	policy *policy.Policy // nil if there is none
	err    error          // it is there and cannot be read
}

func readPolicy(fsys fs.FS) (f policyFile) {
	data, err := untrusted.ReadRegular(fsys, policy.FileName, untrusted.MaxPolicy)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return policyFile{}
	case err == nil:
		f.policy, err = policy.Parse(data, policy.FileName)
	}
	f.err = err
	return f
}

// String describes the file of a head in a few words.
func (f policyFile) String() string {
	switch {
	case f.err != nil:
		return "one that cannot be read: " + untrusted.Message(f.err)
	case f.policy == nil:
		return "none"
	}
	rules, exceptions := len(f.policy.Rules), len(f.policy.Exceptions)
	return fmt.Sprintf("another, with %s and %s", untrusted.Plural(rules, "rule"), untrusted.Plural(exceptions, "exception"))
}

func (r *Review) comparePolicies(before, after policyFile) {
	f := finding(rulePolicy, "", "the policy of the base", after.String())
	switch {
	case after.err != nil:
		f.Message = policy.FileName + " cannot be read: nothing of the catalog can be verified with it"
	case before.err == nil && before.policy.Same(after.policy):
		return
	case slices.ContainsFunc(r.Changes, func(c Change) bool { return c.moves() }):
		f.Message = "the change edits " + policy.FileName + ", by which its packages are judged"
	default:
		f.Severity, f.Message = verify.Warning, "the change edits "+policy.FileName+", by which packages are judged"
	}
	r.add(f)
}

// compareDecisions finds the decisions of the head that make more pass than those
// of the base.
func (r *Review) compareDecisions(before, after []triage.Decision) {
	was := map[triage.Key]triage.Decision{}
	for _, d := range before {
		was[d.Key] = d
	}
	var eased []triage.Decision
	for _, d := range after {
		old, found := was[d.Key]
		delete(was, d.Key)
		if found && sameDecision(old, d) {
			continue
		}
		if d.Kind == triage.Known || found && old.Kind == triage.Rejected {
			eased = append(eased, d)
		}
	}
	for _, d := range before {
		if _, gone := was[d.Key]; gone && d.Kind == triage.Rejected {
			d.Kind = "" // taken back
			eased = append(eased, d)
		}
	}
	about := r.byPackage()
	var others []string
	for _, d := range eased {
		changes := about[identify(d.Protocol, d.Package)]
		for _, c := range changes {
			c.attach(d)
		}
		if name := string(d.Protocol) + "/" + d.Package; len(changes) == 0 && !slices.Contains(others, name) {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		r.add(verify.Finding{Rule: ruleDecision, Severity: verify.Warning, Observed: untrusted.List(others, maxDecisions, 0),
			Message: "the change decides about findings of packages that it does not change otherwise"})
	}
}

// byPackage returns the changes by the packages of their sides.
func (r *Review) byPackage() map[packageID][]*Change {
	out := map[packageID][]*Change{}
	for i := range r.Changes {
		c := &r.Changes[i]
		for _, side := range []*Side{c.Before, c.After} {
			if side == nil {
				continue
			}
			if id := idOf(&side.Spec); !slices.Contains(out[id], c) {
				out[id] = append(out[id], c)
			}
		}
	}
	return out
}

// sameDecision reports whether two decisions about one finding let the same pass.
func sameDecision(a, b triage.Decision) bool {
	return a.Kind == b.Kind && a.Until.Equal(b.Until) && a.Binding == b.Binding
}

// attach adds a finding about a decision that the change itself makes.
func (c *Change) attach(d triage.Decision) {
	f := finding(ruleDecision, "the change that brings the version decides about its finding "+d.Rule,
		"nothing decided by the change itself", describeDecision(d))
	if !c.moves() {
		f.Severity, f.Message = verify.Warning, "the change decides about a finding of the package, "+d.Rule
	}
	if len(c.goalposts) < maxDecisions && !slices.Contains(c.goalposts, f) {
		c.goalposts = append(c.goalposts, f)
	}
}

func describeDecision(d triage.Decision) string {
	if d.Kind == "" {
		return "no longer rejected: " + untrusted.Clean(d.Reason)
	}
	return string(d.Kind) + ": " + untrusted.Clean(d.Reason)
}
