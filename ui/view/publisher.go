package view

import (
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

func (p *page) publisher(in Input) {
	r := in.Report
	if r.Publisher == nil {
		p.para(theme.Strong, "No publisher of the release is proven.")
		if !p.unverified { // the tab's head has said why
			p.para(theme.Plain, capital(stop(r.Reason)))
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
func (p *page) comparison(in Input) {
	r := in.Report
	p.heading("Comparison")
	if len(r.Comparison) == 0 && p.inspected != nil {
		p.item(theme.Muted, "There is nothing to compare the certificate with: a file of evidence has no spec and no registry.")
		return
	}
	if len(r.Comparison) == 0 {
		p.item(theme.Muted, "There is no verified certificate to compare with. This is what the others say:")
		p.field("spec expects", span{theme.Plain, p.text(in.Spec.Provenance.RepositoryURI)})
		p.field("registry says", span{theme.Plain, p.text(r.Claims.Repository)})
		return
	}
	p.compared(r)
	if p.width >= columnsFrom {
		p.comparisonTable(r.Comparison)
	} else {
		for i := range r.Comparison {
			p.comparisonStack(&r.Comparison[i])
		}
	}
	p.blank()
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
	if p.width >= columnsFrom {
		note += p.glyph(theme.GlyphAbsent) + " says nothing."
	} else {
		note += "Who is not named says nothing."
	}
	p.item(theme.Muted, note)
}

// compared keeps the values of the comparison for copying, without those of
// the certificate, which the publisher's fields have.
func (p *page) compared(r *verify.Report) {
	for i := range r.Comparison {
		for _, w := range p.witnesses(&r.Comparison[i]) {
			if r.Publisher == nil || !strings.HasPrefix(w.name, "certificate") {
				p.values.put(r.Comparison[i].Field+" ("+w.name+")", string(w.says))
			}
		}
	}
}

func (p *page) comparisonTable(rows []verify.Comparison) {
	const field, result, gaps = 14, 14, 12
	w := (p.width - field - result - gaps) / 8
	spec, certificate, other := 2*w, 2*w+w/2, w+w*3/4
	p.columns(cell{}, cell{field, muted("field")}, cell{spec, muted("spec: expected")}, cell{certificate, muted("certificate: proven")},
		cell{other, muted("statement: signed")}, cell{other, muted("registry: claim")}, cell{result, muted("result")})
	for i := range rows {
		c := &rows[i]
		p.columns(cell{}, cell{field, span{theme.Strong, p.clean(c.Field, 64)}}, cell{spec, p.witness(c.Spec)}, cell{certificate, p.witness(c.Certificate)},
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
func (p *page) witnesses(c *verify.Comparison) (out []testimony) {
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
func (p *page) comparisonStack(c *verify.Comparison) {
	fields, names := 21, 29 // "publisher repository", "certificate, spec, statement"
	if p.width < 60 {
		p.blank()
		fields, names = 0, 0
	}
	result := p.result(c.Result)
	p.flow([]span{{theme.Plain, indent}, {theme.Strong, pad(p.clean(c.Field, 64), fields) + " "}}, nil, result.token, result.text, 0)
	for i, w := range p.witnesses(c) {
		token := theme.Plain
		if i > 0 && (c.Result == verify.ResultMismatch || c.Result == verify.ResultDiffers) {
			token = result.token
		}
		p.flow([]span{muted(indent + indent + pad(w.name, names) + " ")}, nil, token, p.text(w.says), maxValueRows)
	}
}

func (p *page) witness(t untrusted.Text) span {
	if t == "" {
		return p.silent()
	}
	return span{theme.Plain, p.text(t)}
}

func (p *page) result(r verify.Result) span {
	glyph, token := p.th.Result(r)
	word := map[verify.Result]string{
		verify.ResultMatch: "match", verify.ResultMismatch: "mismatch",
		verify.ResultDiffers: "differs", verify.ResultOnly: "not compared",
	}[r]
	if word == "" {
		word = "unknown"
	}
	return span{token, glyph + " " + word}
}

func (p *page) differences(r *verify.Report) {
	first := true
	for i := range r.Comparison {
		c := &r.Comparison[i]
		if c.Result != verify.ResultMismatch && c.Result != verify.ResultDiffers && c.Reason == "" {
			continue
		}
		if first {
			p.heading("Explained")
			first = false
		}
		glyph, token := p.th.Result(c.Result)
		reason := c.Reason
		if reason == "" {
			reason = "the witnesses disagree"
		}
		p.flow([]span{{theme.Plain, indent}, {token, glyph + " "}}, nil, theme.Plain, p.clean(c.Field, 64)+": "+stop(reason), 0)
	}
}

// claimedPublishers shows what the index says of the publisher, as a claim.
func (p *page) claimedPublishers(r *verify.Report) {
	first := true
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Attestations {
			a := &r.Artifacts[i].Attestations[j]
			if a.Claimed == nil {
				continue
			}
			if first {
				p.heading("Claimed by the index", muted("  not signed"))
				first = false
			}
			p.claimed(&r.Artifacts[i], a)
		}
	}
}

func (p *page) claimed(art *verify.ArtifactReport, a *verify.Attestation) {
	p.blank()
	p.flow([]span{{theme.Plain, indent}}, nil, theme.Strong, p.name(art), 0)
	c := a.Claimed
	p.optional("kind", c.Kind)
	p.optional("repository", c.Repository)
	p.optional("workflow", c.Workflow)
	p.optional("email", c.Email)
	p.optional("environment", c.Environment)
	switch {
	case p.unverified:
		p.sentence("so", span{theme.Warn, "nothing proves it: it is " + notVerified})
	case a.Status.Holds():
		p.sentence("so", span{theme.Plain, "the verified certificate does not contradict it"})
	default:
		p.sentence("so", span{theme.Warn, "nothing proves it: the attestation is " + a.Status.String()})
	}
}

func (p *page) optional(label string, t untrusted.Text) {
	if t != "" {
		p.field(label, span{theme.Plain, p.text(t)})
	}
}

func (p *page) provenPublisher(pub *verify.Publisher) {
	if pub == nil {
		return
	}
	p.heading("Publisher", muted("  from the verified certificate"))
	if pub.Deprecated {
		p.item(theme.Warn, "The certificate is an old one: it has only the deprecated extensions 1 to 6.")
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

func (p *page) metadata(r *verify.Report) {
	c := r.Claims
	if c == (verify.Claims{}) {
		return
	}
	p.heading("Registry metadata", muted("  not signed"))
	p.optional("repository", c.Repository)
	p.optional("homepage", c.Homepage)
	p.optional("license", c.License)
	p.optional("deprecated", c.Deprecated)
}
