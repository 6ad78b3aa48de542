package ui

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/state"
	"plimsoll/ui/store"
)

// State keeps how the table was left, from one run to the next. Its methods
// may take their time.
type State interface {
	// Load returns what was saved last; found is false if nothing was.
	Load() (t state.Table, found bool, err error)
	Save(state.Table) error
}

// memory is what the model knows about what is saved.
type memory struct {
	state   State // nil: nothing is kept
	ready   bool  // what was saved has been read
	saved   state.Table
	waiting bool // a save is due
	failed  bool // it was said that saving fails

	mu   sync.Mutex                  // of saving
	next atomic.Pointer[state.Table] // to be saved
}

// save saves the last table that is to be, unless another call has done so: an
// older one never overwrites a newer one.
func (k *memory) save() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if t := k.next.Swap(nil); t != nil {
		return k.state.Save(*t)
	}
	return nil
}

// saveDelay is how long the table must wait to be saved after a change, so
// that not every key writes a file.
const saveDelay = time.Second

// table is how the table would be left now.
func (m *Model) table() state.Table {
	sort := m.store.Sort()
	return state.Table{
		Filter: m.store.Filter(), Preset: m.store.Preset().String(),
		Sort: columnNames[sort.Column], Reverse: sort.Reverse,
		Columns: setNames[m.home.columns], Preview: m.home.preview,
	}
}

// recall reads what was saved, after the first frame.
func (m *Model) recall() tea.Cmd {
	if m.memory.state == nil {
		return nil
	}
	m.memory.saved = m.table()
	kept := m.memory.state
	return func() tea.Msg {
		t, found, err := kept.Load()
		return action(func(m *Model) tea.Cmd { return m.recalled(t, found, err) })
	}
}

// recalled leaves the table as it was, unless a person was faster.
func (m *Model) recalled(t state.Table, found bool, err error) tea.Cmd {
	m.memory.ready = true
	if err != nil {
		m.say("how the table was left is not known: " + untrusted.Message(err))
	}
	if found && m.table() == m.memory.saved && m.overlay == nil {
		m.restore(t)
		m.memory.saved = t
	}
	return nil
}

// restore does what t says. What it names and there is not stays as it is.
func (m *Model) restore(t state.Table) {
	var unknown []string
	known := func(what string, ok bool) bool {
		if !ok {
			unknown = append(unknown, what)
		}
		return ok
	}
	if preset, ok := store.ParsePreset(t.Preset); known("selection", ok) {
		m.store.SetPreset(preset)
	}
	if column := slices.Index(columnNames[:], t.Sort); known("order", column >= 0) {
		m.store.SetSort(store.Sort{Column: layout.Column(column), Reverse: t.Reverse})
	}
	if set := slices.Index(setNames[:], t.Columns); known("columns", set >= 0) {
		m.home.columns = layout.Set(set)
	}
	if known("filter", utf8.RuneCountInString(t.Filter) <= maxFilter) {
		m.store.SetFilter(t.Filter)
	}
	m.home.preview = t.Preview
	switch {
	case len(unknown) > 0:
		m.say("the saved " + strings.Join(unknown, ", ") + " cannot be used")
	case t.Filter != "" || t.Preset != store.All.String():
		m.say("shown as you left it; esc shows everything")
	}
}

// remember sees to it that a change is saved soon.
func (m *Model) remember() tea.Cmd {
	if !m.memory.ready || m.memory.waiting || m.table() == m.memory.saved {
		return nil
	}
	m.memory.waiting = true
	return tea.Tick(saveDelay, func(time.Time) tea.Msg { return action((*Model).save) })
}

// save writes what changed, when nobody is typing.
func (m *Model) save() tea.Cmd {
	m.memory.waiting = false
	if m.overlay != nil || m.table() == m.memory.saved {
		return nil
	}
	m.toSave()
	return func() tea.Msg {
		err := m.memory.save()
		return action(func(m *Model) tea.Cmd { return m.notSaved(err) })
	}
}

// toSave notes that the table is to be saved as it is now.
func (m *Model) toSave() {
	t := m.table()
	m.memory.saved = t
	m.memory.next.Store(&t)
}

// notSaved says once that the table is not kept; nothing else depends on it.
func (m *Model) notSaved(err error) tea.Cmd {
	if err != nil && !m.memory.failed {
		m.memory.failed = true
		m.say("how the table is left is not kept: " + untrusted.Message(err))
	}
	return nil
}

// leave saves, when the screen has gone, what has changed since the last time.
// There is nobody left to tell that it failed.
func (m *Model) leave() {
	if m.memory.ready && m.table() != m.memory.saved {
		m.toSave()
		_ = m.memory.save()
	}
}
