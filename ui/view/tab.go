package view

import (
	"strings"

	"plimsoll/catalog/untrusted"
)

// Page is a tab as it is drawn, and what can be done with it.
type Page struct {
	Lines  []Line
	Folds  []Fold  // in the order of their heads; empty unless [Tab.Folds]
	Values []Value // empty unless [Input.Values]
	Spots  []Spot  // in the order of their lines
}

// Text returns the painted lines.
func (p Page) Text() []string {
	lines := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		lines[i] = l.Text
	}
	return lines
}

// Line is one line of a tab. Joint and Start tell a search how a text that was
// broken into lines goes on.
type Line struct {
	Text  string // painted
	Joint Joint
	Start int // of the line without its styles, bytes: where the text goes on
}

// Joint says what stood between the text of a line and that of the line
// before.
type Joint uint8

// The joints.
const (
	NewText  Joint = iota // nothing: the line starts a text
	Blank                 // one blank, at which the text was broken
	Seamless              // nothing: a word was broken
)

// join notes how the last line goes on from the one before.
func (p *Doc) join(j Joint, start int) {
	if n := len(p.lines); n > 0 && p.dropped == 0 {
		p.lines[n-1].Joint, p.lines[n-1].Start = j, start
	}
}

// after returns how text goes on after its first line, and with what.
func after(text, line string) (Joint, string) {
	rest, whole := strings.CutPrefix(text, line)
	if !whole { // the last line of a text that was cut
		return Seamless, text
	}
	if trimmed := strings.TrimLeft(rest, " "); trimmed != rest {
		return Blank, trimmed
	}
	return Seamless, rest
}

// Fold is a branch of the tree: the lines From to To (exclusive) can be folded
// under the line Head.
type Fold struct{ Head, From, To int }

// Levels of the tree; JSON lies below the sections.
const (
	levelItem    = iota + 1 // an attestation
	levelSection            // "Subjects"
	levelJSON
)

// outline collects the folds of a page while it is drawn.
type outline struct {
	wanted bool
	folds  []Fold
	ends   []branch // those that are open, the outermost first
}

type branch struct{ level, fold int }

// open begins a branch whose head is the line with a number; what follows lies
// below it.
func (p *Doc) open(level, head int) {
	o := &p.outline
	if !o.wanted || p.dropped > 0 {
		return
	}
	o.ends = append(o.ends, branch{level, len(o.folds)})
	o.folds = append(o.folds, Fold{Head: head, From: len(p.lines)})
}

// close ends the branches at a level and below it, without the empty line that
// separates them from what follows.
func (p *Doc) close(level int) {
	o := &p.outline
	for n := len(o.ends); n > 0 && o.ends[n-1].level >= level; n-- {
		f := &o.folds[o.ends[n-1].fold]
		f.To = max(len(p.lines), f.From)
		o.ends = o.ends[:n-1]
	}
}

// Value is one value of a tab, for copying.
type Value struct {
	Label string         // cleaned
	Raw   untrusted.Text // as it was received, whole
}

// maxValues bounds the values of one tab.
const maxValues = 10_000

// collector keeps the values of a page while it is drawn.
type collector struct {
	wanted bool
	list   []Value
}

// put takes a value as it was received. One without a label belongs to the one
// before.
func (c *collector) put(label, raw string) {
	if !c.wanted || raw == "" || len(c.list) >= maxValues {
		return
	}
	label = strings.TrimSpace(label)
	if n := len(c.list); label == "" && n > 0 {
		label = c.list[n-1].Label
	}
	c.list = append(c.list, Value{Label: untrusted.Clean(untrusted.Cut(label, 256)), Raw: untrusted.Text(raw)})
}
