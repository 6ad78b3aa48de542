package main

import (
	"bytes"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protodsse "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

const payloadType = "application/vnd.in-toto+json"

// attestation is a Sigstore bundle, and what the forge says of it.
type attestation struct {
	*protobundle.Bundle
	predicateType string // for npm's wrapper
	// broken says why sigstore-go must refuse the bundle; "" where it must
	// accept it, which a rule of plimsoll's own may then still refuse.
	broken string
}

// workshop is where attestations are made: who certifies and who logs.
type workshop struct {
	ca    *authority // nil: the signer certifies itself
	ct    *ctLog     // nil: no certificate timestamp is embedded
	rekor *rekorLog
}

// order describes one attestation with a certificate.
type order struct {
	identity identity
	payload  []byte // the statement
	at       time.Time
	delay    time.Duration // from the certificate to the log; 0: two seconds
	version  string        // of the bundle format: "0.1", "0.2" or "0.3"
	kind     string        // of the log entry: "intoto" or "dsse"
}

// attest certifies, signs and logs.
func (w workshop) attest(o order) *attestation {
	payloadHash := sha256.Sum256(o.payload)
	key := newKey(elliptic.P256(), "leaf "+o.identity.san+" "+hex.EncodeToString(payloadHash[:]))
	cert := w.certify(o.identity, key, o.at)
	envelope := envelope(key, o.payload, "")
	if o.delay == 0 {
		o.delay = 2 * time.Second
	}
	verifier := pemOf(cert.Raw)
	b := &protobundle.Bundle{
		MediaType:            mediaType(o.version),
		VerificationMaterial: w.material(o.version, cert),
		Content:              &protobundle.Bundle_DsseEnvelope{DsseEnvelope: envelope},
	}
	b.VerificationMaterial.TlogEntries = []*protorekor.TransparencyLogEntry{
		w.log(o.kind, o.version, envelope, verifier, o.at.Add(o.delay)),
	}
	return &attestation{Bundle: b, predicateType: predicateType(o.payload)}
}

// attestWithKey signs with the registry's key and logs: a publish attestation.
func (w workshop) attestWithKey(key *registryKey, payload []byte, when time.Time, version string) *attestation {
	envelope := envelope(key.signer, payload, key.id)
	verifier := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: key.spki()})
	return &attestation{
		predicateType: predicateType(payload),
		Bundle: &protobundle.Bundle{
			MediaType: mediaType(version),
			VerificationMaterial: &protobundle.VerificationMaterial{
				Content: &protobundle.VerificationMaterial_PublicKey{
					PublicKey: &protocommon.PublicKeyIdentifier{Hint: key.id},
				},
				TlogEntries: []*protorekor.TransparencyLogEntry{w.log("intoto", version, envelope, verifier, when)},
			},
			Content: &protobundle.Bundle_DsseEnvelope{DsseEnvelope: envelope},
		},
	}
}

func (w workshop) certify(id identity, key signer, notBefore time.Time) *x509.Certificate {
	switch {
	case w.ca == nil:
		return selfSigned(id, key, notBefore)
	case w.ct == nil:
		return w.ca.issue(id, key, notBefore)
	default:
		return w.ca.issue(id, key, notBefore, w.ct)
	}
}

// log makes the log entry of an envelope. A v0.1 bundle holds only the signed
// entry timestamp.
func (w workshop) log(kind, bundleVersion string, e *protodsse.Envelope, verifier []byte, when time.Time) *protorekor.TransparencyLogEntry {
	version, body := "0.0.1", dsseBody(e, verifier)
	if kind == "intoto" {
		version, body = "0.0.2", intotoBody(e, verifier)
	}
	entry := w.rekor.add(kind, version, body, when)
	if bundleVersion == "0.1" {
		entry.InclusionProof = nil
	}
	return entry
}

// material holds the certificate as the version of the bundle wants it.
func (w workshop) material(version string, cert *x509.Certificate) *protobundle.VerificationMaterial {
	leaf := &protocommon.X509Certificate{RawBytes: cert.Raw}
	if version == "0.3" {
		return &protobundle.VerificationMaterial{
			Content: &protobundle.VerificationMaterial_Certificate{Certificate: leaf},
		}
	}
	chain := &protocommon.X509CertificateChain{Certificates: []*protocommon.X509Certificate{leaf}}
	if version == "0.1" && w.ca != nil {
		chain.Certificates = append(chain.Certificates, &protocommon.X509Certificate{RawBytes: w.ca.intermediate.Raw})
	}
	return &protobundle.VerificationMaterial{
		Content: &protobundle.VerificationMaterial_X509CertificateChain{X509CertificateChain: chain},
	}
}

func pemOf(certificate []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
}

func mediaType(version string) string {
	if version == "0.3" {
		return "application/vnd.dev.sigstore.bundle.v0.3+json"
	}
	return "application/vnd.dev.sigstore.bundle+json;version=" + version
}

// envelope signs payload (DSSE v1).
func envelope(key signer, payload []byte, keyID string) *protodsse.Envelope {
	return &protodsse.Envelope{
		Payload: payload, PayloadType: payloadType,
		Signatures: []*protodsse.Signature{{Sig: key.sign(dsse.PAE(payloadType, payload)), Keyid: keyID}},
	}
}

// dsseBody is Rekor's canonicalized body of type dsse 0.0.1.
func dsseBody(e *protodsse.Envelope, verifier []byte) []byte {
	return canonical(map[string]any{
		"apiVersion": "0.0.1", "kind": "dsse",
		"spec": map[string]any{
			"envelopeHash": hash(envelopeJSON(e)),
			"payloadHash":  hash(e.Payload),
			"signatures": []any{map[string]any{
				"signature": base64.StdEncoding.EncodeToString(e.Signatures[0].Sig),
				"verifier":  verifier,
			}},
		},
	})
}

// intotoBody is Rekor's canonicalized body of type intoto 0.0.2: its
// signature is base64 of base64.
func intotoBody(e *protodsse.Envelope, verifier []byte) []byte {
	sig := map[string]any{
		"publicKey": verifier,
		"sig":       []byte(base64.StdEncoding.EncodeToString(e.Signatures[0].Sig)),
	}
	if e.Signatures[0].Keyid != "" {
		sig["keyid"] = e.Signatures[0].Keyid
	}
	return canonical(map[string]any{
		"apiVersion": "0.0.2", "kind": "intoto",
		"spec": map[string]any{"content": map[string]any{
			"envelope":    map[string]any{"payloadType": e.PayloadType, "signatures": []any{sig}},
			"hash":        hash(envelopeJSON(e)),
			"payloadHash": hash(e.Payload),
		}},
	})
}

// tileBody is Rekor v2's canonicalized body of type hashedrekord 0.0.2, over
// the signed bytes.
func tileBody(e *protodsse.Envelope, certificate []byte) []byte {
	digest := sha256.Sum256(dsse.PAE(e.PayloadType, e.Payload))
	return canonical(map[string]any{
		"apiVersion": "0.0.2", "kind": "hashedrekord",
		"spec": map[string]any{"hashedRekordV002": map[string]any{
			"data": map[string]any{"algorithm": "SHA2_256", "digest": digest[:]},
			"signature": map[string]any{
				"content": e.Signatures[0].Sig,
				"verifier": map[string]any{
					"keyDetails":      "PKIX_ECDSA_P256_SHA_256",
					"x509Certificate": map[string]any{"rawBytes": certificate},
				},
			},
		}},
	})
}

func hash(data []byte) map[string]any {
	sum := sha256.Sum256(data)
	return map[string]any{"algorithm": "sha256", "value": hex.EncodeToString(sum[:])}
}

func envelopeJSON(e *protodsse.Envelope) []byte {
	return canonical(map[string]any{
		"payload": e.Payload, "payloadType": e.PayloadType,
		"signatures": []any{map[string]any{"keyid": e.Signatures[0].Keyid, "sig": e.Signatures[0].Sig}},
	})
}

// predicateType reads the predicate type of a statement.
func predicateType(statement []byte) string {
	var s struct{ PredicateType string }
	_ = json.Unmarshal(statement, &s) // a statement may be broken on purpose
	return s.PredicateType
}

// json returns the bundle in compact protobuf JSON; protojson's own white
// space differs from build to build.
func (a *attestation) json() json.RawMessage {
	var b bytes.Buffer
	if err := json.Compact(&b, must(protojson.Marshal(a.Bundle))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// breaks says why sigstore-go must refuse a.
func (a *attestation) breaks(why string) *attestation {
	a.broken = why
	return a
}

// entry is the attestation's only log entry.
func (a *attestation) entry() *protorekor.TransparencyLogEntry {
	return a.VerificationMaterial.TlogEntries[0]
}

// envelope is the attestation's DSSE envelope.
func (a *attestation) envelope() *protodsse.Envelope { return a.GetDsseEnvelope() }

// certificate is the DER of the attestation's leaf certificate.
func (a *attestation) certificate() []byte {
	if leaf := a.VerificationMaterial.GetCertificate(); leaf != nil {
		return leaf.RawBytes
	}
	return a.VerificationMaterial.GetX509CertificateChain().Certificates[0].RawBytes
}

// pep740 returns the attestation as PEP 740 lays it out.
func (a *attestation) pep740() json.RawMessage {
	var entries []json.RawMessage
	for _, e := range a.VerificationMaterial.TlogEntries {
		var b bytes.Buffer
		if err := json.Compact(&b, must(protojson.Marshal(e))); err != nil {
			panic(err)
		}
		entries = append(entries, b.Bytes())
	}
	return must(json.Marshal(map[string]any{
		"version": 1,
		"verification_material": map[string]any{
			"certificate": a.certificate(), "transparency_entries": entries,
		},
		"envelope": map[string]any{
			"statement": a.envelope().Payload, "signature": a.envelope().Signatures[0].Sig,
		},
	}))
}
