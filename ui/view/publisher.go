package view

import (
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

func (p *Doc) publisher(in Input) {
	r := in.Report
	if r.Publisher == nil {
		p.Para(theme.Strong, "No publisher of the release is proven.")
		if !p.unverified { // the tab's head has said why
			p.Para(theme.Plain, Sentence(r.Reason))
		}
	}
	p.comparison(in)
	p.differences(r)
	p.claimedPublishers(r)
	p.provenPublisher(r.Publisher)
	p.metadata(r)
}

// columnsFrom is the width from which the four witnesses stand side by side.
// Below it addresses and commits would be broken into many short lines.
const columnsFrom = 136

// comparison shows the four witnesses side by side; where there is not enough
// room, who says what of each field.
func (p *Doc) comparison(in Input) {
	r := in.Report
	p.Heading("Comparison")
	if len(r.Comparison) == 0 && p.inspected != nil {
		p.Item(theme.Muted, "There is nothing to compare the certificate with: a file of evidence has no spec and no registry.")
		return
	}
	if len(r.Comparison) == 0 {
		p.Item(theme.Muted, "There is no verified certificate to compare with. This is what the others say:")
		p.Field("spec expects", plain(p.Text(in.Spec.Provenance.RepositoryURI)))
		p.Field("registry says", plain(p.Text(r.Claims.Repository)))
		return
	}
	p.compared(r)
	if p.Width >= columnsFrom {
		p.comparisonTable(r.Comparison)
	} else {
		for i := range r.Comparison {
			p.comparisonStack(&r.Comparison[i])
		}
	}
	p.Blank()
	note := "The certificate is proven. "
	verified := slices.ContainsFunc(r.Comparison, func(c verify.Comparison) bool { return c.Certificate != "" })
	switch {
	case !verified:
		note = "No certificate was verified: none says anything here. "
	case r.Publisher == nil:
		note = "The certificate is that of a file whose evidence verifies; other evidence of the release does not. "
	}
	note += "The statement is written by the job that signed it. The spec is what the maintainers expect. " +
		"The registry's metadata is a claim that nobody signs. "
	if p.Width >= columnsFrom {
		note += p.glyph(theme.GlyphAbsent) + " says nothing."
	} else {
		note += "Who is not named says nothing."
	}
	p.Item(theme.Muted, note)
}

// compared keeps the values of the comparison for copying, without those of
// the certificate, which the publisher's fields have.
func (p *Doc) compared(r *verify.Report) {
	for i := range r.Comparison {
		for _, w := range p.witnesses(&r.Comparison[i]) {
			if r.Publisher == nil || !strings.HasPrefix(w.name, "certificate") {
				p.values.put(r.Comparison[i].Field+" ("+w.name+")", string(w.says))
			}
		}
	}
}

func (p *Doc) comparisonTable(rows []verify.Comparison) {
	const field, result, gaps = 14, 14, 12
	w := (p.Width - field - result - gaps) / 8
	spec, certificate, other := 2*w, 2*w+w/2, w+w*3/4
	p.columns(cell{}, cell{field, muted("field")}, cell{spec, muted("spec: expected")}, cell{certificate, muted("certificate: proven")},
		cell{other, muted("statement: signed")}, cell{other, muted("registry: claim")}, cell{result, muted("result")})
	for i := range rows {
		c := &rows[i]
		p.columns(cell{}, cell{field, Span{theme.Strong, p.clean(c.Field, 64)}}, cell{spec, p.witness(c.Spec)}, cell{certificate, p.witness(c.Certificate)},
			cell{other, p.witness(c.Statement)}, cell{other, p.witness(c.Registry)}, cell{result, p.result(c.Result)})
	}
}

// testimony is what one or more witnesses say of a field.
type testimony struct {
	name string
	says untrusted.Text
}

// witnesses lists what is said of a field, the proven first. Those that say
// the same share a line.
func (p *Doc) witnesses(c *verify.Comparison) (out []testimony) {
	for _, w := range []testimony{{"certificate", c.Certificate}, {"spec", c.Spec}, {"statement", c.Statement}, {"registry", c.Registry}} {
		if w.says == "" {
			continue
		}
		same := slices.IndexFunc(out, func(t testimony) bool { return t.says == w.says })
		if same < 0 {
			out = append(out, w)
		} else {
			out[same].name += ", " + w.name
		}
	}
	return out
}

// comparisonStack shows one field: its result, and below it who says what.
func (p *Doc) comparisonStack(c *verify.Comparison) {
	fields, names := 21, 29 // "publisher repository", "certificate, spec, statement"
	if p.Width < 60 {
		p.Blank()
		fields, names = 0, 0
	}
	result := p.result(c.Result)
	p.Flow(plain(indent), Span{theme.Strong, pad(p.clean(c.Field, 64), fields) + " "}, Span{result.Token, result.Text})
	for i, w := range p.witnesses(c) {
		token := theme.Plain
		if i > 0 && (c.Result == verify.ResultMismatch || c.Result == verify.ResultDiffers) {
			token = result.Token
		}
		p.flow([]Span{muted(indent + indent + pad(w.name, names) + " ")}, nil, Span{token, p.Text(w.says)}, maxValueRows)
	}
}

func (p *Doc) witness(t untrusted.Text) Span {
	if t == "" {
		return p.silent()
	}
	return plain(p.Text(t))
}

func (p *Doc) result(r verify.Result) Span {
	glyph, token := p.Theme.Result(r)
	word := map[verify.Result]string{
		verify.ResultMatch: "match", verify.ResultMismatch: "mismatch",
		verify.ResultDiffers: "differs", verify.ResultOnly: "not compared",
	}[r]
	if word == "" {
		word = "unknown"
	}
	return Span{token, glyph + " " + word}
}

func (p *Doc) differences(r *verify.Report) {
	first := true
	for i := range r.Comparison {
		c := &r.Comparison[i]
		if c.Result != verify.ResultMismatch && c.Result != verify.ResultDiffers && c.Reason == "" {
			continue
		}
		if first {
			p.Heading("Explained")
			first = false
		}
		glyph, token := p.Theme.Result(c.Result)
		reason := c.Reason
		if reason == "" {
			reason = "the witnesses disagree"
		}
		p.Flow(plain(indent), Span{token, glyph + " "}, plain(p.clean(c.Field, 64)+": "+stop(reason)))
	}
}

// claimedPublishers shows what the index says of the publisher, as a claim.
func (p *Doc) claimedPublishers(r *verify.Report) {
	first := true
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Attestations {
			a := &r.Artifacts[i].Attestations[j]
			if a.Claimed == nil {
				continue
			}
			if first {
				p.Heading("Claimed by the index", muted("  not signed"))
				first = false
			}
			p.claimed(&r.Artifacts[i], a)
		}
	}
}

func (p *Doc) claimed(art *verify.ArtifactReport, a *verify.Attestation) {
	p.Blank()
	p.Item(theme.Strong, p.name(art))
	c := a.Claimed
	p.optional("kind", c.Kind)
	p.optional("repository", c.Repository)
	p.optional("workflow", c.Workflow)
	p.optional("email", c.Email)
	p.optional("environment", c.Environment)
	switch {
	case p.unverified:
		p.Say("so", Span{theme.Warn, "nothing proves it: it is " + notVerified})
	case a.Status.Holds():
		p.Say("so", plain("the verified certificate does not contradict it"))
	default:
		p.Say("so", Span{theme.Warn, "nothing proves it: the attestation is " + a.Status.String()})
	}
}

func (p *Doc) optional(label string, t untrusted.Text) {
	if t != "" {
		p.Field(label, plain(p.Text(t)))
	}
}

func (p *Doc) provenPublisher(pub *verify.Publisher) {
	if pub == nil {
		return
	}
	p.Heading("Publisher", muted("  from the verified certificate"))
	if pub.Deprecated {
		p.Item(theme.Warn, "The certificate is an old one: it has only the deprecated extensions 1 to 6.")
	}
	p.optional("kind", untrusted.Text(pub.Kind))
	p.optional("repository", pub.Repository)
	p.optional("repository id", pub.RepositoryID)
	p.optional("owner", pub.OwnerURI)
	p.optional("owner id", pub.OwnerID)
	p.optional("visibility", pub.Visibility)
	p.optional("workflow", pub.Workflow)
	p.optional("workflow URI", pub.WorkflowURI)
	p.optional("ref", pub.Ref)
	p.optional("commit", pub.Commit)
	p.optional("trigger", pub.Trigger)
	p.optional("runner", pub.Runner)
	p.optional("environment", pub.Environment)
	p.optional("run", pub.Run)
	p.optional("issuer", pub.Issuer)
	p.optional("signer", pub.Signer)
	p.optional("signer URI", pub.SignerURI)
	p.optional("signer digest", pub.SignerDigest)
	p.optional("email", pub.Email)
}

func (p *Doc) metadata(r *verify.Report) {
	c := r.Claims
	if c == (verify.Claims{}) {
		return
	}
	p.Heading("Registry metadata", muted("  not signed"))
	p.optional("repository", c.Repository)
	p.optional("homepage", c.Homepage)
	p.optional("license", c.License)
	p.optional("deprecated", c.Deprecated)
}
