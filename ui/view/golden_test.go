package view

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/ui/theme"
)

var update = flag.Bool("update", false, "write the golden files anew")

var plainTheme = theme.New(theme.Options{})

var fixtures = map[string]func() Input{
	"verified": npmVerified, "mismatch": npmMismatch, "broken": npmBroken, "signed": npmSigned, "partial": pypiPartial,
	"gitlab": gitlab, "unknown-key": unknownKey, "not-found": notFound, "none": nothing, "pending": pendingInput, "broken-spec": brokenSpec,
	"no-trust": noTrust, "unbound": unbound, "bound-message": boundMessage, "another-file": sbom, "aged": aged,
}

// TestGolden holds every tab of every fixture at three widths. Escape codes
// are written as ␛ so that a diff shows them.
func TestGolden(t *testing.T) {
	th := theme.New(theme.Options{Color: true})
	for name, fixture := range fixtures {
		for _, width := range []int{120, 80, 40} {
			t.Run(fmt.Sprintf("%s-%d", name, width), func(t *testing.T) {
				in := fixture()
				in.Width = width
				var b strings.Builder
				for _, tab := range Tabs() {
					writeGolden(&b, tab.Title(), Render(tab, in, th).Text())
				}
				in.Width = 45
				if width == 120 {
					writeGolden(&b, "Preview", Preview(in, th))
				}
				compareGolden(t, filepath.Join("testdata", fmt.Sprintf("%s-%d.golden", name, width)), b.String())
			})
		}
	}
}

func writeGolden(b *strings.Builder, title string, lines []string) {
	fmt.Fprintf(b, "=== %s\n", title)
	for _, line := range lines {
		b.WriteString(strings.ReplaceAll(line, "\x1b", "␛") + "\n")
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	if string(want) == got {
		return
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			t.Fatalf("%s:%d: line is\n%s\nwant\n%s", path, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s: %d lines, want %d", path, len(g), len(w))
}
