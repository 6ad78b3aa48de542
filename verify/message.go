package verify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/sigstore/sigstore-go/pkg/tlog"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/catalog/untrusted"
)

// openMessage takes what a message signature is over.
func (o *opened) openMessage(message sigverify.MessageSignatureContent) {
	o.message = &Digest{Algorithm: digestAlgorithm(message.DigestAlgorithm()), Hex: hex.EncodeToString(message.Digest())}
	if o.message.Algorithm == "" || o.message.Hex == "" {
		o.unsigned = true
		o.other = fmt.Errorf("the message signature names no digest that can be compared (%q)", untrusted.Text(message.DigestAlgorithm()))
	}
}

// digestAlgorithm is our name of an algorithm of Sigstore's protobuf
// specification, "" for any that is not known.
func digestAlgorithm(name string) string {
	return map[string]string{"SHA2_256": "sha256", "SHA2_384": "sha384", "SHA2_512": "sha512"}[name]
}

// messageHashes returns the digest that a log entry records and the one that
// the bundle names.
func messageHashes(o *opened, e *tlog.Entry) (entry, named []byte) {
	entry, _, _ = e.GetHashedRekordDigest()
	named, err := hex.DecodeString(o.message.Hex)
	if err != nil {
		return entry, nil
	}
	return entry, named
}

// messageSignature verifies a signature over the digest that the bundle names.
func (s *steps) messageSignature() outcome {
	digest, err := hex.DecodeString(s.o.message.Hex)
	if err != nil {
		return failed("the digest that is signed", err)
	}
	err = sigverify.VerifySignatureWithArtifactDigests(s.o.sig, s.o.content, s.trust,
		[]sigverify.ArtifactDigest{{Algorithm: s.o.message.Algorithm, Digest: digest}})
	if err != nil && s.o.artifact != nil { // a plain Ed25519 signature is over the bytes themselves
		if _, err = s.o.artifact.Seek(0, io.SeekStart); err == nil {
			err = sigverify.VerifySignatureWithArtifacts(s.o.sig, s.o.content, s.trust, []io.Reader{s.o.artifact})
		}
	}
	if err != nil && !s.oldMessage(digest) {
		return fail("the signature does not match the digest that the bundle names: one of them was altered, or it was signed with another key")
	}
	return pass("the signature over the digest that the bundle names verifies with " + s.whoseKey())
}

// oldMessage is oldSHA256 for a message signature.
func (s *steps) oldMessage(digest []byte) bool {
	if s.o.leaf == nil || s.o.message.Algorithm != "sha256" {
		return false
	}
	key, ok := s.o.leaf.PublicKey.(*ecdsa.PublicKey)
	return ok && key.Curve != elliptic.P256() && ecdsa.VerifyASN1(key, digest, s.o.sig.Signature())
}
