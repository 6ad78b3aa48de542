package main

import (
	"bytes"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"maps"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/root"
)

// signing describes a bundle of any kind.
type signing struct {
	w         workshop
	tiles     *rekorLog     // a log in Rekor v2's form, in place of the workshop's
	stamps    []moment      // the timestamps
	key       *signer       // a managed key, in place of a certificate for identity
	identity  identity      // whom the certificate names
	at        time.Time     // from when the certificate is valid
	delay     time.Duration // from that to the log; 0: two seconds
	artifact  []byte        // what is signed, unless statement is set
	statement []byte        // signed in an envelope
	version   string        // of the bundle: "0.1", "0.2" or "0.3"
	kind      string        // of the log entry: "hashedrekord", "intoto", "dsse"; "" for none
}

// moment is one timestamp.
type moment struct {
	by    *timestamper
	delay time.Duration // after signing.at
}

// signedBundle is a bundle, and what it was made with.
type signedBundle struct {
	*protobundle.Bundle
	key    signer
	sig    []byte
	digest []byte // of what the signature covers
	cert   *x509.Certificate
	pem    []byte // the certificate or the managed key
}

// bundle signs, logs and timestamps.
func (s signing) bundle() *signedBundle {
	out := &signedBundle{key: newKey(elliptic.P256(), "leaf "+s.identity.san)}
	if s.key != nil {
		out.key = *s.key
	}
	out.Bundle = &protobundle.Bundle{MediaType: mediaType(s.version)}
	if s.statement != nil {
		e := envelope(out.key, s.statement, "")
		out.Content = &protobundle.Bundle_DsseEnvelope{DsseEnvelope: e}
		out.sig, out.digest = e.Signatures[0].Sig, sum(dsse.PAE(e.PayloadType, e.Payload))
	} else {
		out.sig, out.digest = out.key.sign(s.artifact), sum(s.artifact)
		out.Content = &protobundle.Bundle_MessageSignature{MessageSignature: &protocommon.MessageSignature{
			MessageDigest: &protocommon.HashOutput{Algorithm: protocommon.HashAlgorithm_SHA2_256, Digest: out.digest},
			Signature:     out.sig,
		}}
	}
	if s.key != nil {
		out.pem = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: out.key.spki()})
		out.VerificationMaterial = &protobundle.VerificationMaterial{Content: &protobundle.VerificationMaterial_PublicKey{
			PublicKey: &protocommon.PublicKeyIdentifier{Hint: base64.StdEncoding.EncodeToString(out.key.id())},
		}}
	} else {
		out.cert = s.w.certify(s.identity, out.key, s.at)
		out.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: out.cert.Raw})
		out.VerificationMaterial = s.w.material(s.version, out.cert)
	}
	if entry := s.log(out); entry != nil {
		out.VerificationMaterial.TlogEntries = []*protorekor.TransparencyLogEntry{entry}
	}
	for _, m := range s.stamps {
		out.addStamp(m.by.stamp(out.sig, s.at.Add(m.delay)))
	}
	return out
}

func (s signing) log(b *signedBundle) *protorekor.TransparencyLogEntry {
	switch {
	case s.tiles != nil:
		return s.tiles.addTile(recordV2(b.digest, b.sig, b.verifier()))
	case s.kind == "":
		return nil
	case s.delay == 0:
		s.delay = 2 * time.Second
	}
	if s.kind == "hashedrekord" {
		entry := s.w.rekor.add(s.kind, "0.0.1", record(b.digest, b.sig, b.pem), s.at.Add(s.delay))
		if s.version == "0.1" {
			entry.InclusionProof = nil
		}
		return entry
	}
	return s.w.log(s.kind, s.version, b.GetDsseEnvelope(), b.pem, s.at.Add(s.delay))
}

// verifier is how Rekor v2 names who signed.
func (b *signedBundle) verifier() map[string]any {
	v := map[string]any{"keyDetails": "PKIX_ECDSA_P256_SHA_256"}
	if b.cert != nil {
		v["x509Certificate"] = map[string]any{"rawBytes": b.cert.Raw}
	} else {
		v["publicKey"] = map[string]any{"rawBytes": b.key.spki()}
	}
	return v
}

// record is Rekor's canonicalized body of type hashedrekord 0.0.1.
func record(digest, signature, verifier []byte) []byte {
	return canonical(map[string]any{
		"apiVersion": "0.0.1", "kind": "hashedrekord",
		"spec": map[string]any{
			"data":      map[string]any{"hash": map[string]any{"algorithm": "sha256", "value": hex.EncodeToString(digest)}},
			"signature": map[string]any{"content": signature, "publicKey": map[string]any{"content": verifier}},
		},
	})
}

// recordV2 is Rekor v2's canonicalized body of type hashedrekord 0.0.2.
func recordV2(digest, signature []byte, verifier map[string]any) []byte {
	return canonical(map[string]any{
		"apiVersion": "0.0.2", "kind": "hashedrekord",
		"spec": map[string]any{"hashedRekordV002": map[string]any{
			"data":      map[string]any{"algorithm": "SHA2_256", "digest": digest},
			"signature": map[string]any{"content": signature, "verifier": verifier},
		}},
	})
}

// dsseV2 is Rekor v2's canonicalized body of type dsse 0.0.2, which no log
// takes any more.
func dsseV2(payload, signature []byte, verifier map[string]any) []byte {
	return canonical(map[string]any{
		"apiVersion": "0.0.2", "kind": "dsse",
		"spec": map[string]any{"dsseV002": map[string]any{
			"payloadHash": map[string]any{"algorithm": "SHA2_256", "digest": sum(payload)},
			"signatures":  []any{map[string]any{"content": signature, "verifier": verifier}},
		}},
	})
}

func (b *signedBundle) entry() *protorekor.TransparencyLogEntry {
	return b.VerificationMaterial.TlogEntries[0]
}

func (b *signedBundle) proof() *protorekor.InclusionProof { return b.entry().InclusionProof }

func (b *signedBundle) addStamp(stamp []byte) { withStamp(&attestation{Bundle: b.Bundle}, stamp) }

func (b *signedBundle) json() []byte { return (&attestation{Bundle: b.Bundle}).json() }

// anchors describes a trust root.
type anchors struct {
	w      workshop
	more   []root.CertificateAuthority // before the workshop's own
	tiles  *rekorLog
	stamps []*timestamper
	change func(*root.TransparencyLog) // of the workshop's log; nil leaves it
}

func (a anchors) json() []byte {
	own := trustedRoot(a.w, a.tiles)
	logs := maps.Clone(own.RekorLogs())
	if a.change != nil {
		id := hex.EncodeToString(a.w.rekor.key.id())
		changed := *logs[id]
		a.change(&changed)
		logs[id] = &changed
	}
	var tsas []root.TimestampingAuthority
	for _, s := range a.stamps {
		tsas = append(tsas, s.authority())
	}
	return trustedRootJSON(must(root.NewTrustedRoot(root.TrustedRootMediaType01,
		append(a.more, own.FulcioCertificateAuthorities()...), own.CTLogs(), tsas, logs)))
}

func sum(data []byte) []byte {
	s := sha256.Sum256(data)
	return s[:]
}

// flipped returns data with one bit of its last byte changed.
func flipped(data []byte) []byte {
	out := bytes.Clone(data)
	out[len(out)-1] ^= 1
	return out
}
