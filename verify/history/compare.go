package history

import (
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
	ruleClaim      = "history.claim"      // the registry claims less of how it was published
)

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

// host is where the number of a repository is one: an enterprise on github.com
// may get an issuer of its own.
func host(p *verify.Publisher) string {
	repo, _ := verify.ParseRepository(string(p.Repository))
	return repo.Host
}

func (h *History) changed(before Version, then, now *verify.Publisher) {
	sameName := then.Repository == now.Repository || verify.SameRepository(string(then.Repository), string(now.Repository))
	known := then.RepositoryID != "" && now.RepositoryID != ""
	sameID := then.RepositoryID == now.RepositoryID && host(then) == host(now)
	f := verify.Finding{Severity: verify.Warning, Expected: then.Repository.String(), Observed: now.Repository.String()}
	switch {
	case sameName && known && !sameID:
		f.Rule, f.Expected, f.Observed = ruleRecreated, "repository "+then.RepositoryID.String(), "repository "+now.RepositoryID.String()
		f.Message = fmt.Sprintf("the repository has the name that it had for %v, and is another one", before.Version)
	case !sameName && known && sameID:
		f.Rule, f.Severity = ruleRenamed, verify.Info
		f.Message = fmt.Sprintf("the repository was renamed since %v", before.Version)
	case !sameName || then.Email != now.Email:
		f.Rule = ruleRepository
		f.Message = fmt.Sprintf("the release comes from another place than %v", before.Version)
		if then.Email != now.Email {
			f.Expected, f.Observed = then.Email.String(), now.Email.String()
		}
	}
	if f.Rule != "" {
		h.add(f)
	}
	if then.Workflow != now.Workflow {
		h.add(verify.Finding{
			Rule: ruleWorkflow, Severity: verify.Warning, Expected: then.Workflow.String(), Observed: now.Workflow.String(),
			Message: fmt.Sprintf("the release was built by another workflow than %v", before.Version),
		})
	}
}

func (h *History) add(f verify.Finding) { h.Findings = append(h.Findings, f) }
