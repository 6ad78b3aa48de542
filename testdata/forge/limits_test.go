package main

import (
	"runtime"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

// Properly issued, logged and timestamped, and far too much: what a
// certificate may hold is bounded by the bundle only, and so is what it costs.
func TestOverdoneCertificates(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(k *kit) vector
		want string // "" for one that verifies
	}{
		{"an extension of 1 MiB", other((*kit).message, func(k *kit, s *signing) {
			s.identity = k.id.with(extWorkflowV1, strings.Repeat("A", 1<<20))
		}), "too large"},
		{"an extension of 48 KiB", other((*kit).message, func(k *kit, s *signing) {
			s.identity = k.id.with(extWorkflowV1, strings.Repeat("A", 48<<10))
		}), ""},
		{"every extension of 2 KiB", other((*kit).message, func(k *kit, s *signing) {
			for n := extTriggerV1; n <= extTokenSubject; n++ {
				if n != extIssuer && n != extRefV1+1 {
					s.identity = s.identity.with(n, strings.Repeat("B", 2<<10))
				}
			}
		}), "contradicts itself"},
		{"an extension of 5 MiB", other((*kit).message, func(k *kit, s *signing) {
			s.identity = k.id.with(extWorkflowV1, strings.Repeat("A", 5<<20))
		}), "too large"},
		{"a name of 48 KiB that begins as the right one", other((*kit).message, func(k *kit, s *signing) {
			s.identity.san += "/" + strings.Repeat("a", 48<<10)
		}), "the certificate is for another identity than the one that was given"},
		{"10,000 subjects", func(k *kit) vector {
			s := k.attested("dsse")
			one := string(k.statement[strings.Index(string(k.statement), `{"name"`):strings.Index(string(k.statement), `],"predicateType"`)])
			s.statement = []byte(strings.Replace(string(k.statement), one, strings.TrimSuffix(strings.Repeat(one+",", 10_000), ","), 1))
			return vector{bundle: s.bundle().json()}
		}, "subjects"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit()
			v := tt.make(k)
			dir := t.TempDir()
			artifact, _ := v.files(t, k, dir)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			code, _, stderr := verifyBundle(v.arguments(k, dir), artifact)
			runtime.ReadMemStats(&after)
			if (code == 0) != (tt.want == "") || !strings.Contains(stderr, tt.want) || len(stderr) > 2000 {
				t.Errorf("exit code %d: %.300s", code, stderr)
			}
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("a bundle of %d KiB: %d MiB allocated: %.150s", len(v.bundle)>>10, allocated>>20, stderr)
			if allocated > 300<<20 && !testfiles.Race { // which allocates for itself; the steps decode the entry again
				t.Errorf("%d bytes were allocated", allocated)
			}
		})
	}
}
