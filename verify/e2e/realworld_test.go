package e2e

import (
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

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
	for i, report := range lab.Check(t, specs, realRegistries(t, dir), true) {
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
		data := testfiles.Read(t, dir, "trust", name)
		return data
	}
	material := trust.Material{Origin: trust.OriginFile, TrustedRoot: read("trusted_root.json"), NPMKeys: read("npm-keys.json"), KeysName: "npm-keys.json"}
	server := testfiles.RealRegistries(t)
	return lab.Through(t, transport, server+"/npm/", server+"/simple/", material)
}
