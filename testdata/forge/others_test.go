package main

import (
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/trust"
)

// Attestations of other types change no status, however many there are, unless
// one of them does not hold.
func TestOtherAttestations(t *testing.T) {
	t.Parallel()
	f := newForge()
	keys, err := trust.ParseKeys(npmKeysJSON(f.keys()...), "the demo")
	if err != nil {
		t.Fatal(err)
	}
	spdx := func(s subject) *statement {
		return &statement{Type: statementV1, Subject: []subject{s}, PredicateType: "https://spdx.dev/Document/v2.3", Predicate: object{"spdxVersion": "SPDX-2.3"}}
	}
	vsa := func(s subject) *statement {
		return &statement{Type: statementV1, Subject: []subject{s}, PredicateType: "https://slsa.dev/verification_summary/v1",
			Predicate: object{"verificationResult": "PASSED", "verifiedLevels": []any{"SLSA_BUILD_LEVEL_3"}, "resourceUri": s.Name}}
	}
	unknown := func(s subject) *statement {
		return &statement{Type: statementV1, Subject: []subject{s}, PredicateType: "https://acme.example/\x1b[2J/v1", Predicate: object{"a": []any{1, nil}}}
	}
	elsewhere := func(s subject) subject { s.Name = purl("y", "1.0.0"); return s }
	const built = "built from github.com/drydock-demo/x"
	for name, test := range map[string]struct {
		offer  func(r *npmRelease) []*attestation
		status verify.Status
		reason string
		others int
	}{
		"two bills of materials": {func(r *npmRelease) []*attestation {
			return []*attestation{f.good.attest(r.order(spdx(r.subject()))), r.sbom(), r.publish(), r.provenance()}
		}, verify.Verified, built, 2},
		"a summary that claims much": {func(r *npmRelease) []*attestation {
			return []*attestation{r.publish(), f.good.attest(r.order(vsa(r.subject()))), r.provenance()}
		}, verify.Verified, built, 1},
		"a summary in the place of provenance": {func(r *npmRelease) []*attestation {
			return []*attestation{r.publish(), f.good.attest(r.order(vsa(r.subject())))}
		}, verify.Signed, "registry", 1},
		"a type that nobody knows": {func(r *npmRelease) []*attestation {
			return []*attestation{r.provenance(), r.publish(), f.good.attest(r.order(unknown(r.subject())))}
		}, verify.Verified, built, 1},
		"a summary by a Sigstore that nobody trusts": {func(r *npmRelease) []*attestation {
			return []*attestation{r.publish(), r.provenance(), f.evil.attest(r.order(vsa(r.subject())))}
		}, verify.Invalid, "known log", 0},
		"an unknown type by a Sigstore that nobody trusts, behind a good one": {func(r *npmRelease) []*attestation {
			return []*attestation{r.publish(), r.provenance(), r.sbom(), f.evil.attest(r.order(unknown(r.subject())))}
		}, verify.Invalid, "known log", 1},
		"a bill of materials of another package": {func(r *npmRelease) []*attestation {
			return []*attestation{r.publish(), r.provenance(), f.good.attest(r.order(spdx(elsewhere(r.subject()))))}
		}, verify.Invalid, "subject", 0},
		"a summary of other bytes": {func(r *npmRelease) []*attestation {
			s := r.subject()
			s.Digest = map[string]string{"sha512": strings.Repeat("ab", 64)}
			return []*attestation{r.publish(), r.provenance(), f.good.attest(r.order(vsa(s)))}
		}, verify.Invalid, "subject", 0},
	} {
		s := &scene{f: f, identity: github("drydock-demo/x", "release.yml", "refs/tags/v1.0.0"), published: at("2025-11-03T09:14:27Z"), spec: spec{pkg: "x", version: "1.0.0"}}
		r := s.npm().sign(f.key)
		r.offer(test.offer(r)...)
		ev := r.fetched()
		report := verify.Verify(ev, catalog.Provenance{}, verify.Trust{Root: f.root(), Keys: keys})
		others, none := 0, false
		for _, finding := range report.Findings {
			if finding.Rule == "attestation.other" {
				others++
			}
			none = none || finding.Rule == "provenance.none"
			if untrusted.Clean(finding.Message) != finding.Message {
				t.Errorf("%s: %q is not fit to be shown", name, finding.Message)
			}
		}
		if report.Status != test.status || !strings.Contains(report.Reason, test.reason) || others != test.others || none != (test.status == verify.Signed) {
			t.Errorf("%s: %v: %s: %+v", name, report.Status, report.Reason, report.Findings)
		}
	}
}
