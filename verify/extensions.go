package verify

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"

	"plimsoll/catalog/untrusted"
)

// fulcioArc is the prefix of Fulcio's certificate extensions,
// 1.3.6.1.4.1.57264.1 (fulcio, docs/oid-info.md).
var fulcioArc = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1}

// The numbers of Fulcio's extensions that plimsoll reads.
const (
	extIssuerV1           = 1
	extTriggerV1          = 2
	extCommitV1           = 3
	extRepositoryV1       = 5
	extRefV1              = 6
	extIssuer             = 8
	extSignerURI          = 9
	extSignerDigest       = 10
	extRunner             = 11
	extSourceURI          = 12
	extSourceDigest       = 13
	extSourceRef          = 14
	extSourceID           = 15
	extOwnerURI           = 16
	extOwnerID            = 17
	extBuildConfigURI     = 18
	extTrigger            = 20
	extRun                = 21
	extVisibility         = 22
	extEnvironment        = 23
	firstDERExtension     = 8 // from here on the value is a DER UTF8String
	lastNumberedExtension = 24
)

var fulcioNames = map[int]string{
	1: "Issuer (deprecated)", 2: "GitHub Workflow Trigger", 3: "GitHub Workflow SHA", 4: "GitHub Workflow Name",
	5: "GitHub Workflow Repository", 6: "GitHub Workflow Ref", 7: "OtherName SAN", 8: "Issuer",
	9: "Build Signer URI", 10: "Build Signer Digest", 11: "Runner Environment", 12: "Source Repository URI",
	13: "Source Repository Digest", 14: "Source Repository Ref", 15: "Source Repository Identifier",
	16: "Source Repository Owner URI", 17: "Source Repository Owner Identifier", 18: "Build Config URI",
	19: "Build Config Digest", 20: "Build Trigger", 21: "Run Invocation URI",
	22: "Source Repository Visibility At Signing", 23: "Deployment Environment", 24: "Token Subject",
}

// standardNames are the extensions of RFC 5280 and RFC 6962 that Fulcio's
// certificates carry.
var standardNames = map[string]string{
	"2.5.29.14": "Subject Key Identifier", "2.5.29.15": "Key Usage", "2.5.29.17": "Subject Alternative Name",
	"2.5.29.19": "Basic Constraints", "2.5.29.31": "CRL Distribution Points", "2.5.29.32": "Certificate Policies",
	"2.5.29.35": "Authority Key Identifier", "2.5.29.37": "Extended Key Usage",
	"1.3.6.1.4.1.11129.2.4.2": "Signed Certificate Timestamps", "1.3.6.1.5.5.7.1.1": "Authority Information Access",
}

var oidSAN = asn1.ObjectIdentifier{2, 5, 29, 17}

// fulcioNumber returns n for the extension 1.3.6.1.4.1.57264.1.n, else 0.
func fulcioNumber(oid asn1.ObjectIdentifier) int {
	if len(oid) == len(fulcioArc)+1 && oid[:len(fulcioArc)].Equal(fulcioArc) {
		return oid[len(fulcioArc)]
	}
	return 0
}

// fulcioExtensions decodes the numbered Fulcio extensions of a leaf. A value
// that is not what its number promises is an error: a certificate that two
// readers can read differently proves nothing. sigstore-go v1.3.0 knows 1 to
// 22 only and merges the two issuers, so they are read here.
func fulcioExtensions(cert *x509.Certificate) (map[int]untrusted.Text, error) {
	values := make(map[int]untrusted.Text)
	for _, ext := range cert.Extensions {
		n := fulcioNumber(ext.Id)
		if n == 0 || n == 7 || n > lastNumberedExtension {
			continue
		}
		value, err := fulcioValue(n, ext.Value)
		if err != nil {
			return nil, err
		}
		values[n] = value
	}
	return values, nil
}

func fulcioValue(n int, raw []byte) (untrusted.Text, error) {
	if n < firstDERExtension {
		return untrusted.Text(raw), nil
	}
	var value asn1.RawValue
	rest, err := asn1.Unmarshal(raw, &value)
	if err != nil || len(rest) > 0 || value.Class != asn1.ClassUniversal || value.Tag != asn1.TagUTF8String {
		return "", fmt.Errorf("certificate extension %v.%d: expected a DER UTF8String, found %q", fulcioArc, n, raw)
	}
	return untrusted.Text(value.Bytes), nil
}

// subjectAlternativeNames returns the names of the SAN extension (RFC 5280,
// 4.2.1.6) byte for byte: rebuilding a URI from its parsed form could change
// what is compared. OtherName values are Fulcio's usernames (a UTF8String).
func subjectAlternativeNames(cert *x509.Certificate) ([]untrusted.Text, error) {
	const tagOtherName, tagEmail, tagURI = 0, 1, 6
	i := slices.IndexFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidSAN) })
	if i < 0 {
		return nil, nil
	}
	var names []asn1.RawValue
	if rest, err := asn1.Unmarshal(cert.Extensions[i].Value, &names); err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("subject alternative name: expected a sequence of names, found %q", cert.Extensions[i].Value)
	}
	var out []untrusted.Text
	for _, name := range names {
		switch {
		case name.Class == asn1.ClassContextSpecific && (name.Tag == tagEmail || name.Tag == tagURI):
			out = append(out, untrusted.Text(name.Bytes))
		case name.Class == asn1.ClassContextSpecific && name.Tag == tagOtherName:
			out = append(out, otherName(name.Bytes))
		default:
			out = append(out, untrusted.Text(fmt.Sprintf("(name of type %d)", name.Tag)))
		}
	}
	return out, nil
}

func otherName(der []byte) untrusted.Text {
	var oid asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(der, &oid)
	if err != nil {
		return "(unreadable name)"
	}
	var wrapped, value asn1.RawValue
	if _, err := asn1.Unmarshal(rest, &wrapped); err != nil {
		return "(unreadable name)"
	}
	if _, err := asn1.Unmarshal(wrapped.Bytes, &value); err != nil {
		return "(unreadable name)"
	}
	return untrusted.Text(value.Bytes)
}
