package verify

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// attester verifies the attestations of one release.
type attester struct {
	release  Release
	trust    Trust                // its root as it is, never prepared
	withKeys root.TrustedMaterial // trust.Root and the keys of usage npm:attestations

	// The same two as the trust came, for sigstore-go's verdict.
	fast, fastWithKeys root.TrustedMaterial

	explain bool           // every check is listed, and there is something to look at
	issuer  untrusted.Text // that the spec accepts beside the public ones; "" for none
	given   *Given         // for evidence apart from a release: what it is compared with; nil for a release
	inspect bool           // the evidence is apart from any release
	signer  *Signer        // who must have signed evidence apart from a release; nil: nobody in particular
	content io.ReadSeeker  // the bytes of given; nil: only its digests are known
}

func newAttester(release Release, trust Trust, explain bool) (*attester, error) {
	fast := trust
	if p, ok := trust.Root.(*preverified); ok {
		trust.Root = p.TrustedMaterial
	}
	a := &attester{release: release, trust: trust, fast: fast.Root, explain: explain}
	var err error
	if a.withKeys, err = KeyMaterial(trust); err == nil {
		a.fastWithKeys, err = KeyMaterial(fast)
	}
	return a, err
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
func (a *attester) attest(b *Bundle, art Artifact, off OfferedAttestation) []Finding {
	att := b.offered(off)
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
		return pass("a well-formed " + untrusted.Text(o.GetMediaType()).String())
	})
	if o == nil {
		a.conclude(b, list, nil, false)
		return nil
	}
	att.opened(o)
	return a.attestOpened(b, art, off, o, list)
}

// offered fills in what is known of an attestation before it is opened.
func (b *Bundle) offered(off OfferedAttestation) *Attestation {
	b.Raw = off.Raw
	*b.Attestation = Attestation{PredicateType: off.PredicateType, Claimed: off.Publisher, Source: off.Source}
	if len(off.Raw) > 0 {
		b.Attestation.RawSHA256 = sha256.Sum256(off.Raw)
	}
	return b.Attestation
}

// opened fills in who says to have signed a bundle.
func (att *Attestation) opened(o *opened) {
	att.MediaType = untrusted.Text(o.GetMediaType())
	if o.leaf == nil {
		att.Kind, att.KeyID = KindPublish, untrusted.Text(o.keyHint)
		return
	}
	att.Kind = KindProvenance
	att.Leaf = &Leaf{Issuer: untrusted.Text(o.leaf.Issuer.String()), NotBefore: o.leaf.NotBefore.UTC(), NotAfter: o.leaf.NotAfter.UTC()}
}

// states fills in a statement, to be looked at.
func (b *Bundle) states(st *statement.Statement) {
	b.Statement, b.Attestation.PredicateType = st, st.PredicateType
	for i := range st.Subjects {
		b.Attestation.Subjects = append(b.Attestation.Subjects, st.Subjects[i].Name)
	}
}

// keepLog copies into the attestation what a report says of its log entries.
func (b *Bundle) keepLog() {
	for i := range b.Log {
		b.Attestation.Log = append(b.Attestation.Log, b.Log[i].LogEntry)
	}
}

func (a *attester) attestOpened(b *Bundle, art Artifact, off OfferedAttestation, o *opened, list *checklist) []Finding {
	att := b.Attestation
	// The steps go through the trust root as it is: where they run, they are a
	// second opinion on the authorities that were verified beforehand.
	material, fast := a.trust.Root, a.fast
	if o.leaf == nil {
		material, fast = a.withKeys, a.fastWithKeys
	}
	needs := a.needs(o, material)
	times, verdict := a.sigstore(o, art, fast, needs)
	stamps, stampsErr := o.timestamps(material)
	b.Timestamps = stamps
	// With several entries sigstore-go is content with one good one; the steps
	// are not, so the verdict must not depend on whether they are asked for.
	explained := a.explain || verdict != nil || len(o.entries) > 1
	logs := material.RekorLogs()
	b.Log = describeEntries(o.entries, logs, explained)
	if _, wrong := stampFault(stamps); !explained && (wrong || entryKinds(b.Log).status == Fail) {
		// sigstore-go looks at neither. Links of the chain need them: which of
		// those were not reached, the table has to know as well.
		explained, b.Log = true, describeEntries(o.entries, logs, true)
	}
	s := &steps{checklist: list, o: o, trust: material, keys: a.trust.Keys, log: b.Log, stamps: stamps, needs: needs, signer: a.signer, given: a.content}
	switch {
	case stampsErr != nil:
		list.run(CheckTime, nil, func() outcome { return fail(untrusted.Message(stampsErr)) })
	case explained:
		s.explain()
		times = s.times
	default:
		list.run(CheckEntry, nil, func() outcome { return entryKinds(b.Log) })
		list.run(CheckCheckpoint, nil, func() outcome { return checkpointTexts(b.Log) })
		trustLog(b.Log, verdict == nil)
	}
	publisher := a.rules(b, art, off, o, list)
	b.keepLog()
	findings := a.conclude(b, list, verdict, explained)
	if att.Status == Verified {
		att.Publisher = publisher
	}
	if len(times) > 0 && (att.Status == Verified || list.status(CheckTime) == Pass) {
		att.SignedAt = times[0]
	}
	if a.explain && o.leaf != nil {
		b.Certificates = describeChain(o.leaf, o.offered, s.chains, material)
		b.SCTs = describeSCTs(o.leaf, s.chains, material)
	}
	return findings
}

// ownRules runs the checks that sigstore-go leaves to its callers. They run
// for every attestation, explained or not.
func (a *attester) ownRules(b *Bundle, art Artifact, off OfferedAttestation, o *opened, list *checklist) *Publisher {
	// The statement is decoded in any case, to be looked at; only its check
	// needs the signature.
	att := b.Attestation
	st, err := o.parseStatement()
	if err == nil {
		b.states(st)
		if another(a.release.Ecosystem, st.PredicateType) {
			att.Kind = KindStatement // who signed it is nobody's claim: it counts for nothing
		}
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
		return checkIdentity(publisher, st, off, a.release, a.issuer)
	})
	return publisher
}

// sigstore asks sigstore-go for its verdict on the whole bundle, the artifact's
// digest included. It alone decides whether the cryptography holds.
func (a *attester) sigstore(o *opened, art Artifact, material root.TrustedMaterial, needs needs) ([]time.Time, error) {
	identity := sigverify.WithKey()
	if o.leaf != nil {
		// The identity is judged by our own rules, against the certificate
		// that this call verifies: sigstore-go's patterns are unanchored.
		identity = sigverify.WithoutIdentitiesUnsafe()
	}
	artifact := artifactPolicy(o.about(art))
	if a.signer != nil {
		var err error
		if identity, err = a.signer.policy(); err != nil {
			return nil, err
		}
		if artifact, err = a.givenPolicy(); err != nil {
			return nil, err
		}
	}
	verifier, err := sigverify.NewVerifier(material, needs.options()...)
	if err != nil {
		return nil, err
	}
	result, err := verifier.Verify(o, sigverify.NewPolicy(artifact, identity))
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
func checkpointTexts(entries []BundleEntry) outcome {
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
func trustLog(entries []BundleEntry, verified bool) {
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
func (a *attester) conclude(b *Bundle, list *checklist, verdict error, explained bool) []Finding {
	att := b.Attestation
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
		att.Status, att.Reason = Verified, b.everyLink()
	}
	disagree := explained && (verdict != nil && !broken || verdict == nil && list.cryptographyFailed())
	list.run(CheckVerifier, []CheckID{CheckParse}, func() outcome {
		if verdict != nil {
			return fail("sigstore-go refuses the bundle: " + verdictText(verdict))
		}
		return pass("sigstore-go verifies the whole bundle")
	})
	if a.explain || att.Status != Verified {
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

// unused names what an attestation offers and its verdict does not rest on; ""
// if it rests on everything.
func (b *Bundle) unused() string {
	var list []string
	if stamps := unusedStamps(b.Timestamps); stamps != "" {
		list = append(list, stamps)
	}
	strange := 0
	for i := range b.Log {
		if b.Log[i].KnownLog == "" {
			strange++
		}
	}
	if strange > 0 {
		list = append(list, untrusted.Plural(strange, "log entry")+", in a log that the trust root does not hold, not used")
	}
	return strings.Join(list, "; ")
}

// everyLink says that an attestation verifies, and names what was not used.
func (b *Bundle) everyLink() string {
	if unused := b.unused(); unused != "" {
		return "every link that was used verifies (" + unused + ")"
	}
	return "every link verifies"
}

// verdictText is sigstore-go's error for people. It wraps a nil error where
// there was no timestamp at all.
func verdictText(verdict error) string {
	return strings.TrimSuffix(untrusted.Message(verdict), "; error: %!w(<nil>)")
}
