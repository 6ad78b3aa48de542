package ui

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/state"
	"plimsoll/ui/store"
)

// State keeps how the tables were left, from one run to the next. Its methods
// may take their time.
type State interface {
	// Load returns what was saved last; found is false if nothing was.
	Load() (t state.Tables, found bool, err error)
	Save(state.Tables) error
}

// memory is what the model knows about what is saved.
type memory struct {
	state   State // nil: nothing is kept
	ready   bool  // what was saved has been read
	saved   state.Tables
	waiting bool // a save is due
	failed  bool // it was said that saving fails

	mu   sync.Mutex                   // of saving
	next atomic.Pointer[state.Tables] // to be saved
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

// tables are how the tables would be left now.
func (m *Model) tables() state.Tables {
	return state.Tables{Packages: m.home.left(m.store), Review: m.review.screen.left(m.review.env.store)}
}

// left is how the table would be left now.
func (p *packages) left(s *store.Store) state.Table {
	is := p.lasting(s)
	return state.Table{Sort: columnNames[is.sort.Column], Reverse: is.sort.Reverse,
		Columns: setNames[is.columns], Preview: p.preview, Size: p.size}
}

// recall reads what was saved, after the first frame.
func (m *Model) recall() tea.Cmd {
	if m.memory.state == nil {
		return nil
	}
	m.memory.saved = m.tables()
	kept := m.memory.state
	return func() tea.Msg {
		t, found, err := kept.Load()
		return action(func(m *Model) tea.Cmd { return m.recalled(t, found, err) })
	}
}

// recalled leaves the tables as they were, unless a person was faster.
func (m *Model) recalled(t state.Tables, found bool, err error) tea.Cmd {
	m.memory.ready = true
	if err != nil {
		m.say("how the table was left is not known: " + untrusted.Message(err))
	}
	if found && m.tables() == m.memory.saved && m.overlay == nil {
		unknown := m.home.restore(m.store, t.Packages)
		if t.Review != (state.Table{}) {
			unknown = append(unknown, m.review.screen.restore(m.review.env.store, t.Review)...)
		}
		slices.Sort(unknown)
		if len(unknown) > 0 {
			m.say("the saved " + strings.Join(slices.Compact(unknown), ", ") + " cannot be used")
		}
		m.memory.saved = m.tables()
	}
	return nil
}

// restore does what t says, and returns what of it cannot be used: that stays as it is.
func (p *packages) restore(s *store.Store, t state.Table) (unknown []string) {
	if column := slices.Index(columnNames[:], t.Sort); column >= 0 {
		s.SetSort(store.Sort{Column: layout.Column(column), Reverse: t.Reverse})
	} else {
		unknown = append(unknown, "order")
	}
	if set := slices.Index(setNames[:], t.Columns); set >= 0 {
		p.columns = layout.Set(set)
	} else {
		unknown = append(unknown, "columns")
	}
	p.preview, p.size = t.Preview, max(-layout.MaxSize, min(t.Size, layout.MaxSize))
	return unknown
}

// remember sees to it that a change is saved soon.
func (m *Model) remember() tea.Cmd {
	if !m.memory.ready || m.memory.waiting || m.tables() == m.memory.saved {
		return nil
	}
	m.memory.waiting = true
	return tea.Tick(saveDelay, func(time.Time) tea.Msg { return action((*Model).save) })
}

// save writes what changed, when nobody is typing.
func (m *Model) save() tea.Cmd {
	m.memory.waiting = false
	if m.overlay != nil || m.tables() == m.memory.saved {
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
	t := m.tables()
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
	if m.memory.ready && m.tables() != m.memory.saved {
		m.toSave()
		_ = m.memory.save()
	}
}
