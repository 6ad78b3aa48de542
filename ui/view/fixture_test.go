package view

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/statement"
)

// The fixtures are reports as the verifier makes them, written down by hand so
// that a golden file changes only when a renderer does.

var signedAt = time.Date(2026, 4, 2, 10, 11, 9, 0, time.UTC)

const (
	tarball  = "7bea9f6ec2d1a4a1f7c1d9f5be0c6d43a1f1b2c3d4e5f60718293a4b5c6d7e8f7bea9f6ec2d1a4a1f7c1d9f5be0c6d43a1f1b2c3d4e5f60718293a4b5c6d7e8f"
	wheelSum = "1f2e3d4c5b6a79880716253443526170aabbccddeeff00112233445566778899"
	commitID = "3f9ac1e7d2b4458c9a1b0c2d3e4f5a6b7c8d9e0f"
	keyID    = "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U"
	purl     = "pkg:npm/%40acme/http-client@2.4.1"
)

func sum(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

func node(left, right []byte) []byte {
	h := sha256.Sum256(append(append([]byte{1}, left...), right...))
	return h[:]
}

func logEntry() verify.BundleEntry {
	leaf := sum("leaf")
	proof := verify.InclusionProof{LeafHash: leaf}
	at := leaf
	for i, left := range []bool{true, false, true, true} {
		sibling := sum(fmt.Sprint("sibling", i))
		if left {
			at = node(sibling, at)
		} else {
			at = node(at, sibling)
		}
		proof.Steps = append(proof.Steps, verify.ProofStep{Sibling: sibling, SiblingLeft: left, Result: at})
	}
	proof.Computed, proof.Claimed, proof.Signed = at, at, at
	return verify.BundleEntry{
		LogEntry: verify.LogEntry{Origin: "rekor.sigstore.dev - 1193050959916656506", LogID: fmt.Sprintf("%x", sum("log")),
			KnownLog: "https://rekor.sigstore.dev", Index: 134822109, IndexSigned: true, Time: signedAt, Kind: "intoto 0.0.2"},
		ShardIndex: 12918847, TreeSize: 12918899, BodyKind: "intoto 0.0.2", UUID: "108e9186e8c5677a" + fmt.Sprintf("%x", leaf),
		HasSET: true, SET: verify.Pass, HasProof: true, Inclusion: verify.Pass, Checkpoint: verify.Pass, Proof: proof,
		Note: untrusted.Text("rekor.sigstore.dev - 1193050959916656506\n12918899\n" + base64.StdEncoding.EncodeToString(at) +
			"\n\n— rekor.sigstore.dev wNI9ajBFAiEA7l1mP0x3nNcBy2vYBGqAN0o3tcm1wqzYfZ0x1cAiBhYm9yZA==\n"),
		Body: []byte(`{"apiVersion":"0.0.2","kind":"intoto","spec":{"content":{"envelope":{"payloadType":"application/vnd.in-toto+json","signatures":[{"publicKey":"` +
			strings.Repeat("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0t", 12) + `"}]},"hash":{"algorithm":"sha256","value":"` + fmt.Sprintf("%x", sum("envelope")) + `"}}}}`),
	}
}

func certificates(repo, workflow string) []verify.Certificate {
	ext := func(n int, name string, value untrusted.Text, legacy bool) verify.Extension {
		return verify.Extension{OID: fmt.Sprintf("1.3.6.1.4.1.57264.1.%d", n), Number: n, Name: name, Value: value, Legacy: legacy}
	}
	uri := untrusted.Text(repo + "/" + workflow + "@refs/tags/v2.4.1")
	leaf := verify.Certificate{
		Role: "leaf", Issuer: "CN=sigstore-intermediate,O=sigstore.dev", Serial: "5a1c7e90b3d2f4165a1c7e90b3d2f416aabbccdd",
		NotBefore: signedAt.Add(-2 * time.Second), NotAfter: signedAt.Add(598 * time.Second), SANs: []untrusted.Text{uri},
		PublicKey: "ECDSA P-256", Signature: "ECDSA-SHA384", SHA256: fmt.Sprintf("%x", sum("leaf certificate")), FromBundle: true,
		Extensions: []verify.Extension{
			{OID: "2.5.29.15", Name: "Key Usage", Value: "Digital Signature", Critical: true},
			{OID: "2.5.29.37", Name: "Extended Key Usage", Value: "Code Signing"},
			{OID: "2.5.29.17", Name: "Subject Alternative Name", Value: uri, Critical: true},
			ext(1, "Issuer", "https://token.actions.githubusercontent.com", true),
			ext(2, "GitHub Workflow Trigger", "push", true),
			ext(8, "Issuer (V2)", "https://token.actions.githubusercontent.com", false),
			ext(9, "Build Signer URI", uri, false),
			ext(11, "Runner Environment", "github-hosted", false),
			ext(12, "Source Repository URI", untrusted.Text(repo), false),
			ext(13, "Source Repository Digest", commitID, false),
			ext(14, "Source Repository Ref", "refs/tags/v2.4.1", false),
			ext(15, "Source Repository Identifier", "482910337", false),
			ext(18, "Build Config URI", uri, false),
			ext(20, "Build Trigger", "push", false),
			ext(22, "Source Repository Visibility At Signing", "public", false),
		},
	}
	ca := func(role, subject string) verify.Certificate {
		return verify.Certificate{Role: role, Subject: untrusted.Text(subject), Issuer: "CN=sigstore,O=sigstore.dev", Serial: "3042", NotBefore: time.Date(2022, 4, 13, 20, 6, 15, 0, time.UTC),
			NotAfter: time.Date(2031, 10, 5, 13, 56, 58, 0, time.UTC), PublicKey: "ECDSA P-384", Signature: "ECDSA-SHA384", SHA256: fmt.Sprintf("%x", sum(role))}
	}
	return []verify.Certificate{leaf, ca("intermediate", "CN=sigstore-intermediate,O=sigstore.dev"), ca("root", "CN=sigstore,O=sigstore.dev")}
}

var checkTable = []struct {
	id            verify.CheckID
	title, reason string
	needs         []verify.CheckID
}{
	{verify.CheckParse, "bundle", "the bundle is well formed", nil},
	{verify.CheckTrust, "known log", "the trust root holds the key of the log (1 of 1 entries)", []verify.CheckID{verify.CheckParse}},
	{verify.CheckEntry, "log entry", "the body is a well-formed intoto 0.0.2 entry, as the entry says", []verify.CheckID{verify.CheckParse}},
	{verify.CheckSET, "log's signed promise (SET)", "the log signed this entry, its index and its time", []verify.CheckID{verify.CheckTrust}},
	{verify.CheckInclusion, "inclusion proof", "recomputed from the entry's body, the path of hashes leads to the claimed root", []verify.CheckID{verify.CheckEntry}},
	{verify.CheckCheckpoint, "checkpoint", "the log signed a checkpoint with this root and tree size", []verify.CheckID{verify.CheckInclusion}},
	{verify.CheckEntryBundle, "entry is for this bundle", "the log entry records this signature, this key and this statement", []verify.CheckID{verify.CheckEntry}},
	{verify.CheckTime, "signing time", "signed at 2026-04-02 10:11:09 UTC, within the certificate's validity", []verify.CheckID{verify.CheckSET}},
	{verify.CheckChain, "certificate chain", "the certificate chains to CN=sigstore,O=sigstore.dev of the trust root at the signing time", []verify.CheckID{verify.CheckTime}},
	{verify.CheckSCT, "certificate transparency (SCT)", "a certificate log of the trust root vouches that the certificate was made public", []verify.CheckID{verify.CheckChain}},
	{verify.CheckSignature, "signature", "the signature over the statement verifies with the key of the certificate or registry", []verify.CheckID{verify.CheckChain}},
	{verify.CheckStatement, "statement", "the statement is well formed", []verify.CheckID{verify.CheckSignature}},
	{verify.CheckSubject, "subject", "the statement names this artifact, with its digest, and no other", []verify.CheckID{verify.CheckStatement, verify.CheckInclusion}},
	{verify.CheckPredicate, "predicate", "the wrapper and the statement agree on the predicate's type", []verify.CheckID{verify.CheckStatement}},
	{verify.CheckIdentity, "identity", "the statement says nothing that the certificate contradicts", []verify.CheckID{verify.CheckSubject}},
	{verify.CheckVerifier, "sigstore-go's verdict", "sigstore-go verifies the whole bundle", []verify.CheckID{verify.CheckParse}},
}

// checks returns every check: those in failed fail with their reason, and
// what needs them is blocked.
func checks(failed map[verify.CheckID]string) []verify.Check {
	status := map[verify.CheckID]verify.CheckStatus{}
	var out []verify.Check
	for _, c := range checkTable {
		k := verify.Check{ID: c.id, Title: c.title, Status: verify.Pass, Needs: c.needs, Reason: c.reason}
		for _, n := range c.needs {
			if status[n] != verify.Pass {
				k.Status, k.Reason = verify.Blocked, "not reached: needs "+string(n)
			}
		}
		if reason, ok := failed[c.id]; ok {
			k.Status, k.Reason = verify.Fail, reason
			k.Expected, k.Observed = fmt.Sprintf("%x", sum("expected")), fmt.Sprintf("%x", sum("observed"))
		}
		status[c.id] = k.Status
		out = append(out, k)
	}
	return out
}

func fetched(what, url string, body []byte) verify.Source {
	return verify.Source{URL: untrusted.Text(url), Time: signedAt.Add(240 * time.Hour), SHA256: sha256.Sum256(body), Size: len(body), What: what}
}

func provenance() verify.Bundle {
	predicate := json.RawMessage(`{"buildDefinition":{"buildType":"https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1","externalParameters":{"workflow":{"ref":"refs/tags/v2.4.1","repository":"https://github.com/acme/http-client","path":".github/workflows/release.yml"}},"internalParameters":{"github":{"event_name":"push","repository_id":"482910337"}},"resolvedDependencies":[{"uri":"git+https://github.com/acme/http-client@refs/tags/v2.4.1","digest":{"gitCommit":"` + commitID + `"}}]},"runDetails":{"builder":{"id":"https://github.com/actions/runner/github-hosted"},"metadata":{"invocationId":"https://github.com/acme/http-client/actions/runs/9001/attempts/1"},"empty":{},"none":[]}}`)
	raw := []byte(`{"predicateType":"https://slsa.dev/provenance/v1","bundle":{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"certificate":{"rawBytes":"` +
		strings.Repeat("MIIGtTCCBjugAwIBAgIU", 60) + `"},"tlogEntries":[{"logIndex":"134822109"}]},"dsseEnvelope":{"payload":"` + strings.Repeat("eyJfdHlwZSI6Imh0dHBzOi8v", 40) + `"}}}`)
	chain := certificates("https://github.com/acme/http-client", ".github/workflows/release.yml")
	return verify.Bundle{
		Attestation: &verify.Attestation{
			Kind: verify.KindProvenance, PredicateType: statement.ProvenanceV1, MediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
			Status: verify.Verified, Reason: "every link verifies", Checks: checks(nil), Publisher: github(), SignedAt: signedAt,
			Leaf: leafOf(chain), Log: []verify.LogEntry{logEntry().LogEntry}, Subjects: []untrusted.Text{purl},
			Source: fetched("attestations", "https://registry.example/-/npm/v1/attestations/@acme%2fhttp-client@2.4.1", raw),
		},
		Certificates: chain,
		SCTs:         []verify.SCT{{LogID: fmt.Sprintf("%x", sum("ct")), Time: signedAt, Known: true, Status: verify.Pass, Reason: "the certificate log's signature verifies"}},
		Log:          []verify.BundleEntry{logEntry()},
		Statement: &statement.Statement{Type: statement.TypeV1, PredicateType: statement.ProvenanceV1, Predicate: predicate,
			Subjects: []statement.Subject{{Name: purl, Digest: map[string]untrusted.Text{"sha512": tarball}}},
			Provenance: &statement.Provenance{BuildType: "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1", BuilderID: "https://github.com/actions/runner/github-hosted",
				Repository: "https://github.com/acme/http-client", Ref: "refs/tags/v2.4.1", Commit: commitID, Workflow: ".github/workflows/release.yml", Trigger: "push",
				RepositoryID: "482910337", Run: "https://github.com/acme/http-client/actions/runs/9001/attempts/1",
				Materials: []statement.Material{{URI: "git+https://github.com/acme/http-client@refs/tags/v2.4.1", Digest: map[string]untrusted.Text{"gitCommit": commitID}}}}},
		Raw: raw,
	}
}

func leafOf(chain []verify.Certificate) *verify.Leaf {
	return &verify.Leaf{Issuer: chain[0].Issuer, NotBefore: chain[0].NotBefore, NotAfter: chain[0].NotAfter}
}

func publishAttestation() verify.Bundle {
	b := provenance()
	a := b.Attestation
	a.Kind, a.PredicateType, a.Publisher, a.Leaf, b.Certificates, b.SCTs = verify.KindPublish, statement.NPMPublish, nil, nil, nil, nil
	a.KeyID = keyID
	b.Statement = &statement.Statement{Type: statement.TypeV01, PredicateType: statement.NPMPublish, Subjects: b.Statement.Subjects,
		Predicate: json.RawMessage(`{"name":"@acme/http-client","version":"2.4.1","registry":"https://registry.example"}`),
		Publish:   &statement.Publish{Name: "@acme/http-client", Version: "2.4.1", Registry: "https://registry.example"}}
	return b
}

// examined gives the artifacts of a report their attestations, and the input
// what there is to look at.
func examined(in *Input, artifacts ...[]verify.Bundle) {
	in.Dossier = &verify.Dossier{}
	for i, bundles := range artifacts {
		art := &in.Report.Artifacts[i]
		art.Attestations = make([]verify.Attestation, len(bundles))
		for j, b := range bundles {
			art.Attestations[j] = *b.Attestation
			b.Artifact, b.Attestation = art, &art.Attestations[j]
			in.Dossier.Bundles = append(in.Dossier.Bundles, b)
		}
	}
	in.Dossier.Report = *in.Report
}

func github() *verify.Publisher {
	uri := untrusted.Text("https://github.com/acme/http-client/.github/workflows/release.yml@refs/tags/v2.4.1")
	return &verify.Publisher{Kind: "GitHub", Repository: "https://github.com/acme/http-client", Workflow: ".github/workflows/release.yml", WorkflowURI: uri,
		Ref: "refs/tags/v2.4.1", Commit: commitID, Issuer: "https://token.actions.githubusercontent.com", Signer: uri, SignerURI: uri, SignerDigest: commitID,
		Runner: "github-hosted", Trigger: "push", RepositoryID: "482910337", OwnerURI: "https://github.com/acme", OwnerID: "1234567",
		Run: "https://github.com/acme/http-client/actions/runs/9001/attempts/1", Visibility: "public"}
}

func comparison(want untrusted.Text) []verify.Comparison {
	c := func(field string, spec, cert, stmt, reg untrusted.Text, r verify.Result, reason string) verify.Comparison {
		return verify.Comparison{Field: field, Spec: spec, Certificate: cert, Statement: stmt, Registry: reg, Result: r, Reason: reason}
	}
	repo := c("repository", want, "https://github.com/acme/http-client", "https://github.com/acme/http-client", "git+https://github.com/acme/http-client.git", verify.ResultMatch, "")
	if want != repo.Certificate {
		repo.Result, repo.Reason = verify.ResultMismatch, fmt.Sprintf("the spec expects %v, the certificate proves %v", want, repo.Certificate)
	}
	return []verify.Comparison{
		repo,
		c("workflow", "release.yml", ".github/workflows/release.yml", ".github/workflows/release.yml", "", verify.ResultMatch, ""),
		c("ref", "refs/heads/main", "refs/tags/v2.4.1", "refs/tags/v2.4.1", "", verify.ResultOnly, "a branch moves on: it says nothing about the commit a release was built from"),
		c("commit", "", commitID, commitID, "", verify.ResultMatch, ""),
		c("repository id", "", "482910337", "", "", verify.ResultOnly, ""),
	}
}

func npmSpec() catalog.Spec {
	return catalog.Spec{Path: "npx/http-client/spec.yaml", Protocol: catalog.NPX, Server: "http-client", Package: "@acme/http-client", Version: "2.4.1",
		Provenance: catalog.Provenance{RepositoryURI: "https://github.com/acme/http-client", RepositoryRef: "refs/heads/main"}}
}

func npmVerified() Input {
	manifest := []byte("manifest")
	r := &verify.Report{
		Release:  verify.Release{Ecosystem: verify.NPM, Name: "@acme/http-client", Version: "2.4.1"},
		Registry: "https://registry.example", Status: verify.Verified,
		Reason:    "built from github.com/acme/http-client by .github/workflows/release.yml, as the certificate proves",
		Publisher: github(), SLSA: verify.SLSA{Level: 2, Reason: "built on a runner hosted by GitHub"},
		Artifacts: []verify.ArtifactReport{{
			Filename: "http-client-2.4.1.tgz", Digest: verify.Digest{Algorithm: "sha512", Hex: tarball}, Integrity: "sha512-e+qfbsLRpKH3wdn1vgxtQ6Hxss==",
			Status: verify.Verified, Reason: "its provenance verifies and is bound to its digest",
			Signatures: []verify.Signature{{KeyID: keyID, Status: verify.Verified, Reason: "the signature verifies with the registry's key",
				Sig: "MEUCIQDx1f3Xk2p0Vg==", Signed: "@acme/http-client@2.4.1:sha512-e+qfbsLRpKH3wdn1vgxtQ6Hxss==",
				Key: &verify.RegistryKey{ID: keyID, Usage: verify.UsageSignatures, Start: signedAt.AddDate(-1, 0, 0), Source: "TUF"}}},
		}},
		Comparison: comparison("https://github.com/acme/http-client"),
		Findings: []verify.Finding{{Rule: "attestations.undocumented", Severity: verify.Info,
			Message: "verified attestations are there and could be documented in the spec"}},
		Claims: verify.Claims{Repository: "git+https://github.com/acme/http-client.git", Homepage: "https://acme.example", License: "MIT",
			NPMUser: verify.NPMUser{Name: "GitHub Actions", TrustedPublisher: "github", TrustedPublisherConfig: "oidc:5f2c", Approver: "alice\x1b[2J"}},
		Sources: []verify.Source{fetched("manifest", "https://registry.example/@acme%2fhttp-client/2.4.1", manifest)},
	}
	in := Input{Spec: npmSpec(), Report: r}
	examined(&in, []verify.Bundle{provenance(), publishAttestation()})
	return in
}

func npmMismatch() Input {
	in := npmVerified()
	in.Spec.Provenance.RepositoryURI = "https://github.com/acme-labs/http"
	in.Report.Status = verify.Mismatch
	in.Report.Reason = "the repository is not what the spec expects: expected https://github.com/acme-labs/http, found https://github.com/acme/http-client"
	in.Report.Comparison = comparison("https://github.com/acme-labs/http")
	in.Report.Findings = []verify.Finding{{Rule: "provenance.repository_uri", Severity: verify.SeverityError, Message: "the repository is not what the spec expects",
		Expected: "https://github.com/acme-labs/http", Observed: "https://github.com/acme/http-client"}}
	return in
}

// npmBroken has an inclusion proof that leads to another root.
func npmBroken() Input {
	in := npmVerified()
	r := in.Report
	reason := "the inclusion proof does not lead to the root it claims: calculated root differs"
	a := &r.Artifacts[0].Attestations[0]
	a.Status, a.Reason, a.Publisher = verify.Invalid, "inclusion proof: "+reason, nil
	a.Checks = checks(map[verify.CheckID]string{verify.CheckInclusion: reason, verify.CheckVerifier: "sigstore-go refuses the bundle: not enough verified log entries: 0 < 1"})
	e := &in.Dossier.Bundles[0].Log[0]
	e.Inclusion, e.Checkpoint = verify.Fail, verify.Blocked
	e.Proof.Claimed = sum("another root")
	e.Proof.Signed = e.Proof.Claimed
	r.Artifacts[0].Status, r.Artifacts[0].Reason = verify.Invalid, a.Reason
	r.Status, r.Reason, r.Publisher = verify.Invalid, a.Reason, nil
	r.SLSA = verify.SLSA{Reason: "evidence for http-client-2.4.1.tgz does not verify"}
	r.Comparison = nil
	r.Findings = []verify.Finding{{Rule: "attestation.invalid", Severity: verify.SeverityError, Message: "http-client-2.4.1.tgz: provenance attestation: " + a.Reason}}
	return in
}

func npmSigned() Input {
	in := npmVerified()
	r := in.Report
	examined(&in, nil)
	r.Artifacts[0].Status, r.Artifacts[0].Reason = verify.Signed, "the registry signed it, and offers no attestation"
	r.Status, r.Reason, r.Publisher = verify.Signed, "the registry signed these bytes; nothing proves where they were built", nil
	r.SLSA, r.Comparison, r.Findings = verify.SLSA{Reason: "no build provenance verifies"}, nil, nil
	return in
}

// pypiPartial has two attested files, one of them not yanked, and one bare.
func pypiPartial() Input {
	attested := func(name untrusted.Text) []verify.Bundle {
		b := provenance()
		a := b.Attestation
		a.PredicateType, a.Subjects = statement.PyPIPublish, []untrusted.Text{name}
		b.Statement = &statement.Statement{Type: statement.TypeV1, PredicateType: statement.PyPIPublish, Predicate: json.RawMessage("null"),
			Subjects: []statement.Subject{{Name: name, Digest: map[string]untrusted.Text{"sha256": wheelSum}}}}
		a.Claimed = &verify.ClaimedPublisher{Kind: "GitHub", Repository: "acme/http-client", Workflow: "release.yml"}
		return []verify.Bundle{b}
	}
	file := func(name untrusted.Text) verify.ArtifactReport {
		return verify.ArtifactReport{Filename: name, Digest: verify.Digest{Algorithm: "sha256", Hex: wheelSum},
			Status: verify.Verified, Reason: "its provenance verifies and is bound to its digest"}
	}
	bare := file("acme_http-2.4.1-cp312-cp312-win_amd64.whl")
	bare.Status, bare.Reason = verify.None, "nothing is offered for it"
	in := npmVerified()
	in.Spec.Protocol, in.Spec.Package, in.Spec.Path = catalog.UVX, "acme-http", "uvx/acme-http/spec.yaml"
	r := in.Report
	r.Release = verify.Release{Ecosystem: verify.PyPI, Name: "acme-http", Version: "2.4.1"}
	r.Registry = "https://index.example/simple"
	r.Status, r.Reason = verify.Partial, "2 of 3 files carry verified provenance; without it: acme_http-2.4.1-cp312-cp312-win_amd64.whl"
	r.SLSA = verify.SLSA{Reason: "a publish attestation says who published, not how it was built"}
	r.Artifacts = []verify.ArtifactReport{file("acme_http-2.4.1.tar.gz"), file("acme_http-2.4.1-py3-none-any.whl"), bare}
	examined(&in, attested("acme_http-2.4.1.tar.gz"), attested("acme_http-2.4.1-py3-none-any.whl"), nil)
	return in
}

func gitlab() Input {
	in := pypiPartial()
	r := in.Report
	pub := &verify.Publisher{Kind: "GitLab", Repository: "https://gitlab.com/acme/tools/oidc", Workflow: ".gitlab-ci.yml", Ref: "refs/heads/main", Commit: commitID,
		Issuer: "https://gitlab.com", Signer: "https://gitlab.com/acme/tools/oidc//.gitlab-ci.yml@refs/heads/main", Runner: "gitlab-hosted", Trigger: "push"}
	r.Artifacts = r.Artifacts[:1]
	examined(&in, in.Dossier.Bundles[:1])
	a, b := &r.Artifacts[0].Attestations[0], &in.Dossier.Bundles[0]
	a.Publisher, a.Checks = pub, nil
	b.Certificates = certificates("https://gitlab.com/acme/tools/oidc", "/.gitlab-ci.yml")
	a.Claimed = &verify.ClaimedPublisher{Kind: "GitLab", Repository: "acme/tools/oidc", Workflow: ".gitlab-ci.yml"}
	a.Log[0].IndexSigned, b.Log[0].IndexSigned, b.Log[0].HasSET, b.Log[0].SET = false, false, false, verify.NotApplicable
	in.Spec.Provenance = catalog.Provenance{}
	r.Publisher, r.Status, r.Reason = pub, verify.Verified, "built from gitlab.com/acme/tools/oidc by .gitlab-ci.yml, as the certificate proves"
	r.Comparison = []verify.Comparison{{Field: "repository", Certificate: pub.Repository, Result: verify.ResultOnly}}
	r.Findings = nil
	return in
}

// unknownKey could not be checked: a publish attestation with a strange key.
func unknownKey() Input {
	in := npmSigned()
	r := in.Report
	b := publishAttestation()
	a := b.Attestation
	a.Status, a.Reason, a.SignedAt = verify.Unchecked, "the attestation is signed with key SHA256:other, which is not among the registry's keys", time.Time{}
	a.Checks = checks(map[verify.CheckID]string{verify.CheckSignature: ""})
	for i := range a.Checks {
		switch k := &a.Checks[i]; k.ID {
		case verify.CheckSignature:
			*k = verify.Check{ID: verify.CheckKey, Title: "registry key", Status: verify.Blocked, Reason: a.Reason}
		case verify.CheckVerifier:
			k.Status, k.Reason = verify.Fail, "sigstore-go refuses the bundle: key not found"
		}
	}
	examined(&in, []verify.Bundle{b})
	r.Artifacts[0].Signatures[0].Status, r.Artifacts[0].Signatures[0].Key = verify.Unchecked, nil
	r.Artifacts[0].Signatures[0].Reason = "the key is not among the registry's keys"
	r.Artifacts[0].Status, r.Status, r.Reason = verify.Unchecked, verify.Unchecked, a.Reason
	return in
}

func notFound() Input {
	in := npmVerified()
	in.Dossier, in.Report = nil, &verify.Report{Release: in.Report.Release, Registry: in.Report.Registry, Status: verify.Unchecked,
		Reason: "version 2.4.1 is not in the registry", SLSA: verify.SLSA{Reason: "there is no artifact"}}
	return in
}

func nothing() Input {
	in := npmSigned()
	in.Report.Status, in.Report.Reason = verify.None, "the registry offers no attestation and no signature: nothing is proven"
	in.Report.Artifacts[0].Signatures = nil
	in.Report.Artifacts[0].Status, in.Report.Artifacts[0].Reason = verify.None, "nothing is offered for it"
	return in
}

func pendingInput() Input { return Input{Spec: npmSpec()} }

func brokenSpec() Input {
	return Input{Spec: catalog.Spec{Path: "npx/odd/spec.yaml", Server: "odd",
		Err: &catalog.SpecError{Path: "npx/odd/spec.yaml", Line: 7, Message: "spec.package is missing"}}}
}
