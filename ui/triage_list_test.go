package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// inHand is the rule of the finding that triage shows, or "".
func inHand(m *Model) string {
	b, ok := m.top().(*triageScreen)
	if !ok {
		return ""
	}
	if b.settle(m.here()); !b.shown {
		return ""
	}
	return b.current.Finding.Rule
}

func expectInHand(t *testing.T, m *Model, rule string) {
	t.Helper()
	if got := inHand(m); got != rule {
		t.Errorf("in hand is %q, want %q; it says %q", got, rule, m.toast)
	}
}

func triageTable(keys ...string) (*Model, *office) {
	o, used, events := triageOptions()
	return press(send(New(o), full, events), keys...), used
}

func TestTriageBeginsAtTheRowUnderTheCursor(t *testing.T) {
	t.Parallel()
	m, _ := triageTable("G", "t")
	expectInHand(t, m, "metadata.repository")
	if m.toast != "" {
		t.Errorf("it says %q", m.toast)
	}

	o, _, events := triageOptions()
	events[0].Report = proven()
	m = press(send(New(o), full, events), "j", "t")
	expectSaid(t, m, "has nothing to decide: this is the next that has")
	expectInHand(t, m, "metadata.repository") // the next below it in the table
}

func TestTriageKeepsTheTablesFilter(t *testing.T) {
	t.Parallel()
	m, _ := triageTable("/", "st:mis,ver", "enter", "t")
	if got := len(m.top().(*triageScreen).settle(m.here())); got != 2 {
		t.Fatalf("%d findings are shown, want the 2 of what the table shows", got)
	}
	if !strings.Contains(m.View(), "st:mis,ver") {
		t.Error("what narrows the queue is not shown")
	}
	expectInHand(t, m, "provenance.repository_uri")
	press(m, "f", "g")
	expectInHand(t, m, "attestation.invalid")
	press(m, "f")
	if press(m, "esc"); m.store.Filter() != "st:mis,ver" {
		t.Errorf("the table's filter is %q now", m.store.Filter())
	}

	do(press(m, "esc", "/", "@acme", "enter", "t"), "!", "a fork", "enter")
	if frame := m.View(); !strings.Contains(frame, "Nothing is left to decide under “@acme”; elsewhere 2 findings wait.") {
		t.Errorf("a narrowed queue that is empty does not say so:\n%s", frame)
	}
	press(m, "f")
	expectInHand(t, m, "attestation.invalid")
}

func TestTriageKeepsTheMarks(t *testing.T) {
	t.Parallel()
	m, _ := triageTable("G", "space", "t")
	expectInHand(t, m, "metadata.repository")
	press(m, "j")
	expectSaid(t, m, "this is the last finding")
	if marked, _ := m.store.MarkCount(); marked != 1 || !strings.Contains(m.View(), "1 marked") {
		t.Errorf("%d rows are marked", marked)
	}
}

func TestTriageFilter(t *testing.T) {
	t.Parallel()
	m, _ := triageTable("t", "/", "sev:warning")
	expectInHand(t, m, "metadata.repository")
	press(m, "enter", "esc", "/", "repository_uri", "enter")
	expectInHand(t, m, "provenance.repository_uri")
	if m.store.Filter() != "" {
		t.Error("the filter became the table's")
	}
	press(m, "/", "nothing-like-it", "enter", "a")
	expectSaid(t, m, "nothing is left to decide")
	if press(m, "esc"); inHand(m) == "" || len(m.stack) != 2 {
		t.Error("esc does not drop the filter first")
	}
	if press(m, "esc"); len(m.stack) != 1 {
		t.Error("esc does not leave")
	}
}

// What is taken back is under the cursor, on every screen, whatever hid it.
func TestUndoLeadsToWhatWasUndone(t *testing.T) {
	t.Parallel()
	m, _ := triageTable()
	press(m, "z")
	expectSaid(t, m, "there is nothing to take back")
	do(press(m, "/", "@acme", "enter", "t"), "!", "a fork", "enter", "esc", "esc", "g")
	do(m, "z")
	expectSaid(t, m, "wrote triage.yaml, taken back   Z makes it again   rejected provenance.repository_uri of npx/@acme/http-client")
	if m.store.Cursor().ID != 0 {
		t.Errorf("the cursor is on %s", m.store.Cursor().Name())
	}
	press(m, "/", "left", "enter")
	do(m, "Z")
	expectSaid(t, m, "(the filter hides it)")
	press(m, "enter")
	do(m, "z")
	if d, ok := m.top().(*detail); !ok || d.row != 0 {
		t.Errorf("the package screen shows %+v", m.top())
	}
	press(m, "t")
	do(m, "Z", "z")
	expectInHand(t, m, "provenance.repository_uri")
}

// A spec that is as it was before is checked again, and then its finding is in hand,
// unless somebody has gone on.
func TestUndoOfASpecLeadsToItsFinding(t *testing.T) {
	t.Parallel()
	for _, moves := range []bool{false, true} {
		m, _ := at2()
		do(m, "a", "enter")
		expectSaid(t, m, "wrote npx/@acme/http-client/spec.yaml   z takes it back")
		send(m, eventsMsg{{ID: 0, Generation: 2, Kind: scan.Finished, Report: proven()}})
		expectSaid(t, m, "wrote npx/@acme/http-client/spec.yaml   z takes it back   now verified")
		expectInHand(t, m, "metadata.repository")
		do(m, "z")
		expectSaid(t, m, "wrote npx/@acme/http-client/spec.yaml, taken back   Z makes it again")
		expectInHand(t, m, "metadata.repository")
		want := "provenance.repository_uri"
		if moves {
			want = "attestation.invalid"
			press(m, "k")
		}
		send(m, eventsMsg{{ID: 0, Generation: 3, Kind: scan.Finished, Report: movedReport()}})
		expectInHand(t, m, want)
	}
}

// Enter gives the default answer: yes only if what is done can be taken back.
func TestConfirmDefaults(t *testing.T) {
	t.Parallel()
	for _, undoable := range []bool{false, true} {
		m := checkedAt(full)
		done := false
		m.overlay = &confirm{question: "Do it?", word: "do", undoable: undoable, yes: func(*Model) tea.Cmd { done = true; return nil }}
		if shown := strings.Contains(m.View(), "[y]"); shown != undoable {
			t.Errorf("undoable %v: yes is shown as the default: %v", undoable, shown)
		}
		if press(m, "enter"); done != undoable || m.overlay != nil {
			t.Errorf("undoable %v: enter did it: %v", undoable, done)
		}
	}
}

// The footer offers what can be decided about the finding in hand, and nothing else.
func TestTriageOffersWhatCanBeDecided(t *testing.T) {
	t.Parallel()
	m, _ := triageTable("t")
	for rule, wants := range map[string]string{
		"attestation.invalid": "! reject", "provenance.repository_uri": "a accept  x known  ! reject", "metadata.repository": "x known  ! reject",
	} {
		press(m, "/", "rule:"+rule, "enter")
		expectInHand(t, m, rule)
		footer := style.ReplaceAllString(m.footer(m.top(), full.Width), "")
		for _, offer := range []string{"a accept", "x known", "! reject", "z undo"} {
			if got, want := strings.Contains(footer, offer), strings.Contains(wants, offer); got != want {
				t.Errorf("%s: %q is offered: %v", rule, offer, got)
			}
		}
		press(m, "esc")
	}
}

func TestTriageListOfManyFindings(t *testing.T) {
	t.Parallel()
	o, _, events := triageOptions()
	r := warnedReport()
	for range 60 {
		r.Findings = append(r.Findings, verify.Finding{Rule: "metadata.repository", Severity: verify.Warning, Message: strings.Repeat("x", len(r.Findings))})
	}
	events[1].Report = r
	m := press(send(New(o), full, events), "t", "G")
	lines := strings.Split(style.ReplaceAllString(m.View(), ""), "\n")
	if !strings.HasPrefix(lines[full.Height-3], "▌ ▲ uvx/left-padder") {
		t.Errorf("the last finding is not on the last line of the list:\n%s", m.View())
	}
	m.mouse = true
	m.Update(tea.MouseMsg{X: 3, Y: 2, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	if b := m.top().(*triageScreen); b.at != b.top || b.at == 0 {
		t.Errorf("a click on the first line of the list leads to %d of the list from %d", b.at, b.top)
	}
}

// Whoever leaves at once after deciding has decided: the library drops the command.
func TestLeavingWritesWhatWasAgreedTo(t *testing.T) {
	t.Parallel()
	m, used := at2()
	press(m, "!", "a fork")
	_, cmd := m.Update(typed("enter"))
	if press(m, "ctrl+c"); len(used.saved) != 0 {
		t.Fatal("a command ran")
	}
	if err := m.triage.settleUp(); err != nil || len(used.saved) != 1 {
		t.Fatalf("after leaving it was saved %d times: %v", len(used.saved), err)
	}
	finish(m, cmd)
	if len(used.saved) != 1 || m.triage.settleUp() != nil {
		t.Errorf("it was saved %d times", len(used.saved))
	}
	used.fail = errDisk
	press(m, "c", "asked")
	m.Update(typed("enter"))
	if err := m.triage.settleUp(); err == nil || !strings.Contains(err.Error(), "not written: no space left") {
		t.Errorf("it leaves with %v", err)
	}
}

// What is found while a change of a spec is read speaks against it, whatever is agreed to.
func TestAcceptAsksAgainWhatIsProven(t *testing.T) {
	t.Parallel()
	elsewhere := movedReport()
	elsewhere.Publisher.Repository = "https://github.com/acme/third"
	elsewhere.Artifacts[0].Attestations[0].Publisher = elsewhere.Publisher
	for says, now := range map[string]*verify.Report{"never written into a spec": forgedReport(), "the spec was not changed: ": elsewhere} {
		m, used := at2()
		do(m, "a")
		if _, asked := m.overlay.(*confirm); !asked {
			t.Fatal(m.toast)
		}
		send(m, eventsMsg{{ID: 0, Generation: m.store.Ask(0)[0].Generation, Kind: scan.Finished, Report: now}})
		do(m, "y")
		if expectSaid(t, m, says); string(used.says()) != specText {
			t.Errorf("it was written: %s", used.says())
		}
	}
}
