package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plimsoll/verify"
	"plimsoll/verify/statement"
)

// link is one line of the chain of custody.
type link struct {
	name   string // "source", "built by"
	edge   bool   // what joins two things, not a thing itself
	value  string // cleaned
	brief  string // value for a narrow pane, "" if it is short anyway
	vouch  bool   // a verified certificate, log or digest stands behind value
	checks []verify.CheckID
	state  verify.CheckStatus
	says   string // the result in a few words, cleaned
	why    string // one sentence if the link did not hold, cleaned
	broken bool   // the first link that did not hold: the chain ends here
	spot   Spot   // where its evidence is, see locate
}

// unknown reports whether nothing could be said of the link; that is not the same as nothing.
func (l *link) unknown() bool {
	return l.says == notKnown || l.says == notVerified || l.says == notChecked
}

// chain is what the links of one attestation are read from. art and att may
// be nil: nothing was offered.
type chain struct {
	*Doc
	r      *verify.Report
	art    *verify.ArtifactReport
	att    *verify.Attestation
	bundle *verify.Bundle // of att, or nil without a dossier
}

// custody returns the chain of custody, from the source to the registry, of
// the attestation that decides the report.
func custody(p *Doc, r *verify.Report) (chain, []link) {
	c := chain{Doc: p, r: r}
	c.art, c.att = deciding(r)
	c.bundle = p.dossier.Bundle(c.att)
	if isGo(r) && p.inspected == nil {
		links := c.recordCustody()
		c.locate(links)
		return c, links
	}
	links := []link{c.source(), c.builder(), c.certificate(), c.signed(), c.log(), c.names(), c.artifact(), c.registry()}
	if p.inspected != nil { // no registry had a part in it
		links = links[:len(links)-1]
	}
	c.markBreak(links)
	c.locate(links)
	for i := range links {
		l := &links[i]
		if l.unknown() && l.state != verify.Pass && l.state != verify.Fail {
			l.state = verify.Blocked
		}
	}
	return c, links
}

// state joins the results of several checks to that of one link.
func (c *chain) state(ids ...verify.CheckID) (verify.CheckStatus, *verify.Check) {
	if c.att == nil {
		return verify.NotApplicable, nil
	}
	passed, idle, skipped, there := 0, 0, 0, 0
	for i := range c.att.Checks {
		k := &c.att.Checks[i]
		if !slices.Contains(ids, k.ID) {
			continue
		}
		there++
		switch k.Status {
		case verify.Fail:
			return verify.Fail, k
		case verify.Pass:
			passed++
		case verify.NotApplicable:
			idle++
		case verify.NotRun:
			skipped++
		}
	}
	switch {
	case c.saved && there == 0: // the file names the verdict alone: nothing is known of this link
		return verify.NotApplicable, nil
	case c.att.Status.Holds() && skipped > 0: // it holds, and was compared with nothing
		return verify.NotRun, nil
	case c.att.Status.Holds():
		return verify.Pass, nil
	case passed+idle < there || !c.whole() && (passed == 0 || there < len(ids)):
		return verify.Blocked, nil
	default:
		return verify.Pass, nil
	}
}

// idle reports whether a check had nothing to do.
func (c *chain) idle(id verify.CheckID) bool {
	return slices.ContainsFunc(c.att.Checks, func(k verify.Check) bool { return k.ID == id && k.Status == verify.NotApplicable })
}

// passed reports whether a check passed.
func (c *chain) passed(id verify.CheckID) bool {
	return slices.ContainsFunc(c.att.Checks, func(k verify.Check) bool { return k.ID == id && k.Status == verify.Pass })
}

// explained reports whether the single checks of the whole chain are listed.
func (c *chain) explained() bool {
	return slices.ContainsFunc(c.att.Checks, func(k verify.Check) bool { return k.ID == verify.CheckTrust })
}

// whole reports whether sigstore-go verified the bundle and the steps of that
// were not run one by one: they pass all the same. A verdict without an
// explanation has the same links as one with it.
func (c *chain) whole() bool {
	return !c.explained() && c.passed(verify.CheckVerifier)
}

// judge fills in a link's result from checks.
func (c *chain) judge(l link, good string, ids ...verify.CheckID) link {
	var failed *verify.Check
	l.checks = ids
	l.state, failed = c.state(ids...)
	switch l.state {
	case verify.Pass:
		l.says = good
	case verify.Fail:
		l.says, l.why = failed.Title+" failed", failed.Reason
	case verify.NotRun:
		l.says = notCompared
	case verify.Blocked:
		l.says = c.notReached()
	default:
		l.says = c.offers("nothing offered")
	}
	l.vouch = l.state == verify.Pass && c.att != nil && c.att.Status.Holds()
	return l
}

// markBreak finds the link of the first failed check, and takes the proof from
// what stands on it: what those checks found is said, and proves nothing.
func (c *chain) markBreak(links []link) {
	if c.att == nil || c.att.Status.Holds() {
		last := &links[len(links)-1] // the rest verified
		last.broken = last.state == verify.Fail
		return
	}
	if c.unverified { // the verdict says why; no link is to blame
		return
	}
	first := broken(c.att.Checks)
	for i := range links {
		l := &links[i]
		if first != nil && slices.Contains(l.checks, first.ID) {
			l.broken, l.why = true, first.Reason
			if first.Status == verify.Blocked {
				l.says = first.Title + " could not be checked"
			} else {
				l.says = first.Title + " failed"
			}
			first = nil
		} else if l.state == verify.Blocked { // by the link that broke
			l.state = verify.NotRun
		}
		if (l.name == "names" || l.name == "artifact") && l.state == verify.Pass {
			what := map[string]string{"names": "this release", "artifact": "this digest"}[l.name]
			l.state, l.vouch, l.says = verify.NotRun, false, what+", but not proven"
		}
	}
}

// source is where the code is.
func (c *chain) source() link {
	l := link{name: "source"}
	if c.att == nil || c.att.Kind == verify.KindPublish {
		l.value, l.brief = c.claim()
		l.state, l.says = verify.NotApplicable, c.offers("nothing proves it")
		return l
	}
	if pub := c.publisher(); pub != nil {
		return c.provenSource(pub)
	}
	l.value, l.brief = c.claim()
	l.state, l.says = verify.NotRun, "not proven"
	if c.att.Status.Holds() {
		l.says = notInFile
	}
	if c.att.Status == verify.Unchecked {
		l.says = notChecked
	}
	if c.unverified {
		l.says = notVerified
	}
	l.checks = []verify.CheckID{verify.CheckIdentity}
	if s, failed := c.state(l.checks...); s == verify.Fail {
		l.state, l.says, l.why = s, failed.Title+" failed", failed.Reason
	}
	return l
}

// publisher is what the drawn attestation's certificate proves, or nil unless
// it verified.
func (c *chain) publisher() *verify.Publisher {
	if c.att == nil || !c.att.Status.Holds() {
		return nil
	}
	if c.saved && c.att.Kind == verify.KindProvenance {
		return c.r.Publisher // of the first that verified, which is the one that is drawn
	}
	return c.att.Publisher
}

func (c *chain) provenSource(pub *verify.Publisher) link {
	l := link{name: "source", vouch: true, state: verify.Pass, says: "proven by the certificate"}
	l.value = c.repo(pub)
	l.brief = l.value
	if pub.Repository == "" {
		l.says = "proven; the certificate names no repository"
	}
	if pub.Commit != "" {
		l.value += " @ " + commit(c.Text(pub.Commit))
		l.brief = l.value
	}
	if pub.Ref != "" {
		l.value += " (" + c.Text(pub.Ref) + ")"
	}
	if row := c.compared("repository"); row != nil {
		switch {
		case row.Result == verify.ResultMatch && row.Spec != "":
			l.says = "the spec's repository" + c.comparedRef(pub)
		case row.Result == verify.ResultDiffers && row.Registry != "":
			l.says = "proven; the registry's metadata differs"
		case row.Spec == "" && c.inspected == nil:
			l.says = "proven; no spec names a source"
		}
	}
	return c.contradicted(l, false)
}

// comparedRef says what was compared of the ref and the commit, which stand
// beside the repository.
func (c *chain) comparedRef(pub *verify.Publisher) string {
	row := c.compared("ref")
	switch {
	case pub.Ref == "" && pub.Commit == "":
		return ""
	case row == nil || row.Spec == "" || row.Result == verify.ResultOnly:
		return "; no ref compared"
	case row.Result == verify.ResultMatch && row.Certificate == pub.Commit:
		return " and commit"
	case row.Result == verify.ResultMatch:
		return " and ref"
	default:
		return ", but not its ref"
	}
}

// builder says how the artifact came to be.
func (c *chain) builder() link {
	l := link{name: "built by", edge: true}
	if c.att != nil && c.att.PredicateType == statement.PyPIPublish {
		l.name = "published by"
	}
	if c.att != nil && (c.att.Kind == verify.KindStatement || c.att.Kind == verify.KindMessage) {
		l.name = "signed by"
	}
	pub := c.publisher()
	switch {
	case c.att == nil || c.att.Kind == verify.KindPublish:
		l.value, l.state, l.says = "unknown", verify.NotApplicable, c.offers("nothing proves it")
	case pub == nil:
		l.value, l.brief = c.claimedWorkflow()
		l.state, l.says = verify.NotRun, "not proven"
		if c.att.Status.Holds() {
			l.says = notInFile
		}
		if c.unverified {
			l.says = notVerified
		}
	default:
		l.value, l.brief = c.workflow(pub), c.Text(pub.Workflow)
		l.vouch, l.state, l.says = true, verify.Pass, "proven; no SLSA build level"
		if c.inspected != nil {
			l.says = "proven by the certificate"
		}
		if c.r.SLSA.Level > 0 {
			l.says = fmt.Sprintf("SLSA build level %d", c.r.SLSA.Level)
		}
		l = c.contradicted(l, true)
	}
	return l
}

func (c *chain) workflow(pub *verify.Publisher) string {
	var parts []string
	if pub.Workflow == "" && pub.Email != "" {
		parts = append(parts, "a person, not a workflow")
	}
	for _, t := range []string{c.Text(pub.Workflow), c.Text(pub.Runner), c.Text(pub.Trigger)} {
		if t != "" {
			parts = append(parts, t)
		}
	}
	if len(parts) == 0 {
		return c.Text(pub.Signer)
	}
	return strings.Join(parts, ", ")
}

// builderFields are the comparisons that are about the build, not the source.
var builderFields = map[string]bool{
	"workflow": true, "runner": true, "trigger": true, "signer": true, "issuer": true, "run": true,
}

func (c *chain) compared(field string) *verify.Comparison {
	for i := range c.r.Comparison {
		if c.r.Comparison[i].Field == field {
			return &c.r.Comparison[i]
		}
	}
	return nil
}

// contradicted fails a link that rests on the certificate if that does not prove
// what the spec demands of the build, or of the source.
func (c *chain) contradicted(l link, build bool) link {
	row := c.contradiction(build)
	if row == nil {
		return l
	}
	l.state, l.says = verify.Fail, "not the spec's "+row.Field
	if row.Certificate == "" {
		l.says = "the spec's " + row.Field + " is not proven"
	}
	both := fmt.Sprintf("the spec expects %s, the certificate proves %s", row.Spec, row.Certificate)
	l.why = cmp.Or(row.Reason, both)
	switch row.Field {
	case "repository", "workflow", "runner", "trigger": // the link's value is what the certificate proves
		if row.Certificate != "" && l.why == both { // nothing is added of names that look alike
			l.says, l.why = l.says+": expected "+address(c.Text(row.Spec)), ""
		}
	}
	return l
}

// contradiction is the first demand of the spec that is not met, or nil.
func (c *chain) contradiction(build bool) *verify.Comparison {
	for i := range c.r.Comparison {
		if row := &c.r.Comparison[i]; row.Result == verify.ResultMismatch && builderFields[row.Field] == build {
			return row
		}
	}
	return nil
}

// repo is the proven source with its host; the publisher's address if a
// person published.
func (c *chain) repo(pub *verify.Publisher) string {
	if pub.Repository == "" {
		return c.clean(proven(pub), maxValue)
	}
	return strings.TrimSuffix(address(c.Text(pub.Repository)), "/")
}
