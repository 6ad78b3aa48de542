package ui

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// examiner answers what the screen asks when a package is opened.
type examiner struct {
	asked  []string
	answer func() (*verify.Dossier, error)
}

func (x *examiner) examine(_ context.Context, spec catalog.Spec) (*verify.Dossier, error) {
	x.asked = append(x.asked, string(spec.Package))
	return x.answer()
}

// briefly is a screen whose engine gives brief reports; the cursor is on one
// that is proven.
func briefly(t *testing.T, answer func() (*verify.Dossier, error)) (*Model, *examiner) {
	t.Helper()
	x := &examiner{answer: answer}
	o, _ := toolOptions()
	o.Examine = x.examine
	m := send(New(o), tea.WindowSizeMsg{Width: 120, Height: 40}, briefEvents(1))
	if row := m.store.Cursor(); row == nil || row.ID != 0 || len(x.asked) != 0 {
		t.Fatalf("before: %+v, asked %v", row, x.asked)
	}
	return m, x
}

func briefEvents(generation int) eventsMsg {
	return eventsMsg{{ID: 0, Generation: generation, Kind: scan.Finished, Report: proven()}}
}

func whole() (*verify.Dossier, error) { return provenDossier(), nil }

func TestEvidenceIsReadWhenAPackageIsOpened(t *testing.T) {
	t.Parallel()
	m, x := briefly(t, whole)
	_, cmd := m.Update(typed("enter"))
	screenHas(t, m, "built by") // the chain of custody is there at once
	press(m, "3")
	screenHas(t, m, "The evidence is being read and verified again")
	finish(m, cmd)
	for _, tab := range []string{"2", "3", "5", "6"} {
		press(m, tab)
		if frame := m.View(); strings.Contains(frame, "being read") || strings.Contains(frame, "not kept") {
			t.Errorf("tab %s:\n%s", tab, frame)
		}
	}
	row := m.store.Row(0)
	if row.Status != verify.Verified {
		t.Errorf("the verdict became %v", row.Status)
	}
	if dossier, _ := m.dossier(row); dossier == nil || row.Report == &dossier.Report || len(dossier.Bundles[0].Raw) == 0 {
		t.Error("the package screen has no evidence")
	}
	do(m, "esc", "enter")
	if len(x.asked) != 1 {
		t.Errorf("asked again for evidence that is here: %v", x.asked)
	}
	// A check of the row makes the evidence that of an older verdict.
	press(m, "r")
	if m.Update(briefEvents(2)); m.dossiers.asked == nil {
		t.Error("after another check the evidence was not asked for again")
	}
}

// What is fetched when a package is opened may say something else than the
// table does: then the table says it too.
func TestEvidenceThatChangedChangesTheVerdict(t *testing.T) {
	t.Parallel()
	m, _ := briefly(t, func() (*verify.Dossier, error) { return dossierOf(forgedReport(), verify.Bundle{}), nil })
	do(m, "enter")
	row := m.store.Row(0)
	if row.Status != verify.Invalid || row.Report.Publisher != nil {
		t.Errorf("got %v, publisher %v", row.Status, row.Report.Publisher)
	}
	screenHas(t, m, "! invalid")
	if !strings.Contains(m.toast, "invalid, was verified") {
		t.Errorf("it says %q", m.toast)
	}
	if n := m.store.Count(verify.Invalid); n != 1 {
		t.Errorf("%d are counted as invalid, expected 1", n)
	}
}

func TestEvidenceThatCannotBeHad(t *testing.T) {
	t.Parallel()
	failed := verify.Failed(verify.Release{}, "no route to the registry")
	for name, answer := range map[string]func() (*verify.Dossier, error){
		"error":  func() (*verify.Dossier, error) { return nil, errors.New("no route to the registry") },
		"report": func() (*verify.Dossier, error) { return &verify.Dossier{Report: failed}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			m, x := briefly(t, answer)
			do(m, "enter")
			for _, tab := range []string{"1", "3", "6"} {
				press(m, tab)
				screenHas(t, m, "No route to the registry.")
				screenHas(t, m, "could not be read again")
			}
			if row := m.store.Row(0); row.Status != verify.Verified {
				t.Errorf("the verdict became %v", row.Status)
			}
			do(m, "esc", "enter")
			if len(x.asked) != 1 {
				t.Errorf("asked %d times", len(x.asked))
			}
		})
	}
}

// Evidence that was asked for of an earlier answer says nothing of the one of now.
func TestEvidenceOfAnEarlierAnswerIsDropped(t *testing.T) {
	t.Parallel()
	m, _ := briefly(t, func() (*verify.Dossier, error) { return dossierOf(forgedReport(), verify.Bundle{}), nil })
	_, cmd := m.Update(typed("enter"))
	press(m, "esc", "r") // the question stays open
	m.Update(briefEvents(2))
	answer := m.store.Row(0).Answer
	finish(m, cmd)
	if row := m.store.Row(0); row.Answer != answer || row.Status != verify.Verified || row.Waiting {
		t.Errorf("evidence of an earlier answer took its place: %v", row.Status)
	}
}

// An answer for a package that is no longer open is dropped, and only the last
// packages keep their evidence.
func TestEvidenceIsBounded(t *testing.T) {
	t.Parallel()
	m, _ := briefly(t, whole)
	_, cmd := m.Update(typed("enter"))
	m.dossiers.asked = &found[*verify.Dossier]{row: 0, answer: m.store.Row(0).Answer} // asked again meanwhile
	if finish(m, cmd); len(m.dossiers.known) != 0 {
		t.Error("the answer to an older question was taken")
	}
	for i := range 3 * maxFound {
		m.dossiers.keep(&found[*verify.Dossier]{row: i, answer: proven()})
	}
	if n := len(m.dossiers.known); n != maxFound || m.dossiers.known[n-1].row != 3*maxFound-1 {
		t.Errorf("%d packages keep their evidence", n)
	}
}
