package main

import (
	"bytes"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"

	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
	"plimsoll/verify/trust"
)

// exhibitsAt is where the files of evidence lie that no registry of the demo
// serves. The demo's trust root verifies them.
const exhibitsAt = "../../ui/cli/testdata/inspect"

// signMessage signs a file as cosign signs blobs: a message signature, and an
// entry hashedrekord 0.0.1.
func (w workshop) signMessage(id identity, file []byte, version string) *attestation {
	when := at("2025-12-01T10:00:00Z")
	sum := sha256.Sum256(file)
	key := newKey(elliptic.P256(), "message "+id.san+version)
	cert := w.certify(id, key, when)
	sig := key.sign(file)
	body := canonical(map[string]any{
		"apiVersion": "0.0.1", "kind": "hashedrekord",
		"spec": map[string]any{
			"data": map[string]any{"hash": map[string]any{"algorithm": "sha256", "value": hex.EncodeToString(sum[:])}},
			"signature": map[string]any{
				"content": base64.StdEncoding.EncodeToString(sig),
				"publicKey": map[string]any{"content": base64.StdEncoding.EncodeToString(
					pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))},
			},
		},
	})
	b := &protobundle.Bundle{
		MediaType: mediaType(version), VerificationMaterial: w.material(version, cert),
		Content: &protobundle.Bundle_MessageSignature{MessageSignature: &protocommon.MessageSignature{
			MessageDigest: &protocommon.HashOutput{Algorithm: protocommon.HashAlgorithm_SHA2_256, Digest: sum[:]}, Signature: sig,
		}},
	}
	entry := w.rekor.add("hashedrekord", "0.0.1", body, when.Add(2e9))
	if version == "0.1" {
		entry.InclusionProof = nil
	}
	b.VerificationMaterial.TlogEntries = []*protorekor.TransparencyLogEntry{entry}
	return &attestation{Bundle: b}
}

const blob = "what was signed\n"

// exhibits are the files, with the verdict that each must get when nothing is
// given, and when blob is.
func exhibits(f *forge) []exhibitCase {
	id := github("drydock-demo/blob", "release.yml", "refs/tags/v1.0.0")
	sum := sha256.Sum256([]byte(blob))
	statement := []byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"other.txt","digest":{"sha256":"` + strings.Repeat("00", 32) +
		`"}},{"name":"blob.txt","digest":{"sha256":"` + hex.EncodeToString(sum[:]) + `"}}],"predicateType":"https://spdx.dev/Document/v2.3","predicate":{"spdxVersion":"SPDX-2.3"}}`)
	order := func(version, kind string) order {
		return order{identity: id, payload: statement, at: at("2025-12-01T09:00:00Z"), version: version, kind: kind}
	}
	published := []byte(`{"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"pkg:npm/blob@1.0.0","digest":{"sha512":"` + strings.Repeat("ab", 64) +
		`"}}],"predicateType":"https://github.com/npm/attestation/tree/main/specs/publish/v0.1","predicate":{"name":"blob","version":"1.0.0","registry":"https://npm.demo.example"}}`)
	foreign := bytes.Replace(published, []byte(`"version":"1.0.0"`), []byte(`"version":"2.0.0"`), 1)
	tampered := f.good.signMessage(id, []byte(blob), "0.3")
	tampered.GetMessageSignature().MessageDigest.Digest[0] ^= 1
	plain := f.good.attest(order("0.3", "dsse"))
	plain.GetDsseEnvelope().PayloadType = "text/plain"
	when := at("2025-12-01T08:00:00Z")
	return []exhibitCase{
		{"message.json", f.good.signMessage(id, []byte(blob), "0.3"), verify.Unbound, verify.Bound},
		{"message-v0.1.json", f.good.signMessage(id, []byte(blob), "0.1"), verify.Unbound, verify.Bound},
		{"message-of-another.json", f.good.signMessage(id, []byte("another file"), "0.3"), verify.Unbound, verify.Invalid},
		{"message-tampered.json", tampered, verify.Invalid, verify.Invalid},
		{"message-by-another-ca.json", f.evil.signMessage(id, []byte(blob), "0.3"), verify.Invalid, verify.Invalid},
		{"statement-v0.1.json", f.good.attest(order("0.1", "intoto")), verify.Unbound, verify.Bound},
		{"statement-v0.2.json", f.good.attest(order("0.2", "intoto")), verify.Unbound, verify.Bound},
		{"statement-v0.3.json", f.good.attest(order("0.3", "dsse")), verify.Unbound, verify.Bound},
		{"publish.json", f.good.attestWithKey(f.key, published, when, "0.2"), verify.Unbound, verify.Unchecked},
		{"publish-of-another.json", f.good.attestWithKey(f.key, foreign, when, "0.2"), verify.Invalid, verify.Invalid},
		{"publish-by-unknown-key.json", f.good.attestWithKey(f.strange, published, when, "0.2"), verify.Unchecked, verify.Unchecked},
		{"payload-type-altered.json", plain, verify.Invalid, verify.Invalid},
		{"other-payload.json", f.retype(order("0.3", "dsse"), "text/plain"), verify.Unchecked, verify.Unchecked},
		{"two-signatures.json", f.signTwice(order("0.3", "dsse")), verify.Unchecked, verify.Unchecked},
		{"statement-by-key.json", f.good.attestWithKey(f.key, statement, when, "0.2"), verify.Unbound, verify.Bound},
		{"garbage-timestamp.json", withStamp(f.good.attest(order("0.3", "dsse")), []byte("garbage")), verify.Unbound, verify.Bound},
	}
}

// retype signs and logs a payload of another type than a statement's.
func (f *forge) retype(o order, payloadType string) *attestation {
	a := f.good.attest(o)
	sum := sha256.Sum256(o.payload)
	key := newKey(elliptic.P256(), "leaf "+o.identity.san+" "+hex.EncodeToString(sum[:]))
	e := a.envelope()
	e.PayloadType = payloadType
	e.Signatures[0].Sig = key.sign(dsse.PAE(payloadType, e.Payload))
	a.VerificationMaterial.TlogEntries[0] = f.good.rekor.add("dsse", "0.0.1", dsseBody(e, pemOf(a.certificate())), o.at.Add(2*time.Second))
	return a
}

// signTwice makes an envelope with a second signature, by a key of somebody
// else; the first is logged.
func (f *forge) signTwice(o order) *attestation {
	a := f.good.attest(o)
	second := envelope(f.evil.rekor.key, o.payload, "")
	a.envelope().Signatures = append(a.envelope().Signatures, second.Signatures...)
	return a
}

type exhibitCase struct {
	name         string
	attestation  *attestation
	alone, given verify.Status
}

// Each kind of bundle gets its verdict, with the artifact and without, and none
// ever gets that of a package.
func TestInspect(t *testing.T) {
	f := newForge()
	keys, err := trust.ParseKeys(npmKeysJSON(f.keys()...), "the demo")
	if err != nil {
		t.Fatal(err)
	}
	anchors := verify.Trust{Root: f.root(), Keys: keys}
	sum := sha256.Sum256([]byte(blob))
	given := &verify.Given{Name: "blob.txt", Digests: []verify.Digest{{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}}}
	for _, c := range exhibits(f) {
		data := append(c.attestation.json(), '\n')
		compareEvidence(t, c.name, data)
		ex, err := evidencefile.Open(data, "x.json")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, with := range []*verify.Given{nil, given} {
			ex.Given = with
			want := c.alone
			if with != nil {
				want = c.given
			}
			r := verify.Inspect(ex, anchors)
			if r.Status != want || len(r.Artifacts[0].Attestations) != 1 || r.Artifacts[0].Attestations[0].Status != want {
				t.Errorf("%s, given %v: %v: %s", c.name, with != nil, r.Status, r.Reason)
			}
			checkProven(t, c.name, r.Report)
			bare := verify.Inspect(ex, verify.Trust{RootError: "no root"})
			if bare.Status != verify.Unchecked || bare.Reason != "no root" || bare.Publisher != nil || bare.Artifacts[0].Attestations[0].Publisher != nil {
				t.Errorf("%s without trust: %v %s", c.name, bare.Status, bare.Reason)
			}
		}
	}
}

// checkProven holds that what names a publisher holds, that no check of what
// holds failed, and that only what was given is bound.
func checkProven(t *testing.T, name string, r verify.Report) {
	t.Helper()
	att := r.Artifacts[0].Attestations[0]
	if !att.Status.Holds() && (att.Publisher != nil || r.Publisher != nil) || r.SLSA.Level != 0 {
		t.Errorf("%s: %v, and it names a publisher or a build level", name, att.Status)
	}
	for _, c := range att.Checks {
		switch {
		case c.ID == verify.CheckSubject && att.Status == verify.Unbound:
			if c.Status != verify.NotRun || !strings.HasSuffix(c.Reason, "not compared with any file") {
				t.Errorf("%s: subject is %v: %s", name, c.Status, c.Reason)
			}
		case att.Status.Holds() && c.Status != verify.Pass && c.Status != verify.NotApplicable:
			t.Errorf("%s: %v, and %s is %v: %s", name, att.Status, c.ID, c.Status, c.Reason)
		}
	}
	for _, f := range r.Findings {
		if f.Rule == "verifier.disagrees" {
			t.Errorf("%s: %s: %s", name, f.Message, f.Observed)
		}
	}
}

func compareEvidence(t *testing.T, name string, data []byte) {
	t.Helper()
	file := filepath.Join(exhibitsAt, name)
	if *testfiles.Update {
		if err := os.MkdirAll(exhibitsAt, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	committed, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(committed, data) {
		t.Errorf("%s is made otherwise than committed (%v): run go test ./testdata/forge -update", file, err)
	}
}
