package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/testdata/hostile"
	"plimsoll/ui/explain"
	"plimsoll/ui/layout"
	"plimsoll/ui/view"
)

// checkWord holds that what a screen is about is explained.
func checkWord(t *testing.T, m *Model, scene string) {
	t.Helper()
	word := m.top().word(m.here())
	if _, explains := m.top().(*explainScreen); !explains && len(explain.Find(word)) == 0 {
		t.Errorf("%s: %q is not explained", scene, word)
	}
}

func TestEveryColumnAndTabIsExplained(t *testing.T) {
	t.Parallel()
	for column := range layout.Columns {
		if _, ok := explain.Of(explain.Column, columnNames[column]); !ok {
			t.Errorf("the column %q is not explained", columnNames[column])
		}
	}
	for _, tab := range append(view.Tabs(), view.Change) {
		if _, ok := explain.Of(explain.Place, tab.Title()); !ok {
			t.Errorf("the tab %q is not explained", tab.Title())
		}
	}
}

// Each line under the cursor leads on, and esc leads back the same way, to the same
// place.
func TestExplanationsLeadOnAndBack(t *testing.T) {
	t.Parallel()
	m := press(openedAt(full), "3", "i")
	s := m.top().(*explainScreen)
	screenHas(t, m, "See also")
	var trail []string
	for range 2 * maxTrail {
		trail = append(trail, s.about)
		press(m, "j", "enter")
	}
	if len(s.trail) != maxTrail {
		t.Errorf("%d words are kept", len(s.trail))
	}
	for range maxTrail {
		press(m, "esc")
		if want := trail[len(trail)-1]; s.about != want || m.top() != screen(s) {
			t.Fatalf("esc led to %q, want %q", s.about, want)
		}
		trail = trail[:len(trail)-1]
	}
	press(m, "esc")
	if _, ok := m.top().(*detail); !ok {
		t.Errorf("esc led to a %T", m.top())
	}
}

// What the word is on the package at hand stands below, and nothing of a package
// under a page that is about none.
func TestExplanationsHaveTheirValues(t *testing.T) {
	t.Parallel()
	m := openedAt(full)
	for word, want := range map[string]string{
		"commit": commitID, "OIDC issuer": "https://token.actions.githubusercontent.com", "subject": "pkg:npm/%40acme/http-client@2.4.1",
		"runner": "github-hosted", "signature": "The signature over the statement verifies.", "log index": "rekor.sigstore.dev #134822109",
	} {
		m.explain(word)
		screenHas(t, m, want)
		press(m, "esc")
	}
	m = press(checkedAt(full), "T", "i")
	if s := m.top().(*explainScreen); s.hasRow {
		t.Error("a page has a package")
	}
}

func TestExplainListsAndFinds(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "i", "i")
	s := m.top().(*explainScreen)
	screenHas(t, m, "Statuses")
	press(m, "G")
	last := explain.All()[len(explain.All())-1]
	if press(m, "enter"); s.about != last.Word {
		t.Errorf("the last line leads to %q, want %q", s.about, last.Word)
	}
	do(m, "/", "inclusion", "enter", "enter")
	if s.about != "log.inclusion" {
		t.Errorf("the list leads to %q", s.about)
	}
	press(m, "esc", "esc", "i", "o")
	if !strings.Contains(m.toast, "list of words") {
		t.Errorf("it says %q", m.toast)
	}
	if m.explain("\x1b[31mnothing of this kind"); m.top().(*explainScreen).about != "" {
		t.Error("a word that nothing explains is shown")
	}
}

// Every explanation can be read to its end at the smallest size, with and without a
// package.
func TestEveryExplanationFits(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	for _, size := range []tea.WindowSizeMsg{{Width: 40, Height: 10}, {Width: 80, Height: 24}} {
		m := openedAt(size)
		for _, e := range explain.All() {
			m.explain(e.Word)
			s := m.top().(*explainScreen)
			checkFrame(t, m, e.Word)
			x := s.text(m.here(), m.frame(s).Body.W)
			press(m, "G")
			checkFrame(t, m, e.Word)
			if _, ok := s.lead(m.here(), m.frame(s)); len(x.words) > 0 && (!ok || s.at != len(x.words)-1) {
				t.Errorf("%s at %dx%d: the cursor ends on word %d of %d", e.Word, size.Width, size.Height, s.at, len(x.words))
			}
		}
	}
}

// Enter goes to the words that are further down before it opens one of them.
func TestExplainOpensOnlyWhatIsSeen(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(tea.WindowSizeMsg{Width: 40, Height: 10}), "i", "enter")
	s := m.top().(*explainScreen)
	if word, ok := s.lead(m.here(), m.frame(s)); s.about != "invalid" || !ok {
		t.Errorf("it shows %s, the cursor is on %q", s.about, word.Word)
	}
	if press(m, "enter"); s.about != "chain of custody" {
		t.Errorf("it shows %s", s.about)
	}
	if m.explain("preview"); m.refuses(&m.keys.Open) != "" {
		t.Error("preview leads nowhere")
	}
	if m.explain("Messages"); m.refuses(&m.keys.Open) == "" {
		t.Error("enter is offered and leads nowhere")
	}
}
