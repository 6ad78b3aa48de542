package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/trust"
)

// fetched is what a client gets of a release.
func (r *npmRelease) fetched() verify.Evidence {
	art := verify.Artifact{
		Filename: "x.tgz", Integrity: untrusted.Text(r.integrity()),
		Digest: verify.Digest{Algorithm: "sha512", Hex: r.subject().Digest["sha512"]},
	}
	for _, s := range r.signatures {
		art.Signatures = append(art.Signatures, verify.OfferedSignature{KeyID: untrusted.Text(s.KeyID), Sig: untrusted.Text(s.Sig)})
	}
	for _, o := range r.offered {
		art.Attestations = append(art.Attestations, verify.OfferedAttestation{Bundle: o.json(), Raw: o.json(), PredicateType: untrusted.Text(o.predicateType)})
	}
	return verify.Evidence{
		Release:  verify.Release{Ecosystem: verify.NPM, Name: untrusted.Text(r.name), Version: untrusted.Text(r.version)},
		Registry: npmBase, PublishTime: r.published, Artifacts: []verify.Artifact{art},
	}
}

// Each attack is refused by the check that is there for it, and by that alone:
// without the check it would pass.
func TestAttackIsRefusedByItsCheck(t *testing.T) {
	t.Parallel()
	f := newForge()
	keys, err := trust.ParseKeys(npmKeysJSON(f.keys()...), "the demo")
	if err != nil {
		t.Fatal(err)
	}
	anchors := verify.Trust{Root: f.root(), Keys: keys}
	wanted := []struct {
		name   string
		status verify.Status
		check  verify.CheckID // the only one of the cryptography that fails; "" for a registry signature
		reason string
	}{
		{"signature-by-attestation-key", verify.Invalid, "", "expected one for npm:signatures, found one for npm:attestations"},
		{"key-before-its-start", verify.Invalid, "", "counts from 2031-01-01"},
		{"publish-by-signature-key", verify.Invalid, verify.CheckKey, "expected one for npm:attestations, found one for npm:signatures"},
		{"publish-before-the-key-starts", verify.Invalid, verify.CheckKey, "was not valid at the signing time"},
		{"publish-after-the-key-ended", verify.Invalid, verify.CheckKey, "was not valid at the signing time"},
		{"two-signatures", verify.Invalid, verify.CheckParse, "expected exactly one signature, found 2"},
		{"second-entry-forged", verify.Invalid, verify.CheckSET, "does not verify"},
		{"second-timestamp-too-late", verify.Invalid, verify.CheckTime, "timestamp 2 of 2"},
		{"timestamp-of-other-bytes", verify.Invalid, verify.CheckTime, "timestamp 1 of 1"},
		{"timestamps-not-used", verify.Verified, "", "every link that was used verifies (2 timestamps, by an authority that CN=tsa.elsewhere.example-root"},
		{"timestamp-in-time", verify.Verified, "", "every link verifies"},
	}
	var scenes []*scene
	for _, s := range attacks() {
		for _, want := range wanted {
			if s.folder == want.name {
				scenes = append(scenes, s)
			}
		}
	}
	if err := f.build(scenes); err != nil {
		t.Fatal(err)
	}
	for _, want := range wanted {
		i := slices.IndexFunc(scenes, func(s *scene) bool { return s.folder == want.name })
		if i < 0 {
			t.Errorf("%s: there is no such attack", want.name)
			continue
		}
		ev := scenes[i].releases[0].(*npmRelease).fetched()
		for _, explain := range []bool{true, false} {
			r := verify.Verify(ev, catalog.Provenance{}, anchors)
			if explain {
				r = verify.Examine(ev, catalog.Provenance{}, anchors).Report
			}
			if r.Status != want.status {
				t.Errorf("%s (explain %v): %v: %s", want.name, explain, r.Status, r.Reason)
			}
			for _, finding := range r.Findings {
				if finding.Rule == "verifier.disagrees" {
					t.Errorf("%s: a rule of our own is called a disagreement", want.name)
				}
			}
			checkRefusal(t, want.name, r.Artifacts[0], want.check, want.reason)
		}
	}
}

// checkRefusal holds that what is refused is so by one check, and says why.
func checkRefusal(t *testing.T, name string, art verify.ArtifactReport, id verify.CheckID, reason string) {
	t.Helper()
	var says, failed []string
	for _, sig := range art.Signatures {
		says = append(says, sig.Reason)
	}
	for _, att := range art.Attestations {
		says = append(says, att.Reason)
		for _, check := range att.Checks {
			if check.Status == verify.Fail && check.ID != verify.CheckVerifier {
				failed = append(failed, string(check.ID))
			}
		}
	}
	if !strings.Contains(strings.Join(says, "\n"), reason) {
		t.Errorf("%s: expected %q, found %q", name, reason, says)
	}
	if got := strings.Join(slices.Compact(failed), " "); got != string(id) {
		t.Errorf("%s: expected %q to fail, found %q", name, id, got)
	}
}

// The index's publish attestation has no predicate.
func TestPublishPredicateMustBeEmpty(t *testing.T) {
	t.Parallel()
	for predicate, want := range map[string]verify.Status{
		`null`: verify.Verified, `{}`: verify.Verified, ` { } `: verify.Verified, "": verify.Verified,
		`{"approved":true}`: verify.Invalid, `[]`: verify.Invalid, `""`: verify.Invalid, `0`: verify.Invalid, `false`: verify.Invalid,
	} {
		f := newForge()
		s := &scene{f: f, identity: github("drydock-demo/x", "release.yml", "refs/tags/v1.0.0"), published: at("2025-11-03T09:14:27Z"), spec: spec{pkg: "x", version: "1.0.0"}}
		file := s.pypi().files[0]
		st := publishPyPI(file.subject())
		payload := strings.Replace(string(st.payload()), `,"predicate":null`, `,"predicate":`+predicate, 1)
		if predicate == "" {
			payload = strings.Replace(string(st.payload()), `,"predicate":null`, "", 1)
		}
		o := file.order(st)
		o.payload = []byte(payload)
		a := f.good.attest(o)
		r := verify.Verify(verify.Evidence{
			Release: verify.Release{Ecosystem: verify.PyPI, Name: "x", Version: "1.0.0"},
			Artifacts: []verify.Artifact{{
				Filename: untrusted.Text(file.name), Digest: verify.Digest{Algorithm: "sha256", Hex: file.digest()},
				Attestations: []verify.OfferedAttestation{{Bundle: a.json(), Raw: a.json(),
					Publisher: &verify.ClaimedPublisher{Kind: "GitHub", Repository: "drydock-demo/x", Workflow: "release.yml"}}},
			}},
		}, catalog.Provenance{}, verify.Trust{Root: f.root()})
		if r.Status != want {
			t.Errorf("predicate %q: %v: %s", predicate, r.Status, r.Reason)
		}
		if want == verify.Invalid && !strings.Contains(r.Reason, "the publish predicate must be empty") {
			t.Errorf("predicate %q: %s", predicate, r.Reason)
		}
	}
}

// A timestamp that is nested a million deep would end the program: it is
// refused by its size, before it is read.
func TestDeepTimestamp(t *testing.T) {
	t.Parallel()
	f := newForge()
	deep := []byte{0x30, 0x84, 0, 0x20, 0, 9, 0x30, 3, 2, 1, 0, 0x30, 0x83, 0x1f, 0xff, 0xff}
	deep = append(deep, bytes.Repeat([]byte{0x30, 0x80}, 1<<20)...)
	a := withStamp(f.good.attest(order{identity: github("a/b", "c.yml", "refs/tags/v1"), at: at("2025-10-01T10:00:00Z"), version: "0.3", kind: "dsse",
		payload: []byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"00"}}],"predicateType":"p","predicate":{}}`)}), deep)
	r := verify.Inspect(verify.EvidenceFile{Attestations: []verify.OfferedAttestation{{Bundle: a.json()}}}, verify.Trust{Root: f.root()})
	if r.Status != verify.Invalid || !strings.Contains(r.Reason, "timestamp: too large") {
		t.Errorf("%v: %s", r.Status, r.Reason)
	}
}
