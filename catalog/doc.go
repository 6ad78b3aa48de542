// Package catalog reads what the maintainers of a catalog wrote: one
// spec.yaml a package, under npx/NAME/, uvx/NAME/ and go/NAME/.
//
// A spec that cannot be read is a [Spec] with its [Spec.Err], so that it
// becomes a row of the table and never the end of the program. Everything in a
// spec is text from outside; the package decides nothing about it.
//
// catalog imports nothing of plimsoll but untrusted and yamlfile.
package catalog
