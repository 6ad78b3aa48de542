package main

import (
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

// inspector asks sigstore-go about every attestation that is recorded.
type inspector struct {
	certificates *verify.Verifier // for certificates: SCT 1, log 1, time 1
	keys         *verify.Verifier // for the registry's keys: log 1, time 1
}

// newInspector trusts a trust root and keys.
func newInspector(material *root.TrustedRoot, keys ...*registryKey) *inspector {
	both := root.TrustedMaterialCollection{material, keyMaterial(keys...)}
	return &inspector{
		certificates: must(verify.NewVerifier(material, verify.WithSignedCertificateTimestamps(1),
			verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1))),
		keys: must(verify.NewVerifier(both, verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1))),
	}
}

// check returns an error unless sigstore-go accepts a, or refuses it where a
// is broken on purpose.
func (i *inspector) check(a *attestation) error {
	err := i.verify(a.json(), a.VerificationMaterial.GetPublicKey() != nil)
	switch {
	case err != nil && a.broken == "":
		return fmt.Errorf("sigstore-go refuses a bundle that was made well: %w", err)
	case err == nil && a.broken != "":
		return fmt.Errorf("sigstore-go accepts a bundle that was broken on purpose: %s", a.broken)
	}
	return nil
}

// verify asks sigstore-go about a bundle, which a key signed or a certificate's.
func (i *inspector) verify(data []byte, byKey bool) error {
	var b bundle.Bundle
	if err := b.UnmarshalJSON(data); err != nil {
		return err
	}
	verifier, identity := i.certificates, verify.WithoutIdentitiesUnsafe()
	if byKey {
		verifier, identity = i.keys, verify.WithKey()
	}
	// Whom the bundle names and which artifact is for plimsoll's own rules.
	_, err := verifier.Verify(&b, verify.NewPolicy(verify.WithoutArtifactUnsafe(), identity))
	return err
}
