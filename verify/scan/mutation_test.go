package scan_test

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"testing"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// mutated are the good attestations whose every byte is flipped: one of each
// kind that the demo has.
var mutated = []string{
	"dockyard/npx/mcp-jetbrains",              // npm: provenance v1 and publish attestation, bundle v0.3
	"dockyard/uvx/mcp-clickhouse",             // PyPI: GitHub
	"attacks/uvx/gitlab-publisher",            // PyPI: GitLab
	"attacks/uvx/google-publisher",            // PyPI: Google
	"attacks/npx/deprecated-extensions",       // certificate of the first generation
	"attacks/npx/signed-entry-timestamp-only", // bundle v0.1: no inclusion proof
	"attacks/npx/publish-attestation-only",    // signed with the registry's key alone
}

// minMutants is asserted, so that a change which silently loses mutants fails.
const minMutants = 40_000

// mutant is one altered bundle and what was altered.
type mutant struct {
	name   string
	bundle *protobundle.Bundle
}

// subject is one good package and the attestation of it that is altered.
type subject struct {
	path     string
	evidence verify.Evidence
	want     verify.Expectation
	trust    verify.Trust
	status   verify.Status
	art, att int
	bundle   *protobundle.Bundle
}

func mutationSubjects(t *testing.T) []subject {
	t.Helper()
	specs, from := loadDemo(t)
	var out []subject
	for _, path := range mutated {
		i := slices.IndexFunc(specs, func(s catalog.Spec) bool { return string(s.Path) == path+"/spec.yaml" })
		if i < 0 {
			t.Fatalf("the demo has no %s", path)
		}
		evidence, anchors, err := from.Fetch(t.Context(), specs[i], func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		want := scan.ExpectationOf(specs[i])
		good := verify.Verify(evidence, want, anchors, verify.Options{})
		if good.Status != verify.Verified && good.Status != verify.Signed {
			t.Fatalf("%s: the original is %v: %s", path, good.Status, good.Reason)
		}
		// The first artifact serves: the others are signed alike.
		for j, att := range evidence.Artifacts[0].Attestations {
			b := &protobundle.Bundle{}
			if err := protojson.Unmarshal(att.Bundle, b); err != nil {
				t.Fatal(err)
			}
			out = append(out, subject{path, evidence, want, anchors, good.Status, 0, j, b})
		}
	}
	return out
}

// verdict judges the package with the altered bundle in the original's place.
func (s subject) verdict(t *testing.T, b *protobundle.Bundle) verify.Status {
	data, err := protojson.Marshal(b)
	if err != nil {
		t.Error(err)
		return verify.Pending
	}
	ev := s.evidence
	ev.Artifacts = slices.Clone(ev.Artifacts)
	ev.Artifacts[s.art].Attestations = slices.Clone(ev.Artifacts[s.art].Attestations)
	ev.Artifacts[s.art].Attestations[s.att].Bundle = data
	return verify.Verify(ev, s.want, s.trust, verify.Options{}).Status
}

// part is a run of bytes inside a bundle.
type part struct {
	name string
	at   func(*protobundle.Bundle) []byte
	set  func(*protobundle.Bundle, []byte)
}

func entry(b *protobundle.Bundle) *protorekor.TransparencyLogEntry {
	return b.GetVerificationMaterial().GetTlogEntries()[0]
}

func parts(b *protobundle.Bundle) []part {
	out := []part{
		{"payload", func(b *protobundle.Bundle) []byte { return b.GetDsseEnvelope().GetPayload() },
			func(b *protobundle.Bundle, v []byte) { b.GetDsseEnvelope().Payload = v }},
		{"signature", func(b *protobundle.Bundle) []byte { return b.GetDsseEnvelope().GetSignatures()[0].GetSig() },
			func(b *protobundle.Bundle, v []byte) { b.GetDsseEnvelope().GetSignatures()[0].Sig = v }},
		{"log body", func(b *protobundle.Bundle) []byte { return entry(b).GetCanonicalizedBody() },
			func(b *protobundle.Bundle, v []byte) { entry(b).CanonicalizedBody = v }},
		{"log id", func(b *protobundle.Bundle) []byte { return entry(b).GetLogId().GetKeyId() },
			func(b *protobundle.Bundle, v []byte) { entry(b).GetLogId().KeyId = v }},
		{"SET", func(b *protobundle.Bundle) []byte { return entry(b).GetInclusionPromise().GetSignedEntryTimestamp() },
			func(b *protobundle.Bundle, v []byte) { entry(b).GetInclusionPromise().SignedEntryTimestamp = v }},
	}
	material := b.GetVerificationMaterial()
	switch {
	case material.GetCertificate() != nil:
		out = append(out, part{"certificate", func(b *protobundle.Bundle) []byte { return b.GetVerificationMaterial().GetCertificate().GetRawBytes() },
			func(b *protobundle.Bundle, v []byte) { b.GetVerificationMaterial().GetCertificate().RawBytes = v }})
	case material.GetX509CertificateChain() != nil:
		out = append(out, part{"certificate", func(b *protobundle.Bundle) []byte {
			return b.GetVerificationMaterial().GetX509CertificateChain().GetCertificates()[0].GetRawBytes()
		}, func(b *protobundle.Bundle, v []byte) {
			b.GetVerificationMaterial().GetX509CertificateChain().GetCertificates()[0].RawBytes = v
		}})
	}
	if entry(b).GetInclusionProof() == nil {
		return out
	}
	out = append(out,
		part{"root hash", func(b *protobundle.Bundle) []byte { return entry(b).GetInclusionProof().GetRootHash() },
			func(b *protobundle.Bundle, v []byte) { entry(b).GetInclusionProof().RootHash = v }},
		part{"checkpoint", func(b *protobundle.Bundle) []byte {
			return []byte(entry(b).GetInclusionProof().GetCheckpoint().GetEnvelope())
		}, func(b *protobundle.Bundle, v []byte) {
			entry(b).GetInclusionProof().GetCheckpoint().Envelope = string(v)
		}})
	for i := range entry(b).GetInclusionProof().GetHashes() {
		out = append(out, part{fmt.Sprint("proof hash ", i), func(b *protobundle.Bundle) []byte { return entry(b).GetInclusionProof().GetHashes()[i] },
			func(b *protobundle.Bundle, v []byte) { entry(b).GetInclusionProof().GetHashes()[i] = v }})
	}
	return out
}

// flips yields the bundle with every byte of every part flipped, one at a
// time.
func (s subject) flips(yield func(mutant) bool) {
	for _, p := range parts(s.bundle) {
		original := p.at(s.bundle)
		for i := range original {
			changed := slices.Clone(original)
			changed[i] ^= 1
			b := proto.Clone(s.bundle).(*protobundle.Bundle)
			p.set(b, changed)
			if !yield(mutant{fmt.Sprintf("%s: byte %d of %d flipped", p.name, i, len(original)), b}) {
				return
			}
		}
	}
}

// surgeries are changes to the bundle's structure.
func (s subject) surgeries() []mutant {
	var out []mutant
	change := func(name string, f func(*protobundle.Bundle)) {
		b := proto.Clone(s.bundle).(*protobundle.Bundle)
		f(b)
		if !proto.Equal(b, s.bundle) {
			out = append(out, mutant{name, b})
		}
	}
	for _, p := range parts(s.bundle) {
		change(p.name+" emptied", func(b *protobundle.Bundle) { p.set(b, nil) })
		change(p.name+" cut", func(b *protobundle.Bundle) { p.set(b, p.at(b)[:len(p.at(b))-1]) })
		change(p.name+" lengthened", func(b *protobundle.Bundle) { p.set(b, append(slices.Clone(p.at(b)), 0)) })
		change(p.name+" doubled", func(b *protobundle.Bundle) { p.set(b, append(slices.Clone(p.at(b)), p.at(b)...)) })
	}
	change("no log entry", func(b *protobundle.Bundle) { b.GetVerificationMaterial().TlogEntries = nil })
	change("log entry twice", func(b *protobundle.Bundle) {
		m := b.GetVerificationMaterial()
		m.TlogEntries = append(m.TlogEntries, m.TlogEntries[0])
	})
	change("no SET", func(b *protobundle.Bundle) { entry(b).InclusionPromise = nil })
	change("index", func(b *protobundle.Bundle) { entry(b).LogIndex++ })
	change("time", func(b *protobundle.Bundle) { entry(b).IntegratedTime++ })
	change("kind", func(b *protobundle.Bundle) { entry(b).GetKindVersion().Kind = "hashedrekord" })
	change("kind version", func(b *protobundle.Bundle) { entry(b).GetKindVersion().Version = "0.0.9" })
	change("payload type", func(b *protobundle.Bundle) { b.GetDsseEnvelope().PayloadType += "x" })
	change("no signature", func(b *protobundle.Bundle) { b.GetDsseEnvelope().Signatures = nil })
	change("signature twice", func(b *protobundle.Bundle) {
		e := b.GetDsseEnvelope()
		e.Signatures = append(e.Signatures, e.Signatures[0])
	})
	change("another key", func(b *protobundle.Bundle) {
		if k := b.GetVerificationMaterial().GetPublicKey(); k != nil {
			k.Hint += "x"
		}
	})
	if proof := entry(s.bundle).GetInclusionProof(); proof != nil {
		change("shard index", func(b *protobundle.Bundle) { entry(b).GetInclusionProof().LogIndex++ })
		change("tree size", func(b *protobundle.Bundle) { entry(b).GetInclusionProof().TreeSize++ })
		change("proof reversed", func(b *protobundle.Bundle) { slices.Reverse(entry(b).GetInclusionProof().GetHashes()) })
		for i := range proof.GetHashes() {
			change(fmt.Sprint("proof without hash ", i), func(b *protobundle.Bundle) {
				p := entry(b).GetInclusionProof()
				p.Hashes = slices.Delete(p.Hashes, i, i+1)
			})
			change(fmt.Sprint("proof with hash twice ", i), func(b *protobundle.Bundle) {
				p := entry(b).GetInclusionProof()
				p.Hashes = slices.Insert(p.Hashes, i, p.Hashes[i])
			})
		}
	}
	return out
}

// transplants put parts of another good bundle into this one.
func (s subject) transplants(other subject) []mutant {
	var out []mutant
	theirs := make(map[string]part)
	for _, p := range parts(other.bundle) {
		theirs[p.name] = p
	}
	for _, p := range parts(s.bundle) {
		donor, ok := theirs[p.name]
		if !ok || string(donor.at(other.bundle)) == string(p.at(s.bundle)) {
			continue
		}
		b := proto.Clone(s.bundle).(*protobundle.Bundle)
		p.set(b, donor.at(other.bundle))
		out = append(out, mutant{p.name + " of " + other.path, b})
	}
	whole := proto.Clone(other.bundle).(*protobundle.Bundle)
	out = append(out, mutant{"the whole bundle of " + other.path, whole})
	swapped := proto.Clone(s.bundle).(*protobundle.Bundle)
	swapped.GetVerificationMaterial().TlogEntries = whole.GetVerificationMaterial().TlogEntries
	out = append(out, mutant{"the log entry of " + other.path, swapped})
	material := proto.Clone(s.bundle).(*protobundle.Bundle)
	material.VerificationMaterial = whole.VerificationMaterial
	return append(out, mutant{"the verification material of " + other.path, material})
}

// Nothing but the original may verify: every byte of what is signed, of every
// kind of good attestation, is flipped; parts are dropped, doubled, reordered
// and exchanged between packages.
func TestMutationsOfGoodEvidence(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("tens of thousands of verifications: run without the race detector, as make test does")
	}
	subjects := mutationSubjects(t)
	type job struct {
		s subject
		m mutant
	}
	jobs := make(chan job, 64)
	var mu sync.Mutex
	counts := make(map[string]int)
	survivors := make(map[string]verify.Status)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for j := range jobs {
				got := j.s.verdict(t, j.m.bundle)
				mu.Lock()
				counts[j.s.path]++
				if got == verify.Verified || got == verify.Signed {
					survivors[fmt.Sprintf("%s, attestation %d: %s", j.s.path, j.s.att+1, j.m.name)] = got
				}
				mu.Unlock()
			}
		})
	}
	for _, s := range subjects {
		for m := range s.flips {
			jobs <- job{s, m}
		}
		for _, m := range s.surgeries() {
			jobs <- job{s, m}
		}
		for _, other := range subjects {
			if other.path != s.path {
				for _, m := range s.transplants(other) {
					jobs <- job{s, m}
				}
			}
		}
	}
	close(jobs)
	workers.Wait()
	total := 0
	for _, path := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%6d mutants of %s", counts[path], path)
		total += counts[path]
	}
	t.Logf("%6d mutants, %d survivors", total, len(survivors))
	if total < minMutants {
		t.Errorf("%d mutants, want at least %d", total, minMutants)
	}
	for _, name := range slices.Sorted(maps.Keys(survivors)) {
		t.Errorf("survived as %v: %s", survivors[name], name)
	}
}
