package view

import (
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// ChangeInput is what the page of a change is drawn from.
type ChangeInput struct {
	Change *review.Change // nil if none is known
	Width  int
	Brief  bool   // without what the row of a table says
	Wrap   bool   // see [Input.Wrap]
	Values bool   // see [Input.Values]
	Link   string // to the commits between both; "" if there is none
	// Decided says what was decided here about a finding and does not count yet,
	// or is nil if nothing was.
	Decided func(verify.Finding) string
}

// ChangePage draws a change of a spec: what it brings, and both chains of
// custody with what differs between them.
func ChangePage(in ChangeInput, th *theme.Theme) Page {
	if in.Width < 1 {
		return Page{}
	}
	p := NewDoc(th, in.Width)
	p.tab, p.limit, p.wrap, p.values.wanted = Change, maxLines, in.Wrap, in.Values
	if in.Change == nil {
		p.Para(theme.Muted, "Nothing is known of this change: it is being reviewed again, or there is none any more.")
		return p.done()
	}
	c := in.Change
	p.changeHead(c)
	if !in.Brief {
		p.changed(c, in.Link)
	}
	p.changeFindings(c, in.Decided)
	before, after := p.side(c.Before), p.side(c.After)
	switch {
	case before.links != nil && after.links != nil:
		p.drawChains(c, before, after)
	default:
		p.drawSide("Before", before, "The spec is new: there is nothing before the change.")
		p.drawSide("After", after, "The spec is gone: there is nothing after the change.")
	}
	return p.done()
}

func (p *Doc) changeHead(c *review.Change) {
	verdict, why := Verdict(p.Theme, c), c.Summary()
	p.values.put("verdict", c.Verdict.String())
	if !c.Judged() {
		why = "both sides are being verified"
	}
	p.Flow(verdict, plain("  "), Span{theme.Strong, Sentence(p.clean(why, maxValue))})
}

// changed is which spec was changed, and how.
func (p *Doc) changed(c *review.Change, link string) {
	p.field("spec", c.Path)
	if c.From != "" {
		p.field("at the base", c.From)
	}
	p.Field("change", plain(c.Kind.String()+", "+ChangeVersions(p.Theme, c)))
	if link != "" {
		p.values.put("commits", link)
		brief := briefLink(link)
		p.anchor(brief, link)
		p.Say("commits", plain(brief))
	}
}

// briefLink shortens the commits of a link that is opened or copied whole.
func briefLink(link string) string {
	head, commits, _ := strings.Cut(address(link), "/compare/")
	then, now, _ := strings.Cut(commits, "...")
	return head + "  " + untrusted.Cut(then, 12) + "..." + untrusted.Cut(now, 12)
}

// changeFindings lists what the change brings. What stood before is counted only.
func (p *Doc) changeFindings(c *review.Change, decided func(verify.Finding) string) {
	if !c.Judged() {
		return
	}
	p.Heading("What the change brings")
	if len(c.Findings) == 0 {
		p.Item(theme.Muted, "No finding that was not there before.")
	}
	for _, f := range c.Findings {
		p.finding(f)
		if decided != nil {
			p.detail("here", decided(f), theme.Strong)
		}
	}
	if stood := len(c.Standing()); stood > 0 {
		p.Item(theme.Muted, untrusted.Plural(stood, "finding")+" stood before already: see Overview.")
	}
}

// side is one side of a change as it is drawn.
type side struct {
	*review.Side
	doc   *Doc // its report's
	chain chain
	links []link // nil if there is no chain to draw
}

func (p *Doc) side(of *review.Side) side {
	s := side{Side: of}
	if of == nil || of.Report == nil || of.Spec.Err != nil {
		return s
	}
	s.doc = NewDoc(p.Theme, p.Width)
	s.doc.wrap = p.wrap
	s.doc.About(of.Report)
	s.chain, s.links = custody(s.doc, of.Report)
	return s
}

// drawSide draws the chain of one side alone, or says why there is none.
func (p *Doc) drawSide(name string, s side, none string) {
	switch {
	case s.Side == nil:
		p.Heading(name)
		p.Item(theme.Muted, none)
	case s.links != nil:
		p.Heading(name, s.head()...)
		p.About(s.Report)
		for i := range s.links {
			s.links[i].spot = opened(link{}, s.links[i])
		}
		p.Heading("Chain of custody", s.doc.chainOf(&s.chain)...)
		p.drawChain(s.links)
	case s.Spec.Err != nil:
		p.Heading(name)
		p.Item(theme.Bad, "The spec cannot be read, so nothing is known of its package.")
		p.Item(theme.Plain, p.clean(s.Spec.Err.Error(), maxValue))
	default:
		p.Heading(name, s.head()...)
		p.Item(theme.Muted, "It is being verified"+theme.Ellipsis)
	}
}

// head is the version of a side and the status of its package.
func (s side) head() []Span {
	spans := []Span{plain("  " + untrusted.Shorten(string(s.Spec.Version), 40))}
	if s.doc != nil {
		spans = append(spans, plain("  "), s.doc.verdictOf(s.Report))
	}
	return spans
}

// The widths from which both chains stand side by side, and from which a difference
// has a column of its own.
const (
	sideBySide = 90
	besideMark = 116
	markWidth  = 22
)

// drawChains draws the same links of both chains, each with what differs.
func (p *Doc) drawChains(c *review.Change, before, after side) {
	p.Heading("Chains of custody")
	marks := differences(p.Theme, c, before, after)
	if p.Width < sideBySide {
		p.stackChains(before, after, marks)
		return
	}
	const indent = 18
	room, mark := p.Width-indent-2, 0
	if p.Width >= besideMark {
		mark = markWidth
		room -= mark + 2
	}
	room /= 2
	titles := append([]Span{plain(pad("", indent)), {theme.Strong, "before"}}, before.head()...)
	titles = append(titles, plain(strings.Repeat(" ", max(1, indent+room+2-width(titles)))), Span{theme.Strong, "after"})
	titles = append(titles, after.head()...)
	if mark > 0 {
		titles = append(titles, plain(strings.Repeat(" ", max(1, indent+2*room+4-width(titles)))), muted("difference"))
	}
	p.Row(titles...)
	line := p.Theme.Glyph(theme.GlyphVertical)
	for i := range after.links {
		b, a := before.links[i], after.links[i]
		end := p.spot(opened(b, a))
		label := a.label(line, indent)
		if i == len(after.links)-1 || after.links[i+1].name == "registry" {
			line = " "
		}
		below := []Span{{theme.Border, theme.Fit("   "+line, indent)}}
		values := []cell{{room, b.within(room)}, {room, a.within(room)}}
		if mark > 0 {
			values = append(values, cell{mark, marks[i]})
		}
		p.columns(label, below, values...)
		p.columns(below, below, cell{room, p.resultOf(b, room)}, cell{room, p.resultOf(a, room)})
		if mark == 0 && marks[i].Token != theme.Muted && marks[i].Text != "" {
			p.columns(below, below, cell{room, plain("")}, cell{room, marks[i]})
		}
		p.whyBroken(b, a, below)
		end()
	}
}

// stackChains draws both chains link by link, one below the other.
func (p *Doc) stackChains(before, after side, marks []Span) {
	for _, s := range []struct {
		name string
		side
	}{{"before", before}, {"after", after}} {
		p.Row(append([]Span{plain(indent), {theme.Strong, pad(s.name, 6)}}, s.head()...)...)
	}
	for i := range after.links {
		p.Blank()
		end := p.spot(opened(before.links[i], after.links[i]))
		p.Flow(Span{theme.Strong, pad(indent+after.links[i].name, 16)}, marks[i])
		if marks[i].Token == theme.Muted && marks[i].Text != "" { // one says it for both
			p.flow([]Span{plain(indent + indent)}, nil, after.links[i].within(0), 0)
			end()
			continue
		}
		for _, s := range []struct {
			name string
			link
		}{{"before", before.links[i]}, {"after", after.links[i]}} {
			first := []Span{plain(indent + indent), muted(pad(s.name, 7))}
			p.flow(first, nil, s.within(0), 0)
			result := p.resultOf(s.link, p.Width-11)
			if s.why != "" && s.state != verify.Pass {
				result.Text += ": " + s.why
			}
			p.flow([]Span{plain(pad("", 11))}, nil, result, 0)
		}
		end()
	}
}

// opened is the spot of a link of both chains: it opens that of the chain after.
func opened(before, after link) Spot {
	s := after.spot
	s.Fails = s.Fails && !before.spot.Fails
	s.Tab, s.Evidence = Overview, s.Place
	return s
}

// whyBroken says in whole lines why a link of either side did not hold.
func (p *Doc) whyBroken(before, after link, below []Span) {
	for _, s := range []struct {
		name string
		link
	}{{"before", before}, {"after", after}} {
		if s.why != "" && s.state != verify.Pass {
			_, token := p.Theme.Check(s.state)
			p.flow(below, below, Span{token, s.name + ": " + s.why}, 0)
		}
	}
}

// ChangeVersions is the version before and after, cleaned, with an arrow between two
// that differ.
func ChangeVersions(th *theme.Theme, c *review.Change) string {
	then, now := Sides(c, func(s *catalog.Spec, _ *verify.Report) string {
		if s.Version == "" {
			return th.Glyph(theme.GlyphAbsent)
		}
		return th.Text(untrusted.Cut(string(s.Version), 64))
	})
	if then == "" {
		return now
	}
	return then + " " + th.Glyph(theme.GlyphRight) + " " + now
}
