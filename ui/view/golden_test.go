package view

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
	"plimsoll/ui/theme"
)

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
				testfiles.Golden(t, fmt.Sprintf("%s-%d.golden", name, width), b.String())
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
