package ui

import (
	"context"
	"encoding/base64"
	"errors"

	"fmt"

	"runtime"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/ui/coverage"
	reports "plimsoll/ui/report"
	"plimsoll/ui/state"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
)

// world is all that comes to the screen from outside.
type world struct {
	Spec         catalog.Spec
	Dossier      verify.Dossier
	Past         history.History
	Runs         [2]coverage.Run
	Title, Trust string
	Doing        string // what the engine says that it does
	TriageOff    string
	Decision     triage.Decision
	Evidence     reports.Trust // what the verdicts rest on
}

func filledWorld() *world {
	w := &world{}
	hostile.Fill(w)
	w.Spec.Protocol, w.Spec.Err = catalog.NPX, nil
	w.Past.Versions = append(w.Past.Versions, w.Past.Versions[0])
	w.Past.Versions[1].Current = false
	bundle := &w.Dossier.Bundles[0]
	bundle.Artifact, bundle.Attestation = &w.Dossier.Artifacts[0], &w.Dossier.Artifacts[0].Attestations[0]
	for i := range w.Runs {
		w.Runs[i].Catalog = "catalog"
	}
	return w
}

// become gives the package a status in which all its parts are shown.
func (w *world) become(s verify.Status) {
	r := &w.Dossier.Report
	r.Status, r.Artifacts[0].Status = s, s
	r.Findings[0].Severity, r.Findings[0].Known = verify.SeverityError, false
	a := &r.Artifacts[0].Attestations[0]
	a.Status, a.Kind = verify.Verified, verify.KindProvenance
	if s == verify.Invalid || s == verify.Unchecked {
		a.Status, r.Artifacts[0].Signatures[0].Status, a.Checks[0].Status = s, s, verify.Fail
	}
}

// options is the screen on that world.
func (w *world) options(th *theme.Theme) Options {
	o := options()
	used := newOffice()
	if next, err := used.loaded.With(w.Decision); err == nil {
		used.loaded = next
	}
	tools := &tools{}
	o.Theme, o.Title, o.Trust = th, w.Title, w.Trust
	o.Specs = append([]catalog.Spec{w.Spec}, sampleSpecs()[:3]...)
	o.Triage, o.TriageOff = used.options(), w.TriageOff
	o.Clipboard, o.Open, o.Export = tools.Write, tools.open, tools.export
	o.CoverageRuns = func() ([]coverage.Run, error) { return w.Runs[:], nil }
	o.Evidence = func() reports.Trust { return w.Evidence }
	o.History = func(context.Context, catalog.Spec, *verify.Report) (history.History, error) { return w.Past, nil }
	o.Examine = func(context.Context, catalog.Spec) (*verify.Dossier, error) { return &w.Dossier, nil }
	return o
}

// steps are the keys that lead past every screen, menu and prompt.
var steps = strings.Fields("c c c p p < > > space * esc S s s s S g y esc o esc E esc i esc : c o esc esc " +
	"enter w i esc : e x esc esc 2 3 4 5 + - 6 7 1 y y esc esc 5 y y esc 3 y y esc / t e x t enter n esc o esc E esc esc " +
	"t i esc : e x esc esc x k enter esc ! k esc c k esc a esc enter esc esc D j enter esc esc T i esc esc M j esc ? G / e esc esc / t e x enter esc")

// visit takes the tour through a world, and checks every nth frame from the
// first on.
func (w *world) visit(t *testing.T, good lineWidths, th *theme.Theme, size tea.WindowSizeMsg, what string, first, every int) (frames int) {
	t.Helper()
	m, step := send(New(w.options(th)), size), 0
	check := func(when string) {
		if step++; step%every == first%every {
			good.check(t, m, fmt.Sprintf("%s, %dx%d, %s", what, size.Width, size.Height, when))
			frames++
		}
	}
	check("loaded")
	report := w.Dossier.Report
	send(m, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Progress, Message: untrusted.Clean(w.Doing)}})
	check("checking")
	send(m, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: &report}, finished(1, 1), finished(2, 1), finished(3, 1)}, tickMsg{})
	m.store.Point(0)
	check("checked")
	for i, key := range steps {
		do(m, key)
		check(fmt.Sprintf("key %d, %s", i, key))
	}
	return frames
}

// sizes are tall enough for all of a tab, or small.
var tourSizes = []tea.WindowSizeMsg{
	{Width: 120, Height: 250}, {Width: 80, Height: 24}, {Width: 60, Height: 250}, {Width: 200, Height: 60}, {Width: 40, Height: 10},
}

// The hostile texts in every field that the screen is given: alone, each field
// with a fifth of them and with all in one, on an eighth of the screens; and in
// all fields at once, on every screen.
func TestHostileTextsOnEveryScreen(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	const every = 8 // frames of the tour of a text in one field
	themes := []*theme.Theme{theme.New(theme.Options{Color: true}), theme.New(theme.Options{}), theme.New(theme.Options{Color: true, ASCII: true})}
	texts, statuses := hostile.Texts(), verify.Statuses()
	sample := hostile.Sample(t) // one text in every field, and every text in some
	fields := len(hostile.Fields(filledWorld()))
	if fields < 200 {
		t.Errorf("only %d fields were found", fields)
	}
	t.Run("one field", func(t *testing.T) {
		t.Parallel()
		good, frames := lineWidths{}, 0
		for i := range fields {
			for j, text := range texts {
				n := i + j
				last := j == len(texts)-1 // which is all of them
				if sample && j == i%len(texts) {
					n = i
				} else if sample || n%5 > 0 && !last || text.Long() && n%16 > 0 {
					continue
				}
				w := filledWorld()
				w.become(statuses[n%len(statuses)])
				field := hostile.Fields(w)[i]
				field.Set(text.Value)
				frames += w.visit(t, good, themes[n%3], tourSizes[n%len(tourSizes)], text.Name+" in "+field.Path, n, every)
			}
		}
		t.Logf("%d texts in %d fields, %d steps: %d frames", len(texts), fields, len(steps), frames)
	})
	t.Run("every field", func(t *testing.T) {
		t.Parallel()
		good, frames := lineWidths{}, 0
		for i, text := range texts {
			for j, size := range tourSizes {
				n := i + j
				if text.Long() && j > 0 || sample && !text.Long() && j != i%len(tourSizes) {
					continue
				}
				w := filledWorld()
				for _, field := range hostile.Fields(w) {
					field.Set(text.Value)
				}
				w.become(statuses[n%len(statuses)])
				frames += w.visit(t, good, themes[n%3], size, text.Name+" everywhere", 0, 1)
			}
		}
		t.Logf("%d texts everywhere, %d steps: %d frames", len(texts), len(steps), frames)
	})
}

// A text of a MiB in every field is looked at a few times, and never again in a
// frame in which nothing has changed.
func TestLongTextsCostNoMore(t *testing.T) {
	hostile.WithoutRace(t)
	fields := len(hostile.Fields(filledWorld()))
	cost := func(length int) (tour, frames uint64) {
		w := filledWorld()
		for _, field := range hostile.Fields(w) {
			field.Set(strings.Repeat("漢x ", length/5))
		}
		w.become(verify.Mismatch)
		m := send(New(w.options(theme.New(theme.Options{Color: true}))), full)
		report := w.Dossier.Report
		send(m, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: &report}})
		m.store.Point(0)
		allocated := func(do func()) uint64 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			do()
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		for _, key := range steps {
			tour += allocated(func() { do(m, key); m.View() })
			frames += allocated(func() { m.View() })
		}
		return tour, frames
	}
	const short, long = 64 << 10, 1 << 20
	tour, frames := cost(short)
	longTour, longFrames := cost(long)
	t.Logf("texts of 64 KiB: %d KiB, %d of them in frames without a change; of 1 MiB: %d KiB, %d", tour>>10, frames>>10, longTour>>10, longFrames>>10)
	if longFrames > frames*3/2 {
		t.Errorf("frames without a change allocate %.1f times as much for texts 16 times as long", float64(longFrames)/float64(frames))
	}
	if most := tour + 3*uint64(fields)*(long-short); longTour > most {
		t.Errorf("the tour allocates %d KiB, want at most %d", longTour>>10, most>>10)
	}
}

// badState is a state that fails, and says why.
type badState struct{ err error }

func (b badState) Load() (state.Tables, bool, error) { return state.Tables{}, false, b.err }
func (b badState) Save(state.Tables) error           { return b.err }

// What the system, libraries and files say when something fails is cleaned as
// well, wherever it is shown, and so is what a person types or pastes.
func TestHostileErrorsOnTheScreen(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	good, frames := lineWidths{}, 0
	for _, text := range hostile.Texts() {
		err := errors.New(text.Value)
		for i, size := range tourSizes {
			o, used, events := triageOptions()
			used.fail = err
			used.file = append(used.file, "# "+text.Value+"\n"...)
			failing := &tools{clipErr: err, openErr: err, fileErr: func(string, bool) error { return err }}
			o.Clipboard, o.Open, o.Export = failing.Write, failing.open, failing.export
			o.State, o.Title = badState{err}, text.Value
			o.CoverageRuns = func() ([]coverage.Run, error) { return nil, err }
			o.History = func(context.Context, catalog.Spec, *verify.Report) (history.History, error) {
				return history.History{}, err
			}
			m := New(o)
			check := func(when string) {
				good.check(t, m, fmt.Sprintf("%s, %dx%d, %s", text.Name, size.Width, size.Height, when))
				frames++
			}
			send(m, size, action(func(m *Model) tea.Cmd { return m.recalled(state.Tables{}, false, err) }), events)
			check("recalled")
			m.Update(action(func(m *Model) tea.Cmd { return m.notSaved(err) }))
			check("not saved")
			for _, key := range strings.Fields("y n o r E enter D esc t a y esc x k enter enter c k enter esc enter 7 y y enter esc esc / M") {
				_, cmd := m.Update(typed(key))
				if key != "r" { // a check takes its time
					finish(m, cmd)
				}
				check(key)
			}
			if i == 0 && !text.Long() {
				send(m, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text.Value), Paste: true})
				check("pasted into the filter")
			}
			o.Specs, o.Load = nil, func(context.Context, func([]catalog.Spec)) error { return err }
			m = send(New(o), size, batchMsg(batch{last: true, err: err}))
			check("not loaded")
		}
	}
	t.Logf("%d frames", frames)
}

// A copy writes one sequence whose payload is base64 and nothing else, whatever
// is copied.
func TestACopyIsBase64(t *testing.T) {
	t.Parallel()
	for _, text := range hostile.Texts() {
		var out strings.Builder
		c, _ := newConsole(t.Context(), &out, false)
		if err := c.copy(text.Value); err != nil {
			if out.Len() > 0 || !errors.Is(err, errTooLarge) {
				t.Errorf("%s: %v, %.100q", text.Name, err, out.String())
			}
			continue
		}
		payload, ok := strings.CutPrefix(out.String(), "\x1b]52;c;")
		payload, end := strings.CutSuffix(payload, "\a")
		if data, err := base64.StdEncoding.DecodeString(payload); !ok || !end || err != nil || string(data) != text.Value {
			t.Errorf("%s: the terminal got %.200q", text.Name, out.String())
		}
	}
}
