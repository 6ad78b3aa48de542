package ui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/ui/coverage"
	reports "plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// triageScenes are the states of the triage screen.
var triageScenes = []scene{
	{"invalid", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return m }},
	{"mismatch", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return press(m, "n") }},
	{"warning", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return press(m, "nn") }},
	{"resurfaced", resurfacedScreen},
	{"decided", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return do(m, "n", "!", "a fork", "enter")
	}},
	{"undone", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return do(m, "n", "!", "a fork", "enter", "z")
	}},
	{"undone on the table", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return do(m, "n", "!", "a fork", "enter", "esc", "G", "z")
	}},
	{"accepted", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		do(m, "n", "a", "enter")
		return send(m, eventsMsg{{ID: 0, Generation: 2, Kind: scan.Finished, Report: proven()}})
	}},
	{"all-decided", func(size tea.WindowSizeMsg) *Model {
		o, _, events := triageOptions()
		events[2].Report = proven()
		return do(send(New(o), size, events), "t", "!", "a fork", "enter", "x", "moved", "enter", "enter")
	}},
	{"of what the table shows", func(size tea.WindowSizeMsg) *Model {
		o, _, events := triageOptions()
		return press(send(New(o), size, events), "/", "st:ver,mis", "enter", "t")
	}},
	{"nothing of what the table shows", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return do(press(m, "esc", "/", "@acme", "enter", "t"), "!", "a fork", "enter")
	}},
	{"filtered", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return press(m, "/", "sev:warning")
	}},
}

// coverageScenes are the states of the counts.
var coverageScenes = []scene{
	{"counts", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return do(m, "D")
	}},
	{"running", func(size tea.WindowSizeMsg) *Model { return press(openedAt(size), "D") }},
	{"trend", func(size tea.WindowSizeMsg) *Model {
		o, _, events := triageOptions()
		o.CoverageRuns = earlierRuns
		return press(do(send(New(o), size, events), "D"), "G")
	}},
}

// earlierRuns are two runs of which one found less.
func earlierRuns() ([]coverage.Run, error) {
	var runs []coverage.Run
	o, _, _ := triageOptions()
	for day, report := range []verify.Report{{Status: verify.None}, *proven()} {
		runs = append(runs, coverage.NewRun(time.Date(2026, 3, 1+day, 0, 0, 0, 0, time.UTC), "here",
			reports.Each([]reports.Package{{Spec: o.Specs[0], Report: report}, {Spec: o.Specs[1], Report: verify.Report{Status: verify.None}}})))
	}
	return runs, nil
}

// resultsScreen shows results that were saved.
func resultsScreen(size tea.WindowSizeMsg) *Model {
	o := options()
	o.Review = nil
	o.Engine, o.Trust = nil, "results read from saved.json: nothing was verified now"
	o.Specs = append([]catalog.Spec(nil), sampleSpecs()...)
	for id := range o.Specs {
		o.Results = append(o.Results, *report(id))
	}
	return send(New(o), size)
}
