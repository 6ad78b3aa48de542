package view

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// certificate says whose key signed, and when it was valid.
func (c *chain) certificate() link {
	l := link{name: "certificate", value: c.offers("none")}
	if c.att == nil {
		return c.judge(l, "")
	}
	if c.saved {
		l.value = notInFile
	}
	if c.att.Kind == verify.KindPublish || c.att.KeyID != "" {
		l.name, l.value = "key", c.keyID()
		return c.judge(l, "known, and valid then", verify.CheckTime, verify.CheckKey)
	}
	if leaf := c.att.Leaf; leaf != nil {
		l.value = strings.TrimPrefix(c.Text(leaf.Issuer), "CN=")
		if cn, _, found := strings.Cut(l.value, ",O="); found {
			l.value = cn
		}
		l.brief = l.value
		if !leaf.NotBefore.IsZero() {
			l.value += ", " + duration(leaf.NotAfter.Sub(leaf.NotBefore)) + " from " + moment(leaf.NotBefore)
		}
	}
	good := "the chain verifies"
	if c.public() {
		good = "chain and SCT verify"
	}
	l = c.judge(l, good, verify.CheckTime, verify.CheckChain, verify.CheckSCT)
	if l.state == verify.Pass && c.att.Leaf == nil && !c.passed(verify.CheckChain) {
		l.state, l.says, l.vouch = verify.NotApplicable, c.offers("nothing offered"), false
	}
	return l
}

// public reports whether a certificate log vouches for the certificate: a private
// instance may ask for none, but no trust root that holds the attestation's log.
func (c *chain) public() bool {
	if c.explained() {
		return c.passed(verify.CheckSCT)
	}
	return slices.ContainsFunc(c.att.Log, func(e verify.LogEntry) bool { return e.KnownLog != "" })
}

func (c *chain) keyID() string {
	if c.att.KeyID == "" {
		return "(no id given)"
	}
	return c.Text(c.att.KeyID)
}

// signed is the signature over the statement, and the bundle that holds it.
func (c *chain) signed() link {
	l := link{name: "signed", edge: true, value: c.offers("no statement")}
	if c.att == nil {
		return c.judge(l, "")
	}
	if c.att.PredicateType != "" {
		l.value = "statement " + c.predicate(c.att)
	}
	if c.att.Kind == verify.KindMessage {
		l.value = "a file's digest, without a statement"
	}
	ids := []verify.CheckID{verify.CheckParse, verify.CheckSignature}
	if first := broken(c.att.Checks); first != nil && first.ID == verify.CheckVerifier && first.Status == verify.Fail {
		ids = append(ids, verify.CheckVerifier)
	}
	return c.judge(l, "the signature verifies", ids...)
}

// log is the entry in the transparency log.
func (c *chain) log() link {
	l := link{name: "log", value: c.offers("no entry")}
	if c.att == nil {
		return c.judge(l, "")
	}
	if len(c.att.Log) > 0 {
		l.value = c.entryName(&c.att.Log[0])
		l.brief, _, _ = strings.Cut(l.value, ", ")
		if n := len(c.att.Log) - 1; n > 0 {
			l.value += fmt.Sprintf(", and %d more", n)
		}
	}
	if c.idle(verify.CheckTrust) {
		l.state, l.says = verify.NotApplicable, "not used: the trust root holds no log"
		return l
	}
	l = c.judge(l, c.vouched(), verify.CheckTrust, verify.CheckEntry,
		verify.CheckSET, verify.CheckInclusion, verify.CheckCheckpoint, verify.CheckEntryBundle)
	if l.state == verify.Pass && l.says == "" {
		l.state, l.says, l.vouch = verify.NotApplicable, "not used", false
	}
	return l
}

// vouched is what the log vouches for: that the entry is in its tree, or only that it
// will be; "" if it does neither. The single checks say so; a verdict without them
// holds only if the log signed whatever was offered of an entry.
func (c *chain) vouched() string {
	included := c.passed(verify.CheckInclusion) && c.passed(verify.CheckCheckpoint)
	promised := c.passed(verify.CheckSET)
	if !c.explained() {
		for i := range c.att.Log {
			e := &c.att.Log[i]
			included = included || e.KnownLog != "" && e.Origin != ""
			promised = promised || e.KnownLog != "" && e.IndexSigned
		}
	}
	switch {
	case included:
		return "included, and signed by the log"
	case promised:
		return "promised by the log (SET), no inclusion proof"
	}
	return ""
}

// entryName names an entry by its log, index and time; what no verified SET
// covers is said to be unsigned.
func (p *Doc) entryName(e *verify.LogEntry) string {
	name := "unknown log"
	if p.unverified || p.saved {
		name = "a log"
		if e.Origin != "" {
			origin, _, _ := strings.Cut(p.Text(e.Origin), " - ")
			name = "claimed: " + origin
			if p.saved && e.IndexSigned {
				name = origin
			}
		}
	}
	if e.KnownLog != "" {
		name = address(p.Text(e.KnownLog))
	}
	if !e.IndexSigned {
		if p.unverified {
			return name + ", index and time " + notVerified
		}
		return name + ", index and time not signed"
	}
	return fmt.Sprintf("%s #%d, %s", name, e.Index, moment(e.Time))
}

// names is the subject of the statement.
func (c *chain) names() link {
	l := link{name: "names", edge: true, value: c.offers("nothing")}
	if c.att == nil {
		return c.judge(l, "")
	}
	if c.saved {
		l.value = notInFile
	}
	if len(c.att.Subjects) > 0 {
		l.value = c.Text(c.att.Subjects[0])
		if n := len(c.att.Subjects) - 1; n > 0 {
			l.value += fmt.Sprintf(", and %d more", n)
		}
	}
	good := "this release and no other"
	if c.inspected != nil {
		good = "the artifact that was given"
	}
	if c.att.Says != nil && c.att.Says.Digest.Hex != "" {
		l.value = c.digest(c.att.Says.Digest)
	}
	return c.judge(l, good, verify.CheckStatement, verify.CheckSubject, verify.CheckPredicate)
}

// artifact is the file that people install.
func (c *chain) artifact() link {
	l := link{name: "artifact", value: "unknown"}
	if c.art == nil {
		l.state, l.says = verify.NotApplicable, "nothing to check"
		return l
	}
	l.value = c.digest(c.art.Digest)
	if c.inspected != nil {
		return c.given(l)
	}
	if c.att == nil {
		l.state, l.says = verify.NotApplicable, c.offers("no attestation names it")
		return l
	}
	l = c.judge(l, "the signed digest is this one", verify.CheckSubject)
	l.checks = nil // the link above is the one that breaks
	if l.state == verify.Fail {
		l.says, l.why = "the statement is not about it", ""
	}
	return l
}

func (p *Doc) digest(d verify.Digest) string {
	s := p.clean(d.String(), maxValue)
	if s == "" {
		return "no digest given"
	}
	if algorithm, sum, _ := strings.Cut(s, ":"); !p.wrap && len(sum) > 16 {
		return algorithm + ":" + untrusted.Cut(sum, 16) + "…"
	}
	return s
}

// registry is what the registry itself signs: npm's signatures and its
// publish attestation.
func (c *chain) registry() link {
	l := link{name: "registry", value: "nothing signed"}
	if c.r.Release.Ecosystem == verify.PyPI {
		l.value, l.state, l.says = c.host(), verify.NotApplicable, "signs no releases"
		return l
	}
	l.value, l.state, l.says = c.offers(l.value), verify.NotApplicable, c.offers("no signature offered")
	if c.art == nil {
		return l
	}
	worst := verify.Pending
	note := func(s verify.Status, value, why string, at Place) {
		if worst == verify.Pending || severity(s) > severity(worst) {
			worst, l.value, l.brief, l.why, l.spot.Evidence = s, value, "", why, at
		}
	}
	if s := decisive(c.art.Signatures); s != nil {
		note(s.Status, "signature "+c.Text(s.KeyID), s.Reason, c.signaturePlace(s))
		l.brief = "signature " + theme.Cut(c.Text(s.KeyID), 16)
	}
	for i := range c.art.Attestations {
		if a := &c.art.Attestations[i]; a.Kind == verify.KindPublish && a != c.att {
			note(a.Status, "publish attestation "+c.Text(a.KeyID), a.Reason, c.at(a, verify.CheckKey))
		}
	}
	switch worst {
	case verify.Verified:
		l.vouch, l.state, l.says, l.why = true, verify.Pass, "verifies with the registry's key", ""
	case verify.Invalid:
		l.state, l.says = verify.Fail, "does not verify"
	case verify.Unchecked:
		l.state, l.says = verify.NotRun, notChecked
		if c.unverified {
			l.says, l.why = notVerified, ""
		}
	}
	return l
}

// decisive returns the signature that decides for all: one that is wrong, else
// one that verifies, else one that could not be checked.
func decisive(signatures []verify.Signature) *verify.Signature {
	rank := map[verify.Status]int{verify.Invalid: 3, verify.Verified: 2, verify.Unchecked: 1}
	var best *verify.Signature
	for i := range signatures {
		if s := &signatures[i]; best == nil || rank[s.Status] > rank[best.Status] {
			best = s
		}
	}
	return best
}

func (c *chain) host() string {
	if c.r.Registry == "" {
		return "the index"
	}
	return address(c.Text(c.r.Registry))
}

// given is the link to the artifact that a person has beside a file of
// evidence.
func (c *chain) given(l link) link {
	given := c.inspected.Given
	if given == nil {
		l.value, l.state, l.says = "none was given", verify.NotRun, notCompared
		return l
	}
	l.value = c.digest(c.art.Digest)
	if name := string(given.Name); name != c.art.Digest.String() {
		l.value = c.Text(given.Name) + ", " + l.value
	}
	l.state, l.says = verify.Blocked, c.notReached()
	if c.att != nil && c.att.Status == verify.Bound {
		l.vouch, l.state, l.says = true, verify.Pass, "the evidence names it"
	}
	return l
}

// notReached is what a link says that no check came to.
func (c *chain) notReached() string {
	if c.unverified {
		return notVerified
	}
	return "not reached"
}

// offers is what a link says if there is nothing: that may be said only
// if somebody could look.
func (c *chain) offers(nothing string) string {
	switch {
	case c.att == nil && missing(c.r, c.art):
		return notKnown
	case c.att != nil && c.att.MediaType == "" && !c.saved:
		return "cannot be read"
	case c.att != nil && c.saved:
		return notInFile
	}
	return nothing
}
