package verify

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"

	"plimsoll/verify/untrusted"
)

// attester verifies the attestations of one release.
type attester struct {
	release  Release
	trust    Trust
	withKeys root.TrustedMaterial // trust.Root and the keys of usage npm:attestations
	fast     *prepared            // the same two, for sigstore-go's verdict
	opts     Options
	given    *Given // for evidence apart from a release: what it is compared with; nil for a release
	inspect  bool   // the evidence is apart from any release
}

func newAttester(release Release, trust Trust, opts Options) (*attester, error) {
	ready := trust.ready()
	if ready == nil {
		with, err := KeyMaterial(trust)
		if err != nil {
			return nil, err
		}
		ready = &prepared{root: trust.Root, withKeys: with, plain: with}
	}
	return &attester{release: release, trust: trust, withKeys: ready.plain, fast: ready, opts: opts}, nil
}

// KeyMaterial returns the trust root together with the registry's keys of
// usage npm:attestations, by which publish attestations verify.
func KeyMaterial(trust Trust) (root.TrustedMaterial, error) {
	keys := make(map[string]*root.ExpiringKey)
	for _, key := range trust.Keys {
		if key.Usage != UsageAttestations {
			continue
		}
		verifier, err := signature.LoadECDSAVerifier(key.Public, crypto.SHA256)
		if err != nil {
			return nil, fmt.Errorf("registry key %q: %w", key.ID, err)
		}
		keys[key.ID] = root.NewExpiringKey(verifier, key.Start, key.End)
	}
	return root.TrustedMaterialCollection{trust.Root, root.NewTrustedPublicKeyMaterialFromMapping(keys)}, nil
}

// attest judges one attestation. sigstore-go's Verify decides whether the
// bundle holds; our own checks decide whether it is about this artifact and
// whether anything contradicts the certificate. Both must pass.
func (a *attester) attest(art Artifact, off OfferedAttestation) (Attestation, []Finding) {
	att := Attestation{PredicateType: off.PredicateType, Claimed: off.Publisher, Raw: off.Raw, Source: off.Source}
	if len(off.Raw) > 0 {
		att.RawSHA256 = sha256.Sum256(off.Raw)
	}
	list := &checklist{}
	var o *opened
	list.run(CheckParse, nil, func() (out outcome) {
		if off.Problem != "" {
			return fail(untrusted.Clean(off.Problem))
		}
		var err error
		if o, err = a.open(off.Bundle); err != nil {
			return failed("not a bundle that can be verified", err)
		}
		att.MediaType = untrusted.Text(o.GetMediaType())
		return pass("a well-formed " + att.MediaType.String())
	})
	if o == nil {
		a.conclude(&att, list, nil, false)
		return att, nil
	}
	att.Kind = KindProvenance
	if o.leaf == nil {
		att.Kind, att.KeyID = KindPublish, untrusted.Text(o.keyHint)
	}
	return a.attestOpened(att, art, off, o, list)
}

func (a *attester) attestOpened(att Attestation, art Artifact, off OfferedAttestation, o *opened, list *checklist) (Attestation, []Finding) {
	// The steps go through the trust root as it is: where they run, they are a
	// second opinion on the authorities that were verified beforehand.
	material, fast := a.trust.Root, a.fast.root
	if o.leaf == nil {
		material, fast = a.withKeys, a.fast.withKeys
	}
	times, verdict := a.sigstore(o, art, fast)
	// With several entries sigstore-go is content with one good one; the steps
	// are not, so the verdict must not depend on whether they are asked for.
	explained := a.opts.Explain || verdict != nil || len(o.entries) > 1
	logs := material.RekorLogs()
	att.Log = describeEntries(o.entries, logs, explained || !a.opts.Brief)
	if !explained && entryKinds(att.Log).status == Fail {
		// Links of the chain need this one: which of them were not reached, the
		// table has to know as well.
		explained, att.Log = true, describeEntries(o.entries, logs, true)
	}
	s := &steps{checklist: list, o: o, trust: material, log: att.Log}
	if explained {
		s.explain()
		times = s.times
	} else {
		list.run(CheckEntry, nil, func() outcome { return entryKinds(att.Log) })
		list.run(CheckCheckpoint, nil, func() outcome { return checkpointTexts(att.Log) })
		trustLog(att.Log, verdict == nil)
	}
	publisher := a.rules(&att, art, off, o, list)
	findings := a.conclude(&att, list, verdict, explained)
	if att.Status == Verified {
		att.Publisher = publisher
	}
	if len(times) > 0 && (att.Status == Verified || list.status(CheckTime) == Pass) {
		att.SignedAt = times[0]
	}
	switch {
	case o.leaf == nil:
	case a.opts.Brief:
		att.Certificates = []Certificate{briefCertificate(o.leaf)}
	default:
		att.Certificates = describeChain(o.leaf, o.offered, s.chains, material)
		if explained {
			att.SCTs = describeSCTs(o.leaf, s.chains, material)
		}
	}
	if stamps, err := o.Timestamps(); err == nil {
		att.Timestamps = len(stamps)
	}
	return att, findings
}

// ownRules runs the checks that sigstore-go leaves to its callers. They run
// for every attestation, explained or not.
func (a *attester) ownRules(att *Attestation, art Artifact, off OfferedAttestation, o *opened, list *checklist) *Publisher {
	// The statement is decoded in any case, to be looked at; only its check
	// needs the signature.
	st, err := o.parseStatement()
	if err == nil {
		att.Statement, att.PredicateType = st, st.PredicateType
	}
	list.run(CheckStatement, []CheckID{CheckSignature}, func() outcome {
		if err != nil {
			return failed("the signed payload is not a statement that can be read", err)
		}
		return pass("a well-formed in-toto statement of type " + st.Type.String())
	})
	list.run(CheckSubject, []CheckID{CheckStatement}, func() outcome { return checkSubject(st, a.release, art) })
	list.run(CheckPredicate, []CheckID{CheckStatement}, func() outcome { return checkPredicate(st, off, a.release, att.Kind) })
	if att.Kind != KindProvenance {
		return nil
	}
	var publisher *Publisher
	list.run(CheckIdentity, []CheckID{CheckStatement, CheckChain, CheckSCT}, func() outcome {
		var err error
		if publisher, err = publisherOf(o.leaf); err != nil {
			return fail(untrusted.Message(err))
		}
		return checkIdentity(publisher, st, off, a.release)
	})
	return publisher
}

// sigstore asks sigstore-go for its verdict on the whole bundle, the artifact's
// digest included. It alone decides whether the cryptography holds.
func (a *attester) sigstore(o *opened, art Artifact, material root.TrustedMaterial) ([]time.Time, error) {
	options := []sigverify.VerifierOption{
		sigverify.WithTransparencyLog(1), sigverify.WithObserverTimestamps(1), sigverify.WithoutStatementPredicate(),
	}
	identity := sigverify.WithKey()
	if o.leaf != nil {
		options = append(options, sigverify.WithSignedCertificateTimestamps(1))
		// The identity is judged by our own rules, against the certificate
		// that this call verifies: sigstore-go's patterns are unanchored.
		identity = sigverify.WithoutIdentitiesUnsafe()
	}
	verifier, err := sigverify.NewVerifier(material, options...)
	if err != nil {
		return nil, err
	}
	result, err := verifier.Verify(o, sigverify.NewPolicy(artifactPolicy(o.about(art)), identity))
	if err != nil {
		return nil, err
	}
	var times []time.Time
	for _, stamp := range result.VerifiedTimestamps {
		times = append(times, stamp.Timestamp.UTC())
	}
	return times, nil
}

// artifactPolicy binds the bundle to the artifact. Without a usable digest the
// subject check is blocked, so nothing passes without being bound.
func artifactPolicy(digest Digest) sigverify.ArtifactPolicyOption {
	raw, err := hex.DecodeString(digest.Hex)
	if err != nil || len(raw) == 0 {
		return sigverify.WithoutArtifactUnsafe()
	}
	return sigverify.WithArtifactDigest(digest.Algorithm, raw)
}

// checkpointTexts compares every checkpoint with its proof.
func checkpointTexts(entries []LogEntry) outcome {
	for i := range entries {
		if !entries[i].HasProof {
			continue
		}
		if err := entries[i].checkCheckpointText(); err != nil {
			return fail(untrusted.Message(err))
		}
	}
	return pass("the signed checkpoint has the proof's root and tree size")
}

// trustLog records on an entry what sigstore-go's verdict covers.
func trustLog(entries []LogEntry, verified bool) {
	for i := range entries {
		e := &entries[i]
		if !verified || e.KnownLog == "" {
			continue
		}
		if e.HasSET {
			e.SET, e.IndexSigned = Pass, true
		}
		if e.HasProof {
			e.Inclusion, e.Checkpoint = Pass, Pass
		}
	}
}

// conclude computes the attestation's status from the checks and sigstore-go's
// verdict: any failed check makes it invalid, any blocked one (something that
// could not be checked) an error, and it is verified only if nothing of either
// is there and sigstore-go agrees.
func (a *attester) conclude(att *Attestation, list *checklist, verdict error, explained bool) []Finding {
	att.Status, att.Reason = Invalid, ""
	worst, broken := list.worst()
	switch {
	case broken && worst.Status == Blocked:
		att.Status, att.Reason = Unchecked, worst.Reason
	case broken:
		att.Reason = worst.sentence()
	case verdict != nil:
		att.Reason = "sigstore-go: " + verdictText(verdict)
	default:
		att.Status, att.Reason = Verified, "every link verifies"
	}
	disagree := explained && (verdict != nil && !broken || verdict == nil && list.cryptographyFailed())
	list.run(CheckVerifier, []CheckID{CheckParse}, func() outcome {
		if verdict != nil {
			return fail("sigstore-go refuses the bundle: " + verdictText(verdict))
		}
		return pass("sigstore-go verifies the whole bundle")
	})
	if a.opts.Explain || att.Status != Verified {
		att.Checks = list.checks
	}
	if !disagree {
		return nil
	}
	return []Finding{{
		Rule: "verifier.disagrees", Severity: SeverityError,
		Message:  "sigstore-go's verdict on the whole and its single steps disagree; the attestation counts as invalid",
		Expected: "the same verdict", Observed: untrusted.Message(verdict),
	}}
}

// verdictText is sigstore-go's error for people. It wraps a nil error where
// there was no timestamp at all.
func verdictText(verdict error) string {
	return strings.TrimSuffix(untrusted.Message(verdict), "; error: %!w(<nil>)")
}
