package history

import (
	"cmp"
	"fmt"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Rules of the findings.
const (
	ruleLost       = "history.lost"       // less than an earlier version of the line
	ruleLine       = "history.line"       // a new line begins with less than the one before
	ruleLater      = "history.later"      // a later version of the line offers more
	ruleRepository = "history.repository" // another source repository than before
	ruleRecreated  = "history.recreated"  // the same name, and another repository
	ruleRenamed    = "history.renamed"    // another name, and the same repository
	ruleWorkflow   = "history.workflow"   // another workflow than before
	ruleSigner     = "history.signer"     // another reusable workflow than before
	ruleIssuer     = "history.issuer"     // another issuer of the identity than before
	ruleRunner     = "history.runner"     // another kind of runner than before
	ruleTrigger    = "history.trigger"    // another kind of event began the run
	ruleClaim      = "history.claim"      // the registry claims less of how it was published
)

// ruleOf maps what differs of two publishers to its rule.
var ruleOf = map[string]string{
	"workflow": ruleWorkflow, "signer": ruleSigner, "issuer": ruleIssuer, "runner": ruleRunner, "trigger": ruleTrigger,
}

// Compare marks every version that lost what its line had, and fills Findings
// with what that and the known publishers say of the current one. It may be
// called again when more is known.
func (h *History) Compare(known Known) {
	h.Findings = nil
	for i := range h.Versions {
		v := &h.Versions[i]
		v.Publisher = known[v.Version]
		if v.Publisher == nil && v.Current {
			v.Publisher = known[h.Release.Version] // PyPI: 1.0 is 1.0.0
		}
		v.Lost, v.Before = false, ""
		if better := h.better(i); better != nil {
			v.Lost, v.Before = true, better.Version
		}
	}
	for i := range h.Versions {
		if !h.Versions[i].Current || h.Versions[i].Line == "" {
			continue
		}
		h.compareOffer(i)
		h.compareClaims(i)
		h.comparePublisher(i)
		return
	}
}

// better returns the nearest earlier version of the line that offers more than
// version i, nil if there is none.
func (h *History) better(i int) *Version {
	v := h.Versions[i]
	if v.Offer == Unknown || v.Line == "" {
		return nil
	}
	for j := i + 1; j < len(h.Versions); j++ {
		if before := &h.Versions[j]; before.Line == v.Line && before.Offer > v.Offer {
			return before
		}
	}
	return nil
}

func (h *History) compareOffer(i int) {
	v := &h.Versions[i]
	if v.Offer == Unknown {
		return
	}
	switch before := h.previous(i); {
	case v.Lost:
		h.addOffer(ruleLost, verify.Warning, h.better(i), v,
			"the release offers less than %v before it in its line: releases published with stolen tokens look like this")
	case before != nil && before.Line != v.Line && before.Offer > v.Offer && h.firstOfLine(i):
		h.addOffer(ruleLine, verify.Info, before, v, "the release is the first of its line, and offers less than %v before it")
	}
	for j := i - 1; j >= 0; j-- {
		if later := &h.Versions[j]; later.Line == v.Line && later.Offer > v.Offer && !later.Withdrawn && !later.Prerelease {
			h.addOffer(ruleLater, verify.Info, later, v, "a later version of the line offers more: %v")
			return
		}
	}
}

func (h *History) addOffer(rule string, severity verify.Severity, other, v *Version, message string) {
	h.add(verify.Finding{
		Rule: rule, Severity: severity, Message: fmt.Sprintf(message, other.Version),
		Expected: other.Offer.String(), Observed: v.Offer.String(),
	})
}

// compareClaims holds what the registry says of how version i was published
// against the nearest earlier version of the line of which it says who did. A
// registry that says nothing of the current one has taken nothing back.
func (h *History) compareClaims(i int) {
	now := h.Versions[i].Claimed
	if now == (verify.NPMUser{}) {
		return
	}
	for _, before := range h.Versions[i+1:] {
		then := before.Claimed
		if before.Line != h.Versions[i].Line || then == (verify.NPMUser{}) {
			continue
		}
		lost := func(what string, then, now untrusted.Text) {
			if then != "" && now == "" {
				h.add(verify.Finding{Rule: ruleClaim, Severity: verify.Warning, Expected: brief(then), Observed: "none",
					Message: fmt.Sprintf("the registry claims no %s, as it did for %v: releases published with stolen tokens look like this",
						what, before.Version)})
			}
		}
		lost("trusted publisher", then.TrustedPublisher, now.TrustedPublisher)
		lost("approver of a staged publish", then.Approver, now.Approver)
		return
	}
}

func brief(t untrusted.Text) string { return untrusted.Shorten(string(t), 200) }

// previous returns the version before i that is no pre-release, in whatever
// line.
func (h *History) previous(i int) *Version {
	for j := i + 1; j < len(h.Versions); j++ {
		if v := &h.Versions[j]; v.Line != "" && !v.Prerelease && v.Offer != Unknown {
			return v
		}
	}
	return nil
}

func (h *History) firstOfLine(i int) bool {
	for j := i + 1; j < len(h.Versions); j++ {
		if h.Versions[j].Line == h.Versions[i].Line && !h.Versions[j].Prerelease {
			return false
		}
	}
	return true
}

// comparePublisher holds the publisher of version i against that of the
// nearest earlier version of the line of which it is known. The numbers of a
// repository never change; its name may.
func (h *History) comparePublisher(i int) {
	now := h.Versions[i].Publisher
	if now == nil {
		return
	}
	for j := i + 1; j < len(h.Versions); j++ {
		before := h.Versions[j]
		if before.Line == h.Versions[i].Line && before.Publisher != nil {
			h.changed(before, before.Publisher, now)
			return
		}
	}
}

func (h *History) changed(before Version, then, now *verify.Publisher) {
	change, differences := ComparePublishers(then, now)
	f := verify.Finding{Severity: verify.Warning, Expected: describe(then), Observed: describe(now)}
	switch change {
	case PublisherRecreated:
		f.Rule, f.Expected, f.Observed = ruleRecreated, "repository "+then.RepositoryID.String(), "repository "+now.RepositoryID.String()
		f.Message = fmt.Sprintf("the repository has the name that it had for %v, and is another one", before.Version)
	case PublisherRenamed:
		f.Rule, f.Severity = ruleRenamed, verify.Info
		f.Message = fmt.Sprintf("the repository was renamed since %v", before.Version)
	case PublisherTransferred:
		f.Rule = ruleRepository
		f.Message = fmt.Sprintf("the repository belongs to another owner than it did for %v", before.Version)
	case PublisherChanged:
		f.Rule = ruleRepository
		f.Message = fmt.Sprintf("the release comes from another place than %v", before.Version)
	}
	if f.Rule != "" {
		h.add(f)
	}
	for _, d := range differences {
		h.add(verify.Finding{
			Rule: ruleOf[d.What], Severity: verify.Warning, Expected: d.Then.String(), Observed: d.Now.String(),
			Message: fmt.Sprintf("the release was published by another %s than %v", d.What, before.Version),
		})
	}
}

// describe says in a few words who published.
func describe(p *verify.Publisher) string {
	return cmp.Or(p.Email, p.Repository).String()
}

func (h *History) add(f verify.Finding) { h.Findings = append(h.Findings, f) }
