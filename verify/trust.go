package verify

import (
	"crypto/ecdsa"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// Trust is what evidence is verified against.
type Trust struct {
	Root root.TrustedMaterial // Fulcio, Rekor, CT logs, timestamp authorities; or nil if it could not be fetched
	// RootError is why Root is nil. Nothing is verified then; what was
	// offered can still be looked at.
	RootError string
	Keys      []RegistryKey // the keys of the registry that the evidence came from
	// KeysError is why Keys could not be fetched; signatures are then unchecked.
	KeysError string
	SumDB     SumDB // of Go modules; verified without Root
	// Issuers are those that the policy names for the package: their identities
	// are accepted beside the public ones and those of the issuer that its spec
	// names. Compared exactly.
	Issuers []string
	// Now is the time of the judgement: a signed time after it is a finding. Zero
	// if nobody knows it.
	Now time.Time
	// Generation counts the trusts that differ by value in one process, 0 if
	// nobody counts.
	Generation int
}

// Prepare returns the same trust, ready for many releases: what its
// authorities say of each other is verified now. It changes no verdict. Nothing
// of the keys is kept, so that a verdict rests on those that the trust holds
// when it is asked.
func (t Trust) Prepare() Trust {
	if t.Root != nil {
		t.Root = preverify(t.Root)
	}
	return t
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
