package catalog

import (
	"iter"
	"math"
)

// lineKeys are the dotted keys whose lines a spec keeps: what it names a package
// by, or is judged by, and the sections around it.
var lineKeys = [...]string{
	"metadata", "metadata.name", "metadata.description", "metadata.protocol",
	"spec", "spec.package", "spec.version", "spec.args", "spec.env", "spec.overrides", "spec.constraints",
	"provenance", "provenance.repository_uri", "provenance.repository_ref", "provenance.sigstore_url",
	"provenance.signer_identity", "provenance.runner_environment", "provenance.cert_issuer",
	"provenance.attestations", "provenance.attestations.available", "provenance.attestations.verified",
	"provenance.attestations.publisher", "provenance.attestations.publisher.kind",
	"provenance.attestations.publisher.repository", "provenance.attestations.publisher.workflow",
}

var lineIndex = func() map[string]int {
	index := make(map[string]int, len(lineKeys))
	for i, key := range lineKeys {
		index[key] = i
	}
	return index
}()

// Lines are the lines of a spec's values in its file. It is an array, and no map,
// since a catalog has very many of them.
type Lines [len(lineKeys)]int32

// LinesOf returns the lines of dotted keys; those of other keys are not kept.
func LinesOf(lines map[string]int) Lines {
	var l Lines
	for key, line := range lines {
		l.Set(key, line)
	}
	return l
}

// Of returns the line of a dotted key's value ("spec.version"), from 1, or 0 if it
// is not known.
func (l *Lines) Of(key string) int {
	if i, ok := lineIndex[key]; ok {
		return int(l[i])
	}
	return 0
}

// Set sets the line of a dotted key, 0 for none. Keys that no spec is judged by
// have none.
func (l *Lines) Set(key string, line int) {
	if i, ok := lineIndex[key]; ok && line >= 0 && line <= math.MaxInt32 {
		l[i] = int32(line)
	}
}

// All yields the keys that have a line, in the order of a spec.
func (l *Lines) All() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for i, line := range l {
			if line > 0 && !yield(lineKeys[i], int(line)) {
				return
			}
		}
	}
}

// note is Set for a key in a section, which are not put together for it.
func (l *Lines) note(section, key string, line int) {
	var buffer [64]byte
	dotted := append(buffer[:0], section...)
	if section != "" {
		dotted = append(dotted, '.')
	}
	if i, ok := lineIndex[string(append(dotted, key...))]; ok {
		l[i] = int32(line)
	}
}
