package ui

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
)

// at2 is the triage screen at the second finding: a spec that looks for its
// package elsewhere.
func at2() (*Model, *office) {
	m, used := triageAt(full)
	return press(m, "n"), used
}

func queueOf(m *Model) (rules []string) {
	for _, p := range m.triage.pending(m.store) {
		rules = append(rules, p.Finding.Rule)
	}
	return rules
}

func expectSaid(t *testing.T, m *Model, part string) {
	t.Helper()
	if !strings.Contains(m.toast, part) {
		t.Errorf("it says %q, want something with %q", m.toast, part)
	}
}

func TestTriageQueueIsWorstFirst(t *testing.T) {
	t.Parallel()
	m, _ := triageAt(full)
	want := "attestation.invalid provenance.repository_uri metadata.repository"
	if got := strings.Join(queueOf(m), " "); got != want {
		t.Errorf("the queue is %s, want %s", got, want)
	}
	if press(m, "N"); m.toast != "this is the first finding" {
		t.Errorf("before the first it says %q", m.toast)
	}
	if press(m, "n", "space", "J"); m.toast != "this is the last finding" {
		t.Errorf("after the last it says %q", m.toast)
	}
	if frame := m.View(); !strings.Contains(frame, "3 of 3") {
		t.Error("the place is not shown")
	}
}

func TestTriageKnownAsksWhyAndUntilWhen(t *testing.T) {
	t.Parallel()
	m, used := at2()
	do(m, "x", "enter")
	expectSaid(t, m, "a reason is needed")
	do(m, "the repository moves", "enter", "2026-04-01", "enter")
	expectSaid(t, m, "has passed")
	for range 10 {
		press(m, "backspace")
	}
	do(m, "tomorrow", "enter")
	expectSaid(t, m, "expected a date")
	for range 10 {
		press(m, "backspace")
	}
	do(m, "2026-04-02", "enter") // today counts
	if m.overlay != nil || len(used.saved) != 1 {
		t.Fatalf("saved %d times, it says %q", len(used.saved), m.toast)
	}
	d := used.saved[0].All()[0]
	if d.Kind != triage.Known || d.Reason != "the repository moves" || d.Until.Format(time.DateOnly) != "2026-04-02" ||
		d.Package != "@acme/http-client" || d.Rule != "provenance.repository_uri" || d.Binding != triage.BindingOf(movedReport()) {
		t.Errorf("saved %+v", d)
	}
	f := m.store.Row(0).Report.Findings[0]
	if !f.Known || f.Decision == "" || m.store.Row(0).Status != verify.Mismatch {
		t.Errorf("after the decision the finding is %+v, the status %v", f, m.store.Row(0).Status)
	}
	if m.View(); len(queueOf(m)) != 2 || m.top().(*triageScreen).current.Finding.Rule != "metadata.repository" {
		t.Errorf("the queue is %v", queueOf(m))
	}
}

func TestTriageRejectCommentUndoRedo(t *testing.T) {
	t.Parallel()
	m, used := at2()
	do(m, "!", "a fork", "enter")
	if got := queueOf(m); len(got) != 2 || m.triage.decisions.Len() != 1 {
		t.Fatalf("after rejecting the queue is %v", got)
	}
	if f := m.store.Row(0).Report.Findings[0]; f.Known || !strings.HasPrefix(f.Decision, "rejected") {
		t.Errorf("the finding is %+v", f)
	}
	do(m, "c", "asked upstream", "enter")
	if got := queueOf(m); len(got) != 2 {
		t.Errorf("a comment took a finding out of the queue: %v", got)
	}
	do(m, "z", "z")
	expectSaid(t, m, "wrote triage.yaml, taken back   Z makes it again   rejected provenance.repository_uri of npx/@acme/http-client")
	if got := queueOf(m); len(got) != 3 || m.store.Row(0).Report.Findings[0].Decision != "" {
		t.Errorf("after taking everything back the queue is %v, the finding %+v", got, m.store.Row(0).Report.Findings[0])
	}
	do(m, "z")
	expectSaid(t, m, "nothing to take back")
	do(m, "Z")
	expectSaid(t, m, "wrote triage.yaml, made again   z takes it back   rejected")
	if len(used.saved) != 5 || used.saved[4].Len() != 1 || m.store.Row(0).Report.Findings[0].Decision == "" {
		t.Errorf("saved %d times", len(used.saved))
	}
}

// A decision is bound to what the person saw who made it: what was found while the reason
// was typed is shown first, and what was typed is not lost while the package is checked.
func TestTriageBindsADecisionToWhatWasSeen(t *testing.T) {
	t.Parallel()
	m, used := at2()
	press(m, "!", "a fork")
	other := movedReport()
	other.Artifacts[0].Attestations[0].Publisher = &verify.Publisher{Kind: "GitHub", Repository: acme, Workflow: "other.yml"}
	generation := m.store.Ask(0)[0].Generation
	do(m, "enter")
	expectSaid(t, m, "wait")
	send(m, eventsMsg{{ID: 0, Generation: generation, Kind: scan.Finished, Report: other}})
	if triage.BindingOf(other) == triage.BindingOf(movedReport()) {
		t.Fatal("both are bound to the same")
	}
	do(m, "enter")
	if expectSaid(t, m, "enter again"); len(used.saved) != 0 {
		t.Fatal("it was decided about what nobody has seen")
	}
	do(m, "enter")
	if len(used.saved) != 1 || used.saved[0].All()[0].Reason != "a fork" || used.saved[0].All()[0].Binding != triage.BindingOf(other) {
		t.Errorf("saved %d times; it says %q", len(used.saved), m.toast)
	}
}

// What somebody else decided while a reason was typed is replaced only by a person who
// has read it.
func TestTriageReplacesNoDecisionUnseen(t *testing.T) {
	t.Parallel()
	m, used := at2()
	press(m, "!", "a fork")
	theirs, err := m.triage.decisions.With(triage.Decide(*m.store.Row(0).Spec, movedReport(), movedReport().Findings[0], triage.Known, "it moved"))
	if err != nil {
		t.Fatal(err)
	}
	used.loaded = theirs
	m.decisionsRead(theirs, nil)
	do(m, "enter")
	if expectSaid(t, m, "decided meanwhile (known: it moved): enter again replaces that"); len(used.saved) != 0 {
		t.Fatal("a decision that nobody has seen was replaced")
	}
	if do(m, "enter"); len(used.saved) != 1 || used.saved[0].All()[0].Reason != "a fork" {
		t.Errorf("saved %d times; it says %q", len(used.saved), m.toast)
	}
}

func TestTriageEvidenceThatDoesNotVerify(t *testing.T) {
	t.Parallel()
	m, used := triageAt(full)
	do(m, "x")
	expectSaid(t, m, "cannot be marked as known")
	do(m, "a")
	expectSaid(t, m, "never written into a spec")
	if m.overlay != nil || len(used.saved) != 0 {
		t.Error("something was asked or saved")
	}
}

func TestTriageThatCannotBeSavedDoesNotHold(t *testing.T) {
	t.Parallel()
	m, used := at2()
	used.fail = fmt.Errorf("write triage.yaml: %w", &fs.PathError{Op: "write", Path: "/a/long/path/triage.yaml", Err: errDisk})
	do(m, "!", "a fork", "enter")
	expectSaid(t, m, "not decided: triage.yaml: no space left on device")
	if len(queueOf(m)) != 3 || m.triage.busy || m.triage.decisions.Len() != 0 {
		t.Error("a decision holds that was not saved")
	}
	used.fail = nil
	do(m, "!", "a fork", "enter")
	used.fail = catalog.ErrChanged
	do(m, "z")
	expectSaid(t, m, "nothing was changed: the file was changed since it was read, and is read again")
	if m.triage.decisions.Len() != 1 || len(queueOf(m)) != 2 {
		t.Error("a decision was taken back that stands in the file")
	}
	used.fail = nil
	do(m, "z")
	if m.triage.decisions.Len() != 0 {
		t.Error("the decision cannot be taken back any more")
	}
}

func TestTriageAccept(t *testing.T) {
	t.Parallel()
	m, used := at2()
	do(m, "a", "n")
	if used.says() != specText {
		t.Fatal("the spec was written though the answer was no")
	}
	do(m, "a")
	if frame := m.View(); !strings.Contains(frame, "-  repository_uri: \"https://github.com/acme-old/http-client\"") {
		t.Fatalf("the change is not shown:\n%s", frame)
	}
	do(m, "y")
	want := strings.Replace(strings.ReplaceAll(specText, "acme-old/", "acme/"), "  attest", "  repository_ref: \"refs/tags/v2.4.1\"\n  attest", 1)
	if string(used.says()) != want {
		t.Fatalf("the spec is now\n%s", used.file)
	}
	if row := m.store.Row(0); !row.Waiting || row.Spec.Provenance.RepositoryURI != acme {
		t.Errorf("the package is not checked again with its new spec: %+v", row.Spec.Provenance)
	}
	do(m, "x")
	expectSaid(t, m, "being checked")
	send(m, eventsMsg{{ID: 0, Generation: 2, Kind: scan.Finished, Report: proven()}})
	if got := queueOf(m); len(got) != 2 {
		t.Errorf("after the check the queue is %v", got)
	}
	if do(m, "z"); used.says() != specText {
		t.Errorf("taking it back leaves\n%s", used.file)
	}
	if do(m, "Z"); string(used.says()) != want {
		t.Errorf("doing it again leaves\n%s", used.file)
	}
}

func TestTriageAcceptRefusesAFileThatChanged(t *testing.T) {
	t.Parallel()
	m, used := at2()
	used.file = append(used.file, "# somebody was here\n"...)
	do(m, "a")
	expectSaid(t, m, "changed since it was read")
	if m.overlay != nil {
		t.Error("a change of another text is offered")
	}

	m, used = at2()
	do(m, "a")
	used.file = append(used.file, "# somebody was here\n"...)
	do(m, "y")
	expectSaid(t, m, "changed since it was read")
	if !strings.HasSuffix(string(used.says()), "# somebody was here\n") || m.store.Row(0).Waiting {
		t.Error("the file was overwritten")
	}
}

func TestAcceptable(t *testing.T) {
	t.Parallel()
	o, _, _ := triageOptions()
	tests := []struct {
		name   string
		change func(*catalog.Spec, *verify.Report)
		want   string // keys, or the refusal
	}{
		{"another repository", func(*catalog.Spec, *verify.Report) {},
			"provenance.repository_uri provenance.repository_ref provenance.attestations.publisher.repository"},
		{"nothing documented", func(s *catalog.Spec, _ *verify.Report) { s.Provenance = catalog.Provenance{} },
			"provenance.repository_uri provenance.repository_ref provenance.attestations.available provenance.attestations.verified provenance.attestations.publisher.kind provenance.attestations.publisher.repository provenance.attestations.publisher.workflow"},
		{"a stale tag", func(s *catalog.Spec, r *verify.Report) {
			s.Provenance = catalog.Provenance{RepositoryURI: acme, RepositoryRef: "v2.4.0", Attestations: s.Provenance.Attestations}
			s.Provenance.Attestations.Publisher.Repository = "acme/http-client"
			r.Status, r.Findings[0] = verify.Verified, verify.Finding{Rule: "provenance.repository_ref", Severity: verify.Warning}
		}, "provenance.repository_ref"},
		{"another spelling", func(s *catalog.Spec, _ *verify.Report) {
			s.Provenance.RepositoryURI = "git+https://github.com/Acme/http-client.git"
			s.Provenance.Attestations.Publisher.Repository = "Acme/http-client"
		}, "already"},
		{"another spelling, as addresses", func(s *catalog.Spec, _ *verify.Report) {
			s.Provenance.RepositoryURI = "github.com/acme/http-client/tree/main"
			s.Provenance.Attestations.Publisher.Repository = "https://github.com/acme/http-client"
		}, "already"},
		{"invalid", func(_ *catalog.Spec, r *verify.Report) { r.Status = verify.Invalid }, "does not verify"},
		{"partial", func(_ *catalog.Spec, r *verify.Report) { r.Status = verify.Partial }, "no certificate"},
		{"signed", func(_ *catalog.Spec, r *verify.Report) { r.Status, r.Publisher = verify.Signed, nil }, "no certificate"},
		{"gone", func(_ *catalog.Spec, r *verify.Report) { r.Publisher = nil }, "no certificate"},
		{"a file without", func(_ *catalog.Spec, r *verify.Report) {
			r.Artifacts = append(r.Artifacts, verify.ArtifactReport{Filename: "other.tgz", Status: verify.None})
		}, "not every file"},
		{"a file from elsewhere", func(_ *catalog.Spec, r *verify.Report) {
			other := r.Artifacts[0].Attestations[0]
			other.Publisher = &verify.Publisher{Kind: "GitHub", Repository: "https://github.com/evil/fork"}
			r.Artifacts = append(r.Artifacts, verify.ArtifactReport{Attestations: []verify.Attestation{other}})
		}, "not every file"},
		{"another rule", func(_ *catalog.Spec, r *verify.Report) { r.Findings[0].Rule = "metadata.repository" }, "nothing that the spec could say"},
		{"unreadable", func(s *catalog.Spec, _ *verify.Report) { s.Err = &catalog.SpecError{} }, "cannot be read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			spec, r := o.Specs[0], movedReport()
			attestations, publisher := *spec.Provenance.Attestations, *spec.Provenance.Attestations.Publisher
			attestations.Publisher = &publisher
			spec.Provenance.Attestations = &attestations
			test.change(&spec, r)
			changes, why := acceptable(spec, r, r.Findings[0])
			var keys []string
			for _, c := range changes {
				keys = append(keys, string(c.Key))
			}
			if got := strings.Join(keys, " "); got != test.want && (why == "" || !strings.Contains(why, test.want)) {
				t.Errorf("changes %s, refusal %q; want %s", got, why, test.want)
			}
		})
	}
}

func TestTriageWithoutACatalogOnlyShows(t *testing.T) {
	t.Parallel()
	o, _, events := triageOptions()
	o.Triage, o.TriageOff = nil, "the demo has no folder"
	m := press(send(New(o), full, events), "t", "n")
	for _, k := range []string{"a", "x", "!", "c", "z", "Z"} {
		do(m, k)
		expectSaid(t, m, "the demo has no folder")
		if m.overlay != nil {
			t.Errorf("%s asks something", k)
		}
	}
}

func TestTriageFromAPackage(t *testing.T) {
	t.Parallel()
	o, _, events := triageOptions()
	m := press(send(New(o), full, events), "enter", "J", "t")
	b, ok := m.top().(*triageScreen)
	if !ok || b.current.ID != m.stack[1].(*detail).row {
		t.Fatalf("t opens %T at row %d", m.top(), b.current.ID)
	}
	press(m, "enter", "t")
	if len(m.stack) != 4 || m.top() != screen(b) {
		t.Errorf("%d screens are open, the top is %T; want one queue", len(m.stack), m.top())
	}
	if press(m, "esc", "esc", "esc"); len(m.stack) != 1 {
		t.Errorf("after coming back %d screens are open", len(m.stack))
	}
}

func TestResultsDoNotMoveTheFindingOnTheScreen(t *testing.T) {
	t.Parallel()
	o, _, events := triageOptions()
	m := press(send(New(o), full, events[:2]), "t")
	m.View()
	shown := m.top().(*triageScreen).current
	send(m, events[2:]) // a worse one
	m.View()
	if b := m.top().(*triageScreen); !b.current.same(shown) || b.at != 1 {
		t.Errorf("the screen went to %s, place %d", b.current.Finding.Rule, b.at)
	}
}

func TestSavedResultsAreNotCheckedAgain(t *testing.T) {
	t.Parallel()
	m := resultsScreen(full)
	if m.store.Working() || m.store.Count(verify.Verified) != 2 {
		t.Fatalf("working %v, %d verified", m.store.Working(), m.store.Count(verify.Verified))
	}
	for _, k := range []string{"r", "R"} {
		press(m, k)
		expectSaid(t, m, "read from a file")
		if m.store.Working() {
			t.Errorf("%s waits for something", k)
		}
	}
}

func TestCoverageCountsWhatIsKnown(t *testing.T) {
	t.Parallel()
	m := press(openedAt(full), "D")
	if frame := m.View(); !strings.Contains(frame, "2 of 3 checked") {
		t.Error("it does not say that not everything was checked")
	}
	send(m, eventsMsg{{ID: 1, Generation: 1, Kind: scan.Finished, Report: warnedReport()}})
	if frame := m.View(); strings.Contains(frame, "of 3 checked") || !strings.Contains(frame, "uvx  1 package") {
		t.Error("the page does not follow what is found")
	}
}

// A spec that names no package is mended, not decided about: a decision would
// have nothing to be bound to, and the queue could not be worked off.
func TestTriageLeavesOutSpecsWithoutPackage(t *testing.T) {
	t.Parallel()
	broken := catalog.Spec{Path: "npx/broken/spec.yaml", Protocol: catalog.NPX, Server: "broken",
		Err: &catalog.SpecError{Path: "npx/broken/spec.yaml", Message: "expected YAML"}}
	m := New(Options{Specs: []catalog.Spec{broken}})
	m.store.Ask(0)
	report := verify.Failed(scan.ReleaseOf(broken), "the spec cannot be read: expected YAML")
	m.store.Apply([]scan.Event{{ID: 0, Generation: 1, Kind: scan.Finished, Report: &report}})
	if m.store.Row(0).Status != verify.Unchecked {
		t.Fatalf("the row is %v, want an error", m.store.Row(0).Status)
	}
	m.triage.touch()
	if rules := queueOf(m); len(rules) != 0 {
		t.Errorf("the queue holds %v", rules)
	}
}

// What was found is not said again if the sentence above ends with it.
func TestTriageSaysTheReasonOnce(t *testing.T) {
	t.Parallel()
	o, _, events := triageOptions()
	r := &verify.Report{Status: verify.Unchecked, Reason: "the server answers 503"}
	events[0] = scan.Event{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}
	m := press(send(New(o), tea.WindowSizeMsg{Width: 80, Height: 30}, events), "t", "/", "unchecked", "enter")
	if text := frame(m); !strings.Contains(text, "status.unchecked") || strings.Contains(text, "observed") {
		t.Errorf("the screen says:\n%s", text)
	}
}
