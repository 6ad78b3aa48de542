package review

import (
	"cmp"
	"fmt"
	"slices"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
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
	found = append(found, c.compareClaims()...)
	found = append(found, c.compareDemands()...)
	return append(found, c.compareInstall()...)
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
			before.String(), after.String())}
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
		message := c.Publisher.String()
		if c.Publisher == history.PublisherChanged {
			message = "another publisher than before"
		}
		numbers := c.Publisher != history.PublisherChanged // the names are the same
		found = append(found, finding(rulePublisher, message, publishers(c.Before.Report, numbers), publishers(c.After.Report, numbers)))
	}
	for _, d := range differences {
		f := finding(unlike[d.What].rule, unlike[d.What].message, d.Then.String(), d.Now.String())
		f.Severity = verify.Warning
		found = append(found, f)
	}
	return found
}

// unlike is what is said of what differs of two publishers, by
// [history.Difference].
var unlike = map[string]struct{ rule, message string }{
	"workflow": {ruleWorkflow, "another workflow published than before"},
	"signer":   {ruleSigner, "another reusable workflow signed than before"},
	"issuer":   {ruleIssuer, "another issuer vouches for who published than before"},
	"runner":   {ruleRunner, "it was built in another environment than before"},
	"trigger":  {ruleTrigger, "another kind of event started the run than before"},
}

// publishers lists who is proven to have published the files of a release.
func publishers(r *verify.Report, numbers bool) string {
	const most = 3
	var names []untrusted.Text
	for _, art := range r.Artifacts {
		for _, att := range art.Attestations {
			p := att.Publisher
			if p == nil || att.Status != verify.Verified {
				continue
			}
			name := cmp.Or(p.Email, p.Repository)
			if numbers {
				name += untrusted.Text(fmt.Sprintf(" (number %s, owner %s)", string(p.RepositoryID), string(p.OwnerID)))
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return cmp.Or(untrusted.List(names, most, 0), "nobody")
}

// compareClaims warns of what npm's registry no longer claims of how a release
// was published. Nothing proves either.
func (c *Change) compareClaims() (found []verify.Finding) {
	then, now := c.Before.Report.Claims.NPMUser, c.After.Report.Claims.NPMUser
	for _, claim := range []struct {
		what      string
		then, now untrusted.Text
	}{
		{"trusted publisher", then.TrustedPublisher, now.TrustedPublisher},
		{"approver of a staged publish", then.Approver, now.Approver},
	} {
		if claim.then != "" && claim.now == "" {
			found = append(found, verify.Finding{Rule: ruleClaim, Severity: verify.Warning, Expected: claim.then.String(), Observed: "none",
				Message: "the registry claims no " + claim.what + ", as it did before: releases published with stolen tokens look like this"})
		}
	}
	return found
}

// finding returns one that makes the change fail.
func finding(rule, message, expected, observed string) verify.Finding {
	return verify.Finding{Rule: rule, Severity: verify.SeverityError, Message: message, Expected: expected, Observed: observed}
}
