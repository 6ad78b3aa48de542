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
			if s.SetFilter(tt.filter); s.Shown() != tt.want || s.PresetName(tt.preset) != tt.name {
				t.Errorf("%s with %q shows %d, want %d", tt.name, tt.filter, s.Shown(), tt.want)
			}
		})
	}
	s.SetFilter("")
	s.SetPreset(All)
	for i := range len(s.Questions()) + 1 {
		if s.Preset() != Preset(i) {
			t.Errorf("%d is on after %d steps", s.Preset(), i)
		}
		s.SetPreset(s.NextPreset(1))
	}
	if s.SetPreset(s.NextPreset(-1)); s.Preset() != Warned {
		t.Errorf("before the first comes %d, want the last", s.Preset())
	}
	for _, p := range []Preset{-1, Warned + 1} {
		if s.SetPreset(p); s.Preset() != All {
			t.Errorf("%d leads to %d, want all", p, s.Preset())
		}
	}
}

// Only what is verified is not among what is not proven.
func TestNotProvenIsEverythingElse(t *testing.T) {
	t.Parallel()
	for _, status := range verify.Statuses() {
		for _, fails := range []bool{false, true} {
			row := &Row{Status: status, fails: fails}
			not, proven := questions[NotProven-1].Holds(row), questions[Proven-1].Holds(row)
			if not == (status == verify.Verified && !fails) || not == proven {
				t.Errorf("%v, fails %v: not proven %v, verified %v", status, fails, not, proven)
			}
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
		if got := questions[Warned-1].Holds(row); got != tt.want {
			t.Errorf("%+v: %v", tt.report, got)
		}
	}
}

// What a policy fails is with what fails by its evidence: in the order, under the
// preset, and in the counts; a decision that waives it takes it out again.
func TestWhatFailsByPolicyFails(t *testing.T) {
	t.Parallel()
	s := loaded("a", "b", "c")
	policy := verify.Finding{Rule: "policy.status", Severity: verify.SeverityError, Operator: true}
	for id, report := range []*verify.Report{
		{Status: verify.None}, {Status: verify.Partial}, {Status: verify.Verified, Findings: []verify.Finding{policy}},
	} {
		s.Replace(id, report)
	}
	s.Arrange()
	if got := s.Window(0, 3); fmt.Sprint(got) != "[2 1 0]" || s.Failing(verify.Verified) != 1 || s.Proven() != 0 {
		t.Errorf("the order is %v, %d fail, %d are proven", got, s.Failing(verify.Verified), s.Proven())
	}
	for preset, want := range map[Preset]int{NotProven: 3, Failing: 1, Proven: 0} {
		if s.SetPreset(preset); s.Shown() != want {
			t.Errorf("%s shows %d, want %d", s.PresetName(preset), s.Shown(), want)
		}
	}
	s.Amend(2, &verify.Report{Status: verify.Verified})
	if s.Failing(verify.Verified) != 0 || s.Proven() != 1 {
		t.Errorf("after a decision %d fail, %d are proven", s.Failing(verify.Verified), s.Proven())
	}
}

// What a store is asked can be replaced, and a filter is a question.
func TestAFilterIsAQuestion(t *testing.T) {
	t.Parallel()
	s := shelf()
	match, problem := Match("p:npx st:mos")
	if problem != "no status mos" {
		t.Errorf("the problem is %q", problem)
	}
	s.Offer(append(s.Questions(), Question{"ours", match})...)
	if s.SetPreset(s.NextPreset(-1)); s.PresetName(s.Preset()) != "ours" || s.Shown() == 0 || s.Shown() == s.Len() {
		t.Errorf("%q shows %d of %d", s.PresetName(s.Preset()), s.Shown(), s.Len())
	}
}
