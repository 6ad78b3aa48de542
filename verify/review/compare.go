package review

import (
	"fmt"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/pyname"
)

// compare returns what the head has less of than the base, or otherwise.
func (c *Change) compare() (found []verify.Finding) {
	was, is := &c.Before.Spec, &c.After.Spec
	switch {
	case is.Err != nil: // nothing is known of it, and the report says so
		return nil
	case c.Kind == Replaced:
		found = append(found, finding(rulePackage, "another package takes the place of the one before",
			describePackage(c.Before), describePackage(c.After)))
	case c.Kind == Bumped && compareVersions(was, is) > 0:
		found = append(found, finding(ruleVersion, "the version is lower than the one before", was.Version.String(), is.Version.String()))
	}
	found = append(found, c.compareEvidence()...)
	found = append(found, c.comparePublisher()...)
	found = append(found, history.LostClaims(ruleClaim, "before", c.Before.Report.Claims.NPMUser, c.After.Report.Claims.NPMUser)...)
	found = append(found, c.compareDemands()...)
	return append(found, c.compareInstall()...)
}

func describePackage(s *Side) string {
	return untrusted.Clean(string(s.Spec.Protocol)) + " " + s.Spec.Package.String()
}

func (c *Change) compareEvidence() (found []verify.Finding) {
	before, after := history.RungOf(c.Before.Report), history.RungOf(c.After.Report)
	switch {
	case after == history.RungUnknown:
		return nil
	case c.Before.Report.Status == verify.Invalid:
		return []verify.Finding{{Rule: ruleBase, Severity: verify.Info,
			Message: "the evidence of the version before does not verify, so nothing is known of what could be lost"}}
	case before == history.RungUnknown:
		return nil
	case after < before:
		found = append(found, finding(ruleEvidence, "the release has less evidence than the one before", before.String(), after.String()))
	default:
		found = c.compareFiles()
	}
	switch {
	case found != nil:
		c.Evidence = EvidenceLost
	case after > before:
		c.Evidence = EvidenceGained
	default:
		c.Evidence = EvidenceSame
	}
	return found
}

// compareFiles returns what files of a release on PyPI have less of than the same
// files of the one before: that the source distribution gained an attestation
// hides nothing of a wheel that lost its own.
func (c *Change) compareFiles() []verify.Finding {
	was := map[string]history.Rung{}
	for _, art := range c.Before.Report.Artifacts {
		name, rung := fileOf(c.Before, art), rungOf(art)
		if other, twice := was[name]; twice {
			rung = min(rung, other)
		}
		was[name] = rung
	}
	delete(was, "")
	var lost []untrusted.Text
	var before, after history.Rung
	for _, art := range c.After.Report.Artifacts {
		if then, now := was[fileOf(c.After, art)], rungOf(art); now < then {
			lost, before, after = append(lost, art.Filename), then, now
		}
	}
	if lost == nil {
		return nil
	}
	return []verify.Finding{finding(ruleEvidence, "files of the release have less evidence than those of the one before",
		before.String(), after.String()+": "+untrusted.List(lost, 2, 0))}
}

// fileOf is what the name of a file on PyPI says beside project and version, or "".
func fileOf(s *Side, art verify.ArtifactReport) string {
	f, err := pyname.ParseFilename(pyname.NormalizeName(string(s.Spec.Package)), string(art.Filename))
	if err != nil || s.Spec.Protocol != catalog.UVX {
		return ""
	}
	return fmt.Sprint(f.Kind, f.Build, f.Python, f.ABI, f.Platform)
}

func rungOf(art verify.ArtifactReport) history.Rung {
	return history.RungOf(&verify.Report{Artifacts: []verify.ArtifactReport{art}})
}

func (c *Change) comparePublisher() (found []verify.Finding) {
	var differences []history.Difference
	c.Publisher, differences = history.CompareReleases(c.Before.Report, c.After.Report)
	if c.Publisher.Changed() {
		numbers := c.Publisher != history.PublisherChanged // the names are the same
		found = append(found, finding(rulePublisher, c.Publisher.String(),
			history.NamePublishers(c.Before.Report, numbers), history.NamePublishers(c.After.Report, numbers)))
	}
	return append(found, history.Warnings(ruleOf, "before", differences)...)
}

// ruleOf has the rules of what differs of two publishers.
var ruleOf = map[string]string{
	"workflow": ruleWorkflow, "signer": ruleSigner, "issuer": ruleIssuer, "runner": ruleRunner, "trigger": ruleTrigger,
}

// finding returns one that makes the change fail.
func finding(rule, message, expected, observed string) verify.Finding {
	return verify.Finding{Rule: rule, Severity: verify.SeverityError, Message: message, Expected: expected, Observed: observed}
}
