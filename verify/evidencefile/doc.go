// Package evidencefile opens a file of evidence that somebody has, apart from any
// registry: Sigstore bundles, attestations as npm and GitHub answer them, what gh
// and npm print of them, and PEP 740 provenance; one or several in a file.
//
// What a file is, its structure decides and not its name. The decoders are
// those by which the registries' answers are read, so that a file means the
// same here and there; and a file that is of no kind is refused with what was
// expected and what was found.
package evidencefile
