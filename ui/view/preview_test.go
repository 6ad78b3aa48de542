package view

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// The preview repeats nothing that its row says, and says once what a link and a
// finding have in common.
func TestPreviewSaysNothingTwice(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{})
	for _, p := range demoPackages(t) {
		if p.spec.Err != nil {
			continue
		}
		for _, width := range []int{56, 138} {
			in := Input{Spec: p.spec, Report: p.brief, Width: width, Said: Said{Name: true, Why: true}}
			text := ansi.Strip(strings.Join(strings.Fields(strings.Join(Preview(in, th), " ")), " "))
			if reason := Sentence(p.brief.Reason); strings.Contains(text, reason) {
				t.Errorf("%s: the preview at %d repeats the reason:\n%s", p.spec.Path, width, text)
			}
			for _, k := range p.brief.Findings {
				if k.Severity == verify.SeverityError && strings.Count(text, k.Message) > 1 {
					t.Errorf("%s: the preview at %d says %q twice", p.spec.Path, width, k.Message)
				}
			}
			in.Said = Said{}
			if text := strings.Join(Preview(in, th), "\n"); !strings.Contains(text, p.brief.Status.String()) {
				t.Errorf("%s: the row does not say it, and neither does the preview at %d:\n%s", p.spec.Path, width, text)
			}
		}
	}
}

// Value and result of a link stand together, however wide the screen is, and the mark
// of a broken link stays whole.
func TestValueAndResultStandTogether(t *testing.T) {
	t.Parallel()
	for name, fixture := range fixtures {
		for width := 40; width <= 260; width += 20 {
			in := fixture()
			in.Width = width
			for _, line := range Render(Overview, in, plainTheme).Text() {
				line = ansi.Strip(line)
				if strings.Contains(line, "broken") && !strings.Contains(line, "← broken here") && !strings.Contains(line, "fail") {
					t.Errorf("%s at %d tears the mark: %q", name, width, line)
				}
			}
		}
		in := fixture()
		in.Width = 250
		page := Render(Overview, in, plainTheme)
		for _, s := range page.Spots {
			if line := ansi.Strip(page.Lines[s.From].Text); s.Place == placeSource && theme.Width(line) > 150 {
				t.Errorf("%s: at 250 columns the result stands far from its value: %q", name, line)
			}
		}
	}
}
