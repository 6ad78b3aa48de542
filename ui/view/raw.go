package view

import (
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

func (p *page) raw(in Input) {
	r := in.Report
	if p.inspected != nil {
		p.para(theme.Muted, "What the file holds, unchanged but for the indentation. Nothing on this tab is proven by being here.")
	} else {
		p.para(theme.Muted, "What the registry served, unchanged but for the indentation. Nothing on this tab is proven by being here.")
	}
	for _, art := range arrange(r) {
		for j, a := range attestations(art) {
			p.rawAttestation(art, a, j)
		}
		p.rawSignatures(art)
		if len(art.Attestations)+len(art.Signatures) == 0 {
			p.close(levelItem)
			p.heading(p.name(art))
			p.item(theme.Muted, "There is no attestation and no signature of this file to show.")
		}
	}
	if len(r.Artifacts) == 0 {
		p.item(theme.Plain, capital(stop(r.Reason)))
	}
	p.sources(r)
}

func (p *page) rawAttestation(art *verify.ArtifactReport, a *verify.Attestation, j int) {
	p.attestationTitle(art, a, j)
	p.source(&a.Source)
	p.field("media type", span{theme.Plain, p.text(a.MediaType)})
	p.blank()
	if len(a.Raw) == 0 {
		p.item(theme.Muted, "The bytes of this attestation were not kept.")
		return
	}
	p.json(a.Raw)
}

func (p *page) rawSignatures(art *verify.ArtifactReport) {
	if len(art.Signatures) == 0 {
		return
	}
	p.close(levelItem)
	p.heading("Signatures of " + p.name(art))
	p.field("integrity", span{theme.Plain, p.text(art.Integrity)})
	for i := range art.Signatures {
		s := &art.Signatures[i]
		p.field("keyid", span{theme.Plain, p.text(s.KeyID)})
		p.field("sig", span{theme.Plain, p.text(s.Sig)})
	}
}

func (p *page) source(s *verify.Source) {
	p.field("from", span{theme.Link, p.text(s.URL)})
	if !s.Time.IsZero() || p.inspected == nil {
		p.field("fetched", span{theme.Plain, when(s.Time) + p.old(s.Time)})
	}
	p.field("size", span{theme.Plain, untrusted.Plural(s.Size, "byte")})
	if s.SHA256 != ([32]byte{}) {
		p.hash("SHA-256", hexOf(s.SHA256[:]), theme.Plain)
	}
}

func (p *page) sources(r *verify.Report) {
	p.close(levelItem)
	p.heading("Sources", muted("  "+untrusted.Plural(len(r.Sources), "answer")))
	if len(r.Sources) == 0 {
		p.item(theme.Muted, "None: no answer of the registry was kept.")
	}
	for i := range r.Sources {
		s := &r.Sources[i]
		p.blank()
		what := p.clean(s.What, 256)
		if what == "" {
			what = "answer"
		}
		p.flow([]span{{theme.Plain, indent}}, nil, theme.Strong, what, 0)
		p.source(s)
	}
}
