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
