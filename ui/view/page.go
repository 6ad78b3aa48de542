package view

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

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

// Span is plain text in one style.
type Span struct {
	Token theme.Token
	Text  string
}

func plain(s string) Span { return Span{theme.Plain, s} }
func muted(s string) Span { return Span{theme.Muted, s} }

// Doc collects the lines of a text. All text is cut to cells and cleaned here,
// before it is painted, so that no renderer can forget it.
type Doc struct {
	Theme  *theme.Theme
	Width  int // of the longest line, in cells
	Labels int // width of the labels of fields, in cells

	limit   int  // of lines
	wrap    bool // see Input.Wrap
	lines   []Line
	dropped int
	outline outline
	values  collector
	tab     Tab
	spots   []Spot
	leads   []Lead
	numbers map[*verify.Attestation]int // see number
	signed  map[*verify.Signature]int
	anchors []anchor
	link    string        // see Link
	scratch []piece       // see pieces
	out     *bufio.Writer // see Spill

	unverified bool              // nothing of the evidence was verified
	inspected  *verify.Inspected // the report is about a file of evidence
	saved      bool              // see verify.Report.ReadBack: nothing may be said of what results do not carry
	dossier    *verify.Dossier   // see Input.Dossier
	now        time.Time         // see Input.Now
}

// unbroken is more cells than any text takes.
const unbroken = 1 << 30

// NewDoc returns an empty text whose lines have at most width cells; with 0
// they are not broken.
func NewDoc(th *theme.Theme, width int) *Doc {
	p := &Doc{Theme: th, Width: width, Labels: 17, limit: unbroken}
	switch {
	case width <= 0:
		p.Width = unbroken
	case width < 60:
		p.Labels = 13
	}
	return p
}

func newPage(in Input, th *theme.Theme) *Doc {
	p := NewDoc(th, in.Width)
	p.limit, p.wrap, p.now, p.dossier = maxLines, in.Wrap, in.Now, in.Dossier
	if in.Report != nil {
		p.About(in.Report)
	}
	return p
}

// About says which report the text is about: what may be said of evidence
// follows from how it was verified.
func (p *Doc) About(r *verify.Report) {
	p.unverified, p.inspected, p.saved = r.Unverified != "", r.Inspected, r.ReadBack
	p.anchorReport(r)
}

// Page returns the text as a page.
func (p *Doc) Page() Page { return p.done() }

// Beside adds two texts, the second at the right edge unless it is empty.
func (p *Doc) Beside(left, right *Doc) {
	p.Blank()
	for i := range max(left.Len(), right.Len()) {
		var l Line
		if i < left.Len() {
			l = left.lines[i]
		}
		if i < right.Len() && right.lines[i].Text != "" {
			text := right.lines[i].Text
			l = Line{Text: l.Text + strings.Repeat(" ", p.Width-right.Width-theme.Width(ansi.Strip(l.Text))) + text}
		}
		p.lines = append(p.lines, l)
	}
}

// Lines returns the painted lines.
func (p *Doc) Lines() []string { return p.done().Text() }

// Len is how many lines there are.
func (p *Doc) Len() int { return len(p.lines) }

// Write writes the lines.
func (p *Doc) Write(w io.Writer) error {
	if p.out == nil {
		p.out = bufio.NewWriter(w)
	}
	p.spill(0)
	return p.out.Flush()
}

// Spill has lines written to w while the text grows, so that however long it is it
// takes little memory. It may have no sections, and Write ends it.
func (p *Doc) Spill(w io.Writer) { p.out = bufio.NewWriter(w) }

// spill writes the lines but the last ones, to which what follows may be joined.
func (p *Doc) spill(keep int) {
	n := len(p.lines) - keep
	for _, l := range p.lines[:n] {
		p.out.WriteString(l.Text)
		p.out.WriteByte('\n')
	}
	p.lines = append(p.lines[:0], p.lines[n:]...)
}

// done returns the tab, with a note if it was too long.
func (p *Doc) done() Page {
	p.close(0)
	if p.dropped > 0 {
		text := fmt.Sprintf("… at least %d more lines are not shown", p.dropped)
		p.lines = append(p.lines, Line{Text: p.Theme.Paint(theme.Warn, theme.Cut(text, p.Width))})
	}
	return Page{Lines: p.lines, Folds: p.outline.folds, Values: p.values.list, Spots: p.spots}
}

// Text cleans a value from outside. A very long one is cut, and says so.
func (p *Doc) Text(t untrusted.Text) string { return p.clean(string(t), maxValue) }

func (p *Doc) clean(s string, limit int) string {
	head := untrusted.Cut(s, limit)
	cleaned := p.Theme.Text(head)
	if rest := len(s) - len(head); rest > 0 {
		cleaned += fmt.Sprintf("… (%d more bytes)", rest)
	}
	return cleaned
}

// Status returns the glyph and the word of a verdict in its style. If
// nothing was verified it says that, for each piece of evidence.
func (p *Doc) Status(s verify.Status) Span {
	glyph, token := p.Theme.Status(s)
	if p.unverified && s == verify.Unchecked {
		return Span{token, glyph + " " + notVerified}
	}
	return Span{token, glyph + " " + s.String()}
}

// check returns the glyph and the word of a check's result in its style.
func (p *Doc) check(s verify.CheckStatus) Span {
	glyph, token := p.Theme.Check(s)
	if p.unverified && (s == verify.Blocked || s == verify.NotRun) {
		glyph, token = p.Theme.Status(verify.Unchecked)
		return Span{token, glyph + " " + notVerified}
	}
	return Span{token, glyph + " " + s.Word()}
}

// Row adds one line, cut if it is too long.
func (p *Doc) Row(spans ...Span) {
	if len(p.lines) >= p.limit {
		p.dropped++
		return
	}
	p.row(p.pieces(spans))
}

func (p *Doc) row(pieces []piece) {
	if len(p.lines) >= p.limit {
		p.dropped++
		return
	}
	left := p.Width
	for _, s := range pieces {
		left -= theme.Width(s.Text)
	}
	cut := left < 0
	left = p.Width
	if cut {
		left--
	}
	for n := len(pieces); n > 0 && strings.TrimRight(pieces[n-1].Text, " ") == ""; n-- {
		pieces = pieces[:n-1]
	}
	var b strings.Builder
	for i, s := range pieces {
		if i == len(pieces)-1 {
			s.Text = strings.TrimRight(s.Text, " ")
		}
		text, rest := theme.Split(s.Text, left)
		left -= theme.Width(text)
		p.paint(&b, s, text)
		if rest != "" {
			break
		}
	}
	if cut {
		b.WriteString(p.Theme.Paint(theme.Muted, theme.Ellipsis))
	}
	if p.out != nil && len(p.lines) > maxHeld {
		p.spill(1)
	}
	p.lines = append(p.lines, Line{Text: b.String()})
}

// maxHeld is how many lines of a text that is spilled are held back.
const maxHeld = 256

// Blank separates two paragraphs: never two empty lines, never one at the top.
func (p *Doc) Blank() {
	if n := len(p.lines); n > 0 && p.lines[n-1].Text != "" {
		p.Row()
	}
}

// Heading starts a section, which can be folded.
func (p *Doc) Heading(text string, more ...Span) {
	p.close(levelSection)
	p.Blank()
	head := len(p.lines)
	defer func() { p.open(levelSection, head) }()
	spans := append([]Span{{theme.Title, text}}, more...)
	if width(spans) <= p.Width {
		p.Row(spans...)
		return
	}
	p.Flow(spans[0])
	for _, s := range more {
		p.Item(s.Token, strings.TrimLeft(s.Text, " "))
	}
}

// Para adds a sentence of ours, broken between words, never cut.
func (p *Doc) Para(token theme.Token, text string) { p.Flow(Span{token, text}) }

// Item is Para, indented.
func (p *Doc) Item(token theme.Token, text string) { p.Flow(plain(indent), Span{token, text}) }

// Flow adds a line whose last span is broken into as many lines as it needs,
// each beginning below the first.
func (p *Doc) Flow(spans ...Span) {
	last := len(spans) - 1
	p.flow(spans[:last], nil, spans[last], 0)
}

// flow adds text broken into lines; first stands before the first, rest before
// every other (nil: as many blanks). With limit > 0, and unless the page shows
// values whole, at most limit lines, the last ending in ….
func (p *Doc) flow(first, rest []Span, value Span, limit int) {
	hang := width(first)
	if hang > 4 && hang > p.Width*3/5 {
		p.Row(first...)
		hang = min(4, p.Width/4)
		first = []Span{plain(strings.Repeat(" ", hang))}
	}
	if rest == nil {
		rest = []Span{plain(strings.Repeat(" ", hang))}
	}
	text := untrusted.Clean(bounded(value.Text))
	lines := theme.Wrap(text, p.Width-hang)
	anchors := p.anchorsInLines(Span{value.Token, text}, lines)
	if limit > 0 && !p.wrap && len(lines) > limit {
		lines = lines[:limit]
		last, _ := theme.Split(lines[limit-1], p.Width-hang-1)
		lines[limit-1] = last + theme.Ellipsis
		anchors = nil // it is cut
	}
	joint, before, start := NewText, first, 0
	for i, line := range lines {
		p.row(append(p.pieces(before), piece{Span{value.Token, line}, anchors.line(i)}))
		p.join(joint, start)
		joint, text = after(text, line)
		before, start = rest, len(spanText(rest))
	}
}

// pad is theme.Fit without the cutting: a label that is too long moves what
// follows it.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-theme.Width(s)))
}

func width(spans []Span) (width int) {
	for _, s := range spans {
		width += theme.Width(s.Text)
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
