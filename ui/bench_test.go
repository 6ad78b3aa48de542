package ui

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/many"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// The screen on which everything is measured, and how much it shows.
var large = tea.WindowSizeMsg{Width: 200, Height: 50}

const manyPackages = 10_000

// frames are the times that frames took on the processor: a message, and the
// View after it, which is what stands between a key and what it shows.
type frames []time.Duration

// draw sends a message to the model and notes what its frame took.
func (f *frames) draw(m *Model, msg tea.Msg) {
	before := many.ThreadTime()
	m.Update(msg)
	m.View()
	*f = append(*f, many.ThreadTime()-before)
}

// report gives the median and the longest frame to b.
func (f frames) report(b *testing.B) {
	b.Helper()
	slices.Sort(f)
	b.ReportMetric(float64(f[len(f)/2]), "median-ns")
	b.ReportMetric(float64(f[len(f)-1]), "longest-ns")
}

// catalogOf returns a catalog of n packages and what the engine says of each.
func catalogOf(b *testing.B, n int) ([]catalog.Spec, []*verify.Report) {
	b.Helper()
	specs, err := many.Specs(n)
	if err != nil {
		b.Fatal(err)
	}
	from := lab.Registries(b)
	of := func(s catalog.Spec) string { return string(s.Protocol) + string(s.Package) }
	known, reports := map[string]*verify.Report{}, make([]*verify.Report, n)
	for i, spec := range specs {
		if known[of(spec)] == nil {
			evidence, anchors, err := from.Fetch(b.Context(), spec, func(string) {})
			if err != nil {
				b.Fatal(err)
			}
			report := verify.Verify(evidence, spec.Provenance, anchors)
			known[of(spec)] = &report
		}
		reports[i] = known[of(spec)]
	}
	return specs, reports
}

func answer(id int, report *verify.Report) scan.Event {
	return scan.Event{ID: id, Generation: 1, Kind: scan.Finished, Report: report}
}

// opened is the screen on a catalog, nothing of which is answered yet.
func opened(specs []catalog.Spec) *Model {
	m := New(Options{Specs: specs, Engine: newEngine(false), Theme: theme.New(theme.Options{Color: true}), Title: "many", Now: clock})
	m.Update(large)
	return m
}

// BenchmarkFirstFrame is what stands between main and the first frame: no spec
// is read before it.
func BenchmarkFirstFrame(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all frames
	for b.Loop() {
		engine := newEngine(false)
		before := many.ThreadTime()
		m := New(Options{
			Load: func(context.Context, func([]catalog.Spec)) error {
				return errors.New("read before the first frame")
			},
			Engine: engine, Theme: theme.New(theme.Options{Color: true}), Title: "many", Now: clock,
		})
		m.Update(large)
		m.View()
		all = append(all, many.ThreadTime()-before)
	}
	all.report(b)
}

// BenchmarkKey is a key and its frame on 10,000 packages that are all checked.
// Each begins with all rows, by status.
func BenchmarkKey(b *testing.B) {
	specs, reports := catalogOf(b, manyPackages)
	m := opened(specs)
	for i, report := range reports {
		m.Update(eventsMsg{answer(i, report)})
	}
	m.Update(tickMsg{})
	for _, keys := range []struct {
		name   string
		before []string // not measured
		keys   []string
		after  []string // not measured: back to where it began
	}{
		{"move", nil, []string{"j", "j", "k"}, nil},
		{"page", nil, []string{"pgdown", "pgdown", "pgup"}, nil},
		{"end", nil, []string{"G", "g"}, nil},
		{"sort", nil, []string{"s", "S"}, nil},
		{"preset", nil, []string{"f"}, nil},
		{"filter", []string{"/"}, []string{"m", "c", "p", "-", "c", "backspace", "l"}, []string{"enter", "esc"}},
		{"fuzzy filter", []string{"/"}, []string{"~", "m", "c", "p", "0", "9", "backspace", "7"}, []string{"enter", "esc"}},
		{"open", nil, []string{"enter"}, []string{"q"}},
		{"tab", []string{"enter"}, []string{"tab", "tab", "tab", "tab", "tab", "tab", "J"}, []string{"q"}},
		{"close", []string{"enter"}, []string{"q"}, nil},
		{"mark all", nil, []string{"*"}, []string{"*"}},
		{"coverage", nil, []string{"D"}, []string{"q"}},
		{"triage", nil, []string{"t", "n", "n"}, []string{"q"}},
		{"palette", nil, []string{":", "c", "o", "p"}, []string{"esc", "esc"}},
		{"help", nil, []string{"?", "pgdown"}, []string{"q"}},
		{"explain", nil, []string{"i"}, []string{"q"}},
		{"preview", nil, []string{">", "<", "p", "p"}, nil},
	} {
		m.store.SetPreset(store.All)
		m.store.SetSort(store.Sort{})
		b.Run(keys.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var all frames
			for b.Loop() {
				press(m, keys.before...)
				for _, k := range keys.keys {
					all.draw(m, typed(k))
				}
				press(m, keys.after...)
			}
			all.report(b)
		})
	}
}

// BenchmarkBurst is a catalog that is read and 10,000 results that come as fast
// as the screen takes them, while somebody presses keys and the table re-orders
// itself with every tick.
func BenchmarkBurst(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	specs, reports := catalogOf(b, manyPackages)
	keys := []string{"j", "pgdown", "/", "m", "~", "0", "esc", "s", "k", "enter", "tab", "q", "f", "G", "space"}
	const part = 128 // of the catalog
	var all frames
	for b.Loop() {
		m := New(Options{
			Load:   func(context.Context, func([]catalog.Spec)) error { return nil },
			Engine: newEngine(false), Theme: theme.New(theme.Options{Color: true}), Title: "many", Now: clock,
		})
		m.Update(large)
		pressed, read := 0, 0
		for first := 0; first < len(specs); first += maxEvents {
			for until := min(len(specs), first+2*maxEvents); read < until; read += part {
				all.draw(m, batchMsg(batch{specs: specs[read:min(read+part, until)]}))
			}
			var events eventsMsg
			for id := first; id < min(first+maxEvents, len(specs)); id++ {
				events = append(events, answer(id, reports[id]))
			}
			all.draw(m, events)
			for range 3 {
				all.draw(m, typed(keys[pressed%len(keys)]))
				pressed++
			}
			all.draw(m, tickMsg{})
		}
		all.draw(m, batchMsg(batch{last: true}))
		if m.store.Len() != len(specs) || m.store.Working() {
			b.Fatalf("%d packages, or some without an answer", m.store.Len())
		}
	}
	all.report(b)
}
