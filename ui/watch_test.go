package ui

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/watch"
	"plimsoll/ui/layout"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
)

// watching is the screen with all samples checked, as it is with --watch.
// Nothing comes through the channel: the tests tell the model.
func watching(t *testing.T) (*Model, *fakeEngine) {
	t.Helper()
	o, engine := options(), newEngine(false)
	o.Engine, o.Watch = engine, untold()
	return send(New(o), full, answers(upTo(len(samples)+1)...)), engine
}

func untold() <-chan watch.Event {
	closed := make(chan watch.Event)
	close(closed)
	return closed
}

// change is a spec that reads otherwise, is new or is gone.
type change struct {
	spec catalog.Spec
	gone bool
}

// disk makes the catalog of a model read as it did, but for some changes.
func disk(m *Model, changes ...change) {
	var specs []catalog.Spec
	for _, id := range m.store.All() {
		specs = append(specs, *m.store.Row(id).Spec)
	}
	for _, c := range changes {
		specs = slices.DeleteFunc(specs, func(s catalog.Spec) bool { return s.Path == c.spec.Path })
		if !c.gone {
			specs = append(specs, c.spec)
		}
	}
	m.options.Load = func(_ context.Context, yield func([]catalog.Spec)) error {
		yield(specs)
		return nil
	}
}

// tell tells the model that the catalog changed.
func tell(m *Model) tea.Cmd {
	_, cmd := m.Update(action(func(m *Model) tea.Cmd { return m.noticed(watch.Event{Changed: true}) }))
	return cmd
}

// changeOn changes the catalog and runs what the model asks for. It returns
// what the engine is to check.
func changeOn(m *Model, engine *fakeEngine, changes ...change) []scan.Task {
	engine.tasks = nil
	disk(m, changes...)
	finish(m, tell(m))
	return engine.tasks
}

// edited is the spec of a sample with another version.
func edited(id int, version string) change {
	spec := sampleSpecs()[id]
	spec.Version, spec.SHA256 = untrusted.Text(version), sha256.Sum256([]byte(version))
	return change{spec: spec}
}

func goneSpec(id int) change { return change{spec: sampleSpecs()[id], gone: true} }

// newcomer is a spec that no sample has.
func newcomer() change {
	return change{spec: catalog.Spec{Path: "npx/new/spec.yaml", Protocol: catalog.NPX, Server: "new", Package: "newcomer", Version: "1.0.0"}}
}

func said(status verify.Status, tasks ...scan.Task) eventsMsg {
	var events eventsMsg
	for _, task := range tasks {
		events = append(events, scan.Event{ID: task.ID, Generation: task.Generation, Kind: scan.Finished,
			Report: &verify.Report{Status: status, Reason: "because"}})
	}
	return events
}

func TestOnlyWhatChangedIsCheckedAgain(t *testing.T) {
	t.Parallel()
	m, engine := watching(t)
	press(m, "/", "n", "p", "x", "enter", " ", "j")
	cursor, marks, rows := onto(m), m.store.Marks(), m.store.Len()
	tasks := changeOn(m, engine, edited(1, "9.9.9"), edited(5, "8.8.8"), change{spec: sampleSpecs()[2]})
	if len(tasks) != 2 || tasks[0].ID != 1 || tasks[0].Spec.Version != "9.9.9" || tasks[1].ID != 5 {
		t.Fatalf("to be checked are %+v", tasks)
	}
	if m.toast != "2 specs changed" {
		t.Errorf("it says %q", m.toast)
	}
	if row := m.store.Row(1); row.Status != verify.Pending || row.Report != nil {
		t.Errorf("a package that was not proven yet is %v", row.Status)
	}
	if row := m.store.Row(6); row.Status != verify.Verified {
		t.Errorf("a package whose spec did not change is %v", row.Status)
	}
	m.Update(said(verify.Mismatch, tasks...))
	screenHas(t, m, "watching")
	if m.toast != "checked 2 packages again: 2 changed" {
		t.Errorf("it says %q", m.toast)
	}
	if onto(m) != cursor || fmt.Sprint(m.store.Marks()) != fmt.Sprint(marks) || m.store.Filter() != "npx" || m.store.Len() != rows {
		t.Errorf("the cursor is on %s, the marks are %v, the filter is %q, %d rows", onto(m), m.store.Marks(), m.store.Filter(), m.store.Len())
	}
}

func TestWhatIsSaidAboutASpec(t *testing.T) {
	t.Parallel()
	broken := edited(1, "")
	broken.spec.Err = &catalog.SpecError{Path: broken.spec.Path, Line: 2, Message: "expected a mapping"}
	tests := []struct {
		name        string
		change      change
		says, after string // "": nothing is checked
	}{
		{"changed", edited(1, "9.9.9"), "npx/server-01/spec.yaml changed", "checked npx/context7-mcp again: verified, was signed"},
		{"appeared", newcomer(), "npx/new/spec.yaml appeared", "checked npx/newcomer: verified"},
		{"gone", goneSpec(1), "npx/server-01/spec.yaml is gone", ""},
		{"broken", broken, "npx/server-01/spec.yaml changed", "checked npx/context7-mcp again: verified, was signed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, engine := watching(t)
			tasks := changeOn(m, engine, tt.change)
			if m.toast != tt.says || (len(tasks) > 0) != (tt.after != "") {
				t.Errorf("it says %q and asks for %d rows, want %q", m.toast, len(tasks), tt.says)
			}
			if m.Update(said(verify.Verified, tasks...)); tt.after != "" && m.toast != tt.after {
				t.Errorf("it says %q, want %q", m.toast, tt.after)
			}
		})
	}
}

func TestABrokenSpecIsAnErrorUntilItIsMended(t *testing.T) {
	t.Parallel()
	m, engine := watching(t)
	broken := edited(1, "")
	broken.spec.Err = &catalog.SpecError{Path: broken.spec.Path, Line: 2, Message: "expected a mapping"}
	changeOn(m, engine, broken)
	if row := m.store.Row(1); row.Status != verify.Unchecked || row.Spec.Err == nil {
		t.Errorf("the row is %v before anything was checked", row.Status)
	}
	tasks := changeOn(m, engine, edited(1, "1.0.14"))
	m.Update(said(verify.Verified, tasks...))
	if row := m.store.Row(1); row.Status != verify.Verified || row.Spec.Err != nil {
		t.Errorf("mended, the row is %v, %v", row.Status, row.Spec.Err)
	}
}

// The package that is being read goes: it stays on the screen, which says so.
func TestAnOpenPackageThatGoes(t *testing.T) {
	t.Parallel()
	m, engine := watching(t)
	press(m, "/", "clickhouse", "enter", "enter")
	screenHas(t, m, "uvx/mcp-clickhouse 0.1.11")
	changeOn(m, engine, goneSpec(6))
	screenHas(t, m, "gone from the catalog")
	screenHas(t, m, ", last verified")
	screenHas(t, m, "uvx/server-06/spec.yaml is gone")
	do(m, "r")
	if m.toast != "the spec is no longer in the catalog: there is nothing to check" || m.store.Working() {
		t.Errorf("it says %q", m.toast)
	}
	changeOn(m, engine, change{spec: sampleSpecs()[6]})
	if frame := m.View(); strings.Contains(frame, "gone from") || !strings.Contains(frame, "waiting to be checked") {
		t.Errorf("a package that came back:\n%s", frame)
	}
	changeOn(m, engine, goneSpec(6))
	press(m, "esc", "esc")
	screenHas(t, m, "10 specs")
	if frame := m.View(); strings.Contains(frame, "clickhouse") {
		t.Errorf("a package that is gone is in the table:\n%s", frame)
	}
}

// The evidence of a package that goes can be read on; where it is not here, it
// is not asked for without end.
func TestTheEvidenceOfAPackageThatIsGone(t *testing.T) {
	t.Parallel()
	m, x := briefly(t, whole)
	do(m, "enter", "6")
	before := strings.Count(m.View(), "\n")
	disk(m, change{*m.store.Row(0).Spec, true})
	finish(m, tell(m))
	if frame := m.View(); len(x.asked) != 1 || strings.Contains(frame, "not kept") || strings.Contains(frame, "being read") || strings.Count(frame, "\n") != before {
		t.Errorf("asked %d times:\n%s", len(x.asked), frame)
	}
	m, x = briefly(t, whole)
	m.Update(typed("enter")) // the answer to what it asks never comes
	disk(m, change{*m.store.Row(0).Spec, true})
	finish(m, tell(m))
	do(m, "3")
	screenHas(t, m, "Its spec is no longer in the catalog")
	if len(x.asked) != 0 {
		t.Errorf("asked for the evidence of a package that is gone: %v", x.asked)
	}
}

// From a package that is gone, J and K lead to those that took its place.
func TestOnFromAPackageThatIsGone(t *testing.T) {
	t.Parallel()
	m, engine := watching(t)
	press(m, "j", "j", "enter")
	id := m.top().(*detail).row
	next := m.store.Window(m.store.Place()+1, 1)[0]
	changeOn(m, engine, change{*m.store.Row(id).Spec, true})
	press(m, "J")
	if got := m.top().(*detail).row; got != next {
		t.Errorf("J leads to row %d, want %d", got, next)
	}
}

// What changes while the catalog is being read is not lost.
func TestChangesBeforeTheCatalog(t *testing.T) {
	t.Parallel()
	o, engine := options(), newEngine(false)
	o.Engine, o.Watch, o.Specs, o.Load = engine, untold(), nil, noLoad
	m := send(New(o), full)
	if finish(m, tell(m)); m.store.Len() != 0 || m.reread.running {
		t.Errorf("%d rows before the catalog was read", m.store.Len())
	}
	_, cmd := m.Update(batchMsg(batch{specs: sampleSpecs(), last: true}))
	disk(m, goneSpec(0), edited(1, "9.9.9"), newcomer())
	m.options.Load, o.Load = o.Load, m.options.Load
	finish(m, cmd) // it read what there was before
	m.options.Load = o.Load
	finish(m, tell(m))
	if n := m.store.Len(); n != len(samples)+1 || m.store.Row(1).Texts[layout.Version] != "9.9.9" || !m.store.Row(0).Gone {
		t.Errorf("%d rows, the second in version %s", n, m.store.Row(1).Texts[layout.Version])
	}
}

func TestACatalogThatCouldNotBeReadIsReadAgain(t *testing.T) {
	t.Parallel()
	o := options()
	o.Watch, o.Specs, o.Load = untold(), nil, noLoad
	m := send(New(o), full, batchMsg(batch{last: true, err: errors.New("this folder is not a catalog")}))
	if tell(m); m.home.state != loading {
		t.Error("the catalog is not read again")
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	again := func(id int, changed ...int) *verify.Report {
		r := report(id)
		for _, other := range changed {
			if other == id {
				r.Status, r.Reason = verify.Invalid, "the statement was altered"
			}
		}
		r.Sources = []verify.Source{{What: "manifest", Time: clock().Add(time.Hour)}} // fetched at another time
		return r
	}
	tests := []struct {
		name    string
		changed []int
		says    string
	}{
		{"nothing", nil, "refreshed 11 packages: nothing changed"},
		{"one", []int{6}, "refreshed 11 packages: 1 changed: uvx/mcp-clickhouse is invalid, was verified"},
		{"two", []int{5, 6}, "refreshed 11 packages: 2 changed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, engine := watching(t)
			cursor, known := onto(m), m.store.Row(5).Report
			engine.tasks = nil
			_, cmd := m.Update(action(func(m *Model) tea.Cmd { return m.due(time.Time{}) }))
			finish(m, cmd)
			if len(engine.tasks) != 11 {
				t.Fatalf("%d rows are checked again, want all", len(engine.tasks))
			}
			if m.Update(action(func(m *Model) tea.Cmd { return m.due(time.Time{}) })); len(engine.tasks) != 11 {
				t.Error("a refresh began before the last one ended")
			}
			do(m, "R")
			if m.toast != "everything is being checked already" {
				t.Errorf("it says %q", m.toast)
			}
			for i, task := range engine.tasks {
				m.Update(eventsMsg{{ID: task.ID, Generation: task.Generation, Kind: scan.Finished, Report: again(task.ID, tt.changed...)}})
				if last := i == len(engine.tasks)-1; last != (m.toast == tt.says) {
					t.Fatalf("after %d answers it says %q, want %q at the end", i+1, m.toast, tt.says)
				}
			}
			if onto(m) != cursor {
				t.Errorf("the cursor went from %s to %s", cursor, onto(m))
			}
			if same := m.store.Row(5).Report == known; same != (len(tt.changed) < 2) {
				t.Errorf("the report that was known is kept: %v", same)
			}
		})
	}
}

// Whoever reads a package while it is checked again and nothing changed does
// not notice: the evidence, what is folded and the place stay.
func TestARefreshLeavesAnOpenPackage(t *testing.T) {
	t.Parallel()
	m, x := briefly(t, whole)
	do(m, "enter", "5", "-")
	before := m.View()
	finish(m, m.refresh()) // the second question about each
	brief := *proven()
	brief.Sources = []verify.Source{{What: "manifest", Time: clock()}}
	for i := range brief.Artifacts[0].Attestations {
		brief.Artifacts[0].Attestations[i].Checks = nil // the engine does not explain what verifies
	}
	m.Update(eventsMsg{{ID: 0, Generation: 2, Kind: scan.Finished, Report: &brief}})
	if m.store.Row(0).Waiting {
		t.Fatal("the answer was not taken")
	}
	m.toast = ""
	body := func(frame string) string { // without the header, which shows the progress
		_, rest, _ := strings.Cut(frame, "\n")
		return rest
	}
	if after := m.View(); body(after) != body(before) || len(x.asked) != 1 {
		t.Errorf("asked %d times\nbefore:\n%s\nafter:\n%s", len(x.asked), before, after)
	}
}

func TestTheRefreshKey(t *testing.T) {
	t.Parallel()
	m, engine := watching(t)
	engine.tasks = nil
	do(m, "R")
	if len(engine.tasks) != 11 {
		t.Errorf("R checks %d rows, want all", len(engine.tasks))
	}
	send(m, tea.WindowSizeMsg{Width: 250, Height: 40})
	screenHas(t, m, "refresh all")
	if text := frame(press(send(m, tea.WindowSizeMsg{Width: 140, Height: 120}), "?")); !strings.Contains(text, "check everything again") || strings.Contains(text, "all that failed") {
		t.Error("the help does not say what R does")
	}
	o, engine := options(), newEngine(false)
	o.Engine = engine
	m = send(New(o), full, answers(upTo(11)...))
	do(m, "R")
	if n := len(engine.tasks); n != 5 {
		t.Errorf("without watching, R checks %d rows, want the 5 that failed", n)
	}
}

// A policy that changed is told of once. Until everything was checked by it, that
// is not forgotten.
func TestAChangedPolicyIsNotForgotten(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(m *Model, late tea.Msg){
		"a decision was written meanwhile": func(m *Model, late tea.Msg) {
			m.reread.writes++
			_, cmd := m.Update(late)
			finish(m, cmd)
		},
		"the catalog could not be read": func(m *Model, late tea.Msg) { finish(m, func() tea.Msg { return late }) },
	} {
		m, engine := watching(t)
		told := false
		m.options.Policy = func() (bool, error) { defer func() { told = true }(); return !told, nil }
		if name == "the catalog could not be read" {
			m.options.Load = func(context.Context, func([]catalog.Spec)) error { return errors.New("npx: permission denied") }
		}
		engine.tasks = nil
		between(m, tell(m)())
		if len(engine.tasks) != 11 {
			t.Errorf("%s: %d rows are checked by the policy of now, want 11; it says %q", name, len(engine.tasks), m.toast)
		}
	}
}

// A policy that cannot be read leaves the one before in force, and hides no spec
// that changed: its verdict was on another text.
func TestABrokenPolicyHidesNoChangedSpec(t *testing.T) {
	t.Parallel()
	m, engine := watching(t)
	m.options.Policy = func() (bool, error) { return false, errors.New("policy.yaml:3: unknown key") }
	tasks := changeOn(m, engine, edited(6, "9.9.9"))
	if len(tasks) != 1 || tasks[0].ID != 6 || !m.store.Row(6).Waiting {
		t.Errorf("to be checked are %+v, it says %q", tasks, m.toast)
	}
	if !slices.ContainsFunc(m.journal.messages, func(s message) bool { return strings.Contains(s.text, "policy.yaml cannot be read") }) {
		t.Error("nothing says that the policy cannot be read")
	}
}

func TestThePolicyChanges(t *testing.T) {
	t.Parallel()
	m, engine := watching(t)
	changed := true
	m.options.Policy = func() (bool, error) { defer func() { changed = false }(); return changed, nil }
	engine.tasks = nil
	finish(m, m.noticed(watch.Event{Notes: []string{"the system's limit\x1b is reached"}}))
	finish(m, tell(m))
	tasks := engine.tasks
	if len(tasks) != 11 || m.toast != "policy.yaml changed: everything is checked again" {
		t.Errorf("%d rows are checked, it says %q", len(tasks), m.toast)
	}
	found := report(6)
	found.Findings = []verify.Finding{{Rule: "policy.build", Severity: verify.SeverityError, Message: "is too low"}}
	for _, task := range tasks {
		answer := report(task.ID)
		if task.ID == 6 {
			answer = found
		}
		m.Update(eventsMsg{{ID: task.ID, Generation: task.Generation, Kind: scan.Finished, Report: answer}})
	}
	if want := "refreshed 11 packages: 1 changed: what was found about uvx/mcp-clickhouse"; m.toast != want {
		t.Errorf("it says %q, want %q", m.toast, want)
	}
	press(m, "M")
	screenHas(t, m, `the system's limit\x1b is reached`)
}

// The file of decisions is read when somebody else has written it, and not
// while this program writes it.
func TestTheDecisionsChange(t *testing.T) {
	t.Parallel()
	decided, err := triage.Load(decisionsFile(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	o, engine := options(), newEngine(false)
	reads, answer, failure := 0, decided, error(nil)
	none, err := triage.Load(decisionsFile(t))
	if err != nil {
		t.Fatal(err)
	}
	o.Engine, o.Watch = engine, untold()
	o.Triage = &TriageOptions{Decisions: none, Read: func(*triage.Decisions) (*triage.Decisions, error) { reads++; return answer, failure }}
	m := send(New(o), full, answers(upTo(11)...))

	m.triage.busy = true
	if changeOn(m, engine); reads != 0 {
		t.Error("the file was read while it was written")
	}
	m.triage.busy = false
	_, cmd := m.Update(says("written"))
	if finish(m, cmd); reads != 1 || m.triage.decisions != decided || m.toast != "triage.yaml was changed by somebody else; decisions that hold now: 1" {
		t.Errorf("read %d times, it says %q", reads, m.toast)
	}
	m.toast = ""
	if changeOn(m, engine); reads != 2 || m.toast != "" {
		t.Errorf("read %d times, about the same text it says %q", reads, m.toast)
	}
	failure = errors.New("triage.yaml:3: expected a date")
	if changeOn(m, engine); !strings.HasPrefix(m.toast, "triage.yaml cannot be read; the decisions before hold: ") || m.triage.decisions != decided {
		t.Errorf("it says %q", m.toast)
	}
	failure, answer = nil, none
	late := tell(m)()
	m.triage.decide(m.store, &triage.Decisions{})
	m.reread.writes++
	meanwhile := m.triage.decisions
	_, cmd = m.Update(late)
	if m.triage.decisions != meanwhile {
		t.Error("what was read before a decision took its place")
	}
	if finish(m, cmd); m.triage.decisions != none {
		t.Error("the file was not read again after the decision")
	}
}

// decisionsFile is a catalog in which something is decided about samples.
func decisionsFile(t *testing.T, ids ...int) fstest.MapFS {
	t.Helper()
	decisions, err := triage.Load(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		finding := verify.Finding{Rule: "publisher.repository", Severity: verify.SeverityError, Message: "another one"}
		if decisions, err = decisions.With(triage.Decide(sampleSpecs()[id], report(id), finding, triage.Rejected, "no")); err != nil {
			t.Fatal(err)
		}
	}
	text, err := decisions.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{triage.FileName: {Data: text}}
}

// A spec that somebody else wrote is never written over with a change of its
// old text.
func TestAForeignTextIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	m, engine := watching(t)
	wrote := 0
	m.triage.options = &TriageOptions{WriteSpec: func(s catalog.Spec, _ []byte) (catalog.Spec, error) { wrote++; return s, nil }}
	before, after := []byte("before"), []byte("after")
	spec := sampleSpecs()[1]
	spec.SHA256 = sha256.Sum256(before)
	changeOn(m, engine, change{spec: spec})
	written := edit{1, [2][]byte{before, after}}
	m.triage.steps.done = []step{{what: "accepted", edit: &written}}

	changeOn(m, engine, edited(1, "theirs"))
	if finish(m, m.accept(written, pending{})); wrote != 0 || m.toast != errSpecChanged || m.triage.busy {
		t.Errorf("written %d times, it says %q", wrote, m.toast)
	}
	m.toast = ""
	if finish(m, m.takeBack(takenBack)); wrote != 0 || m.toast != errSpecChanged || m.triage.busy {
		t.Errorf("taken back, it was written %d times, it says %q", wrote, m.toast)
	}
	spec.SHA256 = sha256.Sum256(after)
	changeOn(m, engine, change{spec: spec})
	if finish(m, m.takeBack(takenBack)); wrote != 1 {
		t.Errorf("what is still as it was left is written %d times, %q", wrote, m.toast)
	}
}

// A refresh reads the catalog again: what changed on disk and was not told of,
// or is not watched, is not checked as it was.
func TestARefreshReadsTheCatalogAgain(t *testing.T) {
	t.Parallel()
	specs := sampleSpecs()
	o := options()
	due := make(chan time.Time)
	o.Every, o.Specs = due, specs
	o.Load = func(_ context.Context, yield func([]catalog.Spec)) error {
		changed := sampleSpecs()
		changed[0].SHA256[0] = 1
		yield(changed[:3])
		yield(changed[4:])
		return nil
	}
	m := send(New(o), full, answers(upTo(11)...))
	cmd := m.refresh()
	if m.refresh() != nil {
		t.Error("it is read twice at once")
	}
	msg := cmd()
	send(m, msg)
	if m.reread.due {
		t.Error("it is to be read a second time")
	}
	if _, asked := m.store.Progress(); asked != 10 || !m.store.Row(3).Gone || m.store.Row(0).Status != verify.Pending {
		t.Errorf("asked for %d, row 3 is gone: %v, row 0 is %v", asked, m.store.Row(3).Gone, m.store.Row(0).Status)
	}
	m = send(New(o), full, answers(upTo(11)...))
	m.options.Load = func(context.Context, func([]catalog.Spec)) error {
		return errors.New("no such\x1b folder")
	}
	send(m, m.refresh()())
	if _, asked := m.store.Progress(); m.store.Len() != 11 || asked != 11 || m.toast != `the catalog cannot be read, and is shown as it was: no such\x1b folder` {
		t.Errorf("%d rows, %d are checked again, it says %q", m.store.Len(), asked, m.toast)
	}
}
