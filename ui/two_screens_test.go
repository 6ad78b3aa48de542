package ui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/verify/triage"
)

// twoScreens are two screens on the findings of one catalog, each at another one.
func twoScreens() (a, b *Model, used *office) {
	o, used, events := triageOptions()
	o.Triage.Read = func(*triage.Decisions) (*triage.Decisions, error) { return used.now(), nil }
	a, b = send(New(o), full, events), send(New(o), full, events)
	do(a, "t", "n")
	do(b, "t", "n", "n")
	return a, b, used
}

// reasons are those of decisions, in the order of the file.
func reasons(d *triage.Decisions) string {
	var list []string
	for _, decision := range d.All() {
		list = append(list, decision.Reason)
	}
	return strings.Join(list, ", ")
}

// What two screens decide at the same moment is kept, each reads what the other decided,
// and each takes back its own.
func TestTwoScreensDecideAtOnce(t *testing.T) {
	t.Parallel()
	a, b, used := twoScreens()
	do(a, "!", "a fork")
	do(b, "!", "old")
	_, first := a.Update(typed("enter"))
	_, second := b.Update(typed("enter"))
	finish(b, second)
	expectSaid(t, b, "wrote triage.yaml   z takes it back   rejected metadata.repository of")
	finish(a, first)
	expectSaid(t, a, "others decided as well: 1 finding")
	if got := reasons(used.now()); got != "a fork, old" {
		t.Fatalf("the file says %q", got)
	}
	if got := queueOf(a); len(got) != 1 || a.triage.decisions.Len() != 2 {
		t.Errorf("the first screen has %v to decide", got)
	}
	do(b, "z")
	expectSaid(t, b, "taken back")
	expectSaid(t, b, "others decided as well: 1 finding")
	if got := reasons(used.now()); got != "a fork" || reasons(b.triage.decisions) != got {
		t.Errorf("after the second took its own back the file says %q", got)
	}
	do(a, "z")
	if got := reasons(used.now()); got != "" || len(queueOf(a)) != 3 {
		t.Errorf("after the first took its own back the file says %q", got)
	}
	do(b, "Z")
	do(a, "Z")
	if got := reasons(used.now()); got != "a fork, old" {
		t.Errorf("made again, the file says %q", got)
	}
}

// What somebody else decided about the same finding is shown before it is replaced, what
// was typed stays, and a step that was overtaken is in the way of no other.
func TestTwoScreensDecideAboutOneFinding(t *testing.T) {
	t.Parallel()
	a, b, used := twoScreens()
	do(a, "!", "a fork", "enter")
	do(b, "N", "x", "it moved", "enter", "enter")
	expectSaid(t, b, "decided meanwhile (rejected on 2026-04-02: a fork): enter again replaces that")
	if p, ok := b.overlay.(*decidePrompt); !ok || p.value() != "it moved" || p.kind != triage.Known {
		t.Fatalf("what was typed is lost: %T", b.overlay)
	}
	// The list behind goes on to the next finding: the question says which one it is about.
	if p := b.overlay.(*decidePrompt).finding; !strings.Contains(frame(b), p.Finding.Rule+" of "+b.store.Row(p.ID).Name()) {
		t.Errorf("it is not said what is decided:\n%s", frame(b))
	}
	if got := reasons(used.now()); got != "a fork" {
		t.Fatalf("the file says %q", got)
	}
	do(b, "enter", "enter")
	if got := reasons(used.now()); got != "it moved" || b.overlay != nil {
		t.Fatalf("the file says %q", got)
	}
	do(a, "n", "n", "!", "old", "enter", "z", "z")
	expectSaid(t, a, "nothing was changed: decided meanwhile (known on 2026-04-02: it moved)")
	do(a, "z")
	expectSaid(t, a, "nothing to take back")
	do(b, "z")
	if got := reasons(used.now()); got != "a fork" {
		t.Errorf("what was replaced comes back as %q", got)
	}
}

// A decision that somebody else took back while another was typed in its place.
func TestTwoScreensOneTakesBack(t *testing.T) {
	t.Parallel()
	a, b, used := twoScreens()
	do(a, "!", "a fork", "enter")
	b.decisionsRead(used.now(), nil)
	o := b.store.Row(0)
	finding := pending{triage.Entry{ID: 0, Path: o.Spec.Path, Judged: b.triage.judge(b.store, o)[0]}}
	b.overlay = &decidePrompt{finding: finding, kind: triage.Note, seen: b.triage.standing(b.store, finding), input: newInput("", "asked", maxReason)}
	do(a, "z")
	do(b, "enter")
	expectSaid(t, b, "what was decided about it was taken back by somebody else: enter again decides")
	if do(b, "enter"); reasons(used.now()) != "asked" {
		t.Errorf("the file says %q", reasons(used.now()))
	}
	do(a, "!", "a fork", "enter")
	expectSaid(t, a, "decided meanwhile (noted on 2026-04-02: asked): enter again replaces that")
	if do(a, "esc"); reasons(a.triage.decisions) != "asked" {
		t.Error("the other's note was not read")
	}
}

// Whoever opens triage has what others decided before, watching or not.
func TestTriageReadsWhatOthersDecided(t *testing.T) {
	t.Parallel()
	a, b, used := twoScreens()
	do(a, "!", "a fork", "enter")
	do(b, "esc", "t")
	expectSaid(t, b, "triage.yaml was changed by somebody else; decisions that hold now: 1")
	if len(queueOf(b)) != 2 {
		t.Errorf("%v are to decide", queueOf(b))
	}
	// So has a screen that is left open, within a minute.
	if finish(a, a.minutePassed(clock())); a.triage.decisions.Len() != 1 {
		t.Error("it read something else than it wrote")
	}
	a.triage.options.Read = func(*triage.Decisions) (*triage.Decisions, error) { return nil, errDisk }
	for i, want := range []string{"triage.yaml cannot be read; the decisions before hold: no space left on device", ""} {
		a.toast = ""
		if finish(a, a.minutePassed(clock())); a.toast != want || a.triage.decisions.Len() != 1 {
			t.Errorf("minute %d: it says %q", i, a.toast)
		}
	}
	// What is read while something is written is old.
	reading := b.readDecisions()
	do(b, "G", "!", "old", "enter")
	if finish(b, reading); reasons(b.triage.decisions) != reasons(used.now()) || b.triage.decisions.Len() != 2 {
		t.Errorf("it holds %q, the file says %q", reasons(b.triage.decisions), reasons(used.now()))
	}
}

// A spec that somebody else wrote meanwhile is read again, and checked as it is now.
func TestASpecThatChangedIsReadAgain(t *testing.T) {
	t.Parallel()
	for _, keys := range [][]string{{"a"}, {"a", "y"}} {
		m, used := at2()
		loads := 0
		m.options.Load = nil
		m.triage.options.Read = func(held *triage.Decisions) (*triage.Decisions, error) { loads++; return held, nil }
		do(m, keys[:len(keys)-1]...)
		used.file = append(used.file, "# somebody was here\n"...)
		do(m, keys[len(keys)-1])
		expectSaid(t, m, catalog.ErrChanged.Error()+", and is read again")
		if loads != 1 || m.reread.due {
			t.Errorf("%v: the catalog was read %d times", keys, loads)
		}
	}
}

// Three screens decide, take back and make again at random, and what each writes comes
// when it comes. Nobody's decision is replaced or taken away by another who has not been
// shown it, and in the end all see what the file says.
func TestScreensAtRandom(t *testing.T) {
	t.Parallel()
	seeds := 100
	if hostile.Sample(t) {
		seeds = 10
	}
	for seed := range seeds {
		random := rand.New(rand.NewPCG(7, uint64(seed)))
		o, used, events := triageOptions()
		o.Triage.Read = func(held *triage.Decisions) (*triage.Decisions, error) {
			text, err := used.now().Marshal()
			if err != nil {
				return nil, err
			}
			return held.Reload(fstest.MapFS{triage.FileName: {Data: text}})
		}
		var screens [3]*Model
		var waiting [3][]tea.Cmd
		made := 0
		for i := range screens {
			options, name := *o.Triage, string(rune('a'+i))
			shown := map[string]bool{}
			options.Decide = func(held *triage.Decisions, c triage.Change) (*triage.Decisions, error) {
				now, err := used.decide(held, c)
				switch {
				case err != nil:
					for _, decision := range now.All() {
						shown[decision.Reason] = true // it is, see TestTwoScreensDecideAboutOneFinding
					}
				case c.From != nil && !strings.HasPrefix(c.From.Reason, name) && !shown[c.From.Reason]:
					t.Errorf("seed %d: %s replaced %q, which it had not seen", seed, name, c.From.Reason)
				default:
					made++
				}
				return now, err
			}
			own := o
			own.Triage = &options
			screens[i] = press(send(New(own), full, events), "t")
		}
		for n := range 60 {
			i := random.IntN(len(screens))
			m := screens[i]
			switch random.IntN(6) {
			case 0, 1:
				do(m, []string{"n", "N"}[random.IntN(2)])
			case 2:
				press(m, "esc", "t", "G", "!")
				if m.overlay == nil {
					continue
				}
				press(m, fmt.Sprintf("%c %d", 'a'+i, n))
				_, cmd := m.Update(typed("enter"))
				waiting[i] = append(waiting[i], cmd)
			case 3, 4:
				_, cmd := m.Update(typed([]string{"z", "Z"}[random.IntN(2)]))
				waiting[i] = append(waiting[i], cmd)
			default:
				for _, cmd := range waiting[i] {
					finish(m, cmd)
				}
				waiting[i] = nil
			}
		}
		for i, m := range screens {
			for _, cmd := range waiting[i] {
				finish(m, cmd)
			}
		}
		for i, m := range screens {
			if finish(m, m.readDecisions()); reasons(m.triage.decisions) != reasons(used.now()) || m.triage.busy {
				t.Errorf("seed %d: screen %d holds %q, the file says %q", seed, i, reasons(m.triage.decisions), reasons(used.now()))
			}
		}
		if made == 0 {
			t.Errorf("seed %d: nothing was decided", seed)
		}
	}
}
