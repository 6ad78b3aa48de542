package main

import (
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// timestamper is a timestamping authority (RFC 3161).
type timestamper struct {
	name     string
	root     *x509.Certificate
	leaf     *x509.Certificate
	key      signer
	embed    bool      // the certificate is in every answer, and not in the trust root
	from, to time.Time // from when and until when it is trusted; zero for no end
}

// newTimestamper makes an authority whose root ends at notAfter.
func newTimestamper(name string, notAfter time.Time) *timestamper {
	rootKey, key := newKey(elliptic.P384(), name+" root"), newKey(elliptic.P256(), name)
	ca := &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"plimsoll demo"}, CommonName: name + "-root"},
		NotBefore: at(trustStart), NotAfter: notAfter,
		KeyUsage: x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	ca = create(ca, ca, rootKey, rootKey)
	usage := must(asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}))
	leaf := &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"plimsoll demo"}, CommonName: name},
		NotBefore: at(trustStart), NotAfter: at("2042-01-01T00:00:00Z"), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}},
	}
	return &timestamper{name: name, root: ca, leaf: create(leaf, ca, key, rootKey), key: key, from: at(trustStart)}
}

// stamp answers when signature was seen: a TimeStampResp with a token in CMS
// (RFC 3161, 2.4.2; RFC 5652, 5), encoded here because libraries write the time
// of day into it.
func (s *timestamper) stamp(signature []byte, when time.Time) []byte {
	imprint := sha256.Sum256(signature)
	info := der(tstInfo{
		Version: 1, Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 2},
		Imprint: messageImprint{sha256Algorithm, imprint[:]},
		Serial:  new(big.Int).SetBytes(imprint[:8]), Time: when.UTC(),
	})
	content, certificate := sha256.Sum256(info), sha256.Sum256(s.leaf.Raw)
	attributes := must(asn1.MarshalWithParams([]attribute{
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}, set(der(oidTSTInfo))},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}, set(der(content[:]))},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}, set(der([][][][]byte{{{certificate[:]}}}))},
	}, "set"))
	var list asn1.RawValue
	must(asn1.Unmarshal(attributes, &list))
	signer := signerInfo{
		Version: 1, SID: issuerAndSerial{asn1.RawValue{FullBytes: s.leaf.RawIssuer}, s.leaf.SerialNumber},
		Digest: sha256Algorithm, Attributes: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: list.Bytes},
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}},
		Signature: s.key.sign(attributes),
	}
	data := signedData{
		Version: 3, Digests: []pkix.AlgorithmIdentifier{sha256Algorithm},
		Content: encapsulated{oidTSTInfo, info}, Signers: []signerInfo{signer},
	}
	if s.embed {
		data.Certificates = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: s.leaf.Raw}
	}
	return der(response{Token: contentInfo{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, data}})
}

var (
	oidTSTInfo      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	sha256Algorithm = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}
)

type (
	response struct {
		Status struct{ Status int }
		Token  contentInfo
	}
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content signedData `asn1:"explicit,tag:0"`
	}
	signedData struct {
		Version      int
		Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
		Content      encapsulated
		Certificates asn1.RawValue `asn1:"optional"`
		Signers      []signerInfo  `asn1:"set"`
	}
	encapsulated struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}
	signerInfo struct {
		Version    int
		SID        issuerAndSerial
		Digest     pkix.AlgorithmIdentifier
		Attributes asn1.RawValue
		Algorithm  pkix.AlgorithmIdentifier
		Signature  []byte
	}
	issuerAndSerial struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	attribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	tstInfo struct {
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint messageImprint
		Serial  *big.Int
		Time    time.Time `asn1:"generalized"`
	}
	messageImprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Hash      []byte
	}
)

func der(v any) []byte { return must(asn1.Marshal(v)) }

// set is a SET of one value.
func set(value []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true, Bytes: value}
}

// authority is how the trust root has it.
func (s *timestamper) authority() *root.SigstoreTimestampingAuthority {
	a := &root.SigstoreTimestampingAuthority{
		Root: s.root, URI: "https://" + s.name, ValidityPeriodStart: s.from, ValidityPeriodEnd: s.to,
	}
	if !s.embed {
		a.Leaf = s.leaf
	}
	return a
}
