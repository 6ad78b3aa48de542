package scan

import (
	"plimsoll/catalog"
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

// ExpectationOf returns what a spec says of its package's origin.
func ExpectationOf(spec catalog.Spec) verify.Expectation {
	p := spec.Provenance
	want := verify.Expectation{
		RepositoryURI: p.RepositoryURI, RepositoryRef: p.RepositoryRef,
		CertIssuer: p.CertIssuer, SignerIdentity: p.SignerIdentity, RunnerEnvironment: p.RunnerEnvironment,
	}
	if a := p.Attestations; a != nil {
		want.Attestations = &verify.ExpectedAttestations{Available: a.Available, Verified: a.Verified}
		if a.Publisher != nil {
			publisher := verify.ExpectedPublisher(*a.Publisher)
			want.Attestations.Publisher = &publisher
		}
	}
	return want
}
