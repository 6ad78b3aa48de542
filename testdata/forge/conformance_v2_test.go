package main

import (
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strings"
	"time"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
)

// note is a checkpoint's text and its signatures' lines.
type note struct{ text, signatures string }

func checkpointOf(b *signedBundle) note {
	text, signatures, _ := strings.Cut(b.proof().Checkpoint.Envelope, "\n\n")
	return note{text + "\n", signatures}
}

func (n note) put(b *signedBundle) { b.proof().Checkpoint.Envelope = n.text + "\n" + n.signatures }

// line is a signature by key under a name.
func (n note) line(name string, key signer, message string) string {
	sig := append(key.id()[:4:4], key.sign([]byte(message))...)
	return "\u2014 " + name + " " + base64.StdEncoding.EncodeToString(sig) + "\n"
}

// without leaves out a line of the text, and signs it anew: the log itself
// says so.
func (n note) without(line int, k *kit) note {
	lines := strings.SplitAfter(n.text, "\n")
	n.text = strings.Join(append(lines[:line:line], lines[line+1:]...), "")
	n.signatures = n.line(k.tiles.host, k.tiles.key, n.text)
	return n
}

// tileCases are entries of Rekor v2.
func tileCases() []conformanceCase {
	checkpoint := func(change func(k *kit, n *note)) func(*kit) vector {
		return spoil((*kit).tiled, func(k *kit, b *signedBundle) {
			n := checkpointOf(b)
			change(k, &n)
			n.put(b)
		})
	}
	witness := func(k *kit, n *note, name string) string {
		return n.line(name, newKey(k.tiles.key.Curve, name), n.text)
	}
	cut := func(line int) func(*kit) vector {
		return checkpoint(func(k *kit, n *note) { *n = n.without(line, k) })
	}
	attested := func(k *kit) signing { s := k.tiled(); s.statement = k.statement; return s }
	restamp := func(k *kit, b *signedBundle, sig []byte) {
		b.VerificationMaterial.TimestampVerificationData = nil
		b.addStamp(k.stamper.stamp(sig, k.when.Add(3*time.Second)))
	}
	return []conformanceCase{
		{"rekor2-happy-path", other((*kit).tiled, func(*kit, *signing) {}), ""},
		{"rekor2-dsse-happy-path", other(attested, func(*kit, *signing) {}), ""},
		{"rekor2-checkpoint-cosigned", checkpoint(func(k *kit, n *note) { n.signatures += witness(k, n, "witness.example") }), ""},
		{"rekor2-checkpoint-multiple-cosigs", checkpoint(func(k *kit, n *note) {
			n.signatures += witness(k, n, "witness.example") + witness(k, n, "second.example") + witness(k, n, "third.example")
		}), ""},
		{"rekor2-checkpoint-origin-not-first", checkpoint(func(k *kit, n *note) { n.signatures = witness(k, n, "witness.example") + n.signatures }), ""},
		{"rekor2-checkpoint-two-sigs-from-origin", checkpoint(func(k *kit, n *note) {
			n.signatures += n.line(k.tiles.host, newKey(k.tiles.key.Curve, "the log's second key"), n.text)
		}), ""},
		{"rekor2-checkpoint-two-sigs-cosigned", checkpoint(func(k *kit, n *note) {
			n.signatures += n.line(k.tiles.host, newKey(k.tiles.key.Curve, "the log's second key"), n.text) + witness(k, n, "witness.example")
		}), ""},
		{"rekor2-checkpoint-missing-log-signature_fail", checkpoint(func(_ *kit, n *note) { n.signatures = "" }), "checkpoint"},
		{"rekor2-checkpoint-only-cosigned_fail", checkpoint(func(k *kit, n *note) { n.signatures = witness(k, n, "witness.example") }), "checkpoint"},
		{"rekor2-checkpoint-no-matching-signature_fail", checkpoint(func(k *kit, n *note) {
			n.signatures = n.line("another.example", k.tiles.key, n.text)
		}), "checkpoint"},
		{"rekor2-checkpoint-invalid-signature_fail", checkpoint(func(k *kit, n *note) {
			n.signatures = n.line(k.tiles.host, k.tiles.key, "something else")
		}), "checkpoint"},
		{"rekor2-checkpoint-missing-origin_fail", cut(0), "log entry"},
		{"rekor2-checkpoint-missing-size_fail", cut(1), "log entry"},
		{"rekor2-checkpoint-missing-root-hash_fail", cut(2), "log entry"},
		{"rekor2-no-inclusion-proof_fail", spoil((*kit).tiled, func(_ *kit, b *signedBundle) { b.entry().InclusionProof = nil }), "inclusion proof missing"},
		{"rekor2-unknown-log_fail", other((*kit).tiled, func(_ *kit, s *signing) { s.tiles = newRekorLog("tiles.elsewhere.example", 0, 5) }), "not enough verified log entries"},
		{"rekor2-wrong-entry_fail", spoil((*kit).tiled, func(k *kit, b *signedBundle) {
			s := k.tiled()
			s.artifact = []byte("something else")
			b.VerificationMaterial.TlogEntries = s.bundle().VerificationMaterial.TlogEntries
		}), "log entry"},
		{"rekor2-dsse-invalid-sig_fail", spoil(attested, func(k *kit, b *signedBundle) {
			// Another key's, logged and timestamped.
			sig := newKey(b.key.Curve, "another").sign(envelopeBytes(k.statement))
			b.GetDsseEnvelope().Signatures[0].Sig = sig
			b.VerificationMaterial.TlogEntries[0] = k.tiles.addTile(recordV2(b.digest, sig, b.verifier()))
			restamp(k, b, sig)
		}), "signature"},
		{"rekor2-dsse-mismatch-sig_fail", spoil(attested, func(k *kit, b *signedBundle) {
			sig := twin(b.key, b.sig)
			b.GetDsseEnvelope().Signatures[0].Sig = sig
			restamp(k, b, sig)
		}), "log entry"},
		{"rekor2-dsse-mismatch-envelope_fail", spoil(attested, func(k *kit, b *signedBundle) {
			payload := []byte(strings.Replace(string(k.statement), "predicate.example", "another.example", 1))
			b.Content = &protobundle.Bundle_DsseEnvelope{DsseEnvelope: envelope(b.key, payload, "")}
			restamp(k, b, b.GetDsseEnvelope().Signatures[0].Sig)
		}), "log entry"},
		// Rekor v2 has given up its dsse entries, and sigstore-go has with it.
		{"rekor2-dsse-0.0.2_fail", spoil(attested, func(k *kit, b *signedBundle) {
			entry := k.tiles.addTile(dsseV2(k.statement, b.sig, b.verifier()))
			entry.KindVersion = &protorekor.KindVersion{Kind: "dsse", Version: "0.0.2"}
			b.VerificationMaterial.TlogEntries[0] = entry
		}), "bundle:"},
	}
}

// stampCases are RFC 3161 timestamps.
func stampCases() []conformanceCase {
	stamped := func(change func(k *kit, s *signing, trust *anchors)) func(*kit) vector {
		return func(k *kit) vector {
			s, trust := k.tiled(), k.trust()
			change(k, &s, &trust)
			return vector{bundle: s.bundle().json(), root: trust.json()}
		}
	}
	embedding := func(t *timestamper) *timestamper {
		copied := *t
		copied.embed = true
		return &copied
	}
	return []conformanceCase{
		{"rekor2-timestamp-without-embedded-cert", stamped(func(*kit, *signing, *anchors) {}), ""},
		{"rekor2-timestamp-with-embedded-cert", stamped(func(k *kit, s *signing, trust *anchors) {
			t := embedding(k.stamper)
			s.stamps[0].by, trust.stamps = t, []*timestamper{t}
		}), ""},
		{"rekor2-timestamp-with-expired-cert-chain", stamped(func(k *kit, s *signing, trust *anchors) {
			t := newTimestamper("tsa.old.example", k.when.Add(time.Hour))
			s.stamps[0].by, trust.stamps = t, []*timestamper{t}
		}), ""},
		{"rekor2-two-timestamps", stamped(func(k *kit, s *signing, trust *anchors) {
			s.stamps = append(s.stamps, moment{k.stranger, 5 * time.Second})
			trust.stamps = append(trust.stamps, k.stranger)
		}), ""},
		{"trust-root-tsa-validity-end-inclusive", stamped(func(k *kit, s *signing, trust *anchors) {
			t := *k.stamper
			t.to = k.when.Add(s.stamps[0].delay)
			trust.stamps = []*timestamper{&t}
		}), ""},
		{"rekor2-no-timestamp_fail", other((*kit).tiled, func(_ *kit, s *signing) { s.stamps = nil }), "timestamp"},
		{"rekor2-timestamp-outside-trust-root-tsa-validity_fail", stamped(func(k *kit, s *signing, trust *anchors) {
			t := *k.stamper
			t.to = k.when.Add(s.stamps[0].delay - time.Second)
			trust.stamps = []*timestamper{&t}
		}), "validity period end"},
		{"rekor2-timestamp-before-trust-root-tsa-validity_fail", stamped(func(k *kit, _ *signing, trust *anchors) {
			t := *k.stamper
			t.from = k.when.Add(time.Hour)
			trust.stamps = []*timestamper{&t}
		}), "validity period start"},
		{"rekor2-timestamp-wrong-tsa-validity-borrow_fail", stamped(func(k *kit, s *signing, trust *anchors) {
			t := *k.stamper
			t.to = k.when.Add(s.stamps[0].delay - time.Second)
			trust.stamps = []*timestamper{&t, k.stranger}
		}), "validity period end"},
		{"rekor2-timestamp-outside-tsa-cert-validity_fail", stamped(func(k *kit, s *signing, trust *anchors) {
			t := newTimestamper("tsa.old.example", k.when.Add(-time.Hour))
			s.stamps[0].by, trust.stamps = t, []*timestamper{t}
		}), "certificate"},
		{"rekor2-timestamp-payload-mismatch_fail", spoil((*kit).tiled, func(k *kit, b *signedBundle) {
			b.VerificationMaterial.TimestampVerificationData = nil
			b.addStamp(k.stamper.stamp([]byte("something else"), k.when.Add(3*time.Second)))
		}), "hashed messages don't match"},
		{"rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail", stamped(func(k *kit, s *signing, _ *anchors) {
			s.stamps[0].by = embedding(k.stranger)
		}), "unable to verify signed timestamps"},
		{"rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail", stamped(func(k *kit, s *signing, _ *anchors) {
			s.stamps[0].by = k.stranger
		}), "unable to verify signed timestamps"},
		{"rekor2-timestamp-with-incorrect-time_fail", stamped(func(_ *kit, s *signing, _ *anchors) {
			s.stamps[0].delay = validity + time.Second
		}), "certificate"},
		{"rekor2-multiple-timestamps-one-outside-cert-validity_fail", stamped(func(k *kit, s *signing, _ *anchors) {
			s.stamps = append(s.stamps, moment{k.stamper, 24 * time.Hour})
		}), "timestamp 2"},
		{"rekor2-multiple-timestamps-first-outside-cert-validity_fail", stamped(func(k *kit, s *signing, trust *anchors) {
			s.stamps = append([]moment{{k.stranger, 24 * time.Hour}}, s.stamps...)
			trust.stamps = append(trust.stamps, k.stranger)
		}), "failed to verify leaf certificate"},
		{"intoto-tsa-timestamp-outside-cert-validity_fail", other(func(k *kit) signing { return k.attested("intoto") }, func(k *kit, s *signing) {
			s.stamps = []moment{{k.stamper, 24 * time.Hour}}
		}), "certificate"},
		{"v1-bad-timestamp-beside-good-log-time_fail", spoil((*kit).message, func(k *kit, b *signedBundle) {
			b.addStamp(k.stamper.stamp([]byte("something else"), k.when))
		}), "hashed messages don't match"},
		{"timestamp-is-garbage_fail", spoil((*kit).tiled, func(_ *kit, b *signedBundle) {
			b.VerificationMaterial.TimestampVerificationData = nil
			b.addStamp([]byte("garbage"))
		}), "unable to verify signed timestamps"},
	}
}

// keyCases are bundles signed with a managed key.
func keyCases() []conformanceCase {
	key := newKey(newKit().tiles.key.Curve, "managed")
	keyed := func(k *kit) signing { s := k.message(); s.key = &key; return s }
	with := func(make func(k *kit) vector) func(*kit) vector {
		return func(k *kit) vector {
			v := make(k)
			if v.key == nil {
				v.key = publicPEM(key)
			}
			return v
		}
	}
	statement := func(change func(string) string) func(*kit) vector {
		return with(func(k *kit) vector {
			s := keyed(k)
			s.tiles, s.statement = k.tiles, []byte(change(string(k.statement)))
			return vector{bundle: s.bundle().json()}
		})
	}
	empty := []byte(`{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`)
	return []conformanceCase{
		{"managed-key-happy-path", with(other(keyed, func(*kit, *signing) {})), ""},
		{"managed-key-and-trusted-root", with(func(k *kit) vector {
			s := keyed(k)
			s.kind = ""
			return vector{bundle: s.bundle().json(), root: empty}
		}), ""},
		{"managed-key-rekor2", with(other(keyed, func(k *kit, s *signing) { s.tiles = k.tiles })), ""},
		{"managed-key-rekor2-dsse", statement(func(s string) string { return s }), ""},
		{"managed-key-intoto", with(other(keyed, func(k *kit, s *signing) { s.statement, s.kind = k.statement, "intoto" })), ""},
		{"managed-key-dsse", with(other(keyed, func(k *kit, s *signing) { s.statement, s.kind = k.statement, "dsse" })), ""},
		{"managed-key-wrong-key_fail", with(func(k *kit) vector {
			return vector{bundle: keyed(k).bundle().json(), key: publicPEM(newKey(key.Curve, "another"))}
		}), "does not match"},
		{"managed-key-wrong-key-no-log_fail", with(func(k *kit) vector {
			s := keyed(k)
			s.kind = ""
			return vector{bundle: s.bundle().json(), root: empty, key: publicPEM(newKey(key.Curve, "another"))}
		}), "signature"},
		{"managed-key-no-key_fail", other(keyed, func(*kit, *signing) {}), "certificate does not match"},
		{"managed-key-not-logged_fail", with(other(keyed, func(_ *kit, s *signing) { s.kind = "" })), "not enough verified log entries"},
		{"managed-key-wrong-artifact_fail", with(func(k *kit) vector {
			return vector{bundle: keyed(k).bundle().json(), artifact: []byte("another artifact\n")}
		}), "failed to verify signature"},
		{"managed-key-for-a-certificate_fail", with(other((*kit).message, func(*kit, *signing) {})), "key"},
		{"managed-key-and-client-identity_fail", with(func(k *kit) vector {
			return vector{bundle: keyed(k).bundle().json(), both: true}
		}), "cannot be used together"},
		{"managed-key-is-no-key_fail", with(func(k *kit) vector {
			return vector{bundle: keyed(k).bundle().json(), key: []byte("not a key")}
		}), "PEM"},
		{"managed-key-dsse-statement-missing-type_fail", statement(func(s string) string {
			return strings.Replace(s, `"_type":"`+statementV1+`",`, "", 1)
		}), "_type"},
		{"managed-key-dsse-statement-unknown-type_fail", statement(func(s string) string {
			return strings.Replace(s, statementV1, "https://in-toto.io/Statement/v2", 1)
		}), "Statement/v2"},
		// An entry of Rekor v1's kind under a checkpoint of Rekor v2's:
		// sigstore-go tells the generations by the checkpoint, and refuses.
		{"intoto-under-a-tiles-checkpoint_fail", with(spoil(keyed, func(k *kit, b *signedBundle) {
			b.Content = &protobundle.Bundle_DsseEnvelope{DsseEnvelope: envelope(b.key, k.statement, "")}
			entry := k.tiles.addTile(intotoBody(b.GetDsseEnvelope(), b.pem))
			entry.KindVersion = &protorekor.KindVersion{Kind: "intoto", Version: "0.0.2"}
			b.VerificationMaterial.TlogEntries[0] = entry
		})), "log entry"},
	}
}

// twin is the other signature by the same nonce, as good as the first.
func twin(key signer, sig []byte) []byte {
	var parts struct{ R, S *big.Int }
	must(asn1.Unmarshal(sig, &parts))
	parts.S.Sub(key.Curve.Params().N, parts.S)
	return must(asn1.Marshal(parts))
}
