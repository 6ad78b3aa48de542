// Package testfiles finds the files that tests read: those of the repository,
// evidence that was recorded of the real registries, golden files.
package testfiles

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Update is the flag that has golden files written anew.
var Update = flag.Bool("update", false, "write the golden files anew")

// Root returns the repository's folder: that of go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// Shared returns a folder of real catalogs and recorded evidence, which lie
// beside the repository. It skips the test if they are not there.
func Shared(t testing.TB, elements ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{Root(t), "..", "shared"}, elements...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("not here: ../shared/%s", filepath.Join(elements...))
	}
	return dir
}

// Read returns the bytes of a file.
func Read(t testing.TB, elements ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Write writes a file, and the folders that it lies in.
func Write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Golden compares a text with a file in the folder testdata of the test, and
// names the first line that differs and the heading above it.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *Update {
		Write(t, path, got)
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	want, lines := strings.Split(string(data), "\n"), strings.Split(got, "\n")
	heading := ""
	for i := range max(len(want), len(lines)) {
		w, g := line(want, i), line(lines, i)
		if w != g {
			t.Fatalf("%s:%d, %s:\n got %q\nwant %q", path, i+1, heading, g, w)
		}
		if strings.HasPrefix(w, "=== ") || !strings.HasPrefix(w, "\t") && !strings.HasPrefix(heading, "=== ") {
			heading = w
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(no line)"
}
