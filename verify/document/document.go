// Package document says what the provenance section of a spec would have to be
// to say what is proven of its release, and why it may not be written.
//
// A demand that is written from evidence is one that this evidence meets. So only
// what a verified certificate proves for every file of a release is written, and
// another publisher than the spec demands only if somebody says so.
package document

import (
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// keys has the rules of the findings that end when the spec says what is proven,
// and the key that says it.
var keys = map[string]catalog.Key{
	"provenance.repository_uri": catalog.KeyRepositoryURI,
	ruleRef:                     catalog.KeyRepositoryRef,
	ruleKind:                    catalog.KeyPublisherKind,
	"publisher.repository":      catalog.KeyPublisherRepository,
	"publisher.workflow":        catalog.KeyPublisherWorkflow,
}

const (
	ruleRef  = "provenance.repository_ref"
	ruleKind = "publisher.kind"
)

// Plan is what is to be done about one spec.
type Plan struct {
	Changes []catalog.Change // what is proven and the spec does not say
	// Proven is set if all that is proven stands in Changes or in the spec. Else
	// nothing may be written.
	Proven bool
	Why    string // nothing may be written, or ""
	// OtherPublisher is set if nothing is written because the spec demands another
	// publisher, repository or workflow than is proven, and for no other reason.
	OtherPublisher bool
	// Left are the findings about the spec's ref that Changes do not end: nothing
	// proves what it should be.
	Left []verify.Finding
}

// For returns what is to be done about a spec, whose package has a report after
// policy and triage. What contradicts the spec is written only if
// anotherPublisher allows it, and only if nothing else is wrong.
func For(spec catalog.Spec, r *verify.Report, anotherPublisher bool) (p Plan) {
	changes, why := Proven(spec, r)
	if p.Why = why; why == "" {
		p.judge(r, changes, anotherPublisher)
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Rule == ruleRef && !f.Waived() && !Ends(p.Changes, *f) {
			p.Left = append(p.Left, *f)
		}
	}
	return p
}

// judge takes the changes over if the package passes as it is, or if its only fault
// is that it contradicts the spec and somebody said that the spec is wrong. No
// other failure ends by a change of the spec.
func (p *Plan) judge(r *verify.Report, changes []catalog.Change, anotherPublisher bool) {
	verdict, _ := verify.Judge(r, verify.Pending)
	p.Proven = r.Status == verify.Verified && verdict == verify.VerdictPass
	if r.Status == verify.Mismatch && endsAll(changes, r) {
		p.Proven, p.OtherPublisher = anotherPublisher, !anotherPublisher
	}
	switch {
	case p.Proven:
		p.Changes = changes
	case p.OtherPublisher:
		p.Why = "the spec demands another publisher, repository or workflow than is proven"
	default:
		p.Why = "the package does not pass"
	}
}

// endsAll reports whether the changes end every error of a report, and nobody
// rejected one.
func endsAll(changes []catalog.Change, r *verify.Report) bool {
	return !slices.ContainsFunc(r.Findings, func(f verify.Finding) bool {
		return f.Severity == verify.SeverityError && (!Ends(changes, f) || strings.HasPrefix(f.Decision, string(triage.Rejected)))
	})
}

// Ends reports whether a finding about a spec ends by the changes.
func Ends(changes []catalog.Change, f verify.Finding) bool {
	return slices.ContainsFunc(changes, func(c catalog.Change) bool { return c.Key == keys[f.Rule] })
}

// Key returns the value of a spec that a finding is about, if a certificate can
// prove it, or "".
func Key(f verify.Finding) catalog.Key { return keys[f.Rule] }

// Proven returns what a spec would have to say for the verified certificate to
// prove all of it, or a sentence on why nothing may be written. It is for people
// who agree to each change: it does not ask what else is wrong with the package.
func Proven(spec catalog.Spec, r *verify.Report) (changes []catalog.Change, why string) {
	switch {
	case spec.Err != nil:
		return nil, "the spec cannot be read, so it cannot be changed"
	case r == nil:
		return nil, "the package has not been checked"
	case r.Status == verify.Invalid:
		return nil, "evidence that does not verify is never written into a spec"
	case r.Release.Ecosystem == verify.Go:
		return nil, "of a Go module there is no certificate: the checksum database proves its bytes, and nobody who published them"
	case r.Status != verify.Verified && r.Status != verify.Mismatch || r.Publisher == nil:
		return nil, "no certificate proves who published all of this release"
	}
	sameRef := true
	for i := range r.Artifacts {
		if !provenBy(&r.Artifacts[i], r.Publisher, &sameRef) {
			return nil, "not every file of the release is proven to come from the same publisher"
		}
	}
	return differences(spec, r.Publisher, sameRef), ""
}

// provenBy reports whether a file carries verified provenance, all of it of one
// publisher. It takes sameRef back if that was built from another ref or commit.
func provenBy(a *verify.ArtifactReport, p *verify.Publisher, sameRef *bool) bool {
	proven := false
	for i := range a.Attestations {
		att := &a.Attestations[i]
		switch {
		case att.Status != verify.Verified:
			return false
		case att.Kind != verify.KindProvenance:
		case att.Publisher == nil || !samePublisher(att.Publisher, p):
			return false
		default:
			proven = true
			*sameRef = *sameRef && att.Publisher.Ref == p.Ref && att.Publisher.Commit == p.Commit
		}
	}
	return proven
}

// samePublisher reports whether two publishers prove the same values of a spec.
func samePublisher(a, b *verify.Publisher) bool {
	return a.Kind == b.Kind && a.Repository == b.Repository && a.Workflow == b.Workflow
}

// differences are the values of a spec that do not say what the certificate
// does, in the order of a spec. A value that means the same stays as it is
// written.
func differences(spec catalog.Spec, p *verify.Publisher, sameRef bool) (changes []catalog.Change) {
	proven := map[catalog.Key]untrusted.Text{}
	a := spec.Provenance.Attestations
	if a == nil || !a.Available {
		proven[catalog.KeyAvailable] = "true"
	}
	if a == nil || !a.Verified {
		proven[catalog.KeyVerified] = "true"
	}
	for _, f := range p.Fields(spec.Provenance) {
		// A kind that only the form of the certificate shows is not proven.
		if !f.Same && (f.Rule != ruleKind || p.KindOfIssuer()) {
			proven[keys[f.Rule]] = f.Proven
		}
	}
	if sameRef {
		proven[catalog.KeyRepositoryRef] = p.RefFor(spec.Provenance.RepositoryRef, spec.Version)
	}
	for _, key := range catalog.Keys() {
		if value := proven[key]; value != "" {
			changes = append(changes, catalog.Change{Key: key, Value: string(value)})
		}
	}
	return changes
}

// Text names what a plan changes, briefly: "repository_ref, publisher.workflow".
func (p Plan) Text() string {
	var names []string
	for _, c := range p.Changes {
		name := strings.TrimPrefix(string(c.Key), "provenance.")
		names = append(names, strings.TrimPrefix(name, "attestations."))
	}
	return strings.Join(names, ", ")
}
