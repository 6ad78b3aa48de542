package ui

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
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
	about  pending       // the finding that it was made for
	what   string        // a decision, as people read it
	edit   *edit         // nil: a decision
	change triage.Change // a decision
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

// drop forgets a step that can be gone no more.
func (s *undoStack) drop(w way) {
	switch w {
	case takenBack:
		s.done = s.done[:len(s.done)-1]
	case madeAgain:
		s.undone = s.undone[:len(s.undone)-1]
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
	from, to, change := 0, 1, s.change
	if w == takenBack {
		from, to, change = to, from, change.Back()
	}
	o, held := m.triage.options, m.triage.decisions
	var write func() (writtenFile, error)
	switch {
	case m.triage.busy:
		m.say("wait: something is still being written")
		return nil
	case s.edit == nil:
		write = func() (writtenFile, error) {
			decisions, err := o.Decide(held, change)
			return writtenFile{decisions: decisions}, err
		}
	case differs(m.store.Row(s.edit.row), s.edit.text[from]):
		m.say(errSpecChanged)
		return nil
	default:
		spec := *m.store.Row(s.edit.row).Spec
		write = func() (writtenFile, error) {
			spec, err := o.WriteSpec(spec, s.edit.text[to])
			return writtenFile{spec: spec}, err
		}
	}
	once := sync.OnceValues(write)
	m.triage.busy, m.triage.owed = true, func() error {
		_, err := once()
		return err
	}
	return func() tea.Msg {
		now, err := once()
		return action(func(m *Model) tea.Cmd {
			m.triage.busy, m.triage.owed = false, nil
			m.reread.writes++
			switch {
			case errors.Is(err, triage.ErrDecided):
				m.decided(now.decisions)
				m.overtaken(s, w)
				return nil
			case err != nil:
				m.notWritten(s.failed(w), err, s.lead())
				return nil
			}
			return m.carriedOut(s, w, now)
		})
	}
}

// writtenFile is a spec, or the decisions, as the file that a step changed says now.
type writtenFile struct {
	spec      catalog.Spec
	decisions *triage.Decisions
}

// overtaken has a person look at what somebody else decided about a finding before it
// is replaced. What was typed stays; a step that took the other decision's place can be
// gone no more.
func (m *Model) overtaken(s step, w way) {
	row := m.here().store.At(s.about.Path)
	why, again := "what was decided about it was taken back by somebody else", "decides"
	var now standing
	if row != nil {
		s.about.ID = row.ID
		if now = m.triage.standing(m.here().store, s.about); now.decided != "" {
			why, again = "decided meanwhile ("+clip(m.theme, now.decided)+")", "replaces that"
		}
	}
	switch m.triage.steps.drop(w); {
	case w != firstTime:
		m.sayOf("nothing was changed: "+why, s.lead())
	case row == nil || m.overlay != nil:
		m.sayOf("not decided: "+why, s.lead())
	default:
		kind := s.change.To.Kind
		m.overlay = &decidePrompt{finding: s.about, kind: kind, seen: now, input: newInput(reasonLabels[kind], s.change.To.Reason, maxReason)}
		m.say(why + ": enter again " + again)
	}
}

// notWritten says why something was not written. What somebody else wrote meanwhile is
// read.
func (m *Model) notWritten(what string, err error, of view.Lead) {
	m.sayOf(what+writeProblem(err), of)
	if errors.Is(err, catalog.ErrChanged) {
		m.reread.due, m.review.due = true, true
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

// carriedOut takes what was written.
func (m *Model) carriedOut(s step, w way, now writtenFile) (cmd tea.Cmd) {
	m.triage.steps.move(s, w)
	wrote := m.wrote(s, w)
	if s.edit == nil {
		if others := m.decided(now.decisions) - 1; others > 0 {
			wrote += "   others decided as well: " + untrusted.Plural(others, "finding")
		}
	} else {
		m.store.SetSpec(s.edit.row, now.spec)
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

// decided makes other decisions hold, for the packages and for the review. It returns
// about how many findings they differ.
func (m *Model) decided(next *triage.Decisions) int {
	different := m.triage.decide(m.store, next)
	for _, id := range m.review.env.store.All() {
		m.review.env.store.Judge(id, nil)
	}
	m.judgeReview()
	return different
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

// writeProblem says why a file was not written, in few words: the line is short, and a
// whole path would take all of it.
func writeProblem(err error) string {
	system, failed := errors.AsType[*fs.PathError](err)
	switch {
	case errors.Is(err, catalog.ErrChanged):
		return untrusted.Message(catalog.ErrChanged) + ", and is read again"
	case failed:
		return untrusted.Clean(filepath.Base(system.Path)) + ": " + untrusted.Message(system.Err)
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
