package verify_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

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
			name    string
			trust   verify.Trust
			options verify.Options
		}{
			{"", p.trust, verify.Options{Explain: true}}, {", not explained", p.trust, verify.Options{}},
			{", brief", p.trust, verify.Options{Brief: true}},
			{", without a trust root", verify.Trust{RootError: "no root"}, verify.Options{}},
		} {
			r := verify.Verify(p.evidence, want, c.trust, c.options)
			fmt.Fprintf(&out, "%s%s\n%s\n", p.spec.Path, c.name, indent(dossier(&r)))
			condensed := r.Condensed()
			brief := verify.Verify(p.evidence, want, c.trust, verify.Options{Explain: c.options.Explain, Brief: true})
			if !reflect.DeepEqual(brief, condensed) {
				t.Errorf("%s%s: condensed\n%+v\nbrief\n%+v", p.spec.Path, c.name, condensed, brief)
			}
			if again := condensed.Condensed(); !reflect.DeepEqual(again, condensed) {
				t.Errorf("%s: condensed twice, the report is another", p.spec.Path)
			}
		}
	}
	dir := filepath.Join("..", "ui", "cli", "testdata", "inspect")
	for _, name := range []string{"message-v0.1.json", "garbage-timestamp.json", "statement-v0.2.json"} {
		ex, err := evidencefile.Open(readFile(t, dir, name), untrusted.Text(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, trust := range []verify.Trust{packages[0].trust, {}} {
			r := verify.Inspect(ex, trust)
			fmt.Fprintf(&out, "%s: %s\n%s\n", name, r.Reason, indent(dossier(&r)))
		}
	}
	testfiles.Golden(t, "dossiers.golden", string(out.Bytes()))
}

// dossier is everything of the attestations but their checks.
func dossier(r *verify.Report) string {
	var out strings.Builder
	for _, art := range r.Artifacts {
		fmt.Fprintf(&out, "%s %v\n", art.Filename, art.Digest)
		for _, sig := range art.Signatures {
			fmt.Fprintf(&out, "signature %v by %s over %s, key known %t\n", sig.Status, sig.KeyID, sig.Signed, sig.Key != nil)
		}
		for i := range art.Attestations {
			out.WriteString(evidence(&art.Attestations[i]))
		}
	}
	return out.String()
}

func evidence(att *verify.Attestation) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%v %s, %s, %v, key %q, signed at %v, %d bytes with hash %x, claimed %+v\n",
		att.Kind, att.PredicateType, att.MediaType, att.Status, att.KeyID, att.SignedAt, len(att.Raw), att.RawSHA256[:4], att.Claimed)
	for _, c := range att.Certificates {
		fmt.Fprintf(&out, "\t%s certificate %q by %q, number %s, %v to %v, names %q, %s, %s, hash %.16s, %d bytes, in the bundle %t\n", c.Role, c.Subject, c.Issuer, c.Serial,
			c.NotBefore, c.NotAfter, c.SANs, c.PublicKey, c.Signature, c.SHA256, len(c.DER), c.FromBundle)
		for _, e := range c.Extensions {
			fmt.Fprintf(&out, "\t\t%s %d %q critical %t legacy %t: %q\n", e.OID, e.Number, e.Name, e.Critical, e.Legacy, e.Value)
		}
	}
	for _, s := range att.SCTs {
		fmt.Fprintf(&out, "\tSCT by %.16s at %v, known %t, %v: %s\n", s.LogID, s.Time, s.Known, s.Status, s.Reason)
	}
	for _, s := range att.Timestamps {
		fmt.Fprintf(&out, "\ttimestamp by %q at %v: %v: %s\n", s.Authority, s.Time, s.Status, s.Reason)
	}
	for _, e := range att.Log {
		fmt.Fprintf(&out, "\tlog %q, %.16s, known as %q, index %d signed %t, %d of %d, at %v, %s, body %s, id %s, %d bytes, note of %d\n", e.Origin, e.LogID, e.KnownLog, e.Index,
			e.IndexSigned, e.ShardIndex, e.TreeSize, e.Time, e.Kind, e.BodyKind, e.UUID, len(e.Body), len(e.Note))
		fmt.Fprintf(&out, "\t\tSET %t %v, proof %t %v, checkpoint %v, problem %q\n", e.HasSET, e.SET, e.HasProof, e.Inclusion, e.Checkpoint, e.Proof.Problem)
		fmt.Fprintf(&out, "\t\tleaf %.8x, computed %.8x, claimed %.8x, signed %.8x\n", e.Proof.LeafHash, e.Proof.Computed, e.Proof.Claimed, e.Proof.Signed)
		for _, step := range e.Proof.Steps {
			fmt.Fprintf(&out, "\t\tsibling %.8x, on the left %t, gives %.8x\n", step.Sibling, step.SiblingLeft, step.Result)
		}
	}
	if att.Message != nil {
		fmt.Fprintf(&out, "\tmessage %v\n", *att.Message)
	}
	if s := att.Statement; s != nil {
		fmt.Fprintf(&out, "\tstatement %s, %d subjects, predicate of %d bytes, payload of %d\n", s.Type, len(s.Subjects), len(s.Predicate), len(s.Payload))
		for _, subject := range s.Subjects {
			fmt.Fprintf(&out, "\t\t%q %d digests\n", subject.Name, len(subject.Digest))
		}
	}
	return out.String()
}
