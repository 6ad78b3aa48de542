package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/many"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// attested is a package whose provenance verifies, fetched.
type attested struct {
	evidence verify.Evidence
	want     catalog.Provenance
	trust    verify.Trust
	plain    verify.Trust // the same, as it is before plimsoll prepares it
}

// fetchAttested returns the packages of a catalog that verify, fetched, so that
// both sides of a ratio do the same work: no side stops early.
func fetchAttested(b *testing.B, specs []catalog.Spec, from scan.Fetcher, trustedRoot []byte) []attested {
	b.Helper()
	var out []attested
	for _, spec := range specs {
		if spec.Err != nil {
			continue
		}
		evidence, anchors, err := from.Fetch(b.Context(), spec, func(string) {})
		if err != nil {
			continue // an attack on the fetching
		}
		p := attested{evidence, spec.Provenance, anchors, plainTrust(b, trustedRoot, anchors)}
		if p.verify().Status == verify.Verified {
			out = append(out, p)
		}
	}
	return out
}

func (p attested) verify() verify.Report { return verify.Verify(p.evidence, p.want, p.trust) }

func (p attested) examine() verify.Report { return verify.Examine(p.evidence, p.want, p.trust).Report }

// collections are the evidence that is measured: the demo's, and real evidence
// where it is there.
func collections(b *testing.B) map[string][]attested {
	b.Helper()
	specs, from := lab.Specs(b), lab.Registries(b)
	_, material := lab.Recording(b)
	all := map[string][]attested{"demo": fetchAttested(b, specs, from, material.TrustedRoot)}
	if n := len(all["demo"]); n < 10 {
		b.Fatalf("only %d packages of the demo verify", n)
	}
	dir := filepath.Join("..", "..", "..", "shared", "realworld")
	source, closer, err := catalog.OpenDir(filepath.Join(dir, "catalog"))
	if err != nil {
		b.Log("the real evidence is not here: ../shared/realworld")
		return all
	}
	defer closer.Close()
	if specs, err = catalog.Load(b.Context(), source); err != nil {
		b.Fatal(err)
	}
	trustedRoot := testfiles.Read(b, dir, "trust", "trusted_root.json")
	all["real"] = fetchAttested(b, specs, realRegistries(b, dir), trustedRoot)
	if n := len(all["real"]); n < 3 {
		b.Fatalf("only %d packages of the real evidence verify", n)
	}
	return all
}

// BenchmarkVerify compares plimsoll's verdict with sigstore-go alone on the
// same bundles, turn by turn: "x-alone" is the ratio of the times that their thread
// was on a processor, which is that on the wall if nobody else wants one.
func BenchmarkVerify(b *testing.B) {
	for from, packages := range collections(b) {
		for name, judge := range map[string]func(attested) verify.Report{"brief": attested.verify, "explained": attested.examine} {
			b.Run(from+"/"+name, func(b *testing.B) {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				var alone, ours time.Duration
				for b.Loop() {
					for _, p := range packages {
						start := many.ThreadTime()
						if err := p.alone(); err != nil {
							b.Fatal(err)
						}
						between := many.ThreadTime()
						report := judge(p)
						ours += many.ThreadTime() - between
						alone += between - start
						if report.Status != verify.Verified {
							b.Fatal(report.Reason)
						}
					}
				}
				b.ReportMetric(float64(ours)/float64(alone), "x-alone")
				b.ReportMetric(float64(b.N*len(packages))/ours.Seconds(), "packages/s")
			})
		}
	}
}

// BenchmarkCores compares one core with all of them, turn by turn: "x-one" is
// how many times as much is verified in the same time. "x-machine" is the same
// for bare signatures on P-384, which share nothing and allocate next to
// nothing: more than that the machine did not have to give at the time.
func BenchmarkCores(b *testing.B) {
	cores := runtime.GOMAXPROCS(0)
	for from, packages := range collections(b) {
		b.Run(from, func(b *testing.B) {
			b.Cleanup(func() { runtime.GOMAXPROCS(cores) })
			verdicts := func() {
				for _, p := range packages {
					p.verify()
				}
			}
			signatures := bareSignatures(b, 2*len(packages))
			var one, all, bareOne, bareAll time.Duration
			for b.Loop() {
				one += onCores(1, cores, verdicts)
				all += onCores(cores, cores, verdicts)
				bareOne += onCores(1, cores, signatures)
				bareAll += onCores(cores, cores, signatures)
			}
			b.ReportMetric(float64(one)/float64(all), "x-one")
			b.ReportMetric(float64(bareOne)/float64(bareAll), "x-machine")
			b.ReportMetric(float64(cores), "cores")
		})
	}
}

// onCores does the work times over on a number of cores and says how long that
// took.
func onCores(cores, times int, work func()) time.Duration {
	runtime.GOMAXPROCS(cores)
	start := time.Now()
	var group errgroup.Group
	group.SetLimit(cores)
	for range times {
		group.Go(func() error {
			work()
			return nil
		})
	}
	_ = group.Wait()
	return time.Since(start)
}

func bareSignatures(b *testing.B, n int) func() {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		for range n {
			if !ecdsa.VerifyASN1(&key.PublicKey, sum[:], signature) {
				panic("a signature of our own does not verify")
			}
		}
	}
}

// alone parses and verifies every bundle of a package with sigstore-go and
// nothing else.
func (p attested) alone() error {
	for _, art := range p.evidence.Artifacts {
		for _, att := range art.Attestations {
			if err := verifyAlone(att.Bundle, art.Digest, p.plain); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifyAlone asks sigstore-go, through a trust that plimsoll has not prepared.
func verifyAlone(data []byte, of verify.Digest, trust verify.Trust) error {
	digest, err := hex.DecodeString(of.Hex)
	if err != nil {
		return err
	}
	entity := &bundle.Bundle{}
	if err := entity.UnmarshalJSON(data); err != nil {
		return err
	}
	options := []sigverify.VerifierOption{sigverify.WithTransparencyLog(1), sigverify.WithObserverTimestamps(1)}
	policy := sigverify.NewPolicy(sigverify.WithArtifactDigest(of.Algorithm, digest), sigverify.WithoutIdentitiesUnsafe())
	material := trust.Root
	if entity.GetVerificationMaterial().GetPublicKey() != nil {
		policy = sigverify.NewPolicy(sigverify.WithArtifactDigest(of.Algorithm, digest), sigverify.WithKey())
		keys, err := verify.KeyMaterial(trust.Keys)
		if err != nil {
			return err
		}
		material = root.TrustedMaterialCollection{material, keys}
	} else {
		options = append(options, sigverify.WithSignedCertificateTimestamps(1))
	}
	verifier, err := sigverify.NewVerifier(material, options...)
	if err != nil {
		return err
	}
	_, err = verifier.Verify(entity, policy)
	return err
}

// plainTrust is a trust before it was prepared.
func plainTrust(t testing.TB, trustedRoot []byte, prepared verify.Trust) verify.Trust {
	t.Helper()
	plain, err := root.NewTrustedRootFromJSON(trustedRoot)
	if err != nil {
		t.Fatal(err)
	}
	return verify.Trust{Root: plain, Keys: prepared.Keys}
}

// BenchmarkScan runs the whole demo through the engine and the recording.
func BenchmarkScan(b *testing.B) {
	specs, from := lab.Specs(b), lab.Registries(b)
	var readable []catalog.Spec
	for _, s := range specs {
		if s.Err == nil {
			readable = append(readable, s)
		}
	}
	for b.Loop() {
		lab.Check(b, readable, from, false)
	}
	b.ReportMetric(float64(b.N*len(readable))/b.Elapsed().Seconds(), "packages/s")
}
