package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// meter counts the requests that go through it and the bytes of the bodies
// that come back.
type meter struct {
	http.RoundTripper
	requests, bytes atomic.Int64
}

func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	m.requests.Add(1)
	response, err := m.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = &meteredBody{response.Body, &m.bytes}
	}
	return response, err
}

type meteredBody struct {
	io.ReadCloser
	bytes *atomic.Int64
}

func (b *meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.bytes.Add(int64(n))
	return n, err
}

// traffic is what fetching one package took.
type traffic struct {
	spec            catalog.Spec
	evidence        verify.Evidence
	requests, bytes int64
}

func measure(t testing.TB, specs []catalog.Spec, from *scan.Registries, m *meter) []traffic {
	t.Helper()
	var out []traffic
	for _, spec := range specs {
		m.requests.Store(0)
		m.bytes.Store(0)
		evidence, _, err := from.Fetch(t.Context(), spec, func(string) {})
		if err != nil {
			t.Fatalf("%v: %v", spec.Path, err)
		}
		out = append(out, traffic{spec, evidence, m.requests.Load(), m.bytes.Load()})
	}
	return out
}

// demoTraffic is that of the packages of the demo's honest catalog.
func demoTraffic(t testing.TB) []traffic {
	t.Helper()
	recording, material := lab.Recording(t)
	m := &meter{RoundTripper: recording}
	return measure(t, lab.Specs(t, "dockyard"), lab.Through(t, m, recording.NPMRegistry, recording.PyPIIndex, material), m)
}

// A package of npm takes at most two requests, its manifest and its
// attestations; one of PyPI takes one and one for each file that has
// provenance. The document of all versions and the files are never asked for.
func TestNetworkCost(t *testing.T) {
	t.Parallel()
	var requests, bytes int64
	packages := demoTraffic(t)
	for _, p := range packages {
		limit := int64(2)
		if p.spec.Protocol == catalog.UVX {
			limit = 1
			for _, a := range p.evidence.Artifacts {
				if len(a.Attestations) > 0 {
					limit++
				}
			}
		}
		if p.requests < 1 || p.requests > limit {
			t.Errorf("%v: %d requests, want 1 to %d", p.spec.Path, p.requests, limit)
		}
		if p.bytes == 0 {
			t.Errorf("%v: no byte came back", p.spec.Path)
		}
		requests, bytes = requests+p.requests, bytes+p.bytes
	}
	t.Logf("%d packages: %.2f requests and %.0f bytes each", len(packages), float64(requests)/float64(len(packages)), float64(bytes)/float64(len(packages)))
}

// BenchmarkNetwork counts what a package takes: in the demo, whose catalog has
// the evidence of a real one, and, where the real evidence is, against
// fetching the document of all versions and the files instead. Only packages
// whose document and files were recorded count there.
func BenchmarkNetwork(b *testing.B) {
	b.Run("demo", func(b *testing.B) {
		var packages []traffic
		for b.Loop() {
			packages = demoTraffic(b)
		}
		var requests, bytes int64
		for _, p := range packages {
			requests, bytes = requests+p.requests, bytes+p.bytes
		}
		b.ReportMetric(float64(requests)/float64(len(packages)), "requests/package")
		b.ReportMetric(float64(bytes)/float64(len(packages)), "fetched-B/package")
	})
	b.Run("recorded", func(b *testing.B) {
		dir := testfiles.Shared(b, "realworld")
		var packages []traffic
		for b.Loop() {
			packages = recordedTraffic(b, dir)
		}
		var counted, requests, bytes, manifests, whole int64
		for _, p := range packages {
			manifest, instead, ok := wholeOf(b, dir, p)
			if !ok {
				continue
			}
			counted++
			requests, bytes = requests+p.requests, bytes+p.bytes
			manifests, whole = manifests+manifest, whole+instead
		}
		if counted < 3 {
			b.Fatalf("only %d packages were recorded with their files", counted)
		}
		each := func(n int64, unit string) { b.ReportMetric(float64(n)/float64(counted), unit) }
		each(requests, "requests/package")
		each(bytes, "fetched-B/package")
		each(bytes-manifests+whole, "whole-B/package")
	})
}

func recordedTraffic(b *testing.B, dir string) []traffic {
	b.Helper()
	source, closer, err := catalog.OpenDir(filepath.Join(dir, "catalog"))
	if err != nil {
		b.Fatal(err)
	}
	defer closer.Close()
	specs, err := catalog.Load(b.Context(), source)
	if err != nil {
		b.Fatal(err)
	}
	m := &meter{RoundTripper: http.DefaultTransport}
	return measure(b, specs, realRegistriesThrough(b, dir, m), m)
}

// wholeOf returns the size of the manifest or index that was fetched, and that
// of the document of all versions and the files, which would be fetched
// instead; false where those were not recorded. PyPI's index is the document
// of all versions.
func wholeOf(b *testing.B, dir string, p traffic) (manifest, whole int64, ok bool) {
	b.Helper()
	size := func(parts ...string) int64 {
		info, err := os.Stat(filepath.Join(append([]string{dir, "registry"}, parts...)...))
		if err != nil {
			return 0
		}
		return info.Size()
	}
	name, version := string(p.spec.Package), string(p.spec.Version)
	if p.spec.Protocol == catalog.NPX {
		manifest = size("npm", name, version+".json")
		document, tarball := size("npm", name, "packument.json"), size("npm", name, "-", name+"-"+version+".tgz")
		return manifest, document + tarball, document > 0 && tarball > 0
	}
	manifest = size("simple", name, "index.json")
	whole = manifest
	for _, a := range p.evidence.Artifacts {
		file := size("files", string(a.Filename))
		whole, ok = whole+file, file > 0
	}
	return manifest, whole, ok
}
