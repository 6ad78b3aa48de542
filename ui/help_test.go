package ui

import (
	"regexp"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/testdata/hostile"
)

// The help begins with the keys of the screen that it was asked from, and with no
// others; the rest follows, and each action stands in it once.
func TestHelpBeginsWithTheKeysOfTheScreen(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	tall := tea.WindowSizeMsg{Width: 200, Height: 400}
	for name, open := range map[string]func() *Model{
		"packages":                func() *Model { return checkedAt(tall) },
		"package: Overview":       func() *Model { return openedAt(tall) },
		"package: Statement, Raw": func() *Model { return press(openedAt(tall), "5") },
		"Trust":                   func() *Model { return press(checkedAt(tall), "T") },
		"triage":                  func() *Model { m, _ := triageAt(tall); return m },
		"review":                  func() *Model { return reviewAt(tall) },
	} {
		m := open()
		scope := m.top().scope()
		text := frame(press(m, "?"))
		here, rest, ok := strings.Cut(text, "What words, signs and filters mean")
		_, elsewhere, ok2 := strings.Cut(rest, "Keys of other screens")
		if !ok || !ok2 || !strings.Contains(here, "Keys of "+name+": ") {
			t.Errorf("%s: the help is\n%s", name, text)
			continue
		}
		for _, l := range m.keys.on(anywhere) {
			help := l.binding.Help()
			desc := regexp.QuoteMeta(help.Key) + " +" + regexp.QuoteMeta(help.Desc[:min(len(help.Desc), 20)])
			entry := regexp.MustCompile(`(?m)(^|  ) +` + desc)
			if in, out := entry.MatchString(here), entry.MatchString(elsewhere); in != (l.scope&scope != 0) || in == out {
				t.Errorf("%s: %q stands with the keys of the screen: %v, with the others: %v", name, desc, in, out)
			}
		}
	}
}

// The help is searched as a tab is, and asking for it again from another screen
// shows that one's keys.
func TestHelpIsSearched(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "?", "/")
	for _, letter := range strings.Split("confusing", "") {
		press(m, letter)
	}
	wantFrame(t, m, "what is not there", "not found")
	if press(m, "esc", "/", "i", "n", "v", "a", "l", "i", "d", "enter"); m.top().(*textScreen).query != "invalid" {
		t.Errorf("it is searched for %q", m.top().(*textScreen).query)
	}
	wantFrame(t, m, "a match", "/invalid 1 of ", "! invalid")
	if press(m, "n"); !strings.Contains(frame(m), "/invalid 2 of ") {
		t.Errorf("n leads to\n%s", frame(m))
	}
	press(m, "esc")
	if top := m.top().(*textScreen); top.query != "" {
		t.Error("esc leaves the search")
	}
	press(m, "?")
	if m.toast != "this is Help" {
		t.Errorf("? on the help says %q", m.toast)
	}
	press(m, "esc", "enter", "?")
	wantFrame(t, m, "of the package", "Keys of package: Overview")
}
