package verify

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// preverified is a trust root whose certificate authorities have verified
// their intermediates beforehand.
type preverified struct {
	root.TrustedMaterial
	authorities []root.CertificateAuthority
}

// preverify returns a trust root that accepts exactly the same leaves. Most of
// the time that a bundle takes is two signatures on P-384, that of the
// intermediate over the leaf and that of the root over the intermediate; the
// second is the same for every bundle.
func preverify(trusted root.TrustedMaterial) root.TrustedMaterial {
	out := preverified{TrustedMaterial: trusted}
	for _, authority := range trusted.FulcioCertificateAuthorities() {
		if fulcio, ok := authority.(*root.FulcioCertificateAuthority); ok {
			authority = newAuthority(fulcio)
		}
		out.authorities = append(out.authorities, authority)
	}
	return out
}

// FulcioCertificateAuthorities implements root.TrustedMaterial.
func (p preverified) FulcioCertificateAuthorities() []root.CertificateAuthority { return p.authorities }

// authority is a certificate authority that has verified the root's signature
// over its intermediates once. What depends on the time is checked each time,
// for the leaf, the intermediate and the root (the hybrid model of the Sigstore
// client specification). A leaf that it does not accept is put before
// sigstore-go's own, which does everything: it can only save work, never
// refuse. That it never accepts more is what [anchor] is for.
type authority struct {
	*root.FulcioCertificateAuthority
	anchors *x509.CertPool
}

// newAuthority returns ca itself where none of its intermediates can be an
// anchor.
func newAuthority(ca *root.FulcioCertificateAuthority) root.CertificateAuthority {
	if ca.Root == nil {
		return ca
	}
	a := &authority{FulcioCertificateAuthority: ca, anchors: x509.NewCertPool()}
	found := false
	for _, intermediate := range ca.Intermediates {
		if anchor(intermediate, ca.Root) {
			a.anchors.AddCert(intermediate)
			found = true
		}
	}
	if !found {
		return ca
	}
	return a
}

// Verify implements root.CertificateAuthority.
func (a *authority) Verify(leaf *x509.Certificate, at time.Time) ([][]*x509.Certificate, error) {
	if a.covers(at) {
		chains, err := leaf.Verify(x509.VerifyOptions{
			CurrentTime: at, Roots: a.anchors, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		})
		if err == nil {
			for i := range chains {
				chains[i] = append(chains[i], a.Root)
			}
			return chains, nil
		}
	}
	return a.FulcioCertificateAuthority.Verify(leaf, at)
}

// covers reports whether the authority and its root were valid at that time.
func (a *authority) covers(at time.Time) bool {
	if start := a.ValidityPeriodStart; !start.IsZero() && at.Before(start) {
		return false
	}
	if end := a.ValidityPeriodEnd; !end.IsZero() && at.After(end) {
		return false
	}
	return !at.Before(a.Root.NotBefore) && !at.After(a.Root.NotAfter)
}

// harmless lists the extensions that cannot make the path to the root depend
// on the leaf: basic constraints, key usages and key ids, which are checked
// below or only help to find a path, and addresses. Name constraints and
// policies are not among them.
var harmless = []asn1.ObjectIdentifier{
	{2, 5, 29, 14}, {2, 5, 29, 15}, {2, 5, 29, 19}, {2, 5, 29, 35}, {2, 5, 29, 37},
	{2, 5, 29, 31}, {1, 3, 6, 1, 5, 5, 7, 1, 1},
}

// anchor reports whether an intermediate may stand in for the root: the root's
// signature over it verifies, both may issue certificates for signing code, and
// nothing in either of them could make x509 refuse the whole path but accept
// its lower part. Their validity is left to [authority.Verify].
func anchor(intermediate, top *x509.Certificate) bool {
	for _, cert := range []*x509.Certificate{intermediate, top} {
		if !cert.BasicConstraintsValid || !cert.IsCA || !mayIssueForCode(cert) || len(cert.UnhandledCriticalExtensions) > 0 {
			return false
		}
		for _, extension := range cert.Extensions {
			if !slices.ContainsFunc(harmless, extension.Id.Equal) {
				return false
			}
		}
	}
	// A path length of 0 in the root forbids an intermediate below it.
	if top.MaxPathLen == 0 || !bytes.Equal(intermediate.RawIssuer, top.RawSubject) {
		return false
	}
	return intermediate.CheckSignatureFrom(top) == nil
}

func mayIssueForCode(cert *x509.Certificate) bool {
	if len(cert.ExtKeyUsage) == 0 && len(cert.UnknownExtKeyUsage) == 0 {
		return true
	}
	return slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageCodeSigning) || slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageAny)
}
