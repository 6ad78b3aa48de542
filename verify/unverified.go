package verify

import (
	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// Without a trust root evidence is decoded and nothing of it is verified: no
// check passes, see [checklist]. No publisher, no signing time and no build level
// is taken from it, and what the certificate says stands in no place where a
// verified certificate's words would.

// needsRoot is the reason of every check that needs a trust root, but the first.
const needsRoot = "not verified: there is no trust root"

func whyUnverified(trust Trust) string {
	if trust.RootError == "" {
		return "there is no Sigstore trust root to verify against"
	}
	return untrusted.Clean(trust.RootError)
}

func notVerified(why string) string { return "not verified: " + why }

// takeBack takes the results from what was compared with no trust root.
func (b *Bundle) takeBack() {
	for i := range b.SCTs {
		b.SCTs[i].Status, b.SCTs[i].Reason = NotRun, needsRoot
	}
	for i := range b.Timestamps {
		b.Timestamps[i].Status, b.Timestamps[i].Reason = NotRun, needsRoot
	}
}

// unverifiedStatus is artifactStatus without a trust root.
func unverifiedStatus(art *ArtifactReport, missing, why string) (Status, string) {
	switch {
	case missing != "":
		return Unchecked, untrusted.Clean(missing)
	case len(art.Attestations)+len(art.Signatures) > 0:
		return Unchecked, notVerified(why)
	}
	return None, "no evidence is offered"
}

// claims completes a report without a trust root: what others say stands beside
// each other, and nobody's word is held against another's.
func (d *Dossier) claims(ev Evidence, want catalog.Provenance) {
	w := witnesses{want: want, version: ev.Release.Version, metadata: ev.Claims.Repository}
	for i := range d.Bundles {
		d.Bundles[i].say()
		if w.claimed == nil {
			w.claimed = d.Bundles[i].Attestation.Claimed
		}
	}
	d.Findings = unplacedFindings(ev)
	d.Comparison, _ = w.rows()
	for i := range d.Comparison {
		d.Comparison[i].Result, d.Comparison[i].Reason = ResultOnly, ""
	}
}
