package main

import (
	"bytes"
	"crypto/elliptic"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
	"net/url"
	"time"

	ct "github.com/google/certificate-transparency-go"
	cttls "github.com/google/certificate-transparency-go/tls"
	ctx509 "github.com/google/certificate-transparency-go/x509"
)

// validity is how long a leaf certificate lives, as Fulcio's do.
const validity = 10 * time.Minute

// authority is a certificate authority in Fulcio's shape: a P-384 root, a
// P-384 intermediate, and P-256 leaves that live ten minutes.
type authority struct {
	root, intermediate *x509.Certificate
	key                signer // of the intermediate
}

// newAuthority makes the authority that name names.
func newAuthority(name string) *authority {
	rootKey := newKey(elliptic.P384(), name+" root")
	key := newKey(elliptic.P384(), name+" intermediate")
	root := &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"plimsoll demo"}, CommonName: name + "-root"},
		NotBefore: at("2022-01-01T00:00:00Z"), NotAfter: at("2042-01-01T00:00:00Z"),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:     true, BasicConstraintsValid: true, MaxPathLen: 1,
	}
	root = create(root, root, rootKey, rootKey)
	intermediate := &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"plimsoll demo"}, CommonName: name + "-intermediate"},
		NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		IsCA:        true, BasicConstraintsValid: true, MaxPathLenZero: true,
	}
	intermediate = create(intermediate, root, key, rootKey)
	return &authority{root: root, intermediate: intermediate, key: key}
}

// create signs template, which describes the holder of key.
func create(template, parent *x509.Certificate, key, by signer) *x509.Certificate {
	keyID := sha1.Sum(key.spki())
	template.SubjectKeyId = keyID[:]
	template.SerialNumber = serial(template, key)
	der := must(x509.CreateCertificate(nil, template, parent, key.Public(), by))
	return must(x509.ParseCertificate(der))
}

// serial derives a positive 20-byte serial number.
func serial(c *x509.Certificate, key signer) *big.Int {
	sum := sha256.Sum256(append(key.spki(), c.NotBefore.String()...))
	sum[0] &= 0x7f
	return new(big.Int).SetBytes(sum[:20])
}

// issue certifies id for the holder of key, from notBefore on. Each of logs
// timestamps the precertificate; the timestamps are embedded (RFC 6962,
// section 3.3).
func (a *authority) issue(id identity, key signer, notBefore time.Time, logs ...*ctLog) *x509.Certificate {
	template := leaf(id, notBefore)
	if len(logs) == 0 {
		return create(template, a.intermediate, key, a.key)
	}
	extensions := template.ExtraExtensions
	template.ExtraExtensions = append(extensions[:len(extensions):len(extensions)], poison)
	pre := create(template, a.intermediate, key, a.key)
	var scts [][]byte
	for _, log := range logs {
		scts = append(scts, log.timestamp(pre, a.intermediate, notBefore))
	}
	template.ExtraExtensions = append(extensions[:len(extensions):len(extensions)], sctExtension(scts))
	return create(template, a.intermediate, key, a.key)
}

// selfSigned certifies id with its own key: nobody vouches for it.
func selfSigned(id identity, key signer, notBefore time.Time) *x509.Certificate {
	template := leaf(id, notBefore)
	return create(template, template, key, key)
}

// leaf is the template of a leaf certificate: no subject, id as the subject
// alternative name and the Fulcio extensions.
func leaf(id identity, notBefore time.Time) *x509.Certificate {
	c := &x509.Certificate{
		NotBefore: notBefore, NotAfter: notBefore.Add(validity),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
	if id.email {
		c.EmailAddresses = []string{id.san}
	} else {
		c.URIs = []*url.URL{id.uri()}
	}
	for n := extIssuerV1; n <= extTokenSubject; n++ {
		value := []byte(id.ext[n])
		if len(value) == 0 {
			continue
		}
		if n >= extIssuer {
			value = must(asn1.MarshalWithParams(id.ext[n], "utf8"))
		}
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{
			Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, n}, Value: value,
		})
	}
	return c
}

// poison marks a precertificate (RFC 6962, section 3.1).
var poison = pkix.Extension{
	Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 3}, Critical: true, Value: asn1.NullBytes,
}

// sctExtension embeds serialized timestamps in a certificate.
func sctExtension(scts [][]byte) pkix.Extension {
	var list bytes.Buffer
	for _, sct := range scts {
		binary.Write(&list, binary.BigEndian, uint16(len(sct)))
		list.Write(sct)
	}
	value := append(binary.BigEndian.AppendUint16(nil, uint16(list.Len())), list.Bytes()...)
	return pkix.Extension{
		Id:    asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2},
		Value: must(asn1.Marshal(value)),
	}
}

// ctLog is a certificate transparency log.
type ctLog struct {
	host       string
	key        signer
	extensions []byte // of its timestamps
}

// newCTLog makes the log that answers at host.
func newCTLog(host string) *ctLog {
	return &ctLog{host: host, key: newKey(elliptic.P256(), host)}
}

// timestamp returns the serialized SCT for a precertificate (RFC 6962, section
// 3.2): a signature over the issuer's key hash and the certificate without its
// poison.
func (l *ctLog) timestamp(pre, issuer *x509.Certificate, when time.Time) []byte {
	chain := []*ctx509.Certificate{parseCT(pre), parseCT(issuer)}
	millis := uint64(when.UnixMilli())
	leaf := must(ct.MerkleTreeLeafFromChain(chain, ct.PrecertLogEntryType, millis))
	sct := ct.SignedCertificateTimestamp{SCTVersion: ct.V1, Timestamp: millis, Extensions: l.extensions}
	copy(sct.LogID.KeyID[:], l.key.id())
	input := must(ct.SerializeSCTSignatureInput(sct, ct.LogEntry{Leaf: *leaf}))
	sct.Signature = ct.DigitallySigned{
		Algorithm: cttls.SignatureAndHashAlgorithm{Hash: cttls.SHA256, Signature: cttls.ECDSA},
		Signature: l.key.sign(input),
	}
	return must(cttls.Marshal(sct))
}

func parseCT(c *x509.Certificate) *ctx509.Certificate {
	parsed, err := ctx509.ParseCertificate(c.Raw)
	if ctx509.IsFatal(err) {
		panic(err)
	}
	return parsed
}
