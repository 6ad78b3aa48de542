// Package npm asks an npm registry what it offers for a release: the version's
// manifest, its registry signatures and its attestations, as
// [verify.Evidence]. It judges nothing.
//
// Two small requests make a release with provenance: the version's manifest
// and the attestations. The packument, the whole history of a package and
// often megabytes, is read only if a signing key has an end date, or if another
// registry than the public one serves no manifest of a version, or none with
// integrity, signatures and attestations.
//
// Which registry serves a package, with which credentials, and how it is reached
// stands in npm's configuration. It is read as npm reads it, oddities included:
// ini.go is a file, values.go what stands in it, load.go where the files are.
package npm
