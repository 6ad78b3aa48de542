package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"plimsoll/ui/explain"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
)

// Down and up show every line of the Overview and pass every spot, however low the
// screen is.
func TestCursorPassesEverySpot(t *testing.T) {
	t.Parallel()
	for _, size := range []tea.WindowSizeMsg{{Width: 40, Height: 10}, {Width: 60, Height: 15}, {Width: 120, Height: 40}} {
		m := openedAt(size)
		d := m.top().(*detail)
		f := m.frame(d)
		p := d.pager(&m.env, f.Body.W)
		for _, way := range []string{"j", "k"} {
			seen, passed := map[int]bool{}, map[int]bool{}
			for before := (pager{spot: -2}); before.spot != p.spot || before.scroller != p.scroller; do(m, way) {
				before = *p
				passed[p.spot] = true
				for line := p.scroller.top; line < p.scroller.top+f.Body.H; line++ {
					seen[line] = true
				}
				if len(passed) > 1000 {
					t.Fatal("the cursor never stops")
				}
			}
			for i := range p.page.Lines {
				if !seen[i] {
					t.Errorf("%dx%d: %s never shows line %d: %s", size.Width, size.Height, way, i, p.page.Lines[i].Text)
				}
			}
			if len(passed) != len(p.page.Spots) && way == "k" {
				t.Errorf("%dx%d: %s passes %d of %d spots", size.Width, size.Height, way, len(passed), len(p.page.Spots))
			}
		}
	}
}

// Enter leads to the evidence of the link under the cursor, escape back to the link.
func TestEnterLeadsToTheEvidence(t *testing.T) {
	t.Parallel()
	m := openedAt(full)
	d := m.top().(*detail)
	for _, want := range []struct {
		link  view.Place
		tab   view.Tab
		place string // what is marked
	}{
		{"source", view.Publisher, "repository"},
		{"built by", view.Publisher, "Comparison"},
		{"certificate", view.Certificates, "provenance attestation"},
		{"signed", view.Statement, "type"},
		{"log", view.Log, "Entry"},
		{"names", view.Statement, "name"},
		{"artifact", view.Statement, "name"},
	} {
		p := d.pager(&m.env, full.Width)
		if at := p.spotAt(); at == nil || at.Place != want.link {
			t.Fatalf("the cursor is on %v, want %q", at, want.link)
		}
		before := m.View()
		do(m, "enter")
		if d.tab != want.tab {
			t.Errorf("%s leads to %s", want.link, d.tab.Title())
		}
		if line := marked(m); !strings.Contains(line, want.place) {
			t.Errorf("%s leads to the line %q of %s, want one with %q", want.link, line, d.tab.Title(), want.place)
		}
		if do(m, "esc"); m.View() != before {
			t.Errorf("Escape does not lead back to %s", want.link)
		}
		do(m, "j")
	}
	do(m, "g", "enter", "2", "esc")
	if len(m.stack) != 1 {
		t.Error("Escape leads back to the chain from a tab that was asked for by its number")
	}
}

// marked is the first line of the screen with the cursor's mark.
func marked(m *Model) string {
	for _, line := range strings.Split(ansi.Strip(m.View()), "\n") {
		if strings.HasPrefix(line, m.theme.Glyph(theme.GlyphCursor)) {
			return line
		}
	}
	return ""
}

// What was gone to before it was there is found when it comes.
func TestEvidenceThatComesLater(t *testing.T) {
	t.Parallel()
	o, _ := toolOptions()
	o.Examine = examineTools
	m := do(send(New(o), full, toolEvents()))
	_, load := m.Update(typed("enter"))
	m.Update(typed("j"))
	m.Update(typed("j"))
	m.Update(typed("j"))
	m.Update(typed("j"))
	m.Update(typed("enter"))
	if view := ansi.Strip(m.View()); !strings.Contains(view, "being read and verified") {
		t.Fatalf("the evidence is there already:\n%s", view)
	}
	finish(m, load)
	if line := marked(m); !strings.Contains(line, "Entry") {
		t.Errorf("the mark is on %q, want the log's entry", line)
	}
}

// The word that is explained is that of the link, of the evidence that was gone to, or
// of what is on the screen.
func TestWordsOfThePackageScreen(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		"": "identity", "k": "verified", "jj": "Fulcio", "jjjj": "transparency log", "jjjj enter": "transparency log", "3": "provenance attestation", "7": "History",
	} {
		m := openedAt(full)
		do(m, strings.Fields(keys)...)
		m.View()
		if got := m.top().word(&m.env); got != want {
			t.Errorf("after %q the word is %q, want %q", keys, got, want)
		}
	}
}

func TestClickChoosesALink(t *testing.T) {
	t.Parallel()
	m := openedAt(full)
	do(m, "m")
	for y, line := range strings.Split(ansi.Strip(m.View()), "\n") {
		if strings.HasPrefix(line, "   log ") {
			send(m, tea.MouseMsg{X: 5, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		}
	}
	if line := marked(m); !strings.Contains(line, " log ") {
		t.Errorf("the cursor is on %q", line)
	}
	checkFrame(t, m, "after a click")
}

// Open begins at the page of the link under the cursor.
func TestOpenBeginsAtTheLink(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{"": "source", "j": "workflow", "jjjj": "log"} {
		m := openedAt(full)
		do(m, append(strings.Fields(keys), "o")...)
		menu, ok := m.overlay.(*menu)
		if !ok || !strings.Contains(menu.items[menu.cursor].label, want) {
			t.Errorf("after %q the menu begins elsewhere than at the %s", keys, want)
		}
	}
}

// Every spot of every tab is about a word that is explained.
func TestSpotsAreExplained(t *testing.T) {
	t.Parallel()
	m := openedAt(full)
	for _, tab := range view.Tabs() {
		d := m.top().(*detail)
		d.show(tab)
		for _, s := range d.pager(&m.env, full.Width).page.Spots {
			if len(explain.Find(s.Word)) == 0 {
				t.Errorf("%s: nothing explains %q, the word of %s", tab.Title(), s.Word, s.Place)
			}
		}
	}
}
