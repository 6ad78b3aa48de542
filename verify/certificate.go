package verify

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strings"

	"github.com/sigstore/sigstore-go/pkg/root"

	"plimsoll/catalog/untrusted"
)

// describeCertificate decodes a certificate for display.
func describeCertificate(cert *x509.Certificate, role string, fromBundle bool) Certificate {
	sum := sha256.Sum256(cert.Raw)
	names, err := subjectAlternativeNames(cert)
	if err != nil {
		names = []untrusted.Text{untrusted.Text(untrusted.Message(err))}
	}
	out := Certificate{
		Role:       role,
		Subject:    untrusted.Text(cert.Subject.String()),
		Issuer:     untrusted.Text(cert.Issuer.String()),
		Serial:     hex.EncodeToString(cert.SerialNumber.Bytes()),
		NotBefore:  cert.NotBefore.UTC(),
		NotAfter:   cert.NotAfter.UTC(),
		SANs:       names,
		PublicKey:  describeKey(cert.PublicKey),
		Signature:  cert.SignatureAlgorithm.String(),
		SHA256:     hex.EncodeToString(sum[:]),
		FromBundle: fromBundle,
	}
	for _, ext := range cert.Extensions {
		out.Extensions = append(out.Extensions, describeExtension(cert, ext))
	}
	return out
}

func describeExtension(cert *x509.Certificate, ext pkix.Extension) Extension {
	n := fulcioNumber(ext.Id)
	out := Extension{OID: ext.Id.String(), Number: n, Critical: ext.Critical, Legacy: n > 0 && n <= extRefV1}
	if n > 0 {
		out.Name = fulcioNames[n]
		value, err := fulcioValue(n, ext.Value)
		if err != nil {
			value = untrusted.Text(untrusted.Message(err))
		}
		out.Value = value
		return out
	}
	out.Name = standardNames[out.OID]
	out.Value = untrusted.Text(standardValue(cert, out.OID, ext.Value))
	return out
}

// standardValue renders the well-known extensions in words, others in hex.
func standardValue(cert *x509.Certificate, oid string, raw []byte) string {
	switch oid {
	case "2.5.29.15":
		return keyUsage(cert.KeyUsage)
	case "2.5.29.37":
		return extendedKeyUsage(cert)
	case "2.5.29.19":
		if cert.IsCA {
			return "certificate authority"
		}
		return "not a certificate authority"
	case "2.5.29.14":
		return hex.EncodeToString(cert.SubjectKeyId)
	case "2.5.29.35":
		return hex.EncodeToString(cert.AuthorityKeyId)
	case "2.5.29.17":
		names, err := subjectAlternativeNames(cert)
		if err != nil {
			return err.Error()
		}
		words := make([]string, len(names))
		for i, name := range names {
			words[i] = string(name)
		}
		return strings.Join(words, ", ")
	default:
		const most = 64
		if len(raw) > most {
			return fmt.Sprintf("%s… (%d bytes)", hex.EncodeToString(raw[:most]), len(raw))
		}
		return hex.EncodeToString(raw)
	}
}

var keyUsageNames = []string{
	"digital signature", "content commitment", "key encipherment", "data encipherment",
	"key agreement", "certificate signing", "CRL signing", "encipher only", "decipher only",
}

func keyUsage(usage x509.KeyUsage) string {
	var words []string
	for u := uint(usage); u != 0; u &= u - 1 {
		if i := bits.TrailingZeros(u); i < len(keyUsageNames) {
			words = append(words, keyUsageNames[i])
		}
	}
	return strings.Join(words, ", ")
}

func extendedKeyUsage(cert *x509.Certificate) string {
	var words []string
	for _, usage := range cert.ExtKeyUsage {
		if usage == x509.ExtKeyUsageCodeSigning {
			words = append(words, "code signing")
		} else {
			words = append(words, fmt.Sprintf("usage %d", usage))
		}
	}
	for _, oid := range cert.UnknownExtKeyUsage {
		words = append(words, oid.String())
	}
	return strings.Join(words, ", ")
}

func describeKey(key any) string {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case ed25519.PublicKey:
		return "Ed25519"
	default:
		return "unknown key"
	}
}

// describeChain shows the leaf and, if the trust root has the authority
// that issued it, the chain up to the root as verified; otherwise what the
// bundle itself carries.
func describeChain(leaf *x509.Certificate, offered []*x509.Certificate, verified [][]*x509.Certificate, trust root.TrustedMaterial) []Certificate {
	out := []Certificate{describeCertificate(leaf, "leaf", true)}
	if len(verified) > 0 && len(verified[0]) > 1 {
		for i, cert := range verified[0][1:] {
			role := "intermediate"
			if i == len(verified[0])-2 {
				role = "root"
			}
			out = append(out, describeCertificate(cert, role, false))
		}
		return out
	}
	for _, cert := range offered {
		out = append(out, describeCertificate(cert, "intermediate", true))
	}
	if len(offered) > 0 {
		return out
	}
	for _, ca := range authoritiesNamed(leaf, trust) {
		for _, cert := range ca.Intermediates {
			out = append(out, describeCertificate(cert, "intermediate", false))
		}
		out = append(out, describeCertificate(ca.Root, "root", false))
	}
	return out
}

// authoritiesNamed returns the trust root's authorities that bear the name
// that the leaf gives as its issuer. A name proves nothing; it only says which
// failure to describe.
func authoritiesNamed(leaf *x509.Certificate, trust root.TrustedMaterial) []*root.FulcioCertificateAuthority {
	var out []*root.FulcioCertificateAuthority
	for _, authority := range trust.FulcioCertificateAuthorities() {
		ca, ok := authority.(*root.FulcioCertificateAuthority)
		if !ok || ca.Root == nil {
			continue
		}
		issuer := string(leaf.RawIssuer)
		match := string(ca.Root.RawSubject) == issuer
		for _, cert := range ca.Intermediates {
			match = match || string(cert.RawSubject) == issuer
		}
		if match {
			out = append(out, ca)
		}
	}
	return out
}
