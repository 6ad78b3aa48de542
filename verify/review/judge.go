package review

import (
	"cmp"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

// Rules of the findings.
const (
	ruleEvidence    = "review.evidence"    // evidence was lost
	rulePublisher   = "review.publisher"   // another repository, owner or kind published
	ruleWorkflow    = "review.workflow"    // another workflow
	ruleSigner      = "review.signer"      // another reusable workflow
	ruleIssuer      = "review.issuer"      // an identity of another issuer
	ruleRunner      = "review.runner"      // in another environment
	ruleTrigger     = "review.trigger"     // by another event
	ruleClaim       = "review.claim"       // the registry claims less of how it was published
	rulePackage     = "review.package"     // another package
	ruleVersion     = "review.version"     // a lower version
	ruleExpectation = "review.expectation" // the spec demands something else
	rulePolicy      = "review.policy"      // the policy is part of the change
	ruleCatalog     = "review.catalog"     // the base has none
	ruleDecision    = "review.decision"    // a decision about the package is part of the change
	ruleInstall     = "review.install"     // something else is installed beside it, or it is started otherwise
	ruleBase        = "review.base"        // the base's evidence does not verify

	ruleDeprecated = "release.deprecated" // of the head's own report
)

// Judge compares both sides, once they are verified, and decides. obey adds to a
// report what people demand and decided at the base; nil adds nothing. It may be
// called again.
func (c *Change) Judge(obey func(catalog.Spec, *verify.Report)) {
	c.Publisher, c.Evidence, c.Findings = history.PublisherUnknown, EvidenceUnknown, nil
	c.Verdict, c.Why = verify.VerdictUnchecked, "the change is not checked yet"
	if !c.Judged() {
		return
	}
	var found []verify.Finding
	if c.Before != nil && c.After != nil {
		found = c.compare()
	}
	found = append(found, c.goalposts...)
	if obey == nil {
		obey = func(catalog.Spec, *verify.Report) {}
	}
	c.Before = c.before.judge(c.Before, func(spec catalog.Spec, r *verify.Report) {
		status, reason := r.Status, r.Reason
		obey(spec, r)
		r.Status, r.Reason = status, reason // what a policy cannot tell of the base takes nothing from its evidence
	})
	c.After = c.after.judge(c.After, func(spec catalog.Spec, r *verify.Report) {
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Rule == ruleDeprecated && c.moves() { // known of an old version, and news of one that is chosen now
				f.Severity = max(f.Severity, verify.Warning)
			}
		}
		r.Findings = append(slices.Clip(found), r.Findings...) // first: they say why at a glance
		obey(spec, r)
	})
	if c.After == nil {
		c.Verdict, c.Why = verify.VerdictPass, "" // nothing is installed from it any more
		return
	}
	c.Findings = c.news()
	c.decide()
}

// judge returns the side with a report to which obey adds. One that was judged
// already is judged anew from what was verified.
func (j *judged) judge(s *Side, obey func(catalog.Spec, *verify.Report)) *Side {
	if s == nil {
		return nil
	}
	if s.Report != j.report || j.report == nil {
		j.verified = s.Report
	}
	r := *j.verified
	r.Findings = slices.Clone(r.Findings)
	obey(s.Spec, &r)
	j.report = &r
	return &Side{Spec: s.Spec, Report: &r}
}

// decide is the verdict: the head's own, and nothing passes of which the base
// could not be checked. Of a base that is invalid nothing can be lost, unless it
// offers what the head has not: who alters evidence must not gain by it.
func (c *Change) decide() {
	c.Verdict, c.Why = verify.Judge(c.After.Report, verify.Pending)
	if c.Verdict != verify.VerdictPass || c.Before == nil {
		return
	}
	switch before := c.Before.Report; {
	case before.Status == verify.Invalid && offersProvenance(before) && !hasProvenance(c.After.Report):
		c.Verdict = verify.VerdictUnchecked
		c.Why = "the version before offers provenance that does not verify, and this one has none: nothing tells what was lost"
	case before.Status == verify.Invalid:
	case history.RungOf(before) == history.RungUnknown:
		c.Verdict = verify.VerdictUnchecked
		c.Why = "the version before could not be checked, so nothing tells what was lost: " +
			cmp.Or(before.Reason, "the status is "+before.Status.String())
	}
}

// offersProvenance reports whether any file comes with provenance, whether it
// verifies or not.
func offersProvenance(r *verify.Report) bool {
	return slices.ContainsFunc(r.Artifacts, func(art verify.ArtifactReport) bool {
		return slices.ContainsFunc(art.Attestations, func(att verify.Attestation) bool { return att.Kind == verify.KindProvenance })
	})
}

// hasProvenance reports whether that of every file verifies.
func hasProvenance(r *verify.Report) bool {
	return !slices.ContainsFunc(r.Artifacts, func(art verify.ArtifactReport) bool { return art.Status != verify.Verified })
}

// news returns the findings of the head's report that the base's does not have,
// sorted by severity; of one severity the comparison's come first.
func (c *Change) news() []verify.Finding {
	var before []verify.Finding
	if c.Before != nil {
		before = c.Before.Report.Findings
	}
	var out []verify.Finding
	for _, f := range c.After.Report.Findings {
		if !slices.ContainsFunc(before, func(old verify.Finding) bool { return sameFinding(old, f) }) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b verify.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(own(b), own(a)))
	})
	return out
}

// sameFinding reports whether two findings found the same; those that compare no
// values say it in their message.
func sameFinding(a, b verify.Finding) bool {
	if a.Rule != b.Rule || a.Severity != b.Severity || a.Expected != b.Expected || a.Observed != b.Observed {
		return false
	}
	return a.Expected != "" || a.Observed != "" || a.Message == b.Message
}

func own(f verify.Finding) int {
	if strings.HasPrefix(f.Rule, "review.") {
		return 1
	}
	return 0
}

// Summary returns one cleaned sentence about a change: why it does not pass, or
// what became of publisher and evidence.
func (c *Change) Summary() string {
	switch {
	case c.Verdict != verify.VerdictPass:
		return cmp.Or(c.Why, "the change is not checked yet")
	case c.After == nil:
		return "the spec is gone"
	case c.Before == nil:
		return c.After.Report.Reason
	}
	publisher, evidence := c.Publisher.String(), "nothing lost"
	switch c.Publisher {
	case history.PublisherUnknown:
		return c.After.Report.Reason
	case history.PublisherSame, history.PublisherSameName:
		publisher = "same publisher"
	case history.PublisherRenamed:
		publisher = "same publisher under another name"
	}
	switch {
	case c.Evidence == EvidenceLost: // and a decision waives it
		evidence = "evidence lost"
	case slices.ContainsFunc(c.Findings, func(f verify.Finding) bool { return f.Rule == ruleClaim }):
		evidence = "nothing proven lost"
	case c.Evidence == EvidenceSame && history.RungOf(c.After.Report) == history.RungSome:
		evidence = "attestations of some files only, as before"
	}
	return publisher + ", " + evidence
}
