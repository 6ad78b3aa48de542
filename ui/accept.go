package ui

import (
	"bytes"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/document"
)

// acceptable returns what a spec would have to say for the verified
// certificate not to contradict it, or a sentence on why a finding does not end
// by that.
func acceptable(spec catalog.Spec, r *verify.Report, f verify.Finding) (changes []catalog.Change, why string) {
	changes, why = document.Proven(spec, r)
	switch {
	case why != "":
		return nil, why
	case document.Key(f) == "":
		return nil, "nothing that the spec could say would change this finding"
	case !document.Ends(changes, f):
		return nil, "the spec says already what the certificate proves; what is left has no place in it"
	}
	return changes, ""
}

// accept prepares to write what was observed into the spec.
func (b *triageScreen) accept(row *store.Row) action {
	changes, why := acceptable(*row.Spec, row.Answer, b.current.Finding)
	if why != "" {
		return says(why)
	}
	about := b.current
	return func(m *Model) tea.Cmd { return m.propose(row, about, changes) }
}

// propose reads the spec of a row, and shows what a change of it would change.
func (m *Model) propose(row *store.Row, about pending, changes []catalog.Change) tea.Cmd {
	spec, id, read := *row.Spec, row.ID, m.triage.options.ReadSpec
	return func() tea.Msg {
		text, err := read(spec)
		if err != nil {
			return action(func(m *Model) tea.Cmd {
				m.notWritten("the spec cannot be changed: ", err, view.Lead{Spec: string(spec.Path)})
				return nil
			})
		}
		changed, err := catalog.Edit(text, changes)
		if err != nil {
			return says("the spec was not changed: " + untrusted.Message(err))
		}
		diff := catalog.Diff(string(spec.Path), text, changed)
		return action(func(m *Model) tea.Cmd {
			m.proposed(spec, about, edit{id, [2][]byte{text, changed}}, diff)
			return nil
		})
	}
}

// proposed shows a change of a spec that a person must agree to, unless that
// has gone on to something else.
func (m *Model) proposed(of catalog.Spec, about pending, e edit, diff string) {
	b, ok := m.top().(*triageScreen)
	row := m.store.Row(e.row)
	switch {
	case !ok || m.overlay != nil || row == nil || !b.current.same(about) || row.Spec.SHA256 != of.SHA256:
	case diff == "":
		m.say("the spec says so already")
	default:
		c := &confirm{title: "Change of " + clip(m.theme, string(row.Spec.Path)),
			question: "Write this into the spec?", word: "write", undoable: true,
			yes: func(m *Model) tea.Cmd { return m.accept(e, about) }}
		if hunk := strings.Index(diff, "\n@@"); hunk >= 0 { // the title names the file
			diff = diff[hunk+1:]
		}
		for text := range strings.SplitSeq(strings.TrimSuffix(diff, "\n"), "\n") {
			c.lines = append(c.lines, segment{view.DiffToken(text), clip(m.theme, text)})
		}
		changes := func(s segment) bool { return s.text != "" && strings.Contains("-+", s.text[:1]) }
		c.scroller.top = max(slices.IndexFunc(c.lines, changes), 0) // there if not all is on the screen
		m.overlay = c
	}
}

// accept writes a change of a spec that a person agreed to, and has its package
// checked again. What was found while that was read may speak against it.
func (m *Model) accept(e edit, about pending) tea.Cmd {
	row := m.store.Row(e.row)
	if row.Answer != nil && !differs(row, e.text[0]) {
		changes, why := acceptable(*row.Spec, row.Answer, about.Finding)
		if changed, err := catalog.Edit(e.text[0], changes); why == "" && (err != nil || !bytes.Equal(changed, e.text[1])) {
			why = "something else is proven now"
		}
		if why != "" {
			m.say("the spec was not changed: " + why)
			return nil
		}
	}
	return m.carryOut(step{about: about, edit: &e}, firstTime)
}
