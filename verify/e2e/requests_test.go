package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// small bounds an answer that is asked for. A packument, or a package, is more
// by orders of magnitude.
const small = 64 << 10

// counted notes what is asked for one package, and how much comes back.
type counted struct {
	mu    sync.Mutex
	asked []string
	bytes int
}

func (c *counted) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		next.ServeHTTP(recorded, r)
		c.mu.Lock()
		c.asked = append(c.asked, r.URL.EscapedPath())
		c.bytes = max(c.bytes, recorded.Body.Len())
		c.mu.Unlock()
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorded.Code)
		io.Copy(w, recorded.Body)
	})
}

// An npm package costs its manifest and its attestations, a PyPI package its
// index and one request a file: never a package itself, and never all versions
// of it.
func TestRequests(t *testing.T) {
	t.Parallel()
	npmPackages, pypiPackages := 0, 0
	for _, spec := range lab.Specs(t, "dockyard") {
		path := string(spec.Path)
		count := &counted{}
		server := newFaulty(t, false, "", func(http.ResponseWriter, *http.Request, int) bool { return false })
		server.Config.Handler = count.wrap(server.Config.Handler)
		report := server.scan(t, []catalog.Spec{spec}, registry.Options{}).reports[path]
		if report == nil || report.Status.String() != spec.Expect {
			t.Fatalf("%s: %+v", path, report)
		}
		if count.bytes > small {
			t.Errorf("%s: an answer of %d bytes", path, count.bytes)
		}
		most := 2
		if spec.Protocol == catalog.UVX {
			pypiPackages++
			most = 1 + len(report.Artifacts)
		} else {
			npmPackages++
		}
		if len(count.asked) > most || len(count.asked) == 0 {
			t.Errorf("%s: asked for %q, at most %d requests are needed", path, count.asked, most)
		}
		for _, asked := range count.asked {
			if !wanted(asked, spec) {
				t.Errorf("%s: asked for %s", path, asked)
			}
		}
	}
	if npmPackages != 17 || pypiPackages != 12 {
		t.Errorf("%d npm and %d PyPI packages", npmPackages, pypiPackages)
	}
}

// A Go module costs its .info, its go.mod, its versions and its record, and the first of
// a run how the database is reached, its newest head and a few tiles, which others share:
// never a zip.
func TestModuleRequests(t *testing.T) {
	t.Parallel()
	var specs []catalog.Spec
	for _, name := range []string{"honest-module", "honest-major", "deprecated", "origin-elsewhere", "another-owner", "upper-case"} {
		specs = append(specs, module(t, name))
	}
	count := &counted{}
	server := newFaulty(t, false, "", func(http.ResponseWriter, *http.Request, int) bool { return false })
	server.Config.Handler = count.wrap(server.Config.Handler)
	from := lab.Asked(t, registry.Options{Transport: registry.NewTransport(registry.TransportOptions{})}, server.URL, server.URL+"/simple/", demoTrust(t))
	first := 0
	for i, spec := range specs { // one after the other: those that are asked for at once may ask for the same tiles
		evidence, trust, err := from.Fetch(t.Context(), spec, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		if report := verify.Verify(evidence, spec.Provenance, trust); report.Status != verify.Signed {
			t.Errorf("%v: %v: %s", spec.Path, report.Status, report.Reason)
		}
		if i == 0 {
			first = len(count.asked)
			t.Logf("%d requests for the first: %q", first, count.asked)
		}
	}
	each := (len(count.asked) - first) / (len(specs) - 1)
	t.Logf("%d for each other; the largest answer has %d bytes", each, count.bytes)
	if first > 9 || each > 4 || count.bytes > 8<<10 {
		t.Errorf("%d requests for one module, %d for each other, an answer of %d bytes: %q", first, each, count.bytes, count.asked)
	}
	if slices.ContainsFunc(count.asked, func(path string) bool { return strings.HasSuffix(path, ".zip") }) {
		t.Errorf("asked for a zip: %q", count.asked)
	}
}

// wanted reports whether a path is one of those that are needed.
func wanted(path string, spec catalog.Spec) bool {
	name, version := string(spec.Package), string(spec.Version)
	if spec.Protocol == catalog.UVX {
		return strings.HasPrefix(path, "/simple/") || strings.HasPrefix(path, "/integrity/") && strings.HasSuffix(path, "/provenance")
	}
	return path == "/"+strings.ReplaceAll(name, "/", "%2f")+"/"+version || strings.HasPrefix(path, npmEvidence)
}

// The recording that the demo is holds packuments of a few packages only: had one been
// asked for of the others, it would have been missed.
func TestNoPackumentIsRecorded(t *testing.T) {
	t.Parallel()
	answers, _ := lab.Recording(t)
	req, err := http.NewRequest(http.MethodGet, answers.NPMRegistry+"@heroku%2fmcp-server", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := answers.RoundTrip(req); err == nil {
		resp.Body.Close()
		t.Errorf("it answers %d", resp.StatusCode)
	}
}
