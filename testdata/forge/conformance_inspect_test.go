package main

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
	"plimsoll/verify/trust"
)

// both judges one bundle as inspect does and as verify-bundle does, and holds
// that they differ in nothing but what the protocol of sigstore-conformance
// demands: see [verify.CheckBundle].
type both struct {
	compared, held, differed int
}

func (n *both) compare(t *testing.T, name string, bundle []byte, anchors verify.Trust, given verify.Given, content []byte, signer *verify.Signer) {
	t.Helper()
	ex, err := evidencefile.Open(bundle, untrusted.Text(name))
	if err == nil && signer == nil {
		alone := verify.Inspect(ex, verify.Trust{}) // what it says needs no proof
		given, signer = itself(alone.Report), signerOf(alone.Report)
	}
	if len(given.Digests) == 0 {
		given.Digests = []verify.Digest{{Algorithm: "sha256", Hex: strings.Repeat("00", 32)}}
	}
	if signer == nil {
		signer = &verify.Signer{Identity: "nobody", Issuer: "nobody"}
	}
	var file *bytes.Reader
	checked := verify.Report{}
	if content != nil {
		file = bytes.NewReader(content)
		checked = verify.CheckBundle(bundle, given, file, *signer, anchors)
	} else {
		checked = verify.CheckBundle(bundle, given, nil, *signer, anchors)
	}
	n.compared++
	if checked.Status.Holds() {
		n.held++
	}
	if err != nil { // inspect says that it is no bundle at all
		if checked.Status != verify.Invalid {
			t.Errorf("%s: inspect cannot open it (%v), verify-bundle says %v", name, err, checked.Status)
		}
		return
	}
	ex.Given = &given
	inspected := verify.Inspect(ex, anchors)
	a, b := inspected.Artifacts[0].Attestations[0], checked.Artifacts[0].Attestations[0]
	why := demanded(a, b, signer)
	if (inspected.Status != checked.Status || inspected.Reason != checked.Reason) && why == "" {
		t.Errorf("%s: inspect says %v: %s\nverify-bundle says %v: %s", name, inspected.Status, inspected.Reason, checked.Status, checked.Reason)
	}
	if checked.Status.Holds() && !inspected.Status.Holds() && signer.Key == nil {
		t.Errorf("%s: verify-bundle accepts what inspect calls %v: %s", name, inspected.Status, inspected.Reason)
	}
	if why != "" {
		n.differed++
		return
	}
	for i := range max(len(a.Checks), len(b.Checks)) {
		if i >= len(a.Checks) || i >= len(b.Checks) {
			t.Errorf("%s: %d and %d checks", name, len(a.Checks), len(b.Checks))
			break
		}
		x, y := a.Checks[i], b.Checks[i]
		own := x.ID == verify.CheckIdentity && x.Status == y.Status || x.ID == verify.CheckVerifier && !inspected.Status.Holds()
		if (x.ID != y.ID || x.Status != y.Status || x.Reason != y.Reason) && !own {
			t.Errorf("%s: inspect: %s %v %s\nverify-bundle: %s %v %s", name, x.ID, x.Status, x.Reason, y.ID, y.Status, y.Reason)
		}
	}
}

// demanded says which demand of the protocol may make the two differ; "" for
// none. It lists them all.
func demanded(inspected, checked verify.Attestation, signer *verify.Signer) string {
	for _, check := range checked.Checks {
		switch {
		case check.ID == verify.CheckParse && strings.Contains(check.Reason, "root certificate, which only the trust root may bring"):
			return "it brings a root certificate"
		case check.ID == verify.CheckIdentity && check.Status == verify.Fail && strings.Contains(check.Reason, "that was given"):
			return "it is not the signer's"
		}
	}
	if signer.Key != nil || inspected.KeyID != "" {
		return "the key is given, and with it no time"
	}
	return ""
}

// itself is the artifact that the evidence names.
func itself(r verify.Report) verify.Given {
	given := verify.Given{Name: "itself"}
	says := r.Artifacts[0].Attestations[0].Says
	switch {
	case says.Digest.Hex != "":
		given.Digests = append(given.Digests, says.Digest)
	case len(says.Subjects) > 0:
		for _, algorithm := range []string{"sha256", "sha512"} {
			if hex, ok := says.Subjects[0].Digest[algorithm]; ok {
				given.Digests = append(given.Digests, verify.Digest{Algorithm: algorithm, Hex: string(hex)})
			}
		}
	}
	return given
}

// signerOf is whom the certificate names, proven or not.
func signerOf(r verify.Report) *verify.Signer {
	leaf := r.Artifacts[0].Attestations[0].Says.Certificate
	if leaf == nil || len(leaf.Names) == 0 {
		return nil
	}
	return &verify.Signer{Identity: string(leaf.Names[0]), Issuer: string(cmp.Or(leaf.Extensions[extIssuer], leaf.Extensions[extIssuerV1]))}
}

// vector judges a case of the conformance suite, by its artifact's bytes and by
// their digest.
func (n *both) vector(t *testing.T, name string, k *kit, v vector, holds bool) {
	t.Helper()
	if v.root == nil {
		v.root = k.trust().json()
	}
	root, err := trust.ParseRoot(v.root)
	if err != nil {
		return // neither command begins
	}
	anchors := verify.Trust{Root: root}
	signer := &verify.Signer{Identity: k.id.san, Issuer: k.id.ext[extIssuer]}
	if v.identity != "" {
		signer.Identity = v.identity
	}
	if block, _ := pem.Decode(v.key); block != nil {
		key := must(x509.ParsePKIXPublicKey(block.Bytes))
		signer = &verify.Signer{Key: key}
		anchors.Keys = []verify.RegistryKey{{ID: hint(v.bundle), Usage: verify.UsageAttestations, Public: key.(*ecdsa.PublicKey)}}
	}
	if v.artifact == nil {
		v.artifact = k.artifact
	}
	given := verify.Given{Digests: []verify.Digest{{Algorithm: "sha256", Hex: hash(v.artifact)["value"].(string)}}}
	for _, content := range [][]byte{v.artifact, nil} {
		before := n.held
		n.compare(t, name, v.bundle, anchors, given, content, signer)
		if (n.held > before) != holds && !v.both {
			t.Errorf("%s: wrong verdict", name)
		}
	}
}

// hint is the key that a bundle names.
func hint(bundle []byte) string {
	var b struct {
		VerificationMaterial struct {
			PublicKey struct{ Hint string }
		}
	}
	_ = json.Unmarshal(bundle, &b) // one that is no JSON names none
	return b.VerificationMaterial.PublicKey.Hint
}

func TestInspectAndVerifyBundleAgreeOnTheDemo(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	recording := must(fs.Sub(demo.FS, "recording"))
	root, err := trust.ParseRoot(must(fs.ReadFile(recording, "trusted_root.json")))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := trust.ParseKeys(must(fs.ReadFile(recording, "npm-keys.json")), "the demo")
	if err != nil {
		t.Fatal(err)
	}
	anchors := verify.Trust{Root: root, Keys: keys}
	var n both
	for name, data := range tree(t, recording) {
		ex, err := evidencefile.Open(data, "x")
		if err != nil {
			continue // a manifest, an index
		}
		for _, offered := range ex.Attestations {
			if len(offered.Bundle) > 0 {
				n.compare(t, name, offered.Bundle, anchors, verify.Given{}, nil, nil)
			}
		}
	}
	f := newForge()
	for _, c := range exhibits(f) {
		n.compare(t, c.name, c.attestation.json(), verify.Trust{Root: f.root(), Keys: keys}, verify.Given{}, nil, nil)
	}
	if n.compared < 120 || n.held < 60 {
		t.Errorf("%d compared, %d held", n.compared, n.held)
	}
	t.Logf("%d compared, %d held, %d differed by demand", n.compared, n.held, n.differed)
}

func TestInspectAndVerifyBundleAgreeOnRealBundles(t *testing.T) {
	t.Parallel()
	dir := testfiles.Shared(t, "realworld", "bundles")
	list := must(os.ReadFile(filepath.Join(dir, "expected.tsv")))
	roots := map[string]verify.Trust{}
	var n both
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n")[1:] {
		fields := strings.Split(line, "\t")
		if _, ok := roots[fields[1]]; !ok {
			root, err := trust.ParseRoot(must(os.ReadFile(filepath.Join(dir, "roots", fields[1]+".json"))))
			if err != nil {
				t.Fatal(err)
			}
			roots[fields[1]] = verify.Trust{Root: root}
		}
		n.compare(t, fields[0], must(os.ReadFile(filepath.Join(dir, fields[0]))), roots[fields[1]], verify.Given{}, nil, nil)
	}
	if n.compared < 67 || n.held < 34 {
		t.Errorf("%d compared, %d held", n.compared, n.held)
	}
	t.Logf("%d compared, %d held, %d differed by demand", n.compared, n.held, n.differed)
}
