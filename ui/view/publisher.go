package view

import (
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/untrusted"
)

func (p *page) publisher(in Input) {
	r := in.Report
	if r.Publisher == nil {
		p.para(theme.Strong, "No publisher is proven.")
		p.para(theme.Plain, capital(stop(r.Reason)))
	}
	p.comparison(in)
	p.differences(r)
	p.claimedPublishers(r)
	p.provenPublisher(r.Publisher)
	p.metadata(r)
}

// comparison shows the four witnesses side by side, or each field on its own
// where there is not enough room.
func (p *page) comparison(in Input) {
	r := in.Report
	p.heading("Comparison")
	if len(r.Comparison) == 0 {
		p.item(theme.Muted, "There is no verified certificate to compare with. This is what the others say:")
		p.field("spec expects", span{theme.Plain, p.text(in.Spec.Provenance.RepositoryURI)})
		p.field("registry says", span{theme.Plain, p.text(r.Claims.Repository)})
		return
	}
	if p.width >= wide {
		p.comparisonTable(r.Comparison)
	} else {
		for i := range r.Comparison {
			p.comparisonStack(&r.Comparison[i])
		}
	}
	p.blank()
	p.item(theme.Muted, "The certificate is proven. The statement is written by the job that built it. The registry's metadata is a claim that nobody signs. "+
		p.glyph(theme.GlyphAbsent)+" says nothing.")
}

func (p *page) comparisonTable(rows []verify.Comparison) {
	const field, result, gaps = 14, 14, 12
	w := (p.width - field - result - gaps) / 4
	p.columns(cell{}, cell{field, muted("field")}, cell{w, muted("spec: expected")}, cell{w, muted("certificate: proven")},
		cell{w, muted("statement: signed")}, cell{w, muted("registry: claim")}, cell{result, muted("result")})
	for i := range rows {
		c := &rows[i]
		p.columns(cell{}, cell{field, span{theme.Strong, p.clean(c.Field, 64)}}, cell{w, p.witness(c.Spec)}, cell{w, p.witness(c.Certificate)},
			cell{w, p.witness(c.Statement)}, cell{w, p.witness(c.Registry)}, cell{result, p.result(c.Result)})
	}
}

func (p *page) comparisonStack(c *verify.Comparison) {
	p.blank()
	p.flow([]span{{theme.Plain, indent}}, nil, theme.Strong, p.clean(c.Field, 64), 0)
	p.sentence("result", p.result(c.Result))
	p.field("spec", p.witness(c.Spec))
	p.field("certificate", p.witness(c.Certificate))
	p.field("statement", p.witness(c.Statement))
	p.field("registry", p.witness(c.Registry))
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
	if a.Status == verify.Verified {
		p.sentence("so", span{theme.Plain, "the verified certificate does not contradict it"})
	} else {
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
