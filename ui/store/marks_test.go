package store

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/ui/layout"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

func marked(s *Store) string {
	var names []string
	for _, id := range s.Marks() {
		names = append(names, s.Row(id).Spec.Server.String())
	}
	return strings.Join(names, " ")
}

func byName(names ...string) *Store {
	s := loaded(names...)
	s.SetSort(Sort{Column: layout.Package})
	return s
}

func wantMarks(t *testing.T, s *Store, want string) {
	t.Helper()
	if got := marked(s); got != want {
		t.Fatalf("marked %q, want %q", got, want)
	}
}

func TestMarksBelongToPackages(t *testing.T) {
	t.Parallel()
	s := byName("a", "b", "c", "d")
	s.ToggleMark()
	wantMarks(t, s, "a")
	if cursor(s) != "b" {
		t.Errorf("marking left the cursor on %q, want b", cursor(s))
	}
	s.Move(1)
	s.ToggleMark()
	s.SetSort(Sort{Column: layout.Package, Reverse: true})
	wantMarks(t, s, "a c")
	s.SetFilter("x/d")
	wantMarks(t, s, "a c")
	if n, hidden := s.MarkCount(); n != 2 || hidden != 2 {
		t.Errorf("%d marked, %d hidden; want 2, 2", n, hidden)
	}
	s.SetFilter("")
	s.MoveTo(3)
	s.ToggleMark() // a is last, and unmarked again
	wantMarks(t, s, "c")
	if cursor(s) != "a" {
		t.Errorf("marking the last row moved the cursor to %q", cursor(s))
	}
	if !s.Unmark() || s.Unmark() {
		t.Error("Unmark does not say whether there were marks")
	}
	wantMarks(t, s, "")
}

func TestRange(t *testing.T) {
	t.Parallel()
	s := byName("a", "b", "c", "d", "e")
	s.Move(1)
	s.ToggleRange()
	wantMarks(t, s, "b")
	s.Move(2)
	wantMarks(t, s, "b c d")
	s.Move(-3) // to the other side of where it began
	wantMarks(t, s, "a b")
	s.ToggleRange()
	s.Move(4)
	wantMarks(t, s, "a b")

	s.ToggleRange()
	s.Move(-1)
	wantMarks(t, s, "a b d e")
	if s.Unmark(); s.Ranging() {
		t.Error("the range is open still")
	}
	wantMarks(t, s, "a b")

	s.MoveTo(2)
	s.ToggleRange()
	s.Move(1)
	s.ToggleMark() // ends it
	wantMarks(t, s, "a b c d")
	if s.Ranging() || cursor(s) != "d" {
		t.Errorf("ranging %v, the cursor on %q", s.Ranging(), cursor(s))
	}
}

// Results that re-order the rows put nothing into a range that a person did
// not put there.
func TestResultsDoNotGetIntoARange(t *testing.T) {
	t.Parallel()
	s := loaded("a", "b", "c", "d", "e")
	tasks := s.Ask(s.All()...)
	s.MoveTo(1)
	s.ToggleRange()
	s.Move(1)
	wantMarks(t, s, "b c")
	s.Apply([]scan.Event{answer(tasks[1], verify.Verified), answer(tasks[4], verify.Verified), answer(tasks[0], verify.None)})
	s.Arrange()
	wantMarks(t, s, "b c")
	s.Move(1)
	if got := marked(s); strings.Count(got, " ") != 2 && cursor(s) != "b" {
		t.Errorf("marked %q after moving on to %q", got, cursor(s))
	}
}

func TestToggleAll(t *testing.T) {
	t.Parallel()
	s := byName("alpha", "bravo", "Alphabet")
	s.ToggleMark()
	s.SetFilter("alpha")
	s.ToggleAll()
	wantMarks(t, s, "alpha Alphabet")
	s.SetFilter("")
	s.ToggleAll()
	wantMarks(t, s, "alpha bravo Alphabet")
	s.SetFilter("bravo")
	s.ToggleAll() // none of those shown
	wantMarks(t, s, "alpha Alphabet")
	s.SetFilter("nothing like it")
	s.ToggleAll()
	s.ToggleMark()
	s.ToggleRange()
	wantMarks(t, s, "alpha Alphabet")
	if s.Ranging() {
		t.Error("a range began on no row")
	}
}

func TestPresets(t *testing.T) {
	t.Parallel()
	s := shelf()
	tests := []struct {
		preset       Preset
		name, filter string
		want         int
	}{
		{All, "all", "", 7}, {NotProven, "not proven", "", 5}, {NotProven, "not proven", "npx", 3},
		{Failing, "failing", "", 2}, {Failing, "failing", "!yaml", 1}, {Unchecked, "could not be checked", "", 1},
		{NoEvidence, "no evidence", "", 1}, {Proven, "verified", "", 2}, {Proven, "verified", "st:none", 0},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.preset, " ", tt.filter), func(t *testing.T) {
			s.SetPreset(tt.preset)
			if s.SetFilter(tt.filter); s.Shown() != tt.want || tt.preset.String() != tt.name {
				t.Errorf("%s with %q shows %d, want %d", tt.preset, tt.filter, s.Shown(), tt.want)
			}
			if back, ok := ParsePreset(tt.name); !ok || back != tt.preset {
				t.Errorf("%q is read as %v", tt.name, back)
			}
		})
	}
	if _, ok := ParsePreset("nonsense"); ok {
		t.Error("nonsense is a preset")
	}
	p := All
	for range presets {
		if p.Next(1).Next(-1) != p {
			t.Errorf("the one before the one after %v is not %v", p, p)
		}
		p = p.Next(1)
	}
	if p != All {
		t.Errorf("round once, the preset is %v", p)
	}
}

// Only what is verified is not among what is not proven.
func TestNotProvenIsEverythingElse(t *testing.T) {
	t.Parallel()
	for _, status := range verify.Statuses() {
		row := &Row{Status: status}
		if NotProven.match(row) == (status == verify.Verified) || NotProven.match(row) == Proven.match(row) {
			t.Errorf("%v: not proven %v, verified %v", status, NotProven.match(row), Proven.match(row))
		}
	}
}

// The warnings that stand beside a good verdict are a preset of their own.
func TestWithWarnings(t *testing.T) {
	for _, tt := range []struct {
		report *verify.Report
		want   bool
	}{
		{nil, false},
		{&verify.Report{Status: verify.Verified}, false},
		{&verify.Report{Status: verify.Verified, Findings: []verify.Finding{{Severity: verify.Info}}}, false},
		{&verify.Report{Status: verify.Verified, Findings: []verify.Finding{{Severity: verify.Warning}}}, true},
		{&verify.Report{Status: verify.Verified, Findings: []verify.Finding{{Severity: verify.Warning, Known: true}}}, false},
		{&verify.Report{Status: verify.Invalid, Findings: []verify.Finding{{Severity: verify.Warning}}}, false},
	} {
		row := &Row{Report: tt.report}
		if tt.report != nil {
			row.Status = tt.report.Status
		}
		if got := Warned.match(row); got != tt.want {
			t.Errorf("%+v: %v", tt.report, got)
		}
	}
}
