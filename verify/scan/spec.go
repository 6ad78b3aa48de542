package scan

import (
	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// ReleaseOf returns the release that a spec names.
func ReleaseOf(spec catalog.Spec) verify.Release {
	return verify.Release{Ecosystem: verify.EcosystemOf(spec.Protocol), Name: spec.Package, Version: spec.Version}
}

// specFindings are what a spec shows by itself: keys that nobody obeys and, if its
// evidence could not be fetched and so was not compared, a ref that is the tag of
// another version.
func specFindings(spec catalog.Spec, r *verify.Report) (out []verify.Finding) {
	if len(spec.Unknown) > 0 {
		list := untrusted.List(spec.Unknown, len(spec.Unknown), spec.MoreUnknown)
		out = append(out, verify.Finding{Rule: "spec.unknown-key", Severity: verify.Warning, Observed: untrusted.Shorten(list, untrusted.MaxMessage),
			Message: "plimsoll does not know these keys of the spec, and obeys none of them: " + list})
	}
	if f, stale := verify.StaleRef(spec.Provenance, spec.Version); stale && (len(r.Comparison) == 0 || r.Unverified != "") {
		out = append(out, f)
	}
	return out
}
