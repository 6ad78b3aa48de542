package main

import (
	"bytes"
	"strings"
	"testing"
)

// rounds are what benchmarks print, in three rounds.
const rounds = `goos: linux
pkg: plimsoll/ui
cpu: some processor
BenchmarkKey/move-2         	     100	    300000 ns/op	   1500000 longest-ns	    200000 median-ns	       7 allocs/op
BenchmarkVerify/plimsoll-2  	       3	 130000000 ns/op
BenchmarkVerify/alone-2     	       3	 100000000 ns/op
PASS
BenchmarkKey/move-2         	     100	    300000 ns/op	   9000000 longest-ns	    400000 median-ns	       7 allocs/op
BenchmarkVerify/plimsoll-2  	       3	  90000000 ns/op
BenchmarkVerify/alone-2     	       3	 200000000 ns/op
PASS
BenchmarkKey/move-2         	     100	    300000 ns/op	   1200000 longest-ns	    250000 median-ns	       7 allocs/op
BenchmarkVerify/plimsoll-2  	       3	 110000000 ns/op
BenchmarkVerify/alone-2     	       3	 105000000 ns/op
PASS
`

func canned(t *testing.T, more string) figures {
	t.Helper()
	f := figures{}
	if err := f.read(strings.NewReader(rounds + more)); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTable(t *testing.T) {
	t.Parallel()
	f := canned(t, "")
	if err := f.read(strings.NewReader("BenchmarkCores-2 2 1 ns/op 1.9 x-one 2 x-machine\n")); err != nil {
		t.Fatal(err)
	}
	f.add("size", "B", 12_345_678)
	alone, move := measure{"Verify/alone", "ns/op"}, measure{"Key/move", "median-ns"}
	longest := measure{"Key/move", "longest-ns"}
	var out bytes.Buffer
	met, err := table(&out, []row{
		{name: "median of three", of: measure{"Verify/plimsoll", "ns/op"}, against: &alone, goal: 1.1, show: nanoseconds},
		{name: "just met", of: measure{"Verify/plimsoll", "ns/op"}, goal: 110e6, show: nanoseconds},
		{name: "with the worst", of: move, beside: &longest, goal: 2e6, show: nanoseconds},
		{name: "the worst counts", of: longest, worst: true, goal: 16e6, show: nanoseconds},
		{name: "at least", of: measure{"Cores", "x-one"}, against: &measure{"Cores", "x-machine"}, goal: 0.9, least: true, show: plain(" ×")},
		{name: "no goal", of: measure{"size", "B"}, show: size},
		{name: "no goal, a ratio", of: move, against: &longest, show: nanoseconds},
		{name: "elsewhere", of: measure{"Far", "B"}, goal: 1, show: size, local: true},
	}, f)
	if err != nil || !met {
		t.Errorf("met %v, %v", met, err)
	}
	want := `NAME              FIGURE              GOAL                    RATIO  MET
median of three   110.00 ms           ≤ 1.1 × Verify/alone    1.05   yes
just met          110.00 ms           ≤ 110.00 ms             1.00   yes
with the worst    250 µs (9.00 ms)    ≤ 2.00 ms               0.12   yes
the worst counts  9.00 ms             ≤ 16.00 ms              0.56   yes
at least          1.90 ×              ≥ 0.9 × x-machine       0.95   yes
no goal           12.3 MB                                            
no goal, a ratio  250 µs                                      0.17   
elsewhere         not here                                           –
`
	if got := squeeze(out.String()); got != squeeze(want) {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// squeeze makes the width of the columns not count.
func squeeze(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n")
}

// What is missed or missing is said, and the goals are not met.
func TestTableRefuses(t *testing.T) {
	t.Parallel()
	none := measure{"None", "ns/op"}
	move := measure{"Key/move", "median-ns"}
	for name, tt := range map[string]struct {
		r    row
		want string
	}{
		"over an absolute goal": {row{of: move, goal: 249e3, show: nanoseconds}, "NO"},
		"over a relative goal":  {row{of: measure{"Verify/plimsoll", "ns/op"}, against: &measure{"Verify/alone", "ns/op"}, goal: 1.04, show: nanoseconds}, "NO"},
		"less than the least":   {row{of: move, against: &move, goal: 1.01, least: true, show: nanoseconds}, "NO"},
		"missing":               {row{of: none, goal: 1, show: nanoseconds}, "missing: None ns/op"},
		"missing, no goal":      {row{of: none, show: nanoseconds}, "missing: None ns/op"},
		"nothing to compare":    {row{of: move, against: &none, goal: 1, show: nanoseconds}, "missing: None ns/op"},
		"no worst":              {row{of: move, beside: &none, goal: 1e9, show: nanoseconds}, "missing: None ns/op"},
		"another unit":          {row{of: measure{"Key/move", "B"}, goal: 1, show: nanoseconds}, "missing: Key/move B"},
		"nothing to divide by":  {row{of: move, against: &measure{"Zero", "ns/op"}, goal: 1, show: nanoseconds}, "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			f := canned(t, "BenchmarkZero 1 0 ns/op\n")
			var out bytes.Buffer
			met, err := table(&out, []row{{name: "good", of: move, goal: 1e9, show: nanoseconds}, tt.r}, f)
			if err != nil || met {
				t.Errorf("met %v, %v", met, err)
			}
			if !strings.Contains(out.String(), tt.want) || !strings.Contains(out.String(), "NO") {
				t.Errorf("got\n%s\nwant %q", out.String(), tt.want)
			}
		})
	}
}

func TestOutputThatIsNoBenchmark(t *testing.T) {
	t.Parallel()
	if err := (figures{}).read(strings.NewReader("BenchmarkKey-2 many 1 ns/op\n")); err == nil {
		t.Error("a line that makes no sense was read")
	}
}

// Every row has a name of its own and shows something.
func TestRowsHaveNames(t *testing.T) {
	t.Parallel()
	for _, long := range []bool{false, true} {
		names := map[string]bool{}
		for _, r := range rows(long) {
			if names[r.name] || r.show == nil {
				t.Errorf("%q is there twice, or shows nothing", r.name)
			}
			names[r.name] = true
		}
		if len(names) < 30 {
			t.Errorf("only %d rows", len(names))
		}
	}
}

func TestWithoutProcessors(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Key/move-8": "Key/move", "Key/move": "Key/move", "a-b": "a-b", "a-b-16": "a-b", "x/100-2": "x/100"} {
		if got := withoutProcessors(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// Figures are shown in a unit that can be read.
func TestUnits(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		nanoseconds(1.5e9): "1.50 s", nanoseconds(2.25e6): "2.25 ms", nanoseconds(999e3): "999 µs", nanoseconds(0): "0 µs",
		size(1024): "1024 B", size(12_447): "12.4 kB", size(295.5e6): "295.5 MB",
		plain("")(1196): "1196", plain("")(1.241): "1.24", number(1.15): "1.15", ratioText(0.0189): "0.02",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
