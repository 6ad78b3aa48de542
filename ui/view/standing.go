package view

import (
	"fmt"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// The words for evidence that has no verdict of its own: nothing was verified,
// or it was compared with no artifact.
const (
	notVerified = "not verified"
	notCompared = "not compared with any file"
	notKnown    = "not known"
	looksOnly   = "Not verified: the evidence below was decoded, to be looked at. Nothing of it is proven."
)

// onlyLooked warns of evidence that is there to be looked at.
func (p *page) onlyLooked(r *verify.Report) {
	if p.unverified && len(r.Artifacts) > 0 {
		p.flow([]span{{theme.Plain, indent}}, nil, theme.Warn, looksOnly, 0)
	}
}

// notVerified heads a tab where nothing was verified.
func (p *page) notVerified(r *verify.Report) {
	if !p.unverified {
		return
	}
	glyph, token := p.th.Status(verify.Unchecked)
	p.flow([]span{{token, glyph + " " + notVerified + "  "}}, nil, theme.Strong, capital(stop(r.Unverified)), 0)
}

// verdictOf is the glyph and the word of the verdict on the whole.
func (p *page) verdictOf(r *verify.Report) span {
	glyph, token := Status(p.th, r.Status, r, verify.Pending)
	return span{token, glyph + " " + r.Status.String()}
}

// notReached is what a link says that no check came to.
func (c *chain) notReached() string {
	if c.unverified {
		return notVerified
	}
	return "not reached"
}

// missing reports whether the evidence of an artifact could not be had: what
// is offered for it is then not known.
func missing(r *verify.Report, art *verify.ArtifactReport) bool {
	if art == nil {
		return true
	}
	if len(art.Attestations) > 0 || art.Status != verify.Unchecked {
		return false
	}
	for _, f := range r.Findings {
		if f.Rule == "evidence.missing" {
			return true
		}
	}
	return r.Unverified != "" && len(art.Signatures) == 0 // else it is why it was not verified
}

// offersNone says of an artifact that there is no attestation of it.
func offersNone(r *verify.Report, art *verify.ArtifactReport) string {
	if missing(r, art) {
		return "The attestations of this file could not be had."
	}
	return "The registry offers no attestation for this file."
}

// offers is what a link says where there is nothing: that may be said only
// where somebody could look.
func (c *chain) offers(nothing string) string {
	switch {
	case c.att == nil && missing(c.r, c.art):
		return notKnown
	case c.att != nil && c.att.MediaType == "" && c.att.Statement == nil && len(c.att.Log) == 0 && !c.saved:
		return "cannot be read"
	case c.att != nil && c.saved:
		return notInFile
	}
	return nothing
}

// unsigned says of an index or a time that nobody vouches for it.
func (p *page) unsigned() string {
	if p.unverified {
		return notVerified
	}
	return "not signed"
}

// reasoned adds to a result why it is so, once.
func reasoned(result span, reason string) span {
	if strings.HasSuffix(result.text, notVerified) {
		reason = strings.TrimPrefix(reason, notVerified+": ")
	}
	if reason != "" {
		result.text += ": " + reason
	}
	return result
}

// column pads the word of a result to the width of the column of results.
func (p *page) column(text string) string {
	if p.unverified {
		return pad(text, 16)
	}
	return pad(text, len("? unchecked  "))
}

// about says which file of evidence this is, and what it was compared with.
func (p *page) about() {
	in := p.inspected
	if in == nil {
		return
	}
	p.field("file", span{theme.Plain, p.text(in.File)})
	p.field("kind", span{theme.Plain, p.clean(in.Kind, 256)})
	with := span{theme.Warn, "nothing"}
	if in.Given != nil {
		with = span{theme.Plain, p.text(in.Given.Name)}
	}
	p.field("compared with", with)
}

// age says how old the evidence is where it was not fetched now.
func (p *page) age(r *verify.Report) {
	if p.now.IsZero() || p.inspected != nil {
		return
	}
	oldest := verify.Oldest(r.Sources)
	if oldest.IsZero() {
		return
	}
	p.field("evidence", span{theme.Plain, "fetched " + when(oldest) + p.old(oldest)})
}

// old is how long ago something was fetched, in brackets; "" where it was
// fetched now.
func (p *page) old(at time.Time) string {
	if p.now.IsZero() || at.IsZero() {
		return ""
	}
	return " (" + Ago(p.now.Sub(at)) + ")"
}

// Ago writes how long ago something was, as exactly as a person asks for.
func Ago(d time.Duration) string {
	unit := func(n int, what string) string { return untrusted.Plural(n, what) + " ago" }
	switch {
	case d < 0:
		return "by this machine's clock in the future"
	case d < time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return unit(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return unit(int(d.Hours()), "hour")
	default:
		return unit(int(d.Hours()/24), "day")
	}
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
		l.value = c.text(given.Name) + ", " + l.value
	}
	l.state, l.says = verify.Blocked, c.notReached()
	if c.att != nil && c.att.Status == verify.Bound {
		l.vouch, l.state, l.says = true, verify.Pass, "the evidence names it"
	}
	return l
}

// exhibits lists the attestations of a file of evidence.
func (p *page) exhibits(r *verify.Report) {
	for _, a := range arrange(r) {
		p.heading("In the file", muted(fmt.Sprintf("  %d", len(a.Attestations))))
		for _, t := range attestations(a) {
			p.attestationLine(t, r.Reason)
		}
	}
}

// compareMessage says how the digest that is signed relates to the artifact
// that was given.
func (p *page) compareMessage(art *verify.ArtifactReport, a *verify.Attestation) {
	switch {
	case p.inspected == nil || p.inspected.Given == nil:
		p.sentence("", span{theme.Warn, notCompared})
	case a.Status == verify.Bound:
		p.sameDigest(true, true)
	default:
		p.hash("artifact", p.orNoDigest(art.Digest.String()), theme.Plain)
	}
}
