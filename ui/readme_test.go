package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

// The table of keys in screen.md is made from the bindings; -update writes it.
func TestReadmeKeys(t *testing.T) {
	const begin, end = "<!-- keys -->\n", "<!-- /keys -->"
	path := filepath.Join("..", ".github", "docs", "screen.md")
	data := testfiles.Read(t, path)
	head, rest, ok := strings.Cut(string(data), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("screen.md has no place for the keys between %q and %q", begin, end)
	}
	keys := newKeys(false)
	want := head + begin + keys.Markdown() + end + tail
	if want == string(data) {
		return
	}
	if !*testfiles.Update {
		t.Fatal("the keys in screen.md are not those of the program; run make golden")
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
