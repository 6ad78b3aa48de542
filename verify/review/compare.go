package review

import (
	"cmp"
	"fmt"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

// compare returns what the head has less of than the base, or otherwise.
func (c *Change) compare() (found []verify.Finding) {
	was, is := &c.Before.Spec, &c.After.Spec
	switch {
	case c.Kind == Replaced:
		found = append(found, finding(rulePackage, "another package takes the place of the one before",
			describePackage(c.Before), describePackage(c.After)))
	case c.Kind == Bumped && compareVersions(was, is) > 0:
		found = append(found, finding(ruleVersion, "the version is lower than the one before", was.Version.String(), is.Version.String()))
	}
	found = append(found, c.compareEvidence()...)
	found = append(found, c.comparePublisher()...)
	found = append(found, c.compareClaims()...)
	return append(found, c.compareDemands()...)
}

func describePackage(s *Side) string {
	return untrusted.Clean(string(s.Spec.Protocol)) + " " + s.Spec.Package.String()
}

func (c *Change) compareEvidence() []verify.Finding {
	before, after := history.RungOf(c.Before.Report), history.RungOf(c.After.Report)
	switch {
	case after == history.RungUnknown:
	case c.Before.Report.Status == verify.Invalid:
		return []verify.Finding{{Rule: ruleBase, Severity: verify.Info,
			Message: "the evidence of the version before does not verify, so that nothing can be lost"}}
	case before == history.RungUnknown:
	case after < before:
		c.Evidence = EvidenceLost
		return []verify.Finding{finding(ruleEvidence, "the release has less evidence than the one before",
			c.Before.Report.Status.String(), c.After.Report.Status.String())}
	case after > before:
		c.Evidence = EvidenceGained
	default:
		c.Evidence = EvidenceSame
	}
	return nil
}

func (c *Change) comparePublisher() (found []verify.Finding) {
	var differences []history.Difference
	c.Publisher, differences = history.CompareReleases(c.Before.Report, c.After.Report)
	if c.Publisher.Changed() {
		found = append(found, finding(rulePublisher, "another publisher than before: "+c.Publisher.String(),
			describePublisher(c.Before.Report.Publisher), describePublisher(c.After.Report.Publisher)))
	}
	for _, d := range differences {
		f := finding("review."+d.What, fmt.Sprintf("the release was published by another %s", d.What), d.Then.String(), d.Now.String())
		f.Severity = verify.Warning
		found = append(found, f)
	}
	return found
}

func describePublisher(p *verify.Publisher) string {
	if p == nil {
		return "nobody is proven"
	}
	return cmp.Or(p.Email, p.Repository).String()
}

func (c *Change) compareClaims() []verify.Finding { return nil }

func (c *Change) compareDemands() []verify.Finding { return nil }

// finding returns one that makes the change fail.
func finding(rule, message, expected, observed string) verify.Finding {
	return verify.Finding{Rule: rule, Severity: verify.SeverityError, Message: message, Expected: expected, Observed: observed}
}
