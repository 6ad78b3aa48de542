package verify

import (
	"cmp"
	"crypto"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// attester verifies attestations, all in one way: the bundle is opened, the steps
// look at its cryptography, and what it says is bound to what it must be about.
type attester struct {
	trust      Trust                // its root as it is, never prepared
	fast       root.TrustedMaterial // the root as it came, for sigstore-go's verdict
	keys       root.TrustedMaterial // the keys that sign without a certificate
	explain    bool                 // every check is listed, and there is something to look at
	unverified string               // why there is no trust root: then nothing is verified; "" if there is one
}

// binding is what an attestation must be about, and who may have signed it.
type binding interface {
	// accept refuses a bundle that cannot be bound, and returns it if it can be
	// looked at all the same.
	accept(o *opened) (*opened, error)
	// policy is what sigstore-go holds a bundle to.
	policy(o *opened) (sigverify.ArtifactPolicyOption, sigverify.PolicyOption, error)
	// bind runs the checks that sigstore-go leaves to its callers, explained or
	// not, and returns whom the certificate names, or nil if that was not looked
	// at.
	bind(list *checklist, b *Bundle, o *opened, off OfferedAttestation) *Publisher
	// holds is the status of an attestation whose every link verifies, and why.
	holds(b *Bundle) (Status, string)
}

func newAttester(trust Trust, explain bool) (*attester, error) {
	if trust.Root == nil { // no key is used either
		nothing := &root.BaseTrustedMaterial{}
		return &attester{trust: Trust{Root: nothing}, keys: nothing, explain: true, unverified: whyUnverified(trust)}, nil
	}
	keys, err := KeyMaterial(trust.Keys)
	a := &attester{trust: trust, fast: trust.Root, keys: keys, explain: explain}
	if p, ok := trust.Root.(*preverified); ok {
		a.trust.Root = p.TrustedMaterial
	}
	return a, err
}

// materials returns what the steps go through, and what sigstore-go does. The
// steps go through the trust root as it is: if they run, they are a second
// opinion on the authorities that were verified beforehand.
func (a *attester) materials(o *opened) (steps, verdict root.TrustedMaterial) {
	if o.leaf != nil {
		return a.trust.Root, a.fast
	}
	return root.TrustedMaterialCollection{a.trust.Root, a.keys}, root.TrustedMaterialCollection{a.fast, a.keys}
}

// KeyMaterial returns a registry's keys of usage npm:attestations, by which
// publish attestations verify.
func KeyMaterial(all []RegistryKey) (root.TrustedMaterial, error) {
	keys := make(map[string]*root.ExpiringKey)
	for _, key := range all {
		if key.Usage != UsageAttestations {
			continue
		}
		verifier, err := signature.LoadECDSAVerifier(key.Public, crypto.SHA256)
		if err != nil {
			return nil, fmt.Errorf("registry key %q: %w", key.ID, err)
		}
		keys[key.ID] = root.NewExpiringKey(verifier, key.Start, key.End)
	}
	return root.NewTrustedPublicKeyMaterialFromMapping(keys), nil
}

// attest judges one attestation. sigstore-go's Verify decides whether the
// bundle holds; our own checks decide whether it is about what it must be and
// whether anything contradicts the certificate. Both must pass.
func (a *attester) attest(b *Bundle, off OfferedAttestation, to binding) []Finding {
	att, list := b.offered(off), &checklist{}
	o, problem := open(off, to)
	list.run(CheckParse, nil, func() outcome { return a.parsed(o, off, problem) })
	if a.unverified != "" {
		list.blocked = notVerified(a.unverified)
	}
	if o == nil && a.unverified == "" {
		return a.conclude(b, list, to, nil, false)
	}
	if o == nil { // what there would be to check is listed
		(&steps{checklist: list, o: &opened{}, trust: a.trust.Root}).explain()
		a.bind(list, b, &opened{}, off, to)
		findings := a.conclude(b, list, to, nil, false)
		att.Reason += "; and it cannot be decoded: " + problem
		return findings
	}
	att.opened(o)
	return a.attestOpened(b, o, off, list, to)
}

// open decodes a bundle that can be bound; problem says why it cannot, cleaned.
func open(off OfferedAttestation, to binding) (o *opened, problem string) {
	if off.Problem != "" || off.Missing != "" {
		return nil, untrusted.Clean(cmp.Or(off.Problem, off.Missing))
	}
	o, err := openBundle(off.Bundle)
	if err == nil {
		o, err = to.accept(o)
	}
	if err != nil {
		return o, untrusted.Message(err)
	}
	return o, ""
}

func (a *attester) parsed(o *opened, off OfferedAttestation, problem string) outcome {
	switch {
	case a.unverified != "" && o == nil:
		return outcome{status: NotRun, reason: "cannot be decoded: " + problem}
	case a.unverified != "":
		return outcome{status: NotRun, reason: "decoded and not verified: " + untrusted.Text(o.GetMediaType()).String()}
	case off.Problem != "":
		return fail(problem)
	case off.Missing != "":
		return blocked(problem)
	case problem != "":
		return fail("not a bundle that can be verified: " + problem)
	}
	return pass("a well-formed " + untrusted.Text(o.GetMediaType()).String())
}

func (a *attester) attestOpened(b *Bundle, o *opened, off OfferedAttestation, list *checklist, to binding) []Finding {
	att := b.Attestation
	material, fast := a.materials(o)
	needs := o.needs(material)
	times, verdict := a.sigstore(o, to, fast, needs)
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
	s := &steps{checklist: list, o: o, trust: material, keys: a.trust.Keys, log: b.Log, stamps: stamps, needs: needs}
	switch {
	case stampsErr != nil && a.unverified == "":
		list.run(CheckTime, nil, func() outcome { return fail(untrusted.Message(stampsErr)) })
	case explained:
		s.explain()
		times = s.times
	default:
		list.run(CheckEntry, nil, func() outcome { return entryKinds(b.Log) })
		list.run(CheckCheckpoint, nil, func() outcome { return checkpointTexts(b.Log) })
		trustLog(b.Log, verdict == nil)
	}
	publisher := a.bind(list, b, o, off, to)
	b.keepLog()
	findings := a.conclude(b, list, to, verdict, explained)
	if a.unverified == "" {
		findings = append(findings, unusedFindings(b)...)
	}
	if att.Status.Holds() {
		att.Publisher = publisher
		findings = append(findings, futureFindings(b, times, a.trust.Now)...)
	}
	if len(times) > 0 && (att.Status.Holds() || list.status(CheckTime) == Pass) {
		att.SignedAt = times[0]
	}
	if a.explain && o.leaf != nil {
		b.Certificates = describeChain(o.leaf, o.offered, s.chains, material)
		b.SCTs = describeSCTs(o.leaf, s.chains, material)
	}
	if a.unverified != "" {
		b.takeBack()
	}
	return findings
}

// bind checks what is signed: the statement, and that it is about what it must
// be. The statement is decoded in any case, to be looked at; only its check needs
// the signature.
func (a *attester) bind(list *checklist, b *Bundle, o *opened, off OfferedAttestation, to binding) *Publisher {
	b.Message = o.message
	needs := []CheckID{CheckSignature}
	var err error
	if o.message != nil {
		needs = nil
	} else if st, parseErr := statement.Parse(o.payload); parseErr == nil {
		b.states(st)
	} else {
		err = parseErr
	}
	list.run(CheckStatement, needs, func() outcome {
		switch {
		case o.message != nil:
			return skip("a message signature carries no statement")
		case o.other != nil:
			return blocked(untrusted.Message(o.other))
		case err != nil:
			return failed("the signed payload is not a statement that can be read", err)
		}
		return pass("a well-formed in-toto statement of type " + b.Statement.Type.String())
	})
	return to.bind(list, b, o, off)
}

// identify runs check on whom the certificate names.
func (o *opened) identify(list *checklist, check func(*Publisher) outcome) (publisher *Publisher) {
	list.run(CheckIdentity, []CheckID{CheckStatement, CheckSignature, CheckChain, CheckSCT}, func() outcome {
		var err error
		if publisher, err = publisherOf(o.leaf); err != nil {
			return fail(untrusted.Message(err))
		}
		return check(publisher)
	})
	return publisher
}

// sigstore asks sigstore-go for its verdict on the whole bundle, the artifact's
// digest included. It alone decides whether the cryptography holds.
func (a *attester) sigstore(o *opened, to binding, material root.TrustedMaterial, needs needs) ([]time.Time, error) {
	if a.unverified != "" {
		return nil, nil
	}
	artifact, identity, err := to.policy(o)
	if err != nil {
		return nil, err
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

// anyIdentity leaves the identity to our own rules, against the certificate
// that sigstore-go verifies: its patterns are unanchored.
func (o *opened) anyIdentity() sigverify.PolicyOption {
	if o.leaf == nil {
		return sigverify.WithKey()
	}
	return sigverify.WithoutIdentitiesUnsafe()
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
// verdict: any failed check makes it invalid, any blocked one unchecked, and it
// is verified only if there is neither and sigstore-go agrees.
func (a *attester) conclude(b *Bundle, list *checklist, to binding, verdict error, explained bool) []Finding {
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
		att.Status, att.Reason = to.holds(b)
	}
	disagree := explained && (verdict != nil && !broken || verdict == nil && list.cryptographyFailed())
	list.run(CheckVerifier, []CheckID{CheckParse}, func() outcome {
		if verdict != nil {
			return fail("sigstore-go refuses the bundle: " + verdictText(verdict))
		}
		return pass("sigstore-go verifies the whole bundle")
	})
	if a.explain || !att.Status.Holds() {
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

// verdictText is sigstore-go's error for people. It wraps a nil error if
// there was no timestamp at all.
func verdictText(verdict error) string {
	return strings.TrimSuffix(untrusted.Message(verdict), "; error: %!w(<nil>)")
}
