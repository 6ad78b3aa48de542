package e2e

import (
	"bytes"
	"slices"
	"testing"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/seeds"
	"plimsoll/verify"
	"plimsoll/verify/registry/pypi"
)

// FuzzVerify puts any bytes in the place of a bundle. Nothing that says
// something else than the good evidence it began with may verify, nothing that
// sigstore-go alone refuses, and nothing may crash.
func FuzzVerify(f *testing.F) {
	specs, from := lab.Specs(f), lab.Registries(f)
	_, material := lab.Recording(f)
	var victims []subject
	for _, path := range []string{"dockyard/npx/mcp-jetbrains/spec.yaml", "dockyard/uvx/mcp-clickhouse/spec.yaml"} {
		for _, spec := range specs {
			if string(spec.Path) != path {
				continue
			}
			evidence, anchors, err := from.Fetch(f.Context(), spec, func(string) {})
			if err != nil {
				f.Fatal(err)
			}
			for j := range evidence.Artifacts[0].Attestations {
				victims = append(victims, subject{path: path, alone: alone(evidence, 0, j), trust: anchors})
			}
		}
	}
	if len(victims) != 3 {
		f.Fatalf("%d attestations to replace", len(victims))
	}
	var payloads [][]byte
	for i, v := range victims {
		good := v.alone.Artifacts[0].Attestations[0].Bundle
		f.Add(good, uint8(i))
		b := &protobundle.Bundle{}
		if err := protojson.Unmarshal(good, b); err != nil {
			f.Fatal(err)
		}
		payloads = append(payloads, b.GetDsseEnvelope().GetPayload())
	}
	for i, data := range seeds.Bundles(f) {
		f.Add(data, uint8(i))
	}
	for i, data := range seeds.PEP740(f) {
		if converted, err := pypi.Bundle(data); err == nil {
			f.Add(converted, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		v := victims[int(which)%len(victims)]
		evidence := v.alone
		evidence.Artifacts = slices.Clone(evidence.Artifacts)
		evidence.Artifacts[0].Attestations = slices.Clone(evidence.Artifacts[0].Attestations)
		evidence.Artifacts[0].Attestations[0].Bundle = data
		report := verify.Examine(evidence, catalog.Provenance{}, v.trust)
		att := report.Artifacts[0].Attestations[0]
		if untrusted.Clean(report.Reason) != report.Reason || untrusted.Clean(att.Reason) != att.Reason {
			t.Fatalf("the reason is not clean: %q, %q", report.Reason, att.Reason)
		}
		if att.Status != verify.Verified {
			if report.Status == verify.Verified || report.Status == verify.Signed || att.Publisher != nil || att.Reason == "" {
				t.Fatalf("%v by an attestation that is %v: %s", report.Status, att.Status, att.Reason)
			}
			return
		}
		if err := verifyAlone(data, evidence.Artifacts[0].Digest, plainTrust(t, material.TrustedRoot, v.trust)); err != nil {
			t.Fatalf("verified, and sigstore-go alone says %v", err)
		}
		b := &protobundle.Bundle{}
		if err := protojson.Unmarshal(data, b); err != nil || !slices.ContainsFunc(payloads, func(p []byte) bool { return bytes.Equal(p, b.GetDsseEnvelope().GetPayload()) }) {
			t.Fatalf("verified, and it is not the good evidence: %v", err)
		}
		nothing := verify.Given{Digests: []verify.Digest{{Algorithm: "sha256", Hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}}
		if r := verify.CheckBundle(data, nothing, bytes.NewReader(nil), verify.Signer{Identity: "nobody", Issuer: "nobody"}, v.trust); r.Status.Holds() {
			t.Fatal("it verifies over nothing, as signed by nobody")
		}
	})
}
