package view

import (
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/links"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// anchor is a text that leads to an address wherever it stands: a value that is
// proven, to what proves it or what it names.
type anchor struct{ text, address string }

// anchored is a part of a text, in bytes, that leads to an address.
type anchored struct {
	from, to int
	address  string
}

// anchorReport makes what is proven of a report lead to its page, if the terminal has
// links. They are those that can be opened by a key.
func (p *Doc) anchorReport(r *verify.Report) {
	if !p.Theme.Links() {
		return
	}
	for _, l := range links.Of(r) {
		pub := r.Publisher
		switch l.Kind {
		case links.Source:
			repo := p.Text(pub.Repository)
			for _, text := range []string{repo, address(repo), repository(pub.Repository), p.Text(pub.Commit), commit(p.Text(pub.Commit))} {
				p.anchor(text, l.URL)
			}
		case links.Workflow:
			p.anchor(p.Text(pub.Workflow), l.URL)
			p.anchor(p.Text(pub.WorkflowURI), l.URL)
		case links.Signer:
			p.anchor(p.Text(pub.SignerURI), l.URL)
		case links.Run:
			p.anchor(l.URL, l.URL)
		case links.Entry:
			_, index, _ := strings.Cut(l.URL, "=")
			p.anchor("#"+index, l.URL)
		case links.Project:
			p.anchor(p.Text(r.Release.Name)+" "+p.Text(r.Release.Version), l.URL)
		}
	}
}

// anchor adds one. A text that leads to two addresses, as both sides of a change
// may have it, leads nowhere.
func (p *Doc) anchor(text, address string) {
	for i, a := range p.anchors {
		if a.text == text {
			if a.address != address {
				p.anchors[i].address = ""
			}
			return
		}
	}
	if text != "" {
		p.anchors = append(p.anchors, anchor{text, address})
	}
}

// Link is an address that leads to itself. It must be made from a template of
// ours, never taken from outside, and be used before the next.
func (p *Doc) Link(address string) Span {
	p.link = address
	return Span{theme.Link, address}
}

// anchorsIn finds what leads somewhere in a text that is neither cut nor broken
// into lines yet: from the left, of those at one place the longest.
func (p *Doc) anchorsIn(s Span) (found []anchored) {
	if s.Token == theme.Link && s.Text != "" && s.Text == p.link {
		return []anchored{{0, len(s.Text), s.Text}}
	}
	for at := 0; len(p.anchors) > 0; {
		next := anchored{from: len(s.Text)}
		for _, a := range p.anchors {
			from := indexWord(s.Text, a.text, at)
			if from >= 0 && (from < next.from || from == next.from && from+len(a.text) > next.to) {
				next = anchored{from, from + len(a.text), a.address}
			}
		}
		if next.to == 0 {
			return found
		}
		found, at = append(found, next), next.to
	}
	return nil
}

// indexWord returns where a word stands in text from a place on, or -1: not as a
// part of a longer path, name or number.
func indexWord(text, word string, from int) int {
	for {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return -1
		}
		at += from
		if !joins(text[:at], true) && !joins(text[at+len(word):], false) {
			return at
		}
		from = at + 1
	}
}

// joins reports whether a text goes on as a word at its end, or at its start.
// There a full stop, a comma or a colon may end a sentence.
func joins(text string, end bool) bool {
	if text == "" {
		return false
	}
	c, next := text[0], byte(' ')
	if len(text) > 1 {
		next = text[1]
	}
	switch {
	case end:
		c = text[len(text)-1]
	case strings.IndexByte(".,:;", c) >= 0:
		c = next
	}
	return strings.IndexByte(` "'()[]{}<>,;|`, c) < 0
}

// piece is what stands in one line of a span, and what leads somewhere in it.
type piece struct {
	Span
	anchors []anchored
}

// pieces are spans that stand in one line. They are there until the next.
func (p *Doc) pieces(spans []Span) []piece {
	p.scratch = slices.Grow(p.scratch[:0], len(spans)+1)
	for _, s := range spans {
		s.Text = untrusted.Clean(bounded(s.Text))
		p.scratch = append(p.scratch, piece{s, p.anchorsIn(s)})
	}
	return p.scratch
}

// lineAnchors is what leads somewhere in the lines that a text was broken into; nil for
// nothing.
type lineAnchors [][]anchored

func (l lineAnchors) line(i int) []anchored {
	if i < len(l) {
		return l[i]
	}
	return nil
}

// anchorsInLines finds what leads somewhere in a clean text that was broken into lines: it
// leads there from each of them.
func (p *Doc) anchorsInLines(s Span, lines []string) lineAnchors {
	found := p.anchorsIn(s)
	if found == nil {
		return nil
	}
	out, rest := make(lineAnchors, len(lines)), s.Text
	for i, line := range lines {
		from := len(s.Text) - len(rest)
		if !strings.HasPrefix(rest, line) { // a character wider than the line is not shown
			return out
		}
		for _, a := range found {
			a.from, a.to = max(a.from-from, 0), min(a.to-from, len(line))
			if a.from < a.to {
				out[i] = append(out[i], a)
			}
		}
		_, rest = after(rest, line)
	}
	return out
}

// paint paints what fits of a piece. What is not there as a whole leads nowhere.
func (p *Doc) paint(b *strings.Builder, l piece, fits string) {
	at := 0
	for _, a := range l.anchors {
		if a.to > len(fits) {
			break
		}
		b.WriteString(p.Theme.Paint(l.Token, fits[at:a.from]))
		b.WriteString(p.Theme.Link(a.address, p.Theme.Paint(l.Token, fits[a.from:a.to])))
		at = a.to
	}
	b.WriteString(p.Theme.Paint(l.Token, fits[at:]))
}
