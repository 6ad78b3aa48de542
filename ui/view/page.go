package view

import (
	"fmt"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// Bounds on what one tab shows. Evidence may be far larger; a person is told
// how much was left out.
const (
	maxLines      = 20_000  // lines of one tab
	maxJSONLines  = 10_000  // lines of one JSON document
	maxNoteLines  = 64      // lines of one checkpoint note
	maxProofSteps = 80      // steps of one inclusion proof; a tree of 2^64 leaves has 64
	maxValue      = 4 << 10 // bytes of one value from outside
	maxValueRows  = 4       // rows of one value, unless Input.Wrap
	indent        = "  "
)

// span is plain text in one style.
type span struct {
	token theme.Token
	text  string
}

func muted(s string) span { return span{theme.Muted, s} }

// page collects the lines of one tab. All text is cut to cells and cleaned
// here, before it is painted, so that no renderer can forget it.
type page struct {
	th      *theme.Theme
	width   int
	wrap    bool
	lines   []Line
	dropped int
	outline outline
	values  collector

	unverified bool              // nothing of the evidence was verified
	inspected  *verify.Inspected // the report is about a file of evidence
	saved      bool              // see verify.Report.ReadBack: nothing may be said of what results do not carry
	brief      bool              // see verify.Report.Brief
	now        time.Time         // see Input.Now
}

func newPage(in Input, th *theme.Theme) *page {
	p := &page{th: th, width: in.Width, wrap: in.Wrap, now: in.Now}
	if in.Report != nil {
		p.unverified, p.inspected, p.brief, p.saved = in.Report.Unverified != "", in.Report.Inspected, in.Report.Brief, in.Report.ReadBack
	}
	return p
}

// done returns the tab, with a note where it was too long.
func (p *page) done() Page {
	p.close(0)
	if p.dropped > 0 {
		text := fmt.Sprintf("… at least %d more lines are not shown", p.dropped)
		p.lines = append(p.lines, Line{Text: p.th.Paint(theme.Warn, theme.Cut(text, p.width))})
	}
	return Page{Lines: p.lines, Folds: p.outline.folds, Values: p.values.list}
}

// text cleans a value from outside. A very long one is cut, and says so.
func (p *page) text(t untrusted.Text) string { return p.clean(string(t), maxValue) }

func (p *page) clean(s string, limit int) string {
	head := untrusted.Cut(s, limit)
	cleaned := p.th.Text(head)
	if rest := len(s) - len(head); rest > 0 {
		cleaned += fmt.Sprintf("… (%d more bytes)", rest)
	}
	p.values.remember(cleaned, s)
	return cleaned
}

func (p *page) glyph(g theme.Glyph) string { return p.th.Glyph(g) }

// status returns the glyph and the word of a verdict in its style. Where
// nothing was verified it says that, for each piece of evidence.
func (p *page) status(s verify.Status) span {
	glyph, token := p.th.Status(s)
	if p.unverified && s == verify.Unchecked {
		return span{token, glyph + " " + notVerified}
	}
	return span{token, glyph + " " + s.String()}
}

// check returns the glyph and the word of a check's result in its style.
func (p *page) check(s verify.CheckStatus) span {
	glyph, token := p.th.Check(s)
	if p.unverified && (s == verify.Blocked || s == verify.NotRun) {
		return span{token, glyph + " " + notVerified}
	}
	return span{token, glyph + " " + s.String()}
}

// row adds one line, cut where it is too long.
func (p *page) row(spans ...span) {
	if len(p.lines) >= maxLines {
		p.dropped++
		return
	}
	total := 0
	for i := range spans {
		spans[i].text = untrusted.Clean(bounded(spans[i].text))
		total += theme.Width(spans[i].text)
	}
	left := p.width
	if total > p.width {
		left--
	}
	for n := len(spans); n > 0 && strings.TrimRight(spans[n-1].text, " ") == ""; n-- {
		spans = spans[:n-1]
	}
	var b strings.Builder
	for i, s := range spans {
		if i == len(spans)-1 {
			s.text = strings.TrimRight(s.text, " ")
		}
		text, rest := theme.Split(s.text, left)
		left -= theme.Width(text)
		b.WriteString(p.th.Paint(s.token, text))
		if rest != "" {
			break
		}
	}
	if total > p.width {
		b.WriteString(p.th.Paint(theme.Muted, theme.Ellipsis))
	}
	p.lines = append(p.lines, Line{Text: b.String()})
}

// blank separates two paragraphs: never two empty lines, never one at the top.
func (p *page) blank() {
	if n := len(p.lines); n > 0 && p.lines[n-1].Text != "" {
		p.row()
	}
}

// heading starts a section, which can be folded.
func (p *page) heading(text string, more ...span) {
	p.close(levelSection)
	p.blank()
	head := len(p.lines)
	defer func() { p.open(levelSection, head) }()
	spans := append([]span{{theme.Title, text}}, more...)
	if spansWidth(spans) <= p.width {
		p.row(spans...)
		return
	}
	p.flow(nil, nil, theme.Title, text, 0)
	for _, s := range more {
		p.flow([]span{{theme.Plain, indent}}, nil, s.token, strings.TrimLeft(s.text, " "), 0)
	}
}

// para adds a sentence of ours, broken between words, never cut.
func (p *page) para(token theme.Token, text string) { p.flow(nil, nil, token, text, 0) }

// item is para, indented.
func (p *page) item(token theme.Token, text string) {
	p.flow([]span{{theme.Plain, indent}}, nil, token, text, 0)
}

// flow adds text broken into lines; first stands before the first, rest before
// every other (nil: as many blanks). With limit > 0, and unless the page shows
// values whole, at most limit lines, the last ending in ….
func (p *page) flow(first, rest []span, token theme.Token, text string, limit int) {
	hang := spansWidth(first)
	if hang > 4 && hang > p.width*3/5 {
		p.row(first...)
		hang = min(4, p.width/4)
		first = []span{{theme.Plain, strings.Repeat(" ", hang)}}
	}
	if rest == nil {
		rest = []span{{theme.Plain, strings.Repeat(" ", hang)}}
	}
	text = untrusted.Clean(bounded(text))
	lines := theme.Wrap(text, p.width-hang)
	if limit > 0 && !p.wrap && len(lines) > limit {
		lines = lines[:limit]
		last, _ := theme.Split(lines[limit-1], p.width-hang-1)
		lines[limit-1] = last + theme.Ellipsis
	}
	joint, start := NewText, 0
	for i, line := range lines {
		before := rest
		if i == 0 {
			before = first
		} else {
			start = p.bytes(rest)
		}
		p.row(append(append([]span(nil), before...), span{token, line})...)
		p.join(joint, start)
		joint, text = after(text, line)
	}
}

// labelWidth is the width of the label column of a field.
func (p *page) labelWidth() int {
	if p.width < 60 {
		return 13
	}
	return 17
}

// field adds a label and a value. A value that does not fit beside its label
// goes on, broken, below it.
func (p *page) field(label string, value span) {
	p.values.add(label, value.text)
	p.fieldRows(label, value, maxValueRows)
}

// sentence is field for a text of ours, which is never cut.
func (p *page) sentence(label string, value span) { p.fieldRows(label, value, 0) }

func (p *page) fieldRows(label string, value span, limit int) {
	if value.text == "" {
		value = p.silent()
	}
	width := max(p.labelWidth(), theme.Width(label))
	first := []span{muted(indent + theme.Fit(label, width) + " ")}
	fits := spansWidth(first)+theme.Width(value.text) <= p.width
	if !fits && p.width-spansWidth(first) < 24 {
		p.flow([]span{{theme.Plain, indent}}, nil, theme.Muted, label, 0)
		first = []span{{theme.Plain, indent + indent}}
	}
	p.flow(first, nil, value.token, value.text, limit)
}

// hash is field for hex or another text without words: shortened in the
// middle where it does not fit, unless the page shows values whole.
func (p *page) hash(label, value string, token theme.Token) {
	room := p.width - len(indent) - max(p.labelWidth(), theme.Width(label)) - 1
	p.values.add(label, value)
	p.fieldRows(label, span{token, p.short(value, room)}, maxValueRows)
}

// short cuts the middle out of a hash that is wider than room.
func (p *page) short(s string, room int) string {
	if p.wrap {
		return s
	}
	if room < 12 {
		return theme.Cut(s, room)
	}
	return theme.CutMiddle(s, room, min(room/3, 12))
}

// silent stands where a witness says nothing.
func (p *page) silent() span { return muted(p.glyph(theme.GlyphAbsent)) }

// cell is one cell of a row of columns.
type cell struct {
	width int
	span
}

// columns adds cells side by side, two blanks between them, each broken into
// as many lines as it needs.
func (p *page) columns(cells ...cell) {
	parts, height := make([][]string, len(cells)), 1
	for i, c := range cells {
		parts[i] = theme.Wrap(untrusted.Clean(bounded(c.text)), c.width)
		height = max(height, len(parts[i]))
	}
	for y := range height {
		var spans []span
		for i, c := range cells {
			text := ""
			if y < len(parts[i]) {
				text = parts[i][y]
			}
			if i < len(cells)-1 {
				text = theme.Fit(text, c.width) + indent
			}
			spans = append(spans, span{c.token, text})
		}
		p.row(spans...)
	}
}

// pad is theme.Fit without the cutting: a label that is too long moves what
// follows it.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-theme.Width(s)))
}

func spansWidth(spans []span) (width int) {
	for _, s := range spans {
		width += theme.Width(s.text)
	}
	return width
}

// maxSentence is how many bytes of a text are laid out: sentences of ours quote
// what others wrote, and that may be megabytes.
const maxSentence = 2 * maxValue

// bounded cuts a text that is longer than any that is read.
func bounded(s string) string {
	if len(s) <= maxSentence {
		return s
	}
	head := untrusted.Cut(s, maxSentence)
	return fmt.Sprintf("%s… (%d more bytes)", head, len(s)-len(head))
}
