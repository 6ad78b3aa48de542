package verify

import (
	"crypto/ecdsa"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// Trust is what evidence is verified against.
type Trust struct {
	Root root.TrustedMaterial // Fulcio, Rekor, CT logs, timestamp authorities; nil where it could not be had
	// RootError says why Root is nil. Nothing is verified then; what was
	// offered can still be looked at.
	RootError string
	Keys      []RegistryKey // the keys of the registry that the evidence came from
	// KeysError says why Keys could not be had; signatures are then unchecked.
	KeysError string
	// Generation counts the trusts that differ by value in one process; 0 where
	// nobody counts.
	Generation int

	prepared *prepared // see [Trust.Prepare]
}

// prepared is what is computed from a trust once, for any number of releases.
type prepared struct {
	of       Trust                // what it was computed from
	root     root.TrustedMaterial // Root, with its intermediates verified beforehand
	withKeys root.TrustedMaterial // the same, and the keys of usage npm:attestations
	plain    root.TrustedMaterial // Root as it is, and those keys
}

// ready returns what Prepare computed; nil where nothing was, or where the
// trust is no longer the one that it was computed from: verdicts never rest on
// an older root or key.
func (t Trust) ready() *prepared {
	if t.prepared == nil {
		return nil
	}
	was, ok := t.prepared.of.Root.(*root.TrustedRoot)
	now, same := t.Root.(*root.TrustedRoot)
	keys := t.prepared.of.Keys
	if !ok || !same || was != now || len(keys) != len(t.Keys) || len(keys) > 0 && &keys[0] != &t.Keys[0] {
		return nil
	}
	return t.prepared
}

// Prepare returns the same trust, ready for many releases: what does not depend
// on the evidence is verified now. It changes no verdict. The error is that of
// a key which cannot be used.
func (t Trust) Prepare() (Trust, error) {
	if t.Root == nil {
		return t, nil
	}
	plain, err := KeyMaterial(t)
	if err != nil {
		return t, err
	}
	fast := t
	fast.Root = preverify(t.Root)
	with, err := KeyMaterial(fast)
	if err != nil {
		return t, err
	}
	t.prepared = &prepared{of: t, root: fast.Root, withKeys: with, plain: plain}
	return t, nil
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
