package e2e

import (
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
)

// Asserted, so that a change which silently loses kinds or mutants fails.
const (
	minKinds   = 9
	minMutants = 47_000
	minSample  = 1_700
)

// mutant is one altered bundle and what was altered.
type mutant struct {
	name   string
	bundle *protobundle.Bundle
}

// subject is one good attestation, and the package that it belongs to.
type subject struct {
	kind     string
	path     string
	whole    verify.Evidence // of the package
	alone    verify.Evidence // the same with this attestation only
	want     catalog.Provenance
	trust    verify.Trust
	art, att int // where it is in whole
	bundle   *protobundle.Bundle
}

// mutationSubjects are one of each kind of good attestation that the demo has.
func mutationSubjects(t *testing.T) []subject {
	t.Helper()
	specs, from := lab.Specs(t), lab.Registries(t)
	var out []subject
	for _, spec := range specs {
		if spec.Err != nil {
			continue
		}
		evidence, anchors, err := from.Fetch(t.Context(), spec, func(string) {})
		if err != nil {
			continue // some attacks offer nothing
		}
		want := spec.Provenance
		good := verify.Verify(evidence, want, anchors)
		if good.Status != verify.Verified && good.Status != verify.Signed {
			continue
		}
		for i, artifact := range good.Artifacts {
			for j, att := range artifact.Attestations {
				b := &protobundle.Bundle{}
				if err := protojson.Unmarshal(evidence.Artifacts[i].Attestations[j].Bundle, b); err != nil {
					t.Fatalf("%v: %v", spec.Path, err)
				}
				s := subject{kindOf(spec, att, b), string(spec.Path), evidence, alone(evidence, i, j), want, anchors, i, j, b}
				if slices.ContainsFunc(out, func(o subject) bool { return o.kind == s.kind }) {
					continue
				}
				if status, ok := s.proves(t, b, true); !ok {
					t.Fatalf("%s: the original alone is %v", s.path, status)
				}
				out = append(out, s)
			}
		}
	}
	return out
}

// kindOf says in what an attestation differs from others in its form.
func kindOf(spec catalog.Spec, att verify.Attestation, b *protobundle.Bundle) string {
	material, by := b.GetVerificationMaterial(), "registry key"
	if p := att.Publisher; p != nil {
		by = p.Kind
		if p.Deprecated {
			by += ", first generation"
		}
	}
	holds := "key"
	if material.GetCertificate() != nil {
		holds = "certificate"
	} else if chain := material.GetX509CertificateChain(); chain != nil {
		holds = fmt.Sprintf("chain of %d", len(chain.GetCertificates()))
	}
	e := entry(b)
	return fmt.Sprintf("%s, %s, %s, %s, %s, %s %s, promise %v, proof %v", spec.Protocol, att.PredicateType, by, b.GetMediaType(), holds,
		e.GetKindVersion().GetKind(), e.GetKindVersion().GetVersion(), e.GetInclusionPromise() != nil, e.GetInclusionProof() != nil)
}

// alone is the evidence with one attestation only, so that a mutant costs no
// more than itself.
func alone(evidence verify.Evidence, art, att int) verify.Evidence {
	only := evidence.Artifacts[art]
	only.Attestations = only.Attestations[att : att+1]
	only.Signatures = nil
	evidence.Artifacts = []verify.Artifact{only}
	return evidence
}

// proves reports whether the altered bundle is taken for evidence, with the
// status of the package: as its only evidence and whoever is expected, of an
// issuer that the spec accepts, or in the original's place among all the rest.
func (s subject) proves(t *testing.T, b *protobundle.Bundle, alone bool) (verify.Status, bool) {
	data, err := protojson.Marshal(b)
	if err != nil {
		t.Error(err)
		return verify.Pending, true
	}
	evidence, want, art, att := s.whole, s.want, s.art, s.att
	if alone {
		evidence, want, art, att = s.alone, catalog.Provenance{CertIssuer: want.CertIssuer}, 0, 0
	}
	evidence.Artifacts = slices.Clone(evidence.Artifacts)
	evidence.Artifacts[art].Attestations = slices.Clone(evidence.Artifacts[art].Attestations)
	evidence.Artifacts[art].Attestations[att].Bundle = data
	report := verify.Verify(evidence, want, s.trust)
	return report.Status, report.Status == verify.Verified || report.Status == verify.Signed ||
		report.Artifacts[art].Attestations[att].Status == verify.Verified
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

// flips yields the bundle with every byte of every part flipped, one at a time,
// or every nth.
func (s subject) flips(every int, yield func(mutant) bool) {
	for _, p := range parts(s.bundle) {
		original := p.at(s.bundle)
		for i := 0; i < len(original); i += every {
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
	change("no material", func(b *protobundle.Bundle) { b.VerificationMaterial.Content = nil })
	change("no inclusion proof, no SET", func(b *protobundle.Bundle) {
		entry(b).InclusionProof, entry(b).InclusionPromise = nil, nil
	})
	change("no checkpoint", func(b *protobundle.Bundle) {
		if proof := entry(b).GetInclusionProof(); proof != nil {
			proof.Checkpoint = nil
		}
	})
	change("no log id", func(b *protobundle.Bundle) { entry(b).LogId = nil })
	change("no envelope", func(b *protobundle.Bundle) { b.Content = nil })
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
	if other.path != s.path { // the package's own other attestation is good
		out = append(out, mutant{"the whole bundle of " + other.path, whole})
	}
	swapped := proto.Clone(s.bundle).(*protobundle.Bundle)
	swapped.GetVerificationMaterial().TlogEntries = whole.GetVerificationMaterial().TlogEntries
	out = append(out, mutant{"the log entry of " + other.path, swapped})
	material := proto.Clone(s.bundle).(*protobundle.Bundle)
	material.VerificationMaterial = whole.VerificationMaterial
	return append(out, mutant{"the verification material of " + other.path, material})
}

// job is one mutant to try.
type job struct {
	s     subject
	m     mutant
	alone bool
}

// mutants yields all mutants of all subjects: of flipped bytes, each tried by
// itself, and of what is done to the structure, tried in the whole package.
func mutants(subjects []subject, every int, yield func(job)) {
	for i, s := range subjects {
		s.flips(every, func(m mutant) bool {
			yield(job{s, m, true})
			return true
		})
		for _, m := range s.surgeries() {
			yield(job{s, m, false})
		}
		for j, other := range subjects {
			if other.kind == s.kind || every > 1 && j != (i+1)%len(subjects) {
				continue
			}
			for _, m := range s.transplants(other) {
				yield(job{s, m, false})
			}
		}
	}
}

// Nothing but the original may verify: every byte of what is signed, of every
// kind of good attestation, is flipped; parts are dropped, doubled, reordered
// and exchanged between packages.
func TestMutationsOfGoodEvidence(t *testing.T) {
	hostile.WithoutRace(t)
	every, least := 1, minMutants
	if hostile.Sample(t) { // every 41st byte of each part, every change to the structure, the parts of one other bundle
		every, least = 41, minSample
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // memory for time
	subjects := mutationSubjects(t)
	jobs := make(chan job, 64)
	var mu sync.Mutex
	counts := make(map[string]int)
	survivors := make(map[string]verify.Status)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for j := range jobs {
				got, survived := j.s.proves(t, j.m.bundle, j.alone)
				mu.Lock()
				counts[j.s.kind]++
				if survived {
					survivors[fmt.Sprintf("%s, attestation %d: %s", j.s.path, j.s.att+1, j.m.name)] = got
				}
				mu.Unlock()
			}
		})
	}
	mutants(subjects, every, func(j job) { jobs <- j })
	close(jobs)
	workers.Wait()
	total := 0
	for _, s := range subjects {
		t.Logf("%6d mutants of %s, attestation %d (%s)", counts[s.kind], s.path, s.att+1, s.kind)
		total += counts[s.kind]
	}
	t.Logf("%6d mutants of %d kinds, %d survivors", total, len(subjects), len(survivors))
	if len(subjects) < minKinds || total < least {
		t.Errorf("%d kinds and %d mutants, want at least %d and %d", len(subjects), total, minKinds, least)
	}
	for _, name := range slices.Sorted(maps.Keys(survivors)) {
		t.Errorf("survived as %v: %s", survivors[name], name)
	}
}
