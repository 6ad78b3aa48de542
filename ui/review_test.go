package ui

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/review"
	"plimsoll/verify/triage"
)

func reviewCursor(m *Model) string {
	if row := m.review.env.store.Cursor(); row != nil {
		return string(row.Spec.Path)
	}
	return ""
}

// The cursor stays on its change while results arrive, and while the review is
// begun again.
func TestReviewKeepsTheCursor(t *testing.T) {
	t.Parallel()
	m := reviewWith(full, reviewed{review: reviewOf(0)})
	press(m, "jjj")
	want := reviewCursor(m)
	for n := range len(changeList()) + 1 {
		m.tookReview(reviewed{run: m.review.run, review: reviewOf(n)})
		m.Update(tickMsg{})
		if got := reviewCursor(m); got != want {
			t.Fatalf("after %d results the cursor is on %s, was on %s", n, got, want)
		}
	}
	do(m, "r")
	if got := reviewCursor(m); got != want || m.review.cancel != nil {
		t.Errorf("after r the cursor is on %s, was on %s", got, want)
	}
	press(m, "/", "bumped", "enter")
	do(m, "r")
	if m.review.env.store.Filter() != "bumped" {
		t.Error("r dropped the filter")
	}
}

// Nothing of a review is shown as good before it is judged, nor once what it rests
// on has changed.
func TestReviewIsOutdatedByATrust(t *testing.T) {
	t.Parallel()
	m := reviewAt(full)
	m.review.due = true
	press(m, "j")
	if m.review.cancel == nil || m.review.due {
		t.Fatal("the review was not begun again")
	}
	m.tookReview(reviewed{run: m.review.run, review: reviewOf(0)})
	if frame := m.View(); strings.Contains(frame, "pass") || strings.Contains(frame, "\x1b[32m") {
		t.Errorf("something is shown as good:\n%s", frame)
	}
}

// What belongs to a review that was begun before is dropped.
func TestReviewDropsTheOlder(t *testing.T) {
	t.Parallel()
	m := reviewWith(full, reviewed{})
	box := &reviewBox{run: m.review.run, changed: make(chan struct{}, 1)}
	box.put(reviewOf(1000), true, nil)
	late := box.listen(context.Background())()
	m.startReview()
	m.Update(late)
	if m.review.latest != nil || m.review.cancel == nil {
		t.Error("the answer to an older review was taken")
	}
}

// A newer trust gives a change another verdict after it was judged.
func TestReviewTakesANewerAnswer(t *testing.T) {
	t.Parallel()
	m := reviewWith(full, reviewed{review: reviewOf(1000)})
	press(m, "/", "mooring", "enter")
	id := m.review.env.store.Cursor().ID
	now := reviewOf(1000)
	for i := range now.Changes {
		if c := &now.Changes[i]; c.Path == "npx/mooring/spec.yaml" {
			c.After.Report = unreachable("mooring", "1.1.0")
			c.Judge(nil)
		}
	}
	m.tookReview(reviewed{run: m.review.run, review: now, ended: true})
	if row := m.review.env.store.Row(id); row.Status != verify.Unchecked {
		t.Errorf("the status is %v", row.Status)
	}
}

// From a change every tab of both packages can be reached, and the evidence is that
// of the side that is shown.
func TestReviewSides(t *testing.T) {
	t.Parallel()
	var asked []string
	o := options()
	o.Examine = func(_ context.Context, spec catalog.Spec) (*verify.Dossier, error) {
		asked = append(asked, string(spec.Version))
		return dossierOf(released("sextant", string(spec.Version), acme), provenDossier().Bundles[0]), nil
	}
	m := onChangeOf(do(send(New(o), full, answers(upTo(11)...)), "V"), "sextant")
	d := m.top().(*detail)
	asked = nil
	do(m, "b", "2")
	if d.row >= 0 || len(asked) == 0 || asked[0] != "2.1.0" || !strings.Contains(m.View(), "before") {
		t.Errorf("before the change: row %d, examined %q\n%s", d.row, asked, m.View())
	}
	do(m, "b")
	if d.row < 0 || d.tab != view.Certificates {
		t.Errorf("b leads to row %d, tab %d", d.row, d.tab)
	}
	do(m, "0")
	if d.tab != view.Change {
		t.Error("0 does not lead to both chains")
	}
	do(m, "enter")
	if d.tab != view.Overview || d.row < 0 {
		t.Error("enter does not lead to the package after the change")
	}
	do(m, "shift+tab", "shift+tab")
	if d.tab != view.History {
		t.Errorf("shift+tab twice leads to tab %d", d.tab)
	}
	do(m, "tab")
	if d.tab != view.Change {
		t.Errorf("tab leads from the last tab to %d", d.tab)
	}
}

// A spec whose folder was renamed is looked up by its place after the change, from
// either side.
func TestReviewOfARenamedFolder(t *testing.T) {
	t.Parallel()
	m := onChangeOf(reviewAt(full), "mooring")
	d := m.top().(*detail)
	press(m, "b")
	row := m.here().row(d.row)
	if d.row >= 0 || row.Spec.Path != "npx/mooring-old/spec.yaml" || m.review.link(row) == "" {
		t.Errorf("before: row %d, %s, link %q", d.row, row.Spec.Path, m.review.link(row))
	}
	if press(m, "0", "y", "y"); m.overlay == nil || len(m.overlay.(*menu).items) < 5 {
		t.Errorf("the values of both chains are not offered\n%s", m.View())
	}
}

func TestReviewStepsThroughChanges(t *testing.T) {
	t.Parallel()
	m := press(reviewAt(full), "g", "enter", "J")
	d := m.top().(*detail)
	if row := m.review.env.row(d.row); row.Name() != "npx/sextant" {
		t.Errorf("J leads to %s", row.Name())
	}
	press(m, "b", "K") // before the change, and there too
	if row := m.review.env.row(d.row); d.row >= 0 || row.Name() != "npx/@harbour/rudder-control" || row.Texts[2] != "1.14.0" {
		t.Errorf("K leads to %s %s", row.Name(), row.Texts[2])
	}
	press(m, "K")
	expectSaid(t, m, "the first change")
	press(m, "G", "esc", "G", "enter", "J")
	expectSaid(t, m, "the last change")
}

// A decision is written into the files, and changes no verdict of the review.
func TestReviewDecision(t *testing.T) {
	t.Parallel()
	o, used, events := triageOptions()
	m := do(send(New(o), full, events), "V")
	do(m, "/", "sextant", "enter", "t")
	before := m.review.tally[0].n
	do(m, "a")
	expectSaid(t, m, "not changed in a review")
	do(m, "x", "the project moved", "enter", "enter")
	expectSaid(t, m, "wrote triage.yaml   z takes it back   known review.publisher of npx/sextant; it counts once it is in the base")
	if len(used.saved) != 1 || used.saved[0].Len() != 1 || used.saved[0].All()[0].Rule != "review.publisher" {
		t.Fatalf("saved %+v", used.saved)
	}
	if m.review.tally[0].n != before {
		t.Error("a decision that is not in the base changed the verdict")
	}
	c := m.review.byPath["npx/sextant/spec.yaml"]
	if row := m.review.env.store.Cursor(); !c.Findings[0].Open() || !strings.Contains(m.review.decided(row, c.Findings[0]), "the project moved") {
		t.Errorf("the finding is open: %v; here: %q", c.Findings[0].Open(), m.review.decided(row, c.Findings[0]))
	}
	for _, p := range m.triage.pending(m.review.env.store) {
		if p.Finding.Rule == "review.publisher" {
			t.Error("what was decided is still asked for")
		}
	}
	do(m, "z")
	if len(used.saved) != 2 || used.saved[1].Len() != 0 {
		t.Errorf("taken back, %d were saved", len(used.saved))
	}
	if do(m, "q", "q"); m.here().review != nil {
		t.Error("q does not lead back to the packages")
	}
}

// What the base decided is decided: nothing asks for it again.
func TestReviewAsksForWhatTheBaseDidNotDecide(t *testing.T) {
	t.Parallel()
	m := reviewWith(full, reviewed{})
	now := reviewOf(1000)
	for i := range now.Changes {
		c := &now.Changes[i]
		if c.After == nil || c.Path != "npx/rudder/spec.yaml" && c.Path != "npx/sextant/spec.yaml" {
			continue
		}
		c.Judge(func(spec catalog.Spec, r *verify.Report) {
			for _, f := range r.Findings {
				d, err := (*triage.Decisions)(nil).With(triage.Decide(spec, r, f, triage.Known, "as it should be"))
				if err != nil {
					t.Error(err)
				}
				d.Review(spec, r, clock())
			}
		})
		if c.Verdict != verify.VerdictPass {
			t.Errorf("%s: %s", c.Path, c.Why)
		}
	}
	m.tookReview(reviewed{run: m.review.run, review: now, ended: true})
	for _, p := range m.triage.pending(m.review.env.store) {
		if strings.HasPrefix(p.Finding.Rule, "review.") && p.Path != "npx/topsail/spec.yaml" { // about which nothing was decided
			t.Errorf("%s is asked for", p.Finding.Rule)
		}
	}
}

func TestReviewLinks(t *testing.T) {
	t.Parallel()
	o, used := toolOptions()
	m := do(send(New(o), full, toolEvents()), "V")
	onChangeOf(m, "mooring")
	do(m, "Y")
	do(m, "o", "c")
	if len(used.clip) != 1 || !strings.HasPrefix(used.clip[0], acme+"/compare/") || len(used.opened) != 1 || used.opened[0] != used.clip[0] {
		t.Errorf("copied %q, opened %q", used.clip, used.opened)
	}
	do(m, "esc", "esc")
	onChangeOf(m, "sextant")
	do(m, "o", "c")
	expectSaid(t, m, "nothing proves two commits of one repository")
}

// The review is written as the command writes it, once it has ended.
func TestReviewExport(t *testing.T) {
	t.Parallel()
	o, used := toolOptions()
	m := do(send(New(o), full, toolEvents()), "V", "E", "enter")
	expectSaid(t, m, "wrote the review of 10 changes to review.md")
	if text := used.files["review.md"]; !strings.Contains(text, "review.publisher") || strings.Contains(text, "\x1b") {
		t.Errorf("it holds %q", text)
	}
	do(m, "E", "backspace", "backspace", "json", "enter")
	if text := used.files["review.json"]; !strings.Contains(text, `"plimsoll/review/v1"`) {
		t.Errorf("it holds %q", text)
	}
	do(m, "E", "backspace", "backspace", "csv", "enter")
	expectSaid(t, m, "a review has no table")
	m = reviewWith(full, reviewed{review: reviewOf(4)})
	do(m, "E")
	expectSaid(t, m, "wait")
}

func TestReviewThatFails(t *testing.T) {
	t.Parallel()
	o := options()
	fails := errNoGit
	o.Review = func(_ context.Context, update func(*review.Review)) error {
		if fails == nil {
			update(reviewOf(1000))
		}
		return fails
	}
	m := do(send(New(o), full, answers(upTo(11)...)), "V")
	expectSaid(t, m, "could not be reviewed")
	fails = nil
	do(m, "r")
	if m.review.screen.state != ready || m.review.env.store.Shown() != len(changeList()) {
		t.Errorf("r shows %d changes", m.review.env.store.Shown())
	}
	fails = errors.New("the repository was removed")
	if do(m, "r"); !strings.Contains(m.View(), "Press r to try again") || strings.Contains(m.View(), "pass") {
		t.Errorf("what was reviewed before is shown:\n%s", m.View())
	}
	o.Review, o.ReviewOff = nil, "there is no folder"
	m = press(send(New(o), full), "V")
	expectSaid(t, m, "there is no folder")
	if len(m.stack) != 1 {
		t.Error("a screen was opened")
	}
}

// The first frame comes before git is asked.
func TestReviewBeginsAfterTheFirstFrame(t *testing.T) {
	t.Parallel()
	o := options()
	asked := false
	o.ReviewAlone, o.Specs, o.Engine = true, []catalog.Spec{}, nil
	o.Review = func(context.Context, func(*review.Review)) error { asked = true; return nil }
	m := New(o)
	if m.Init() != nil || asked {
		t.Error("something was asked before the first frame")
	}
	_, cmd := m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if asked || cmd == nil {
		t.Error("git was asked in Update, or not at all")
	}
}

// What a review found must not push off the screen that its evidence is made up.
func TestReviewSaysThatItsEvidenceIsMadeUp(t *testing.T) {
	t.Parallel()
	for _, width := range []int{60, 80, 200} {
		m := reviewWith(tea.WindowSizeMsg{Width: width, Height: 24}, reviewed{review: wholeFinding(), ended: true})
		m.trust = "demo: made-up evidence, checked against the demo's own trust root"
		frame := m.View()
		if !strings.Contains(frame, "demo: made-up evidence") || !strings.Contains(frame, "policy.yaml is changed") {
			t.Errorf("%d columns:\n%s", width, frame)
		}
	}
}

// A warning beside a failure changes no order: the screen and the text list changes
// alike.
func TestReviewWarnsOfWhatPasses(t *testing.T) {
	t.Parallel()
	warning := []verify.Finding{{Rule: "review.runner", Severity: verify.Warning}}
	for verdict, want := range map[verify.Verdict]bool{verify.VerdictPass: true, verify.VerdictFail: false, verify.VerdictUnchecked: false} {
		if got := warned(&review.Change{Verdict: verdict, Findings: warning}); got != want {
			t.Errorf("%v: warned is %v", verdict, got)
		}
	}
}

// The presets of a review are its verdicts, its order is kept apart from the
// packages', and esc leads out of a preset before it leaves the review.
func TestReviewHasItsOwnPresetsAndOrder(t *testing.T) {
	t.Parallel()
	f := &fakeState{}
	o := options()
	o.State = f
	m := send(New(o), full)
	send(m, m.recall()(), answers(upTo(11)...))
	do(m, "V", "f")
	wantFrame(t, m, "after f", "› failing", "f could not be checked")
	for _, row := range m.review.env.store.Window(0, 99) {
		if c := m.review.change(m.review.env.store.Row(row)); verdictOf(c) != "fail" {
			t.Errorf("%v is shown, which is %v", c.Path, verdictOf(c))
		}
	}
	press(m, "s", "p", "esc")
	if m.review.env.store.Preset() != store.All || m.here().review == nil {
		t.Error("esc does not drop the preset first")
	}
	if m.leave(); f.table.Review.Sort != "package" || f.table.Review.Preview || f.table.Packages.Sort != "status" || !f.table.Packages.Preview {
		t.Errorf("kept %+v", f.table)
	}
}

// A review that belongs to another catalog than the table's says so.
func TestAReviewHasATitleOfItsOwn(t *testing.T) {
	t.Parallel()
	o := options()
	o.Title, o.ReviewTitle = "here", "there"
	m := send(New(o), full)
	if got := visible(m.View()); !strings.Contains(got, "here") || strings.Contains(got, "there") {
		t.Errorf("the table is not titled by its catalog:\n%s", got)
	}
	m.stack = append(m.stack, m.review.screen)
	if got := visible(m.View()); !strings.Contains(got, "there") {
		t.Errorf("the review is not titled by what is reviewed:\n%s", got)
	}
}
