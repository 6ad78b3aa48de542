package ui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	m := openedAt(full)
	do(m, "5", "/", "ACME", "enter")
	d := m.top().(*detail)
	p := d.pager(&m.env, full.Width)
	if got := p.search.count(); got != "1 of 3" {
		t.Fatalf("the search found %q", got)
	}
	lines := []int{p.search.line()}
	for range 2 {
		do(m, "n")
		lines = append(lines, p.search.line())
	}
	if lines[0] >= lines[1] || lines[1] >= lines[2] {
		t.Errorf("n leads to the lines %v", lines)
	}
	if do(m, "n"); p.search.line() != lines[0] || m.toast != "the search went on from the top" {
		t.Errorf("n after the last leads to line %d; it says %q", p.search.line(), m.toast)
	}
	if do(m, "N"); p.search.line() != lines[2] {
		t.Errorf("N before the first leads to line %d", p.search.line())
	}
	if frame := m.View(); !strings.Contains(frame, "\x1b[7macme\x1b[0m") || !strings.Contains(frame, "\x1b[1;4macme\x1b[0m") {
		t.Error("the matches are not shown")
	}
	if do(m, "esc"); len(m.stack) != 2 || d.query != "" {
		t.Error("Escape does not end the search first")
	}
	if do(m, "esc"); len(m.stack) != 1 {
		t.Error("Escape does not go back then")
	}
}

func TestSearchUnfoldsWhatItFinds(t *testing.T) {
	t.Parallel()
	m := openedAt(full)
	do(m, "5", "-", "-", "/", "invocation", "enter")
	p := m.top().(*detail).pager(&m.env, full.Width)
	if !strings.Contains(m.View(), "invocation") {
		t.Fatal("what was found is hidden")
	}
	if at := p.visible[p.cursor]; at != p.search.line() {
		t.Errorf("the cursor is on line %d, the match on %d", at, p.search.line())
	}
	folded := 0
	for _, is := range p.folded {
		if is {
			folded++
		}
	}
	if folded == 0 {
		t.Error("everything was unfolded")
	}
}

// A value that the tab breaks into lines is found all the same.
func TestSearchCrossesLines(t *testing.T) {
	t.Parallel()
	for width := 42; width < 120; width += 7 {
		m := openedAt(tea.WindowSizeMsg{Width: width, Height: 30})
		do(m, "5", "/", "github-actions-buildtypes/workflow/v1", "enter")
		p := m.top().(*detail).pager(&m.env, width)
		if got := p.search.count(); got != "1 of 1" {
			t.Errorf("at width %d the search found %q", width, got)
		}
		checkFrame(t, m, fmt.Sprintf("searching at width %d", width))
	}
}

func TestEscapeInTheSearchReturnsToThePlace(t *testing.T) {
	t.Parallel()
	m := openedAt(tea.WindowSizeMsg{Width: 80, Height: 24})
	do(m, "5", "jjj")
	before := m.View()
	do(m, "/", "invocation")
	if m.View() == before {
		t.Fatal("the search shows nothing")
	}
	if do(m, "esc"); m.View() != before {
		t.Error("Escape does not lead back to where the search began")
	}
}

func TestEachTabKeepsItsPlace(t *testing.T) {
	t.Parallel()
	m := openedAt(tea.WindowSizeMsg{Width: 80, Height: 24})
	do(m, "jjjj")
	overview := m.View()
	do(m, "5", "jj", "1")
	if m.View() != overview {
		t.Error("the Overview tab lost its place")
	}
	do(m, "5", "J")
	if d := m.top().(*detail); d.tab != 4 || d.row != 1 {
		t.Errorf("after J tab %d of package %d is open, want the same tab of the next", d.tab, d.row)
	}
}

func TestFolding(t *testing.T) {
	t.Parallel()
	m := openedAt(full)
	do(m, "5")
	p := m.top().(*detail).pager(&m.env, full.Width)
	all := len(p.visible)
	do(m, "jjjj", "enter") // on Subjects
	if got := len(p.visible); got >= all {
		t.Fatalf("%d of %d lines are visible after folding", got, all)
	}
	if !strings.Contains(ansi.Strip(m.View()), "Subjects  1 … 3 lines") {
		t.Error("the folded branch does not say what it hides")
	}
	if do(m, "enter"); len(p.visible) != all {
		t.Errorf("%d of %d lines are visible after unfolding", len(p.visible), all)
	}
	do(m, "j", "enter") // inside Subjects
	if at := p.page.Lines[p.visible[p.cursor]].Text; !strings.Contains(at, "Subjects") {
		t.Errorf("after folding from inside the cursor is on %q", at)
	}
	do(m, "-")
	inner := len(p.visible)
	do(m, "-")
	if len(p.visible) >= inner || len(p.visible) == 0 {
		t.Errorf("- leaves %d lines, and once more %d", inner, len(p.visible))
	}
	if do(m, "+"); len(p.visible) != all {
		t.Errorf("+ leaves %d of %d lines", len(p.visible), all)
	}
}

// Folds lie inside one another, and what they hide adds up.
func TestFoldsAreNested(t *testing.T) {
	t.Parallel()
	dossier := provenDossier()
	in := view.Input{Report: &dossier.Report, Dossier: dossier, Width: 80}
	for _, tab := range view.Tabs() {
		page := view.Render(tab, in, theme.New(theme.Options{}))
		if len(page.Folds) > 0 != tab.Folds() {
			t.Errorf("%s has %d branches", tab.Title(), len(page.Folds))
		}
		var open []view.Fold
		for i, f := range page.Folds {
			if f.Head >= f.From || f.From > f.To || f.To > len(page.Lines) || i > 0 && page.Folds[i-1].Head >= f.Head {
				t.Fatalf("%s: branch %d is %+v of %d lines", tab.Title(), i, f, len(page.Lines))
			}
			for len(open) > 0 && open[len(open)-1].To <= f.Head {
				open = open[:len(open)-1]
			}
			if len(open) > 0 && f.To > open[len(open)-1].To {
				t.Fatalf("%s: branch %+v reaches out of %+v", tab.Title(), f, open[len(open)-1])
			}
			open = append(open, f)
		}
	}
}

// What is offered for copying is what was received, not what is shown.
func TestValuesAreRaw(t *testing.T) {
	t.Parallel()
	const raw = "x\x1b[2J\u202e"
	r := &verify.Report{Status: verify.Verified, Publisher: &verify.Publisher{Repository: raw, Ref: untrusted.Text(strings.Repeat("r", 9000))},
		Artifacts: []verify.ArtifactReport{{Attestations: []verify.Attestation{{Status: verify.Verified}}}}}
	dossier := dossierOf(r, verify.Bundle{Raw: []byte(`{"a":"line\nbreak\u0007"}`)})
	for _, ascii := range []bool{false, true} {
		found := map[string]string{}
		for _, tab := range []view.Tab{view.Publisher, view.Raw} {
			in := view.Input{Report: r, Dossier: dossier, Width: 40, Values: true}
			for _, v := range view.Render(tab, in, theme.New(theme.Options{ASCII: ascii})).Values {
				found[v.Label] = string(v.Raw)
				if untrusted.Clean(v.Label) != v.Label {
					t.Errorf("the label %q is not clean", v.Label)
				}
			}
		}
		if found["repository"] != raw || len(found["ref"]) != 9000 || found["a"] != "line\nbreak\a" {
			t.Errorf("the values are %.200q", found)
		}
	}
}

func TestMouse(t *testing.T) {
	t.Parallel()
	wheel := func(button tea.MouseButton) tea.Msg {
		return tea.MouseMsg{X: 5, Y: 6, Button: button, Action: tea.MouseActionPress}
	}
	click := func(x, y int) tea.Msg {
		return tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress}
	}
	m := checkedAt(full)
	send(m, wheel(tea.MouseButtonWheelDown))
	if m.store.Place() != 0 {
		t.Error("the mouse acts while it is the terminal's")
	}
	if do(m, "m"); !strings.Contains(m.View(), "mouse") {
		t.Error("the header does not say that the mouse is taken")
	}
	if send(m, wheel(tea.MouseButtonWheelDown), wheel(tea.MouseButtonWheelDown), wheel(tea.MouseButtonWheelUp)); m.store.Place() != 3 {
		t.Errorf("the wheel leads to place %d, want 3", m.store.Place())
	}
	f := m.frame(m.home)
	if send(m, click(5, f.Body.Y+1)); m.store.Place() != 1 {
		t.Errorf("a click on the second row leads to place %d", m.store.Place())
	}
	if send(m, click(5, f.Body.Y+f.Body.H-1), click(500, 500), click(-1, -1)); m.store.Place() != 1 {
		t.Error("a click on nothing moved the cursor")
	}

	d := openedAt(full)
	do(d, "m")
	at := strings.Index(ansi.Strip(strings.Split(d.View(), "\n")[2]), "Statement")
	if send(d, click(at, d.frame(d.top()).Heading.Y)); d.top().(*detail).tab != 4 {
		t.Errorf("a click on Statement opens tab %d", d.top().(*detail).tab)
	}
	send(d, click(5, d.frame(d.top()).Body.Y+4))
	if p := d.top().(*detail).pager(&d.env, full.Width); p.cursor != 4 {
		t.Errorf("a click on the fifth line puts the cursor on %d", p.cursor)
	}
	before := d.top().(*detail).tab
	if send(press(d, "y"), click(3, d.frame(d.top()).Heading.Y)); d.top().(*detail).tab != before {
		t.Error("a click reached the screen under a menu")
	}
	if _, cmd := d.Update(tea.ResumeMsg{}); cmd == nil {
		t.Error("after a pause the mouse is not taken again")
	}
}

// A page is made when what it shows has changed, not for each notch.
func TestWheelMakesNoPage(t *testing.T) {
	t.Parallel()
	m, made := checkedAt(full), 0
	m.open(&textScreen{title: "long", text: func(_ *env, d *view.Doc) {
		made++
		for range 1000 {
			d.Row()
		}
	}})
	do(m, "m")
	for range 5 {
		send(m, tea.MouseMsg{X: 5, Y: 6, Button: tea.MouseButtonWheelDown, Action: tea.MouseActionPress})
		m.View()
	}
	if top := m.top().(*textScreen).place.scroller.top; made != 1 || top != 5*wheelLines {
		t.Errorf("the page was made %d times, its top is line %d", made, top)
	}
}

// Whatever is pressed and clicked over whatever evidence, each frame holds.
func TestPackageScreenHolds(t *testing.T) {
	t.Parallel()
	steps := 900
	if hostile.Sample(t) {
		steps = 200
	}
	keys := []string{"enter", "esc", "y", "y", "o", "E", "/", "n", "N", "-", "+", "m", "a", "日", "backspace", "down", "up", "j", "ctrl+d", "G", "w", "q"}
	table := newKeys(false)
	for _, g := range table.groups {
		for _, e := range g.keys {
			if name := e.binding.Keys(); name[0] != "ctrl+c" {
				keys = append(keys, name...)
			}
		}
	}
	for name, o := range map[string]theme.Options{"colour": {Color: true}, "ascii": {ASCII: true}} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(len(name)), 11))
			m := New(Options{Specs: hostileSpecs(r, 9), Engine: newEngine(false), Theme: theme.New(o), Now: clock})
			send(m, full)
			for step := range steps {
				var msg tea.Msg
				switch n := r.IntN(12); {
				case n == 0:
					msg = tea.WindowSizeMsg{Width: 30 + r.IntN(150), Height: 8 + r.IntN(40)}
				case n == 1:
					msg = randomEvents(r, m)
				case n == 2:
					msg = tea.MouseMsg{X: r.IntN(180) - 5, Y: r.IntN(50) - 5, Action: tea.MouseActionPress,
						Button: []tea.MouseButton{tea.MouseButtonLeft, tea.MouseButtonWheelUp, tea.MouseButtonWheelDown}[r.IntN(3)]}
				case n == 3:
					msg = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(string(hostileText(r))), Paste: true}
				default:
					if m.overlay == nil && m.top() == m.home {
						press(m, "enter")
					}
					msg = typed(keys[r.IntN(len(keys))])
				}
				m.Update(msg)
				checkFrame(t, m, fmt.Sprintf("step %d, %dx%d, after %T %v", step, m.width, m.height, msg, summary(msg)))
			}
		})
	}
}
