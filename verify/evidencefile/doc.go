// Package evidencefile opens a file of evidence that somebody has, apart from any
// registry: a Sigstore bundle, npm's attestations response, a provenance
// object or a single attestation of PEP 740.
//
// What a file is, its structure decides and not its name. The decoders are
// those by which the registries' answers are read, so that a file means the
// same here and there; and a file that is of no kind is refused with what was
// expected and what was found.
package evidencefile
