package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	reports "plimsoll/ui/report"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// triageScreen lists the findings that wait for a decision, beside the one in hand.
type triageScreen struct {
	narrowing
	at       int      // place in the queue
	top      int      // the first of the list on the screen
	current  pending  // what is shown; results that arrive do not change it
	shown    bool     // there is a current one
	awaited  *pending // what was taken back, until it waits for a decision again
	scroller scroller
	made     memo[findingKey, []string]
	unfit    memo[findingKey, string] // why it cannot be accepted
}

// findingKey is what the text of a finding is made of.
type findingKey struct {
	row, seen, width int
	low, waiting     bool
	finding          verify.Finding
}

func (b *triageScreen) scope() scope { return onTriage }

func (b *triageScreen) wish() layout.Wish { return layout.Wish{} }

// settle finds the place of the current finding in the queue as it is now; the
// next one takes its place if it has been decided.
func (b *triageScreen) settle(e *env) []pending {
	if b.awaited != nil && slices.ContainsFunc(e.triage.pending(e.store), b.awaited.about) {
		if !slices.ContainsFunc(b.queue(e).list, b.awaited.about) {
			b.everything()
		}
		queue := b.queue(e).list
		b.show(queue, slices.IndexFunc(queue, b.awaited.about))
	}
	queue := b.queue(e).list
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
		awaited := b.awaited
		b.show(queue, b.at)
		b.awaited = awaited
	}
	return queue
}

func (b *triageScreen) show(queue []pending, at int) {
	b.at, b.current, b.shown, b.awaited, b.scroller = at, queue[at], true, nil, scroller{}
}

// turnTo shows a finding if it waits for a decision, or, if await, as soon as it
// does.
func (b *triageScreen) turnTo(e *env, p pending, await bool) {
	b.awaited = &p
	if b.settle(e); !await {
		b.awaited = nil
	}
}

// begin shows a finding of a row, which may be nil; without one, that of the next row
// of the table that has any, and says so.
func (b *triageScreen) begin(e *env, row *store.Row) string {
	b.open(e)
	queue := b.settle(e)
	if row == nil || len(queue) == 0 || b.current.ID == row.ID {
		return ""
	}
	first := b.queue(e).first
	if at, ok := first[row.ID]; ok {
		b.show(queue, at)
		return ""
	}
	b.show(queue, 0)
	for _, id := range e.store.Window(e.store.Place()+1, e.store.Len()) {
		if at, ok := first[id]; ok {
			b.show(queue, at)
			break
		}
	}
	switch {
	case !b.covers(e, row.ID):
		return ""
	case row.Answer == nil:
		return row.Name() + " is not checked yet: this is the next to decide"
	}
	return row.Name() + " has nothing to decide: this is the next that has"
}

func (b *triageScreen) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	queue := b.settle(e)
	switch {
	case key.Matches(msg, e.keys.Back) && b.filter != "":
		b.SetFilter("")
		return nil, true
	case key.Matches(msg, e.keys.Filter):
		return covers(newFilterPrompt(&b.narrowing)), true
	case key.Matches(msg, e.keys.Everywhere):
		b.all = !b.all
		return nil, true
	case len(queue) == 0:
		return nil, false
	}
	row := e.store.Row(b.current.ID)
	switch {
	case key.Matches(msg, e.keys.Down, e.keys.Skip):
		b.show(queue, min(b.at+1, len(queue)-1))
	case key.Matches(msg, e.keys.Up, e.keys.SkipBack):
		b.show(queue, max(b.at-1, 0))
	case key.Matches(msg, e.keys.Top):
		b.show(queue, 0)
	case key.Matches(msg, e.keys.Bottom):
		b.show(queue, len(queue)-1)
	case b.scroller.key(e.keys, msg, len(b.text(e, f)), f.Body.H):
	case key.Matches(msg, e.keys.Open):
		e.store.Point(row.ID)
		return opens(&detail{row: row.ID, reviewed: e.review != nil}), true
	case key.Matches(msg, e.keys.Recheck):
		return asks(row.ID), true
	case key.Matches(msg, e.keys.Accept):
		return b.accept(row), true
	case key.Matches(msg, e.keys.Known):
		return b.decide(e, triage.Known), true
	case key.Matches(msg, e.keys.Reject):
		return b.decide(e, triage.Rejected), true
	case key.Matches(msg, e.keys.Comment):
		return b.decide(e, triage.Note), true
	default:
		return act(e, row, view.Overview, false, msg)
	}
	return nil, true
}

// crumb names the package in hand, what narrows the queue, and the place in it. If
// there is no room for all, the name is cut last.
func (b *triageScreen) crumb(e *env, f layout.Frame) (left, right line) {
	queue := b.settle(e)
	left = line{{theme.Accent, " Triage"}}
	var mark line
	if what := b.what(e); what != "" {
		right = right.add(theme.Strong, theme.Cut(what, f.Width/4)+"  ")
		mark = mark.add(theme.Strong, short(e.keys.Filter)+" ")
	}
	if len(queue) == 0 {
		return left, right
	}
	place := segment{theme.Muted, fmt.Sprintf("%d of %d ", b.at+1, len(queue))}
	right, mark = append(right, place), append(mark, place)
	left = left.add(theme.Muted, " "+e.theme.Glyph(theme.GlyphCrumb)+" ")
	row, name := e.store.Row(b.current.ID), e.named
	if e.review != nil {
		name = func(row *store.Row, _ theme.Token, width int) line { return e.review.named(row, "", width) }
	}
	whole, space := name(row, theme.Strong, far).width()+minGap, line{{theme.Plain, " "}}
	if left.width()+whole+right.width() > f.Width {
		left = space
	}
	if left.width()+whole+right.width() > f.Width {
		right = mark
	}
	return append(left, name(row, theme.Strong, f.Width-left.width()-right.width()-minGap)...), right
}

func (b *triageScreen) draw(e *env, f layout.Frame) content {
	queue := b.settle(e)
	if len(queue) == 0 {
		return content{body: b.nothing(e, f)}
	}
	text := b.scroller.window(b.text(e, f), f.Body.H)
	list, separator, _ := b.divide(e, f)
	if list.Empty() {
		return content{body: text}
	}
	var c content
	line := e.theme.Paint(theme.Border, theme.Fit(" "+e.theme.Glyph(theme.GlyphVertical), separator.W))
	for i, l := range b.rows(e, list) {
		if i < len(text) {
			l += line + text[i]
		} else {
			l += line
		}
		c.body = append(c.body, l)
	}
	return c
}

// nothing is shown for an empty queue, to which more may come, and says what narrows
// it.
func (b *triageScreen) nothing(e *env, f layout.Frame) []string {
	text, next := "Nothing is left to decide.", "Errors and warnings about packages come here, the worst first."
	if answered, asked := e.store.Progress(); asked > 0 {
		text = fmt.Sprintf("Nothing to decide so far; %d of %d are checked.", answered, asked)
	}
	if more := len(e.triage.pending(e.store)); more > 0 {
		text = fmt.Sprintf("Nothing is left to decide under “%s”; elsewhere %s.", b.what(e), waiting(more))
		next = "Press " + short(e.keys.Everywhere) + " to see the findings of all packages."
		if b.filter != "" {
			next = "Press " + short(e.keys.Back) + " to drop the filter, " + short(e.keys.Filter) + " to change it."
		}
	}
	return sentences(e, f.Body.W, view.Span{Text: text}, view.Span{Token: theme.Muted, Text: next})
}

func waiting(findings int) string {
	if findings == 1 {
		return "1 finding waits"
	}
	return fmt.Sprintf("%d findings wait", findings)
}

// text is the current finding as text, with the evidence below it.
func (b *triageScreen) text(e *env, f layout.Frame) []string {
	_, _, r := b.divide(e, f)
	row, low := e.store.Row(b.current.ID), f.Height < lowScreen
	key := findingKey{row.ID, e.triage.seen, r.W, low, row.Waiting, b.current.Finding}
	return b.made.get(key, func() []string {
		width := r.W - 2*margin
		rule := strings.Repeat(e.theme.Glyph(theme.GlyphHorizontal), max(width, 0))
		lines := append(b.finding(e, f, row), "", e.theme.Paint(theme.Border, " "+rule))
		message, reason := strings.ToLower(b.current.Finding.Message), strings.ToLower(row.Report.Reason)
		said := view.Said{Name: true, Why: strings.Contains(message, reason) || strings.Contains(reason, message)}
		return append(lines, inset(e.preview(row, width, said))...)
	})
}

// lowScreen is the height under which no line of a finding is left blank: what was
// expected and what was found must be on the screen.
const lowScreen = 24

// finding is the current one: one sentence, what was expected and what was found,
// what was decided before, and what can be done.
func (b *triageScreen) finding(e *env, f layout.Frame, row *store.Row) []string {
	finding, low := b.current.Finding, f.Height < lowScreen
	list, _, r := b.divide(e, f)
	t := view.NewDoc(e.theme, r.W-2*margin)
	t.Labels = 9
	field := func(name, value string, token theme.Token) {
		if value != "" {
			t.Say(name, view.Span{Token: token, Text: clip(e.theme, value)})
		}
	}
	blank := func() {
		if !low {
			t.Blank()
		}
	}
	if list.Empty() && !low {
		t.Row()
	}
	glyph, token := e.theme.Severity(b.current.Severity())
	message := finding.Message
	if finding.Expected != "" { // both values stand below
		message, _, _ = strings.Cut(message, ": expected "+finding.Expected+", found ")
	}
	t.Flow(view.Span{Token: token, Text: glyph + " "}, view.Span{Token: theme.Strong, Text: clip(e.theme, view.Sentence(message))})
	blank()
	field("expected", finding.Expected, theme.Plain)
	if finding.Expected != "" || !strings.Contains(strings.ToLower(message), strings.ToLower(finding.Observed)) {
		field("observed", finding.Observed, theme.Plain)
	}
	field("rule", finding.Rule, theme.Muted)
	field("spec", specLine(row, finding), theme.Muted)
	if b.current.Why != "" {
		blank()
		before := b.current.Why
		if b.current.State == triage.StateResurfaced {
			before = "resurfaced: " + before
		}
		field("before", before, theme.Warn)
	}
	blank()
	b.choices(e, t, low)
	return inset(t.Lines())
}

// choices says in a line each what can be done, or why it cannot; briefly if the
// screen is low.
func (b *triageScreen) choices(e *env, t *view.Doc, low bool) {
	choices := []struct {
		binding    *key.Binding
		word, what string
	}{
		{&e.keys.Accept, "accept", "write what the certificate proves into the spec; the change is shown first"},
		{&e.keys.Known, "known", "it is as it should be, until the date that you give"},
		{&e.keys.Reject, "reject", "it is wrong, and counts as an error"},
		{&e.keys.Comment, "comment", "the finding stays open"},
	}
	switch {
	case e.triage.options == nil:
		t.Para(theme.Warn, "Decisions cannot be saved here: "+e.triage.off+".")
		return
	case low:
		var can []view.Span
		for _, choice := range choices {
			if b.refusesDecision(e, choice.binding) == "" {
				can = append(can, view.Span{Token: theme.Key, Text: short(*choice.binding)}, view.Span{Text: " " + choice.word + "  "})
			}
		}
		if len(can) == 0 { // it is being checked
			can = []view.Span{{Token: theme.Muted, Text: b.refusesDecision(e, &e.keys.Comment)}}
		}
		t.Flow(can...)
		return
	case e.triage.options.InMemory:
		t.Para(theme.Muted, "What is decided about the demo lasts until plimsoll is closed.")
	}
	if e.review != nil {
		t.Para(theme.Muted, "The change is judged by the decisions of its base: what is decided here counts once it is there.")
	}
	for _, choice := range choices {
		style, text, what := theme.Key, theme.Plain, choice.word+": "+choice.what
		if why := b.refusesDecision(e, choice.binding); why != "" {
			style, text, what = theme.Muted, theme.Muted, clip(e.theme, why)
		}
		t.Flow(view.Span{Token: style, Text: theme.Fit(short(*choice.binding), 3)}, view.Span{Token: text, Text: what})
	}
}

// specLine is the line of the spec that the finding is about.
func specLine(row *store.Row, f verify.Finding) string {
	if line := reports.Line(row.Spec, f.Rule); line > 0 {
		return fmt.Sprintf("%s:%d", string(row.Spec.Path), line)
	}
	return string(row.Spec.Path)
}

// word is the rule of the finding in hand.
func (b *triageScreen) word(e *env) string {
	if b.settle(e); b.shown {
		return b.current.Finding.Rule
	}
	return "triage"
}
