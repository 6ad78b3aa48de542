package ui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// maxReason bounds what is typed as a reason, in characters: one of them takes
// at most four bytes.
const maxReason = untrusted.MaxReason / 4

// decidePrompt asks for the reason of a decision and, where something is to be
// known, for the last day on which it is.
type decidePrompt struct {
	finding pending
	kind    triage.Kind
	reason  string // "" while it is typed
	input
}

var reasonLabels = map[triage.Kind]string{
	triage.Known: "known, because: ", triage.Rejected: "rejected, because: ", triage.Note: "comment: ",
}

// decide asks why, unless it is certain that the decision would not hold.
func (b *inbox) decide(e *env, kind triage.Kind) Action {
	row := e.store.Row(b.current.row)
	switch {
	case e.desk.options == nil:
		return Action{Say: "decisions cannot be saved here: " + e.desk.off}
	case row.Waiting:
		return Action{Say: "wait: the package is being checked"}
	case kind == triage.Known && row.Status == verify.Invalid:
		return Action{Say: errInvalidKnown}
	case kind == triage.Known && b.current.Finding.Operator:
		return Action{Say: errOperatorKnown}
	}
	return Action{Overlay: &decidePrompt{finding: b.current, kind: kind, input: newInput(reasonLabels[kind], "", maxReason)}}
}

func (p *decidePrompt) key(e *env, _ layout.Frame, msg tea.KeyMsg) (Action, bool) {
	switch msg.Type {
	case tea.KeyEsc:
		return Action{Say: "nothing was decided"}, false
	case tea.KeyEnter:
		return p.enter(e)
	}
	p.input.key(msg)
	return Action{}, true
}

func (p *decidePrompt) enter(e *env) (Action, bool) {
	value := strings.TrimSpace(p.value())
	if p.reason == "" {
		if value == "" {
			return Action{Say: "a reason is needed: whoever reads it later will ask"}, true
		}
		p.reason = value
		if p.kind != triage.Known {
			return p.done(time.Time{})
		}
		p.input = newInput("until (YYYY-MM-DD, may be empty): ", "", len(time.DateOnly))
		return Action{}, true
	}
	if value == "" {
		return p.done(time.Time{})
	}
	until, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return Action{Say: "expected a date such as 2027-01-31, or nothing"}, true
	}
	if !e.desk.now().Before(until.AddDate(0, 0, 1)) {
		return Action{Say: "that day has passed"}, true
	}
	return p.done(until)
}

func (p *decidePrompt) done(until time.Time) (Action, bool) {
	return Action{Run: func(m *Model) tea.Cmd { return m.decide(p.finding, p.kind, p.reason, until) }}, false
}

func (p *decidePrompt) footer(e *env, width int) string {
	word := "save"
	if p.kind == triage.Known && p.reason == "" {
		word = "next"
	}
	return p.line(e.theme, width, hint("enter", word, "esc", "cancel"), nil)
}

// decide saves a decision. It holds, here as well, once it is saved.
func (m *Model) decide(finding pending, kind triage.Kind, reason string, until time.Time) tea.Cmd {
	d, row := m.desk, m.store.Row(finding.row)
	report := d.report(row)
	if d.busy || row.Waiting || report == nil {
		m.say("wait: something is still being written or checked")
		return nil
	}
	decision := triage.Decide(row.Spec, report, finding.Finding, kind, reason)
	decision.Until, decision.At = until, d.now()
	next, err := d.history.Now().With(decision)
	if err != nil {
		m.say("not decided: " + untrusted.Message(err))
		return nil
	}
	what := fmt.Sprintf("%s: %s of %s", kind, clip(m.theme, finding.Finding.Rule), row.Cells.Package)
	d.busy = true
	save := d.options.Save
	return guard(func() tea.Msg { return decidedMsg{what, next, save(next)} })
}

// decidedMsg is what became of a decision.
type decidedMsg struct {
	what string
	next *triage.Decisions
	err  error
}

func (msg decidedMsg) apply(m *Model) tea.Cmd {
	m.desk.busy = false
	if msg.err != nil {
		m.say("not decided: " + fileTrouble(msg.err))
		return nil
	}
	before := m.desk.history.Now()
	m.desk.history.Do(msg.what, msg.next)
	m.desk.did(deed{what: msg.what})
	m.desk.changed(m.store, before)
	m.say(msg.what)
	return nil
}

// did remembers a step; what had been taken back cannot be made again.
func (d *desk) did(step deed) {
	d.done, d.undone = append(d.done, step), nil
	if len(d.done) > maxSteps {
		d.done = d.done[len(d.done)-maxSteps:]
	}
}

// maxSteps is as many as the history of decisions keeps.
const maxSteps = 1000

// fileTrouble says what to do about a file that somebody else wrote.
func fileTrouble(err error) string {
	text := untrusted.Message(err)
	if errors.Is(err, catalog.ErrChanged) {
		text += "; leave plimsoll and start it again to see what it says now"
	}
	return text
}

// takeBack takes the last step back, or makes it again.
func (m *Model) takeBack(again bool) tea.Cmd {
	d := m.desk
	from, nothing := &d.done, "there is nothing to take back"
	if again {
		from, nothing = &d.undone, "there is nothing to do again"
	}
	switch {
	case d.options == nil:
		m.say("nothing can be decided here: " + d.off)
		return nil
	case d.busy:
		m.say("wait: something is still being written")
		return nil
	case len(*from) == 0:
		m.say(nothing)
		return nil
	}
	step := (*from)[len(*from)-1]
	d.busy = true
	if step.edit != nil {
		return m.rewrite(step, again)
	}
	before := d.history.Now()
	d.turn(again)
	next, save := d.history.Now(), d.options.Save
	return guard(func() tea.Msg { return turnedMsg{step, again, before, save(next)} })
}

// turn goes a step back or forth in the history of decisions.
func (d *desk) turn(forth bool) {
	if forth {
		d.history.Redo()
	} else {
		d.history.Undo()
	}
}

// turnedMsg is what became of a decision that was taken back or made again.
type turnedMsg struct {
	step   deed
	again  bool
	before *triage.Decisions
	err    error
}

func (msg turnedMsg) apply(m *Model) tea.Cmd {
	m.desk.busy = false
	if msg.err != nil {
		m.desk.turn(!msg.again)
		m.say("nothing was changed: " + fileTrouble(msg.err))
		return nil
	}
	m.desk.moved(msg.step, msg.again)
	m.desk.changed(m.store, msg.before)
	m.say(turnedWord(msg.again) + msg.step.what)
	return nil
}

// moved notes that the last step was taken back, or made again.
func (d *desk) moved(step deed, again bool) {
	from, to := &d.done, &d.undone
	if again {
		from, to = to, from
	}
	*from = (*from)[:len(*from)-1]
	*to = append(*to, step)
}

func turnedWord(again bool) string {
	if again {
		return "again: "
	}
	return "taken back: "
}

// triage opens the queue, from a package at its own finding.
func (m *Model) triage() {
	switch top := m.top().(type) {
	case *packages:
		m.openTriage(-1)
	case *detail:
		m.openTriage(top.row)
	}
}

// openTriage shows the queue, or brings it back; at a row's finding where that
// is asked for.
func (m *Model) openTriage(row int) {
	var b *inbox
	rest := m.stack[:0:0]
	for _, s := range m.stack {
		if found, ok := s.(*inbox); ok {
			b = found
		} else {
			rest = append(rest, s)
		}
	}
	if b == nil {
		b = &inbox{}
	}
	m.stack = append(rest, b)
	if row >= 0 {
		b.goTo(&m.env, row)
	}
}

// paintRule is a line across the screen with a title.
func paintRule(th *theme.Theme, title string, width int) string {
	rule := th.Glyph(theme.GlyphHorizontal)
	l := line{{theme.Border, rule}, {theme.Title, " " + theme.Cut(title, max(width-4, 1)) + " "}}
	return l.add(theme.Border, strings.Repeat(rule, max(width-l.width(), 0))).render(th, width)
}
