package coverage

import (
	"fmt"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
)

const (
	chartHeight = 5
	axisWidth   = 7 // "  100% "
	maxChanges  = 20
)

// Trend draws the share of packages with attestations over time, and names the
// packages whose evidence changed.
func (t Text) Trend(trend *Trend) string {
	if trend == nil || len(trend.Points) == 0 {
		return "no earlier runs are kept\n"
	}
	var b strings.Builder
	first, last := trend.Points[0], trend.Points[len(trend.Points)-1]
	if len(trend.Points) == 1 {
		t.heading(&b, "one run, of "+first.Time.UTC().Format("2006-01-02"))
		return b.String()
	}
	for _, protocol := range []catalog.Protocol{catalog.NPX, catalog.UVX} {
		t.heading(&b, fmt.Sprintf("%s with attestations, %d runs: from %.1f%% to %.1f%%",
			protocol, len(trend.Points), first.Attested[protocol], last.Attested[protocol]))
		values := make([]float64, len(trend.Points))
		for i, p := range trend.Points {
			values[i] = p.Attested[protocol]
		}
		t.chart(&b, values)
		t.dates(&b, first.Time.UTC().Format("2006-01-02"), last.Time.UTC().Format("2006-01-02"), len(values))
	}
	t.changes(&b, "lost evidence", theme.Bad, trend.Lost)
	t.changes(&b, "gained evidence", theme.Good, trend.Gained)
	if len(trend.Added)+len(trend.Removed) > 0 {
		t.heading(&b, fmt.Sprintf("%d added, %d removed", len(trend.Added), len(trend.Removed)))
	}
	return b.String()
}

// blocks are a cell filled from below, by eighths.
var blocks = []rune(" ▁▂▃▄▅▆▇█")

// chart draws percentages, the oldest left, on a scale that begins at zero: a
// small change must look small.
func (t Text) chart(b *strings.Builder, values []float64) {
	values = sample(values, max(t.width()-axisWidth-1, 1))
	top := scale(values)
	for row := chartHeight - 1; row >= 0; row-- {
		label := strings.Repeat(" ", axisWidth)
		switch row {
		case chartHeight - 1:
			label = fmt.Sprintf("%5.0f%% ", top)
		case 0:
			label = fmt.Sprintf("%5d%% ", 0)
		}
		var cells strings.Builder
		for _, v := range values {
			cells.WriteRune(t.cell(v/top*chartHeight - float64(row)))
		}
		b.WriteString(t.paint(theme.Muted, label+t.Theme.Glyph(theme.GlyphVertical)))
		b.WriteString(t.paint(theme.Accent, strings.TrimRight(cells.String(), " ")) + "\n")
	}
}

// cell is how much of a cell is filled: 0 or less is empty, 1 or more full.
// A value that is not zero shows at least a sliver in the lowest row.
func (t Text) cell(fill float64) rune {
	if t.Theme.ASCII() {
		switch {
		case fill >= 0.5:
			return '#'
		case fill > 0:
			return '.'
		}
		return ' '
	}
	if fill <= 0 {
		return ' '
	}
	return blocks[min(max(int(fill*8+0.5), 1), 8)]
}

// scale is the top of the chart: the smallest of some round numbers that holds
// every value.
func scale(values []float64) float64 {
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	for _, round := range []float64{5, 10, 25, 50} {
		if top <= round {
			return round
		}
	}
	return 100
}

// sample takes at most n of values, evenly, the first and the last among them.
func sample(values []float64, n int) []float64 {
	if len(values) <= n {
		return values
	}
	if n < 2 {
		return values[len(values)-1:]
	}
	taken := make([]float64, n)
	for i := range taken {
		taken[i] = values[i*(len(values)-1)/(n-1)]
	}
	return taken
}

func (t Text) dates(b *strings.Builder, first, last string, points int) {
	gap := min(points, t.width()-axisWidth-1) - len(first) - len(last)
	b.WriteString(t.paint(theme.Muted, strings.Repeat(" ", axisWidth+1)+first+strings.Repeat(" ", max(gap, 2))+last) + "\n\n")
}

func (t Text) changes(b *strings.Builder, what string, token theme.Token, changes []Change) {
	if len(changes) == 0 {
		return
	}
	t.heading(b, fmt.Sprintf("%s: %s", what, untrusted.Plural(len(changes), "package")))
	for _, c := range changes[:min(len(changes), maxChanges)] {
		version := c.ToVersion
		if c.FromVersion != c.ToVersion {
			version = c.FromVersion + " " + t.Theme.Glyph(theme.GlyphRight) + " " + c.ToVersion
		}
		text := fmt.Sprintf("  %s  %s  %s %s %s", t.Theme.Text(c.Spec), t.Theme.Text(version),
			words(c.From), t.Theme.Glyph(theme.GlyphRight), words(c.To))
		b.WriteString(t.paint(token, theme.Cut(text, t.width())) + "\n")
	}
	if more := len(changes) - maxChanges; more > 0 {
		fmt.Fprintf(b, "  and %d more\n", more)
	}
	b.WriteString("\n")
}

func words(e Evidence) string { return className("", e) }
