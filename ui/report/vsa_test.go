package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

func vsaOf(t *testing.T, v VSA, packages []Package) ([]vsaStatement, []string) {
	t.Helper()
	v.VerifierID = "https://verifier.example/plimsoll"
	var b bytes.Buffer
	without, err := v.Write(&b, packages, evening)
	if err != nil {
		t.Fatal(err)
	}
	var statements []vsaStatement
	for line := range strings.Lines(b.String()) {
		statements = append(statements, decode[vsaStatement](t, []byte(line)))
	}
	return statements, without
}

func proven() Package {
	p := full()
	p.Report.Status, p.Report.Findings, p.Report.Comparison = verify.Verified, nil, nil
	p.Report.Artifacts[0].Attestations[0].RawSHA256 = sha256.Sum256([]byte(`{"bundle":1}`))
	p.Report.Artifacts[0].Attestations[0].Source.URL = "https://npm.example/-/a"
	return p
}

func TestVSA(t *testing.T) {
	t.Parallel()
	statements, without := vsaOf(t, VSA{Version: "1.2.3", Policy: "https://catalog.example/"}, []Package{proven()})
	if len(statements) != 1 || len(without) != 0 {
		t.Fatalf("%d statements, without %q", len(statements), without)
	}
	s := statements[0]
	sum := sha256.Sum256([]byte(`{"bundle":1}`))
	p := s.Predicate
	if s.Type != "https://in-toto.io/Statement/v1" || s.PredicateType != "https://slsa.dev/verification_summary/v1" ||
		len(s.Subject) != 1 || s.Subject[0].Digest["sha512"] != strings.Repeat("ab", 64) ||
		p.ResourceURI != "pkg:npm/%40acme/http-client@2.4.1" || p.Policy.URI != "https://catalog.example/npx/http/spec.yaml" ||
		p.Verifier.ID != "https://verifier.example/plimsoll" || p.Verifier.Version["plimsoll"] != "1.2.3" ||
		p.TimeVerified != evening.Format(time.RFC3339) || p.SLSAVersion != "1.0" ||
		p.VerificationResult != "PASSED" || len(p.VerifiedLevels) != 1 || p.VerifiedLevels[0] != "SLSA_BUILD_LEVEL_2" ||
		len(p.InputAttestations) != 1 || p.InputAttestations[0].Digest["sha256"] != hex.EncodeToString(sum[:]) {
		t.Errorf("%+v", s)
	}
}

func TestVSAResult(t *testing.T) {
	t.Parallel()
	digest := verify.Digest{Algorithm: "sha512", Hex: strings.Repeat("00", 64)}
	for _, tt := range []struct {
		name    string
		status  verify.Status
		require verify.Status
		find    []verify.Finding
		want    string
	}{
		{"verified", verify.Verified, verify.Pending, nil, "PASSED"},
		{"verified, with an error", verify.Verified, verify.Pending, []verify.Finding{severe}, "FAILED"},
		{"signed", verify.Signed, verify.Pending, nil, "FAILED"},
		{"signed, where that is enough", verify.Signed, verify.Signed, nil, "PASSED"},
		{"none", verify.None, verify.Pending, nil, "FAILED"},
		{"partial", verify.Partial, verify.Pending, nil, "FAILED"},
		{"mismatch", verify.Mismatch, verify.None, nil, "FAILED"},
		{"invalid", verify.Invalid, verify.None, nil, "FAILED"},
		{"error", verify.Unchecked, verify.None, nil, "FAILED"},
		{"pending", verify.Pending, verify.None, nil, "FAILED"},
	} {
		p := with(tt.status, tt.find...)
		p.Report.Artifacts = []verify.ArtifactReport{{Digest: digest}}
		statements, _ := vsaOf(t, VSA{Require: tt.require}, []Package{p})
		got := statements[0].Predicate
		wantLevel := "FAILED"
		if tt.want == "PASSED" {
			wantLevel = "SLSA_BUILD_LEVEL_0"
		}
		if got.VerificationResult != tt.want || len(got.VerifiedLevels) != 1 || got.VerifiedLevels[0] != wantLevel {
			t.Errorf("%s: %s %v", tt.name, got.VerificationResult, got.VerifiedLevels)
		}
	}
}

func TestVSANamesWhatHasNoStatement(t *testing.T) {
	t.Parallel()
	half := proven()
	half.Report.Artifacts = append(half.Report.Artifacts, verify.ArtifactReport{Filename: "no-digest.whl"})
	statements, without := vsaOf(t, VSA{}, []Package{proven(), unreadable, with(verify.Unchecked), half})
	if len(statements) != 1 || strings.Join(without, " ") != "npx/b npx/a npx/@acme/http-client" {
		t.Errorf("%d statements, without %q", len(statements), without)
	}
	if _, err := (VSA{}).Write(&bytes.Buffer{}, []Package{proven()}, evening); !errors.Is(err, errNoVerifier) {
		t.Errorf("got %v", err)
	}
}

// Of the demo exactly the verified packages pass.
func TestVSAOfTheDemo(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	verified := 0
	for _, p := range packages {
		if p.Report.Status == verify.Verified {
			verified++
		}
	}
	statements, without := vsaOf(t, VSA{}, packages)
	passed := 0
	for _, s := range statements {
		if s.Predicate.VerificationResult == "PASSED" {
			passed++
			if len(s.Predicate.Policy.Digest["sha256"]) != 64 {
				t.Errorf("%s: the policy has no digest", s.Predicate.ResourceURI)
			}
			if len(s.Predicate.InputAttestations) == 0 {
				t.Errorf("%s passed without an attestation", s.Predicate.ResourceURI)
			}
		}
	}
	if passed != verified || passed == 0 || len(statements)+len(without) != len(packages) {
		t.Errorf("%d passed of %d verified; %d statements and %d without of %d", passed, verified, len(statements), len(without), len(packages))
	}
}

func TestPURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		protocol      catalog.Protocol
		name, version string
		want          string
	}{
		{catalog.NPX, "@scope/x", "1.0.0+b.1", "pkg:npm/%40scope/x@1.0.0%2Bb.1"},
		{catalog.NPX, "left-pad", "1.0.0", "pkg:npm/left-pad@1.0.0"},
		{catalog.UVX, "Foo_Bar.baz", "1.0", "pkg:pypi/foo-bar-baz@1.0"},
		{catalog.UVX, "", "1.0", ""},
		{catalog.Go, "github.com/Acme/tool/v2/cmd/server", "v2.0.0-20240102030405-0123456789ab", "pkg:golang/github.com/Acme/tool/v2/cmd/server@v2.0.0-20240102030405-0123456789ab"},
		{catalog.Go, "go.example/x", "v2.0.0+incompatible", "pkg:golang/go.example/x@v2.0.0%2Bincompatible"},
		{"oci", "x", "1.0", ""},
	} {
		spec := catalog.Spec{Protocol: tt.protocol, Package: untrusted.Text(tt.name), Version: untrusted.Text(tt.version)}
		if got := purl(spec); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.name, tt.version, got, tt.want)
		}
	}
}
