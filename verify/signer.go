package verify

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"

	"plimsoll/catalog/untrusted"
)

// Signer is who must have signed a bundle: either a managed key, or a
// certificate for an identity, whose name and issuer are compared exactly.
type Signer struct {
	Identity string // the certificate's subject alternative name
	Issuer   string // the OIDC issuer
	Key      crypto.PublicKey
}

// CheckBundle verifies any kind of bundle that sigstore-go does: a message
// signature or a DSSE envelope, signed with a certificate or a managed key,
// logged in Rekor of either generation. It is Inspect for one bundle and one
// artifact, of which the bytes are given as well if artifact is not nil, and
// what holds is Bound. It differs from Inspect in what the protocol of
// sigstore-conformance demands, and in nothing else:
//
//   - who signed is given, and must be: the name and the issuer in the
//     certificate, or the key, whatever the bundle calls it and with no bounds
//     to its validity;
//   - a bundle signed with that key needs no time, and no log entry if the trust
//     root holds no log;
//   - a bundle may bring no root certificate. Real bundles of 2022 and 2023 do;
//     Inspect shows it, and like sigstore-go never reads it.
func CheckBundle(data []byte, given Given, artifact io.ReadSeeker, signer Signer, trust Trust) Report {
	file := EvidenceFile{Attestations: []OfferedAttestation{{Bundle: data, Raw: data}}, Given: &given}
	a, err := newAttester(trust, true)
	if err == nil && signer.Key != nil {
		err = a.onlyKey(signer.Key)
	}
	return a.inspect(file, filed{&given, &signer, artifact}, err).Report
}

// onlyKey has every managed key be the one that was given.
func (a *attester) onlyKey(key crypto.PublicKey) error {
	verifier, err := signature.LoadDefaultVerifier(key)
	if err != nil {
		return fmt.Errorf("the key that was given cannot be used: %w", err)
	}
	a.keys = root.NewTrustedPublicKeyMaterial(func(string) (root.TimeConstrainedVerifier, error) {
		return root.NewExpiringKey(verifier, time.Time{}, time.Time{}), nil
	})
	return nil
}

// policy is the signer as sigstore-go compares it.
func (s *Signer) policy() (sigverify.PolicyOption, error) {
	switch {
	case s.Key != nil && (s.Identity != "" || s.Issuer != ""):
		return nil, errors.New("expected a key or an identity, found both")
	case s.Key != nil:
		return sigverify.WithKey(), nil
	case s.Identity == "" || s.Issuer == "":
		return nil, errors.New("expected an identity and its issuer, or a key")
	}
	identity, err := sigverify.NewShortCertificateIdentity(s.Issuer, "", s.Identity, "")
	if err != nil {
		return nil, err
	}
	return sigverify.WithCertificateIdentity(identity), nil
}

// signed binds the bundle to the artifact that was given, and to its signer.
func (f filed) signed() (artifact sigverify.ArtifactPolicyOption, identity sigverify.PolicyOption, err error) {
	if identity, err = f.signer.policy(); err != nil {
		return nil, nil, err
	}
	if f.content != nil {
		_, err := f.content.Seek(0, io.SeekStart)
		return sigverify.WithArtifact(f.content), identity, err
	}
	digest, err := hex.DecodeString(f.given.Digests[0].Hex)
	return sigverify.WithArtifactDigest(f.given.Digests[0].Algorithm, digest), identity, err
}

// check checks that who signed is who must have; p is nil for a key.
func (s *Signer) check(p *Publisher) outcome {
	switch {
	case s.Key != nil && p != nil:
		return fail("expected a bundle signed with the key that was given, found one signed with a certificate")
	case s.Key != nil:
		return pass("signed with the key that was given")
	case p == nil:
		return fail("expected a certificate for the identity that was given, found a bundle signed with a key")
	case string(p.Signer) != s.Identity:
		return differs("the certificate is for another identity than the one that was given", untrusted.Text(s.Identity), p.Signer)
	case string(p.Issuer) != s.Issuer:
		return differs("the certificate's identity has another issuer than the one that was given", untrusted.Text(s.Issuer), p.Issuer)
	}
	return pass("the certificate is for the identity that was given")
}

// bringsRoot refuses a bundle that brings a root certificate: the leaf alone of
// a chain is read, so nobody would notice.
func (o *opened) bringsRoot() error {
	for i, raw := range o.VerificationMaterial.GetX509CertificateChain().GetCertificates() {
		certificate, err := x509.ParseCertificate(raw.GetRawBytes())
		if err != nil {
			return fmt.Errorf("certificate %d of the chain: %w", i+1, err)
		}
		if bytes.Equal(certificate.RawSubject, certificate.RawIssuer) && certificate.CheckSignatureFrom(certificate) == nil {
			return fmt.Errorf("certificate %d of the chain is a root certificate, which only the trust root may bring", i+1)
		}
	}
	return nil
}
