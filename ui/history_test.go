package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/scan"
)

// archive answers questions for histories, and counts them.
type archive struct {
	asked []untrusted.Text
	ended []context.Context
	err   error
}

func (a *archive) history(ctx context.Context, spec catalog.Spec, r *verify.Report) (history.History, error) {
	a.asked = append(a.asked, spec.Package)
	a.ended = append(a.ended, ctx)
	if a.err != nil {
		return history.History{}, a.err
	}
	h := history.History{Release: r.Release, Versions: []history.Version{
		{Version: "2.4.1", Line: "2", Offered: history.RungSignature, Current: true},
		{Version: "2.4.0", Line: "2", Offered: history.RungProvenance},
	}}
	h.Compare()
	return h, nil
}

// openedArchive is the package screen of the first package. The third has been
// checked as well.
func openedArchive() (*Model, *archive) {
	o, _ := toolOptions()
	a := &archive{}
	o.History = a.history
	return press(send(New(o), tea.WindowSizeMsg{Width: 120, Height: 40}, toolEvents()), "enter"), a
}

func screenHas(t *testing.T, m *Model, want string) {
	t.Helper()
	if text := visible(m.View()); !strings.Contains(text, want) {
		t.Errorf("%q is not on the screen:\n%s", want, text)
	}
}

func TestHistoryIsFetchedWhenItsTabIsOpened(t *testing.T) {
	t.Parallel()
	m, a := openedArchive()
	do(m, "1", "2", "6")
	if len(a.asked) != 0 {
		t.Errorf("asked %v before the tab was opened", a.asked)
	}
	_, cmd := m.Update(typed("7"))
	screenHas(t, m, "Asking the registry")
	finish(m, cmd)
	screenHas(t, m, "The release offers less than 2.4.0")
	do(m, "1", "7", "esc", "enter", "7")
	if len(a.asked) != 1 {
		t.Errorf("asked %d times, want once", len(a.asked))
	}
}

func TestHistoryIsAskedForAgain(t *testing.T) {
	t.Parallel()
	m, a := openedArchive()
	a.err = errors.New("the server answers 503")
	do(m, "7")
	screenHas(t, m, "The server answers 503.")
	screenHas(t, m, "Recheck the package to try again.")
	do(m, "1", "7")
	if len(a.asked) != 1 {
		t.Errorf("asked %d times without being told to", len(a.asked))
	}
	a.err = nil
	do(m, "r")
	screenHas(t, m, "The release offers less than 2.4.0")

	// A package that is checked again has another history.
	m.Update(typed("r"))
	_, cmd := m.Update(eventsMsg{{ID: 0, Generation: 2, Kind: scan.Finished, Report: proven()}})
	m.Update(pastOf(t, cmd))
	if len(a.asked) != 3 {
		t.Errorf("asked %d times, want 3", len(a.asked))
	}
}

func TestHistoryOfAnotherPackageIsDropped(t *testing.T) {
	t.Parallel()
	m, a := openedArchive()
	_, first := m.Update(typed("7"))
	answer := pastOf(t, first)
	m.Update(typed("J"))
	_, second := m.Update(typed("J"))
	m.Update(answer)
	screenHas(t, m, "Asking the registry")
	m.Update(pastOf(t, second))
	screenHas(t, m, "The release offers less than 2.4.0")
	do(m, "K", "K")
	if len(a.asked) != 3 || a.asked[0] != a.asked[2] {
		t.Errorf("asked for %q", a.asked)
	}
	if a.ended[0].Err() == nil {
		t.Error("the first question was not ended")
	}
}

// pastOf runs the command of an update that asks for a history: the last one.
// Others may wait for ever.
func pastOf(t *testing.T, cmd tea.Cmd) tea.Msg {
	t.Helper()
	if cmd == nil {
		t.Fatal("nothing was asked")
	}
	msg := cmd()
	if batch, ok := msg.(tea.BatchMsg); ok {
		msg = batch[len(batch)-1]()
	}
	if _, ok := msg.(action); !ok {
		t.Fatalf("no history was asked for, but %T", msg)
	}
	return msg
}

func TestHistoryOfAnUncheckedPackageIsNotAskedFor(t *testing.T) {
	t.Parallel()
	m, a := openedArchive()
	do(m, "esc", "j", "enter", "7")
	screenHas(t, m, "Not checked yet.")
	if len(a.asked) != 0 {
		t.Errorf("asked for %q", a.asked)
	}
}

func TestHistoryIsNotAvailable(t *testing.T) {
	t.Parallel()
	m := openedAt(tea.WindowSizeMsg{Width: 120, Height: 40})
	do(m, "7")
	screenHas(t, m, "The history is not available here")
}

func TestHistoryKnowsThePublishersOfTheCatalog(t *testing.T) {
	t.Parallel()
	o, _ := toolOptions()
	a := &archive{}
	o.History = a.history
	before := proven()
	before.Release.Version = "2.4.0"
	other := *before.Publisher
	other.Repository, other.RepositoryID = "https://github.com/other/place", "99"
	before.Publisher, before.Artifacts = &other, slices.Clone(before.Artifacts)
	before.Artifacts[0].Attestations = slices.Clone(before.Artifacts[0].Attestations)
	before.Artifacts[0].Attestations[0].Publisher = &other
	m := press(send(New(o), tea.WindowSizeMsg{Width: 120, Height: 40}, append(toolEvents(),
		scan.Event{ID: 1, Generation: 1, Kind: scan.Finished, Report: before})), "enter")
	do(m, "7")
	screenHas(t, m, "The release comes from another place than 2.4.0")
}
