package coverage

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// Draw adds the bars by protocol and by status, the publishers and the build
// levels.
func (c Coverage) Draw(d *view.Doc) {
	for _, protocol := range c.protocols() {
		count := c.ByProtocol[protocol]
		draw(d, d.Theme.Text(string(protocol))+"  "+untrusted.Plural(count.Total, "package"), count.Total,
			statuses(d, count.Status, count.failing, "p:"+string(protocol)+" "))
	}
	draw(d, "all  "+untrusted.Plural(c.Total, "package"), c.Total, statuses(d, c.ByStatus, c.failing, ""))
	var bars []bar
	named := 0
	for _, kind := range slices.Sorted(maps.Keys(c.Publishers)) {
		named += c.Publishers[kind]
		bars = append(bars, bar{d.Theme.Text(kind), c.Publishers[kind], theme.Plain, "pub:" + strings.ToLower(kind)})
	}
	draw(d, "publishers, as certificates prove", named, bars)
	bars = nil
	for _, level := range []string{"3", "2", "1", "0"} {
		label := "level " + level
		if level == "0" { // also what could not be checked
			label = "none proven"
		}
		if n := c.SLSA[level]; n > 0 {
			bars = append(bars, bar{label, n, theme.Plain, "slsa:" + level})
		}
	}
	draw(d, "SLSA build level", c.Total, bars)
	if left := c.NotRead.String(); left != "" {
		d.Heading("not read, and not counted")
		d.Item(theme.Plain, d.Theme.Text(left))
	}
}

// statuses are the bars of what packages have of each status; where is how a filter
// tells them from others. If some are verified and fail all the same, none is green.
func statuses(d *view.Doc, count map[string]int, failing int, where string) (bars []bar) {
	for _, s := range verify.Statuses() {
		if n := count[s.String()]; n > 0 {
			glyph, token := d.Theme.Status(s)
			if s == verify.Verified && failing > 0 {
				token = theme.Plain
			}
			bars = append(bars, bar{glyph + " " + s.String(), n, token, where + "st:" + s.String()})
		}
	}
	return bars
}

// bar is one line with a count.
type bar struct {
	label  string
	count  int
	token  theme.Token
	filter string // of the table: it lets through what is counted
}

// draw adds lines such as "  ✓ verified   1    5.9%  ███" below a heading.
func draw(d *view.Doc, heading string, total int, bars []bar) {
	if len(bars) == 0 {
		return
	}
	const numbers = 19          // of the indent, the count, the share and the gaps
	const maxBar = 40           // cells: longer bars say no more
	label := len("? unchecked") // so that the groups stand under each other
	for _, b := range bars {
		label = max(label, theme.Width(b.label))
	}
	label = max(min(label, d.Width-numbers-4), 1)
	room := max(min(d.Width-numbers-label, maxBar), 1)
	d.Heading(heading)
	for _, b := range bars {
		cells := 0
		if b.count > 0 { // what is not nothing is at least one
			cells = max((b.count*room+total/2)/total, 1)
		}
		text := fmt.Sprintf("  %s %6d %6.1f%%  ", theme.Fit(b.label, label), b.count, percent(b.count, total))
		d.LeadTo(view.Lead{Filter: b.filter})
		d.Row(view.Span{Text: text}, view.Span{Token: b.token, Text: strings.Repeat("█", cells)})
	}
}

const (
	chartHeight = 5
	axisWidth   = 7 // "  100% "
	maxChanges  = 20
)

// Draw adds the share of packages with attestations over time, and names the
// packages whose evidence changed.
func (t *Trend) Draw(d *view.Doc) {
	first, last := t.Points[0], t.Points[len(t.Points)-1]
	from, to := first.Time.UTC().Format("2006-01-02"), last.Time.UTC().Format("2006-01-02")
	if len(t.Points) == 1 {
		d.Heading("one run, of " + from)
		return
	}
	for _, protocol := range catalog.Protocols() {
		if !slices.ContainsFunc(t.Points, func(p Point) bool { _, counted := p.Attested[protocol]; return counted }) {
			continue
		}
		d.Heading(fmt.Sprintf("%s attested, %d runs: from %.1f%% to %.1f%%",
			protocol, len(t.Points), first.Attested[protocol], last.Attested[protocol]))
		values := make([]float64, len(t.Points))
		for i, p := range t.Points {
			values[i] = p.Attested[protocol]
		}
		chart(d, values)
		gap := min(len(values), d.Width-axisWidth-1) - len(from) - len(to)
		d.Row(view.Span{Token: theme.Muted, Text: strings.Repeat(" ", axisWidth+1) + from + strings.Repeat(" ", max(gap, 2)) + to})
	}
	changes(d, "lost evidence", theme.Bad, t.Lost)
	changes(d, "gained evidence", theme.Accent, t.Gained) // which may be less than proof
	if len(t.Added)+len(t.Removed) > 0 {
		d.Heading(fmt.Sprintf("%d added, %d removed", len(t.Added), len(t.Removed)))
	}
}

// chart draws percentages, the oldest left, on a scale that begins at zero: a
// small change must look small.
func chart(d *view.Doc, values []float64) {
	values = sample(values, max(d.Width-axisWidth-1, 1))
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
			cells.WriteRune(cell(v/top*chartHeight - float64(row)))
		}
		d.Row(view.Span{Token: theme.Muted, Text: label + d.Theme.Glyph(theme.GlyphVertical)},
			view.Span{Token: theme.Accent, Text: cells.String()})
	}
}

// cell is a character filled from below, by eighths: 0 or less is empty, 1 or
// more full. A value that is not zero shows at least a sliver in the lowest row.
func cell(fill float64) rune {
	if fill <= 0 {
		return ' '
	}
	return []rune("▁▂▃▄▅▆▇█")[min(max(int(fill*8+0.5), 1), 8)-1]
}

// scale is the top of the chart: the smallest of some round numbers that holds
// every value.
func scale(values []float64) float64 {
	for _, round := range []float64{5, 10, 25, 50} {
		if slices.Max(values) <= round {
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

func changes(d *view.Doc, what string, token theme.Token, changes []Change) {
	if len(changes) == 0 {
		return
	}
	d.Heading(what + ": " + untrusted.Plural(len(changes), "package"))
	arrow := " " + d.Theme.Glyph(theme.GlyphRight) + " "
	for _, c := range changes[:min(len(changes), maxChanges)] {
		version := c.ToVersion
		if c.FromVersion != c.ToVersion {
			version = c.FromVersion + arrow + c.ToVersion
		}
		d.LeadTo(view.Lead{Spec: c.Spec})
		d.Row(view.Span{Token: token, Text: fmt.Sprintf("  %s  %s  %s%s%s", d.Theme.Text(c.Spec), d.Theme.Text(version), c.From, arrow, c.To)})
	}
	if more := len(changes) - maxChanges; more > 0 {
		d.Item(theme.Plain, fmt.Sprintf("and %d more", more))
	}
}
