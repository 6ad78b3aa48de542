package store

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// change is a spec that reads otherwise, is new or is gone.
type change struct {
	spec catalog.Spec
	gone bool
}

// onDisk is the change of a spec that now has a text; "" stands for a spec that
// is gone, "!" for one that cannot be read.
func onDisk(name, text string) change {
	spec := specs(name)[0]
	switch text {
	case "":
		return change{spec, true}
	case "!":
		spec.Err = &catalog.SpecError{Path: spec.Path, Message: "expected a mapping"}
	default:
		spec.SHA256 = sha256.Sum256([]byte(text))
		spec.Version = untrusted.Text(text)
	}
	return change{spec: spec}
}

// reload reloads the specs that a store has, but for some changes.
func reload(s *Store, changes ...change) Reloaded {
	var specs []catalog.Spec
	for _, id := range s.All() {
		specs = append(specs, *s.Row(id).Spec)
	}
	for _, c := range changes {
		i := slices.IndexFunc(specs, func(s catalog.Spec) bool { return s.Path == c.spec.Path })
		switch {
		case i < 0 && !c.gone:
			specs = append(specs, c.spec)
		case i >= 0 && c.gone:
			specs = slices.Delete(specs, i, i+1)
		case i >= 0:
			specs[i] = c.spec
		}
	}
	return s.Reload(specs)
}

// checked is a store with some packages, all of them verified.
func checked(names ...string) *Store {
	s := loaded(names...)
	for _, task := range s.Ask(s.All()...) {
		s.Apply([]scan.Event{answer(task, verify.Verified)})
	}
	s.Arrange()
	return s
}

func TestReload(t *testing.T) {
	t.Parallel()
	s := checked("a", "b", "c")
	s.MoveTo(1)
	s.ToggleMark() // b; the cursor is on c
	r := reload(s, onDisk("b", "2.0.0"), onDisk("d", "1.0.0"), onDisk("a", ""), change{spec: specs("c")[0]}, onDisk("zulu", ""))
	if !slices.Equal(r.Changed, []int{1}) || !slices.Equal(r.Added, []int{3}) || !slices.Equal(r.Removed, []int{0}) || r.Was[1] != verify.Verified {
		t.Fatalf("reloaded %+v", r)
	}
	if row := s.Row(1); row.Status != verify.Pending || row.Report != nil || row.Texts[layout.Version] != "2.0.0" || row.Texts[layout.Source] != "–" {
		t.Errorf("a spec that reads otherwise keeps the verdict of its old text: %+v", row)
	}
	if row := s.Row(2); row.Status != verify.Verified || row.Report == nil {
		t.Errorf("a spec that did not change lost its verdict: %+v", row)
	}
	if cursor(s) != "c" || marked(s) != "b" || s.Len() != 3 || !slices.Equal(s.All(), []int{1, 2, 3}) {
		t.Errorf("cursor %q, marks %q, %d rows %v", cursor(s), marked(s), s.Len(), s.All())
	}
	if row := s.Row(0); !row.Gone || row.Report == nil || len(s.Ask(0)) != 0 || s.Working() {
		t.Errorf("the row of a spec that is gone is %+v", row)
	}
	r = reload(s, onDisk("a", "1.0.0"))
	if row := s.Row(0); !slices.Equal(r.Added, []int{0}) || row.Gone || row.Status != verify.Pending || s.Len() != 4 {
		t.Errorf("a spec that came back is %+v, reloaded %+v", row, r)
	}
}

// A spec of other bytes reads otherwise, though it is of the same version: its
// provenance alone may have changed.
func TestReloadOfTheSameVersion(t *testing.T) {
	t.Parallel()
	s := checked("a")
	c := onDisk("a", "the provenance changed")
	c.spec.Version = s.Row(0).Spec.Version
	if r := reload(s, c); !slices.Equal(r.Changed, []int{0}) || s.Row(0).Status != verify.Pending {
		t.Errorf("reloaded %+v, the row is %v", r, s.Row(0).Status)
	}
}

func TestReloadOfABrokenSpec(t *testing.T) {
	t.Parallel()
	s := checked("a")
	if r := reload(s, onDisk("a", "!")); !slices.Equal(r.Changed, []int{0}) || s.Row(0).Status != verify.Unchecked || s.Count(verify.Unchecked) != 1 {
		t.Errorf("a spec that cannot be read any more is %v", s.Row(0).Status)
	}
	if r := reload(s, onDisk("a", "!")); !r.Empty() {
		t.Errorf("the same fault again is a change: %+v", r)
	}
	if r := reload(s, onDisk("a", "1.0.0")); !slices.Equal(r.Changed, []int{0}) || s.Row(0).Status != verify.Pending || s.Row(0).Spec.Err != nil {
		t.Errorf("a spec that was mended is %v", s.Row(0).Status)
	}
}

// An answer about the text before is dropped, and what was waited for is
// waited for no longer.
func TestReloadWhileWaiting(t *testing.T) {
	t.Parallel()
	s := loaded("a", "b")
	tasks := s.Ask(0, 1)
	reload(s, onDisk("a", "2.0.0"), onDisk("b", ""))
	if s.Working() {
		t.Error("answers are waited for that cannot come")
	}
	if done := s.Apply([]scan.Event{answer(tasks[0], verify.Verified), answer(tasks[1], verify.Verified)}); len(done) != 0 {
		t.Errorf("answers about specs that are no more were taken: %+v", done)
	}
	if s.Row(0).Status != verify.Pending || s.Count(verify.Verified) != 0 {
		t.Errorf("the row is %v", s.Row(0).Status)
	}
}

// The row under the cursor goes: the cursor is on the one that took its place,
// and a range that began there goes on from it.
func TestReloadTakesTheCursorsRow(t *testing.T) {
	t.Parallel()
	s := checked("a", "b", "c", "d")
	s.MoveTo(1)
	s.ToggleRange()
	s.Move(1)
	if reload(s, onDisk("c", "")); cursor(s) != "d" || marked(s) != "b d" {
		t.Errorf("the cursor is on %q, marked are %q", cursor(s), marked(s))
	}
	reload(s, onDisk("a", ""), onDisk("b", ""), onDisk("d", ""))
	if s.Cursor() != nil || s.Place() != -1 || s.Ranging() || s.Len() != 0 || shown(s) != "" {
		t.Errorf("of an empty table the cursor is at %d, shown are %q", s.Place(), shown(s))
	}
	if reload(s, onDisk("e", "1")); cursor(s) != "e" {
		t.Errorf("the cursor is on %q, want e", cursor(s))
	}
}

// Whatever comes and goes, the cursor, the marks and the filter stay on their
// packages, and the counts are right.
func TestReloadHolds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	s := checked("a-0", "a-1", "b-2", "b-3", "c-4")
	on := map[string]string{"a-0": "1.0.0", "a-1": "1.0.0", "b-2": "1.0.0", "b-3": "1.0.0", "c-4": "1.0.0"} // what is on disk
	var tasks []scan.Task
	for step := range 20_000 {
		switch random.IntN(8) {
		case 0:
			s.SetFilter([]string{"", "a-", "b", "verified", "st:pending", "~1"}[random.IntN(6)])
		case 1:
			s.SetSort(Sort{layout.Column(random.IntN(int(layout.Columns))), random.IntN(2) == 0})
		case 2:
			s.Move(random.IntN(9) - 4)
		case 3:
			s.ToggleMark()
		case 4:
			s.ToggleRange()
		case 5:
			tasks = append(tasks, s.Ask(random.IntN(30))...)
			if task := tasks; len(task) > 0 {
				s.Apply([]scan.Event{answer(task[random.IntN(len(task))], verify.Status(random.IntN(numStatuses)))})
				s.Arrange()
			}
		default:
			reloadAtRandom(t, random, step, s, on)
		}
		check(t, step, s)
		if s.Len() != len(on) {
			t.Fatalf("step %d: %d rows, want %d", step, s.Len(), len(on))
		}
		for _, id := range s.All() {
			row := s.Row(id)
			if row.ID != id || on[row.Spec.Server.String()] == "" || on[row.Spec.Server.String()] != "!" && row.Spec.Err == nil && on[row.Spec.Server.String()] != row.Texts[layout.Version] {
				t.Fatalf("step %d: row %d is %q %q, on disk it is %q", step, id, row.Spec.Server.String(), row.Texts[layout.Version], on[row.Spec.Server.String()])
			}
		}
	}
}

func reloadAtRandom(t *testing.T, random *rand.Rand, step int, s *Store, on map[string]string) {
	t.Helper()
	was, filter, held := cursor(s), s.Filter(), s.held
	before, statuses := map[string]bool{}, map[string]verify.Status{}
	for _, id := range s.Marks() {
		before[s.Row(id).Spec.Server.String()] = true
	}
	for _, id := range s.All() {
		statuses[s.Row(id).Spec.Server.String()] = s.Row(id).Status
	}
	var changes []change
	touched := map[string]bool{}
	for range random.IntN(4) {
		name := fmt.Sprintf("%c-%d", 'a'+rune(random.IntN(3)), random.IntN(8))
		text := []string{"", "!", "1.0.0", "2.0.0"}[random.IntN(4)]
		if on[name] = text; text == "" {
			delete(on, name)
		}
		touched[name] = true
		changes = append(changes, onDisk(name, text))
	}
	reload(s, changes...)
	if _, there := on[was]; held && was != "" && there && cursor(s) != was {
		t.Fatalf("step %d: the cursor went from %q to %q", step, was, cursor(s))
	}
	after := map[string]bool{}
	for _, id := range s.Marks() {
		after[s.Row(id).Spec.Server.String()] = true
	}
	for name := range before {
		if !touched[name] && !after[name] {
			t.Fatalf("step %d: %q lost its mark", step, name)
		}
	}
	for name := range after {
		if !before[name] && name != cursor(s) {
			t.Fatalf("step %d: %q got a mark", step, name)
		}
	}
	for _, id := range s.All() {
		if name := s.Row(id).Spec.Server.String(); !touched[name] && statuses[name] != s.Row(id).Status {
			t.Fatalf("step %d: %q is %v, was %v", step, name, s.Row(id).Status, statuses[name])
		}
	}
	if s.Filter() != filter {
		t.Fatalf("step %d: the filter is %q, was %q", step, s.Filter(), filter)
	}
}

// What is taken back is pending, or has another answer; what is gone or cannot
// be read stays, and no count is lost.
func TestOutdate(t *testing.T) {
	t.Parallel()
	for _, instead := range []func(*Row) *verify.Report{nil, func(*Row) *verify.Report { return &verify.Report{Status: verify.Unchecked, Reason: "no trust"} }} {
		s := New(func(catalog.Spec, *verify.Report) Texts { return Texts{} })
		specs := []catalog.Spec{{Path: "npx/a/spec.yaml"}, {Path: "npx/b/spec.yaml"}, {Path: "npx/c/spec.yaml"}, {Path: "npx/d/spec.yaml", Err: &catalog.SpecError{}}, {Path: "npx/e/spec.yaml"}}
		s.Load(specs)
		for _, task := range s.Ask(0, 1, 2, 3) {
			s.Apply([]scan.Event{{ID: task.ID, Generation: task.Generation, Kind: scan.Finished, Report: &verify.Report{Status: []verify.Status{verify.Verified, verify.Signed, verify.None, verify.Unchecked}[task.ID]}}})
		}
		reload(s, change{specs[2], true})
		was := s.Outdate(instead)
		if len(was) != 2 || was[0] != verify.Verified || was[1] != verify.Signed || s.Row(2).Status != verify.None || s.Len() != 4 {
			t.Errorf("was %v, %d rows", was, s.Len())
		}
		for id, want := range map[int]verify.Status{0: verify.Pending, 1: verify.Pending, 3: verify.Unchecked, 4: verify.Pending} {
			if instead != nil && id < 2 {
				want = verify.Unchecked
			}
			if got := s.Row(id); got.Status != want {
				t.Errorf("row %d is %v, want %v", id, got.Status, want)
			}
		}
		if got := s.Count(verify.Verified) + s.Count(verify.Signed); got != 0 {
			t.Errorf("%d are still counted as proven", got)
		}
		if got := s.Proven(); got != 0 {
			t.Errorf("%d may still be shown as good", got)
		}
	}
}

// Two specs of one package are told apart by their folders, as long as both are there.
func TestTwinsAreToldApart(t *testing.T) {
	t.Parallel()
	s := New(func(spec catalog.Spec, _ *verify.Report) (texts Texts) {
		texts[layout.Package] = "npx/" + string(spec.Package)
		return texts
	})
	spec := func(folder, name string) catalog.Spec {
		return catalog.Spec{Path: untrusted.Text("npx/" + folder + "/spec.yaml"), Protocol: catalog.NPX, Package: untrusted.Text(name), SHA256: [32]byte{name[0]}}
	}
	names := func() (names []string) {
		for _, id := range s.All() {
			names = append(names, s.Row(id).Texts[layout.Package])
		}
		return names
	}
	for _, step := range []struct {
		specs []catalog.Spec
		want  []string
	}{
		{[]catalog.Spec{spec("one", "x"), spec("two\x1b", "x"), spec("three", "y")}, []string{"npx/x (one)", `npx/x (two\x1b)`, "npx/y"}},
		{[]catalog.Spec{spec("one", "x"), spec("three", "y")}, []string{"npx/x", "npx/y"}},
		{[]catalog.Spec{spec("one", "x"), spec("three", "x")}, []string{"npx/x (one)", "npx/x (three)"}},
		{[]catalog.Spec{spec("one", "x"), spec("three", "y")}, []string{"npx/x", "npx/y"}},
	} {
		if s.Reload(step.specs); !slices.Equal(names(), step.want) {
			t.Errorf("%q, want %q", names(), step.want)
		}
	}
	if s.Row(0).Name() != "npx/x" {
		t.Errorf("the package is called %q", s.Row(0).Name())
	}
}
