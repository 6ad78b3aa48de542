package main

import "fmt"

// rows is the table. long says that catalogs of 100,000 packages were measured.
func rows(long bool) []row {
	// What others leave of the machine: times on the wall (loading, starts) are
	// longer by as much, and by more where both cores are wanted.
	all := []row{{name: "this machine: wall to processor time", of: program("a busy loop", "wall to processor"), show: plain(" ×")}}
	all = append(all, verification()...)
	all = append(all, growth(long)...)
	all = append(all, screen()...)
	return append(all, startAndNetwork()...)
}

// program is a measure that is not a Go benchmark's.
func program(name, unit string) measure { return measure{name, unit} }

func to(m measure) *measure { return &m }

func verification() []row {
	times := plain(" ×")
	alone := func(name, benchmark string, goal float64, local bool) row {
		return row{name: name, of: measure{"Verify/" + benchmark, "x-alone"}, goal: goal, show: times, local: local}
	}
	return []row{
		alone("verdict, demo, to sigstore-go alone", "demo/brief", 0.85, false),
		alone("with every step, and all there is to look at", "demo/explained", 0, false),
		alone("verdict, real evidence, to sigstore-go alone", "real/brief", 0.85, true),
		{name: "verdicts a second, demo", of: measure{"Verify/demo/brief", "packages/s"}, show: plain("")},
		{name: "all cores to one, of what the machine gave", of: measure{"Cores/demo", "x-one"}, against: to(measure{"Cores/demo", "x-machine"}),
			goal: 0.9, least: true, show: times},
		{name: "10,000 specs loaded", of: measure{"Load", "ns/load"}, show: nanoseconds},
		{name: "the same, to plain reading and yaml.v3 alone", of: measure{"Load", "x-plain"}, goal: 1.3, show: times},
		{name: "the same, of the time of the processor", of: measure{"Load", "cpu-x-plain"}, goal: 1.3, show: times},
		{name: "whole run, time a package", of: measure{"WholeRun", "cpu-ns/package"}, show: nanoseconds},
		{name: "the same, to its verdicts alone", of: measure{"WholeRun", "x-verdicts"}, goal: 1.15, show: times},
	}
}

// growth compares larger catalogs with 1,000 packages: with 100, what is there once
// is a good part.
func growth(long bool) []row {
	sizes := []struct{ name, text string }{{"100", "100"}, {"1000", "1,000"}, {"10000", "10,000"}}
	if long {
		sizes = append(sizes, struct{ name, text string }{"100000", "100,000"})
	}
	var all []row
	for _, kind := range []struct {
		name, unit string
		show       func(float64) string
	}{{"time a package", "cpu-ns/package", nanoseconds}, {"memory kept a package", "heap-B/package", size}} {
		base := measure{"Growth/1000", kind.unit}
		for i, s := range sizes {
			r := row{name: kind.name + " of " + s.text, of: measure{"Growth/" + s.name, kind.unit}, show: kind.show}
			if i > 1 {
				r.against, r.goal = &base, 1.2
			}
			all = append(all, r)
		}
	}
	for _, m := range memories(long) {
		name := fmt.Sprintf("peak memory, %s, %d packages", m.kind, m.packages)
		all = append(all, row{name: name, of: m.measure(), goal: m.goal, show: size})
	}
	return all
}

func screen() []row {
	frame := func(name, benchmark string, goal float64) row {
		return row{name: name, of: measure{benchmark, "median-ns"}, beside: to(measure{benchmark, "longest-ns"}), goal: goal, show: nanoseconds}
	}
	const key = 2e6
	return []row{
		{name: "first frame from start, terminal", of: program("first frame", "ns"), goal: 50e6, show: nanoseconds},
		frame("first frame, ours alone (longest)", "FirstFrame", 50e6),
		frame("key: move (longest)", "Key/move", key),
		frame("key: page (longest)", "Key/page", key),
		frame("key: end (longest)", "Key/end", key),
		frame("key: sort (longest)", "Key/sort", key),
		frame("key: preset (longest)", "Key/preset", key),
		frame("key: filter, letter by letter (longest)", "Key/filter", key),
		frame("key: fuzzy filter, letter by letter (longest)", "Key/fuzzy_filter", key),
		frame("key: open (longest)", "Key/open", key),
		frame("key: tab and next package (longest)", "Key/tab", key),
		frame("key: close (longest)", "Key/close", key),
		frame("key: mark all (longest)", "Key/mark_all", key),
		frame("key: coverage (longest)", "Key/coverage", key),
		frame("key: triage, its next findings (longest)", "Key/triage", key),
		frame("key: palette, letter by letter (longest)", "Key/palette", key),
		frame("key: help (longest)", "Key/help", key),
		frame("key: an explanation (longest)", "Key/explain", key),
		frame("key: the preview, its size (longest)", "Key/preview", key),
		{name: "10,000 results and keys: longest frame", of: measure{"Burst", "longest-ns"}, worst: true, goal: 16e6, show: nanoseconds},
	}
}

func startAndNetwork() []row {
	version, hello := program("plimsoll version", "ns"), program("a Go program that does nothing", "ns")
	return []row{
		{name: "plimsoll version", of: version, goal: 30e6, show: nanoseconds},
		{name: "plimsoll version, against it", of: version, against: &hello, show: nanoseconds},
		{name: "/bin/true, against it", of: program("/bin/true", "ns"), against: &hello, show: nanoseconds},
		{name: "size of the program", of: program("plimsoll", "B"), show: size},
		{name: "size without symbols (-ldflags='-s -w')", of: program("plimsoll -s -w", "B"), against: to(program("plimsoll", "B")), show: size},
		{name: "requests a package, demo", of: measure{"Network/demo", "requests/package"}, goal: 2, show: plain("")},
		{name: "bytes a package, demo", of: measure{"Network/demo", "fetched-B/package"}, show: size},
		{name: "bytes a package, real evidence", of: measure{"Network/recorded", "fetched-B/package"},
			against: to(measure{"Network/recorded", "whole-B/package"}), goal: 1, show: size, local: true},
	}
}
