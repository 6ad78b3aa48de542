package ui

import (
	"errors"
	"reflect"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/state"
	"plimsoll/ui/store"
)

// fakeState keeps in memory what was saved.
type fakeState struct {
	table           state.Table
	found           bool
	loadErr, failed error
	saves           int
}

func (f *fakeState) Load() (state.Table, bool, error) { return f.table, f.found, f.loadErr }

func (f *fakeState) Save(t state.Table) error {
	f.saves++
	if f.failed != nil {
		return f.failed
	}
	f.table, f.found = t, true
	return nil
}

// recalling is the screen after what was saved has been read.
func recalling(f *fakeState, keys ...string) *Model {
	o := options()
	o.State = f
	m := send(New(o), full)
	press(m, keys...)
	send(m, m.recall()())
	return send(m, answers(upTo(11)...))
}

// saved runs the save that is due.
func saved(t *testing.T, m *Model) {
	t.Helper()
	if !m.memory.waiting {
		t.Fatal("no save is due")
	}
	cmd := m.save()
	if cmd == nil {
		return
	}
	send(m, cmd())
}

var left = state.Table{Filter: "npx", Preset: "not proven", Sort: "version", Reverse: true, Columns: "many", Preview: false}

func TestTheTableIsAsItWasLeft(t *testing.T) {
	t.Parallel()
	f := &fakeState{table: left, found: true}
	m := recalling(f)
	if m.store.Filter() != "npx" || m.store.Preset() != store.NotProven || m.home.preview ||
		m.store.Sort() != (store.Sort{Column: layout.Version, Reverse: true}) || m.home.columns != layout.Many {
		t.Errorf("it is %+v", m.table())
	}
	wantFrame(t, press(m, "M"), "afterwards", "shown as you left it; esc shows everything")
	if m.memory.waiting || f.saves != 0 {
		t.Error("what was only loaded is saved again")
	}
}

func TestChangesAreSavedOnce(t *testing.T) {
	t.Parallel()
	f := &fakeState{}
	m := recalling(f)
	if press(m, "j", "space", "enter", "esc"); m.memory.waiting {
		t.Error("a save is due though nothing that is kept has changed")
	}
	press(m, "f", "s", "S", "c", "p")
	saved(t, m)
	want := state.Table{Preset: "not proven", Sort: "package", Reverse: true, Columns: "few"}
	if f.saves != 1 || f.table != want {
		t.Errorf("saved %d times, %+v; want once, %+v", f.saves, f.table, want)
	}
	press(m, "/", "uv")
	if saved(t, m); f.saves != 1 {
		t.Error("a filter was saved while it was typed")
	}
	press(m, "x", "enter")
	if saved(t, m); f.saves != 2 || f.table.Filter != "uvx" {
		t.Errorf("saved %d times, %+v", f.saves, f.table)
	}
	press(m, "f", "F")
	if saved(t, m); f.saves != 2 {
		t.Error("what is as it was is saved again")
	}
	press(m, "f")
	if m.leave(); f.saves != 3 || f.table.Preset != "failing" {
		t.Errorf("on leaving it saved %d times, %+v", f.saves, f.table)
	}
	if m.leave(); f.saves != 3 {
		t.Error("leaving saves what was saved")
	}
}

func TestAnOldSaveDoesNotUndoANewOne(t *testing.T) {
	t.Parallel()
	f := &fakeState{}
	m := recalling(f)
	press(m, "f")
	m.toSave()
	press(m, "f")
	m.leave()
	if err := m.memory.save(); err != nil || f.saves != 1 || f.table.Preset != "failing" {
		t.Errorf("%v, saved %d times, in the end %+v", err, f.saves, f.table)
	}
}

func TestAPersonIsFasterThanTheState(t *testing.T) {
	t.Parallel()
	o := options()
	o.State = &fakeState{table: left, found: true}
	m := send(New(o), full)
	press(m, "f", "f")
	if m.recalled(left, true, nil); m.store.Preset() != store.Failing || m.store.Filter() != "" {
		t.Errorf("what was pressed became %+v", m.table())
	}
	m = press(send(New(o), full), "/")
	if m.recalled(left, true, nil); m.store.Filter() != "" {
		t.Error("the filter changed under the prompt")
	}
}

func TestNothingIsSavedBeforeItWasRead(t *testing.T) {
	t.Parallel()
	f := &fakeState{}
	o := options()
	o.State = f
	m := press(send(New(o), full), "f")
	if m.leave(); m.memory.waiting || f.saves != 0 {
		t.Errorf("saved %d times", f.saves)
	}
	o.State = nil
	m = press(send(New(o), full), "f")
	if m.leave(); m.memory.waiting {
		t.Error("without a state something is saved")
	}
}

func TestProblemsWithTheStateAreMessages(t *testing.T) {
	t.Parallel()
	f := &fakeState{loadErr: errors.New("bro\x1bken; it is now x.broken-1"), failed: errors.New("read-only")}
	m := recalling(f)
	press(m, "f")
	saved(t, m)
	press(m, "f")
	saved(t, m)
	wantFrame(t, press(m, "M"), "in the messages", `how the table was left is not known: bro\x1bken; it is now x.broken-1`,
		"how the table is left is not kept: read-only")
	said := 0
	for _, entry := range m.journal.messages {
		if entry.text == "how the table is left is not kept: read-only" {
			said++
		}
	}
	if said != 1 || f.saves != 2 {
		t.Errorf("saving was tried %d times and complained of %d times; want 2, 1", f.saves, said)
	}
}

func TestWhatIsUnknownStaysAsItIs(t *testing.T) {
	t.Parallel()
	long := make([]rune, maxFilter+1)
	m := recalling(&fakeState{found: true, table: state.Table{Filter: string(long), Preset: "x", Sort: "y", Columns: "z"}})
	want := state.Table{Preset: "all", Sort: "status", Columns: "fitting"}
	if m.table() != want {
		t.Errorf("it is %+v, want %+v", m.table(), want)
	}
	wantFrame(t, press(m, "M"), "afterwards", "the saved selection, order, columns, filter cannot be used")
}

// Files are read and written by commands only.
func TestUpdateTouchesNoState(t *testing.T) {
	t.Parallel()
	o := options()
	o.State = forbidden{t}
	m := send(New(o), full)
	m.recalled(state.Table{}, false, nil)
	send(m, action((*Model).save))
	press(m, "f", "/", "x", "enter", "c", "p", "s")
	send(m, action((*Model).save), tea.WindowSizeMsg{Width: 80, Height: 24})
	if reflect.DeepEqual(m.table(), state.Table{}) {
		t.Error("the table has no state")
	}
}

type forbidden struct{ t *testing.T }

func (f forbidden) Load() (state.Table, bool, error) {
	f.t.Error("Update loads")
	return state.Table{}, false, nil
}

func (f forbidden) Save(state.Table) error {
	f.t.Error("Update saves")
	return nil
}
