package view

import (
	"fmt"
	"maps"
	"slices"

	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// notInFile stands for what a file of results does not carry. Nobody computed
// anything about it here, so nothing else may be said of it.
const notInFile = "not in this file of results"

// savedTab draws a tab of a report that was read from a file of results.
func (p *Doc) savedTab(t Tab, in Input) {
	p.Item(theme.Warn, "Read from a file of results: nothing was verified now.")
	module := isGo(in.Report)
	switch {
	case t == Certificates && module:
		p.recordKey(in)
	case t == Log && module:
		p.eachRecord(in, p.recordLog)
	case t == Statement && module:
		p.recordStatement(in)
	case t == Certificates:
		p.eachAttestation(in.Report, func(_ *verify.ArtifactReport, a *verify.Attestation) { p.savedCertificate(a) })
		p.savedSignatures(in.Report)
	case t == Log:
		p.eachAttestation(in.Report, func(_ *verify.ArtifactReport, a *verify.Attestation) { p.savedLog(a) })
		p.noLogForSignatures(in.Report)
	case t == Statement:
		p.eachAttestation(in.Report, p.savedStatement)
	case t == Raw:
		p.Para(theme.Muted, "What the registry served is "+notInFile+"; it says only where each answer came from.")
		p.sources(in.Report)
	case t == Publisher:
		p.publisher(in)
	default:
		p.overview(in)
	}
}

// savedCertificate shows a leaf, which is in the file only if nothing was
// verified.
func (p *Doc) savedCertificate(a *verify.Attestation) {
	switch {
	case a.Kind == verify.KindPublish && a.KeyID != "":
		p.field("key", a.KeyID)
	case a.Kind == verify.KindPublish:
		p.Item(theme.Muted, "The key is "+notInFile+".")
	case a.Says == nil || a.Says.Certificate == nil:
		p.Item(theme.Muted, "The certificates are "+notInFile+".")
	default:
		leaf := a.Says.Certificate
		p.names(leaf.Issuer, leaf.Names)
		p.dates(leaf.NotBefore, leaf.NotAfter)
		p.hash("SHA-256", leaf.SHA256, theme.Plain)
		var extensions []verify.Extension
		for _, n := range slices.Sorted(maps.Keys(leaf.Extensions)) {
			extensions = append(extensions, verify.Extension{Number: n, Value: leaf.Extensions[n]})
		}
		p.extensions(extensions)
		p.Item(theme.Muted, "The rest of the certificate and those above it are "+notInFile+".")
	}
}

func (p *Doc) savedSignatures(r *verify.Report) {
	for _, s := range signatures(r) {
		p.Heading("Registry signature")
		p.Say("result", reasoned(p.Status(s.Status), s.Reason))
		p.field("key id", s.KeyID)
		p.Item(theme.Muted, "The key and what it signed are "+notInFile+".")
	}
}

func (p *Doc) savedLog(a *verify.Attestation) {
	if len(a.Log) == 0 {
		p.Item(theme.Plain, "There is no transparency-log entry in this attestation.")
	}
	for i := range a.Log {
		p.Heading("Entry")
		p.field("kind", a.Log[i].Kind)
		p.place(&a.Log[i])
		p.field("origin", a.Log[i].Origin)
		p.Item(theme.Muted, "The log's key, its promise (SET), the inclusion proof, the checkpoint and the body are "+notInFile+".")
	}
}

// savedStatement shows the subjects, which are in the file only if nothing
// was verified.
func (p *Doc) savedStatement(art *verify.ArtifactReport, a *verify.Attestation) {
	p.field("predicate", a.PredicateType)
	switch {
	case a.Says != nil && a.Says.Digest.Hex != "":
		p.hash(p.clean(a.Says.Digest.Algorithm, 32), a.Says.Digest.Hex, theme.Plain)
	case a.Says == nil || len(a.Says.Subjects) == 0:
		p.Item(theme.Muted, "The statement is "+notInFile+".")
	default:
		p.Heading("Subjects")
		for i := range a.Says.Subjects[:min(len(a.Says.Subjects), maxShown)] {
			p.subject(art, a, &a.Says.Subjects[i])
		}
		p.Item(theme.Muted, "The rest of the statement is "+notInFile+".")
	}
}

// savedRecord shows a record without what proves it.
func (p *Doc) savedRecord(r *verify.Record) {
	for i := range r.Checks {
		p.checkLine(&r.Checks[i])
	}
	p.Field("number", plain(fmt.Sprint(r.Number)))
	p.field("zip", r.Zip)
	p.field("go.mod", r.Mod)
	where := "not here"
	if p.saved {
		where = notInFile
	}
	p.Item(theme.Muted, "The tiles, the signed tree head and the one that was seen before are "+where+".")
}
