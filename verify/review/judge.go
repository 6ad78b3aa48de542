package review

import (
	"fmt"

	"plimsoll/verify"
	"plimsoll/verify/history"
)

// Rules of the findings.
const (
	ruleEvidence  = "review.evidence"  // evidence was lost
	rulePublisher = "review.publisher" // another repository, owner or kind published
)

// Judge compares both sides, once they are verified, and decides. The head's own
// findings stay in its report.
func (c *Change) Judge() {
	c.Publisher, c.Evidence, c.Findings, c.Verdict = history.PublisherUnknown, EvidenceUnknown, nil, verify.VerdictUnchecked
	if !c.Judged() {
		return
	}
	if c.After == nil {
		c.Verdict = verify.VerdictPass // nothing is installed from it any more
		return
	}
	c.Verdict, _ = verify.Judge(c.After.Report, verify.Pending)
	if c.Before == nil || c.Kind == Replaced {
		return
	}
	c.compareEvidence()
	c.comparePublisher()
	for i := range c.Findings {
		if c.Findings[i].Open() {
			c.Verdict = verify.VerdictFail
		}
	}
}

func (c *Change) compareEvidence() {
	before, after := history.RungOf(c.Before.Report), history.RungOf(c.After.Report)
	switch {
	case before == history.RungUnknown || after == history.RungUnknown:
	case after < before:
		c.Evidence = EvidenceLost
		c.add(ruleEvidence, verify.SeverityError, "the release has less evidence than the one before", c.Before.Report.Status.String(), c.After.Report.Status.String())
	case after > before:
		c.Evidence = EvidenceGained
	default:
		c.Evidence = EvidenceSame
	}
}

func (c *Change) comparePublisher() {
	then, now := c.Before.Report.Publisher, c.After.Report.Publisher
	switch {
	case c.Evidence == EvidenceUnknown:
		return
	case now == nil:
		c.Publisher = history.PublisherNone
		return
	case then == nil:
		c.Publisher = history.PublisherFirst
		return
	}
	var differences []history.Difference
	c.Publisher, differences = history.ComparePublishers(then, now)
	if c.Publisher.Changed() {
		c.add(rulePublisher, verify.SeverityError, "another repository published the release", then.Repository.String(), now.Repository.String())
	}
	for _, d := range differences {
		c.add("review."+d.What, verify.Warning, fmt.Sprintf("the release was published by another %s", d.What), d.Then.String(), d.Now.String())
	}
}

func (c *Change) add(rule string, severity verify.Severity, message, expected, observed string) {
	c.Findings = append(c.Findings, verify.Finding{Rule: rule, Severity: severity, Message: message, Expected: expected, Observed: observed})
}
