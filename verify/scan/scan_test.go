package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

type fetchFunc func(ctx context.Context, spec catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error)

func (f fetchFunc) Fetch(ctx context.Context, spec catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error) {
	return f(ctx, spec, progress)
}

func spec(name string) *catalog.Spec {
	return &catalog.Spec{Protocol: catalog.NPX, Package: untrusted.Text(name), Version: "1.0.0", Path: untrusted.Text("npx/" + name + "/spec.yaml")}
}

// recorder collects events; handlers are called one at a time, which inside
// holds it to.
type recorder struct {
	inside atomic.Int32
	mu     sync.Mutex
	events []Event
	t      *testing.T
}

func (r *recorder) handle(e Event) {
	if r.inside.Add(1) != 1 {
		r.t.Error("the handler was called twice at once")
	}
	defer r.inside.Add(-1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) finished() map[int]*verify.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make(map[int]*verify.Report)
	for _, e := range r.events {
		if e.Kind == Finished {
			if out[e.ID] != nil {
				r.t.Errorf("task %d finished twice", e.ID)
			}
			out[e.ID] = e.Report
		}
	}
	return out
}

var errNothing = errors.New("nothing there")

func failing(context.Context, catalog.Spec, func(string)) (verify.Evidence, verify.Trust, error) {
	return verify.Evidence{}, verify.Trust{}, errNothing
}

func TestEveryTaskFinishesOnce(t *testing.T) {
	t.Parallel()
	r := &recorder{t: t}
	s := Start(t.Context(), Config{Fetch: fetchFunc(failing), Network: 3, Jobs: 2}, r.handle)
	const n = 200
	for i := range n {
		s.Submit(Task{ID: i, Spec: spec(fmt.Sprint("p", i))})
	}
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	got := r.finished()
	if len(got) != n {
		t.Fatalf("%d of %d finished", len(got), n)
	}
	for id, report := range got {
		if report.Status != verify.Unchecked || !strings.Contains(report.Reason, "nothing there") {
			t.Errorf("task %d: %v %q", id, report.Status, report.Reason)
		}
	}
}

func TestWaitWithoutTasks(t *testing.T) {
	t.Parallel()
	if err := Start(t.Context(), Config{Fetch: fetchFunc(failing)}, func(Event) {}).Wait(); err != nil {
		t.Fatal(err)
	}
}

// Wherever a panic occurs, it is one package's error, with a cleaned message
// and the stack in the log only.
func TestPanicIsThePackagesOwnError(t *testing.T) {
	t.Parallel()
	boom := func(s catalog.Spec) {
		if s.Package == "bad" {
			panic("boom\x1b[2J\n\u202e")
		}
	}
	for name, test := range map[string]struct {
		doing string
		set   func(*Config)
	}{
		"fetching": {"checking", func(c *Config) {
			c.Fetch = fetchFunc(func(ctx context.Context, s catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error) {
				boom(s)
				return failing(ctx, s, progress)
			})
		}},
		"reviewing": {"reviewing", func(c *Config) {
			c.Review = func(s catalog.Spec, _ *verify.Report) { boom(s) }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			r := &recorder{t: t}
			config := Config{Fetch: fetchFunc(failing), Network: 1, Jobs: 1, Log: slog.New(slog.NewJSONHandler(&log, nil))}
			test.set(&config)
			s := Start(t.Context(), config, r.handle)
			s.Submit(Task{ID: 0, Spec: spec("bad")}, Task{ID: 1, Spec: spec("good")})
			if err := s.Wait(); err != nil {
				t.Fatal(err)
			}
			got := r.finished()
			if got[0].Status != verify.Unchecked || got[0].Reason != "internal error while "+test.doing+`: boom\x1b[2J \u202e` {
				t.Errorf("got %v %q", got[0].Status, got[0].Reason)
			}
			if strings.Count(log.String(), `"stack":"goroutine`) != 1 {
				t.Errorf("the stack is not in the log once: %s", log.String())
			}
			if !strings.Contains(got[1].Reason, "nothing there") {
				t.Errorf("the other package was affected: %q", got[1].Reason)
			}
		})
	}
}

// A handler that panics misses an event, and the scan goes on to its end.
func TestPanicOfTheHandler(t *testing.T) {
	t.Parallel()
	for _, kind := range []EventKind{Started, Progress, Finished} {
		r := &recorder{t: t}
		fetch := fetchFunc(func(ctx context.Context, s catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error) {
			progress("fetching")
			return failing(ctx, s, progress)
		})
		s := Start(t.Context(), Config{Fetch: fetch, Network: 1, Jobs: 1}, func(e Event) {
			if e.ID == 0 && e.Kind == kind {
				panic("boom")
			}
			r.handle(e)
		})
		s.Submit(Task{ID: 0, Spec: spec("bad")}, Task{ID: 1, Spec: spec("good")})
		if err := s.Wait(); err != nil {
			t.Fatal(err)
		}
		got := r.finished()
		if got[1] == nil || (got[0] == nil) != (kind == Finished) {
			t.Errorf("kind %d: %v", kind, got)
		}
	}
}

func TestUnreadableSpecIsNotFetched(t *testing.T) {
	t.Parallel()
	r := &recorder{t: t}
	fetch := fetchFunc(func(context.Context, catalog.Spec, func(string)) (verify.Evidence, verify.Trust, error) {
		t.Error("fetched a package whose spec cannot be read")
		return verify.Evidence{}, verify.Trust{}, nil
	})
	s := Start(t.Context(), Config{Fetch: fetch}, r.handle)
	broken := spec("x")
	broken.Err = &catalog.SpecError{Path: broken.Path, Line: 3, Message: "expected a version"}
	s.Submit(Task{ID: 7, Spec: broken})
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := r.finished()[7]; got.Status != verify.Unchecked || !strings.Contains(got.Reason, "expected a version") {
		t.Errorf("got %v %q", got.Status, got.Reason)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	const network = 4
	var now, most atomic.Int32
	gate := make(chan struct{})
	fetch := fetchFunc(func(ctx context.Context, s catalog.Spec, _ func(string)) (verify.Evidence, verify.Trust, error) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		select {
		case <-gate:
		case <-ctx.Done():
		}
		return verify.Evidence{}, verify.Trust{}, errNothing
	})
	started := make(chan struct{}, 100)
	s := Start(t.Context(), Config{Fetch: fetch, Network: network, Jobs: 2}, func(e Event) {
		if e.Kind == Started {
			started <- struct{}{}
		}
	})
	for i := range 50 {
		s.Submit(Task{ID: i, Spec: spec(fmt.Sprint(i))})
	}
	for range network {
		<-started
	}
	close(gate)
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	if most.Load() > network {
		t.Errorf("%d fetches at once, the bound is %d", most.Load(), network)
	}
}

// order runs one worker whose first task blocks until the queue is arranged.
func order(t *testing.T, arrange func(*Scan)) []int {
	t.Helper()
	gate, first := make(chan struct{}), make(chan struct{})
	var once sync.Once
	fetch := fetchFunc(func(ctx context.Context, s catalog.Spec, p func(string)) (verify.Evidence, verify.Trust, error) {
		once.Do(func() { close(first); <-gate })
		return failing(ctx, s, p)
	})
	r := &recorder{t: t}
	s := Start(t.Context(), Config{Fetch: fetch, Network: 1, Jobs: 1}, r.handle)
	s.Submit(Task{ID: 100, Spec: spec("first")})
	<-first
	arrange(s)
	close(gate)
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, e := range r.events {
		if e.Kind == Started && e.ID != 100 {
			got = append(got, e.ID)
		}
	}
	return got
}

func TestPromote(t *testing.T) {
	t.Parallel()
	got := order(t, func(s *Scan) {
		for i := range 6 {
			s.Submit(Task{ID: i, Spec: spec(fmt.Sprint(i))})
		}
		s.Promote(4, 2, 99)
	})
	if fmt.Sprint(got) != "[4 2 0 1 3 5]" {
		t.Errorf("got %v", got)
	}
}

func TestResubmittedTaskReplacesTheWaitingOne(t *testing.T) {
	t.Parallel()
	got := order(t, func(s *Scan) {
		s.Submit(Task{ID: 1, Spec: spec("a")}, Task{ID: 2, Spec: spec("b")}, Task{ID: 1, Generation: 1, Spec: spec("a")})
	})
	if len(got) > 3 {
		t.Errorf("got %v", got)
	}
}

// Two who ask at once may come in any order: the later question is answered.
func TestAnOlderTaskReplacesNoLaterOne(t *testing.T) {
	t.Parallel()
	r := &recorder{t: t}
	s := &Scan{ctx: t.Context(), config: Config{Fetch: fetchFunc(failing)}, handle: r.handle, waiting: map[int]Task{}, wake: make(chan struct{}, 1)}
	s.Submit(Task{ID: 1, Generation: 2, Spec: spec("a")})
	s.Submit(Task{ID: 1, Generation: 1, Spec: spec("a")})
	if task, ok := s.next(); !ok || task.Generation != 2 {
		t.Errorf("got %+v", task)
	}
}

func TestCancelStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	inside := make(chan struct{})
	fetch := fetchFunc(func(ctx context.Context, _ catalog.Spec, _ func(string)) (verify.Evidence, verify.Trust, error) {
		inside <- struct{}{}
		<-ctx.Done()
		return verify.Evidence{}, verify.Trust{}, ctx.Err()
	})
	r := &recorder{t: t}
	s := Start(ctx, Config{Fetch: fetch, Network: 1, Jobs: 1}, r.handle)
	for i := range 10 {
		s.Submit(Task{ID: i, Spec: spec(fmt.Sprint(i))})
	}
	<-inside
	cancel()
	if err := s.Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := r.finished(); len(got) != 0 {
		t.Errorf("a cancelled scan gave %d verdicts", len(got))
	}
}

func TestProgressIsCleaned(t *testing.T) {
	t.Parallel()
	r := &recorder{t: t}
	fetch := fetchFunc(func(ctx context.Context, s catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error) {
		progress("fetching \x1b]52;c;\x07")
		return failing(ctx, s, progress)
	})
	s := Start(t.Context(), Config{Fetch: fetch}, r.handle)
	s.Submit(Task{ID: 1, Spec: spec("x")})
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, e := range r.events {
		if e.Kind == Progress && e.Message != `fetching \x1b]52;c;\x07` {
			t.Errorf("got %q", e.Message)
		}
	}
}

// A key of the spec that nobody obeys is named with every package, also with one
// that could not be checked, and by both ways to check it.
func TestUnknownKeysOfASpecAreAWarning(t *testing.T) {
	t.Parallel()
	unknown := spec("x")
	unknown.Unknown, unknown.MoreUnknown = []untrusted.Text{"spec.build_with", "spec.\x1b"}, 2
	r := &recorder{t: t}
	s := Start(t.Context(), Config{Fetch: fetchFunc(failing)}, r.handle)
	s.Submit(Task{ID: 0, Spec: unknown}, Task{ID: 1, Spec: spec("y")})
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	looked, err := s.Examine(t.Context(), *unknown)
	if err != nil {
		t.Fatal(err)
	}
	for _, report := range []*verify.Report{r.finished()[0], &looked.Report} {
		if n := len(report.Findings); n == 0 || report.Findings[n-1].Rule != "spec.unknown-key" || report.Findings[n-1].Severity != verify.Warning ||
			!strings.HasSuffix(report.Findings[n-1].Message, `spec.build_with, spec.\x1b and 2 more`) {
			t.Errorf("%+v", report.Findings)
		}
	}
	if found := r.finished()[1].Findings; len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

// What the registry's client noticed is in the report of a package that could
// not be fetched, too: it may be the cause.
func TestFindingsOfAFetchThatFailed(t *testing.T) {
	t.Parallel()
	noticed := verify.Finding{Rule: "registry.setting", Severity: verify.Warning, Message: "an index is configured and not asked"}
	s := Start(t.Context(), Config{Fetch: fetchFunc(func(context.Context, catalog.Spec, func(string)) (verify.Evidence, verify.Trust, error) {
		return verify.Evidence{Findings: []verify.Finding{noticed}}, verify.Trust{}, errNothing
	})}, func(Event) {})
	dossier, err := s.Examine(t.Context(), *spec("x"))
	if err != nil {
		t.Fatal(err)
	}
	if len(dossier.Findings) != 1 || dossier.Findings[0] != noticed || dossier.Status != verify.Unchecked {
		t.Errorf("%v: %+v", dossier.Status, dossier.Findings)
	}
}
