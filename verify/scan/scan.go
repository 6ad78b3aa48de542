package scan

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"golang.org/x/sync/semaphore"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/goproxy"
)

// defaultNetwork is how many packages are fetched at once. The client bounds
// the requests to one host on its own.
const defaultNetwork = 16

// Config configures a [Scan].
type Config struct {
	Fetch   Fetcher      // where evidence and trust come from
	Network int          // packages fetched at once, 0 for 16
	Jobs    int          // packages verified at once, 0 for GOMAXPROCS
	Log     *slog.Logger // where a panic's stack goes; nil for nowhere
	Zips    bool         // the zip of a Go module is fetched, and compared with its record
	Explain bool         // reports list every check, also of what verifies, which costs about as much again
	// Issuers returns the issuers that the policy accepts for a package; nil for
	// none. It is called from several goroutines.
	Issuers func(catalog.Spec) []string
	// Needs returns what of the versions before a package's has to be known: a rule
	// of the policy decides by it. nil for nothing. It is called from several
	// goroutines.
	Needs func(catalog.Spec) Need
	// Versions gets what the registry offers for every version of a package.
	Versions func(context.Context, verify.Release) (history.History, error)
	// Review adds to a report what people demand and decided (a policy, the
	// decisions of triage) before it is handed out; nil adds nothing. It is
	// called from several goroutines.
	Review func(catalog.Spec, *verify.Report)
	// Limit bounds the run: the packages that were not checked when it ends are
	// unchecked, with its cause. nil for none.
	Limit context.Context
	// Inspect judges what is no package, a file of evidence, in place of
	// [verify.Verify]; nil for packages.
	Inspect func(catalog.Spec, verify.Trust) verify.Dossier
}

// Fetcher gets what [verify.Verify] needs for one spec. It calls progress with
// a few words on what it does. An error means that the package could not be
// checked at all.
type Fetcher interface {
	Fetch(ctx context.Context, spec catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error)
}

// Scan verifies submitted tasks until its context ends.
type Scan struct {
	ctx    context.Context
	config Config
	handle Handler
	cores  *semaphore.Weighted

	emitting sync.Mutex // the handler is never called twice at once

	mu      sync.Mutex
	queue   []int         // the IDs of the tasks that wait, in order
	waiting map[int]Task  // by ID
	pending int           // submitted and not finished
	idle    chan struct{} // closed when pending is 0
	wake    chan struct{} // has a token while the queue is not empty
}

// Start starts a scan: tasks are given with [Scan.Submit], and every event
// goes to handle. It ends when ctx does.
func Start(ctx context.Context, config Config, handle Handler) *Scan {
	if config.Network <= 0 {
		config.Network = defaultNetwork
	}
	if config.Jobs <= 0 {
		config.Jobs = runtime.GOMAXPROCS(0)
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	s := &Scan{
		ctx: ctx, config: config, handle: handle,
		cores: semaphore.NewWeighted(int64(config.Jobs)),
		idle:  make(chan struct{}), wake: make(chan struct{}, 1), waiting: map[int]Task{},
	}
	close(s.idle)
	network := semaphore.NewWeighted(int64(config.Network))
	// As many more workers as cores, so that evidence waits for a core, not a
	// connection for the verification before it; and no more than that, so
	// that fetched evidence does not pile up.
	for range config.Network + config.Jobs {
		go s.work(network)
	}
	return s
}

// Submit queues tasks behind those that are waiting. A task whose ID waits
// already replaces it, unless that one is of a later generation.
func (s *Scan) Submit(tasks ...Task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == 0 && len(tasks) > 0 {
		s.idle = make(chan struct{})
	}
	for _, t := range tasks {
		waiting, ok := s.waiting[t.ID]
		if !ok {
			s.queue = append(s.queue, t.ID)
			s.pending++
		}
		if t.Generation >= waiting.Generation {
			s.waiting[t.ID] = t
		}
	}
	s.signal()
}

// Promote moves the waiting tasks with these IDs to the front, in this order.
func (s *Scan) Promote(ids ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	front := make(map[int]bool, len(ids))
	queue := make([]int, 0, len(s.queue))
	for _, id := range ids {
		if _, ok := s.waiting[id]; ok && !front[id] {
			front[id] = true
			queue = append(queue, id)
		}
	}
	for _, id := range s.queue {
		if !front[id] {
			queue = append(queue, id)
		}
	}
	s.queue = queue
}

// Wait returns when every task that was submitted has finished, or with the
// context's error when the scan was cancelled before.
func (s *Scan) Wait() error {
	s.mu.Lock()
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
	case <-s.ctx.Done():
	}
	return s.ctx.Err() // also if all has finished: what did so after the end told nobody
}

// signal wakes one worker if there is work; s.mu is held.
func (s *Scan) signal() {
	if len(s.queue) == 0 {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Scan) next() (Task, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return Task{}, false
	}
	id := s.queue[0]
	s.queue = s.queue[1:]
	t := s.waiting[id]
	delete(s.waiting, id)
	s.signal()
	return t, true
}

func (s *Scan) work(network *semaphore.Weighted) {
	for {
		if network.Acquire(s.ctx, 1) != nil {
			return
		}
		select {
		case <-s.ctx.Done():
			network.Release(1)
			return
		case <-s.wake:
		}
		task, ok := s.next()
		if !ok {
			network.Release(1)
			continue
		}
		s.process(task, sync.OnceFunc(func() { network.Release(1) }))
	}
}

// process takes one task through both stages. It always releases the network.
func (s *Scan) process(task Task, release func()) {
	defer release()
	s.emit(Event{ID: task.ID, Generation: task.Generation, Kind: Started})
	ctx := s.ctx
	if s.config.Zips {
		ctx = goproxy.WithZip(ctx)
	}
	dossier, trust, err := s.check(ctx, *task.Spec, s.config.Explain, release, func(what string) {
		s.emit(Event{ID: task.ID, Generation: task.Generation, Kind: Progress, Message: untrusted.Clean(what)})
	})
	if err != nil { // cancelled
		return
	}
	report := dossier.Report // alone, so that the memory of the evidence can be given back
	s.review(*task.Spec, &report)
	report.Sources, report.Findings = slices.Clone(report.Sources), slices.Clone(report.Findings) // without room for more
	s.emit(Event{ID: task.ID, Generation: task.Generation, Kind: Finished, Report: &report, Trust: trust})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending--; s.pending == 0 {
		close(s.idle)
	}
}

// Examine checks one package now, beside the queue, for somebody who looks at
// it: its evidence is fetched and verified again. It returns an error only if
// ctx is done.
func (s *Scan) Examine(ctx context.Context, spec catalog.Spec) (*verify.Dossier, error) {
	dossier, _, err := s.check(goproxy.WithZip(ctx), spec, true, func() {}, func(string) {})
	if err != nil {
		return nil, err
	}
	s.review(spec, &dossier.Report)
	return &dossier, nil
}

// check returns the report on one package, and the generation of the trust that
// it rests on; with explain, what there is to look at as well. It returns an
// error only if ctx is done: whatever else goes wrong, a panic included, is the
// package's own report, and no other package notices. fetched is called when
// the network is no longer needed.
func (s *Scan) check(ctx context.Context, spec catalog.Spec, explain bool, fetched func(), progress func(string)) (d verify.Dossier, generation int, err error) {
	release := ReleaseOf(spec)
	defer func() {
		if p := recover(); p != nil {
			d, err = verify.Dossier{Report: s.panicked(spec, "checking", p)}, nil
		}
	}()
	if spec.Err != nil {
		d.Report = verify.Failed(release, "the spec cannot be read: "+spec.Err.Message)
		return d, 0, nil
	}
	ctx, end := s.limited(ctx)
	defer end()
	if over := s.over(); over != nil {
		d.Report = verify.Failed(release, untrusted.Message(over))
		return d, 0, nil
	}
	defer func() {
		if over := s.over(); err != nil && over != nil {
			d, err = verify.Dossier{Report: verify.Failed(release, untrusted.Message(over))}, nil
		}
	}()
	ctx, judged := registry.WithTurn(ctx)
	defer judged() // the evidence is judged
	evidence, trust, err := s.fetch(ctx, spec, progress)
	var before *past
	if need := s.need(spec); err == nil && need > NeedNothing {
		before = s.fetchPast(ctx, spec, need, progress)
	}
	fetched()
	if ctx.Err() != nil {
		return d, 0, ctx.Err()
	}
	if err != nil {
		d.Report = verify.Failed(release, untrusted.Message(err))
		d.Findings = append(d.Findings, evidence.Findings...)
		d.Unverified = trust.RootError // of all packages, so that it is said once
		return d, trust.Generation, nil
	}
	if d, err = s.judge(ctx, spec, explain, evidence, trust); err != nil {
		return d, 0, err
	}
	if doubtful(ctx, &d.Report, trust) {
		d, trust = s.askAnew(ctx, spec, explain, d, trust, progress)
	}
	if before != nil {
		before.add(&d.Report, s.issuers(spec))
	}
	return d, trust.Generation, nil
}

// judge verifies evidence. It returns an error only if ctx is done.
func (s *Scan) judge(ctx context.Context, spec catalog.Spec, explain bool, evidence verify.Evidence, trust verify.Trust) (
	d verify.Dossier, err error) {
	if err := s.cores.Acquire(ctx, 1); err != nil {
		return d, err
	}
	defer s.cores.Release(1)
	if s.config.Inspect != nil {
		return s.config.Inspect(spec, trust), nil
	}
	if s.config.Issuers != nil {
		trust.Issuers = s.config.Issuers(spec)
	}
	if explain {
		return verify.Examine(evidence, spec.Provenance, trust), nil
	}
	return verify.Dossier{Report: verify.Verify(evidence, spec.Provenance, trust)}, nil
}

// limited returns ctx, which ends with the limit of the run as well.
func (s *Scan) limited(ctx context.Context) (_ context.Context, end func()) {
	if s.config.Limit == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.config.Limit, cancel)
	return ctx, func() { stop(); cancel() }
}

// over returns why the run has no time left, or nil if it has, or was cancelled.
func (s *Scan) over() error {
	if s.config.Limit == nil || s.ctx.Err() != nil {
		return nil
	}
	if cause := context.Cause(s.config.Limit); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// review adds what the spec shows by itself, and what people demand and decided. A
// report that cannot be reviewed is no verdict: a demand that was passed over in
// silence is none.
func (s *Scan) review(spec catalog.Spec, report *verify.Report) {
	report.Findings = append(report.Findings, specFindings(spec, report)...)
	if s.config.Review == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			*report = s.panicked(spec, "reviewing", p)
		}
	}()
	s.config.Review(spec, report)
}

// panicked is the report on a package while doing something with which a panic
// occurred. The stack goes to the log and nowhere else.
func (s *Scan) panicked(spec catalog.Spec, doing string, p any) verify.Report {
	s.config.Log.Error("panic while "+doing, "spec", spec.Path.String(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return verify.Failed(ReleaseOf(spec), "internal error while "+doing+": "+untrusted.Shorten(fmt.Sprint(p), untrusted.MaxMessage))
}

// emit hands an event to the handler. One that panics misses that event; the
// package then has no verdict, and the others have theirs.
func (s *Scan) emit(e Event) {
	s.emitting.Lock()
	defer s.emitting.Unlock()
	defer func() {
		if p := recover(); p != nil {
			s.config.Log.Error("panic while handling an event", "id", e.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	if s.ctx.Err() != nil {
		return
	}
	s.handle(e)
}
