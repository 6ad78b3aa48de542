package verify

import (
	"encoding/hex"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/root"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// Where there is no trust root, evidence is decoded and nothing of it is
// verified: no check passes, not even those that need no root, since a person
// who sees one tick believes the rest. No publisher, no signing time and no
// build level is taken from it, and what the certificate says stands in no
// place where a verified certificate's words would.

// needsRoot is the reason of every check but the first.
const needsRoot = "not verified: there is no trust root"

// unverified is the report on evidence that nothing could be verified against.
func unverified(ev Evidence, want catalog.Provenance, trust Trust) Dossier {
	d := newDossier(Report{
		Release: ev.Release, Registry: ev.Registry, Claims: ev.Claims, Sources: ev.Sources,
		Unverified: whyUnverified(trust), SLSA: SLSA{Reason: "nothing was verified"},
	}, ev.Artifacts)
	w := witnesses{want: want, version: ev.Release.Version, metadata: ev.Claims.Repository}
	bundles := d.Bundles
	for i, art := range ev.Artifacts {
		for j, off := range art.Attestations {
			unverifiedAttestation(&bundles[j], off, openBundle, d.Unverified)
			if att := bundles[j].Attestation; bundles[j].Statement != nil && another(ev.Release.Ecosystem, att.PredicateType) {
				att.Kind = KindStatement
			}
			bundles[j].say()
			if w.claimed == nil {
				w.claimed = off.Publisher
			}
		}
		bundles = bundles[len(art.Attestations):]
		unverifiedArtifact(&d.Artifacts[i], ev, art, d.Unverified)
	}
	d.Comparison, _ = w.rows()
	d.Findings = unplacedFindings(ev)
	for i := range d.Comparison { // nobody's word is held against another's
		d.Comparison[i].Result, d.Comparison[i].Reason = ResultOnly, ""
	}
	decide(d)
	return *d
}

func whyUnverified(trust Trust) string {
	if trust.RootError == "" {
		return "there is no Sigstore trust root to verify against"
	}
	return untrusted.Clean(trust.RootError)
}

func unverifiedArtifact(out *ArtifactReport, ev Evidence, art Artifact, why string) {
	out.Status, out.Reason = None, "no evidence is offered"
	message := signedMessage(ev.Release, art)
	for _, sig := range art.Signatures {
		out.Signatures = append(out.Signatures, Signature{
			KeyID: sig.KeyID, Sig: sig.Sig, Signed: untrusted.Clean(message), Status: Unchecked, Reason: notVerified(why),
		})
	}
	switch {
	case art.Missing != "":
		out.Status, out.Reason = Unchecked, untrusted.Clean(art.Missing)
	case len(out.Attestations)+len(out.Signatures) > 0:
		out.Status, out.Reason = Unchecked, notVerified(why)
	}
}

func notVerified(why string) string { return "not verified: " + why }

// unverifiedAttestation decodes an attestation for people to look at. why says
// what it could not be verified for.
func unverifiedAttestation(b *Bundle, off OfferedAttestation, open func([]byte) (*opened, error), why string) {
	att := b.offered(off)
	att.Status, att.Reason = Unchecked, notVerified(why)
	problem := untrusted.Clean(off.Problem)
	var o *opened
	if problem == "" {
		var err error
		if o, err = open(off.Bundle); err != nil {
			problem = untrusted.Message(err)
		}
	}
	if problem != "" {
		att.Reason += "; and it cannot be decoded: " + problem
		att.Checks = notRun("cannot be decoded: "+problem, why, nil)
		return
	}
	att.opened(o)
	b.describeOpened(o)
	att.Checks = notRun("decoded and not verified: "+att.MediaType.String(), why, o)
}

// describeOpened fills in what a bundle says of itself.
func (b *Bundle) describeOpened(o *opened) {
	nothing := &root.BaseTrustedMaterial{}
	b.Message = o.message
	if o.payload != nil {
		if st, err := o.parseStatement(); err == nil {
			b.states(st)
		}
	}
	b.Log = describeEntries(o.entries, nil, true)
	b.keepLog()
	if o.leaf != nil {
		b.Certificates = describeChain(o.leaf, o.offered, nil, nothing)
		b.SCTs = describeSCTs(o.leaf, nil, nothing)
		for i := range b.SCTs {
			b.SCTs[i].Status, b.SCTs[i].Reason = NotRun, needsRoot
		}
	}
	b.Timestamps, _ = o.timestamps(nothing)
	for i := range b.Timestamps {
		b.Timestamps[i].Status, b.Timestamps[i].Reason = NotRun, needsRoot
	}
}

// notRun lists the checks that there would be. The first that needs the trust
// root says why it is not there; o is nil for a bundle that was not opened.
func notRun(parsed, why string, o *opened) []Check {
	ids := []CheckID{CheckTrust, CheckEntry, CheckSET, CheckInclusion, CheckCheckpoint, CheckEntryBundle, CheckTime}
	switch {
	case o == nil:
	case o.leaf != nil:
		ids = append(ids, CheckChain, CheckSCT)
	default:
		ids = append(ids, CheckKey)
	}
	ids = append(ids, CheckSignature, CheckStatement, CheckSubject, CheckPredicate)
	if o == nil || o.leaf != nil {
		ids = append(ids, CheckIdentity)
	}
	checks := []Check{{ID: CheckParse, Title: checkTitles[CheckParse], Reason: parsed}}
	for _, id := range append(ids, CheckVerifier) {
		reason := needsRoot
		if id == CheckTrust {
			reason = notVerified(why)
		}
		checks = append(checks, Check{ID: id, Title: checkTitles[id], Status: Blocked, Reason: reason})
	}
	return checks
}

// shortDigest writes a digest for a sentence: "sha512:7bea9f6e…".
func shortDigest(algorithm, sum string) string {
	if raw, err := hex.DecodeString(sum); err == nil {
		sum = shortHex(raw)
	}
	return fmt.Sprintf("%s:%s", untrusted.Clean(untrusted.Shorten(algorithm, 32)), untrusted.Shorten(sum, 80))
}
