package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// page is a screen of text: the help, the messages.
type page struct {
	title    string
	text     func(e *env, width int) []string
	version  func() int // another number means another text; nil where it never changes
	scroller scroller
	cache    pageCache
}

type pageCache struct {
	width, version int
	lines          []string
}

// lines makes the text, or returns it as it was made before.
func (p *page) lines(e *env, width int) []string {
	version := 0
	if p.version != nil {
		version = p.version()
	}
	if c := p.cache; c.lines == nil || c.width != width || c.version != version {
		p.cache = pageCache{width, version, p.text(e, width)}
	}
	return p.cache.lines
}

func (p *page) scope() scope { return onPage }

func (p *page) wish() layout.Wish { return layout.Wish{} }

func (p *page) key(e *env, f layout.Frame, msg tea.KeyMsg) (Action, bool) {
	return Action{}, p.scroller.key(e.keys, msg, len(p.lines(e, f.Body.W)), f.Body.H)
}

func (p *page) crumb(e *env, f layout.Frame) (left, right line) {
	left = line{{theme.Accent, " " + p.title}}
	if n := len(p.lines(e, f.Body.W)); n > f.Body.H {
		first := min(p.scroller.top, n-f.Body.H)
		right = line{{theme.Muted, fmt.Sprintf("lines %d–%d of %d ", first+1, first+f.Body.H, n)}}
	}
	return left, right
}

func (p *page) draw(e *env, f layout.Frame) content {
	return content{body: p.scroller.window(p.lines(e, f.Body.W), f.Body.H)}
}

// helpPage explains the keys and the verdicts.
func helpPage() *page { return &page{title: "Help", text: helpText} }

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

func helpText(e *env, width int) []string {
	const keyWidth = 12
	var lines []string
	put := func(l line) { lines = append(lines, l.render(e.theme, width)) }
	explain := func(head segment, indent int, text string) {
		for i, part := range theme.Wrap(text, max(width-indent-2, 1)) {
			if i > 0 {
				head = segment{}
			}
			put(line{{theme.Plain, "  "}, {head.token, theme.Fit(head.text, indent)}, {theme.Plain, part}})
		}
	}
	put(line{{theme.Title, " What the verdicts mean"}})
	for _, status := range verdicts(e.file) {
		glyph, token := e.theme.Status(status)
		explain(segment{token, glyph + " " + status.String()}, keyWidth, meanings[status])
	}
	for _, s := range []struct {
		severity verify.Severity
		meaning  string
	}{
		{verify.SeverityError, "an error that stands beside the verdict: what a policy or a person demands is not so"},
		{verify.Warning, "a warning that stands beside the verdict; WHY says which, and the Overview tab lists all"},
	} {
		glyph, token := e.theme.Severity(s.severity)
		explain(segment{token, glyph + " " + s.severity.String()}, keyWidth, s.meaning)
	}
	put(nil)
	explain(segment{}, 0, "A verdict says where a package comes from, not whether it is safe.")
	if e.trust != "" {
		explain(segment{}, 0, e.trust)
	}
	put(nil)
	put(line{{theme.Title, " What / takes"}})
	for _, f := range filterForms {
		explain(segment{theme.Key, f.form}, keyWidth, f.meaning)
	}
	for _, g := range e.keys.groups() {
		put(nil)
		put(line{{theme.Title, " Keys: " + g.title}})
		for _, entry := range g.entries {
			help := entry.binding.Help()
			explain(segment{theme.Key, help.Key}, keyWidth, help.Desc+where(entry.scope))
		}
	}
	return lines
}

// where says on which screens a key works, unless it works on all.
func where(s scope) string {
	if s == everywhere {
		return ""
	}
	var names []string
	for _, screen := range []struct {
		scope scope
		name  string
	}{{onPackages, "packages"}, {onPackage, "package"}, {onTree, "package: Statement, Raw"}, {onTriage, "triage"}} {
		if s&screen.scope != 0 {
			names = append(names, screen.name)
		}
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// journal keeps what was said.
type journal struct {
	entries []message
	said    int // in all
}

type message struct {
	time time.Time
	text string
}

const maxMessages = 500

func (j *journal) add(now time.Time, text string) {
	if len(j.entries) >= maxMessages {
		j.entries = slices.Delete(j.entries, 0, len(j.entries)-maxMessages+1)
	}
	j.entries = append(j.entries, message{now, text})
	j.said++
}

// page shows the messages, the newest first.
func (j *journal) page() *page {
	return &page{title: "Messages", version: func() int { return j.said }, text: func(e *env, width int) []string {
		if len(j.entries) == 0 {
			return []string{"", e.theme.Paint(theme.Muted, theme.Cut("  Nothing has been said yet.", width))}
		}
		var lines []string
		for _, m := range slices.Backward(j.entries) {
			head := segment{theme.Muted, "  " + m.time.Format(time.TimeOnly) + "  "}
			for i, part := range theme.Wrap(m.text, max(width-len(head.text), 1)) {
				if i > 0 {
					head.text = theme.Fit("", len(head.text))
				}
				lines = append(lines, line{head, {theme.Plain, part}}.render(e.theme, width))
			}
		}
		return lines
	}}
}
