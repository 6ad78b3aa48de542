package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// figures are the values of each measure, one a round.
type figures map[measure][]float64

// measure is what a benchmark reports in one unit.
type measure struct{ benchmark, unit string }

func (f figures) add(benchmark, unit string, value float64) {
	m := measure{benchmark, unit}
	f[m] = append(f[m], value)
}

// median returns the middle value of a measure; false where there is none.
func (f figures) median(m measure) (float64, bool) {
	values := slices.Sorted(slices.Values(f[m]))
	if len(values) == 0 {
		return 0, false
	}
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2, true
}

// worst returns the largest value of a measure; false where there is none.
func (f figures) worst(m measure) (float64, bool) {
	if len(f[m]) == 0 {
		return 0, false
	}
	return slices.Max(f[m]), true
}

// row is one line of the table.
type row struct {
	name    string
	of      measure
	against *measure // what it is compared with in the same run; nil: the goal is a figure of its own
	goal    float64  // of the ratio, or in the unit of the measure; 0: there is none
	least   bool     // the goal is the least that is wanted, not the most
	show    func(float64) string
	worst   bool     // the worst of the rounds counts, not the median
	beside  *measure // whose worst is shown behind the figure, in brackets
	local   bool     // needs what is not in the repository; it may be missing
}

// table prints rows and says whether every goal is met. A figure that is
// missing is no goal met.
func table(out io.Writer, rows []row, f figures) (met bool, err error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tFIGURE\tGOAL\tRATIO\tMET")
	met = true
	for _, r := range rows {
		line, ok := r.line(f)
		met = met && ok
		fmt.Fprintln(w, strings.Join(append([]string{r.name}, line...), "\t"))
	}
	return met, w.Flush()
}

// line returns the figure, the goal, the ratio and the verdict.
func (r row) line(f figures) (cells []string, met bool) {
	value, ok := f.median(r.of)
	if r.worst {
		value, ok = f.worst(r.of)
	}
	base := 1.0
	if ok && r.against != nil {
		base, ok = f.median(*r.against)
	}
	switch {
	case !ok && r.local:
		return []string{"not here", "", "", "–"}, true
	case !ok || base <= 0:
		return []string{"missing: " + r.lacks(f), r.goalText(), "", "NO"}, false
	}
	figure := r.show(value)
	if r.beside != nil {
		longest, ok := f.worst(*r.beside)
		if !ok {
			return []string{"missing: " + r.beside.String(), r.goalText(), "", "NO"}, false
		}
		figure += " (" + r.show(longest) + ")"
	}
	ratio := value / base
	switch {
	case r.goal == 0 && r.against == nil:
		return []string{figure, "", "", ""}, true
	case r.goal == 0:
		return []string{figure, "", ratioText(ratio), ""}, true
	case r.against == nil:
		met = value <= r.goal
		ratio = value / r.goal
	case r.least:
		met = ratio >= r.goal
	default:
		met = ratio <= r.goal
	}
	verdict := "yes"
	if !met {
		verdict = "NO"
	}
	return []string{figure, r.goalText(), ratioText(ratio), verdict}, met
}

func (m measure) String() string { return m.benchmark + " " + m.unit }

// lacks names the measure that is missing.
func (r row) lacks(f figures) string {
	if _, ok := f.median(r.of); ok && r.against != nil {
		return r.against.String()
	}
	return r.of.String()
}

func (r row) goalText() string {
	relation := "≤ "
	if r.least {
		relation = "≥ "
	}
	switch {
	case r.goal == 0:
		return ""
	case r.against == nil:
		return relation + r.show(r.goal)
	case r.against.benchmark == r.of.benchmark:
		return relation + number(r.goal) + " × " + r.against.unit
	default:
		return relation + number(r.goal) + " × " + r.against.benchmark
	}
}

func number(v float64) string    { return strconv.FormatFloat(v, 'g', -1, 64) }
func ratioText(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// nanoseconds shows a time.
func nanoseconds(v float64) string {
	switch {
	case v >= 1e9:
		return fmt.Sprintf("%.2f s", v/1e9)
	case v >= 1e6:
		return fmt.Sprintf("%.2f ms", v/1e6)
	default:
		return fmt.Sprintf("%.0f µs", v/1e3)
	}
}

// size shows bytes.
func size(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.1f MB", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.1f kB", v/1e3)
	default:
		return fmt.Sprintf("%.0f B", v)
	}
}

// plain shows a number in a unit.
func plain(unit string) func(float64) string {
	return func(v float64) string {
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 2, 64), ".00") + unit
	}
}
