package verify_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
)

// dossiers are packages of the demo that have between them everything that a
// person can look at.
var dossiers = []string{
	"attacks/npx/deprecated-extensions/spec.yaml", "attacks/npx/missing-sct/spec.yaml", "attacks/npx/unknown-ct-log/spec.yaml",
	"attacks/npx/timestamps-not-used/spec.yaml", "attacks/npx/second-timestamp-too-late/spec.yaml", "attacks/npx/signed-entry-timestamp-only/spec.yaml",
	"attacks/npx/bad-set/spec.yaml", "attacks/npx/sbom-that-does-not-verify/spec.yaml", "attacks/uvx/gitlab-publisher/spec.yaml",
	"attacks/uvx/google-publisher/spec.yaml", "attacks/uvx/rekor-v2-only/spec.yaml",
}

// What is shown of the evidence, down to the byte, with a trust root and
// without.
func TestDossiers(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	var out bytes.Buffer
	for _, p := range packages {
		if !slices.Contains(dossiers, string(p.spec.Path)) {
			continue
		}
		want := p.spec.Provenance
		for _, c := range []struct {
			name  string
			trust verify.Trust
		}{{"", p.trust}, {", without a trust root", verify.Trust{RootError: "no root"}}} {
			d, r := verify.Examine(p.evidence, want, c.trust), verify.Verify(p.evidence, want, c.trust)
			fmt.Fprintf(&out, "%s%s\n%s\n", p.spec.Path, c.name, indent(dossier(&d)))
			small := d.Report
			forEach(&small, func(att *verify.Attestation) {
				if att.Status == verify.Verified {
					att.Checks = nil
				}
			})
			if !reflect.DeepEqual(small, r) {
				t.Errorf("%s%s: explained\n%+v\nnot explained\n%+v", p.spec.Path, c.name, small, r)
			}
		}
	}
	dir := filepath.Join("..", "ui", "cli", "testdata", "inspect")
	sigstore := packages[slices.IndexFunc(packages, func(p demoPackage) bool { return p.spec.Protocol == catalog.NPX })].trust
	for _, name := range []string{"message-v0.1.json", "garbage-timestamp.json", "statement-v0.2.json"} {
		ex, err := evidencefile.Open(testfiles.Read(t, dir, name), untrusted.Text(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, trust := range []verify.Trust{sigstore, {}} {
			d := verify.Inspect(ex, trust)
			fmt.Fprintf(&out, "%s: %s\n%s\n", name, d.Reason, indent(dossier(&d)))
		}
	}
	testfiles.Golden(t, "dossiers.golden", out.String())
}

// forEach calls f for every attestation of a report.
func forEach(r *verify.Report, f func(*verify.Attestation)) {
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Attestations {
			f(&r.Artifacts[i].Attestations[j])
		}
	}
}

// dossier is everything of the attestations but their checks.
func dossier(d *verify.Dossier) string {
	var out strings.Builder
	for _, art := range d.Artifacts {
		fmt.Fprintf(&out, "%s %v\n", art.Filename, art.Digest)
		for _, sig := range art.Signatures {
			fmt.Fprintf(&out, "signature %v by %s over %s, key known %t\n", sig.Status, sig.KeyID, sig.Signed, sig.Key != nil)
		}
		for i := range art.Attestations {
			out.WriteString(evidence(&art.Attestations[i], d.Bundle(&art.Attestations[i])))
		}
	}
	return out.String()
}

func evidence(att *verify.Attestation, b *verify.Bundle) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%v %s, %s, %v, key %q, signed at %v, %d bytes with hash %x, claimed %+v\n",
		att.Kind, att.PredicateType, att.MediaType, att.Status, att.KeyID, att.SignedAt, len(b.Raw), att.RawSHA256[:4], att.Claimed)
	fmt.Fprintf(&out, "\tsubjects %q, leaf %+v\n", att.Subjects, att.Leaf)
	for _, e := range att.Log {
		fmt.Fprintf(&out, "\tlog %q, %.16s, known as %q, index %d signed %t at %v, %s\n", e.Origin, e.LogID, e.KnownLog, e.Index, e.IndexSigned, e.Time, e.Kind)
	}
	if s := att.Says; s != nil {
		fmt.Fprintf(&out, "\tsays %v, digest %q, subjects %q, key %q, certificate %+v\n", s.Kind, s.Digest, s.Subjects, s.KeyID, s.Certificate)
	}
	for _, c := range b.Certificates {
		fmt.Fprintf(&out, "\t%s certificate %q by %q, number %s, %v to %v, names %q, %s, %s, hash %.16s, in the bundle %t\n", c.Role, c.Subject, c.Issuer, c.Serial,
			c.NotBefore, c.NotAfter, c.SANs, c.PublicKey, c.Signature, c.SHA256, c.FromBundle)
		for _, e := range c.Extensions {
			fmt.Fprintf(&out, "\t\t%s %d %q critical %t legacy %t: %q\n", e.OID, e.Number, e.Name, e.Critical, e.Legacy, e.Value)
		}
	}
	for _, s := range b.SCTs {
		fmt.Fprintf(&out, "\tSCT by %.16s at %v, known %t, %v: %s\n", s.LogID, s.Time, s.Known, s.Status, s.Reason)
	}
	for _, s := range b.Timestamps {
		fmt.Fprintf(&out, "\ttimestamp by %q at %v: %v: %s\n", s.Authority, s.Time, s.Status, s.Reason)
	}
	for _, e := range b.Log {
		fmt.Fprintf(&out, "\tlog %q, %.16s, known as %q, index %d signed %t, %d of %d, at %v, %s, body %s, id %s, %d bytes, note of %d\n", e.Origin, e.LogID, e.KnownLog, e.Index,
			e.IndexSigned, e.ShardIndex, e.TreeSize, e.Time, e.Kind, e.BodyKind, e.UUID, len(e.Body), len(e.Note))
		fmt.Fprintf(&out, "\t\tSET %t %v, proof %t %v, checkpoint %v, problem %q\n", e.HasSET, e.SET, e.HasProof, e.Inclusion, e.Checkpoint, e.Proof.Problem)
		fmt.Fprintf(&out, "\t\tleaf %.8x, computed %.8x, claimed %.8x, signed %.8x\n", e.Proof.LeafHash, e.Proof.Computed, e.Proof.Claimed, e.Proof.Signed)
		for _, step := range e.Proof.Steps {
			fmt.Fprintf(&out, "\t\tsibling %.8x, on the left %t, gives %.8x\n", step.Sibling, step.SiblingLeft, step.Result)
		}
	}
	if b.Message != nil {
		fmt.Fprintf(&out, "\tmessage %v\n", *b.Message)
	}
	if s := b.Statement; s != nil {
		fmt.Fprintf(&out, "\tstatement %s, %d subjects, predicate of %d bytes\n", s.Type, len(s.Subjects), len(s.Predicate))
		for _, subject := range s.Subjects {
			fmt.Fprintf(&out, "\t\t%q %d digests\n", subject.Name, len(subject.Digest))
		}
	}
	return out.String()
}
