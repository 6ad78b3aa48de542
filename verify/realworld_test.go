package verify_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/trust"
)

func realTrust(t testing.TB, dir string) verify.Trust {
	t.Helper()
	root, err := trust.ParseRoot(testfiles.Read(t, dir, "trust", "trusted_root.json"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := trust.ParseKeys(testfiles.Read(t, dir, "trust", "npm-keys.json"), "test")
	if err != nil {
		t.Fatal(err)
	}
	return verify.Trust{Root: root, Keys: keys}
}

// realNPM reads one recorded npm release straight from its files.
func realNPM(t testing.TB, dir, name, version string) verify.Evidence {
	t.Helper()
	var manifest struct {
		Dist struct {
			Integrity  string
			Signatures []struct{ KeyID, Sig string }
		}
	}
	if err := json.Unmarshal(testfiles.Read(t, dir, "registry", "npm", name, version+".json"), &manifest); err != nil {
		t.Fatal(err)
	}
	sri, _ := strings.CutPrefix(manifest.Dist.Integrity, "sha512-")
	sum, err := base64.StdEncoding.DecodeString(sri)
	if err != nil {
		t.Fatal(err)
	}
	art := verify.Artifact{
		Filename: untrusted.Text(name + "-" + version + ".tgz"), Integrity: untrusted.Text(manifest.Dist.Integrity),
		Digest: verify.Digest{Algorithm: "sha512", Hex: hex.EncodeToString(sum)},
	}
	for _, s := range manifest.Dist.Signatures {
		art.Signatures = append(art.Signatures, verify.OfferedSignature{KeyID: untrusted.Text(s.KeyID), Sig: untrusted.Text(s.Sig)})
	}
	path := filepath.Join(dir, "registry", "npm", "-", "npm", "v1", "attestations", name+"@"+version)
	if data, err := os.ReadFile(path); err == nil {
		var response struct {
			Attestations []struct {
				PredicateType string
				Bundle        json.RawMessage
			}
		}
		if err := json.Unmarshal(data, &response); err != nil {
			t.Fatal(err)
		}
		for _, a := range response.Attestations {
			art.Attestations = append(art.Attestations, verify.OfferedAttestation{
				Bundle: a.Bundle, Raw: a.Bundle, PredicateType: untrusted.Text(a.PredicateType)})
		}
	}
	return verify.Evidence{
		Release:   verify.Release{Ecosystem: verify.NPM, Name: untrusted.Text(name), Version: untrusted.Text(version)},
		Registry:  "https://registry.example/",
		Artifacts: []verify.Artifact{art},
	}
}

func TestRealNPM(t *testing.T) {
	t.Parallel()
	dir := testfiles.Shared(t, "realworld")
	for _, tc := range []struct {
		name, version string
		want          verify.Status
	}{
		{"sigstore", "1.0.0", verify.Verified},
		{"gundam-visor", "1.0.1", verify.Verified},
		{"gundam-visor-tampered", "1.0.1", verify.Invalid},
		{"kms-demo", "1.0.0", verify.Signed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ev := realNPM(t, dir, tc.name, tc.version)
			for _, explain := range []bool{true, false} {
				report := reportOn(ev, catalog.Provenance{}, realTrust(t, dir), explain)
				if report.Status != tc.want {
					t.Errorf("explain %v: expected %v, got %v: %s", explain, tc.want, report.Status, report.Reason)
				}
				if testing.Verbose() || report.Status != tc.want {
					dump(t, report)
				}
			}
		})
	}
}

// reportOn judges evidence, explained or not.
func reportOn(ev verify.Evidence, want catalog.Provenance, trust verify.Trust, explain bool) verify.Report {
	if explain {
		return verify.Examine(ev, want, trust).Report
	}
	return verify.Verify(ev, want, trust)
}

// dump logs a report as a person would read it.
func dump(t testing.TB, r verify.Report) {
	t.Helper()
	t.Logf("%v: %s; SLSA %d: %s", r.Status, r.Reason, r.SLSA.Level, r.SLSA.Reason)
	for _, art := range r.Artifacts {
		t.Logf("  artifact %v %v: %s", art.Filename, art.Status, art.Reason)
		for _, att := range art.Attestations {
			t.Logf("    attestation %v %v: %s", att.Kind, att.Status, att.Reason)
			for _, c := range att.Checks {
				t.Logf("      %-20s %-14v %s [%s | %s]", c.ID, c.Status, c.Reason, c.Expected, c.Observed)
			}
		}
		for _, sig := range art.Signatures {
			t.Logf("    signature %v %v: %s", sig.KeyID, sig.Status, sig.Reason)
		}
	}
	for _, c := range r.Comparison {
		t.Logf("  %-20s %v | %v | %v | %v = %v", c.Field, c.Spec, c.Certificate, c.Statement, c.Registry, c.Result)
	}
	for _, f := range r.Findings {
		t.Logf("  finding %v %s: %s [%s | %s]", f.Severity, f.Rule, f.Message, f.Expected, f.Observed)
	}
}

// Real registry signatures of both generations of keys, within the keys' time:
// those verify that the key itself verifies, and nothing else does.
func TestRealNPMSignatures(t *testing.T) {
	t.Parallel()
	dir := testfiles.Shared(t, "realworld")
	var list []struct {
		Name, Version, Integrity, Shasum, KeyID, Sig string
		Time                                         time.Time
	}
	if err := json.Unmarshal(testfiles.Read(t, dir, "npm-signatures.json"), &list); err != nil {
		t.Fatal(err)
	}
	anchors := realTrust(t, dir)
	good := 0
	for _, s := range list {
		if s.Integrity == "" {
			sum, err := hex.DecodeString(s.Shasum)
			if err != nil {
				t.Fatal(err)
			}
			s.Integrity = "sha1-" + base64.StdEncoding.EncodeToString(sum)
		}
		der, err := base64.StdEncoding.DecodeString(s.Sig)
		if err != nil {
			t.Fatal(err)
		}
		want := verify.Invalid
		message := sha256.Sum256([]byte(s.Name + "@" + s.Version + ":" + s.Integrity))
		for _, key := range anchors.Keys {
			if key.ID == s.KeyID && ecdsa.VerifyASN1(key.Public, message[:], der) {
				want = verify.Signed
			}
		}
		r := verify.Verify(verify.Evidence{
			Release:     verify.Release{Ecosystem: verify.NPM, Name: untrusted.Text(s.Name), Version: untrusted.Text(s.Version)},
			PublishTime: s.Time,
			Artifacts: []verify.Artifact{{Integrity: untrusted.Text(s.Integrity),
				Signatures: []verify.OfferedSignature{{KeyID: untrusted.Text(s.KeyID), Sig: untrusted.Text(s.Sig)}}}},
		}, catalog.Provenance{}, anchors)
		if r.Status != want {
			t.Errorf("%s@%s: got %v, want %v: %s", s.Name, s.Version, r.Status, want, r.Reason)
		}
		if want == verify.Signed {
			good++
		}
	}
	if len(list) < 200 || good < 150 {
		t.Errorf("%d of %d verify", good, len(list))
	}
}
