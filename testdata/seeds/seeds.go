// Package seeds finds what fuzz targets begin with: what the demo holds, and
// beside it real evidence in ../shared/realworld, where that is there. A target
// that finds nothing fails: a folder that has moved must not silently take its
// seeds with it.
package seeds

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"plimsoll/testdata/demo"
)

// Kind is a kind of file.
type Kind struct {
	name       string
	demo, real *regexp.Regexp // of the path in demo.FS and below realworld
}

// The kinds.
var (
	Specs = Kind{"specs",
		regexp.MustCompile(`^(dockyard|attacks)/.*/spec\.yaml$`), regexp.MustCompile(`^catalog/.*/spec\.yaml$`)}
	Manifests = Kind{"npm manifests",
		regexp.MustCompile(`^recording/bodies/npm/.*/\d[^/]*\d\.json$`), regexp.MustCompile(`^registry/npm/[^-].*/\d[^/]*\.json$`)}
	Packuments = Kind{"npm packuments",
		regexp.MustCompile(`^recording/bodies/npm/.*/packument\.json$`), regexp.MustCompile(`^registry/npm/.*/packument\.json$`)}
	Attestations = Kind{"npm attestations responses",
		regexp.MustCompile(`^recording/bodies/npm/.*\.attestations\.json$`), regexp.MustCompile(`/v1/attestations/`)}
	Indexes = Kind{"simple indexes",
		regexp.MustCompile(`^recording/bodies/pypi/.*/index\.json$`), regexp.MustCompile(`^registry/simple/.*/index\.json$`)}
	Provenance = Kind{"PEP 740 provenance objects",
		regexp.MustCompile(`^recording/bodies/pypi/.*\.provenance\.json$`), regexp.MustCompile(`^registry/integrity/.*/provenance$`)}
	Recordings = Kind{"recordings", regexp.MustCompile(`^recording/recording\.json$`), nil}
	Keys       = Kind{"registry keys", regexp.MustCompile(`^recording/npm-keys\.json$`), regexp.MustCompile(`^trust/npm-keys\.json$`)}
	Roots      = Kind{"trust roots", regexp.MustCompile(`^recording/trusted_root\.json$`), regexp.MustCompile(`^trust/trusted_root\.json$`)}
)

// most bounds the demo's seeds of one kind; they are taken from all of it.
const most = 24

// Files returns files of a kind. It fails the target where the demo holds none.
func Files(t testing.TB, k Kind) [][]byte {
	t.Helper()
	names := matching(t, demo.FS, k.demo)
	if len(names) == 0 {
		t.Fatalf("the demo holds no %s to begin with", k.name)
	}
	var files [][]byte
	for i := range min(most, len(names)) {
		files = append(files, read(t, demo.FS, names[i*len(names)/min(most, len(names))]))
	}
	if k.real == nil {
		return files
	}
	folder := filepath.Join(root(t), "..", "shared", "realworld")
	if _, err := os.Stat(folder); err != nil {
		t.Logf("no real %s: %v", k.name, err)
		return files
	}
	outside := os.DirFS(folder)
	names = matching(t, outside, k.real)
	if len(names) == 0 {
		t.Fatalf("%s holds no %s to begin with", folder, k.name)
	}
	for _, name := range names {
		files = append(files, read(t, outside, name))
	}
	return files
}

func matching(t testing.TB, fsys fs.FS, pattern *regexp.Regexp) (names []string) {
	t.Helper()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && pattern.MatchString(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t testing.TB, fsys fs.FS, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// root is the folder with go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// Values returns what the first group of a pattern finds in files of a kind,
// each once, and fails where that is nothing.
func Values(t testing.TB, k Kind, pattern string) (values []string) {
	t.Helper()
	p := regexp.MustCompile(pattern)
	for _, file := range Files(t, k) {
		for _, found := range p.FindAllSubmatch(file, -1) {
			if value := string(found[1]); !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	if len(values) == 0 {
		t.Fatalf("no %s has %s", k.name, pattern)
	}
	return values
}

// Bundles returns the Sigstore bundles of npm's attestations responses.
func Bundles(t testing.TB) (bundles [][]byte) {
	t.Helper()
	for _, file := range Files(t, Attestations) {
		var response struct {
			Attestations []struct{ Bundle json.RawMessage }
		}
		if json.Unmarshal(file, &response) == nil {
			for _, a := range response.Attestations {
				bundles = append(bundles, a.Bundle)
			}
		}
	}
	return some(t, bundles, "bundles")
}

// PEP740 returns the single attestations of provenance objects.
func PEP740(t testing.TB) (attestations [][]byte) {
	t.Helper()
	for _, file := range Files(t, Provenance) {
		var object struct {
			Bundles []struct{ Attestations []json.RawMessage } `json:"attestation_bundles"`
		}
		if json.Unmarshal(file, &object) == nil {
			for _, b := range object.Bundles {
				for _, a := range b.Attestations {
					attestations = append(attestations, a)
				}
			}
		}
	}
	return some(t, attestations, "PEP 740 attestations")
}

// Statements returns the signed in-toto statements of all evidence.
func Statements(t testing.TB) (statements [][]byte) {
	t.Helper()
	for _, encoded := range append(Values(t, Attestations, `"payload":\s*"([^"]+)"`), Values(t, Provenance, `"statement":\s*"([^"]+)"`)...) {
		if decoded, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			statements = append(statements, decoded)
		}
	}
	return some(t, statements, "statements")
}

func some(t testing.TB, list [][]byte, what string) [][]byte {
	t.Helper()
	if len(list) == 0 {
		t.Fatalf("the evidence holds no %s to begin with", what)
	}
	return list
}

// Hostile are strings that act on a terminal or hide in a name, as the demo's
// attacks have them, and one of every other sort.
func Hostile(t testing.TB) []string {
	t.Helper()
	list := []string{
		"\x1b[2J", "\x1b]52;c;aGk=\x07", "\x1b]8;;https://evil.test\x1b\\x\x1b]8;;\x1b\\", "\x1bP1$r\x1b\\", "\u009b31m", "a\rb", "a\b\b",
		"\u202egnp.exe", "\u2066a\u2069", "a\u200b\u200db", "\ufeff", "e" + strings.Repeat("\u0301", 100), "\xff\xfe\x80", "日本語", "👩‍👩‍👧", "раураl", "\u2028\u2029\u0085",
	}
	return append(list, Values(t, Manifests, `"description":\s*("(?:[^"\\]|\\.)*")`)...)
}
