package view

import (
	"strconv"

	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// notInFile stands for what a file of results does not carry. Nobody computed
// anything about it here, so nothing else may be said of it.
const notInFile = "not in this file of results"

// savedTab draws a tab of a report that was read from a file of results.
func (p *page) savedTab(t Tab, in Input) {
	p.item(theme.Warn, "Read from a file of results: nothing was verified now.")
	switch t {
	case Certificates:
		p.eachAttestation(in.Report, func(_ *verify.ArtifactReport, a *verify.Attestation) { p.savedCertificate(a) })
		p.savedSignatures(in.Report)
	case Log:
		p.eachAttestation(in.Report, func(_ *verify.ArtifactReport, a *verify.Attestation) { p.savedLog(a) })
		p.noLogForSignatures(in.Report)
	case Statement:
		p.eachAttestation(in.Report, p.savedStatement)
	case Raw:
		p.para(theme.Muted, "What the registry served is "+notInFile+"; it says only where each answer came from.")
		p.sources(in.Report)
	case Publisher:
		p.publisher(in)
	default:
		p.overview(in)
	}
}

// savedCertificate shows a leaf, which is in the file only where nothing was
// verified.
func (p *page) savedCertificate(a *verify.Attestation) {
	leaf := leafOf(a)
	switch {
	case a.Kind == verify.KindPublish && a.KeyID != "":
		p.field("key", span{theme.Plain, p.text(a.KeyID)})
	case a.Kind == verify.KindPublish:
		p.item(theme.Muted, "The key is "+notInFile+".")
	case leaf == nil:
		p.item(theme.Muted, "The certificates are "+notInFile+".")
	default:
		p.field("issuer", span{theme.Plain, p.text(leaf.Issuer)})
		for _, san := range leaf.SANs {
			p.field("SAN", span{theme.Plain, p.text(san)})
		}
		p.field("valid from", span{theme.Plain, when(leaf.NotBefore)})
		p.field("valid until", span{theme.Plain, p.until(leaf)})
		p.hash("SHA-256", p.clean(leaf.SHA256, maxValue), theme.Plain)
		p.extensions(leaf)
		p.item(theme.Muted, "The rest of the certificate and those above it are "+notInFile+".")
	}
}

func (p *page) savedSignatures(r *verify.Report) {
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Signatures {
			s := &r.Artifacts[i].Signatures[j]
			p.heading("Registry signature")
			p.sentence("result", reasoned(p.status(s.Status), s.Reason))
			p.field("key id", span{theme.Plain, p.text(s.KeyID)})
			p.item(theme.Muted, "The key and what it signed are "+notInFile+".")
		}
	}
}

func (p *page) savedLog(a *verify.Attestation) {
	if len(a.Log) == 0 {
		p.item(theme.Plain, "There is no transparency-log entry in this attestation.")
	}
	for i := range a.Log {
		e := &a.Log[i]
		p.heading("Entry")
		p.field("kind", span{theme.Plain, p.text(e.Kind)})
		index, at := span{theme.Plain, strconv.FormatInt(e.Index, 10)}, span{theme.Plain, when(e.Time)}
		if !e.IndexSigned {
			index, at = p.unsignedSpan(index), p.unsignedSpan(at)
		}
		p.sentence("index", index)
		p.sentence("integrated", at)
		p.field("origin", span{theme.Plain, p.text(e.Origin)})
		p.item(theme.Muted, "The log's key, its promise (SET), the inclusion proof, the checkpoint and the body are "+notInFile+".")
	}
}

// savedStatement shows the subjects, which are in the file only where nothing
// was verified.
func (p *page) savedStatement(art *verify.ArtifactReport, a *verify.Attestation) {
	p.field("predicate", span{theme.Plain, p.text(a.PredicateType)})
	switch {
	case a.Message != nil:
		p.hash(p.clean(a.Message.Algorithm, 32), p.clean(a.Message.Hex, maxValue), theme.Plain)
	case a.Statement == nil:
		p.item(theme.Muted, "The statement is "+notInFile+".")
	default:
		p.heading("Subjects")
		for i := range a.Statement.Subjects[:min(len(a.Statement.Subjects), maxShown)] {
			p.subject(art, a, &a.Statement.Subjects[i])
		}
		p.item(theme.Muted, "The rest of the statement is "+notInFile+".")
	}
}
