package ui

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/testdata/demo"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/tuftest"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
	"plimsoll/verify/trust"
)

// longRun is the real model over the real engine, the demo's evidence and a TUF
// repository on loopback, with a clock of its own.
type longRun struct {
	*Model
	t        *testing.T
	messages chan tea.Msg
	tuf      *tuftest.Repository
	files    map[string]string // targets of the repository, as they were at first
	keys     string            // the target with the registry's keys
	provider *trust.Provider
	client   *registry.Client // of the repository
	cache    string           // the folder of its metadata
	base     *url.URL         // of the npm registry

	mu sync.Mutex
	at time.Time
}

func (l *longRun) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}

func (l *longRun) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = l.at.Add(d)
}

// channelEngine gives the events of a scan through a channel.
type channelEngine struct {
	*scan.Scan
	events chan scan.Event
}

func (e channelEngine) Events() <-chan scan.Event { return e.events }

// trustEnds is the end of the repository's metadata: go-tuf asks the machine's
// clock, so it lies ahead of that.
var trustEnds = time.Now().Add(240 * time.Hour).UTC().Truncate(time.Second)

func openLongRun(t *testing.T) *longRun { return openLongRunOn(t, t.TempDir(), false) }

// openLongRunOn keeps the trust in a folder, or takes it from there alone.
func openLongRunOn(t *testing.T, cache string, offline bool) *longRun {
	t.Helper()
	recording, material := lab.Recording(t)
	base, err := url.Parse(recording.NPMRegistry)
	if err != nil {
		t.Fatal(err)
	}
	index, err := url.Parse(recording.PyPIIndex)
	if err != nil {
		t.Fatal(err)
	}
	l := &longRun{t: t, messages: make(chan tea.Msg), at: trustEnds.Add(-48 * time.Hour), keys: base.Host + "/keys.json"}
	l.files = map[string]string{"trusted_root.json": string(material.TrustedRoot), l.keys: string(material.NPMKeys)}
	l.tuf = tuftest.New(t, l.files, trustEnds)
	l.cache, l.client = cache, registry.New(registry.Options{})
	if l.provider = l.process(offline); offline { // somebody has filled the folder
		if _, err := l.process(false).For(t.Context(), verify.NPM, base); err != nil {
			t.Fatal(err)
		}
	}
	l.base = base
	client := registry.New(registry.Options{Transport: recording, Now: func() time.Time { return recording.Recorded }})
	from := &scan.Registries{NPM: npm.New(client, npm.Config{Base: base}), PyPI: pypi.New(client, pypi.Config{Indexes: []pypi.Index{{URL: index}}}), Trust: l.provider}
	ctx := t.Context()
	engine := channelEngine{events: make(chan scan.Event)}
	engine.Scan = scan.Start(ctx, scan.Config{Fetch: from}, func(e scan.Event) {
		select {
		case engine.events <- e:
		case <-ctx.Done():
		}
	})
	o := options()
	o.Engine, o.Now, o.TrustInfo = engine, l.now, l.provider.Describe
	o.RefreshTrust = func(ctx context.Context, atOnce bool) {
		age := time.Hour
		if atOnce {
			age = 0
		}
		l.provider.Refresh(ctx, age)
	}
	o.Every = make(chan time.Time)
	o.Specs, err = catalog.Load(ctx, catalog.Source{Name: demo.Catalogs()[0].Name, FS: demo.Catalogs()[0].FS})
	if err != nil {
		t.Fatal(err)
	}
	l.Model = New(o)
	l.Model.ctx, l.ticking = ctx, true // no spinner: it takes time
	l.does(full)
	return l
}

// process is the trust of another process, begun now, on the same folder.
func (l *longRun) process(offline bool) *trust.Provider {
	return trust.New(trust.Options{TUF: &trust.TUF{Mirror: l.tuf.URL, Root: l.tuf.Root, CachePath: l.cache, Offline: offline, Client: l.client}, Now: l.now})
}

// settled takes messages until nothing is under way.
func (l *longRun) settled() {
	l.t.Helper()
	late := time.After(time.Minute) // a net: nothing here takes that long
	for l.store.Working() || l.trusting.refreshing || l.reread.running || l.reread.due {
		select {
		case msg := <-l.messages:
			l.does(msg)
		case <-late:
			l.t.Fatalf("it is not done: it says %q", l.toast)
		}
	}
}

// run runs a command as bubbletea does.
func (l *longRun) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	ctx := l.Model.ctx
	go func() {
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				l.run(c)
			}
		default:
			select {
			case l.messages <- msg:
			case <-ctx.Done():
			}
		}
	}()
}

// does gives the model a message.
func (l *longRun) does(msg tea.Msg) {
	_, cmd := l.Update(msg)
	l.run(cmd)
}

// until takes messages until the model has said something that begins so, and
// nothing is being checked.
func (l *longRun) until(text string) {
	l.t.Helper()
	late := time.After(time.Minute) // a net: nothing here takes that long
	for !strings.HasPrefix(l.toast, text) || l.store.Working() {
		select {
		case msg := <-l.messages:
			l.does(msg)
		case <-late:
			l.t.Fatalf("it does not say %q but %q", text, l.toast)
		}
	}
}

// counts are the verdicts in the table.
func (l *longRun) counts() string {
	var parts []string
	for _, s := range []verify.Status{verify.Verified, verify.Signed, verify.None, verify.Invalid, verify.Mismatch, verify.Unchecked, verify.Pending} {
		if n := l.store.Count(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %v", n, s))
		}
	}
	return strings.Join(parts, ", ")
}

const (
	allProven = "4 verified, 16 signed, 9 none"
	noneLeft  = "29 unchecked"
)

// What becomes of the table of a screen that stays open, step by step, when the
// trust changes; before, it stayed as it was at first.
func TestTheTableFollowsTheTrust(t *testing.T) {
	t.Parallel()
	l := openLongRun(t)
	l.until("checked 29 packages")
	if got := l.counts(); got != allProven {
		t.Fatalf("at first: %s", got)
	}
	press := func() { l.does(typed("R")) }
	minute := func() { l.does(action(func(m *Model) tea.Cmd { return m.minutePassed(time.Time{}) })) }
	for _, step := range []struct {
		name    string
		happens func()
		asks    func()
		says    string
		counts  string
	}{
		{"nothing changed", func() {}, press, "refreshed 29 packages: nothing changed", allProven},
		{"the mirror is away", func() { l.tuf.SetDown(true) }, press, "refreshed 29 packages: nothing changed; the trust could not be refreshed since ", allProven},
		{"and the trust ends", func() { l.pass(48 * time.Hour); l.day = utcDay(l.now()) }, minute, "nothing can be verified any more: the trust from TUF repository ", noneLeft},
		{"the mirror is back", func() { l.tuf.SetDown(false); l.tuf.SetExpires(trustEnds.Add(240 * time.Hour)); l.pass(time.Minute) }, minute,
			"the trust root could be loaded; checked 29 packages again: 29 changed", allProven},
		{"a key is removed", func() { l.tuf.SetTarget(l.keys, "") }, press, "the keys of ", "3 verified, 9 none, 17 unchecked"},
		{"it is there again, and a minute later nobody looked", func() { l.tuf.SetTarget(l.keys, l.files[l.keys]); l.pass(time.Minute) }, press, "the keys of ", allProven},
		{"the trust root is another one", func() {
			l.tuf.SetTarget("trusted_root.json", `{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`)
			l.pass(time.Hour)
		}, minute, "the trust root was replaced: SHA-256 ", "16 signed, 9 none, 4 invalid"},
		{"it is the first again", func() { l.tuf.SetTarget("trusted_root.json", l.files["trusted_root.json"]) }, press, "the trust root was replaced: ", allProven},
	} {
		step.happens()
		l.toast = ""
		step.asks()
		l.until(step.says)
		if got := l.counts(); got != step.counts {
			t.Errorf("%s: %s, want %s; it says %q", step.name, got, step.counts, l.toast)
		}
	}
	var said strings.Builder
	for _, e := range l.journal.messages {
		fmt.Fprintln(&said, e.text)
	}
	if n := strings.Count(said.String(), "what was loaded before holds until "); n != 1 {
		t.Errorf("it said %d times that the mirror was away:\n%s", n, said.String())
	}
}

// A package that is open, and the check of one row, tell what the table tells:
// nobody needs to wait for the clock or for a round.
func TestOneRowAfterTheTrustEnded(t *testing.T) {
	t.Parallel()
	l := openLongRun(t)
	l.until("checked 29 packages")
	for _, id := range l.store.With(verify.Verified) {
		l.store.Point(id)
	}
	l.does(typed("enter"))
	screenHas(t, l.Model, "✓")
	l.tuf.SetDown(true)
	l.pass(48 * time.Hour)
	l.does(typed("r"))
	l.until("nothing can be verified any more: ")
	if got := l.counts(); got != noneLeft {
		t.Errorf("after the check of one row: %s", got)
	}
	if frame := l.View(); strings.Contains(frame, "✓") || !strings.Contains(frame, "ended on") {
		t.Errorf("the page of the package:\n%s", frame)
	}
	l.does(typed("T"))
	screenHas(t, l.Model, "could not be loaded: the trust from TUF repository")
	screenHas(t, l.Model, "last change")
}

// At midnight, what is excepted or decided until a date is looked at again; the
// other minutes only look at the trust.
func TestMidnight(t *testing.T) {
	t.Parallel()
	now, refreshed := time.Date(2026, 4, 2, 23, 58, 30, 0, time.UTC), 0
	o, engine := options(), newEngine(false)
	o.Engine, o.Now, o.Every = engine, func() time.Time { return now }, make(chan time.Time)
	o.RefreshTrust = func(_ context.Context, atOnce bool) { refreshed++ }
	m := send(New(o), full, answers(upTo(len(samples)+1)...))
	for i, want := range []int{0, 11, 0, 0} {
		now, engine.tasks = now.Add(time.Minute), nil
		_, cmd := m.Update(action(func(m *Model) tea.Cmd { return m.minutePassed(time.Time{}) }))
		finish(m, cmd)
		if len(engine.tasks) != want || refreshed != i+1 {
			t.Errorf("at %v: %d rows are checked, want %d; the trust was refreshed %d times", now, len(engine.tasks), want, refreshed)
		}
		m.Update(said(verify.Verified, engine.tasks...))
	}
}

// A file of evidence has no dates that end, and a round of a catalog reads its
// decisions again.
func TestWhatARoundLooksAtAgain(t *testing.T) {
	t.Parallel()
	now := clock()
	for _, file := range []bool{false, true} {
		o := options()
		o.File, o.Now = file, func() time.Time { return now }
		o.Triage = &TriageOptions{Read: func(*triage.Decisions) (*triage.Decisions, error) { return nil, nil }}
		m := send(New(o), full, answers(upTo(len(samples)+1)...))
		now = now.Add(24 * time.Hour)
		if m.Update(action(func(m *Model) tea.Cmd { return m.minutePassed(time.Time{}) })); m.reread.running == file || strings.HasPrefix(m.toast, "a new day") == file {
			t.Errorf("file %v: the decisions are read: %v; it says %q", file, m.reread.running, m.toast)
		}
	}
}

// The screen says on its trust page since when the trust could not be
// refreshed, and why, and how it changed last.
func TestTrustPageTellsOfARefresh(t *testing.T) {
	t.Parallel()
	info := loaded
	info.Stale, info.StaleSince, info.Change = "no trust root from TUF: \x1b[2Jrefused", clock().Add(-2*time.Hour), "the trust root could be loaded"
	text := trustAt(tea.WindowSizeMsg{Width: 140, Height: 40}, func() scan.TrustInfo { return info }, false).View()
	for _, want := range []string{"not refreshed", "2026-04-02 08:11:12 UTC (2 hours ago): no trust root from TUF: \\x1b[2Jrefused", "the trust root could be loaded"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not there:\n%s", want, text)
		}
	}
}

// What is wrong with the files that are kept of the trust is said once, and stands on
// its page.
func TestKeptFilesAreSpokenOfOnce(t *testing.T) {
	t.Parallel()
	info := loaded
	info.Kept = "a damaged file was set aside: \x1b[2J"
	o := options()
	o.TrustInfo = func() scan.TrustInfo { return info }
	m := New(o)
	for i := range 3 {
		m.newTrust()
		if said := m.toast == "a damaged file was set aside: \\x1b[2J"; said != (i == 0) {
			t.Errorf("%d: it says %q", i, m.toast)
		}
		m.toast = ""
	}
	if text := trustAt(tea.WindowSizeMsg{Width: 140, Height: 40}, o.TrustInfo, false).View(); !strings.Contains(text, "kept files") {
		t.Errorf("the page says nothing:\n%s", text)
	}
}

// The trust changes in the middle of a round: what was answered before is taken
// back, every row is asked for again, and an answer by the trust before counts
// for nothing. A file of evidence follows the trust likewise.
func TestTheTrustChangesDuringARound(t *testing.T) {
	t.Parallel()
	for _, file := range []bool{false, true} {
		for _, lost := range []string{"", "the trust ended"} {
			info := scan.TrustInfo{Generation: 1}
			o, engine := options(), newEngine(false)
			if o.File = file; file {
				o.Specs = o.Specs[5:6]
			}
			o.Triage, o.Engine, o.TrustInfo = &TriageOptions{}, engine, func() scan.TrustInfo { return info }
			m := New(o)
			rows := len(o.Specs)
			m.Update(full) // what it asks for goes to nobody: the test gives the answers
			answer := func(id, generation, trust int) scan.Event {
				return scan.Event{ID: id, Generation: generation, Kind: scan.Finished, Trust: trust, Report: &verify.Report{Status: verify.Verified}}
			}
			m.Update(eventsMsg{answer(0, 1, 1)})
			if m.store.Count(verify.Verified) != 1 {
				t.Fatal("the first answer is not there")
			}
			m.histories.keep(&found[history.History]{row: 0})
			m.dossiers.keep(&found[*verify.Dossier]{row: 0})
			info = scan.TrustInfo{Generation: 2, RootError: lost, Change: "the trust is another one"}
			m.Update(action(func(m *Model) tea.Cmd { return m.trustRefreshed(nil) }))
			if got := m.store.Count(verify.Verified); got != 0 || m.toast != "the trust is another one" {
				t.Errorf("%d rows are still verified; it says %q", got, m.toast)
			}
			if got := m.store.Row(0); (got.Status == verify.Unchecked) != (lost != "") || !got.Waiting {
				t.Errorf("the first row is %v", got.Status)
			}
			if found := m.store.Row(0).Answer; found != nil && found.Status == verify.Verified || len(m.histories.known) > 0 || len(m.dossiers.known) > 0 {
				t.Errorf("kept of the first row are %+v, %v, %v", found, m.histories.known, m.dossiers.known)
			}
			m.Update(eventsMsg{answer(rows-1, 1, 1)})
			if got := m.store.Count(verify.Verified); got != 0 {
				t.Errorf("%d rows have an answer by the trust before", got)
			}
			var events eventsMsg
			for id := range rows {
				events = append(events, answer(id, 2, 2))
			}
			if m.Update(events); m.store.Count(verify.Verified) != rows || !strings.HasPrefix(m.toast, "the trust is another one; checked ") {
				t.Errorf("%d of %d rows; it says %q", m.store.Count(verify.Verified), rows, m.toast)
			}
		}
	}
}
