package verify

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/tlog"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/verify/statement"
	"plimsoll/verify/untrusted"
)

// payloadType is the DSSE payload type of in-toto statements.
const payloadType = "application/vnd.in-toto+json"

// opened is a Sigstore bundle taken apart, nothing of it verified. It is a
// sigverify.SignedEntity whose parts are decoded once: a bundle decodes them
// each time it is asked.
type opened struct {
	*bundle.Bundle
	content sigverify.VerificationContent
	sig     sigverify.SignatureContent
	entries []*tlog.Entry
	leaf    *x509.Certificate   // nil for a bundle signed with a managed key
	offered []*x509.Certificate // the rest of the chain that the bundle carries
	keyHint string              // managed key: its hint
	payload []byte              // the signed bytes; nil for a message signature
	message *Digest             // of what a message signature is over; nil for an envelope

	payloadType string // of an envelope
	other       string // why it is of no kind that can be verified as a whole; "" if it is
	unsigned    bool   // its signature cannot be verified either, as other says
}

// openBundle decodes a bundle in protobuf JSON. It accepts what plimsoll can
// verify: a DSSE envelope with exactly one signature over an in-toto
// statement.
func openBundle(data []byte) (*opened, error) {
	o, err := openParts(data)
	if err != nil {
		return nil, err
	}
	if err := o.openEnvelope(); err != nil {
		return nil, err
	}
	return o, nil
}

// openParts decodes a bundle of any kind, and leaves what is signed undecoded.
func openParts(data []byte) (*opened, error) {
	if len(data) > untrusted.MaxAttestations {
		return nil, fmt.Errorf("bundle: %w: more than %d bytes", untrusted.ErrTooLarge, untrusted.MaxAttestations)
	}
	b := &bundle.Bundle{}
	if err := b.UnmarshalJSON(data); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	o := &opened{Bundle: b}
	var err error
	if o.sig, err = b.SignatureContent(); err != nil {
		return nil, fmt.Errorf("bundle: signature: %w", err)
	}
	if o.content, err = b.VerificationContent(); err != nil {
		return nil, fmt.Errorf("bundle: verification material: %w", err)
	}
	if o.entries, err = b.TlogEntries(); err != nil {
		return nil, fmt.Errorf("bundle: log entries: %w", err)
	}
	if err := boundTimestamps(b); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	o.leaf = o.content.Certificate()
	if key := o.content.PublicKey(); key != nil {
		o.keyHint = key.Hint()
	}
	if o.leaf == nil && o.content.PublicKey() == nil {
		return nil, errors.New("bundle: expected a certificate or a public key, found neither")
	}
	o.offered = offeredChain(b)
	return o, nil
}

// TlogEntries implements sigverify.SignedEntity.
func (o *opened) TlogEntries() ([]*tlog.Entry, error) { return o.entries, nil }

// SignatureContent implements sigverify.SignedEntity.
func (o *opened) SignatureContent() (sigverify.SignatureContent, error) { return o.sig, nil }

// VerificationContent implements sigverify.SignedEntity.
func (o *opened) VerificationContent() (sigverify.VerificationContent, error) { return o.content, nil }

func (o *opened) openEnvelope() error {
	content := o.sig.EnvelopeContent()
	if content == nil || content.RawEnvelope() == nil {
		return errors.New("bundle: expected a DSSE envelope, found a message signature")
	}
	env := content.RawEnvelope()
	payload, err := base64.StdEncoding.DecodeString(env.Payload)
	if err != nil {
		return fmt.Errorf("envelope: payload: %w", err)
	}
	o.payload, o.payloadType = payload, env.PayloadType
	if n := len(env.Signatures); n != 1 {
		return fmt.Errorf("envelope: expected exactly one signature, found %d", n)
	}
	if env.PayloadType != payloadType {
		return fmt.Errorf("envelope: expected payload type %s, found %q", payloadType, untrusted.Text(untrusted.Shorten(env.PayloadType, 200)))
	}
	return nil
}

// offeredChain returns what a v0.1 or v0.2 bundle carries beside its leaf. It
// is shown and never trusted.
func offeredChain(b *bundle.Bundle) []*x509.Certificate {
	chain, ok := b.GetVerificationMaterial().GetContent().(*protobundle.VerificationMaterial_X509CertificateChain)
	if !ok {
		return nil
	}
	certs := chain.X509CertificateChain.GetCertificates()
	var out []*x509.Certificate
	for i, c := range certs {
		if i == 0 {
			continue
		}
		if cert, err := x509.ParseCertificate(c.GetRawBytes()); err == nil {
			out = append(out, cert)
		}
	}
	return out
}

// onlyRekorV2 reports whether every entry is of a log of the second generation,
// whose entries carry no time.
func (o *opened) onlyRekorV2() bool {
	for _, e := range o.entries {
		if !e.IsRekorV2() {
			return false
		}
	}
	return len(o.entries) > 0
}

// parseStatement decodes the payload.
func (o *opened) parseStatement() (*statement.Statement, error) {
	return statement.Parse(o.payload)
}
