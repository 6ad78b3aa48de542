package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"time"
)

// signer is an ECDSA key with deterministic signatures (RFC 6979), so that a
// second run of the forge writes the same bytes.
type signer struct{ *ecdsa.PrivateKey }

// Sign implements crypto.Signer; it uses no randomness.
func (s signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.PrivateKey.Sign(nil, digest, opts)
}

// sign returns the DER signature over the SHA-256 of message.
func (s signer) sign(message []byte) []byte {
	digest := sha256.Sum256(message)
	return must(s.Sign(nil, digest[:], crypto.SHA256))
}

// spki returns the key's DER SubjectPublicKeyInfo.
func (s signer) spki() []byte { return must(x509.MarshalPKIXPublicKey(s.Public())) }

// id returns the SHA-256 of the key's SubjectPublicKeyInfo, which names
// transparency logs and CT logs.
func (s signer) id() []byte {
	sum := sha256.Sum256(s.spki())
	return sum[:]
}

// newKey derives the key that label names. Whoever reads this can sign as the
// demo's Sigstore: nothing but the demo's own trust root trusts it.
func newKey(curve elliptic.Curve, label string) signer {
	sum := sha512.Sum512([]byte("plimsoll demo key: " + label))
	raw := sum[:(curve.Params().BitSize+7)/8]
	return signer{must(ecdsa.ParseRawPrivateKey(curve, raw))}
}

// number derives a decimal number of the given digits from label.
func number(label string, digits int) string {
	sum := sha256.Sum256([]byte("plimsoll demo number: " + label))
	low := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits-1)), nil)
	n := new(big.Int).SetBytes(sum[:])
	n.Mod(n, new(big.Int).Mul(low, big.NewInt(9)))
	return n.Add(n, low).String()
}

// commit derives a Git commit id from label.
func commit(label string) string {
	sum := sha1.Sum([]byte(label))
	return hex.EncodeToString(sum[:])
}

// at parses an RFC 3339 time.
func at(s string) time.Time { return must(time.Parse(time.RFC3339, s)) }

// must returns v. The forge works on its own constants: an error is a mistake
// in it, and stops it.
func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Errorf("forge: %w", err))
	}
	return v
}
