package ui

import (
	"crypto/sha256"
	"errors"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/verify/triage"
)

// step is what a person did and can take back: a decision, or a change of a
// spec.
type step struct {
	what      string
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

// takeBack takes the last step back, or makes it again.
func (m *Model) takeBack(w way) tea.Cmd {
	from, nothing := m.triage.steps.done, "there is nothing to take back"
	if w == madeAgain {
		from, nothing = m.triage.steps.undone, "there is nothing to do again"
	}
	switch {
	case m.triage.options == nil:
		m.say("nothing can be decided here: " + m.triage.off)
	case len(from) == 0:
		m.say(nothing)
	default:
		return m.carryOut(from[len(from)-1], w)
	}
	return nil
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
	m.triage.busy = true
	return func() tea.Msg {
		spec, err := write()
		return action(func(m *Model) tea.Cmd {
			m.triage.busy = false
			m.reread.writes++
			if err != nil {
				m.say(s.failed(w) + writeProblem(err))
				return nil
			}
			return m.carriedOut(s, w, spec, s.decisions[to])
		})
	}
}

// carriedOut takes what was written: a spec, or decisions.
func (m *Model) carriedOut(s step, w way, spec catalog.Spec, decisions *triage.Decisions) tea.Cmd {
	m.triage.steps.move(s, w)
	m.say([]string{firstTime: "", takenBack: "taken back: ", madeAgain: "again: "}[w] + s.what)
	if s.edit == nil {
		m.decided(decisions)
		return nil
	}
	m.store.SetSpec(s.edit.row, spec)
	m.triage.touch()
	return m.ask([]int{s.edit.row}, false)
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

// writeProblem says what to do about a file that somebody else wrote.
func writeProblem(err error) string {
	text := untrusted.Message(err)
	if errors.Is(err, catalog.ErrChanged) {
		text += "; leave plimsoll and start it again to see what it says now"
	}
	return text
}

// errSpecChanged is said in place of writing over somebody else's words.
const errSpecChanged = "the spec was changed by somebody else meanwhile, and stays as it is"

// differs reports whether a row's spec does not read as the text that a change
// of it begins with.
func differs(row *store.Row, text []byte) bool {
	return row == nil || row.Gone || row.Spec.SHA256 != sha256.Sum256(text)
}
