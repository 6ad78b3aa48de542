package main

import (
	"bytes"
	"time"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protodsse "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/transparency-dev/merkle/rfc6962"
)

// entryAttacks spoil the envelope or its transparency-log entry.
var entryAttacks = []attack{
	{"npx", "tampered-statement", "2.4.1", "invalid",
		"The signed statement was altered after signing: one byte of the repository. The signature must fail.",
		offerNPM("the payload was altered", func(_ *forge, a *attestation) {
			e := a.envelope()
			e.Payload = bytes.Replace(e.Payload, []byte("drydock-demo/"), []byte("drydock-demu/"), 1)
		}), ""},
	{"npx", "tampered-signature", "1.0.3", "invalid",
		"The envelope carries the signature of another key. The signature must fail.",
		offerNPM("the signature is another key's", func(f *forge, a *attestation) {
			a.envelope().Signatures = []*protodsse.Signature{envelope(f.evil.rekor.key, a.envelope().Payload, "").Signatures[0]}
		}), ""},
	{"uvx", "tampered-wheel", "0.8.2", "invalid",
		"The attestation of the wheel was altered after signing; the sdist's is intact. One bad file must spoil the release.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI()
			r.files[0].offer(r.files[0].attestation())
			a := r.files[1].attestation()
			a.envelope().Payload = append(a.envelope().Payload, '\n')
			r.files[1].offer(a.breaks("the payload was altered"))
		}, ""},
	{"npx", "unknown-log", "3.1.0", "invalid",
		"The entry lies in a transparency log that the trust root does not know. Nobody can say when it was signed.",
		orderNPM("the log is unknown", func(f *forge, w *workshop, _ *order) { w.rekor = f.evil.rekor }), ""},
	{"npx", "no-log-entry", "1.1.1", "invalid",
		"The bundle has no transparency-log entry at all: a stolen key could have signed it unseen.",
		offerNPM("there is no log entry", func(_ *forge, a *attestation) { a.VerificationMaterial.TlogEntries = nil }), ""},
	{"npx", "broken-inclusion-proof", "0.9.9", "invalid",
		"One hash of the inclusion proof is wrong, so that the path leads to another root than the log signed.",
		offerNPM("a hash of the proof was altered", func(_ *forge, a *attestation) {
			a.entry().InclusionProof.Hashes[3][7] ^= 0x40
		}), ""},
	{"npx", "shadow-tree", "0.4.0", "invalid",
		"The inclusion proof is flawless, for a tree that the log never signed: the checkpoint has another root hash.",
		offerNPM("the proof is of another tree", func(_ *forge, a *attestation) { shadow(a.entry()) }), ""},
	{"npx", "forged-checkpoint", "5.0.2", "invalid",
		"The checkpoint names the known log and was signed with somebody else's key.",
		offerNPM("the checkpoint is forged", func(f *forge, a *attestation) {
			p := a.entry().InclusionProof
			fake := *f.good.rekor
			fake.leaves = fake.leaves[:p.TreeSize]
			p.Checkpoint.Envelope = fake.note(fake.host+" - "+fake.treeID, f.evil.rekor.key)
		}), ""},
	{"npx", "bad-set", "1.6.0", "invalid",
		"The signed entry timestamp is another key's, so nothing proves the time of signing.",
		offerNPM("the signed entry timestamp is forged", func(f *forge, a *attestation) {
			fake := rekorLog{key: f.evil.rekor.key}
			fake.promise(a.entry())
		}), ""},
	{"npx", "forged-log-index", "1.6.1", "invalid",
		"The entry claims another index in the log than the signed entry timestamp covers.",
		offerNPM("the log index was altered", func(_ *forge, a *attestation) { a.entry().LogIndex += 1000 }), ""},
	{"npx", "forged-log-time", "1.6.2", "invalid",
		"The integrated time was moved by a minute, within the certificate's life. The signed entry timestamp covers another.",
		offerNPM("the integrated time was altered", func(_ *forge, a *attestation) { a.entry().IntegratedTime += 60 }), ""},
	{"npx", "logged-too-late", "2.0.0", "invalid",
		"The entry was logged an hour after the certificate expired: the key may have leaked by then.",
		orderNPM("the certificate had expired", func(_ *forge, _ *workshop, o *order) { o.delay = validity * 6 }), ""},
	{"npx", "entry-of-another-bundle", "1.2.0", "invalid",
		"The log entry is genuine and belongs to another signature.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			a, other := r.provenance(), r.older("1.1.0").provenance()
			a.VerificationMaterial.TlogEntries = other.VerificationMaterial.TlogEntries
			r.offer(a.breaks("the entry is of another bundle"))
		}, ""},
	{"uvx", "kind-lies", "0.3.0", "invalid",
		"The entry says that its body is intoto 0.0.2, the body says dsse 0.0.1. sigstore-go does not compare the two.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI().attest()
			for _, file := range r.files {
				file.offered[0].entry().KindVersion = &protorekor.KindVersion{Kind: "intoto", Version: "0.0.2"}
			}
		}, ""},
	{"npx", "signed-entry-timestamp-only", "1.0.0", "verified",
		"An old bundle (v0.1) without an inclusion proof: the log only promised to include the entry. That suffices.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			o := r.order(r.statement())
			o.version = "0.1"
			r.offer(f.good.attest(o))
		}, ""},
	{"uvx", "rekor-v2-only", "4.0.1", "unchecked",
		"The only log entry is Rekor v2's, which has no time, and PEP 740 carries no signed timestamp: it cannot be checked today.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI().attest()
			for _, file := range r.files {
				a := file.offered[0]
				entry := f.tiles.addTile(tileBody(a.envelope(), a.certificate()))
				a.VerificationMaterial.TlogEntries = []*protorekor.TransparencyLogEntry{entry}
				a.breaks("there is no time")
			}
		}, ""},
	{"npx", "second-entry-forged", "1.0.0", "invalid",
		"The log entry is good, and beside it is a second one of the same log whose signed entry timestamp is forged. One good entry does not excuse a bad one.",
		withNPM(func(f *forge, a *attestation) {
			second := f.good.log("intoto", "0.3", a.envelope(), pemOf(a.certificate()), time.Unix(a.entry().IntegratedTime+60, 0))
			fake := rekorLog{key: f.evil.rekor.key}
			fake.promise(second)
			a.VerificationMaterial.TlogEntries = append(a.VerificationMaterial.TlogEntries, second)
		}), ""},
	{"npx", "second-timestamp-too-late", "1.0.0", "invalid",
		"Two timestamps by a trusted authority, the second a day after the certificate had expired. One good timestamp does not excuse a bad one.",
		withNPM(func(f *forge, a *attestation) { f.stamp(a, f.stamper, time.Second, 24*time.Hour) }), ""},
	{"npx", "timestamp-of-other-bytes", "1.0.0", "invalid",
		"The timestamp is by a trusted authority, and of another signature.",
		withNPM(func(f *forge, a *attestation) {
			withStamp(a, f.stamper.stamp([]byte("another signature"), time.Unix(a.entry().IntegratedTime, 0)))
		}), ""},
	{"npx", "timestamps-not-used", "1.0.0", "verified",
		"Beside the log's time are a timestamp by an authority that nobody knows, and one that cannot be read. They prove nothing, and both are named.",
		withNPM(func(f *forge, a *attestation) { withStamp(f.stamp(a, f.stranger, time.Second), []byte("no timestamp")) }), ""},
	{"npx", "timestamp-in-time", "1.0.0", "verified",
		"A trusted authority saw the signature a second after the log did: two who say the same.",
		withNPM(func(f *forge, a *attestation) { f.stamp(a, f.stamper, time.Second) }), ""},
	{"npx", "two-signatures", "1.0.0", "invalid",
		"The envelope carries a second signature, of another key. Nobody can say whose statement it is.",
		offerNPM("there are two signatures", func(f *forge, a *attestation) {
			second := envelope(f.evil.rekor.key, a.envelope().Payload, "")
			a.envelope().Signatures = append(a.envelope().Signatures, second.Signatures...)
		}), ""},
}

// withNPM makes a package out of something added to a finished provenance
// attestation, which sigstore-go accepts.
func withNPM(add func(f *forge, a *attestation)) func(*forge, *scene) {
	return func(f *forge, s *scene) {
		r := s.attestedNPM()
		a := r.provenance()
		add(f, a)
		r.offer(a)
	}
}

// stamp adds timestamps, each so long after the log's time.
func (f *forge) stamp(a *attestation, by *timestamper, delays ...time.Duration) *attestation {
	for _, delay := range delays {
		when := time.Unix(a.entry().IntegratedTime, 0).Add(delay)
		withStamp(a, by.stamp(a.envelope().Signatures[0].Sig, when))
	}
	return a
}

func withStamp(a *attestation, stamps ...[]byte) *attestation {
	m := a.VerificationMaterial
	if m.TimestampVerificationData == nil {
		m.TimestampVerificationData = &protobundle.TimestampVerificationData{}
	}
	for _, stamp := range stamps {
		m.TimestampVerificationData.Rfc3161Timestamps = append(m.TimestampVerificationData.Rfc3161Timestamps,
			&protocommon.RFC3161SignedTimestamp{SignedTimestamp: stamp})
	}
	return a
}

// shadow replaces an entry's inclusion proof by one of a tree that the log
// never signed.
func shadow(entry *protorekor.TransparencyLogEntry) {
	leaves := [][]byte{rfc6962.DefaultHasher.HashLeaf(entry.CanonicalizedBody)}
	leaves = append(leaves, newRekorLog("shadow", 0, 63).leaves...)
	p := entry.InclusionProof
	p.LogIndex, p.TreeSize = 0, int64(len(leaves))
	p.Hashes, p.RootHash = treePath(0, leaves), treeRoot(leaves)
}

// older is an earlier version of the same package.
func (r *npmRelease) older(version string) *npmRelease {
	old := *r
	old.version, old.tarball = version, []byte("tarball of "+r.name+"@"+version)
	return &old
}
