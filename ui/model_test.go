package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

var full = tea.WindowSizeMsg{Width: 120, Height: 40}

// batchMsg gives the model a part of the catalog.
func batchMsg(b batch) tea.Msg {
	return action(func(m *Model) tea.Cmd { return m.loaded(b) })
}

func noLoad(context.Context, func([]catalog.Spec)) error {
	return errors.New("not called")
}

func onto(m *Model) string {
	if row := m.store.Cursor(); row != nil {
		return string(row.Spec.Path)
	}
	return ""
}

func TestNoKeyIsBoundTwiceOnAScreen(t *testing.T) {
	t.Parallel()
	if name, err := CheckKeys(nil); err != nil {
		t.Error(name, err)
	}
	for _, screen := range screens {
		if n := len(newKeys(false).on(screen.scope)); n < 12 {
			t.Errorf("on %s only %d keys are bound", screen.name, n)
		}
	}
}

func TestKeysAreOnesThatArrive(t *testing.T) {
	t.Parallel()
	forbidden := []string{"alt+", "ctrl+h", "ctrl+j", "ctrl+k", "ctrl+s", "ctrl+q", "f1", "f5"}
	keys, manual := newKeys(false), Manual()
	for _, g := range keys.groups {
		for _, e := range g.keys {
			help := e.binding.Help()
			if help.Key == "" || help.Desc == "" || e.scope == 0 {
				t.Errorf("%v has no help", e.binding.Keys())
			}
			for _, k := range e.binding.Keys() {
				for _, f := range forbidden {
					if strings.HasPrefix(k, f) {
						t.Errorf("%q is taken by terminals or multiplexers", k)
					}
				}
				if !strings.Contains(manual, "`"+help.Key+"`") {
					t.Errorf("%q is not in the manual", help.Key)
				}
			}
		}
	}
}

// Every key of the table does something on each screen that it names.
func TestEveryBoundKeyIsHandled(t *testing.T) {
	t.Parallel()
	screens := map[scope]func() *Model{
		onPackages: func() *Model { return press(checkedAt(full), "j") },
		onPackage:  func() *Model { return press(checkedAt(full), "j", "enter") },
		onTree:     func() *Model { return press(openedAt(full), "5") },
		onPage:     func() *Model { return press(checkedAt(full), "?") },
		onTriage:   func() *Model { m, _ := triageAt(full); return press(m, "n") },
		onReview:   func() *Model { return reviewAt(full) },
		onSide:     func() *Model { return press(reviewAt(full), "enter", "1") },
		onChange:   func() *Model { return press(reviewAt(full), "enter") },
		onExplain:  func() *Model { m := checkedAt(full); m.explain("SCT"); return m },
		onLeads:    func() *Model { return press(checkedAt(full), "D") },
	}
	table := newKeys(false)
	for s, open := range screens {
		for _, g := range table.groups {
			for _, e := range g.keys {
				if e.scope&s == 0 {
					continue
				}
				for _, name := range e.binding.Keys() {
					m := open()
					m.triage.options = newOffice().options()
					m.triage.steps = undoStack{done: []step{{}}, undone: []step{{}}}
					msg := typed(name)
					if !key.Matches(msg, *e.binding) {
						t.Errorf("the test cannot press %q", name)
						continue
					}
					_, own := m.top().key(m.here(), m.frame(m.top()), msg)
					depth := len(m.stack)
					cmd := m.global(msg)
					if !own && cmd == nil && len(m.stack) == depth && m.overlay == nil && !key.Matches(msg, m.keys.Help, m.keys.Quit) {
						t.Errorf("%q (%s) does nothing on screen %d", name, e.binding.Help().Desc, s)
					}
				}
			}
		}
	}
}

func TestFastKeysAreOneByOne(t *testing.T) {
	t.Parallel()
	slow := press(checkedAt(full), "j", "j", "j", "k")
	fast := press(checkedAt(full), "jjjk")
	if onto(slow) != onto(fast) || slow.store.Place() != 2 {
		t.Errorf("jjjk at once leads to %s, one by one to %s", onto(fast), onto(slow))
	}
	if m := press(checkedAt(full), "/left"); m.store.Filter() != "left" {
		t.Errorf("the filter after /left at once is %q", m.store.Filter())
	}
	if m := press(checkedAt(full), "enter"); len(m.stack) != 2 {
		t.Error("Enter does not open")
	}
	letters := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("esc")}
	if m := send(press(checkedAt(full), "enter"), letters); len(m.stack) != 2 {
		t.Error("the letters e, s, c at once were taken for the Escape key")
	}
}

func TestPastingIsNotTyping(t *testing.T) {
	t.Parallel()
	paste := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q/rm"), Paste: true}
	m := checkedAt(full)
	if _, cmd := m.Update(paste); cmd != nil || m.overlay != nil {
		t.Error("what was pasted was obeyed")
	}
	press(m, "/")
	if send(m, paste); m.store.Filter() != "q/rm" {
		t.Errorf("the filter is %q after pasting into the prompt", m.store.Filter())
	}
}

func TestEscapeNeverQuits(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "/", "uvx", "enter", "j", "enter", "3", "?", "M")
	depths := []int{4, 3, 2, 1, 1, 1}
	for i, want := range depths {
		if len(m.stack) != want {
			t.Fatalf("after %d times Escape %d screens are open, want %d", i, len(m.stack), want)
		}
		if _, cmd := m.Update(typed("esc")); cmd != nil {
			if _, quits := cmd().(tea.QuitMsg); quits {
				t.Fatal("Escape quits")
			}
		}
	}
	if m.store.Filter() != "" {
		t.Errorf("Escape left the filter %q", m.store.Filter())
	}
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	quits := func(m *Model, k string) bool {
		_, cmd := m.Update(typed(k))
		if cmd == nil {
			return false
		}
		_, ok := cmd().(tea.QuitMsg)
		return ok
	}
	if m := press(checkedAt(full), "enter"); quits(m, "q") || len(m.stack) != 1 {
		t.Error("q on the package screen does not go back")
	}
	if !quits(checkedAt(full), "q") {
		t.Error("q on the packages does not quit")
	}
	if !quits(press(checkedAt(full), "enter", "?"), "ctrl+c") {
		t.Error("ctrl+c does not quit everywhere")
	}
	if !quits(press(checkedAt(full), "/"), "ctrl+c") {
		t.Error("ctrl+c does not quit the prompt")
	}
	if quits(press(checkedAt(full), "/"), "q") {
		t.Error("q in the prompt quits")
	}
	if !quits(send(checkedAt(full), tea.WindowSizeMsg{Width: 20, Height: 4}), "q") {
		t.Error("q on a screen that is too small does not quit")
	}
}

func TestPlaceAndFilterSurviveOpening(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "/", "npx", "enter", "jj")
	before := onto(m)
	press(m, "enter", "3", "j", "esc")
	if onto(m) != before || m.store.Filter() != "npx" {
		t.Errorf("after coming back the cursor is on %s, filter %q; want %s, npx", onto(m), m.store.Filter(), before)
	}
	press(m, "enter", "J", "esc")
	if m.store.Place() != 3 {
		t.Errorf("J moved the table's cursor to place %d, want 3", m.store.Place())
	}
	press(m, "enter", "J", "J", "J", "J")
	if m.toast == "" {
		t.Error("J on the last package says nothing")
	}
}

func TestEscapeInThePromptReturnsToTheChosenPackage(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "j", "j", "j")
	before := onto(m)
	press(m, "/", "left")
	if onto(m) == before {
		t.Fatal("the filter does not hide the chosen package")
	}
	if press(m, "esc"); onto(m) != before || m.overlay != nil {
		t.Errorf("after Escape the cursor is on %s, want %s", onto(m), before)
	}
}

func TestResultsDoNotMoveTheRowUnderTheCursor(t *testing.T) {
	t.Parallel()
	o := options()
	o.Specs = manySpecs(200)
	m := send(New(o), tea.WindowSizeMsg{Width: 100, Height: 24})
	for range 100 {
		press(m, "j")
	}
	press(m, "kkkkk") // to the middle of the screen
	row, line, first := onto(m), m.home.line, m.home.top
	for id := 199; id >= 150; id-- {
		event := finished(id, 1)
		event.Report = &verify.Report{Status: verify.Invalid}
		send(m, eventsMsg{event}, tickMsg{})
		if onto(m) != row || m.home.line != line {
			t.Fatalf("answer %d: the cursor is on %s, line %d; want %s, line %d", id, onto(m), m.home.line, row, line)
		}
	}
	if m.home.top != first+50 {
		t.Errorf("50 worse packages came above, and the first line is %d, want %d", m.home.top, first+50)
	}
}

func manySpecs(n int) []catalog.Spec {
	var specs []catalog.Spec
	for i := range n {
		specs = append(specs, catalog.Spec{Path: untrusted.Text(fmt.Sprintf("npx/p%d/spec.yaml", i)),
			Protocol: catalog.NPX, Package: untrusted.Text(fmt.Sprintf("p%d", i)), Version: "1.0.0"})
	}
	return specs
}

func TestRecheck(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "j", "r")
	row := m.store.Cursor()
	if !row.Waiting || !m.store.Working() {
		t.Fatal("r does not ask for a check")
	}
	stale := finished(row.ID, 1)
	stale.Report = &verify.Report{Status: verify.Verified}
	if send(m, eventsMsg{stale}); m.store.Row(row.ID).Status == verify.Verified {
		t.Fatal("an answer to the first question was taken for one to the second")
	}
	send(m, eventsMsg{finished(row.ID, 2)})
	if want := "checked " + row.Name() + " again: still invalid"; m.toast != want {
		t.Errorf("it says %q, want %q", m.toast, want)
	}

	press(m, "R")
	if _, asked := m.store.Progress(); asked != 5 {
		t.Errorf("R asked for %d packages, want the 5 that failed", asked)
	}
	fixed := finished(3, 2)
	fixed.Report = &verify.Report{Status: verify.Verified}
	send(m, eventsMsg{fixed, finished(0, 2), finished(4, 3), finished(8, 2), finished(10, 2)})
	if want := "checked 5 packages again: 1 changed"; m.toast != want {
		t.Errorf("it says %q, want %q", m.toast, want)
	}
}

func TestLoading(t *testing.T) {
	t.Parallel()
	o := loadOptions()
	now := clock()
	o.Now = func() time.Time { return now }
	m := send(New(o), full)
	if m.home.state != loading {
		t.Fatal("the catalog is not being loaded")
	}
	send(m, batchMsg(batch{last: true, err: errors.New("no such folder")}))
	if m.home.state != failed || !strings.Contains(m.View(), "no such folder") {
		t.Error("the screen does not say why the catalog could not be loaded")
	}
	press(m, "r")
	send(m, batchMsg(batch{specs: sampleSpecs()[:1], last: true}))
	if m.home.state != loading || m.store.Len() != 0 {
		t.Error("the answer to an older load was taken")
	}
	send(m, batchMsg(batch{attempt: 1, specs: sampleSpecs(), last: true}))
	if m.store.Len() != 11 || !m.store.Working() {
		t.Errorf("%d rows, working %v; want 11 being checked", m.store.Len(), m.store.Working())
	}
	if send(m, answers(upTo(11)...)); !strings.HasPrefix(m.toast, "checked 11 packages: ") {
		t.Errorf("it says %q", m.toast)
	}
}

// A catalog comes in parts: they are checked as they come, the rows keep their
// order and their cursor, and what was checked is summed up once, at the end.
func TestLoadingInParts(t *testing.T) {
	t.Parallel()
	o := loadOptions()
	specs := sampleSpecs()
	read := make(chan bool)
	o.Load = func(_ context.Context, yield func([]catalog.Spec)) error {
		yield(specs[:4])
		yield(specs[4:9])
		<-read
		yield(specs[9:])
		return nil
	}
	m := New(o)
	send(m, full)
	cmds := m.load()().(tea.BatchMsg)
	go cmds[0]()
	next := func(cmd tea.Cmd) tea.Cmd {
		t.Helper()
		rest := cmd().(action)(m)
		if batch, ok := rest().(tea.BatchMsg); ok { // behind what is to be checked
			rest = batch[len(batch)-1]
		}
		m.Update(nil)
		return rest
	}
	cmd := next(cmds[1])
	if m.store.Len() != 4 || m.home.state != loading || !m.store.Working() {
		t.Fatalf("%d rows, state %v", m.store.Len(), m.home.state)
	}
	send(m, answers(0, 1, 2, 3))
	if m.toast != "" || m.store.Working() {
		t.Errorf("while the rest is read it says %q", m.toast)
	}
	press(m, "j")
	at := onto(m)
	cmd = next(cmd)
	close(read)
	cmd = next(cmd)
	if m.store.Len() != 11 || onto(m) != at {
		t.Errorf("%d rows; the cursor went from %s to %s", m.store.Len(), at, onto(m))
	}
	send(m, answers(4, 5, 6, 7, 8, 9, 10))
	if m.toast != "" {
		t.Errorf("before the end it says %q", m.toast)
	}
	next(cmd)
	if m.home.state != ready || !strings.Contains(m.toast, "checked 11 packages") {
		t.Errorf("state %v, it says %q", m.home.state, m.toast)
	}
	for id, spec := range specs {
		if m.store.Row(id).Spec.Path != spec.Path {
			t.Errorf("row %d is %v", id, m.store.Row(id).Spec.Path)
		}
	}
}

func TestALoadThatPanicsIsToldToTheScreen(t *testing.T) {
	t.Parallel()
	read := func(context.Context, func([]catalog.Spec)) error { panic("a fault") }
	o := options()
	o.Load = read
	msg := guard(New(o).load()().(tea.BatchMsg)[0])()
	if a, ok := msg.(action); !ok || faultOf(a) == nil || faultOf(a).Text != "a fault" {
		t.Errorf("got %v", msg)
	}
}

func TestTheEngineStoppingIsSaid(t *testing.T) {
	t.Parallel()
	m := send(New(options()), full, answers(0, 1), action((*Model).closed))
	if m.store.Working() || !strings.Contains(m.toast, "9 packages not answered") {
		t.Errorf("working %v, it says %q", m.store.Working(), m.toast)
	}
}

func TestSortingKeepsTheRowAndSaysTheColumn(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(tea.WindowSizeMsg{Width: 119, Height: 30}), "jj")
	before := onto(m)
	for _, heading := range []string{"PACKAGE ▴", "VERSION ▴", "SOURCE ▴", "WHY ▴", "STATUS ▴"} {
		press(m, "s")
		if !strings.Contains(m.View(), heading) {
			t.Errorf("there is no heading %q", heading)
		}
		if onto(m) != before {
			t.Errorf("sorting by %s moved the cursor to %s", heading, onto(m))
		}
	}
	if press(m, "S"); !m.store.Sort().Reverse || m.store.Sort() != (store.Sort{Reverse: true}) {
		t.Errorf("S gives %+v", m.store.Sort())
	}
}

func TestOnlyColumnsOnTheScreenAreSortedBy(t *testing.T) {
	t.Parallel()
	m := checkedAt(tea.WindowSizeMsg{Width: 40, Height: 10})
	if press(m, "s"); m.store.Sort().Column != layout.Package {
		t.Errorf("s sorts by column %d, want the package", m.store.Sort().Column)
	}
	if press(m, "s"); m.store.Sort().Column != layout.Status {
		t.Errorf("s sorts by column %d, want the status again: no other is shown", m.store.Sort().Column)
	}
}

func TestMessagesAreKept(t *testing.T) {
	t.Parallel()
	m := checkedAt(full)
	for range maxMessages + 10 {
		press(m, "r")
		id := m.store.Cursor().ID
		send(m, eventsMsg{finished(id, m.store.Ask(id)[0].Generation)})
	}
	if n := len(m.journal.messages); n != maxMessages {
		t.Errorf("%d messages are kept, want %d", n, maxMessages)
	}
	first := m.journal.messages[0].text
	m.journal.add(clock(), "the newest", view.Lead{})
	if m.journal.messages[0].text != first && !slices.ContainsFunc(m.journal.messages, func(x message) bool { return x.text == "the newest" }) {
		t.Error("the newest message is not kept")
	}
	if frame := press(m, "M").View(); !strings.Contains(frame, "the newest") || !strings.Contains(frame, "10:11:12") {
		t.Error("the messages are not shown")
	}
}

// A key that does nothing on a screen says so, by its escapes if it has any, and
// the next one takes that back.
func TestKeyThatDoesNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ pressed, says string }{
		{"c", "c is a key of triage; ? shows the keys here"},
		{"\u202e", `\u202e does nothing here; ? shows the keys here`},
	} {
		m := press(reviewAt(full), tt.pressed)
		if m.toast != tt.says {
			t.Errorf("%q says %q, want %q", tt.pressed, m.toast, tt.says)
		}
		if press(m, "j"); m.toast != "" {
			t.Errorf("after the next key it still says %q", m.toast)
		}
	}
}
