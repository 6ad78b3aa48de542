package verify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/tlog"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"

	"plimsoll/catalog/untrusted"
)

// steps runs sigstore-go's exported steps one by one, to show which link of a
// bundle holds and which broke: Verify stops at the first failure and often
// says only "not enough verified log entries: 0 < 1". The steps explain;
// Verify decides.
type steps struct {
	*checklist
	o      *opened
	trust  root.TrustedMaterial
	keys   []RegistryKey // of every usage
	logs   map[string]*root.TransparencyLog
	log    []BundleEntry
	stamps []Timestamp
	needs  needs
	times  []time.Time // verified observer times
	chains [][]*x509.Certificate
}

// explain appends the checks of the whole chain to s.checklist.
func (s *steps) explain() {
	s.logs = s.trust.RekorLogs()
	s.run(CheckTrust, []CheckID{CheckParse}, s.logKnown)
	s.run(CheckEntry, []CheckID{CheckParse}, s.entryValid)
	s.run(CheckSET, []CheckID{CheckTrust, CheckEntry}, s.set)
	s.run(CheckInclusion, []CheckID{CheckTrust, CheckEntry}, s.inclusion)
	s.run(CheckCheckpoint, []CheckID{CheckInclusion}, s.checkpoint)
	s.run(CheckEntryBundle, []CheckID{CheckEntry}, s.recorded)
	s.run(CheckTime, []CheckID{CheckEntry}, s.time)
	if s.o.leaf != nil {
		s.run(CheckChain, []CheckID{CheckTime}, s.chain)
		s.run(CheckSCT, []CheckID{CheckChain}, s.sct)
		s.run(CheckSignature, []CheckID{CheckChain}, s.signature)
		return
	}
	s.run(CheckKey, []CheckID{CheckTime}, s.key)
	s.run(CheckSignature, []CheckID{CheckKey}, s.signature)
}

// each proves something of every entry whose log the trust root holds, and
// returns how many entries carry it. sigstore-go asks for one good entry and
// skips the others; an entry that a known log contradicts is evidence of
// tampering all the same.
func (s *steps) each(of func(*BundleEntry) (carried bool, result *CheckStatus), prove func(int, *root.TransparencyLog) error) (int, error) {
	n := 0
	for i := range s.log {
		log, known := s.logs[s.log[i].LogID]
		if !known {
			continue
		}
		carried, result := of(&s.log[i])
		if !carried {
			*result = NotApplicable
			continue
		}
		if err := prove(i, log); err != nil {
			*result = Fail
			return n, err
		}
		*result = Pass
		n++
	}
	return n, nil
}

func knownLogs(logs map[string]*root.TransparencyLog) string {
	var names []string
	for id, log := range logs {
		names = append(names, untrusted.Clean(log.BaseURL)+" ("+shortID(id)+")")
	}
	if len(names) == 0 {
		return "no log"
	}
	slices.Sort(names)
	return "one of: " + strings.Join(names, ", ")
}

func shortID(id string) string {
	if len(id) > 16 {
		return id[:16] + "…"
	}
	return id
}

func (s *steps) entryValid() outcome {
	for i, e := range s.o.entries {
		if err := tlog.ValidateEntry(e); err != nil {
			return failed(fmt.Sprintf("entry %d is malformed", i+1), err)
		}
	}
	return entryKinds(s.log)
}

// entryKinds compares each entry's kindVersion with what its body says.
func entryKinds(entries []BundleEntry) outcome {
	for _, e := range entries {
		if e.Kind != e.BodyKind {
			return differs("the entry's kind is not the kind that its signed body states", e.BodyKind, e.Kind)
		}
	}
	if len(entries) == 0 {
		return skip("the bundle has no log entry")
	}
	return pass("the body is a well-formed " + entries[0].Kind.String() + " entry, as the entry says")
}

// without is the outcome of a step that found nothing to look at: what the entry
// lacks, unless no log is known, and then nobody looked.
func (s *steps) without(lacks string) outcome {
	switch {
	case s.needs.log:
		return skip(lacks)
	case len(s.o.entries) == 0:
		return skip("the bundle has no log entry")
	}
	return skip("the trust root holds no log: what the log signed is not looked at")
}

func (s *steps) set() outcome {
	signed, err := s.each(func(e *BundleEntry) (bool, *CheckStatus) { return e.HasSET, &e.SET }, func(i int, _ *root.TransparencyLog) error {
		err := tlog.VerifySET(s.o.entries[i], s.logs)
		s.log[i].IndexSigned = err == nil
		return err
	})
	switch {
	case err != nil:
		if len(s.o.entries) > 1 { // sigstore-go is content with another
			s.ours = append(s.ours, CheckSET)
		}
		return failed("the log's signature over entry, index and time does not verify", err)
	case signed == 0:
		return s.without("the entry carries no signed promise; its time and index are not signed")
	}
	return pass("the log signed this entry, its index and its time")
}

func (s *steps) inclusion() outcome {
	var last *BundleEntry
	proofs, err := s.each(func(e *BundleEntry) (bool, *CheckStatus) { return e.HasProof, &e.Inclusion }, func(i int, _ *root.TransparencyLog) error {
		last = &s.log[i]
		return last.checkInclusion()
	})
	switch {
	case err != nil && last.Proof.Computed == nil:
		return failed("the inclusion proof is malformed", err)
	case err != nil:
		return outcome{Fail, "the path of hashes leads to another root than the bundle claims",
			hex.EncodeToString(last.Proof.Claimed), hex.EncodeToString(last.Proof.Computed)}
	case proofs == 0:
		return s.without("the bundle carries no inclusion proof, only the log's promise")
	}
	return pass("recomputed from the entry's body, the path of hashes leads to the claimed root")
}

func (s *steps) checkpoint() outcome {
	checked, err := s.each(func(e *BundleEntry) (bool, *CheckStatus) { return e.HasProof, &e.Checkpoint }, s.verifyCheckpoint)
	switch {
	case err != nil:
		return failed("the signed checkpoint does not vouch for this root", err)
	case checked == 0:
		return s.without("without an inclusion proof there is no checkpoint")
	}
	return pass("the log signed a checkpoint with this root and tree size")
}

// verifyCheckpoint chooses between the two generations of logs as sigstore-go
// does: by the form of the checkpoint's origin.
func (s *steps) verifyCheckpoint(i int, log *root.TransparencyLog) error {
	if err := s.log[i].checkCheckpointText(); err != nil {
		return err
	}
	verifier, err := signature.LoadVerifier(log.PublicKey, log.SignatureHashFunc)
	if err != nil {
		return fmt.Errorf("log key: %w", err)
	}
	if !s.o.entries[i].IsRekorV2() {
		return tlog.VerifyInclusion(s.o.entries[i], verifier)
	}
	base, err := url.Parse(log.BaseURL)
	if err != nil {
		return fmt.Errorf("log address in the trust root: %w", err)
	}
	return tlog.VerifyCheckpointAndInclusion(s.o.entries[i], verifier, base.Hostname())
}

// recorded checks that every entry is for this bundle.
func (s *steps) recorded() outcome {
	if s.o.unsigned {
		return blocked(untrusted.Message(s.o.other))
	}
	if len(s.o.entries) > 1 { // sigstore-go does not look at those of other logs
		s.ours = append(s.ours, CheckEntryBundle)
	}
	for _, e := range s.o.entries {
		if !bytes.Equal(e.Signature(), s.o.sig.Signature()) {
			return fail("the log entry records another signature than the bundle carries")
		}
		if !s.o.content.CompareKey(e.PublicKey(), s.trust) && s.o.signerKnown(s.trust) {
			return fail("the log entry records another certificate or key than the bundle carries")
		}
		want, got := s.payloadHashes(e)
		if want == nil || !bytes.Equal(want, got) {
			return outcome{Fail, "the log entry is for another statement than the bundle carries",
				hex.EncodeToString(want), hex.EncodeToString(got)}
		}
	}
	if len(s.o.entries) == 0 && !s.needs.log {
		return skip("there is no log entry")
	}
	if len(s.o.entries) == 0 {
		return blocked("there is no log entry")
	}
	return pass("the log entry records this signature, this key and this statement")
}

// signerKnown reports whether a certificate signed, or a managed key that the
// trust holds: an unknown key cannot be compared, and the key check names it.
func (o *opened) signerKnown(trust root.TrustedMaterial) bool {
	if o.leaf != nil {
		return true
	}
	_, err := trust.PublicKeyVerifier(o.keyHint)
	return err == nil
}

// payloadHashes returns the hash in the entry and the hash of the bundle's
// payload, computed as the entry's kind does.
func (s *steps) payloadHashes(e *tlog.Entry) (entry, computed []byte) {
	if s.o.message != nil {
		return messageHashes(s.o, e)
	}
	if e.IsRekorV2() {
		entry, _, _ = e.GetHashedRekordDigest()
		sum := sha256.Sum256(dsse.PAE(s.o.payloadType, s.o.payload))
		return entry, sum[:]
	}
	entry, _ = e.GetDssePayloadHash()
	sum := sha256.Sum256(s.o.payload)
	return entry, sum[:]
}

func (s *steps) chain() outcome {
	leaf := *s.o.leaf
	// Go leaves a critical SAN of type OtherName unhandled; Fulcio uses it for
	// usernames, and publisherOf reads it.
	leaf.UnhandledCriticalExtensions = nil
	for _, oid := range s.o.leaf.UnhandledCriticalExtensions {
		if !oid.Equal(oidSAN) {
			leaf.UnhandledCriticalExtensions = append(leaf.UnhandledCriticalExtensions, oid)
		}
	}
	for _, t := range s.times {
		chains, err := sigverify.VerifyLeafCertificate(t, &leaf, s.trust)
		if err != nil {
			return s.whyNoChain()
		}
		s.chains = chains
	}
	top := s.chains[0][len(s.chains[0])-1]
	return pass("the certificate chains to " + untrusted.Clean(top.Subject.String()) + " of the trust root at the signing time")
}

func (s *steps) whyNoChain() outcome {
	issuer := untrusted.Text(s.o.leaf.Issuer.String())
	if bytes.Equal(s.o.leaf.RawIssuer, s.o.leaf.RawSubject) {
		return outcome{Fail, "the certificate vouches for itself: nobody issued it", "an authority of the trust root", "the certificate's own key"}
	}
	if len(authoritiesNamed(s.o.leaf, s.trust)) == 0 {
		return outcome{Fail, "the certificate was issued by an authority that the trust root does not hold",
			"an authority of the trust root", issuer.String()}
	}
	return outcome{Fail, "the certificate names an authority of the trust root as its issuer, and does not verify under it at the signing time",
		"a signature by " + issuer.String(), "another issuer, or a certificate that was altered"}
}

func (s *steps) sct() outcome {
	if !s.needs.sct {
		return skip("the trust root holds no certificate log")
	}
	if err := sigverify.VerifySignedCertificateTimestamp(s.chains, 1, s.trust); err != nil {
		if !hasSCT(s.o.leaf) {
			return fail("the certificate carries no signed certificate timestamp: its issue was not made public")
		}
		return failed("no certificate log of the trust root vouches for the certificate", err)
	}
	return pass("a certificate log of the trust root vouches that the certificate was made public")
}

func (s *steps) key() outcome {
	verifier, err := s.trust.PublicKeyVerifier(s.o.keyHint)
	if err != nil {
		if key := otherUsage(s.keys, untrusted.Text(s.o.keyHint), UsageAttestations); key != nil {
			return fail(wrongUsage(key, UsageAttestations))
		}
		return blocked(fmt.Sprintf("the attestation is signed with key %s, which is not among the registry's keys", untrusted.Text(s.o.keyHint)))
	}
	if s.o.ownKey {
		return pass("the key is the one that was given")
	}
	for _, t := range s.times {
		if !verifier.ValidAtTime(t) {
			return fail("the registry's key was not valid at the signing time")
		}
	}
	return pass("the registry's key " + untrusted.Clean(s.o.keyHint) + " was valid at the signing time")
}

func (s *steps) signature() outcome {
	switch {
	case s.o.unsigned:
		return blocked(untrusted.Message(s.o.other))
	case s.o.message != nil:
		return s.messageSignature()
	}
	if err := sigverify.VerifySignature(s.o.sig, s.o.content, s.trust); err != nil && !s.oldSHA256() {
		return fail("the signature does not match the statement: it was altered, or signed with another key")
	}
	return pass("the signature over the statement verifies with " + s.whoseKey())
}

func (s *steps) whoseKey() string {
	switch {
	case s.o.leaf != nil:
		return "the key of the certificate"
	case s.o.ownKey:
		return "the key that was given"
	}
	return "the key of the registry"
}

// oldSHA256 tries what sigstore-go's Verify also accepts: old clients signed
// with SHA-256 under P-384 and P-521 keys.
func (s *steps) oldSHA256() bool {
	if s.o.leaf == nil {
		return false
	}
	key, ok := s.o.leaf.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve == elliptic.P256() {
		return false
	}
	sum := sha256.Sum256(dsse.PAE(s.o.payloadType, s.o.payload))
	return ecdsa.VerifyASN1(key, sum[:], s.o.sig.Signature())
}
