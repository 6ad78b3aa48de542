package view

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

func (p *Doc) certificates(in Input) {
	if isGo(in.Report) {
		p.recordKey(in)
		return
	}
	p.eachAttestation(in.Report, func(_ *verify.ArtifactReport, a *verify.Attestation) {
		b := in.Dossier.Bundle(a)
		if len(b.Certificates) == 0 {
			p.noCertificate(a)
			return
		}
		for i := range b.Certificates {
			p.certificate(b, i)
		}
		p.scts(b)
	})
	p.signatureKeys(in.Report)
}

// eachAttestation calls show below a heading for each attestation, and says
// if there is none.
func (p *Doc) eachAttestation(r *verify.Report, show func(*verify.ArtifactReport, *verify.Attestation)) {
	if len(r.Artifacts) == 0 {
		p.Para(theme.Strong, Sentence(r.Reason))
		p.Para(theme.Muted, "No file of this release is known, so there is nothing to show here.")
	}
	for _, art := range arrange(r) {
		if len(art.Attestations) == 0 {
			s := p.Status(art.Status)
			p.Blank()
			p.Flow(s, plain("  "), Span{theme.Title, p.name(art)})
			p.Item(theme.Muted, offersNone(r, art))
			if art.Reason != "" && (art.Status == verify.Unchecked || art.Status == verify.Invalid) {
				p.Item(theme.Plain, Sentence(art.Reason))
			}
		}
		for j, a := range attestations(art) {
			p.attestationHeading(art, a, j)
			show(art, a)
		}
	}
}

// attestationTitle starts what a tab shows of one attestation: a branch of the
// tree.
func (p *Doc) attestationTitle(art *verify.ArtifactReport, a *verify.Attestation, j int) {
	p.close(levelItem)
	p.Blank()
	head := len(p.lines)
	title := fmt.Sprintf("%s of %s", a.Kind.Noun(), p.name(art))
	if n := len(art.Attestations); n > 1 {
		title += fmt.Sprintf(" (%d of %d)", j+1, n)
	}
	end := p.here(p.at(a, ""), kindWord(a))
	p.Flow(p.Status(a.Status), plain("  "), Span{theme.Title, title})
	end()
	p.open(levelItem, head)
}

func (p *Doc) attestationHeading(art *verify.ArtifactReport, a *verify.Attestation, j int) {
	p.attestationTitle(art, a, j)
	switch {
	case p.unverified:
		text := "What follows is what it says; nothing of it is proven."
		if _, problem, broken := strings.Cut(a.Reason, "; and it "); broken {
			text = "It " + stop(problem)
		}
		p.Item(theme.Warn, text)
		return
	case a.Status.Holds() && a.Status != verify.Verified:
		p.Item(theme.Plain, Sentence(a.Reason))
		return
	}
	if a.Status != verify.Verified {
		reason := ""
		if a.Reason != "" {
			reason = ": " + strings.TrimSuffix(a.Reason, ".")
		}
		what := "It did not verify"
		if a.Status == verify.Unchecked {
			what = "It could not be checked"
		}
		p.Item(theme.Warn, what+reason+". What follows is what it says.")
	}
}

func (p *Doc) noCertificate(a *verify.Attestation) {
	if a.Kind == verify.KindPublish || a.KeyID != "" {
		defer p.here(p.at(a, verify.CheckKey), string(verify.CheckKey))()
		why := "this is signed with a key."
		if a.Kind == verify.KindPublish {
			why = "publish attestations are signed with a key of the registry."
		}
		p.Item(theme.Plain, "There is no certificate here: "+why)
		p.field("key", a.KeyID)
		p.Field("signed", plain(when(a.SignedAt)))
		return
	}
	p.Item(theme.Plain, "No certificate could be read from this attestation.")
}

// certificate shows one of a bundle; the first is the leaf.
func (p *Doc) certificate(b *verify.Bundle, i int) {
	c, place := &b.Certificates[i], p.at(b.Attestation, verify.CheckChain)
	if i > 0 {
		place += Place(strconv.Itoa(i))
	}
	end := p.here(place, string(verify.CheckChain))
	from := "  from the trust root"
	if c.FromBundle {
		from = "  from the bundle"
	}
	p.Heading(capital(p.clean(cmp.Or(c.Role, "certificate"), 64)), muted(from))
	p.field("subject", cmp.Or(c.Subject, "empty"))
	p.names(c.Issuer, c.SANs)
	p.hash("serial", c.Serial, theme.Plain)
	p.dates(c.NotBefore, c.NotAfter)
	end()
	if c.Role == "leaf" || i == 0 {
		end = p.here(p.at(b.Attestation, verify.CheckTime), string(verify.CheckTime))
		p.validity(b.Attestation, c)
		end()
	}
	p.field("public key", untrusted.Text(c.PublicKey))
	p.field("signature", untrusted.Text(c.Signature))
	p.hash("SHA-256", c.SHA256, theme.Plain)
	if i == 0 {
		defer p.here(p.at(b.Attestation, verify.CheckIdentity), "certificate extensions")()
	}
	p.extensions(c.Extensions)
}

// names are who issued a certificate, and to whom.
func (p *Doc) names(issuer untrusted.Text, subjects []untrusted.Text) {
	p.field("issuer", issuer)
	for _, san := range subjects {
		p.field("SAN", san)
	}
}

// dates are when a certificate is valid.
func (p *Doc) dates(from, to time.Time) {
	p.Field("valid from", plain(when(from)))
	until := when(to)
	if !from.IsZero() && !to.IsZero() {
		until += " (" + duration(to.Sub(from)) + ")"
	}
	p.Field("valid until", plain(until))
}

// validity draws the certificate's lifetime and where in it the statement was
// signed, or how far outside.
func (p *Doc) validity(a *verify.Attestation, c *verify.Certificate) {
	at, proven := signingTime(a)
	if at.IsZero() {
		p.Say("log time", Span{theme.Warn, "not given: nothing says when it was signed"})
		return
	}
	source := "proven"
	switch {
	case !proven:
		source = p.Unsigned()
	case !a.Status.Holds(): // the attestation proves nothing; its log's signature on the time does
		source = "signed by the log"
	}
	if c.NotBefore.IsZero() || !c.NotAfter.After(c.NotBefore) {
		p.Say("log time", Span{theme.Warn, when(at) + " (" + source + "); the certificate's dates are not in order"})
		return
	}
	bar, where := p.bar(c.NotBefore, c.NotAfter, at)
	token := theme.Plain
	switch {
	case where != "inside":
		token = theme.Bad
	case proven && a.Status.Holds():
		token = theme.Good
	}
	layout := clockLayout
	if c.NotBefore.UTC().Format(dayLayout) != c.NotAfter.UTC().Format(dayLayout) {
		layout = dayLayout
	}
	p.Field("validity", Span{token, bar})
	p.Field("", muted(c.NotBefore.UTC().Format(layout)+" … "+c.NotAfter.UTC().Format(layout)))
	p.Say("log time", Span{token, fmt.Sprintf("%s (%s), %s", when(at), source, distance(c, at)+where)})
}

// distance says how far outside the certificate's lifetime a time lies.
func distance(c *verify.Certificate, at time.Time) string {
	switch {
	case at.Before(c.NotBefore):
		return duration(c.NotBefore.Sub(at)) + " "
	case at.After(c.NotAfter):
		return duration(at.Sub(c.NotAfter)) + " "
	default:
		return ""
	}
}

// signingTime is the verified time of signing, else the time that the first
// log entry gives without proof.
func signingTime(a *verify.Attestation) (at time.Time, proven bool) {
	if !a.SignedAt.IsZero() {
		return a.SignedAt, true
	}
	for i := range a.Log {
		if !a.Log[i].Time.IsZero() {
			return a.Log[i].Time, a.Log[i].IndexSigned
		}
	}
	return time.Time{}, false
}

// bar draws ├───●──────┤ with the point where at lies, before or after the bar
// if it lies outside.
func (p *Doc) bar(from, to, at time.Time) (bar, where string) {
	line, point := p.Theme.Glyph(theme.GlyphHorizontal), p.Theme.Glyph(theme.GlyphPoint)
	left, right := p.Theme.Glyph(theme.GlyphTeeLeft), p.Theme.Glyph(theme.GlyphTeeRight)
	cells := min(max(p.Width-p.Labels-10, 6), 30)
	switch {
	case at.Before(from):
		return point + "  " + left + strings.Repeat(line, cells) + right, "before the certificate is valid"
	case at.After(to):
		return left + strings.Repeat(line, cells) + right + "  " + point, "after the certificate has ended"
	}
	share := float64(at.Unix()-from.Unix()) / float64(max(to.Unix()-from.Unix(), 1))
	spot := min(max(int(share*float64(cells)), 0), cells-1)
	return left + strings.Repeat(line, spot) + point + strings.Repeat(line, cells-1-spot) + right, "inside"
}

func (p *Doc) extensions(list []verify.Extension) {
	var fulcio, other []*verify.Extension
	for i := range list {
		if e := &list[i]; e.Number > 0 {
			fulcio = append(fulcio, e)
		} else {
			other = append(other, e)
		}
	}
	if len(fulcio) > 0 {
		p.Blank()
		p.Item(theme.Muted, "Fulcio extensions (1.3.6.1.4.1.57264.1.n)")
		for _, e := range fulcio {
			p.extension(fmt.Sprintf(".%-3d", e.Number), e)
		}
	}
	if len(other) > 0 {
		p.Blank()
		p.Item(theme.Muted, "Other extensions")
		for _, e := range other {
			p.extension(pad(p.clean(e.OID, 128), 9), e)
		}
	}
}

func (p *Doc) extension(number string, e *verify.Extension) {
	name := cmp.Or(p.clean(e.Name, 256), "unknown extension")
	if e.Legacy && !strings.Contains(strings.ToLower(name), "deprecated") {
		name += " (deprecated)"
	}
	if e.Critical {
		name += " (critical)"
	}
	value := plain(p.Text(e.Value))
	p.values.put(name, string(e.Value))
	if value.Text == "" {
		value = muted("no text value")
	}
	number = pad(number, 4) + " "
	if p.Width >= wide {
		p.flow([]Span{muted(indent + pad(number+name, 46) + " ")}, nil, value, maxValueRows)
		return
	}
	p.Flow(muted(indent+number), muted(name))
	p.flow([]Span{{theme.Plain, "       "}}, nil, value, maxValueRows)
}

func (p *Doc) scts(b *verify.Bundle) {
	defer p.here(p.at(b.Attestation, verify.CheckSCT), "SCT")()
	p.Heading("Signed certificate timestamps", muted(fmt.Sprintf("  %d", len(b.SCTs))))
	if len(b.SCTs) == 0 {
		p.Item(theme.Muted, "None: no certificate-transparency log vouches that the leaf was made public.")
	}
	for i := range b.SCTs {
		s := &b.SCTs[i]
		st := p.check(s.Status)
		p.Say("result", reasoned(st, s.Reason))
		p.hash("log id", s.LogID, theme.Plain)
		known := plain("yes, the trust root lists it")
		if p.unverified {
			known = Span{theme.Warn, "not known: there is no trust root"}
		} else if !s.Known {
			known = Span{theme.Warn, "no, the trust root does not list it"}
		}
		p.Say("known log", known)
		p.Field("time", plain(when(s.Time)))
	}
}

// signatureKeys shows the registry's keys, which stand in place of other evidence's
// certificate.
func (p *Doc) signatureKeys(r *verify.Report) {
	all := signatures(r)
	if len(all) == 0 {
		return
	}
	p.Heading("Registry signatures", muted(fmt.Sprintf("  %d", len(all))))
	p.Item(theme.Muted, "Made with a key of the registry, not with a certificate: they prove that it served these bytes, not who wrote them.")
	for _, s := range all {
		p.signature(s)
	}
}

func (p *Doc) signature(s *verify.Signature) {
	p.Blank()
	defer p.here(p.signaturePlace(s), "registry signature")()
	st := p.Status(s.Status)
	p.Say("result", reasoned(st, s.Reason))
	p.field("key id", s.KeyID)
	p.field("message", untrusted.Text(s.Signed))
	k := s.Key
	if k == nil && p.unverified {
		p.Say("key", Span{theme.Warn, "not looked up"})
		return
	}
	if k == nil {
		p.Say("key", Span{theme.Warn, "not known"})
		return
	}
	p.field("key for", untrusted.Text(k.Usage))
	p.field("key from", untrusted.Text(k.Source))
	if k.Weak {
		p.Say("", Span{theme.Warn, "weaker: the registry vouches for its own key"})
	}
	p.Field("key valid", plain(keyDates(k)))
}

func keyDates(k *verify.RegistryKey) string {
	from, until := "any time", "without end"
	if !k.Start.IsZero() {
		from = when(k.Start)
	}
	if !k.End.IsZero() {
		until = "until " + when(k.End)
	}
	return from + ", " + until
}
