// Package coverage counts what a catalog's packages prove of their origin, by
// protocol and evidence, and keeps the counts of earlier runs, so that a
// package which loses its provenance is noticed.
//
// Only evidence that verified counts: an attestation that is merely there is
// not one. Every package is in exactly one class of [Evidence], so that the
// classes add up to the total.
package coverage
