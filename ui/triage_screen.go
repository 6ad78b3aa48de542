package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"plimsoll/ui/layout"
	reports "plimsoll/ui/report"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// triageScreen shows the findings that wait for a decision, one at a time.
type triageScreen struct {
	at       int     // place in the queue
	current  pending // what is shown; results that arrive do not change it
	shown    bool    // there is a current one
	scroller scroller
	made     memo[findingKey, findingText]
}

// findingKey is what the text of a finding is made of.
type findingKey struct {
	row, seen, width int
	beside           bool
	rule, hash       string
}

// findingText is a finding, and the evidence beside it.
type findingText struct{ lines, preview []string }

func (b *triageScreen) scope() scope { return onTriage }

func (b *triageScreen) wish() layout.Wish { return layout.Wish{Preview: true} }

// settle finds the place of the current finding in the queue as it is now; the
// next one takes its place if it has been decided.
func (b *triageScreen) settle(e *env) []pending {
	queue := e.triage.pending(e.store)
	b.at = max(0, min(b.at, len(queue)-1))
	switch {
	case len(queue) == 0:
		b.shown = false
	case b.shown && queue[b.at].same(b.current):
		b.current = queue[b.at]
	case b.shown && slices.ContainsFunc(queue, b.current.same):
		b.at = slices.IndexFunc(queue, b.current.same)
		b.current = queue[b.at]
	default:
		b.show(queue, b.at)
	}
	return queue
}

func (b *triageScreen) show(queue []pending, at int) {
	b.at, b.current, b.shown, b.scroller = at, queue[at], true, scroller{}
}

// goTo shows the first finding of a row, if it has one.
func (b *triageScreen) goTo(e *env, row int) {
	queue := b.settle(e)
	if at := slices.IndexFunc(queue, func(p pending) bool { return p.row == row }); at >= 0 {
		b.show(queue, at)
	}
}

func (b *triageScreen) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	queue := b.settle(e)
	switch {
	case key.Matches(msg, e.keys.Undo):
		return func(m *Model) tea.Cmd { return m.takeBack(takenBack) }, true
	case key.Matches(msg, e.keys.Redo):
		return func(m *Model) tea.Cmd { return m.takeBack(madeAgain) }, true
	case key.Matches(msg, e.keys.Back, e.keys.Leave):
		return nil, false
	case len(queue) == 0:
		return b.idle(e, msg)
	}
	if b.scroller.key(e.keys, msg, len(b.text(e, f).lines), f.Body.H) {
		return nil, true
	}
	row := e.store.Row(b.current.row)
	switch {
	case key.Matches(msg, e.keys.Skip):
		return b.step(queue, 1), true
	case key.Matches(msg, e.keys.SkipBack):
		return b.step(queue, -1), true
	case key.Matches(msg, e.keys.Open):
		e.store.Point(row.ID)
		return opens(&detail{row: row.ID, reviewed: e.review != nil}), true
	case key.Matches(msg, e.keys.Recheck):
		return asks(row.ID), true
	case key.Matches(msg, e.keys.Accept):
		return b.accept(e, row), true
	case key.Matches(msg, e.keys.Known):
		return b.decide(e, triage.Known), true
	case key.Matches(msg, e.keys.Reject):
		return b.decide(e, triage.Rejected), true
	case key.Matches(msg, e.keys.Comment):
		return b.decide(e, triage.Note), true
	default:
		return act(e, row, view.Overview, false, msg)
	}
}

// idle answers the keys that need a finding if there is none.
func (b *triageScreen) idle(e *env, msg tea.KeyMsg) (action, bool) {
	for _, g := range e.keys.groups {
		for _, k := range g.keys {
			if k.scope&onTriage != 0 && k.scope != everywhere && key.Matches(msg, *k.binding) {
				return says("nothing is left to decide"), true
			}
		}
	}
	return nil, false
}

// step goes to the next finding, or to the one before.
func (b *triageScreen) step(queue []pending, delta int) action {
	at := b.at + delta
	switch {
	case at < 0:
		return says("this is the first finding")
	case at >= len(queue):
		return says("this is the last finding")
	}
	b.show(queue, at)
	return nil
}

func (b *triageScreen) crumb(e *env, f layout.Frame) (left, right line) {
	queue := b.settle(e)
	left = line{{theme.Accent, " Triage"}}
	if len(queue) == 0 {
		return left, nil
	}
	right = right.add(theme.Muted, fmt.Sprintf("%d of %d ", b.at+1, len(queue)))
	row := e.store.Row(b.current.row)
	left = left.add(theme.Muted, " "+e.theme.Glyph(theme.GlyphCrumb)+" ")
	room := f.Width - left.width() - right.width() - minGap
	if e.review != nil {
		return append(left, e.review.named(row, "", room)...), right
	}
	return append(left, e.named(row, theme.Strong, room)...), right
}

func (b *triageScreen) draw(e *env, f layout.Frame) content {
	if len(b.settle(e)) == 0 {
		return content{body: b.nothing(e, f)}
	}
	c := content{body: b.scroller.window(b.text(e, f).lines, f.Body.H)}
	if !f.Preview.Empty() {
		for i := range c.body {
			c.body[i] += theme.Fit("", f.Body.W-theme.Width(ansi.Strip(c.body[i])))
		}
		for len(c.body) < f.Body.H {
			c.body = append(c.body, theme.Fit("", f.Body.W))
		}
		c.preview = b.text(e, f).preview
	}
	return c
}

// nothing is shown for an empty queue, to which more may come.
func (b *triageScreen) nothing(e *env, f layout.Frame) []string {
	text := "Nothing is left to decide."
	if answered, asked := e.store.Progress(); asked > 0 {
		text = fmt.Sprintf("Nothing to decide so far; %d of %d are checked.", answered, asked)
	}
	return sentences(e, f.Body.W, view.Span{Text: text},
		view.Span{Token: theme.Muted, Text: "Errors and warnings about packages come here, the worst first."})
}

// text is the current finding as text, with the evidence below it if there is no
// room beside it.
func (b *triageScreen) text(e *env, f layout.Frame) findingText {
	row, beside := e.store.Row(b.current.row), !f.Preview.Empty()
	key := findingKey{row.ID, e.triage.seen, f.Body.W, beside, b.current.Finding.Rule, b.current.hash}
	return b.made.get(key, func() findingText {
		t := findingText{lines: b.finding(e, row, f.Body.W)}
		if beside {
			t.preview = e.preview(row, f.Preview.W)
			return t
		}
		width := f.Body.W - 2*margin
		rule := strings.Repeat(e.theme.Glyph(theme.GlyphHorizontal), max(width, 0))
		t.lines = append(t.lines, "", e.theme.Paint(theme.Border, " "+rule))
		t.lines = append(t.lines, inset(e.preview(row, width))...)
		return t
	})
}

// finding is the current one: one sentence, what was expected and what was found,
// what was decided before, and what can be done.
func (b *triageScreen) finding(e *env, row *store.Row, width int) []string {
	finding := b.current.Finding
	t := view.NewDoc(e.theme, width-2*margin)
	t.Labels = 9
	field := func(name, value string, token theme.Token) {
		if value != "" {
			t.Say(name, view.Span{Token: token, Text: clip(e.theme, value)})
		}
	}
	t.Row()
	glyph, token := e.theme.Severity(b.current.Severity())
	t.Flow(view.Span{Token: token, Text: glyph + " "}, view.Span{Token: theme.Strong, Text: clip(e.theme, view.Sentence(finding.Message))})
	t.Blank()
	field("expected", finding.Expected, theme.Plain)
	field("observed", finding.Observed, theme.Plain)
	field("rule", finding.Rule, theme.Muted)
	field("spec", specLine(row, finding), theme.Muted)
	if b.current.Why != "" {
		t.Blank()
		before := b.current.Why
		if b.current.State == triage.StateResurfaced {
			before = "resurfaced: " + before
		}
		field("before", before, theme.Warn)
	}
	t.Blank()
	b.choices(e, row, t)
	return inset(t.Lines())
}

// choices says in a line each what can be done, or why it cannot.
func (b *triageScreen) choices(e *env, row *store.Row, t *view.Doc) {
	if e.triage.options == nil {
		t.Para(theme.Warn, "Decisions cannot be saved here: "+e.triage.off+".")
		return
	}
	if e.triage.options.InMemory {
		t.Para(theme.Muted, "Decisions about the demo last until plimsoll is closed.")
	}
	offer := func(binding key.Binding, what, why string) {
		style, text := theme.Key, theme.Plain
		if why != "" {
			style, text, what = theme.Muted, theme.Muted, why
		}
		t.Flow(view.Span{Token: style, Text: theme.Fit(binding.Help().Key, 3)}, view.Span{Token: text, Text: what})
	}
	report := row.Answer
	_, why := acceptable(row.Spec, report, b.current.Finding)
	if e.review != nil {
		t.Para(theme.Muted, "The change is judged by the decisions of its base: what is decided here counts once it is there.")
		why = errAcceptReviewed
	}
	offer(e.keys.Accept, "accept: write what the certificate proves into the spec; the change is shown first", clip(e.theme, why))
	why = ""
	if report.Status == verify.Invalid {
		why = errInvalidKnown
	} else if b.current.Finding.Operator {
		why = errOperatorKnown
	}
	offer(e.keys.Known, "known: it is as it should be, until the date that you give", why)
	offer(e.keys.Reject, "reject: it is wrong, and counts as an error", "")
	offer(e.keys.Comment, "comment: the finding stays open", "")
}

// What cannot be accepted.
const (
	errInvalidKnown   = "evidence that does not verify cannot be marked as known"
	errAcceptReviewed = "a spec is not changed in a review: what the change is judged by would change with it"
	errOperatorKnown  = "what the policy on the command line demands cannot be marked as known"
)

// specLine is the line of the spec that the finding is about.
func specLine(row *store.Row, f verify.Finding) string {
	if line := reports.Line(&row.Spec, f.Rule); line > 0 {
		return fmt.Sprintf("%s:%d", string(row.Spec.Path), line)
	}
	return string(row.Spec.Path)
}

func (b *triageScreen) refuses(e *env, k *key.Binding) string {
	if e.review != nil && k == &e.keys.Accept {
		return errAcceptReviewed
	}
	return ""
}

// word is the rule of the finding in hand.
func (b *triageScreen) word(e *env) string {
	if b.settle(e); b.shown {
		return b.current.Finding.Rule
	}
	return "triage"
}
