package verify_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
	"plimsoll/verify/trust"
)

// vector is one case in the form of the sigstore-conformance suite, which the
// forge makes and writes to testdata.
type vector struct {
	Name, Want       string // Want is "" for a case that must verify
	Bundle           []byte
	Root             json.RawMessage // nil: that of the first case
	Key              string          // PEM
	Artifact         string
	Identity, Issuer string
}

func vectors(t *testing.T) []vector {
	t.Helper()
	packed, err := gzip.NewReader(bytes.NewReader(testfiles.Read(t, "testdata", "conformance.json.gz")))
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	for decoder := json.NewDecoder(packed); ; {
		var v vector
		if err := decoder.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if string(v.Root) == "null" {
			v.Root = out[0].Root
		}
		out = append(out, v)
	}
	if len(out) < 120 {
		t.Fatalf("only %d vectors", len(out))
	}
	return out
}

// Every vector is judged as verify-bundle does it, by the artifact's bytes and
// by their digest, and as inspect does.
func TestConformanceVectors(t *testing.T) {
	t.Parallel()
	usual := &sentences{}
	var out bytes.Buffer
	for _, v := range vectors(t) {
		fmt.Fprintln(&out, v.Name)
		root, err := trust.ParseRoot(v.Root)
		if err != nil {
			fmt.Fprintf(&out, "\ttrust root: %v\n\n", err)
			continue
		}
		anchors := verify.Trust{Root: root}
		signer := verify.Signer{Identity: v.Identity, Issuer: v.Issuer}
		if v.Identity == "" {
			signer.Issuer = ""
		}
		if block, _ := pem.Decode([]byte(v.Key)); block != nil {
			if signer.Key, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
				t.Fatal(err)
			}
		}
		sum := sha256.Sum256([]byte(v.Artifact))
		given := verify.Given{Name: "artifact", Digests: []verify.Digest{{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}}}
		byPath := verify.CheckBundle(v.Bundle, given, strings.NewReader(v.Artifact), signer, anchors)
		byDigest := verify.CheckBundle(v.Bundle, given, nil, signer, anchors)
		for _, r := range []verify.Report{byPath, byDigest} {
			if r.Status.Holds() != (v.Want == "") {
				t.Errorf("%s: expected %q, found %v: %s", v.Name, v.Want, r.Status, r.Reason)
			}
		}
		a, b := usual.whole(&byPath), usual.whole(&byDigest)
		fmt.Fprintf(&out, "\tverify-bundle, by the artifact: %s", indent(a)[1:])
		if a != b {
			fmt.Fprintf(&out, "\tverify-bundle, by its digest: %s", indent(b)[1:])
		}
		ex, err := evidencefile.Open(v.Bundle, untrusted.Text(v.Name))
		if err != nil {
			fmt.Fprintf(&out, "\tinspect: %v\n\n", err)
			continue
		}
		if key, ok := signer.Key.(*ecdsa.PublicKey); ok {
			anchors.Keys = []verify.RegistryKey{{ID: keyNamed(v.Bundle), Usage: verify.UsageAttestations, Public: key}}
		}
		inspected := verify.Inspect(ex, anchors).Report
		fmt.Fprintf(&out, "\tinspect: %s\n", indent(usual.whole(&inspected))[1:])
	}
	testfiles.Golden(t, "conformance.golden", string(append(usual.legend(), out.Bytes()...)))
}

// whole is all but what is compared with a spec.
func (s *sentences) whole(r *verify.Report) string {
	text := fmt.Sprintf("%v: %s\n", r.Status, r.Reason) + findings(r)
	for _, art := range r.Artifacts {
		for _, att := range art.Attestations {
			text += fmt.Sprintf("%v %s\n", att.Kind, att.PredicateType) + s.links(att.Checks, att.Checks)
		}
	}
	return text
}

// keyNamed is the key that a bundle names.
func keyNamed(bundle []byte) string {
	var b struct {
		VerificationMaterial struct {
			PublicKey struct{ Hint string }
		}
	}
	_ = json.Unmarshal(bundle, &b) // one that is no JSON names none
	return b.VerificationMaterial.PublicKey.Hint
}

// Files of evidence that no registry serves, with the artifact, without, and
// without a trust root; the forge makes them, and the demo's trust root verifies
// them.
func TestExhibits(t *testing.T) {
	t.Parallel()
	anchors := demoAnchors(t)
	dir := filepath.Join("..", "ui", "cli", "testdata", "inspect")
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 16 {
		t.Fatalf("%d files of evidence: %v", len(files), err)
	}
	sum := sha256.Sum256([]byte("what was signed\n"))
	given := &verify.Given{Name: "blob.txt", Digests: []verify.Digest{{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}}}
	usual := &sentences{}
	var out bytes.Buffer
	for _, file := range files {
		fmt.Fprintln(&out, file.Name())
		ex, err := evidencefile.Open(testfiles.Read(t, dir, file.Name()), untrusted.Text(file.Name()))
		if err != nil {
			fmt.Fprintf(&out, "\t%v\n\n", err)
			continue
		}
		for _, c := range []struct {
			name  string
			given *verify.Given
			trust verify.Trust
		}{
			{"alone", nil, anchors}, {"with the artifact", given, anchors}, {"without a trust root", given, verify.Trust{RootError: "no root"}},
		} {
			ex.Given = c.given
			r := verify.Inspect(ex, c.trust).Report
			fmt.Fprintf(&out, "\t%s\n%s", c.name, indent(indent(verdict(&r)+usual.chains(&r, &r))))
		}
		out.WriteString("\n")
	}
	testfiles.Golden(t, "exhibits.golden", string(append(usual.legend(), out.Bytes()...)))
}

// A message signature over a package's very bytes is no attestation of it:
// registries serve statements alone, and nothing says what it was made for.
func TestMessageSignatureOfAPackage(t *testing.T) {
	t.Parallel()
	data := testfiles.Read(t, "..", "ui", "cli", "testdata", "inspect", "message.json")
	sum := sha256.Sum256([]byte("what was signed\n"))
	r := verify.Verify(verify.Evidence{
		Release: verify.Release{Ecosystem: verify.PyPI, Name: "blob", Version: "1.0.0"},
		Artifacts: []verify.Artifact{{
			Filename: "blob-1.0.0.tar.gz", Digest: verify.Digest{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])},
			Attestations: []verify.OfferedAttestation{{Bundle: data}},
		}},
	}, catalog.Provenance{}, demoAnchors(t))
	if r.Status != verify.Invalid || !strings.Contains(r.Reason, "expected a DSSE envelope, found a message signature") {
		t.Errorf("got %v: %s", r.Status, r.Reason)
	}
}

// demoAnchors is the demo's trust root and keys.
func demoAnchors(t *testing.T) (anchors verify.Trust) {
	t.Helper()
	for _, p := range demoPackages(t) {
		if p.trust.Root != nil && len(p.trust.Keys) > 0 {
			anchors = p.trust
		}
	}
	return anchors
}
