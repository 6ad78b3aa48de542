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
	if ready, ok := trusted.(*preverified); ok {
		return ready
	}
	out := &preverified{TrustedMaterial: trusted}
	for _, authority := range trusted.FulcioCertificateAuthorities() {
		if fulcio, ok := authority.(*root.FulcioCertificateAuthority); ok {
			authority = newAuthority(fulcio)
		}
		out.authorities = append(out.authorities, authority)
	}
	return out
}

// FulcioCertificateAuthorities implements root.TrustedMaterial.
func (p *preverified) FulcioCertificateAuthorities() []root.CertificateAuthority {
	return p.authorities
}

// authority is a certificate authority that has verified the root's signature
// over its intermediates once. What depends on the time is checked each time,
// for the leaf, the intermediate and the root (the hybrid model of the Sigstore
// client specification). Whatever is not as Fulcio issues it, and every leaf
// that it does not accept, is put before sigstore-go's own, which does
// everything: it can only save work, never refuse. That it never accepts more
// is what [anchor] and [asFulcioIssues] are for.
type authority struct {
	*root.FulcioCertificateAuthority
	anchors *x509.CertPool
}

// maxIntermediates bounds the intermediates of an authority that is prepared.
// x509 gives up after 100 signatures on the way to a root; the way to an
// intermediate is shorter, and must not end before where x509 gives up.
const maxIntermediates = 16

// newAuthority returns ca itself if none of its intermediates can be an anchor.
func newAuthority(ca *root.FulcioCertificateAuthority) root.CertificateAuthority {
	if ca.Root == nil || len(ca.Intermediates) > maxIntermediates {
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
	if chains := a.verifyFast(leaf, at); chains != nil {
		return chains, nil
	}
	return a.FulcioCertificateAuthority.Verify(leaf, at)
}

// verifyFast returns the chains of a leaf, or nil if the leaf must go the long
// way.
func (a *authority) verifyFast(leaf *x509.Certificate, at time.Time) [][]*x509.Certificate {
	if !a.covers(at) || !asFulcioIssues(leaf) {
		return nil
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		CurrentTime: at, Roots: a.anchors, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	})
	if err != nil {
		return nil
	}
	for i := range chains {
		chains[i] = append(chains[i], a.Root)
	}
	return chains
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

// fastExtensions are those of certificates that take the fast way, with the
// critical flag that each must have: what Fulcio's leaves, all their
// intermediates and roots have had since 2022. Fulcio's own arc is added for
// leaves. Nothing else may stand in one: name constraints, policies and policy
// constraints are judged over the whole path, which the fast way does not see.
var fastExtensions = []struct {
	oid             asn1.ObjectIdentifier
	critical        bool
	leaf, authority bool
}{
	{asn1.ObjectIdentifier{2, 5, 29, 15}, true, true, true},                       // key usage
	{asn1.ObjectIdentifier{2, 5, 29, 37}, false, true, true},                      // extended key usage
	{asn1.ObjectIdentifier{2, 5, 29, 14}, false, true, true},                      // subject key id
	{asn1.ObjectIdentifier{2, 5, 29, 35}, false, true, true},                      // authority key id
	{asn1.ObjectIdentifier{2, 5, 29, 19}, true, false, true},                      // basic constraints
	{asn1.ObjectIdentifier{2, 5, 29, 17}, true, true, false},                      // subject alternative name
	{asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, false, true, false}, // signed certificate timestamps
}

// onlyFastExtensions reports whether a leaf, or an authority's certificate, has
// no others.
func onlyFastExtensions(cert *x509.Certificate, leaf bool) bool {
	for _, extension := range cert.Extensions {
		if leaf && !extension.Critical && fulcioNumber(extension.Id) > 0 {
			continue
		}
		listed := false
		for _, known := range fastExtensions {
			listed = listed || known.oid.Equal(extension.Id) && known.critical == extension.Critical && (leaf && known.leaf || !leaf && known.authority)
		}
		if !listed {
			return false
		}
	}
	return true
}

// asFulcioIssues reports whether a leaf has the form of Fulcio's. The subject
// of those is empty: x509 refuses a path in which a subject and its key come
// twice, the root's too.
func asFulcioIssues(leaf *x509.Certificate) bool {
	return leaf.Version == 3 && !leaf.BasicConstraintsValid && bytes.Equal(leaf.RawSubject, emptyName) &&
		leaf.KeyUsage == x509.KeyUsageDigitalSignature &&
		slices.Equal(leaf.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}) && len(leaf.UnknownExtKeyUsage) == 0 &&
		len(leaf.UnhandledCriticalExtensions) == 0 && onlyFastExtensions(leaf, true)
}

// emptyName is the DER of a name without parts.
var emptyName = []byte{0x30, 0x00}

// anchor reports whether an intermediate may stand in for the root: the root's
// signature over it verifies, both may issue certificates for signing code, and
// nothing in either of them could make x509 refuse the whole path but accept
// its lower part. Their validity is left to [authority.Verify].
func anchor(intermediate, top *x509.Certificate) bool {
	for _, cert := range []*x509.Certificate{intermediate, top} {
		if cert.Version != 3 || !cert.BasicConstraintsValid || !cert.IsCA || cert.KeyUsage&x509.KeyUsageCertSign == 0 ||
			!mayIssueForCode(cert) || len(cert.UnhandledCriticalExtensions) > 0 || !onlyFastExtensions(cert, false) {
			return false
		}
	}
	// A path length of 0 in the root forbids an intermediate below it, and no
	// certificate of the path may have the root's own name.
	if top.MaxPathLen == 0 || bytes.Equal(top.RawSubject, emptyName) ||
		!bytes.Equal(intermediate.RawIssuer, top.RawSubject) || bytes.Equal(intermediate.RawSubject, top.RawSubject) {
		return false
	}
	return intermediate.CheckSignatureFrom(top) == nil
}

// mayIssueForCode reports whether a certificate names no extended key usages,
// or signing code among them.
func mayIssueForCode(cert *x509.Certificate) bool {
	return len(cert.ExtKeyUsage) == 0 && len(cert.UnknownExtKeyUsage) == 0 ||
		slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageCodeSigning)
}
