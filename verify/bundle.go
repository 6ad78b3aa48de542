package verify

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/tlog"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"
	"google.golang.org/protobuf/encoding/protojson"

	"plimsoll/catalog/untrusted"
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

	payloadType string        // of an envelope
	other       error         // why it is of no kind that can be verified as a whole, or nil if it is
	unsigned    bool          // its signature cannot be verified either, as other says
	ownKey      bool          // it must be signed with the key that was given
	artifact    io.ReadSeeker // the bytes that were given, or nil if none were
}

// openBundle decodes a bundle of every kind that Sigstore has, in protobuf JSON.
// Of some envelopes only some steps can be run: then other says why.
func openBundle(data []byte) (*opened, error) {
	b, err := decodeBundle(data)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	o := &opened{Bundle: b}
	if o.sig, err = b.SignatureContent(); err != nil {
		return nil, fmt.Errorf("bundle: signature: %w", err)
	}
	if o.content, err = b.VerificationContent(); err != nil {
		return nil, fmt.Errorf("bundle: verification material: %w", err)
	}
	if o.entries, err = b.TlogEntries(); err != nil {
		return nil, fmt.Errorf("bundle: log entries: %w", err)
	}
	o.leaf = o.content.Certificate()
	if key := o.content.PublicKey(); key != nil {
		o.keyHint = key.Hint()
	}
	if o.leaf == nil && o.content.PublicKey() == nil {
		return nil, errors.New("bundle: expected a certificate or a public key, found neither")
	}
	o.offered = offeredChain(b)
	if message := o.sig.MessageSignatureContent(); message != nil {
		o.openMessage(message)
		return o, nil
	}
	o.other = o.openEnvelope()
	o.unsigned = o.other != nil && (o.payload == nil || len(o.sig.EnvelopeContent().RawEnvelope().Signatures) != 1)
	return o, nil
}

// decodeBundle decodes a bundle within bounds: sigstore-go, and what it uses,
// builds of every certificate, log entry and statement in it what may be a
// hundred times as large.
func decodeBundle(data []byte) (*bundle.Bundle, error) {
	if len(data) > untrusted.MaxAttestations {
		return nil, fmt.Errorf("%w: more than %d bytes", untrusted.ErrTooLarge, untrusted.MaxAttestations)
	}
	if err := untrusted.BundleShape.Check(data); err != nil {
		return nil, err
	}
	b := &protobundle.Bundle{}
	if err := protojson.Unmarshal(data, b); err != nil {
		return nil, base64Fault(err)
	}
	material := b.GetVerificationMaterial()
	certificates := append(material.GetX509CertificateChain().GetCertificates(), material.GetCertificate())
	for _, c := range certificates {
		if err := within("certificate", len(c.GetRawBytes()), untrusted.MaxCertificate); err != nil {
			return nil, err
		}
		if bytes.HasPrefix(c.GetRawBytes(), []byte("-----BEGIN")) {
			return nil, errors.New("rawBytes: expected base64 of DER, found base64 of PEM")
		}
	}
	// The library that reads timestamps goes down into nested values without a
	// limit, and a stack that overflows ends the whole program.
	for _, stamp := range material.GetTimestampVerificationData().GetRfc3161Timestamps() {
		if err := within("timestamp", len(stamp.GetSignedTimestamp()), untrusted.MaxTimestamp); err != nil {
			return nil, err
		}
	}
	bodies := 0
	for _, e := range material.GetTlogEntries() {
		bodies += len(e.GetCanonicalizedBody())
		if err := boundedEntry(e); err != nil {
			return nil, fmt.Errorf("log entry: %w", err)
		}
	}
	if err := within("bodies of the log entries", bodies, untrusted.MaxLogBodies); err != nil {
		return nil, err
	}
	payload := b.GetDsseEnvelope().GetPayload()
	if err := within("payload", len(payload), untrusted.MaxStatement); err != nil {
		return nil, err
	}
	if err := untrusted.StatementShape.Check(payload); err != nil && b.GetDsseEnvelope().GetPayloadType() == payloadType {
		return nil, fmt.Errorf("statement: %w", err)
	}
	return bundle.NewBundle(b)
}

// base64Fault returns an error of protojson about a field of bytes as one for
// people, without the value, and any other as it is.
func base64Fault(err error) error {
	_, field, ok := strings.Cut(err.Error(), "invalid value for bytes field ")
	name, value, quoted := strings.Cut(field, ": ")
	var text string
	if !ok || !quoted || json.Unmarshal([]byte(value), &text) != nil {
		return err
	}
	return fmt.Errorf("%s: %s", untrusted.Text(name), untrusted.Base64Fault(text))
}

// boundedEntry refuses a log entry with parts that are larger than any log's.
func boundedEntry(e *protorekor.TransparencyLogEntry) error {
	proof := e.GetInclusionProof()
	if n := len(proof.GetHashes()); n > untrusted.MaxProofHashes {
		return fmt.Errorf("%w: %d hashes in the inclusion proof, at most %d are read", untrusted.ErrTooLarge, n, untrusted.MaxProofHashes)
	}
	if err := within("checkpoint", len(proof.GetCheckpoint().GetEnvelope()), untrusted.MaxCheckpoint); err != nil {
		return err
	}
	return untrusted.LogBodyShape.Check(e.GetCanonicalizedBody())
}

func within(what string, size, limit int) error {
	if size <= limit {
		return nil
	}
	return fmt.Errorf("%s: %w: %d bytes, at most %d are read", what, untrusted.ErrTooLarge, size, limit)
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
	certs := b.GetVerificationMaterial().GetX509CertificateChain().GetCertificates()
	var out []*x509.Certificate
	for _, c := range certs[min(1, len(certs)):] {
		if cert, err := x509.ParseCertificate(c.GetRawBytes()); err == nil {
			out = append(out, cert)
		}
	}
	return out
}

// onlyRekorV2 reports whether every entry is of a log of the second generation,
// whose entries carry no time.
func (o *opened) onlyRekorV2() bool {
	return len(o.entries) > 0 && !slices.ContainsFunc(o.entries, func(e *tlog.Entry) bool { return !e.IsRekorV2() })
}
