package ui

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/verify"
)

// published is what a TUF repository holds, or a process that fetched it.
type published struct {
	other   bool // another trust root, which vouches for nothing of the demo
	noKeys  bool
	ends    time.Time
	nothing bool // nothing was fetched, or it has ended
}

// counts are the verdicts of the demo by a trust.
func (p published) counts() string {
	switch {
	case p.nothing:
		return noneLeft
	case p.other && p.noKeys:
		return "9 none, 4 invalid, 16 unchecked"
	case p.other:
		return "16 signed, 9 none, 4 invalid"
	case p.noKeys:
		return "3 verified, 9 none, 17 unchecked"
	default:
		return allProven
	}
}

// weeks is a screen that stays open for weeks, and what it has to show.
type weeks struct {
	*longRun
	offline bool
	random  *rand.Rand
	served  published // by the mirror
	down    bool
	held    published // by the screen
}

// publish signs everything anew, for a week, as it is now.
func (w *weeks) publish() {
	targets := map[string]string{"trusted_root.json": w.files["trusted_root.json"], w.keys: w.files[w.keys]}
	if w.served.other {
		targets["trusted_root.json"] = `{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`
	}
	if w.served.noKeys {
		targets[w.keys] = ""
	}
	w.served.ends = w.now().Add(7 * 24 * time.Hour).UTC().Truncate(time.Second)
	for name, content := range targets {
		w.tuf.SetTarget(name, content)
	}
	w.tuf.SetExpires(w.served.ends)
}

// fetched is what a process has after it asked the mirror, and had that before.
func (w *weeks) fetched(before published) published {
	now := w.now()
	if !w.down && now.Before(w.served.ends) {
		return w.served
	}
	if !now.Before(before.ends) {
		before.nothing = true
	}
	return before
}

// happen is what happens to the world before the next look.
func (w *weeks) happen() string {
	switch w.random.IntN(12) {
	case 0, 1, 2:
		w.publish()
		return "a new timestamp"
	case 3:
		w.tuf.Rotate()
		return "other TUF keys"
	case 4:
		w.served.noKeys = !w.served.noKeys
		w.publish()
		return fmt.Sprintf("keys gone: %v", w.served.noKeys)
	case 5:
		w.served.other = !w.served.other
		w.publish()
		return fmt.Sprintf("another root: %v", w.served.other)
	case 6, 7:
		w.down = !w.down
		w.tuf.SetDown(w.down)
		return fmt.Sprintf("the mirror is down: %v", w.down)
	}
	return "nothing"
}

// someTime lets time pass: the machine works, sleeps for days, or its clock is set back.
func (w *weeks) someTime() time.Duration {
	d := []time.Duration{time.Hour, 61 * time.Minute, 5 * time.Hour, 5 * time.Hour, 26 * time.Hour, 4 * 24 * time.Hour, -3 * time.Hour}[w.random.IntN(7)]
	w.pass(d)
	return d
}

// look is the minute that the clock gives, or a person's wish.
func (w *weeks) look() {
	if w.random.IntN(4) == 0 {
		w.does(typed("R"))
	} else {
		w.does(action(func(m *Model) tea.Cmd { return m.minutePassed(time.Time{}) }))
	}
	w.settled()
}

// check holds the table against what was fetched last, and against two processes
// that begin now.
func (w *weeks) check(after string) {
	w.t.Helper()
	if got, want := w.counts(), w.held.counts(); got != want {
		w.t.Errorf("%s: %s, want %s; it says %q", after, got, want, w.toast)
	}
	if _, err := w.process(true).For(w.t.Context(), verify.PyPI, nil); err != nil && w.store.Proven() > 0 {
		w.t.Errorf("%s: %d rows are proven, and another process proves none: %v", after, w.store.Proven(), err)
	}
	if w.down || w.offline {
		return
	}
	if _, err := w.process(false).For(w.t.Context(), verify.PyPI, nil); (err != nil) != w.held.nothing {
		w.t.Errorf("%s: another process says %v", after, err)
	}
}

// A screen that stays open for weeks shows at every moment what the trust of that
// moment proves, and needs no restart: the trust is renewed, rotated, replaced, loses
// its keys, ends; the mirror goes and comes back, the machine sleeps, its clock is set
// back. With --offline it shows what another process has fetched. What it holds in
// memory does not grow.
func TestWeeks(t *testing.T) {
	steps := 100
	if testing.Short() {
		steps = 15
	}
	for _, offline := range []bool{false, true} {
		t.Run(fmt.Sprintf("offline %v", offline), func(t *testing.T) { openWeeks(t, offline, 0).run(steps) })
	}
}

func openWeeks(t *testing.T, offline bool, seed uint64) *weeks {
	w := &weeks{longRun: openLongRunOn(t, t.TempDir(), offline), offline: offline, random: rand.New(rand.NewPCG(seed, 1))}
	w.served.ends = trustEnds
	w.held = w.served
	w.until("checked 29 packages")
	return w
}

// run looks so many times, each time after something else.
func (w *weeks) run(steps int) {
	var heap, goroutines int
	begin := w.now()
	for i := range steps {
		rests := w.held
		after := fmt.Sprintf("look %d, after %v: %s, and %v", i, w.now().Sub(begin), w.happen(), w.someTime())
		switch {
		case !w.offline:
			w.held = w.fetched(w.held)
		case w.random.IntN(2) == 0: // another process fills the folder
			_, _ = w.process(false).For(w.t.Context(), verify.NPM, w.base)
			w.held.nothing = false
			w.held = w.fetched(w.held)
		default:
			w.held.nothing = !w.now().Before(w.held.ends)
		}
		if w.does(tickMsg{}); !w.now().Before(rests.ends) && w.store.Proven() > 0 {
			w.t.Errorf("%s: nobody has looked yet, and %d rows are proven by a trust that ended on %v", after, w.store.Proven(), rests.ends)
		}
		w.look()
		if w.check(after); w.t.Failed() {
			return
		}
		if i == steps/4 {
			heap, goroutines = size()
		}
	}
	heapEnd, end := size()
	if heapEnd > heap+heap/4+1024 || end > goroutines+8 {
		w.t.Errorf("after a quarter %d KiB and %d goroutines, at the end %d KiB and %d", heap, goroutines, heapEnd, end)
	}
	w.t.Logf("%v, %d looks; after a quarter %d KiB and %d goroutines, at the end %d KiB and %d",
		w.now().Sub(begin), steps, heap, goroutines, heapEnd, end)
}

// size is what is held, in KiB, and how many goroutines there are.
func size() (heap, goroutines int) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc >> 10), runtime.NumGoroutine()
}
