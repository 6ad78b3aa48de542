// Package pypi asks a Python package index what it offers for a release: the
// files of the release from the simple index (PEP 503, in the JSON of PEP 691)
// and the provenance object of each (PEP 740), as [verify.Evidence]. It judges
// nothing.
//
// The index names no version per file, so file names are parsed, and versions
// compared by PEP 440, never by substring. Every file of the release counts: a
// release is as good as its worst file.
package pypi
