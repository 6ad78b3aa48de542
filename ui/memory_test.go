package ui

import (
	"errors"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/state"
	"plimsoll/ui/store"
)

// fakeState keeps in memory what was saved.
type fakeState struct {
	table           state.Tables
	found           bool
	loadErr, failed error
	saves           int
}

func (f *fakeState) Load() (state.Tables, bool, error) { return f.table, f.found, f.loadErr }

func (f *fakeState) Save(t state.Tables) error {
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

var left = state.Tables{
	Packages: state.Table{Sort: "version", Reverse: true, Columns: "many", Size: 2},
	Review:   state.Table{Sort: "package", Columns: "fitting", Preview: true, Size: -1},
}

func TestTheTableIsAsItWasLeft(t *testing.T) {
	t.Parallel()
	f := &fakeState{table: left, found: true}
	m := recalling(f)
	if m.tables() != left || m.store.Sort() != (store.Sort{Column: layout.Version, Reverse: true}) || m.review.env.store.Sort().Column != layout.Package {
		t.Errorf("it is %+v", m.tables())
	}
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
	press(m, "s", "S", "c", "<", "p")
	saved(t, m)
	want := state.Table{Sort: "package", Reverse: true, Columns: "few", Size: -1}
	if f.saves != 1 || f.table.Packages != want {
		t.Errorf("saved %d times, %+v; want once, %+v", f.saves, f.table.Packages, want)
	}
	if press(m, "s", "s", "p", "/", "uv"); m.memory.waiting {
		saved(t, m)
	}
	if f.saves != 1 {
		t.Error("it was saved while somebody typed")
	}
	press(m, "enter", "S")
	if saved(t, m); f.saves != 2 || !f.table.Packages.Reverse {
		t.Errorf("saved %d times, %+v", f.saves, f.table)
	}
	press(m, "S", "S")
	if saved(t, m); f.saves != 2 {
		t.Error("what is as it was is saved again")
	}
	press(m, "p")
	if m.leave(); f.saves != 3 || f.table.Packages.Preview {
		t.Errorf("on leaving it saved %d times, %+v", f.saves, f.table)
	}
	if m.leave(); f.saves != 3 {
		t.Error("leaving saves what was saved")
	}
}

// Failures hidden by yesterday's filter or preset would not be seen today.
func TestWhatNarrowsTheTableIsNotSaved(t *testing.T) {
	t.Parallel()
	f := &fakeState{}
	m := recalling(f)
	press(m, "/", "uvx", "enter", "f")
	if m.leave(); m.memory.waiting || f.saves != 0 {
		t.Errorf("a filter or a preset was saved: %+v", f.table)
	}
}

func TestAnOldSaveDoesNotUndoANewOne(t *testing.T) {
	t.Parallel()
	f := &fakeState{}
	m := recalling(f)
	press(m, "s")
	m.toSave()
	press(m, "s")
	m.leave()
	if err := m.memory.save(); err != nil || f.saves != 1 || f.table.Packages.Sort != "version" {
		t.Errorf("%v, saved %d times, in the end %+v", err, f.saves, f.table)
	}
}

func TestAPersonIsFasterThanTheState(t *testing.T) {
	t.Parallel()
	o := options()
	o.State = &fakeState{table: left, found: true}
	m := send(New(o), full)
	press(m, "s")
	if m.recalled(left, true, nil); m.store.Sort().Column != layout.Package {
		t.Errorf("what was pressed became %+v", m.tables())
	}
	m = press(send(New(o), full), "/")
	if m.recalled(left, true, nil); m.store.Sort().Column != layout.Status {
		t.Error("the table changed under the prompt")
	}
}

func TestNothingIsSavedBeforeItWasRead(t *testing.T) {
	t.Parallel()
	f := &fakeState{}
	o := options()
	o.State = f
	m := press(send(New(o), full), "s")
	if m.leave(); m.memory.waiting || f.saves != 0 {
		t.Errorf("saved %d times", f.saves)
	}
	o.State = nil
	m = press(send(New(o), full), "s")
	if m.leave(); m.memory.waiting {
		t.Error("without a state something is saved")
	}
}

func TestProblemsWithTheStateAreMessages(t *testing.T) {
	t.Parallel()
	f := &fakeState{loadErr: errors.New("bro\x1bken; it is now x.broken-1"), failed: errors.New("read-only")}
	m := recalling(f)
	press(m, "s")
	saved(t, m)
	press(m, "s")
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
	m := recalling(&fakeState{found: true, table: state.Tables{Packages: state.Table{Sort: "y", Columns: "z", Size: 99}}})
	want := state.Table{Sort: "status", Columns: "fitting", Size: layout.MaxSize}
	if m.tables().Packages != want || !m.tables().Review.Preview {
		t.Errorf("it is %+v, want %+v", m.tables(), want)
	}
	wantFrame(t, press(m, "M"), "afterwards", "the saved columns, order cannot be used")
}

// Files are read and written by commands only.
func TestUpdateTouchesNoState(t *testing.T) {
	t.Parallel()
	o := options()
	o.State = forbidden{t}
	m := send(New(o), full)
	m.recalled(state.Tables{}, false, nil)
	send(m, action((*Model).save))
	press(m, "f", "/", "x", "enter", "c", "p", "s")
	send(m, action((*Model).save), tea.WindowSizeMsg{Width: 80, Height: 24})
	if m.tables() == (state.Tables{}) {
		t.Error("the table has no state")
	}
}

type forbidden struct{ t *testing.T }

func (f forbidden) Load() (state.Tables, bool, error) {
	f.t.Error("Update loads")
	return state.Tables{}, false, nil
}

func (f forbidden) Save(state.Tables) error {
	f.t.Error("Update saves")
	return nil
}
