package cli

import (
	"context"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

// engine is a scan that is ready to start: where evidence and trust come from,
// and how much is done at once.
type engine struct {
	env        Env
	options    options
	config     scan.Config
	rules      *rules
	registries *scan.Registries
	log        *logFile
	limit      context.Context // of what is checked; ends with --timeout
	close      func()          // gives back what is open; to be called once, at the end
}

// newEngine makes the engine that the options describe, for a run that ends with
// ctx. Reports get what is demanded and decided of the catalog in the folder
// root; "" for nothing. It reads files and uses no network.
func newEngine(ctx context.Context, env Env, o options, root string) (*engine, error) {
	log, err := env.openLog(o.logFile)
	if err != nil {
		return nil, unreadable(err)
	}
	env.ending.logTo(o.logFile)
	limit, end := o.limit(ctx, env)
	registries, closeSources, err := openSources(limit, env, o, log.Logger)
	if err != nil {
		end()
		_ = log.close()
		return nil, err
	}
	e := &engine{
		env: env, options: o, registries: registries, log: log, limit: limit,
		config: scan.Config{Fetch: registries, Versions: registries.Versions, Network: o.jobs, Jobs: o.jobs, Log: log.Logger, Limit: limit,
			Zips: o.demo != ""}, // they cost nothing there, and the table says what a look at one package does
		close: func() {
			closeSources()
			end()
			if err := log.close(); err != nil { // the verdicts are what they are
				env.say("the log is not complete: %s", untrusted.Message(err))
			}
		},
	}
	if root == "" {
		return e, nil
	}
	source, closer, err := o.openRoot(root)
	if err == nil {
		defer closer.Close()
		err = e.obey(source.FS)
	}
	if err != nil {
		e.close()
		return nil, unreadable(err)
	}
	return e, nil
}

// obey takes what is demanded and decided of a catalog: from the command line, and
// from its root folder fsys.
func (e *engine) obey(fsys fs.FS) (err error) {
	if e.rules, err = loadRules(e.env, e.options, fsys); err == nil {
		e.config.Issuers, e.config.Needs, e.config.Review = e.rules.issuers, e.rules.needs, e.rules.apply
	}
	return err
}

// trustAge is how old the trust may be at the end of a run, and on the screen
// before it is refreshed: TUF's own expiry is days away, and a key that was
// taken back should not serve for that long.
const trustAge = time.Hour

// verify checks specs and returns them in their order, see verifyEach.
func (e *engine) verify(ctx context.Context, specs ...catalog.Spec) ([]report.Package, error) {
	packages := make([]report.Package, len(specs))
	for i, spec := range specs {
		packages[i].Spec = spec
	}
	return packages, e.verifyEach(ctx, packages, func(int, *verify.Report) {})
}

// verifyEach checks packages and sets their reports. The error is that of a scan
// which was interrupted before every report was there; whatever is wrong with a
// package is in its report. All reports rest on the trust that holds at the end:
// what was verified by an older one is verified again, once. finished is told of
// each report when it is there, and again if a newer trust gives another one: never
// twice at once, and not after verifyEach returned.
func (e *engine) verifyEach(ctx context.Context, packages []report.Package, finished func(i int, r *verify.Report)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e.env.sayClock()
	e.sayIgnored(packages)
	tasks := make([]scan.Task, len(packages))
	trusts := make([]int, len(packages))
	for i := range packages {
		tasks[i] = scan.Task{ID: i, Spec: &packages[i].Spec}
	}
	stop := e.env.begin(ctx, e.options, "checked", len(packages))
	defer func() { stop() }()
	var left atomic.Int64 // reports that are not there
	left.Store(int64(len(packages)))
	// The handler is never called twice at once, and Wait returns after its
	// last call.
	s := scan.Start(ctx, e.config, func(event scan.Event) {
		switch event.Kind {
		case scan.Progress:
			e.env.progress.doing(event.Message)
		case scan.Finished:
			e.env.progress.did(1)
			packages[event.ID].Report, trusts[event.ID] = *event.Report, event.Trust
			finished(event.ID, event.Report)
			left.Add(-1)
		}
	})
	s.Submit(tasks...)
	if err := s.Wait(); err != nil && left.Load() > 0 {
		return unchecked(errInterrupted)
	}
	if tasks = e.outdated(tasks, trusts); len(tasks) > 0 {
		stop()
		stop = e.env.begin(ctx, e.options, "checked again", len(tasks))
		s.Submit(tasks...)
		if err := s.Wait(); err != nil {
			return unchecked(errInterrupted)
		}
	}
	if tasks = e.doubted(packages); len(tasks) > 0 {
		s.Submit(tasks...)
		if err := s.Wait(); err != nil {
			return unchecked(errInterrupted)
		}
	}
	e.sayOver(packages)
	return nil
}

// outdated says what became of the trust during a run, and returns the tasks that
// another one was used for than holds now.
func (e *engine) outdated(tasks []scan.Task, trusts []int) []scan.Task {
	sayKept(e.env, e.registries.Trust)
	info := e.registries.Trust.Describe()
	if e.limit.Err() == nil {
		if info = e.registries.Trust.Refresh(e.limit, trustAge); info.Stale != "" {
			e.env.say("the trust could not be refreshed since %s, and holds until it expires: %s",
				info.StaleSince.UTC().Format(time.RFC3339), info.Stale)
		}
	}
	tasks = slices.DeleteFunc(tasks, func(t scan.Task) bool { return trusts[t.ID] == 0 || trusts[t.ID] == info.Generation })
	if n := len(tasks); n > 0 {
		are := "are"
		if n == 1 {
			are = "is"
		}
		e.env.say("the trust changed during the run, and %s %s verified again: %s", untrusted.Plural(n, "package"), are, info.Change)
	}
	return tasks
}

// sayOver says how much of a run its time was too short for.
func (e *engine) sayOver(packages []report.Package) {
	if e.limit.Err() == nil {
		return
	}
	left, why := 0, untrusted.Message(context.Cause(e.limit))
	for i := range packages {
		if packages[i].Report.Reason == why {
			left++
		}
	}
	if left > 0 {
		e.env.say("%d of %s: %s", left, untrusted.Plural(len(packages), "package"), why)
	}
}

// doubted says what became known of the checksum database during a run. If it has
// contradicted itself, what it vouches for is to be verified again, whichever package
// showed that.
func (e *engine) doubted(packages []report.Package) (again []scan.Task) {
	heads := e.registries.Go.Kept()
	if file, err := heads.File(); err != nil {
		e.env.say("the newest tree head of the checksum database is not kept in %q, and the next run will not be held against it: %s",
			untrusted.Text(file), untrusted.Message(err))
	}
	_, fork := heads.Newest()
	if fork == nil {
		return nil
	}
	e.env.say("%s", untrusted.Message(fork))
	for i := range packages {
		if packages[i].Spec.Protocol == catalog.Go && packages[i].Report.Status == verify.Signed {
			again = append(again, scan.Task{ID: i, Spec: &packages[i].Spec})
		}
	}
	return again
}

// sayIgnored says which settings of the package managers that the specs are for
// are not obeyed.
func (e *engine) sayIgnored(packages []report.Package) {
	asks := map[catalog.Protocol]bool{}
	for i := range packages {
		asks[packages[i].Spec.Protocol] = true
	}
	if asks[catalog.NPX] {
		for _, setting := range e.registries.NPM.Config().Ignored() {
			e.env.say("%v", setting)
		}
	}
	if asks[catalog.UVX] {
		for _, f := range e.registries.PyPI.Config().Findings() {
			e.env.say("%s", f.Message)
		}
	}
	if asks[catalog.Go] {
		for _, setting := range e.registries.Go.Config().Ignored() {
			e.env.say("%v", setting)
		}
	}
}

// sayKept says what is wrong with what is kept of a TUF repository.
func sayKept(env Env, p *trust.Provider) {
	if kept := p.Describe().Kept; kept != "" {
		env.say("%s", kept)
	}
}

// refreshTrust loads the trust anew, at once or when it is old.
func (e *engine) refreshTrust(ctx context.Context, atOnce bool) {
	age := trustAge
	if atOnce {
		e.registries.AskAgain()
		age = 0
	}
	e.registries.Trust.Refresh(ctx, age)
}

// trust describes what the verdicts rest on.
func (e *engine) trust() report.Trust {
	info := e.registries.Trust.Describe()
	if !slices.ContainsFunc(info.KeySets, func(k trust.KeySet) bool { return k.Count > 0 && !k.Weak }) {
		info.Keys = "" // nobody asked for them, or they could not be fetched
	}
	return report.Trust{
		Origin: string(info.Origin), Root: info.Root, RootSHA256: info.RootSHA256, Keys: info.Keys, Demo: info.Demo, Problem: info.RootError,
		OwnKeys: slices.ContainsFunc(info.KeySets, func(k trust.KeySet) bool { return k.Weak }),
		SumDB:   e.registries.Go.Describe().Name,
	}
}

// basis is trust, and what of the catalog was not read.
func (e *engine) basis(ctx context.Context) report.Trust {
	t := e.trust()
	t.NotRead = countUnread(context.WithoutCancel(ctx), e.options)
	return t
}
