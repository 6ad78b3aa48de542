package view

import (
	"fmt"
	"strings"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/statement"
)

// link is one line of the chain of custody.
type link struct {
	name   string
	edge   bool   // what joins two things, not a thing itself
	value  string // cleaned
	vouch  bool   // a verified certificate, log or digest stands behind value
	state  verify.CheckStatus
	says   string // the result in a few words, cleaned
	why    string // one sentence where the link failed, cleaned
	broken bool   // the first link that failed: the chain ends here
}

// chain is what the links of one attestation are read from. art and att may
// be nil: nothing was offered.
type chain struct {
	*page
	spec catalog.Spec
	r    *verify.Report
	art  *verify.ArtifactReport
	att  *verify.Attestation
}

// custody returns the chain of custody, from the source to the registry, of
// the attestation that decides the report.
func custody(p *page, spec catalog.Spec, r *verify.Report) (chain, []link) {
	c := chain{page: p, spec: spec, r: r}
	c.art, c.att = chief(r)
	links := []link{c.source(), c.builder(), c.certificate(), c.signed(), c.log(), c.names(), c.artifact(), c.registry()}
	c.markBreak(links)
	return c, links
}

// chief chooses the attestation to draw: a provenance attestation before a
// publish one, and of those the one with the gravest result.
func chief(r *verify.Report) (*verify.ArtifactReport, *verify.Attestation) {
	var art *verify.ArtifactReport
	var att *verify.Attestation
	best := -1
	for i := range r.Artifacts {
		a := &r.Artifacts[i]
		for j := range a.Attestations {
			t := &a.Attestations[j]
			rank := gravity(t.Status)
			if t.Kind != verify.KindPublish {
				rank += 10
			}
			if rank > best {
				best, art, att = rank, a, t
			}
		}
	}
	if att != nil {
		return art, att
	}
	for i := range r.Artifacts {
		if a := &r.Artifacts[i]; art == nil || gravity(a.Status) > gravity(art.Status) {
			art = a
		}
	}
	return art, nil
}

func gravity(s verify.Status) int {
	switch s {
	case verify.Invalid:
		return 3
	case verify.Error:
		return 2
	case verify.Verified:
		return 1
	}
	return 0
}

// state joins the results of several checks to that of one link.
func (c *chain) state(ids ...verify.CheckID) (verify.CheckStatus, *verify.Check) {
	if c.att == nil {
		return verify.NotApplicable, nil
	}
	passed, open := false, false
	for i := range c.att.Checks {
		k := &c.att.Checks[i]
		if !contains(ids, k.ID) {
			continue
		}
		switch k.Status {
		case verify.Fail:
			return verify.Fail, k
		case verify.Pass:
			passed = true
		case verify.NotApplicable:
		default:
			open = true
		}
	}
	switch {
	case c.att.Status == verify.Verified:
		return verify.Pass, nil
	case open || !passed:
		return verify.Blocked, nil
	default:
		return verify.Pass, nil
	}
}

func contains(ids []verify.CheckID, id verify.CheckID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

// judge fills in a link's result from checks.
func (c *chain) judge(l link, good string, ids ...verify.CheckID) link {
	var failed *verify.Check
	l.state, failed = c.state(ids...)
	switch l.state {
	case verify.Pass:
		l.says = good
	case verify.Fail:
		l.says, l.why = failed.Title+" failed", failed.Reason
	case verify.Blocked:
		l.says = "not reached"
	default:
		l.says = "nothing offered"
	}
	l.vouch = l.state == verify.Pass && c.att != nil && c.att.Status == verify.Verified
	return l
}

// markBreak finds the link of the first failed check, and takes back what
// stands on it.
func (c *chain) markBreak(links []link) {
	if c.att == nil || c.att.Status == verify.Verified {
		for i := range links {
			if links[i].state == verify.Fail {
				links[i].broken = true
				return
			}
		}
		return
	}
	first := firstFailed(c.att.Checks)
	for i := range links {
		l := &links[i]
		if first != nil && l.state == verify.Fail && l.why == first.Reason && l.name != "registry" {
			l.broken, first = true, nil
		}
		if (l.name == "names" || l.name == "artifact") && l.state == verify.Pass {
			l.state, l.says, l.vouch = verify.Blocked, "not reached", false
		}
	}
}

// source says where the code is.
func (c *chain) source() link {
	l := link{name: "source"}
	if c.att == nil || c.att.Kind == verify.KindPublish {
		l.value = c.claim()
		l.state, l.says = verify.NotApplicable, "nothing proves it"
		return l
	}
	if pub := c.publisher(); pub != nil {
		return c.provenSource(pub)
	}
	l.value = c.claim()
	l.state, l.says = verify.NotRun, "not proven: the evidence does not verify"
	if c.att.Status == verify.Error {
		l.says = "not proven: the evidence could not be checked"
	}
	if s, failed := c.state(verify.CheckIdentity); s == verify.Fail {
		l.state, l.says, l.why = s, failed.Title+" failed", failed.Reason
	}
	return l
}

// publisher is what the drawn attestation's certificate proves, nil unless it
// verified.
func (c *chain) publisher() *verify.Publisher {
	if c.att == nil || c.att.Status != verify.Verified {
		return nil
	}
	return c.att.Publisher
}

func (c *chain) provenSource(pub *verify.Publisher) link {
	l := link{name: "source", vouch: true, state: verify.Pass, says: "proven by the certificate"}
	l.value = c.repo(pub)
	if pub.Repository == "" {
		l.says = "proven; the certificate names no repository"
	}
	if pub.Commit != "" {
		l.value += " @ " + commit(c.text(pub.Commit))
	}
	if pub.Ref != "" {
		l.value += " (" + c.text(pub.Ref) + ")"
	}
	if row := c.compared("repository"); row != nil {
		switch {
		case row.Result == verify.ResultMatch && row.Spec != "":
			l.says = "proven, matches the spec"
		case row.Spec == "":
			l.says = "proven; the spec names no source"
		}
	}
	if row := c.contradiction(false); row != nil {
		l.state, l.says, l.why = verify.Fail, "proven, and not what is expected", c.contradicts(row)
	}
	return l
}

// builder says how the artifact came to be.
func (c *chain) builder() link {
	l := link{name: "built by", edge: true}
	if c.att != nil && c.att.PredicateType == statement.PyPIPublish {
		l.name = "published by"
	}
	pub := c.publisher()
	switch {
	case c.att == nil || c.att.Kind == verify.KindPublish:
		l.value, l.state, l.says = "unknown", verify.NotApplicable, "nothing proves it"
	case pub == nil:
		l.value, l.state, l.says = c.claimedWorkflow(), verify.NotRun, "not proven"
	default:
		l.value = c.workflow(pub)
		l.vouch, l.state, l.says = true, verify.Pass, "no SLSA build level"
		if c.r.SLSA.Level > 0 {
			l.says = fmt.Sprintf("SLSA build level %d", c.r.SLSA.Level)
		}
		if row := c.contradiction(true); row != nil {
			l.state, l.says, l.why = verify.Fail, "proven, and not what is expected", c.contradicts(row)
		}
	}
	return l
}

func (c *chain) workflow(pub *verify.Publisher) string {
	var parts []string
	if pub.Workflow == "" && pub.Email != "" {
		parts = append(parts, "a person, not a workflow")
	}
	for _, t := range []string{c.text(pub.Workflow), c.text(pub.Runner), c.text(pub.Trigger)} {
		if t != "" {
			parts = append(parts, t)
		}
	}
	if len(parts) == 0 {
		return c.text(pub.Signer)
	}
	return strings.Join(parts, ", ")
}

// builderFields are the comparisons that are about the build, not the source.
var builderFields = map[string]bool{
	"workflow": true, "runner": true, "runner_environment": true, "trigger": true,
	"signer": true, "signer_identity": true, "issuer": true, "cert_issuer": true, "run": true,
}

func (c *chain) compared(field string) *verify.Comparison {
	for i := range c.r.Comparison {
		if c.r.Comparison[i].Field == field {
			return &c.r.Comparison[i]
		}
	}
	return nil
}

// contradiction returns the first witness that contradicts the certificate,
// about the build or about the source.
func (c *chain) contradiction(build bool) *verify.Comparison {
	for i := range c.r.Comparison {
		row := &c.r.Comparison[i]
		if row.Result == verify.ResultMismatch && builderFields[row.Field] == build {
			return row
		}
	}
	return nil
}

func (c *chain) contradicts(row *verify.Comparison) string {
	if row.Reason != "" {
		return row.Reason
	}
	return fmt.Sprintf("%s: the spec expects %s, the certificate proves %s",
		row.Field, c.text(row.Spec), c.text(row.Certificate))
}

// repo is the proven source with its host; the publisher's address where a
// person published.
func (c *chain) repo(pub *verify.Publisher) string {
	if pub.Repository == "" {
		return c.clean(proven(pub), maxValue)
	}
	return strings.TrimSuffix(address(c.text(pub.Repository)), "/")
}

// claim is a source that somebody names and nobody proves.
func (c *chain) claim() string {
	if c.att != nil {
		for _, cert := range c.att.Certificates {
			for _, e := range cert.Extensions {
				if e.Number == 12 && e.Value != "" {
					return "claimed: " + address(c.text(e.Value)) + " (unverified certificate)"
				}
			}
		}
		if s := c.att.Statement; s != nil && s.Provenance != nil && s.Provenance.Repository != "" {
			return "claimed: " + address(c.text(s.Provenance.Repository)) + " (unverified statement)"
		}
		if s := c.att.Claimed; s != nil && s.Repository != "" {
			return "claimed: " + c.clean(claimedRepository(s.Kind, s.Repository), maxValue) + " (index)"
		}
	}
	if c.r.Claims.Repository != "" {
		return "claimed: " + address(c.text(c.r.Claims.Repository)) + " (registry metadata)"
	}
	return "unknown"
}

func (c *chain) claimedWorkflow() string {
	if s := c.att.Statement; s != nil && s.Provenance != nil && s.Provenance.Workflow != "" {
		return "claimed: " + c.text(s.Provenance.Workflow) + " (unverified statement)"
	}
	if s := c.att.Claimed; s != nil && s.Workflow != "" {
		return "claimed: " + c.text(s.Workflow) + " (index)"
	}
	return "unknown"
}
