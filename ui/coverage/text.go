package coverage

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// Text draws a coverage for people, in lines of at most Width cells.
type Text struct {
	Theme *theme.Theme
	Width int // 0 means 80
	// Color allows escape codes; without it there are none at all.
	Color bool
}

const (
	minWidth = 40
	maxBar   = 40 // cells: longer bars say no more
)

// bar is one line with a count.
type bar struct {
	label string
	count int
	total int
	token theme.Token
}

// className is the words for a class, as people of that registry put it: npm
// signs everything, so that "nothing" is rare there, while PyPI has files with
// attestations and without.
func className(protocol catalog.Protocol, e Evidence) string {
	switch e {
	case Attestations:
		if protocol == catalog.UVX {
			return "with attestations"
		}
		return "attestations"
	case SignatureOnly:
		return "registry signature only"
	case Nothing:
		if protocol == catalog.UVX {
			return "without"
		}
		return "nothing"
	case Refused:
		return "refused"
	default:
		return "unchecked"
	}
}

func classToken(e Evidence) theme.Token {
	switch e {
	case Attestations: // they verify, and may contradict the spec: that is not green
		return theme.Accent
	case SignatureOnly:
		return theme.Plain
	case Nothing:
		return theme.Muted
	case Refused:
		return theme.Bad
	default:
		return theme.Warn
	}
}

// Coverage draws the bars by protocol and by status, the publishers and the
// build levels.
func (t Text) Coverage(c Coverage) string {
	var b strings.Builder
	for _, protocol := range c.protocols() {
		count := c.ByProtocol[protocol]
		t.heading(&b, fmt.Sprintf("%v  %s", untrusted.Text(string(protocol)), untrusted.Plural(count.Total, "package")))
		var bars []bar
		for _, class := range Classes() {
			if n := count.Evidence[class]; n > 0 || alwaysShown(protocol, class) {
				bars = append(bars, bar{className(protocol, class), n, count.Total, classToken(class)})
			}
		}
		t.bars(&b, bars)
	}
	t.heading(&b, "status")
	var bars []bar
	for _, s := range verify.Statuses() {
		if n := c.ByStatus[s.String()]; n > 0 {
			glyph, token := t.Theme.Status(s)
			bars = append(bars, bar{glyph + " " + s.String(), n, c.Total, token})
		}
	}
	t.bars(&b, bars)
	attested := 0
	for _, n := range c.Publishers {
		attested += n
	}
	if attested > 0 {
		t.heading(&b, "publishers, as certificates prove")
		bars = nil
		for _, kind := range slices.Sorted(maps.Keys(c.Publishers)) {
			bars = append(bars, bar{t.Theme.Text(kind), c.Publishers[kind], attested, theme.Plain})
		}
		t.bars(&b, bars)
	}
	t.heading(&b, "SLSA build level")
	bars = nil
	for _, level := range []string{"3", "2", "1", "0"} {
		if n := c.SLSA[level]; n > 0 {
			label := "level " + level
			if level == "0" { // also what could not be checked
				label = "none proven"
			}
			bars = append(bars, bar{label, n, c.Total, theme.Plain})
		}
	}
	t.bars(&b, bars)
	if left := c.NotRead.String(); left != "" {
		t.heading(&b, "not read, and not counted")
		for _, line := range theme.Wrap(t.Theme.Text(left), max(t.Width-2, 60)) {
			b.WriteString("  " + line + "\n")
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// alwaysShown says which classes are shown also where no package is in them.
func alwaysShown(protocol catalog.Protocol, e Evidence) bool {
	switch protocol {
	case catalog.NPX:
		return e == Attestations || e == SignatureOnly
	case catalog.UVX:
		return e == Attestations || e == Nothing
	}
	return false
}

func (t Text) width() int {
	if t.Width == 0 {
		return 80
	}
	return max(t.Width, minWidth)
}

func (t Text) heading(b *strings.Builder, text string) {
	b.WriteString(t.paint(theme.Title, theme.Cut(text, t.width())) + "\n")
}

// bars writes lines such as "  attestations   1    5.9%  ███".
func (t Text) bars(b *strings.Builder, bars []bar) {
	const numbers = 19                      // of the indent, the count, the share and the gaps
	label := len("registry signature only") // so that the groups stand under each other
	for _, line := range bars {
		label = max(label, theme.Width(line.label))
	}
	label = min(label, t.width()-numbers-4)
	room := min(t.width()-numbers-label, maxBar)
	for _, line := range bars {
		text := fmt.Sprintf("  %s %6d %6.1f%%  ", theme.Fit(line.label, label), line.count, percent(line.count, line.total))
		drawn := t.paint(line.token, t.bar(line.count, line.total, room))
		b.WriteString(strings.TrimRight(t.paint(theme.Plain, text)+drawn, " ") + "\n")
	}
	b.WriteString("\n")
}

// bar is n of total in at most width cells; what is not nothing is at least
// one.
func (t Text) bar(n, total, width int) string {
	if n <= 0 || total <= 0 || width <= 0 {
		return ""
	}
	cells := min(max((n*width+total/2)/total, 1), width)
	return strings.Repeat(t.block(), cells)
}

func (t Text) block() string {
	if t.Theme.ASCII() {
		return "#"
	}
	return "█"
}

// paint styles plain text, where that is allowed.
func (t Text) paint(token theme.Token, plain string) string {
	if !t.Color {
		token = theme.Plain
	}
	return t.Theme.Paint(token, plain)
}
