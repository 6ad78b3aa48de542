package ui

import (
	"github.com/charmbracelet/bubbles/key"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// textScreen is a screen of text: the help, the messages.
type textScreen struct {
	title    string
	text     func(e *env, d *view.Doc)
	version  func() int // another number means another text; nil: it never changes
	scroller scroller
	made     memo[[2]int, []string]   // by width and version
	of       func(*Keys) *key.Binding // the key that opens it
}

// lines returns the text.
func (p *textScreen) lines(e *env, width int) []string {
	version := 0
	if p.version != nil {
		version = p.version()
	}
	return p.made.get([2]int{width, version}, func() []string {
		d := view.NewDoc(e.theme, width-2*margin)
		p.text(e, d)
		return inset(d.Lines())
	})
}

// inset moves lines to the right by the margin.
func inset(lines []string) []string {
	for i, l := range lines {
		if l != "" {
			lines[i] = theme.Fit("", margin) + l
		}
	}
	return lines
}

func (p *textScreen) scope() scope { return onPage }

func (p *textScreen) wish() layout.Wish { return layout.Wish{} }

func (p *textScreen) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	return nil, p.scroller.key(e.keys, msg, len(p.lines(e, f.Body.W)), f.Body.H)
}

func (p *textScreen) crumb(e *env, f layout.Frame) (left, right line) {
	if lines := p.scroller.position(len(p.lines(e, f.Body.W)), f.Body.H); lines != "" {
		right = line{{theme.Muted, lines + " "}}
	}
	return line{{theme.Accent, " " + p.title}}, right
}

func (p *textScreen) draw(e *env, f layout.Frame) content {
	return content{body: p.scroller.window(p.lines(e, f.Body.W), f.Body.H)}
}

// helpPage explains the keys and the verdicts.
func helpPage() *textScreen {
	return &textScreen{title: "Help", text: helpText, of: func(k *Keys) *key.Binding { return &k.Help }}
}

var meanings = map[verify.Status]string{
	verify.Invalid:   "evidence was offered and does not verify, or belongs to something else",
	verify.Unchecked: "it could not be checked",
	verify.Mismatch:  "the evidence verifies and contradicts what the spec demands; or what the spec demands is not proven, or has gone",
	verify.Partial:   "some files of the release carry verified provenance, others none",
	verify.Verified:  "every artifact carries provenance that verifies and is bound to it, and everything that the spec demands is proven; warnings may stand",
	verify.Signed:    "only the registry signed: the bytes are its own, their origin is not known",
	verify.None:      "the registry offers no evidence, or none that counts",
	verify.Pending:   "not checked yet",
	verify.Bound:     "every link that was used verifies, and it names the artifact that was given; no package was checked",
	verify.Unbound:   "every link that was used verifies, and it was compared with no artifact",
}

// verdicts lists what can be on the screen.
func verdicts(file bool) []verify.Status {
	if file {
		return []verify.Status{verify.Invalid, verify.Unchecked, verify.Unbound, verify.Bound, verify.Pending}
	}
	return verify.Statuses()
}

func helpText(e *env, d *view.Doc) {
	explain := func(token theme.Token, head, text string) {
		d.Flow(view.Span{Token: token, Text: theme.Fit(" "+head, 13)}, view.Span{Text: text})
	}
	if e.review != nil {
		explainReview(e, d, explain)
	}
	d.Heading("What the verdicts mean")
	for _, status := range verdicts(e.file) {
		glyph, token := e.theme.Status(status)
		explain(token, glyph+" "+status.String(), meanings[status])
	}
	beside := func(severity verify.Severity, meaning string) {
		glyph, token := e.theme.Severity(severity)
		explain(token, glyph+" "+severity.String(), meaning)
	}
	beside(verify.SeverityError, "an error that stands beside the verdict: what a policy or a person demands is not so")
	beside(verify.Warning, "a warning that stands beside the verdict; WHY says which, and the Overview tab lists all")
	d.Blank()
	d.Flow(view.Span{Text: " "}, view.Span{Text: "A verdict says where a package comes from, not whether it is safe."})
	if e.trust != "" {
		d.Flow(view.Span{Text: " "}, view.Span{Text: e.trust})
	}
	d.Heading("What the signs mean")
	for _, s := range e.theme.Signs() {
		d.Flow(view.Span{Token: s.Token, Text: theme.Fit(" "+s.Glyph, 4)}, view.Span{Text: s.Means}, view.Span{Token: theme.Muted, Text: names(s)})
	}
	d.Heading("What / takes")
	for _, f := range filterForms {
		explain(theme.Key, f.form, f.meaning)
	}
	for _, g := range e.keys.groups {
		d.Heading("Keys: " + g.title)
		for _, k := range g.keys {
			help := k.binding.Help()
			on := ""
			if k.scope != everywhere {
				on = " (" + where(k.scope) + ")"
			}
			explain(theme.Key, help.Key, help.Desc+on)
		}
	}
}

// names are the words beside which a sign stands.
func names(s theme.Sign) string {
	if s.Names == "" {
		return ""
	}
	return " (" + s.Names + ")"
}

// explainReview explains what is judged of a change.
func explainReview(e *env, d *view.Doc, explain func(theme.Token, string, string)) {
	d.Heading("What is said of a change")
	glyph, token := e.theme.Severity(verify.SeverityError)
	explain(token, glyph+" fail",
		"evidence was lost, another publishes, what the change is judged by changes with it, or the package itself fails")
	glyph, token = e.theme.Status(verify.Unchecked)
	explain(token, glyph+" unchecked", "one of the two sides could not be checked, so nothing tells what was lost")
	glyph, token = e.theme.Status(verify.Verified)
	explain(token, glyph+" pass", "nothing was lost, and the package after the change is proven")
	explain(theme.Plain, "  pass", "nothing was lost, and nothing was proven either; or the spec is gone")
	d.Blank()
	d.Flow(view.Span{Text: " "},
		view.Span{Text: "Policy and decisions are those of the base: whoever writes the change is judged by them."})
}

// where names the screens on which a key works, unless it works on all.
func where(s scope) string {
	var names []string
	for _, screen := range []struct {
		scope scope
		name  string
	}{{onPackages, "packages"}, {onPackage, "package"}, {onTree, "package: Statement, Raw"}, {onTriage, "triage"}, {onReview, "review"},
		{onSide, "change"}, {onChange, "change: tab 0"}, {onExplain, "explain"}} {
		if s&screen.scope != 0 {
			names = append(names, screen.name)
		}
	}
	return strings.Join(names, ", ")
}

// journal keeps what was said.
type journal struct {
	messages []message
	said     int // in all
}

type message struct {
	time time.Time
	text string
}

const maxMessages = 500

func (j *journal) add(now time.Time, text string) {
	if len(j.messages) >= maxMessages {
		j.messages = slices.Delete(j.messages, 0, len(j.messages)-maxMessages+1)
	}
	j.messages = append(j.messages, message{now, text})
	j.said++
}

// screen shows the messages, the newest first.
func (j *journal) screen() *textScreen {
	return &textScreen{title: "Messages", of: func(k *Keys) *key.Binding { return &k.Messages }, version: func() int { return j.said }, text: func(_ *env, d *view.Doc) {
		if len(j.messages) == 0 {
			d.Row()
			d.Para(theme.Muted, " Nothing has been said yet.")
		}
		for _, m := range slices.Backward(j.messages) {
			d.Flow(view.Span{Token: theme.Muted, Text: " " + m.time.Format(time.TimeOnly) + "  "}, view.Span{Text: m.text})
		}
	}}
}

func (p *textScreen) word(*env) string { return p.title }
