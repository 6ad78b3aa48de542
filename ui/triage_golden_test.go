package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui/coverage"
	reports "plimsoll/ui/report"
	"plimsoll/verify"
)

// triageScenes are the states of the triage screen and of the coverage page.
var triageScenes = []struct {
	name string
	make func(tea.WindowSizeMsg) *Model
}{
	{"invalid", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return m }},
	{"mismatch", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return press(m, "n") }},
	{"warning", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return press(m, "nn") }},
	{"resurfaced", resurfacedScreen},
	{"diff", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return do(m, "n", "a") }},
	{"reason", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return press(m, "n", "x", "it moved") }},
	{"until", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return press(m, "n", "x", "it moved", "enter", "2027-01")
	}},
	{"decided", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return do(m, "n", "!", "a fork", "enter")
	}},
	{"decided-overview", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return press(do(m, "n", "!", "a fork", "enter", "esc", "j"), "enter", "ctrl+d")
	}},
	{"nothing", func(size tea.WindowSizeMsg) *Model { return press(openedAt(size), "esc", "t") }},
	{"no-catalog", func(size tea.WindowSizeMsg) *Model {
		o, _, events := triageOptions()
		o.Triage = nil
		return press(send(New(o), size, events), "t", "n")
	}},
	{"coverage", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return do(m, "D")
	}},
	{"coverage-running", func(size tea.WindowSizeMsg) *Model { return press(openedAt(size), "D") }},
	{"coverage-trend", func(size tea.WindowSizeMsg) *Model {
		o, _, events := triageOptions()
		o.CoverageRuns = earlierRuns
		return press(do(send(New(o), size, events), "D"), "G")
	}},
	{"results", func(size tea.WindowSizeMsg) *Model { return press(resultsScreen(size), "r") }},
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

func TestGoldenTriage(t *testing.T) {
	for _, size := range []tea.WindowSizeMsg{{Width: 120, Height: 40}, {Width: 80, Height: 24}, {Width: 40, Height: 10}} {
		name := fmt.Sprintf("triage-%dx%d", size.Width, size.Height)
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, scene := range triageScenes {
				m := scene.make(size)
				checkFrame(t, m, scene.name)
				fmt.Fprintf(&b, "=== %s\n%s\n", scene.name, visible(m.View()))
			}
			testfiles.Golden(t, name+".golden", b.String())
		})
	}
}
