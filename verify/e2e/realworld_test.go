package e2e

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

// evidence serves the recorded registries as the real ones answer, from
// loopback. {{BASE}} in a body is the server's own address.
func evidence(t testing.TB, dir string) *httptest.Server {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := os.ReadFile(recordedFile(dir, r.URL.Path))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(strings.ReplaceAll(string(body), "{{BASE}}", server.URL)))
	}))
	t.Cleanup(server.Close)
	return server
}

// recordedFile maps a request's path to the file that holds the answer.
func recordedFile(dir, path string) string {
	file := filepath.Join(dir, "registry", filepath.FromSlash(filepath.Clean("/"+path)))
	rest, isNPM := strings.CutPrefix(path, "/npm/")
	switch {
	case isNPM && !strings.HasPrefix(rest, "-/") && strings.Contains(rest, "/"):
		return file + ".json"
	case isNPM && !strings.HasPrefix(rest, "-/"):
		return filepath.Join(file, "packument.json")
	case strings.HasPrefix(path, "/simple/"):
		return filepath.Join(file, "index.json")
	}
	return file
}

// Every release of the real evidence gets the status that its table names,
// against the public-good trust root and npm's real keys.
func TestRealEvidence(t *testing.T) {
	t.Parallel()
	dir := testfiles.Shared(t, "realworld")
	table, err := os.Open(filepath.Join(dir, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	lines := csv.NewReader(table)
	lines.Comma, lines.LazyQuotes = '\t', true
	rows, err := lines.ReadAll()
	if err != nil || len(rows) < 8 {
		t.Fatalf("expected.tsv: %d rows, %v; want at least 8", len(rows), err)
	}
	want := make(map[string]string)
	for _, row := range rows[1:] {
		want[row[0]+"/spec.yaml"] = row[1]
	}
	source, closer, err := catalog.OpenDir(filepath.Join(dir, "catalog"))
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	specs, err := catalog.Load(t.Context(), source)
	if err != nil || len(specs) != len(want) {
		t.Fatalf("%d specs, %v; the table has %d rows", len(specs), err, len(want))
	}
	for i, report := range check(t, specs, realRegistries(t, dir), true) {
		path := string(specs[i].Path)
		if report.Status.String() != want[path] {
			t.Errorf("%s: expected %q, got %v: %s", path, want[path], report.Status, report.Reason)
		}
		t.Logf("%s: %v: %s", path, report.Status, report.Reason)
	}
}

func realRegistries(t testing.TB, dir string) *scan.Registries {
	t.Helper()
	return realRegistriesThrough(t, dir, nil)
}

func realRegistriesThrough(t testing.TB, dir string, transport http.RoundTripper) *scan.Registries {
	t.Helper()
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, "trust", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	material := trust.Material{Origin: trust.OriginFile, TrustedRoot: read("trusted_root.json"), NPMKeys: read("npm-keys.json"), KeysName: "npm-keys.json"}
	server := evidence(t, dir)
	return lab.Through(t, transport, server.URL+"/npm/", server.URL+"/simple/", material)
}
