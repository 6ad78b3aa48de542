package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/verify/triage"
)

// maxReason bounds what is typed as a reason, in characters: one of them takes
// at most four bytes.
const maxReason = untrusted.MaxReason / 4

// decidePrompt asks for the reason of a decision and, if something is to be known,
// for the last day on which it is.
type decidePrompt struct {
	finding pending
	kind    triage.Kind
	seen    standing
	reason  string // "" while it is typed
	input
}

// standing is what a decision is made in view of.
type standing struct {
	found   triage.Binding
	decided string // before, about the same finding
}

// standing returns how a finding stands.
func (t *triageState) standing(s *store.Store, finding pending) (now standing) {
	row := s.Row(finding.ID)
	if row.Answer != nil {
		now.found = triage.BindingOf(row.Answer)
	}
	for _, j := range t.judge(s, row) {
		if triage.SameFinding(j.Finding, finding.Finding) {
			now.decided = j.Why
		}
	}
	return now
}

var reasonLabels = map[triage.Kind]string{
	triage.Known: "known, because: ", triage.Rejected: "rejected, because: ", triage.Note: "comment: ",
}

// decide asks why.
func (b *triageScreen) decide(e *env, kind triage.Kind) action {
	seen := e.triage.standing(e.store, b.current)
	return covers(&decidePrompt{finding: b.current, kind: kind, seen: seen, input: newInput(reasonLabels[kind], "", maxReason)})
}

func (p *decidePrompt) key(e *env, _ layout.Frame, msg tea.KeyMsg) (action, bool) {
	switch msg.Type {
	case tea.KeyEsc:
		return says("nothing was decided"), false
	case tea.KeyEnter:
		if why := p.refuses(e); why != "" {
			return says(why), true
		}
		return p.enter(e)
	}
	p.input.key(msg)
	return nil, true
}

// refuses says why nothing can be decided at the moment, or "": what is typed stays. A
// person has to have seen what a decision is bound to, and the one that it replaces.
func (p *decidePrompt) refuses(e *env) string {
	row := e.store.Row(p.finding.ID)
	if e.triage.busy || row.Waiting || row.Answer == nil {
		return "wait: something is still being written or checked"
	}
	before, now := p.seen, e.triage.standing(e.store, p.finding)
	p.seen = now
	switch {
	case now.found != before.found:
		return "other files or another publisher were found meanwhile: look, then enter again"
	case now.decided != "" && now.decided != before.decided:
		return "decided meanwhile (" + clip(e.theme, now.decided) + "): enter again replaces that"
	}
	return ""
}

func (p *decidePrompt) enter(e *env) (action, bool) {
	value := strings.TrimSpace(p.value())
	if p.reason == "" {
		if value == "" {
			return says("a reason is needed: whoever reads it later will ask"), true
		}
		p.reason = value
		if p.kind != triage.Known {
			return p.done(time.Time{})
		}
		p.input = newInput("until (YYYY-MM-DD, may be empty): ", "", len(time.DateOnly))
		return nil, true
	}
	if value == "" {
		return p.done(time.Time{})
	}
	until, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return says("expected a date such as 2027-01-31, or nothing"), true
	}
	if until.IsZero() || untrusted.Ended(until, e.triage.now()) {
		return says("that day has passed"), true
	}
	return p.done(until)
}

func (p *decidePrompt) done(until time.Time) (action, bool) {
	return func(m *Model) tea.Cmd { return m.decide(p.finding, p.kind, p.reason, until) }, false
}

// draw names the finding if the list behind does not hold it any more, since it was
// decided meanwhile.
func (p *decidePrompt) draw(e *env, f layout.Frame) []string {
	if slices.ContainsFunc(e.triage.pending(e.store), p.finding.same) {
		return nil
	}
	what := clip(e.theme, p.finding.Finding.Rule) + " of " + e.store.Row(p.finding.ID).Name()
	return []string{rule(e.theme, what, "", f.Width)}
}

func (p *decidePrompt) footer(e *env, width int) string {
	word := "save"
	if p.kind == triage.Known && p.reason == "" {
		word = "next"
	}
	return p.line(e.theme, width, hint("enter", word, "esc", "cancel"), nil)
}

// decide saves a decision. The screen takes it over once it is saved.
func (m *Model) decide(finding pending, kind triage.Kind, reason string, until time.Time) tea.Cmd {
	e, t := m.here(), m.triage
	row := e.store.Row(finding.ID)
	decision := triage.Decide(*row.Spec, row.Answer, finding.Finding, kind, reason)
	decision.Until, decision.At = until, t.now()
	change := t.decisions.Deciding(decision)
	if _, err := t.decisions.Changed(change); err != nil {
		m.say("not decided: " + untrusted.Message(err))
		return nil
	}
	what := fmt.Sprintf("%s %s of %s", kind, clip(m.theme, finding.Finding.Rule), row.Name())
	if e.review != nil {
		what += "; " + notYet
	}
	return m.carryOut(step{about: finding, what: what, change: change}, firstTime)
}

// startTriage opens the queue at the finding of the package under the cursor.
func (m *Model) startTriage() {
	row := m.here().store.Cursor()
	if top, ok := m.top().(*detail); ok {
		row = m.here().store.Row(max(top.row, ^top.row))
	}
	m.openTriage(row)
}

// openTriage shows the queue, or brings it back, at a finding of a row, which may
// be nil.
func (m *Model) openTriage(row *store.Row) {
	b := &triageScreen{}
	if i := slices.IndexFunc(m.stack, is[*triageScreen]); i >= 0 {
		b = m.stack[i].(*triageScreen)
	}
	m.lay(b, is[*triageScreen])
	if text := b.begin(m.here(), row); text != "" {
		m.say(text)
	}
}
