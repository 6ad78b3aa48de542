package main

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore-go/pkg/root"
)

// rewrite makes a case of a bundle whose JSON is changed.
func rewrite(of func(k *kit) signing, change func(top map[string]any)) func(*kit) vector {
	return func(k *kit) vector {
		var top map[string]any
		if err := json.Unmarshal(of(k).bundle().json(), &top); err != nil {
			panic(err)
		}
		change(top)
		return vector{bundle: must(json.Marshal(top))}
	}
}

func material(top map[string]any) map[string]any { return top["verificationMaterial"].(map[string]any) }

func firstEntry(top map[string]any) map[string]any {
	return material(top)["tlogEntries"].([]any)[0].(map[string]any)
}

// bundleCases are bundles that are wrong in themselves, and of others.
func bundleCases() []conformanceCase {
	old := func(k *kit) signing { s := k.message(); s.version = "0.1"; return s }
	return []conformanceCase{
		{"bundle-malformed-json_fail", func(k *kit) vector {
			data := k.message().bundle().json()
			return vector{bundle: data[:len(data)-2]}
		}, "bundle:"},
		{"bundle-unknown-version_fail", spoil((*kit).message, func(_ *kit, b *signedBundle) { b.MediaType = mediaType("99.9") }), "unsupported media type"},
		{"bundle-future-version_fail", spoil((*kit).message, func(_ *kit, b *signedBundle) {
			b.MediaType = "application/vnd.dev.sigstore.bundle.v0.4+json"
		}), "unsupported media type"},
		{"bundle-empty-certificate-chain_fail", spoil(old, func(_ *kit, b *signedBundle) {
			b.VerificationMaterial.GetX509CertificateChain().Certificates = nil
		}), "missing verification material"},
		{"bundle-with-root-cert_fail", spoil(old, func(k *kit, b *signedBundle) {
			chain := b.VerificationMaterial.GetX509CertificateChain()
			chain.Certificates = append(chain.Certificates, &protocommon.X509Certificate{RawBytes: k.w.ca.root.Raw})
		}), "root certificate"},
		{"bundle-with-strange-root-cert_fail", spoil(old, func(k *kit, b *signedBundle) {
			chain := b.VerificationMaterial.GetX509CertificateChain()
			chain.Certificates = append(chain.Certificates, &protocommon.X509Certificate{RawBytes: k.evil.ca.root.Raw})
		}), "root certificate"},
		{"bundle-invalid-base64-signature_fail", rewrite((*kit).message, func(top map[string]any) {
			top["messageSignature"].(map[string]any)["signature"] = "!!!not base64!!!"
		}), "bundle:"},
		{"bundle-negative-log-index_fail", rewrite((*kit).message, func(top map[string]any) { firstEntry(top)["logIndex"] = "-1" }), "bundle:"},
		{"bundle-without-content_fail", spoil((*kit).message, func(_ *kit, b *signedBundle) { b.Content = nil }), "missing bundle content"},
		{"bundle-from-wrong-instance_fail", other((*kit).message, func(k *kit, s *signing) { s.w = k.evil }), "not enough verified log entries"},
		{"signature-mismatch_fail", spoil((*kit).message, func(_ *kit, b *signedBundle) {
			b.GetMessageSignature().Signature = b.key.sign([]byte("something else"))
		}), "signature does not match"},
		{"message-digest-mismatch_fail", spoil((*kit).message, func(_ *kit, b *signedBundle) {
			b.GetMessageSignature().MessageDigest.Digest = flipped(b.digest)
		}), "does not match"},
		{"rekor2-message-digest-mismatch_fail", spoil((*kit).tiled, func(_ *kit, b *signedBundle) {
			b.GetMessageSignature().MessageDigest.Digest = flipped(b.digest)
		}), "verifying log entry"},
		{"wrong-material_fail", func(k *kit) vector {
			return vector{bundle: k.message().bundle().json(), artifact: []byte("another artifact\n")}
		}, "failed to verify signature"},
		{"wrong-identity_fail", func(k *kit) vector {
			return vector{bundle: k.message().bundle().json(), identity: k.id.san + "x"}
		}, "no matching CertificateIdentity"},
		{"identity-is-no-pattern_fail", func(k *kit) vector {
			return vector{bundle: k.message().bundle().json(), identity: ".*"}
		}, "no matching CertificateIdentity"},
		{"invalid-ct-key_fail", other((*kit).message, func(k *kit, s *signing) { s.w.ct = k.evil.ct }), "signed certificate timestamp"},
		{"no-sct_fail", other((*kit).message, func(_ *kit, s *signing) { s.w.ct = nil }), "signed certificate timestamp"},
		{"untrusted-certificate_fail", other((*kit).message, func(k *kit, s *signing) { s.w.ca = k.evil.ca }), "certificate"},
		{"intoto-expired-certificate_fail", func(k *kit) vector {
			s := k.attested("intoto")
			s.at = at("2021-06-01T00:00:00Z") // before the authority counts
			return vector{bundle: s.bundle().json()}
		}, "not enough verified log entries"},
	}
}

// logCases are entries of Rekor v1 that are wrong.
func logCases() []conformanceCase {
	proof := (*kit).message
	return []conformanceCase{
		{"set-invalid-signature_fail", spoil(proof, func(k *kit, b *signedBundle) {
			promise := b.entry().InclusionPromise
			promise.SignedEntryTimestamp = k.evil.rekor.key.sign([]byte("something else"))
		}), "not enough verified log entries"},
		{"integrated-time-in-future_fail", other(proof, func(_ *kit, s *signing) { s.delay = 24 * time.Hour }), "integrated time outside certificate validity"},
		{"integrated-time-before-certificate_fail", other(proof, func(_ *kit, s *signing) { s.delay = -time.Minute }), "integrated time outside certificate validity"},
		{"intoto-set-outside-signing-cert-validity_fail", other(func(k *kit) signing { return k.attested("intoto") },
			func(_ *kit, s *signing) { s.delay = validity + time.Second }), "integrated time outside certificate validity"},
		{"missing-inclusion-proof_fail", spoil(proof, func(_ *kit, b *signedBundle) { b.entry().InclusionProof = nil }), "inclusion proof missing"},
		{"intoto-missing-inclusion-proof_fail", spoil(func(k *kit) signing { return k.attested("intoto") },
			func(_ *kit, b *signedBundle) { b.entry().InclusionProof = nil }), "inclusion proof missing"},
		{"missing-inclusion-promise-v0.1_fail", spoil(func(k *kit) signing { s := k.message(); s.version = "0.2"; return s },
			func(_ *kit, b *signedBundle) {
				b.MediaType = mediaType("0.1")
				b.entry().InclusionPromise = nil
			}), "inclusion promises missing"},
		{"no-log-entry_fail", spoil(proof, func(_ *kit, b *signedBundle) { b.VerificationMaterial.TlogEntries = nil }), "not enough verified"},
		{"no-time_fail", spoil(proof, func(_ *kit, b *signedBundle) { b.entry().InclusionPromise = nil }), "timestamps"},
		{"missing-checkpoint_fail", spoil(proof, func(_ *kit, b *signedBundle) { b.proof().Checkpoint = nil }), "checkpoint"},
		{"inclusion-proof-corrupted-hash_fail", spoil(proof, func(_ *kit, b *signedBundle) { b.proof().Hashes[0] = flipped(b.proof().Hashes[0]) }), "root"},
		{"invalid-inclusion-proof_fail", spoil(proof, func(k *kit, b *signedBundle) {
			another := k.message()
			another.artifact = []byte("something else")
			b.entry().InclusionProof = another.bundle().proof()
		}), "root"},
		{"checkpoint-bad-keyhint_fail", spoil(proof, func(_ *kit, b *signedBundle) {
			b.proof().Checkpoint.Envelope = resign(b.proof().Checkpoint.Envelope, func(sig []byte) []byte { sig[0] ^= 1; return sig })
		}), "checkpoint did not verify"},
		{"invalid-checkpoint-signature_fail", spoil(proof, func(k *kit, b *signedBundle) {
			b.proof().Checkpoint.Envelope = resign(b.proof().Checkpoint.Envelope, func(sig []byte) []byte {
				return append(sig[:4:4], k.w.rekor.key.sign([]byte("something else"))...)
			})
		}), "signature"},
		{"checkpoint-wrong-roothash_fail", spoil(proof, func(k *kit, b *signedBundle) {
			k.w.rekor.grow(3)
			b.proof().Checkpoint.Envelope = k.w.rekor.checkpoint() // good, and of a later tree
		}), "root"},
		{"incorrect-public-key_fail", spoil(proof, func(k *kit, b *signedBundle) {
			// Logged with another key's certificate, so that the proof holds.
			another := k.w.certify(k.id, newKey(b.key.Curve, "another"), k.when)
			relog(k, b, record(b.digest, b.sig, pemOf(another.Raw)))
		}), "invalid signature"},
		{"wrong-hashedrekord-artifact_fail", spoil(proof, func(k *kit, b *signedBundle) {
			relog(k, b, record(sum([]byte("something else")), b.sig, b.pem))
		}), "invalid signature"},
		{"wrong-hashedrekord-cert-and-sig_fail", spoil(proof, func(k *kit, b *signedBundle) {
			key := newKey(b.key.Curve, "another")
			relog(k, b, record(b.digest, key.sign(k.artifact), pemOf(k.w.certify(k.id, key, k.when).Raw)))
		}), "signature does not match"},
		{"wrong-hashedrekord-entry_fail", spoil(proof, func(k *kit, b *signedBundle) {
			s := k.message()
			s.artifact = []byte("something else")
			b.VerificationMaterial.TlogEntries = s.bundle().VerificationMaterial.TlogEntries
		}), "signature does not match"},
		{"cve-2022-36056-swapped-tlog-entry_fail", spoil(proof, func(k *kit, b *signedBundle) {
			s := k.message()
			key := newKey(b.key.Curve, "the second time")
			second := s.bundle()
			cert := k.w.certify(k.id, key, k.when)
			relog(k, second, record(b.digest, key.sign(k.artifact), pemOf(cert.Raw)))
			b.VerificationMaterial.TlogEntries = second.VerificationMaterial.TlogEntries
		}), "signature does not match"},
		{"log-entry-twice_fail", spoil(proof, func(_ *kit, b *signedBundle) {
			m := b.VerificationMaterial
			m.TlogEntries = append(m.TlogEntries, m.TlogEntries[0])
		}), "duplicate tlog entries"},
		{"trust-root-tlog-missing-validity-start_fail", func(k *kit) vector {
			return vector{bundle: k.message().bundle().json(), root: withoutStart(k.trust().json())}
		}, "validity period"},
		{"trust-root-tlog-validity-ended_fail", func(k *kit) vector {
			b := k.message().bundle()
			trust := k.trust()
			trust.change = func(l *root.TransparencyLog) { l.ValidityPeriodEnd = time.Unix(b.entry().IntegratedTime-1, 0) }
			return vector{bundle: b.json(), root: trust.json()}
		}, "not enough verified log entries"},
	}
}

// envelopeCases are envelopes that do not fit their entries or their artifact.
func envelopeCases() []conformanceCase {
	logged := func(kind string) func(k *kit) signing { return func(k *kit) signing { return k.attested(kind) } }
	anotherPayload := func(k *kit) []byte {
		return []byte(strings.Replace(string(k.statement), "predicate.example", "another.example", 1))
	}
	typed := func(change func(string) string) func(*kit) vector {
		return func(k *kit) vector {
			s := k.attested("dsse")
			s.statement = []byte(change(string(k.statement)))
			return vector{bundle: s.bundle().json()}
		}
	}
	var all []conformanceCase
	for _, kind := range []string{"dsse", "intoto"} {
		all = append(all,
			conformanceCase{kind + "-invalid-sig_fail", spoil(logged(kind), func(k *kit, b *signedBundle) {
				// Another key's, and logged: only the certificate gives it away.
				sig := newKey(b.key.Curve, "another").sign(envelopeBytes(k.statement))
				b.GetDsseEnvelope().Signatures[0].Sig = sig
				body := dsseBody(b.GetDsseEnvelope(), b.pem)
				if kind == "intoto" {
					body = intotoBody(b.GetDsseEnvelope(), b.pem)
				}
				relogKind(k, b, kind, body)
			}), "signature"},
			conformanceCase{kind + "-mismatch-sig_fail", spoil(logged(kind), func(k *kit, b *signedBundle) {
				b.GetDsseEnvelope().Signatures[0].Sig = b.key.sign(envelopeBytes(anotherPayload(k)))
			}), "signature does not match"},
			conformanceCase{kind + "-mismatch-envelope_fail", spoil(logged(kind), func(k *kit, b *signedBundle) {
				b.Content = &protobundle.Bundle_DsseEnvelope{DsseEnvelope: envelope(b.key, anotherPayload(k), "")}
			}), "does not match"},
			conformanceCase{kind + "-mismatch-payload_fail", spoil(logged(kind), func(k *kit, b *signedBundle) {
				b.GetDsseEnvelope().Payload = anotherPayload(k)
			}), "does not match"},
		)
	}
	return append(all,
		conformanceCase{"intoto-log-entry-mismatch_fail", spoil(logged("intoto"), func(k *kit, b *signedBundle) {
			s := k.attested("intoto")
			s.statement = anotherPayload(k)
			b.VerificationMaterial.TlogEntries = s.bundle().VerificationMaterial.TlogEntries
		}), "signature does not match"},
		conformanceCase{"dsse-subject-mismatch_fail", func(k *kit) vector {
			return vector{bundle: k.attested("dsse").bundle().json(), artifact: []byte("another artifact\n")}
		}, "digest"},
		conformanceCase{"dsse-two-signatures_fail", spoil(logged("dsse"), func(_ *kit, b *signedBundle) {
			e := b.GetDsseEnvelope()
			e.Signatures = append(e.Signatures, e.Signatures[0])
		}), "signature"},
		conformanceCase{"dsse-unknown-payload-type_fail", func(k *kit) vector {
			b := k.attested("dsse").bundle()
			e := b.GetDsseEnvelope()
			e.PayloadType = "application/json"
			e.Signatures[0].Sig = b.key.sign(dsse.PAE(e.PayloadType, e.Payload))
			relogKind(k, b, "dsse", dsseBody(e, b.pem))
			return vector{bundle: b.json()}
		}, "payload"},
		conformanceCase{"dsse-statement-missing-type_fail", typed(func(s string) string {
			return strings.Replace(s, `"_type":"`+statementV1+`",`, "", 1)
		}), "_type"},
		conformanceCase{"dsse-statement-unknown-type_fail", typed(func(s string) string {
			return strings.Replace(s, statementV1, "https://in-toto.io/Statement/v2", 1)
		}), "Statement/v2"},
	)
}

func envelopeBytes(payload []byte) []byte { return dsse.PAE(payloadType, payload) }

// relog replaces the entry by a hashedrekord with another body, as honestly
// logged as the first.
func relog(k *kit, b *signedBundle, body []byte) { relogKind(k, b, "hashedrekord", body) }

func relogKind(k *kit, b *signedBundle, kind string, body []byte) {
	version := "0.0.1"
	if kind == "intoto" {
		version = "0.0.2"
	}
	b.VerificationMaterial.TlogEntries[0] = k.w.rekor.add(kind, version, body, k.when.Add(2*time.Second))
}

// resign changes the bytes of a checkpoint's signature, its key hint first.
func resign(note string, change func(sig []byte) []byte) string {
	i := strings.LastIndex(note, " ") + 1
	sig := must(base64.StdEncoding.DecodeString(strings.TrimSpace(note[i:])))
	return note[:i] + base64.StdEncoding.EncodeToString(change(sig)) + "\n"
}

// withoutStart takes the start of the logs' keys out of a trust root.
func withoutStart(data []byte) []byte {
	var top map[string]any
	if err := json.Unmarshal(data, &top); err != nil {
		panic(err)
	}
	for _, log := range top["tlogs"].([]any) {
		delete(log.(map[string]any)["publicKey"].(map[string]any)["validFor"].(map[string]any), "start")
	}
	return must(json.Marshal(top))
}
