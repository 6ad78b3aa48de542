package ui

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify/triage"
)

// step is what a person did and can take back: a decision, or a change of a
// spec.
type step struct {
	about     pending              // the finding that it was made for
	what      string               // a decision, as people read it
	edit      *edit                // nil: a decision
	decisions [2]*triage.Decisions // before and after
}

// edit is a change of the spec of a row.
type edit struct {
	row  int
	text [2][]byte // before and after
}

// undoStack holds what can be taken back, and what can be made again.
type undoStack struct{ done, undone []step }

// maxSteps bounds how many steps can be taken back.
const maxSteps = 1000

// way is how a step is gone.
type way int

const (
	firstTime way = iota
	takenBack
	madeAgain
)

// move notes that a step was made; what had been taken back cannot be made
// again after a new one.
func (s *undoStack) move(made step, w way) {
	switch w {
	case firstTime:
		s.done, s.undone = append(s.done, made), nil
		s.done = slices.Delete(s.done, 0, max(0, len(s.done)-maxSteps))
	case takenBack:
		s.done, s.undone = s.done[:len(s.done)-1], append(s.undone, made)
	case madeAgain:
		s.done, s.undone = append(s.done, made), s.undone[:len(s.undone)-1]
	}
}

// refuses says why a key that takes a step back, or makes it again, has nothing to
// do, or "".
func (t *triageState) refuses(keys *Keys, k *key.Binding) string {
	switch {
	case k != &keys.Undo && k != &keys.Redo:
		return ""
	case t.options == nil:
		return "nothing can be decided here: " + t.off
	case k == &keys.Undo && len(t.steps.done) == 0:
		return "there is nothing to take back"
	case k == &keys.Redo && len(t.steps.undone) == 0:
		return "there is nothing to make again"
	}
	return ""
}

// takeBack takes the last step back, or makes it again.
func (m *Model) takeBack(w way) tea.Cmd {
	k, from := &m.keys.Undo, m.triage.steps.done
	if w == madeAgain {
		k, from = &m.keys.Redo, m.triage.steps.undone
	}
	if why := m.triage.refuses(m.keys, k); why != "" {
		m.say(why)
		return nil
	}
	return m.carryOut(from[len(from)-1], w)
}

// carryOut writes what a step changes. The screen takes it over once it
// is written.
func (m *Model) carryOut(s step, w way) tea.Cmd {
	from, to := 0, 1
	if w == takenBack {
		from, to = to, from
	}
	o := m.triage.options
	var write func() (catalog.Spec, error)
	switch {
	case m.triage.busy:
		m.say("wait: something is still being written")
		return nil
	case s.edit == nil:
		write = func() (catalog.Spec, error) { return catalog.Spec{}, o.Save(s.decisions[to]) }
	case differs(m.store.Row(s.edit.row), s.edit.text[from]):
		m.say(errSpecChanged)
		return nil
	default:
		spec := m.store.Row(s.edit.row).Spec
		write = func() (catalog.Spec, error) { return o.WriteSpec(spec, s.edit.text[to]) }
	}
	written := sync.OnceValues(write)
	m.triage.busy, m.triage.owed = true, func() error {
		_, err := written()
		return err
	}
	return func() tea.Msg {
		spec, err := written()
		return action(func(m *Model) tea.Cmd {
			m.triage.busy, m.triage.owed = false, nil
			m.reread.writes++
			if err != nil {
				m.sayOf(s.failed(w)+writeProblem(err), s.lead())
				return nil
			}
			return m.carriedOut(s, w, spec, s.decisions[to])
		})
	}
}

// settleUp writes, when the screen has gone, what a person had agreed to just before:
// the library drops commands that have not begun.
func (t *triageState) settleUp() error {
	if t.owed == nil {
		return nil
	}
	if err := t.owed(); err != nil {
		return fmt.Errorf("what was decided last was not written: %w", err)
	}
	return nil
}

// carriedOut takes what was written: a spec, or decisions.
func (m *Model) carriedOut(s step, w way, spec catalog.Spec, decisions *triage.Decisions) (cmd tea.Cmd) {
	m.triage.steps.move(s, w)
	wrote := m.wrote(s, w)
	if s.edit == nil {
		m.decided(decisions)
	} else {
		m.store.SetSpec(s.edit.row, spec)
		m.triage.touch()
		cmd = m.ask([]int{s.edit.row}, false)
		m.round.wrote = wrote
	}
	if s.what != "" {
		wrote += "   " + s.what
	}
	if w != firstTime && !m.turnTo(s.about, w) {
		wrote += " (the filter hides it)"
	}
	m.sayOf(wrote, s.lead())
	return cmd
}

// lead is to the package that a step is about.
func (s step) lead() view.Lead { return view.Lead{Spec: string(s.about.Path)} }

// wrote names the file that a step changed, and how that is taken back.
func (m *Model) wrote(s step, w way) string {
	file := triage.FileName
	if s.edit != nil {
		file = clip(m.theme, string(m.store.Row(s.edit.row).Spec.Path))
	}
	wrote := "wrote " + file
	if m.triage.options.InMemory {
		wrote = "changed " + file + " in memory"
	}
	switch w {
	case takenBack:
		return wrote + ", taken back   " + short(m.keys.Redo) + " makes it again"
	case madeAgain:
		wrote += ", made again"
	}
	return wrote + "   " + short(m.keys.Undo) + " takes it back"
}

// turnTo puts the cursor on the package, and on the finding, that a step was about.
// It reports whether the table shows that.
func (m *Model) turnTo(about pending, w way) bool {
	rows := m.here().store
	row := rows.At(about.Path)
	if row == nil || row.Gone {
		return true // there is nothing to turn to
	}
	rows.Point(row.ID)
	switch top := m.top().(type) {
	case *triageScreen:
		top.turnTo(m.here(), about, w == takenBack)
		return true
	case *detail:
		if top.row != row.ID && top.row != ^row.ID {
			top.row, top.pagers = row.ID, nil
		}
		return true
	}
	return rows.Shows(row.ID)
}

// decided makes other decisions hold, for the packages and for the review.
func (m *Model) decided(next *triage.Decisions) {
	m.triage.decide(m.store, next)
	for _, id := range m.review.env.store.All() {
		m.review.env.store.Judge(id, nil)
	}
	m.judgeReview()
}

// failed begins the message about a step that could not be made.
func (s step) failed(w way) string {
	switch {
	case s.edit != nil:
		return "the spec was not changed: "
	case w == firstTime:
		return "not decided: "
	default:
		return "nothing was changed: "
	}
}

// writeProblem says why a file was not written, in few words: the line is short, and
// the name of what stood in for the file would take all of it.
func writeProblem(err error) string {
	system, failed := errors.AsType[*fs.PathError](err)
	switch {
	case errors.Is(err, catalog.ErrChanged):
		return untrusted.Message(catalog.ErrChanged) + "; start plimsoll again to read it"
	case failed:
		return untrusted.Message(system.Err)
	}
	return untrusted.Message(err)
}

// errSpecChanged is said in place of writing over somebody else's words.
const errSpecChanged = "the spec was changed by somebody else meanwhile, and stays as it is"

// differs reports whether a row's spec does not read as the text that a change
// of it begins with.
func differs(row *store.Row, text []byte) bool {
	return row == nil || row.Gone || row.Spec.SHA256 != sha256.Sum256(text)
}
