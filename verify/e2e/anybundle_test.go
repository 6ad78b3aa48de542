package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
)

// Every sha256-bound attestation of the demo, by digest: the right signer
// passes, and nobody else.
func TestCheckBundle(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	specs, from := lab.Specs(t), lab.Registries(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, spec := range specs {
		if spec.Expect != "verified" || spec.Protocol != "uvx" {
			continue
		}
		evidence, anchors, err := from.Fetch(t.Context(), spec, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		report := verify.Verify(evidence, catalog.Provenance{CertIssuer: spec.Provenance.CertIssuer}, anchors)
		for i, art := range evidence.Artifacts {
			digest, err := hex.DecodeString(art.Digest.Hex)
			if err != nil {
				t.Fatal(err)
			}
			for j, att := range art.Attestations {
				p := report.Artifacts[i].Attestations[j].Publisher
				right := verify.Signer{Identity: string(p.Signer), Issuer: string(p.Issuer)}
				other := bytes.Clone(digest)
				other[0] ^= 1
				for _, tc := range []struct {
					name   string
					signer verify.Signer
					digest []byte
					good   bool
				}{
					{"the signer", right, digest, true},
					{"another artifact", right, other, false},
					{"a short digest", right, digest[:31], false},
					{"another identity", verify.Signer{Identity: right.Identity + "x", Issuer: right.Issuer}, digest, false},
					{"a prefix of the identity", verify.Signer{Identity: right.Identity[:len(right.Identity)-1], Issuer: right.Issuer}, digest, false},
					{"a pattern", verify.Signer{Identity: ".*", Issuer: ".*"}, digest, false},
					{"another issuer", verify.Signer{Identity: right.Identity, Issuer: "https://issuer.example"}, digest, false},
					{"no issuer", verify.Signer{Identity: right.Identity}, digest, false},
					{"nobody", verify.Signer{}, digest, false},
					{"a key", verify.Signer{Key: &key.PublicKey}, digest, false},
				} {
					given := verify.Given{Digests: []verify.Digest{{Algorithm: "sha256", Hex: hex.EncodeToString(tc.digest)}}}
					r := verify.CheckBundle(att.Bundle, given, nil, tc.signer, anchors)
					if r.Status != verify.Bound && r.Status.Holds() || r.Status.Holds() != tc.good {
						t.Errorf("%v, %s: %v: %s", spec.Path, tc.name, r.Status, r.Reason)
					}
				}
				given := verify.Given{Digests: []verify.Digest{{Algorithm: "sha256", Hex: hex.EncodeToString(digest)}}}
				if r := verify.CheckBundle(att.Bundle, given, bytes.NewReader([]byte("other bytes")), right, anchors); r.Status.Holds() {
					t.Errorf("%v: verifies over other bytes", spec.Path)
				}
				checked++
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d attestations were checked", checked)
	}
}
