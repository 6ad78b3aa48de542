package verify

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"

	"plimsoll/verify/statement"
)

// Signer says who must have signed a bundle: either a managed key, or a
// certificate for an identity, whose name and issuer are compared exactly.
type Signer struct {
	Identity string // the certificate's subject alternative name
	Issuer   string // the OIDC issuer
	Key      crypto.PublicKey
}

// CheckBundle verifies any kind of bundle that sigstore-go does: a message
// signature or a DSSE envelope, signed with a certificate or a managed key,
// logged in Rekor of either generation; a managed key's also unlogged, where the
// trust root knows no log. The artifact is given by its bytes, or
// where artifact is nil by the SHA-256 digest of them. A nil error means that
// the bundle verifies and is the signer's.
func CheckBundle(data []byte, artifact io.Reader, digest []byte, signer Signer, trusted root.TrustedMaterial) error {
	b, err := decodeBundle(data)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	subject := sigverify.WithArtifactDigest("sha256", digest)
	if artifact != nil {
		subject = sigverify.WithArtifact(artifact)
	}
	who, options, err := signer.policy(trusted)
	if err != nil {
		return err
	}
	if signer.Key != nil {
		keys := root.NewTrustedPublicKeyMaterial(func(string) (root.TimeConstrainedVerifier, error) {
			verifier, err := signature.LoadDefaultVerifier(signer.Key)
			if err != nil {
				return nil, err
			}
			return root.NewExpiringKey(verifier, time.Time{}, time.Time{}), nil
		})
		trusted = root.TrustedMaterialCollection{keys, trusted}
	}
	times, err := timeOptions(b, trusted, signer)
	if err != nil {
		return err
	}
	verifier, err := sigverify.NewVerifier(trusted, append(options, times...)...)
	if err != nil {
		return err
	}
	if _, err := verifier.Verify(b, sigverify.NewPolicy(subject, who)); err != nil {
		return err
	}
	return errors.Join(checkChainOf(b), checkTimestampsOf(b, trusted), checkStatementOf(b))
}

// policy says what a bundle must show. A managed key that is used with a trust
// root without any log is its owner's word that there is none: the key alone
// vouches then. A certificate, which lives for minutes, is never taken without.
func (s Signer) policy(trusted root.TrustedMaterial) (sigverify.PolicyOption, []sigverify.VerifierOption, error) {
	log := sigverify.WithTransparencyLog(1)
	if s.Key != nil {
		if s.Identity != "" || s.Issuer != "" {
			return nil, nil, errors.New("expected a key or an identity, found both")
		}
		if len(trusted.RekorLogs()) == 0 {
			return sigverify.WithKey(), nil, nil
		}
		return sigverify.WithKey(), []sigverify.VerifierOption{log}, nil
	}
	if s.Identity == "" || s.Issuer == "" {
		return nil, nil, errors.New("expected an identity and its issuer, or a key")
	}
	identity, err := sigverify.NewShortCertificateIdentity(s.Issuer, "", s.Identity, "")
	if err != nil {
		return nil, nil, err
	}
	return sigverify.WithCertificateIdentity(identity),
		[]sigverify.VerifierOption{log, sigverify.WithSignedCertificateTimestamps(1)}, nil
}

// timeOptions asks for every kind of time that the bundle offers and the trust
// root can check: a bundle with a bad timestamp must not pass on its good log
// time. A managed key without any needs none; its validity has no bounds.
func timeOptions(b *bundle.Bundle, trusted root.TrustedMaterial, signer Signer) ([]sigverify.VerifierOption, error) {
	stamps, err := b.Timestamps()
	if err != nil {
		return nil, fmt.Errorf("bundle: timestamps: %w", err)
	}
	var out []sigverify.VerifierOption
	if len(stamps) > 0 && len(trusted.TimestampingAuthorities()) > 0 {
		out = append(out, sigverify.WithSignedTimestamps(1))
	}
	if b.HasInclusionPromise() {
		out = append(out, sigverify.WithIntegratedTimestamps(1))
	}
	switch {
	case len(out) > 0:
	case signer.Key != nil:
		out = append(out, sigverify.WithNoObserverTimestamps())
	default:
		out = append(out, sigverify.WithObserverTimestamps(1))
	}
	return out, nil
}

// checkChainOf refuses a bundle that brings a root certificate: sigstore-go
// reads the leaf of a chain only, and would not notice.
func checkChainOf(b *bundle.Bundle) error {
	for i, c := range b.VerificationMaterial.GetX509CertificateChain().GetCertificates() {
		certificate, err := x509.ParseCertificate(c.GetRawBytes())
		if err != nil {
			return fmt.Errorf("certificate %d of the chain: %w", i+1, err)
		}
		if bytes.Equal(certificate.RawSubject, certificate.RawIssuer) && certificate.CheckSignatureFrom(certificate) == nil {
			return fmt.Errorf("certificate %d of the chain is a root certificate, which only the trust root may bring", i+1)
		}
	}
	return nil
}

// checkTimestampsOf refuses a bundle in which a trusted authority says that
// the signature was made outside the signer's time. sigstore-go takes the
// first timestamp of each authority and leaves out the others.
func checkTimestampsOf(b *bundle.Bundle, trusted root.TrustedMaterial) error {
	stamps, errStamps := b.Timestamps()
	signature, errSignature := b.SignatureContent()
	signer, errSigner := b.VerificationContent()
	if err := errors.Join(errStamps, errSignature, errSigner); err != nil {
		return err
	}
	for i, stamp := range stamps {
		for _, authority := range trusted.TimestampingAuthorities() {
			seen, err := authority.Verify(stamp, signature.Signature())
			if err != nil {
				continue // another authority's, or nobody's
			}
			if !signer.ValidAtTime(seen.Time, trusted) {
				return fmt.Errorf("timestamp %d, %s, is outside the signer's validity", i+1, seen.Time.UTC().Format(time.RFC3339))
			}
		}
	}
	return nil
}

// checkStatementOf refuses a verified envelope whose in-toto statement has no
// known type: its meaning would be anybody's guess.
func checkStatementOf(b *bundle.Bundle) error {
	envelope, err := b.Envelope()
	if err != nil || envelope.RawEnvelope() == nil || envelope.RawEnvelope().PayloadType != payloadType {
		return nil //nolint:nilerr // a message signature, or a payload of another type
	}
	payload, err := envelope.RawEnvelope().DecodeB64Payload()
	if err != nil {
		return fmt.Errorf("envelope: payload: %w", err)
	}
	_, err = statement.Parse(payload)
	return err
}
