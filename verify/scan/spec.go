package scan

import (
	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// ReleaseOf returns the release that a spec names.
func ReleaseOf(spec catalog.Spec) verify.Release {
	release := verify.Release{Name: spec.Package, Version: spec.Version}
	switch spec.Protocol {
	case catalog.NPX:
		release.Ecosystem = verify.NPM
	case catalog.UVX:
		release.Ecosystem = verify.PyPI
	}
	return release
}

// specFindings warns of the keys of a spec that nobody obeys.
func specFindings(spec catalog.Spec) []verify.Finding {
	if len(spec.Unknown) == 0 {
		return nil
	}
	list := untrusted.List(spec.Unknown, len(spec.Unknown), spec.MoreUnknown)
	return []verify.Finding{{Rule: "spec.unknown-key", Severity: verify.Warning, Observed: untrusted.Shorten(list, untrusted.MaxMessage),
		Message: "plimsoll does not know these keys of the spec, and obeys none of them: " + list}}
}
