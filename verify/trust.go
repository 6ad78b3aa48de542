package verify

import (
	"crypto/ecdsa"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// Trust is what evidence is verified against.
type Trust struct {
	Root root.TrustedMaterial // Fulcio, Rekor, CT logs, timestamp authorities
	Keys []RegistryKey        // the keys of the registry that the evidence came from
	// KeysError says why Keys could not be had; signatures are then in error.
	KeysError string
}

// Usages of registry keys, as the TUF target names them.
const (
	UsageSignatures   = "npm:signatures"
	UsageAttestations = "npm:attestations"
)

// RegistryKey is a public key of an npm registry.
type RegistryKey struct {
	// ID is recomputed from the key: "SHA256:" and the unpadded base64 of the
	// SHA-256 over its OpenSSH wire form (RFC 4253, section 6.6).
	ID     string
	Usage  string // UsageSignatures or UsageAttestations
	Public *ecdsa.PublicKey
	Start  time.Time // zero: no start
	End    time.Time // zero: no end
	Source string    // where it came from: "TUF", a file's name, "the registry itself (weaker)"
	Weak   bool      // the registry vouches for itself
}
