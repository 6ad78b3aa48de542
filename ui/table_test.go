package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// A click on a column's head sorts by it, and the same again the other way round.
func TestAClickOnAHeadSorts(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "m", "jj")
	before := onto(m)
	f := m.frame(m.home)
	click := func(x int) {
		send(m, tea.MouseMsg{X: x, Y: f.Heading.Y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	}
	for _, c := range m.home.cells(&m.env, f) {
		for _, reverse := range []bool{false, true, false} {
			want := store.Sort{Column: c.Column, Reverse: reverse != (c.Column == layout.Status)} // by which it is sorted already
			if click(c.X + c.W - 1); m.store.Sort() != want || onto(m) != before {
				t.Errorf("a click on %s sorts by %+v, want %+v; the cursor is on %s", columnNames[c.Column], m.store.Sort(), want, onto(m))
			}
		}
	}
	sort := m.store.Sort()
	if click(0); m.store.Sort() != sort {
		t.Error("a click beside the columns sorts")
	}
	press(m, "m")
	if click(m.home.cells(&m.env, f)[1].X); m.store.Sort() != sort {
		t.Error("the mouse sorts though it is the terminal's")
	}
}

// What a row does not tell whole stands below the table, or in the preview: nobody has
// to open a package to read its reason.
func TestTheReasonIsReadWholeAtAnySize(t *testing.T) {
	t.Parallel()
	const reason = "the certificate names another repository than the spec"
	for _, size := range []tea.WindowSizeMsg{{Width: 40, Height: 10}, {Width: 60, Height: 15}, {Width: 80, Height: 24}, {Width: 100, Height: 30}, {Width: 160, Height: 40}, {Width: 250, Height: 80}} {
		m := press(checkedAt(size), "/", "@acme", "enter", "j")
		room := size.Width - len(" why: ")
		text := strings.ToLower(strings.Join(strings.Fields(frame(m)), " "))
		if !strings.Contains(text, reason[:min(len(reason), room-1)]) && !strings.Contains(text, "another repository") {
			t.Errorf("%dx%d: the reason is not on the screen:\n%s", size.Width, size.Height, frame(m))
		}
	}
	m := press(checkedAt(tea.WindowSizeMsg{Width: 60, Height: 15}), "/", "@acme", "enter")
	if line := frameLine(m, 13); line != " why: "+reason {
		t.Errorf("below the table stands %q", line)
	}
	if m.say("something else"); frameLine(m, 13) != " something else" {
		t.Errorf("a message gives way to %q", frameLine(m, 13))
	}
}

// The catalog's name and the counts are on every screen.
func TestTheHeaderKeepsTheCatalogsName(t *testing.T) {
	t.Parallel()
	for _, size := range []tea.WindowSizeMsg{{Width: 60, Height: 15}, {Width: 80, Height: 24}, {Width: 250, Height: 80}} {
		for _, keys := range [][]string{nil, {"V"}, {"?"}, {"enter"}} {
			m := do(checkedAt(size), keys...)
			if header := frameLine(m, 0) + frameLine(m, 1); !strings.Contains(header, "testdata/demo") || !strings.Contains(header, "✗") {
				t.Errorf("%dx%d after %v: %q", size.Width, size.Height, keys, header)
			}
		}
	}
}

// The bar is as wide as it is asked to be, whatever is counted, and each share has a cell.
func TestTheBarHasEveryShare(t *testing.T) {
	t.Parallel()
	m := checkedAt(full)
	for _, shares := range [][]share{nil, {{n: 1}}, {{n: 1}, {n: 0}, {n: 99_999}}, {{n: 99_999}, {n: 1}, {n: 1}}, {{n: 1}, {n: 1}, {n: 1}, {n: 1}, {n: 1}, {n: 1}, {n: 1}, {n: 1}}} {
		for width := leastBar; width <= mostBar; width++ {
			l := m.bar(shares, width)
			if l.width() != width+1 {
				t.Errorf("%v in %d cells is %d wide", shares, width, l.width())
			}
			for _, s := range l[1:] {
				if s.text == "" {
					t.Errorf("%v in %d cells: a share has no cell", shares, width)
				}
			}
		}
	}
}

// What a policy fails is counted as failing, and no more as proven.
func TestWhatFailsByPolicyIsCountedSo(t *testing.T) {
	t.Parallel()
	r := proven()
	r.Findings = []verify.Finding{{Rule: "policy.slsa", Severity: verify.SeverityError, Operator: true}}
	o := options()
	o.Specs = o.Specs[:1]
	m := send(New(o), full, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}})
	want := share{1, "✗!", "failing", theme.Bad, theme.GlyphBarFailing}
	if got := m.shares(); len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// The pane has what its previews needed, and never twice what the one of now needs.
func TestThePreviewIsNotHalfEmpty(t *testing.T) {
	t.Parallel()
	for _, size := range []tea.WindowSizeMsg{{Width: 120, Height: 60}, {Width: 149, Height: 80}} {
		m := checkedAt(size)
		for range 12 {
			f := m.frame(m.home)
			if lines := len(m.home.draw(&m.env, f).preview); lines > 0 && 2*lines <= f.Preview.H {
				t.Errorf("%dx%d: %d lines in a pane of %d on %s", size.Width, size.Height, lines, f.Preview.H, onto(m))
			}
			press(m, "j")
		}
	}
}

// A catalog far down in the folders is still named.
func TestALongTitleKeepsItsEnd(t *testing.T) {
	t.Parallel()
	o := options()
	o.Title = "/srv/" + strings.Repeat("folder/", 20) + "dockyard"
	for _, height := range []int{15, 40} {
		m := send(New(o), tea.WindowSizeMsg{Width: 100, Height: height}, eventsMsg{})
		if text := frame(m); !strings.Contains(text, "folder/dockyard · 11 specs") {
			t.Errorf("the screen says:\n%s", text)
		}
	}
}
