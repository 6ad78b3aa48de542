package view

import (
	"cmp"
	"fmt"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// wide is the width from which columns stand side by side; below it they are
// stacked, so that no value is cut.
const wide = 100

func (p *Doc) overview(in Input) {
	r := in.Report
	c, links := custody(p, r)
	p.verdict(r, links)
	p.Heading("Chain of custody", p.chainOf(&c)...)
	p.drawChain(links)
	p.findings(r)
	p.slsa(r)
	p.artifacts(r)
	p.checks(r)
}

func (p *Doc) verdict(r *verify.Report, links []link) {
	s := p.verdictOf(r)
	p.values.put("verdict", r.Status.String())
	p.values.put("reason", r.Reason)
	end := p.spot(Spot{Place: placeVerdict, Word: r.Status.String(), Evidence: reason(links)})
	p.Flow(s, plain("  "), Span{theme.Strong, Sentence(r.Reason)})
	end()
	p.onlyLooked(r)
	p.about()
	p.age(r)
	if d := r.Claims.Deprecated; d != "" {
		p.flow([]Span{{theme.Warn, p.Theme.Glyph(theme.GlyphWarning) + " deprecated or yanked: "}}, nil, plain(p.Text(d)), maxValueRows)
	}
}

func (p *Doc) findings(r *verify.Report) {
	p.Heading("Findings")
	if len(r.Findings) == 0 {
		p.Item(theme.Muted, "None besides the verdict above.")
	}
	for _, f := range r.Findings {
		p.finding(f)
	}
}

func (p *Doc) finding(f verify.Finding) {
	defer p.spot(p.findingSpot(f))()
	glyph, token := p.Theme.Severity(f.Severity)
	message := strings.TrimSuffix(f.Message, ": expected "+f.Expected+", found "+f.Observed) // both stand below
	p.Flow(plain(indent), Span{token, pad(glyph+" "+f.Severity.String(), 11)}, plain(Sentence(message)))
	p.expectation(f.Expected, f.Observed)
	p.detail("rule", f.Rule, theme.Muted)
	p.detail("decided", decision(f), theme.Strong)
}

// decision is what was decided about a finding, without saying twice how it
// stands.
func decision(f verify.Finding) string {
	state, why, _ := strings.Cut(f.Decision, ": ")
	if strings.HasPrefix(why, state) {
		return why
	}
	return f.Decision
}

func (p *Doc) expectation(expected, observed string) {
	p.detail("expected", expected, theme.Plain)
	p.detail("observed", observed, theme.Plain)
}

// below is the indent of what belongs to the line above.
func (p *Doc) below() string {
	if p.Width < 60 {
		return indent + indent
	}
	return strings.Repeat(" ", 13)
}

// detail is a value that belongs to the line above it.
func (p *Doc) detail(label, value string, token theme.Token) {
	if value == "" {
		return
	}
	p.values.put(label, value)
	p.flow([]Span{muted(p.below() + pad(label, 9))}, nil, Span{token, p.clean(value, maxValue)}, maxValueRows)
}

func (p *Doc) slsa(r *verify.Report) {
	p.Heading("SLSA")
	s := Spot{Place: placeSLSA, Word: "SLSA level", Evidence: placeSLSA}
	if r.SLSA.Level > 0 {
		s.Tab = Statement
	}
	defer p.spot(s)()
	level := "no build level"
	if r.SLSA.Level > 0 {
		level = fmt.Sprintf("build level %d", r.SLSA.Level)
	}
	p.Say(level, plain(Sentence(cmp.Or(r.SLSA.Reason, "no reason was given"))))
	if r.SLSA.Level > 0 {
		p.Item(theme.Muted, "The level is about how the artifact was built. It says where it comes from, not that it is safe.")
	}
}

func (p *Doc) artifacts(r *verify.Report) {
	if p.inspected != nil {
		p.listFile(r)
		return
	}
	p.Heading("Artifacts", muted(fmt.Sprintf("  %d", len(r.Artifacts))))
	if len(r.Artifacts) == 0 {
		p.Item(theme.Muted, "No file of this release is known.")
	}
	for i, a := range arrange(r) {
		p.artifactLine(a, artifactPlace(i), r.Reason)
		for _, t := range attestations(a) {
			p.attestationLine(t, a.Reason)
		}
		for j := range a.Signatures {
			s := &a.Signatures[j]
			end := p.spot(Spot{Place: p.signaturePlace(s), Word: "registry signature", Tab: Certificates, Evidence: p.signaturePlace(s)})
			p.evidenceLine(s.Status, "signature "+p.Text(s.KeyID), s.Reason)
			end()
		}
		switch {
		case a.Record != nil:
			end := p.spot(Spot{Place: recordPlace("line"), Word: "checksum database", Tab: Log, Evidence: artifactPlace(i)})
			p.evidenceLine(a.Record.Status, fmt.Sprintf("record #%d of the checksum database %s", a.Record.Number, p.Text(a.Record.Database)), "")
			end()
		case a.Excluded != "": // the reason says it
		case len(a.Attestations)+len(a.Signatures) == 0:
			text := "no attestation and no signature offered"
			if missing(r, a) {
				text = "its evidence could not be fetched"
			}
			p.Flow(plain("    "), muted(text))
		}
	}
}

// artifactLine shows a file; its reason only if the verdict did not give
// the same.
func (p *Doc) artifactLine(a *verify.ArtifactReport, place Place, said string) {
	defer p.spot(Spot{Place: place, Word: "digest", Tab: Overview, Evidence: place})()
	s := p.Status(a.Status)
	name := p.name(a)
	p.values.put("file", string(a.Filename))
	p.values.put("digest", a.Digest.String())
	if a.Yanked {
		name += " (yanked)"
	}
	p.Flow(plain(indent), Span{s.Token, p.column(s.Text)}, Span{theme.Strong, name})
	if a.Reason != "" && a.Reason != said && a.Reason != notVerified+": "+said {
		p.Flow(plain("    "), plain(Sentence(a.Reason)))
	}
	digest := orNoDigest(a.Digest)
	if r := a.Record; r != nil && r.Zip != "" {
		digest = string(r.Zip)
		p.values.put("h1", digest)
	}
	p.Flow(plain("    "), muted(p.short(p.clean(digest, maxValue), p.Width-4)))
}

func (p *Doc) attestationLine(a *verify.Attestation, said string) {
	defer p.spot(Spot{Place: p.at(a, "line"), Word: kindWord(a), Tab: Certificates, Evidence: p.at(a, "")})()
	what := a.Kind.Noun() + ", " + p.predicate(a)
	if !a.SignedAt.IsZero() {
		what += ", signed " + when(a.SignedAt)
	}
	reason := a.Reason
	if reason == said {
		reason = ""
	}
	p.evidenceLine(a.Status, what, reason)
}

func (p *Doc) evidenceLine(s verify.Status, what, reason string) {
	st := p.Status(s)
	p.Flow(plain("    "), Span{st.Token, p.column(st.Text)}, plain(what))
	if reason != "" && s != verify.Verified && !(p.unverified && s == verify.Unchecked && !strings.Contains(reason, "; and ")) {
		p.Flow(plain("      "), plain(Sentence(reason)))
	}
}

func (p *Doc) checks(r *verify.Report) {
	p.Heading("Checks")
	several := attestationCount(r)
	switch {
	case isGo(r):
		p.recordChecks(r)
		return
	case several == 0 && r.Status == verify.Unchecked: // whether there is one, nobody knows
		p.Item(theme.Muted, "None were run: no attestation could be fetched.")
	case several == 0:
		p.Item(theme.Muted, "None were run: there is no attestation to run them on.")
	}
	for i, art := range arrange(r) {
		for j, a := range attestations(art) {
			if several > 1 {
				if i+j > 0 {
					p.Blank()
				}
				s := p.Status(a.Status)
				p.Flow(plain(indent), Span{s.Token, s.Text + "  "}, Span{theme.Strong, a.Kind.Noun() + " of " + p.name(art)})
			}
			if len(a.Checks) == 0 {
				text := "The single checks are listed once the evidence is read again."
				if p.saved {
					text = "The single checks are " + notInFile + ": report --format json -v lists them."
				}
				p.Item(theme.Muted, text)
			}
			for k := range a.Checks {
				id := a.Checks[k].ID
				end := p.spot(Spot{Place: p.at(a, id), Word: string(id), Tab: evidenceOf(id), Evidence: p.shown(a, id)})
				p.checkLine(&a.Checks[k])
				end()
			}
		}
	}
}

// recordChecks lists those of a Go module.
func (p *Doc) recordChecks(r *verify.Report) {
	none := true
	for _, art := range arrange(r) {
		if art.Record == nil {
			continue
		}
		none = false
		for k := range art.Record.Checks {
			check := &art.Record.Checks[k]
			at := recordPlace(check.ID)
			end := p.spot(Spot{Place: at, Word: string(check.ID), Tab: evidenceOf(check.ID), Evidence: at})
			p.checkLine(check)
			end()
		}
	}
	if none {
		p.Item(theme.Muted, "None were run: there is no record of the checksum database to run them on.")
	}
}

func attestationCount(r *verify.Report) (n int) {
	for i := range r.Artifacts {
		n += len(r.Artifacts[i].Attestations)
	}
	return n
}

// checkLine says what a check compared with what. A failed one shows both
// values; one that could not be done, what it waits for.
func (p *Doc) checkLine(k *verify.Check) {
	s := p.check(k.Result())
	first := []Span{{theme.Plain, indent}, {s.Token, p.column(s.Text)}}
	title, id, reason := p.clean(k.Title, 64), p.clean(string(k.ID), 64), Sentence(k.Reason)
	if p.Width >= wide {
		first = append(first, muted(pad(id, 19)), plain(pad(title, 32)))
		p.Flow(append(first, plain(reason))...)
	} else {
		token := theme.Plain
		if k.Status != verify.Pass {
			token = theme.Strong
		}
		if id == title {
			id = ""
		}
		if whole := append(first, Span{token, title}, muted("  "+id)); width(whole) <= p.Width {
			p.Row(whole...)
		} else {
			p.Flow(append(first, Span{token, title})...)
		}
		p.Flow(plain(p.below()), plain(reason))
	}
	if k.Status != verify.Pass || k.Expected != k.Observed {
		p.expectation(k.Expected, k.Observed)
	}
}

// onlyLooked warns of evidence that is there to be looked at.
func (p *Doc) onlyLooked(r *verify.Report) {
	if p.unverified && len(r.Artifacts) > 0 {
		p.Item(theme.Warn, looksOnly)
	}
}

// notVerified heads a tab if nothing was verified.
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

// about says which file of evidence this is, and what it was compared with.
func (p *Doc) about() {
	in := p.inspected
	if in == nil {
		return
	}
	p.field("file", in.File)
	p.field("kind", untrusted.Text(in.Kind))
	if in.Given == nil {
		p.Field("compared with", Span{theme.Warn, "nothing"})
		return
	}
	p.field("compared with", in.Given.Name)
}

// age is how old the evidence is if it was not fetched now.
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

// listFile lists the attestations of a file of evidence.
func (p *Doc) listFile(r *verify.Report) {
	for _, a := range arrange(r) {
		p.Heading("In the file", muted(fmt.Sprintf("  %d", len(a.Attestations))))
		for _, t := range attestations(a) {
			p.attestationLine(t, r.Reason)
		}
	}
}
