package scan_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// attested is a package of the demo whose provenance verifies, fetched.
type attested struct {
	evidence verify.Evidence
	want     verify.Expectation
	trust    verify.Trust
}

// fetchAttested returns the packages of the demo that verify, so that both
// sides of a ratio do the same work: no side stops early.
func fetchAttested(b *testing.B) []attested {
	b.Helper()
	specs, from := loadDemo(b)
	var out []attested
	for _, spec := range specs {
		if spec.Expect != "verified" {
			continue
		}
		evidence, anchors, err := from.Fetch(b.Context(), spec, func(string) {})
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, attested{evidence, scan.ExpectationOf(spec), anchors})
	}
	if len(out) < 10 {
		b.Fatalf("only %d packages of the demo verify", len(out))
	}
	return out
}

// BenchmarkVerify compares plimsoll's verdict with sigstore-go alone on the
// same bundles, turn by turn, so that whatever else the machine does slows both
// sides alike: "x-alone" is the ratio of their times.
func BenchmarkVerify(b *testing.B) {
	packages := fetchAttested(b)
	for _, mode := range []struct {
		name    string
		options verify.Options
	}{{"plimsoll", verify.Options{}}, {"plimsoll explained", verify.Options{Explain: true}}} {
		b.Run(mode.name, func(b *testing.B) {
			var alone, ours time.Duration
			for b.Loop() {
				for _, p := range packages {
					start := time.Now()
					verifyAlone(b, p)
					between := time.Now()
					report := verify.Verify(p.evidence, p.want, p.trust, mode.options)
					ours += time.Since(between)
					alone += between.Sub(start)
					if report.Status != verify.Verified {
						b.Fatal(report.Reason)
					}
				}
			}
			b.ReportMetric(float64(ours)/float64(alone), "x-alone")
			b.ReportMetric(float64(b.N*len(packages))/ours.Seconds(), "packages/s")
		})
	}
}

// verifyAlone parses and verifies every bundle of a package with sigstore-go
// and nothing else.
func verifyAlone(b *testing.B, p attested) {
	b.Helper()
	for _, art := range p.evidence.Artifacts {
		digest, err := hex.DecodeString(art.Digest.Hex)
		if err != nil {
			b.Fatal(err)
		}
		for _, att := range art.Attestations {
			entity := &bundle.Bundle{}
			if err := entity.UnmarshalJSON(att.Bundle); err != nil {
				b.Fatal(err)
			}
			options := []sigverify.VerifierOption{sigverify.WithTransparencyLog(1), sigverify.WithObserverTimestamps(1)}
			policy := sigverify.NewPolicy(sigverify.WithArtifactDigest(art.Digest.Algorithm, digest), sigverify.WithoutIdentitiesUnsafe())
			material := p.trust.Root
			if entity.GetVerificationMaterial().GetPublicKey() != nil {
				policy = sigverify.NewPolicy(sigverify.WithArtifactDigest(art.Digest.Algorithm, digest), sigverify.WithKey())
				material = keyMaterial(b, p.trust)
			} else {
				options = append(options, sigverify.WithSignedCertificateTimestamps(1))
			}
			verifier, err := sigverify.NewVerifier(material, options...)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := verifier.Verify(entity, policy); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func keyMaterial(b *testing.B, trust verify.Trust) root.TrustedMaterial {
	b.Helper()
	material, err := verify.KeyMaterial(trust)
	if err != nil {
		b.Fatal(err)
	}
	return material
}

// BenchmarkScan runs the whole demo through the engine and the recording.
func BenchmarkScan(b *testing.B) {
	specs, from := loadDemo(b)
	var readable []catalog.Spec
	for _, s := range specs {
		if s.Err == nil {
			readable = append(readable, s)
		}
	}
	for b.Loop() {
		check(b, readable, from, false)
	}
	b.ReportMetric(float64(b.N*len(readable))/b.Elapsed().Seconds(), "packages/s")
}
