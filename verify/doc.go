// Package verify turns the evidence that a registry offers for a release into
// a verdict that can be followed down to the byte.
//
// [Verify] takes an [Evidence] (unverified: what was fetched, and where each
// piece came from), a [catalog.Provenance] (what the catalog's spec says) and a
// [Trust] (a Sigstore trust root and registry keys) and returns a [Report].
// It is pure: it opens no connection and no file, reads no clock and starts no
// goroutine, so the same three values always give the same report.
//
// The data flows one way:
//
//	Evidence ─ bundles ──► attest   one Attestation each: opened, sigstore-go decides,
//	                                the exported steps explain, our own rules bind it
//	         ─ signatures► sign     one Signature each
//	                 └───► compare  the four witnesses, side by side
//	                 └───► decide   the one place where a Status is computed
//
// [Examine] is Verify for somebody who looks at the evidence, [Inspect] for a file
// of evidence apart from any release: both go the same way, and return a
// [Dossier].
//
// Whether a report passes is asked of [Judge], by every gate, after policy and
// triage have added to its findings.
//
// Two promises hold everywhere. The zero value of every status is "not
// checked", never success. And whatever names a publisher comes from a
// certificate that verified; the same words in JSON are a claim, shown beside
// it.
//
// Text from outside is [untrusted.Text]: compared raw, printed cleaned. Fields
// of type string are plimsoll's own words, or already cleaned.
package verify
