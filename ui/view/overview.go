package view

import (
	"fmt"
	"strings"

	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// wide is the width from which columns stand side by side; below it they are
// stacked, so that no value is cut.
const wide = 100

func (p *Doc) overview(in Input) {
	r := in.Report
	p.verdict(r)
	c, links := custody(p, r)
	p.drawChain(&c, links)
	p.findings(r)
	p.slsa(r)
	p.artifacts(r)
	p.checks(r)
}

func (p *Doc) verdict(r *verify.Report) {
	s := p.verdictOf(r)
	p.values.put("verdict", r.Status.String())
	p.values.put("reason", r.Reason)
	p.Flow(s, plain("  "), Span{theme.Strong, Sentence(r.Reason)})
	p.onlyLooked(r)
	p.about()
	p.age(r)
	if d := r.Claims.Deprecated; d != "" {
		p.flow([]Span{{theme.Warn, p.glyph(theme.GlyphWarning) + " deprecated or yanked: "}}, nil, plain(p.Text(d)), maxValueRows)
	}
}

// drawChain draws the links from top to bottom.
func (p *Doc) drawChain(c *chain, links []link) {
	p.Heading("Chain of custody", p.chainOf(c)...)
	for i, l := range links {
		last := i == len(links)-1 || links[i+1].name == "registry"
		if p.Width >= wide {
			p.linkWide(l, last)
		} else {
			p.linkNarrow(l, last)
		}
		if l.why != "" && l.state != verify.Pass {
			_, token := p.Theme.Check(l.state)
			p.flow(p.gutter(last, p.linkIndent()), p.gutter(last, p.linkIndent()), Span{token, Sentence(l.why)}, 0)
		}
	}
}

// chainOf says which of several attestations is drawn.
func (p *Doc) chainOf(c *chain) []Span {
	if p.inspected != nil {
		if c.att == nil {
			return nil
		}
		return []Span{muted(" of the " + kind(c.att))}
	}
	total := 0
	for i := range c.r.Artifacts {
		total += len(c.r.Artifacts[i].Attestations)
	}
	if c.art == nil || total < 2 && len(c.r.Artifacts) < 2 {
		return nil
	}
	what := "no attestation"
	if c.att != nil {
		what = kind(c.att)
	}
	return []Span{muted(" of " + p.name(c.art) + ", " + what)}
}

// linkIndent is the column in which the value of a link starts.
func (p *Doc) linkIndent() int {
	if p.stacked() {
		return 5
	}
	return 18
}

// stacked says that a link's value stands below its name.
func (p *Doc) stacked() bool { return p.Width < 50 }

// gutter is the line that joins a link to the next.
func (p *Doc) gutter(last bool, width int) []Span {
	line := p.glyph(theme.GlyphVertical)
	if last {
		line = " "
	}
	return []Span{{theme.Border, theme.Fit("   "+line, width)}}
}

func (p *Doc) linkLabel(l link, width int) []Span {
	if l.edge {
		return []Span{{theme.Border, "   " + p.glyph(theme.GlyphVertical) + " "},
			muted(pad(l.name, width-5))}
	}
	return []Span{{theme.Strong, pad("  "+l.name, width)}}
}

// valueToken paints a value that something proven stands behind; all others
// look like the claims that they are.
func (l link) valueToken() theme.Token {
	if l.vouch {
		return theme.Plain
	}
	return theme.Muted
}

func (p *Doc) linkResult(l link) Span {
	glyph, token := p.Theme.Check(l.state)
	text := glyph + " " + l.says
	text += p.brokenMark(l)
	return Span{token, text}
}

// brokenMark points at the link where the chain ends.
func (p *Doc) brokenMark(l link) string {
	switch {
	case !l.broken:
		return ""
	case l.state == verify.Fail:
		return " " + p.glyph(theme.GlyphLeft) + " broken here"
	default:
		return " " + p.glyph(theme.GlyphLeft) + " stops here"
	}
}

func (p *Doc) linkWide(l link, last bool) {
	label := p.linkLabel(l, p.linkIndent())
	room := p.Width - width(label) - 2
	result := min(max(34, room*2/5), 48)
	value := theme.Wrap(l.value, room-result)
	says := p.linkResult(l)
	lines := theme.Wrap(says.Text, result)
	for y := range max(len(value), len(lines)) {
		left := label
		if y > 0 {
			left = p.gutter(last, p.linkIndent())
		}
		text, verdict := "", ""
		if y < len(value) {
			text = value[y]
		}
		if y < len(lines) {
			verdict = lines[y]
		}
		p.Row(append(append([]Span(nil), left...), Span{l.valueToken(), theme.Fit(text, room-result) + "  "},
			Span{says.Token, verdict})...)
	}
}

func (p *Doc) linkNarrow(l link, last bool) {
	label, rest := p.linkLabel(l, p.linkIndent()), p.gutter(last, p.linkIndent())
	if p.stacked() {
		p.Row(label...)
		label = rest
	}
	p.flow(label, rest, Span{l.valueToken(), l.value}, 0)
	says := p.linkResult(l)
	p.flow(rest, rest, says, 0)
}

func (p *Doc) findings(r *verify.Report) {
	p.Heading("Findings")
	if len(r.Findings) == 0 {
		p.Item(theme.Muted, "None besides the verdict above.")
	}
	for _, f := range r.Findings {
		glyph, token := p.Theme.Severity(f.Severity)
		p.Flow(plain(indent), Span{token, pad(glyph+" "+f.Severity.String(), 11)}, plain(Sentence(f.Message)))
		p.expectation(f.Expected, f.Observed, theme.Plain)
		p.detail("rule", f.Rule, theme.Muted)
		p.detail("decided", decision(f), theme.Strong)
	}
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

func (p *Doc) expectation(expected, observed string, token theme.Token) {
	p.detail("expected", expected, token)
	p.detail("observed", observed, token)
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
	reason := Sentence(r.SLSA.Reason)
	if reason == "" {
		reason = "No reason was given."
	}
	level, token := "no build level", theme.Muted
	if r.SLSA.Level > 0 {
		level, token = fmt.Sprintf("build level %d", r.SLSA.Level), theme.Strong
	}
	p.Say(level, plain(reason))
	if r.SLSA.Level > 0 && token == theme.Strong {
		p.Item(theme.Muted, "The level is about how the artifact was built. It says where it comes from, not that it is safe.")
	}
}

func (p *Doc) artifacts(r *verify.Report) {
	if p.inspected != nil {
		p.exhibits(r)
		return
	}
	p.Heading("Artifacts", muted(fmt.Sprintf("  %d", len(r.Artifacts))))
	if len(r.Artifacts) == 0 {
		p.Item(theme.Muted, "No file of this release is known.")
	}
	for _, a := range arrange(r) {
		p.artifactLine(a, r.Reason)
		for _, t := range attestations(a) {
			p.attestationLine(t, a.Reason)
		}
		for j := range a.Signatures {
			s := &a.Signatures[j]
			p.evidenceLine(s.Status, "signature "+p.Text(s.KeyID), s.Reason)
		}
		if len(a.Attestations)+len(a.Signatures) == 0 {
			text := "no attestation and no signature offered"
			if missing(r, a) {
				text = "its evidence could not be had"
			}
			p.Flow(plain("    "), muted(text))
		}
	}
}

// artifactLine shows a file; its reason only where the verdict did not give
// the same.
func (p *Doc) artifactLine(a *verify.ArtifactReport, said string) {
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
	digest := p.clean(a.Digest.String(), maxValue)
	if digest == "" {
		digest = "no usable digest given"
	}
	p.Flow(plain("    "), muted(p.short(digest, p.Width-4)))
}

func (p *Doc) attestationLine(a *verify.Attestation, said string) {
	what := kind(a) + ", " + p.predicate(a)
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
	if n := attestationCount(r); n == 0 {
		why := "None were run: there is no attestation to run them on."
		if r.Status == verify.Unchecked { // whether there is one, nobody knows
			why = "None were run: no attestation could be had."
		}
		p.Item(theme.Muted, why)
		return
	}
	several := attestationCount(r) > 1
	for i, a := range arrange(r) {
		for j, t := range attestations(a) {
			if several {
				if i+j > 0 {
					p.Blank()
				}
				st := p.Status(t.Status)
				p.Flow(plain(indent), Span{st.Token, st.Text + "  "}, Span{theme.Strong, kind(t) + " of " + p.name(a)})
			}
			if len(t.Checks) == 0 {
				text := "The single checks were not recorded in this run; check the package again to list them."
				switch {
				case p.saved:
					text = "The single checks are " + notInFile + ": report --format json -v lists them."
				case p.dossier == nil:
					text = "The single checks are listed once the evidence is read again."
				}
				p.Item(theme.Muted, text)
			}
			for k := range t.Checks {
				p.checkLine(&t.Checks[k])
			}
		}
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
	s := p.check(k.Status)
	if k.Status == verify.NotApplicable {
		s.Text = p.glyph(theme.GlyphAbsent) + " no need"
	}
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
		p.expectation(k.Expected, k.Observed, theme.Plain)
	}
}
