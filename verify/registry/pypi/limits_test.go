package pypi

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
)

var release = verify.Release{Ecosystem: verify.PyPI, Name: "foo", Version: "1.0"}

// many are n wheels of foo 1.0.
func many(n int, more func(i int) string) string {
	files := make([]string, n)
	for i := range files {
		files[i] = entry(fmt.Sprintf("foo-1.0-%d-py3-none-any.whl", i+1), more(i))
	}
	return pageJSON("foo", files...)
}

// allocated is how many bytes f allocates; 0 under the race detector, which
// allocates for itself.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if testfiles.Race {
		return 0
	}
	return after.TotalAlloc - before.TotalAlloc
}

// A release may have thousands of files, and no more than that.
func TestManyFiles(t *testing.T) {
	for _, tt := range []struct {
		files int
		want  string
	}{{untrusted.MaxFilesPerRelease, ""}, {untrusted.MaxFilesPerRelease + 1, "expected at most 10000 files in a release"}} {
		f := serve(t, map[string]answer{"/simple/foo/": ok(many(tt.files, func(int) string { return "" }))})
		var evidence verify.Evidence
		var err error
		bytes := allocated(func() {
			evidence, err = New(client(), Config{Indexes: []Index{{URL: f.index}}}).Fetch(t.Context(), release, nil)
		})
		if tt.want == "" && (err != nil || len(evidence.Artifacts) != tt.files) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%d files: got %d, %v", tt.files, len(evidence.Artifacts), err)
		}
		t.Logf("%d files: %d MiB allocated", tt.files, bytes>>20)
		if len(f.asked) != 1 || bytes > 100<<20 {
			t.Errorf("%d files: %d requests, %d bytes allocated", tt.files, len(f.asked), bytes)
		}
	}
}

// Provenance of one release is fetched up to a budget, whether it is large or
// does not come at all; the files without it say so.
func TestProvenanceOfManyFiles(t *testing.T) {
	large := strings.Repeat(" ", 1<<20) + provenanceJSON(githubPublisher, attestationJSON)
	for _, tt := range []struct {
		name        string
		answer      answer
		least, most int // requests, with the index
		first, end  string
	}{
		{"large", ok(large), 1 + untrusted.MaxProvenance>>20, 1 + untrusted.MaxProvenance>>20 + provenanceAtOnce, "", "was not fetched"},
		{"failing", answer{400, "no"}, 1 + maxFailures, 1 + maxFailures + provenanceAtOnce, "could not be fetched", "was not fetched"},
		{"too large", ok(strings.Repeat(" ", untrusted.MaxAttestations+1)), 1 + maxFailures, 1 + maxFailures + provenanceAtOnce, "could not be fetched", "was not fetched"},
		{"missing", answer{404, ""}, 1 + 500, 1 + 500, "advertised, but the registry answers", "advertised, but the registry answers"},
		{"small", ok(provenanceJSON(githubPublisher, attestationJSON)), 1 + 500, 1 + 500, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, map[string]answer{
				"/simple/foo/": ok(many(500, func(int) string { return `,"provenance":"/integrity"` })), "/integrity": tt.answer,
			})
			var evidence verify.Evidence
			bytes := allocated(func() {
				var err error
				if evidence, err = New(client(), Config{Indexes: []Index{{URL: f.index}}}).Fetch(t.Context(), release, nil); err != nil {
					t.Fatal(err)
				}
			})
			// Which file is asked for first is the scheduler's choice.
			asked := slices.IndexFunc(evidence.Artifacts, func(a verify.Artifact) bool {
				return strings.Contains(a.Missing, tt.first) && (tt.first == "") == (a.Missing == "")
			})
			end := evidence.Artifacts[len(evidence.Artifacts)-1]
			if asked < 0 || !strings.Contains(end.Missing, tt.end) || (tt.end == "") != (end.Missing == "") {
				t.Errorf("no file says %q, or the last does not say %q but %q", tt.first, tt.end, end.Missing)
			}
			t.Logf("%d requests, %d MiB allocated", len(f.asked), bytes>>20)
			if len(f.asked) < tt.least || len(f.asked) > tt.most || bytes > 500<<20 {
				t.Errorf("%d requests, %d to %d; %d bytes allocated", len(f.asked), tt.least, tt.most, bytes)
			}
			for _, a := range evidence.Artifacts {
				if a.Missing == "" && len(a.Attestations) == 0 {
					t.Fatalf("%v has neither attestations nor a reason: it would pass for one without", a.Filename)
				}
			}
		})
	}
}

// No more attestations of one file than a verifier should be made to check.
func TestManyAttestations(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n    int
		want string
	}{{untrusted.MaxBundlesPerArtifact, ""}, {100, "more than 64 attestations"}} {
		list := strings.TrimSuffix(strings.Repeat(attestationJSON+",", tt.n), ",")
		offered, missing := DecodeProvenance([]byte(provenanceJSON(githubPublisher, list)), verify.Source{})
		if !strings.Contains(missing, tt.want) || (tt.want == "") != (len(offered) == tt.n && missing == "") {
			t.Errorf("%d: %d offered, %q", tt.n, len(offered), missing)
		}
	}
}
