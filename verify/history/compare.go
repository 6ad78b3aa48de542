package history

import (
	"fmt"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Rules of the findings.
const (
	ruleLost       = "history.lost"       // less than an earlier release of the line
	ruleLine       = "history.line"       // less than the line before, and its own never had more
	ruleLater      = "history.later"      // a later version of the line offers more
	ruleRepository = "history.repository" // another source repository than before
	ruleRecreated  = "history.recreated"  // the same name, and another repository
	ruleRenamed    = "history.renamed"    // another name, and the same repository
	ruleSameName   = "history.same_name"  // the same repository, by its name alone
	ruleWorkflow   = "history.workflow"   // another workflow than before
	ruleSigner     = "history.signer"     // another reusable workflow than before
	ruleIssuer     = "history.issuer"     // another issuer of the identity than before
	ruleRunner     = "history.runner"     // another kind of runner than before
	ruleTrigger    = "history.trigger"    // another kind of event began the run
	ruleClaim      = "history.claim"      // the registry claims less of how it was published
)

// ruleOf has the rules of what differs of two publishers.
var ruleOf = map[string]string{
	"workflow": ruleWorkflow, "signer": ruleSigner, "issuer": ruleIssuer, "runner": ruleRunner, "trigger": ruleTrigger,
}

// Compare marks every version that lost what its line had, and fills Findings
// with what that, and the reports that are known, say of the current one. Reports
// on other packages do not count. It may be called again when more are known.
func (h *History) Compare(reports ...*verify.Report) {
	h.Findings = nil
	h.know(reports)
	h.arrange()
	h.markLosses()
	if c := h.Current(); c != nil && c.Line != "" {
		h.compareOffer(c)
		h.compareLater(c)
		h.compareClaims(c)
		h.comparePublisher(c)
	}
}

// markLosses goes through the versions by time, and remembers of each line which
// was the last to offer how much.
func (h *History) markLosses() {
	byTime := make([]int, len(h.Versions))
	for i, rank := range h.rank {
		byTime[rank] = i
	}
	type latest [RungProvenance + 1]int // by rung: one more than the rank of the last version
	lines := map[string]*latest{}
	for rank, i := range byTime {
		v := &h.Versions[i]
		v.Lost, v.Before, v.Publisher, v.Proven = false, "", nil, RungUnknown
		if r := h.reportOf(v); r != nil {
			v.Publisher, v.Proven = r.Publisher, RungOf(r)
		}
		if v.Line == "" || v.Offered == RungUnknown {
			continue
		}
		last := lines[v.Line]
		if last == nil {
			last = &latest{}
			lines[v.Line] = last
		}
		nearest := 0
		for _, better := range last[v.Offered+1:] {
			nearest = max(nearest, better)
		}
		if nearest > 0 {
			v.Lost, v.Before = true, h.Versions[byTime[nearest-1]].Version
		}
		last[v.Offered] = rank + 1
	}
}

// compareOffer warns if a release before the current one had more. No release
// hides it: not the next one of whoever published it.
func (h *History) compareOffer(c *Version) {
	for _, j := range h.before {
		then := &h.Versions[j]
		if before, now, lost := less(then, c); lost {
			c.Lost, c.Before = true, then.Version
			h.add(lossFinding(then, c, before, now))
			return
		}
	}
}

// less reports whether now has less than then: of what is proven if that is known
// of both, else of what is offered. What is offered and not proven is not there.
func less(then, now *Version) (before, after Rung, lost bool) {
	if then.Proven != RungUnknown && now.Proven != RungUnknown {
		if now.Proven < then.Proven {
			return then.Proven, now.Proven, true
		}
	}
	after = now.Offered
	if now.Proven != RungUnknown {
		after = min(after, now.Proven)
	}
	return then.Offered, after, after != RungUnknown && after < then.Offered
}

func lossFinding(then, now *Version, before, after Rung) verify.Finding {
	f := verify.Finding{Rule: ruleLost, Severity: verify.Warning, Expected: before.String(), Observed: after.String()}
	what, where := "", " before it in its line"
	if then.Prerelease && !now.Prerelease {
		what = "the pre-release "
	}
	if then.Line != now.Line {
		f.Rule, where = ruleLine, ", of the line before its own"
	}
	f.Message = fmt.Sprintf("the release offers less than %s%v%s: releases published with stolen tokens look like this",
		what, then.Version, where)
	return f
}

// compareLater tells of the first later release of the line that offers more.
func (h *History) compareLater(c *Version) {
	if c.Offered == RungUnknown {
		return
	}
	next := -1
	for i := range h.Versions {
		later := &h.Versions[i]
		if later.Line != c.Line || later.Offered <= c.Offered || later.Withdrawn || later.Prerelease || h.rank[i] < h.rank[h.current] {
			continue
		}
		if next < 0 || h.rank[i] < h.rank[next] {
			next = i
		}
	}
	if next >= 0 {
		later := &h.Versions[next]
		h.add(verify.Finding{Rule: ruleLater, Severity: verify.Info, Expected: later.Offered.String(), Observed: c.Offered.String(),
			Message: fmt.Sprintf("a later version of the line offers more: %v", later.Version)})
	}
}

// compareClaims holds what the registry says of how the current version was
// published against the nearest release before it of which it says who did. A
// registry that says nothing of the current one has taken nothing back.
func (h *History) compareClaims(c *Version) {
	if c.Claimed == (verify.NPMUser{}) {
		return
	}
	for _, j := range h.before {
		before := &h.Versions[j]
		if before.Claimed == (verify.NPMUser{}) {
			continue
		}
		h.add(LostClaims(ruleClaim, "for "+before.Version.String(), before.Claimed, c.Claimed)...)
		return
	}
}

// comparePublisher holds who published the current version against the nearest
// release before it of which that is known.
func (h *History) comparePublisher(c *Version) {
	now := h.reportOf(c)
	if why := h.unverified(h.Previous()); why != "" && now != nil {
		h.add(Unchecked(why))
	}
	if len(publishers(now)) == 0 {
		return
	}
	for n, j := range h.earlier() {
		then := h.reportOf(&h.Versions[j])
		if len(publishers(then)) == 0 {
			continue
		}
		change, differences := CompareReleases(then, now)
		if n >= len(h.before) {
			differences = nil // a backport may well be made by the workflow of its line
		}
		if f, ok := publisherFinding(h.Versions[j].Version, change, then, now); ok {
			h.add(f)
		}
		h.add(Warnings(ruleOf, "for "+h.Versions[j].Version.String(), differences)...)
		return
	}
}

// publisherFinding tells who published a release and who the one before it. It
// returns false if both are the same.
func publisherFinding(before untrusted.Text, change PublisherChange, then, now *verify.Report) (verify.Finding, bool) {
	numbers := change == PublisherRecreated || change == PublisherTransferred
	f := verify.Finding{Rule: ruleRepository, Severity: verify.Warning,
		Expected: NamePublishers(then, numbers), Observed: NamePublishers(now, numbers)}
	switch change {
	case PublisherNone:
		f.Message = fmt.Sprintf("nothing proves who published the release, as it did for %v", before)
	case PublisherRecreated:
		f.Rule = ruleRecreated
		f.Message = fmt.Sprintf("the repository has the name that it had for %v, and is another one", before)
	case PublisherSameName:
		f.Rule, f.Severity, f.Expected, f.Observed = ruleSameName, verify.Info, "", ""
		f.Message = fmt.Sprintf("the repository is that of %v by its name alone: a certificate gives it no number", before)
	case PublisherRenamed:
		f.Rule, f.Severity = ruleRenamed, verify.Info
		f.Message = fmt.Sprintf("the repository was renamed since %v", before)
	case PublisherTransferred:
		f.Message = fmt.Sprintf("the repository belongs to another owner than it did for %v", before)
	case PublisherChanged:
		f.Message = fmt.Sprintf("the release comes from another place than %v", before)
	default:
		return f, false
	}
	return f, true
}

func (h *History) add(found ...verify.Finding) { h.Findings = append(h.Findings, found...) }
