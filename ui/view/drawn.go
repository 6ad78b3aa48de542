package view

import (
	"slices"
	"strings"

	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// maxWord is how many cells of a reason stand as a link's result.
const maxWord = 64

// drawChain draws the links from top to bottom, with a line that joins each to
// the next. A value and its result stand side by side, the values no wider than
// they need, or one below the other.
func (p *Doc) drawChain(links []link) {
	values, results, labels := 0, 0, 0
	links = slices.Clone(links)
	for i := range links {
		l := &links[i]
		if l.value == l.says || l.nothingKnown() {
			l.value = ""
		}
		labels = max(labels, width(l.label("", 0))+2)
		result, _ := p.outcome(*l, unbroken)
		values, results = max(values, theme.Width(l.shown().Text)), max(results, theme.Width(result.Text))
	}
	room := p.Width - labels - 2
	beside := values+results <= room || p.Width >= wide
	values = min(values, room-min(results, max(40, room/3)))
	stacked := p.Width < 50 // a link's value stands below its name
	if stacked {
		labels = 5
	}
	line := p.Theme.Glyph(theme.GlyphVertical)
	for i, l := range links {
		end := p.spot(l.spot)
		label := l.label(line, labels)
		if i == len(links)-1 || links[i+1].name == "registry" {
			line = " "
		}
		below := []Span{{theme.Border, theme.Fit("   "+line, labels)}}
		result, why := p.outcome(l, room-values)
		if beside {
			p.columns(label, below, cell{values, l.shown()}, cell{room - values, result})
		} else {
			if stacked {
				p.Row(label...)
				label = below
			}
			result, why = p.outcome(l, p.Width-labels)
			if l.value != "" {
				p.flow(label, below, l.shown(), 0)
				label = below
			}
			p.flow(label, below, result, 0)
		}
		if why != "" {
			p.flow(below, below, Span{result.Token, Sentence(why)}, 0)
		}
		end()
	}
}

// label is the link's name in its column; line joins what an edge joins.
func (l link) label(line string, width int) []Span {
	if l.edge {
		return []Span{{theme.Border, theme.Fit("   "+line, 5)}, muted(pad(l.name, width-5))}
	}
	return []Span{{theme.Strong, pad("  "+l.name, width)}}
}

// outcome is how a link held, and why it did not unless the result says it: a
// short reason is the result.
func (p *Doc) outcome(l link, room int) (result Span, why string) {
	result = p.resultOf(l, room)
	if l.why == "" || l.state == verify.Pass {
		return result, ""
	}
	words := brief(l.why, "", "") // those of the table; the checks below say the rest
	if theme.Width(words) > maxWord {
		return result, l.why
	}
	l.says = words
	return p.resultOf(l, room), ""
}

// resultOf is the result of a link, without a reason. If it is broken into lines of
// room cells, the mark behind it stays whole.
func (p *Doc) resultOf(l link, room int) Span {
	glyph, token := p.Theme.Check(l.state)
	text, mark := glyph+" "+l.says, p.brokenMark(l)
	if mark == "" {
		return Span{token, text}
	}
	lines := theme.Wrap(text, room)
	if left := room - theme.Width(lines[len(lines)-1]); left < theme.Width(mark) {
		text += strings.Repeat(" ", max(left, 0))
	}
	return Span{token, text + mark}
}

// chainOf says which of several attestations is drawn.
func (p *Doc) chainOf(c *chain) []Span {
	what := "no attestation"
	if c.att != nil {
		what = c.att.Kind.Noun()
	}
	switch {
	case p.inspected != nil && c.att != nil:
		return []Span{muted(" of the " + what)}
	case p.inspected != nil, c.art == nil, attestationCount(c.r) < 2 && len(c.r.Artifacts) < 2:
		return nil
	}
	return []Span{muted(" of " + p.name(c.art) + ", " + what)}
}

// shown is the value; if nothing proven stands behind it, it looks like the
// claim that it is.
func (l link) shown() Span {
	if l.vouch {
		return plain(l.value)
	}
	return muted(l.value)
}

// within is the link's value, in brief if there is little room for it.
func (l link) within(room int) Span {
	s := l.shown()
	if l.brief != "" && theme.Width(l.value) > room {
		s.Text = l.brief
	}
	return s
}

// brokenMark points at the link at which the chain ends.
func (p *Doc) brokenMark(l link) string {
	what := " stops here"
	switch {
	case !l.broken:
		return ""
	case l.state == verify.Fail:
		what = " broken here"
	}
	return "   " + p.Theme.Glyph(theme.GlyphLeft) + what
}

// drawLink draws a link in a narrow pane.
func (p *Doc) drawLink(l link) {
	glyph, token := p.Theme.Check(l.state)
	first := []Span{{token, glyph + " "}, {theme.Strong, theme.Fit(l.name, 13)}}
	if l.edge {
		first[1].Token = theme.Muted
	}
	if l.value == p.Theme.Glyph(theme.GlyphAbsent) || l.nothingKnown() { // its result stands in its place
		l.value, l.brief = l.says, ""
	}
	p.flow(first, nil, l.within(p.Width-15), 3)
	if l.state == verify.Pass || l.says == l.value {
		return
	}
	result, why := p.outcome(l, p.Width-15+2)
	result.Text = strings.TrimPrefix(result.Text, glyph+" ") // it stands before the name
	p.Flow(plain("               "), result)
	if why != "" {
		p.flow([]Span{{theme.Plain, indent}}, nil, plain(Sentence(why)), 6)
	}
}

// nothingKnown reports whether the value and the result say both that nothing is known.
func (l link) nothingKnown() bool { return l.value == "unknown" && l.says == notKnown }

// inBrief are the links without those that an attestation would have, if there is
// none: one says it for all.
func (c *chain) inBrief(links []link) []link {
	if c.att != nil || isGo(c.r) {
		return links
	}
	var out []link
	for _, l := range links {
		switch l.name {
		case "source", "artifact", "registry":
			out = append(out, l)
		case "certificate":
			l.name, l.value = "attestation", c.offers("none")
			out = append(out, l)
		}
	}
	return out
}
