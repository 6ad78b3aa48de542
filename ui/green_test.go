package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/verify"
	"plimsoll/verify/scan"
)

const greenMark = "\x1b[32m✓"

// The check mark and the count of what is verified are green only for what
// passes and was verified now.
func TestGreenIsWhatPasses(t *testing.T) {
	t.Parallel()
	const id = 5 // verified
	for name, tt := range map[string]struct {
		change func(*verify.Report)
		green  bool
	}{
		"verified": {func(*verify.Report) {}, true},
		"policy": {func(r *verify.Report) {
			r.Findings = []verify.Finding{{Rule: "policy.slsa", Severity: verify.SeverityError}}
		}, false},
		"known": {func(r *verify.Report) {
			r.Findings = []verify.Finding{{Rule: "policy.slsa", Severity: verify.SeverityError, Known: true}}
		}, true},
		"read back": {func(r *verify.Report) { r.ReadBack = true }, false},
	} {
		o := options()
		o.Specs = o.Specs[id : id+1]
		r := report(id)
		tt.change(r)
		m := send(New(o), full, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}})
		for page, keys := range map[string][]string{"table": nil, "package": {"enter"}} {
			frame := press(m, keys...).View()
			if got := strings.Contains(frame, greenMark) || strings.Contains(frame, "\x1b[32m1 ✓ proven"); got != tt.green {
				t.Errorf("%s, %s: green %v, want %v:\n%s", name, page, got, tt.green, visible(frame))
			}
		}
	}
}

// Wherever one goes in results that were read back, the screen says so.
func TestResultsSayOnEveryPageThatNothingWasVerified(t *testing.T) {
	t.Parallel()
	for _, size := range []tea.WindowSizeMsg{{Width: 120, Height: 40}, {Width: 80, Height: 24}} {
		for _, keys := range [][]string{{}, {"enter"}, {"enter", "tab"}, {"enter", "tab", "tab"}, {"enter", "tab", "tab", "tab"}, {"t"}, {"T"}, {"D"}, {"?"}, {"H"}, {"enter", "H"}} {
			m := resultsScreen(size)
			frame := press(m, keys...).View()
			if !strings.Contains(frame, "nothing was verified now") {
				t.Errorf("%v at %dx%d:\n%s", keys, size.Width, size.Height, visible(frame))
			}
			if strings.Contains(frame, "\x1b[32m") {
				t.Errorf("%v at %dx%d: something is green:\n%s", keys, size.Width, size.Height, visible(frame))
			}
		}
	}
}

func TestTheOperatorsDemandCannotBeKnown(t *testing.T) {
	t.Parallel()
	o, used, _ := triageOptions()
	r := proven()
	r.Findings = []verify.Finding{{Rule: "policy.slsa", Severity: verify.SeverityError, Message: "a higher level", Expected: "at least 3", Observed: "2", Operator: true}}
	m := press(send(New(o), full, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}}), "t")
	if !strings.Contains(m.View(), "what the policy on the command line demands") {
		t.Errorf("the screen offers it:\n%s", visible(m.View()))
	}
	do(m, "x")
	expectSaid(t, m, "cannot be marked as known")
	if m.overlay != nil || len(used.saved) != 0 {
		t.Error("something was asked or saved")
	}
}
