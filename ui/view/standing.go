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
func (p *Doc) onlyLooked(r *verify.Report) {
	if p.unverified && len(r.Artifacts) > 0 {
		p.Item(theme.Warn, looksOnly)
	}
}

// notVerified heads a tab where nothing was verified.
func (p *Doc) notVerified(r *verify.Report) {
	if !p.unverified {
		return
	}
	glyph, token := p.Theme.Status(verify.Unchecked)
	p.Flow(Span{token, glyph + " " + notVerified + "  "}, Span{theme.Strong, Sentence(r.Unverified)})
}

// verdictOf is the glyph and the word of the verdict on the whole.
func (p *Doc) verdictOf(r *verify.Report) Span {
	glyph, token := Status(p.Theme, r.Status, r, verify.Pending)
	return Span{token, glyph + " " + r.Status.String()}
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
	case c.att != nil && c.att.MediaType == "" && !c.saved:
		return "cannot be read"
	case c.att != nil && c.saved:
		return notInFile
	}
	return nothing
}

// Unsigned says of an index or a time that nobody vouches for it.
func (p *Doc) Unsigned() string {
	if p.unverified {
		return notVerified
	}
	return "not signed"
}

// reasoned adds to a result why it is so, once.
func reasoned(result Span, reason string) Span {
	if strings.HasSuffix(result.Text, notVerified) {
		reason = strings.TrimPrefix(reason, notVerified+": ")
	}
	if reason != "" {
		result.Text += ": " + reason
	}
	return result
}

// column pads the word of a result to the width of the column of results.
func (p *Doc) column(text string) string {
	if p.unverified {
		return pad(text, 16)
	}
	return pad(text, len("? unchecked  "))
}

// about says which file of evidence this is, and what it was compared with.
func (p *Doc) about() {
	in := p.inspected
	if in == nil {
		return
	}
	p.Field("file", plain(p.Text(in.File)))
	p.Field("kind", plain(p.clean(in.Kind, 256)))
	with := Span{theme.Warn, "nothing"}
	if in.Given != nil {
		with = plain(p.Text(in.Given.Name))
	}
	p.Field("compared with", with)
}

// age says how old the evidence is where it was not fetched now.
func (p *Doc) age(r *verify.Report) {
	if p.now.IsZero() || p.inspected != nil {
		return
	}
	oldest := verify.Oldest(r.Sources)
	if oldest.IsZero() {
		return
	}
	p.Field("evidence", plain("fetched "+When(oldest, p.now)))
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
		l.value = c.Text(given.Name) + ", " + l.value
	}
	l.state, l.says = verify.Blocked, c.notReached()
	if c.att != nil && c.att.Status == verify.Bound {
		l.vouch, l.state, l.says = true, verify.Pass, "the evidence names it"
	}
	return l
}

// exhibits lists the attestations of a file of evidence.
func (p *Doc) exhibits(r *verify.Report) {
	for _, a := range arrange(r) {
		p.Heading("In the file", muted(fmt.Sprintf("  %d", len(a.Attestations))))
		for _, t := range attestations(a) {
			p.attestationLine(t, r.Reason)
		}
	}
}

// compareMessage says how the digest that is signed relates to the artifact
// that was given.
func (p *Doc) compareMessage(art *verify.ArtifactReport, a *verify.Attestation) {
	switch {
	case p.inspected == nil || p.inspected.Given == nil:
		p.Say("", Span{theme.Warn, notCompared})
	case a.Status == verify.Bound:
		p.sameDigest(true, true)
	default:
		p.hash("artifact", p.orNoDigest(art.Digest.String()), theme.Plain)
	}
}
