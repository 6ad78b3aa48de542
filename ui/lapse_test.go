package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// From the moment at which the trust ends nothing is proven any more, whatever was
// asked of the screen: a newer trust takes its time, or cannot be had.
func TestNothingIsProvenOnceTheTrustHasEnded(t *testing.T) {
	t.Parallel()
	for _, file := range []bool{false, true} {
		now, ends := clock(), clock().Add(time.Hour)
		info := scan.TrustInfo{Generation: 1, Expires: ends}
		o, engine := options(), newEngine(false)
		o.Specs = o.Specs[:len(samples)] // but for the one that cannot be read
		if o.File = file; file {
			o.Specs = o.Specs[5:6]
		}
		o.Now, o.Engine, o.TrustInfo = func() time.Time { return now }, engine, func() scan.TrustInfo { return info }
		o.RefreshTrust = nil // it hangs
		m := send(New(o), full)
		var events eventsMsg
		for id := range o.Specs {
			events = append(events, scan.Event{ID: id, Generation: 1, Kind: scan.Finished, Trust: 1, Report: &verify.Report{Status: verify.Verified}})
		}
		m.Update(events)
		proven := len(o.Specs)
		if got := m.store.Count(verify.Verified); got != proven {
			t.Fatalf("%d rows are verified", got)
		}
		now = ends.Add(-time.Nanosecond)
		if m.Update(tickMsg{}); m.store.Count(verify.Verified) != proven {
			t.Error("before the end they are taken back")
		}
		now = ends
		_, cmd := m.Update(tickMsg{})
		finish(m, cmd)
		if got := m.store.Count(verify.Verified); got != 0 || !strings.HasPrefix(m.toast, "the trust ended on 2026-04-02 11:11 UTC") || len(engine.tasks) != proven {
			t.Errorf("file %v: %d rows are verified, %d are asked for; it says %q", file, got, len(engine.tasks), m.toast)
		}
		// What was under way rests on the trust before.
		if m.Update(events); m.store.Count(verify.Verified) != 0 {
			t.Error("an answer of before counts")
		}
		asked := len(engine.tasks)
		now = ends.Add(time.Hour)
		_, cmd = m.Update(tickMsg{})
		if finish(m, cmd); len(engine.tasks) != asked {
			t.Error("they are asked for again")
		}
		info.Expires = ends.Add(240 * time.Hour)
		for i := range events {
			events[i].Generation = 2
		}
		if m.Update(events); m.store.Count(verify.Verified) != proven || !strings.HasPrefix(m.toast, "the trust ended on ") {
			t.Errorf("by the trust of now %d rows are verified; it says %q", m.store.Count(verify.Verified), m.toast)
		}
		// The trust was refreshed in time, by whoever asked: nothing is taken back.
		info.Expires, now = ends.Add(480*time.Hour), ends.Add(240*time.Hour)
		if m.Update(tickMsg{}); m.store.Count(verify.Verified) != proven {
			t.Error("a trust that was refreshed has ended")
		}
	}
}

// As long as the disk cannot be read, the screen says that what it shows is older,
// and why; what it shows is checked all the same, and when the catalog is back all is
// as before.
func TestWhatIsOlderThanTheDiskSaysSo(t *testing.T) {
	t.Parallel()
	m, engine := watching(t)
	for name, breaks := range map[string]func(error){
		"the catalog": func(err error) {
			if disk(m); err != nil {
				m.options.Load = func(context.Context, func([]catalog.Spec)) error { return err }
			}
		},
		"policy.yaml": func(err error) { m.options.Policy = func() (bool, error) { return false, err } },
	} {
		engine.tasks = nil
		breaks(errors.New("this folder is\x1b not a catalog"))
		finish(m, tell(m))
		if len(engine.tasks) != 0 || m.store.Count(verify.Verified) != 2 {
			t.Errorf("%s: %d rows are asked for, %d are verified", name, len(engine.tasks), m.store.Count(verify.Verified))
		}
		press(m, "j") // takes the message away
		if text := frame(m); !strings.Contains(text, " shown as it was: "+name+` cannot be read: this folder is\x1b not a catalog`) {
			t.Errorf("%s:\n%s", name, text)
		}
		_, cmd := m.Update(action(func(m *Model) tea.Cmd { return m.due(time.Time{}) }))
		finish(m, cmd)
		if len(engine.tasks) != 11 {
			t.Errorf("%s: of what is shown, %d rows are checked again", name, len(engine.tasks))
		}
		m.Update(said(verify.Verified, engine.tasks...))
		breaks(nil)
		finish(m, tell(m))
		if text := frame(m); strings.Contains(text, "shown as it was") {
			t.Errorf("%s can be read again:\n%s", name, text)
		}
		m, engine = watching(t)
	}
}

// A catalog that could not be read at first is read when everything is due.
func TestACatalogThatCouldNotBeReadIsReadWhenDue(t *testing.T) {
	t.Parallel()
	o := options()
	o.Every, o.Specs, o.Load = make(chan time.Time), nil, noLoad
	m := send(New(o), full, batchMsg(batch{last: true, err: errors.New("this folder is not a catalog")}))
	m.Update(action(func(m *Model) tea.Cmd { return m.due(time.Time{}) }))
	if m.home.state != loading {
		t.Error("the catalog is not read again")
	}
}

// A clock that is wrong is said at first, or when it is set so, and once until it is
// right again.
func TestAWrongClockIsSaidOnce(t *testing.T) {
	t.Parallel()
	wrong, o := "this machine's clock is\x1b slow", options()
	o.Clock = func() string { return wrong }
	m := send(New(o), full)
	minute := func() { m.Update(action(func(m *Model) tea.Cmd { return m.minutePassed(time.Time{}) })) }
	for i, step := range []struct {
		wrong string
		said  int
	}{{wrong, 1}, {wrong, 1}, {"", 1}, {wrong, 2}, {wrong, 2}} {
		wrong = step.wrong
		minute()
		n := 0
		for _, said := range m.journal.messages {
			if said.text == `this machine's clock is\x1b slow` {
				n++
			}
		}
		if n != step.said {
			t.Errorf("%d: it was said %d times, want %d", i, n, step.said)
		}
	}
}

// A checksum database that contradicts itself takes back what it vouched for before,
// whichever module showed that.
func TestAForkTakesBackWhatWasSigned(t *testing.T) {
	t.Parallel()
	o, engine := options(), newEngine(false)
	o.Specs = o.Specs[:len(samples)]
	var db scan.SumDBInfo
	o.Engine, o.TrustInfo, o.SumDB = engine, func() scan.TrustInfo { return scan.TrustInfo{} }, func() scan.SumDBInfo { return db }
	m := send(New(o), full, said(verify.Signed, tasksOf(o, 1)...))
	if m.store.Count(verify.Signed) != len(samples) {
		t.Fatalf("%d rows are signed", m.store.Count(verify.Signed))
	}
	db.Fork = "two histories\x1b"
	_, cmd := m.Update(action(func(m *Model) tea.Cmd { return m.trustRefreshed(nil) }))
	finish(m, cmd)
	if m.store.Count(verify.Signed) != 0 || len(engine.tasks) != len(samples) || m.toast != `two histories\x1b` {
		t.Errorf("%d rows are signed, %d are asked for; it says %q", m.store.Count(verify.Signed), len(engine.tasks), m.toast)
	}
	m.Update(said(verify.Invalid, engine.tasks...))
	if m.store.Working() || m.store.Count(verify.Invalid) != len(samples) {
		t.Error("they are asked for without end")
	}
}

func tasksOf(o Options, generation int) (tasks []scan.Task) {
	for id := range o.Specs {
		tasks = append(tasks, scan.Task{ID: id, Generation: generation})
	}
	return tasks
}

// Messages of several days say which.
func TestMessagesOfSeveralDays(t *testing.T) {
	t.Parallel()
	now, o := clock(), options()
	o.Now = func() time.Time { return now }
	m := send(New(o), full)
	for _, days := range []string{"2026-04-02", "2026-04-02 2026-04-09"} {
		m.say("something was said")
		text := frame(press(m, "M"))
		for _, day := range []string{"2026-04-02", "2026-04-09"} {
			if want := strings.Contains(days, day) && days != day; strings.Contains(text, day) != want {
				t.Errorf("%s is on the page: %v, want %v:\n%s", day, !want, want, text)
			}
		}
		press(m, "esc")
		now = now.Add(7 * 24 * time.Hour)
	}
}
