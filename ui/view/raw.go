package view

import (
	"cmp"
	"encoding/hex"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

func (p *Doc) raw(in Input) {
	r := in.Report
	if isGo(r) && p.inspected == nil {
		p.rawRecord(in)
		return
	}
	if p.inspected != nil {
		p.Para(theme.Muted, "What the file holds, unchanged but for the indentation. Nothing on this tab is proven by being here.")
	} else {
		p.Para(theme.Muted, "What the registry served, unchanged but for the indentation. Nothing on this tab is proven by being here.")
	}
	for _, art := range arrange(r) {
		for j, a := range attestations(art) {
			p.rawAttestation(art, a, j)
		}
		p.rawSignatures(art)
		if len(art.Attestations)+len(art.Signatures) == 0 {
			p.close(levelItem)
			p.Heading(p.name(art))
			p.Item(theme.Muted, "There is no attestation and no signature of this file to show.")
		}
	}
	if len(r.Artifacts) == 0 {
		p.Item(theme.Plain, Sentence(r.Reason))
	}
	p.sources(r)
}

func (p *Doc) rawAttestation(art *verify.ArtifactReport, a *verify.Attestation, j int) {
	p.attestationTitle(art, a, j)
	p.source(&a.Source)
	p.field("media type", a.MediaType)
	p.Blank()
	raw := p.dossier.Bundle(a).Raw
	if len(raw) == 0 {
		p.Item(theme.Muted, "The bytes of this attestation were not kept.")
		return
	}
	p.json(raw)
}

func (p *Doc) rawSignatures(art *verify.ArtifactReport) {
	if len(art.Signatures) == 0 {
		return
	}
	p.close(levelItem)
	p.Heading("Signatures of " + p.name(art))
	p.field("integrity", art.Integrity)
	for i := range art.Signatures {
		s := &art.Signatures[i]
		p.field("keyid", s.KeyID)
		p.field("sig", s.Sig)
	}
}

func (p *Doc) source(s *verify.Source) {
	p.values.put("from", string(s.URL))
	p.fieldRows("from", plain(p.Text(s.URL)), maxValueRows)
	if !s.Time.IsZero() || p.inspected == nil {
		p.Field("fetched", plain(When(s.Time, p.now)))
	}
	p.Field("size", plain(untrusted.Plural(s.Size, "byte")))
	if s.SHA256 != ([32]byte{}) {
		p.hash("SHA-256", hex.EncodeToString(s.SHA256[:]), theme.Plain)
	}
}

func (p *Doc) sources(r *verify.Report) {
	p.close(levelItem)
	p.Heading("Sources", muted("  "+untrusted.Plural(len(r.Sources), "answer")))
	if len(r.Sources) == 0 {
		p.Item(theme.Muted, "None: no answer of the registry was kept.")
	}
	for i := range r.Sources {
		s := &r.Sources[i]
		p.Blank()
		p.Item(theme.Strong, cmp.Or(p.clean(s.What, 256), "answer"))
		p.source(s)
	}
}
