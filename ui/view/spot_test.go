package view

import (
	"testing"

	"plimsoll/ui/explain"
	"plimsoll/ui/theme"
)

// From every spot of the Overview a way leads to a spot that is there.
func TestEvidenceIsWhereASpotLeads(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{})
	for _, p := range demoPackages(t) {
		pages := map[Tab]Page{}
		for _, tab := range Tabs() {
			pages[tab] = Render(tab, Input{Spec: p.spec, Report: p.whole, Dossier: p.dossier, Width: 140}, th)
			end := 0
			for _, s := range pages[tab].Spots {
				if s.From < end || s.To <= s.From || s.To > len(pages[tab].Lines) {
					t.Fatalf("%s, %s: the spot %q has the lines %d to %d, the one before ends at %d", p.spec.Path, tab.Title(), s.Place, s.From, s.To, end)
				}
				if end = s.To; len(explain.Find(s.Word)) == 0 {
					t.Errorf("%s, %s: nothing explains %q, the word of %q", p.spec.Path, tab.Title(), s.Word, s.Place)
				}
			}
		}
		for _, s := range pages[Overview].Spots {
			if s.Evidence != "" && s.Evidence != placeMetadata && Find(pages[s.Tab].Spots, s.Evidence) < 0 {
				t.Errorf("%s: %s (%s) leads to %q on %s, which is not there", p.spec.Path, s.Place, s.Word, s.Evidence, s.Tab.Title())
			}
		}
		if p.spec.Err == nil && Start(pages[Overview].Spots) < 0 {
			t.Errorf("%s: the cursor has no place to start", p.spec.Path)
		}
	}
}

// The link that the cursor starts at is explained by why it does not hold, and not by
// a check that passed or that nobody could make.
func TestTheFirstWordSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	th, seen := theme.New(theme.Options{}), map[string]bool{}
	want := map[string]string{
		"attacks/npx/fork-publishes/spec.yaml": "provenance.repository_uri", "attacks/npx/tampered-statement/spec.yaml": "signature",
		"attacks/npx/version-not-found/spec.yaml": "unchecked", "attacks/npx/claimed-but-gone/spec.yaml": "mismatch",
		"dockyard/npx/context7/spec.yaml": "signed", "dockyard/npx/mcp-jetbrains/spec.yaml": "identity",
	}
	for _, p := range demoPackages(t) {
		page := Render(Overview, Input{Spec: p.spec, Report: p.whole, Dossier: p.dossier, Width: 140}, th)
		at := Start(page.Spots)
		if at < 0 {
			continue
		}
		path, word := string(p.spec.Path), page.Spots[at].Word
		seen[path] = true
		if expected := want[path]; expected != "" && word != expected {
			t.Errorf("%s: the first word is %q, want %q", path, word, expected)
		}
	}
	for path := range want {
		if !seen[path] {
			t.Errorf("no %s", path)
		}
	}
}
