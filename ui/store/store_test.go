package store

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

func describe(spec catalog.Spec, report *verify.Report) Texts {
	c := Texts{
		layout.Package: untrusted.Clean(string(spec.Protocol) + "/" + string(spec.Package)),
		layout.Version: spec.Version.String(),
		layout.Source:  "–",
	}
	if report != nil {
		c[layout.Source] = report.Reason
	}
	return c
}

func specs(names ...string) []catalog.Spec {
	var list []catalog.Spec
	for _, name := range names {
		list = append(list, catalog.Spec{
			Path: untrusted.Text("npx/" + name + "/spec.yaml"), Protocol: catalog.NPX,
			Server: untrusted.Text(name), Package: untrusted.Text("@x/" + name), Version: "1.0.0",
		})
	}
	return list
}

func loaded(names ...string) *Store {
	s := New(describe)
	s.Load(specs(names...))
	return s
}

// answer gives the answer to a task.
func answer(t scan.Task, status verify.Status) scan.Event {
	return scan.Event{ID: t.ID, Generation: t.Generation, Kind: scan.Finished,
		Report: &verify.Report{Status: status, Reason: "because " + status.String()}}
}

func shown(s *Store) string {
	var names []string
	for _, id := range s.Window(0, s.Shown()) {
		names = append(names, s.Row(id).Spec.Server.String())
	}
	return strings.Join(names, " ")
}

func TestNothingIsAnythingBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	list := specs("a", "b", "c")
	list[1].Err = &catalog.SpecError{Path: "npx/b/spec.yaml", Message: "expected a mapping"}
	s := New(describe)
	s.Load(list)
	if got := s.Count(verify.Pending); got != 2 {
		t.Errorf("%d pending, want 2", got)
	}
	if s.Row(1).Status != verify.Unchecked {
		t.Errorf("a broken spec is %v, want error", s.Row(1).Status)
	}
	if s.Row(3) != nil || s.Row(-1) != nil {
		t.Error("there is a row that does not exist")
	}
}

func TestAnswersAreCountedOnce(t *testing.T) {
	t.Parallel()
	s := loaded("a", "b")
	tasks := s.Ask(s.All()...)
	if answered, asked := s.Progress(); answered != 0 || asked != 2 {
		t.Errorf("progress %d of %d, want 0 of 2", answered, asked)
	}
	s.Apply([]scan.Event{
		{ID: 0, Generation: tasks[0].Generation, Kind: scan.Progress, Message: "fetching the manifest"},
		answer(tasks[1], verify.Verified), answer(tasks[1], verify.None),
	})
	if got := s.Row(0).Message; got != "fetching the manifest" {
		t.Errorf("message %q", got)
	}
	if answered, asked := s.Progress(); answered != 1 || asked != 2 {
		t.Errorf("progress %d of %d, want 1 of 2", answered, asked)
	}
	if s.Row(1).Status != verify.Verified || s.Count(verify.Verified) != 1 || s.Count(verify.None) != 0 {
		t.Error("the second answer to one question counted")
	}
	s.Apply([]scan.Event{answer(tasks[0], verify.Unchecked)})
	if s.Working() {
		t.Error("still working after the last answer")
	}
}

func TestStaleAnswersAreDropped(t *testing.T) {
	t.Parallel()
	s := loaded("a")
	first := s.Ask(0)[0]
	second := s.Ask(0)[0]
	s.Apply([]scan.Event{answer(first, verify.Verified), {ID: 7, Kind: scan.Finished}, {ID: -1}})
	if got := s.Row(0).Status; got != verify.Pending {
		t.Errorf("a stale answer made the row %v", got)
	}
	s.Apply([]scan.Event{answer(second, verify.Mismatch)})
	if got := s.Row(0).Status; got != verify.Mismatch || s.Working() {
		t.Errorf("status %v, working %v", got, s.Working())
	}
}

func TestAnAnswerWithoutVerdictIsAnError(t *testing.T) {
	t.Parallel()
	for _, report := range []*verify.Report{nil, {}, {Status: 99}} {
		s := loaded("a")
		task := s.Ask(0)[0]
		s.Apply([]scan.Event{{ID: 0, Generation: task.Generation, Kind: scan.Finished, Report: report}})
		if row := s.Row(0); row.Status != verify.Unchecked || row.Report.Status != verify.Unchecked || row.Report.Reason == "" {
			t.Errorf("%+v made the row %v, %+v", report, row.Status, row.Report)
		}
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	s := loaded("delta", "alpha", "charlie", "bravo")
	tasks := s.Ask(s.All()...)
	s.Apply([]scan.Event{
		answer(tasks[0], verify.Verified), answer(tasks[1], verify.Invalid),
		answer(tasks[2], verify.Mismatch), answer(tasks[3], verify.Unchecked),
	})
	s.Arrange()
	tests := []struct {
		name string
		sort Sort
		want string
	}{
		{"the worst first", Sort{}, "alpha bravo charlie delta"},
		{"the best first", Sort{Reverse: true}, "delta charlie bravo alpha"},
		{"by package", Sort{Column: layout.Package}, "alpha bravo charlie delta"},
		{"equals in the catalog's order", Sort{Column: layout.Version}, "delta alpha charlie bravo"},
		{"equals reversed, too", Sort{Column: layout.Version, Reverse: true}, "delta alpha charlie bravo"},
		{"by source", Sort{Column: layout.Source}, "alpha charlie bravo delta"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s.SetSort(tt.sort); shown(s) != tt.want {
				t.Errorf("order %q, want %q", shown(s), tt.want)
			}
		})
	}
}

func TestVersionsSortAsNumbers(t *testing.T) {
	t.Parallel()
	versions := []string{"0.9", "1.0.0", "1.0.0-rc1", "1.2.10", "1.2.9", "1.10.0", "2024.1.1", "v1"}
	want := []string{"0.9", "1.0.0", "1.0.0-rc1", "1.2.9", "1.2.10", "1.10.0", "2024.1.1", "v1"}
	slices.SortFunc(versions, func(a, b string) int { return strings.Compare(naturalKey(a), naturalKey(b)) })
	if !slices.Equal(versions, want) {
		t.Errorf("order %v, want %v", versions, want)
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	s := loaded("alpha", "bravo", "Alphabet")
	tasks := s.Ask(s.All()...)
	s.Apply([]scan.Event{answer(tasks[0], verify.Verified), answer(tasks[1], verify.Mismatch)})
	s.SetSort(Sort{Column: layout.Package})
	tests := []struct{ name, filter, want string }{
		{"nothing", "", "alpha Alphabet bravo"},
		{"a part of a name, in any case", "ALPHA", "alpha Alphabet"},
		{"a status", "mismatch", "bravo"},
		{"a source", "because ver", "alpha"},
		{"all words must hold", "npx/ pending", "Alphabet"},
		{"not across two cells", "bravobecause", ""},
		{"nothing matches", "zulu", ""},
		{"only spaces", "  ", "alpha Alphabet bravo"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s.SetFilter(tt.filter); shown(s) != tt.want {
				t.Errorf("%q shows %q, want %q", tt.filter, shown(s), tt.want)
			}
			if s.Filter() != tt.filter {
				t.Errorf("the filter is %q, want %q", s.Filter(), tt.filter)
			}
		})
	}
}

func cursor(s *Store) string {
	if row := s.Cursor(); row != nil {
		return row.Spec.Server.String()
	}
	return ""
}

func TestTheCursorBelongsToAPackage(t *testing.T) {
	t.Parallel()
	s := loaded("alpha", "bravo", "charlie", "delta")
	tasks := s.Ask(s.All()...)

	s.Apply([]scan.Event{answer(tasks[3], verify.Invalid)})
	if s.Arrange(); cursor(s) != "delta" {
		t.Errorf("before any key the cursor is on %q, want the worst", cursor(s))
	}
	s.Move(2)
	if cursor(s) != "bravo" {
		t.Fatalf("the cursor is on %q, want bravo", cursor(s))
	}
	s.Apply([]scan.Event{answer(tasks[0], verify.Verified), answer(tasks[2], verify.Invalid)})
	if s.Arrange(); cursor(s) != "bravo" {
		t.Errorf("results moved the cursor to %q", cursor(s))
	}

	s.SetFilter("pending")
	s.Apply([]scan.Event{answer(tasks[1], verify.Verified)})
	if s.Arrange(); cursor(s) != "bravo" || shown(s) != "bravo" {
		t.Errorf("a result took the row from under the cursor: on %q of %q", cursor(s), shown(s))
	}
	s.SetFilter("invalid")
	if cursor(s) == "bravo" || cursor(s) == "" {
		t.Errorf("a filter that hides bravo leaves the cursor on %q", cursor(s))
	}
	s.SetFilter("nothing like it")
	if cursor(s) != "" || s.Place() != -1 {
		t.Errorf("the cursor is on %q of an empty table", cursor(s))
	}
	s.Move(1)
	s.MoveTo(3)
	s.SetFilter("")
	if cursor(s) != "bravo" {
		t.Errorf("without the filter the cursor is on %q, want bravo again", cursor(s))
	}
}

func TestHoldTiesTheCursorDown(t *testing.T) {
	t.Parallel()
	s := loaded("alpha", "bravo")
	tasks := s.Ask(s.All()...)
	s.Hold()
	s.Apply([]scan.Event{answer(tasks[1], verify.Invalid)})
	if s.Arrange(); cursor(s) != "alpha" || s.Place() != 1 {
		t.Errorf("the cursor is on %q at %d, want alpha at 1", cursor(s), s.Place())
	}
}

// A row that a person has done something with, and that a filter had put under
// the cursor, is the one that the cursor stays on.
func TestHoldChoosesTheRow(t *testing.T) {
	t.Parallel()
	s := loaded("alpha", "bravo", "charlie")
	s.MoveTo(2)
	s.SetFilter("bravo")
	s.Hold()
	if s.SetFilter(""); cursor(s) != "bravo" {
		t.Errorf("the cursor is on %q, want bravo", cursor(s))
	}
}

// Whatever happens, the order holds each row at most once, the counts add up,
// and results alone never move the cursor off its row.
func TestStoreHolds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	s := New(describe)
	var tasks []scan.Task
	for step := range 20_000 {
		before, marks, results := cursor(s), marked(s), false
		switch random.IntN(14) {
		case 0:
			if random.IntN(50) == 0 || s.Len() == 0 {
				var names []string
				for i := range random.IntN(40) {
					names = append(names, fmt.Sprintf("%c-%d", 'a'+rune(i%7), i))
				}
				s.Load(specs(names...))
				tasks = nil
			}
		case 1:
			s.SetFilter([]string{"", "a", "b", "verified", "pending", "zzz", "~a", "!st:inv", "st:"}[random.IntN(9)])
		case 2:
			s.SetSort(Sort{layout.Column(random.IntN(int(layout.Columns))), random.IntN(2) == 0})
		case 3:
			tasks = append(tasks, s.Ask(random.IntN(45)-2, random.IntN(45)-2)...)
		case 4:
			s.Move(random.IntN(21) - 10)
		case 5:
			s.MoveTo(random.IntN(60) - 10)
		case 6:
			s.ToggleMark()
		case 7:
			s.ToggleRange()
		case 8:
			if random.IntN(4) == 0 {
				s.ToggleAll()
			}
		case 9:
			if random.IntN(4) == 0 {
				s.Unmark()
			}
		case 10:
			s.SetPreset(Preset(random.IntN(len(questions) + 1)))
		default:
			results = true
			if len(tasks) > 0 {
				task := tasks[random.IntN(len(tasks))]
				s.Apply([]scan.Event{answer(task, verify.Status(random.IntN(numStatuses+1)))})
			}
			s.Arrange()
		}
		if results && s.held && before != "" && cursor(s) != before {
			t.Fatalf("step %d: results moved the cursor from %q to %q", step, before, cursor(s))
		}
		if now := marked(s); results && now != marks {
			t.Fatalf("step %d: results changed the marks from %q to %q", step, marks, now)
		}
		check(t, step, s)
	}
}

func check(t *testing.T, step int, s *Store) {
	t.Helper()
	seen, sum := map[int]bool{}, 0
	for place, id := range s.Window(0, s.Shown()) {
		if seen[id] || s.place[id] != place {
			t.Fatalf("step %d: row %d is at %d and %d", step, id, place, s.place[id])
		}
		seen[id] = true
	}
	for status := range numStatuses {
		sum += s.Count(verify.Status(status))
	}
	present, proven := 0, 0
	for id := range s.rows {
		if row := s.Row(id); !row.Gone && row.Report != nil && verify.Proven(row.Report, verify.Pending) {
			proven++
		}
		if row := s.Row(id); !row.Gone {
			present++
		} else if seen[id] || row.Waiting || s.Marked(id) {
			t.Fatalf("step %d: row %d is gone, and shown, waited for or marked", step, id)
		}
	}
	if sum != present || s.Len() != present || len(s.All()) != present {
		t.Fatalf("step %d: the counts add up to %d, the length is %d, %d are listed, of %d", step, sum, s.Len(), len(s.All()), present)
	}
	if proven != s.Proven() {
		t.Fatalf("step %d: %d are proven, it counts %d", step, proven, s.Proven())
	}
	if (s.Cursor() == nil) != (s.Shown() == 0) || s.Shown() > 0 && !seen[s.cursor] {
		t.Fatalf("step %d: the cursor is on row %d, %d shown", step, s.cursor, s.Shown())
	}
	if sorted := slices.IsSortedFunc(s.sorted, func(a, b int) int {
		order := strings.Compare(s.sortKey(s.rows[a]), s.sortKey(s.rows[b]))
		if s.sort.Reverse {
			order = -order
		}
		return cmp.Or(order, a-b)
	}); !sorted && !s.outOfOrder {
		t.Fatalf("step %d: the rows are not in the order of %+v", step, s.sort)
	}
	n, hidden := s.MarkCount()
	if n != len(s.Marks()) || hidden > n || s.Ranging() && !s.shown(s.anchor) {
		t.Fatalf("step %d: %d marked, %d of them hidden, %d listed, the range from %d", step, n, hidden, len(s.Marks()), s.anchor)
	}
	if answered, asked := s.Progress(); answered < 0 || answered > asked || s.Working() != (asked > 0) {
		t.Fatalf("step %d: progress %d of %d", step, answered, asked)
	}
}

func BenchmarkArrange10000(b *testing.B) {
	var names []string
	for i := range 10_000 {
		names = append(names, fmt.Sprintf("package-%d", i*7919%10_000))
	}
	for _, column := range []layout.Column{layout.Status, layout.Package, layout.Source} {
		b.Run(fmt.Sprint(column), func(b *testing.B) {
			s := loaded(names...)
			s.SetSort(Sort{Column: column})
			for b.Loop() {
				s.Arrange()
			}
		})
	}
}
