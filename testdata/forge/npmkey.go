package main

import (
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"golang.org/x/crypto/ssh"
)

// registryKey is a key of the npm registry.
type registryKey struct {
	signer
	id         string    // "SHA256:" and the unpadded base64 of the hash of the OpenSSH wire form
	start, end time.Time // zero: no end
	usages     []string
}

// What a registry uses its keys for.
const (
	forSignatures   = "npm:signatures"
	forAttestations = "npm:attestations"
)

// newRegistryKey derives the key that label names.
func newRegistryKey(label string, end time.Time) *registryKey {
	key := newKey(elliptic.P256(), label)
	wire := must(ssh.NewPublicKey(key.Public())).Marshal()
	sum := sha256.Sum256(wire)
	return &registryKey{
		signer: key, id: "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:]), start: at(trustStart), end: end,
		usages: []string{forSignatures, forAttestations},
	}
}

// npmSignature is one of dist.signatures.
type npmSignature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"`
}

// signRelease signs name@version:integrity.
func (k *registryKey) signRelease(name, version, integrity string) npmSignature {
	sig := k.sign([]byte(name + "@" + version + ":" + integrity))
	return npmSignature{KeyID: k.id, Sig: base64.StdEncoding.EncodeToString(sig)}
}
