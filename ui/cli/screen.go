package cli

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/ui/state"
	"plimsoll/ui/theme"
	"plimsoll/verify/review"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

// openScreen shows the catalog on the screen until the person leaves it. The
// catalog is read after the first frame.
func openScreen(ctx context.Context, env Env, o options, updating updateFlags) error {
	if err := o.forScreen(); err != nil {
		return err
	}
	if o.demo != "" {
		o.written = newRewritableDemo(o.demo)
	}
	_, closer, err := openCatalog(o)
	if err != nil {
		return unreadable(err) // a wrong path is told on the command line, not on a screen
	}
	closer.Close()
	e, err := newEngine(ctx, env, o, o.catalog)
	if err != nil {
		return err
	}
	defer e.close()
	decisions, why := triageOptions(env, o, e.rules)
	e.config.Review = e.rules.demand
	background, cancel := context.WithCancel(ctx)
	defer cancel()
	checks := startScreenEngine(background, e.config, e.registries.AskAgain)
	updates := updating.start(background, env.Now, o)
	defer updates.stop()
	var policy func() (bool, error)
	if o.policy == "" && o.demo == "" {
		policy = func() (bool, error) { return e.rules.reload(o.catalog) }
	}
	change := func(ctx context.Context, update func(*review.Review)) error {
		_, err := e.reviewOnScreen(ctx, reviewOptions{}, func(*rules) {}, update)
		return err
	}
	if o.demo.unchanged() != "" {
		change = nil
	}
	return e.show(ctx, ui.Options{
		Load:         loader(o, updates),
		Policy:       policy,
		Unread:       func(ctx context.Context) catalog.UnreadSpecs { return countUnread(ctx, o) },
		Watch:        updates.changes,
		Every:        updates.due,
		Engine:       checks,
		Examine:      checks.Examine,
		Title:        o.catalog,
		State:        tableState(env, o),
		Evidence:     func() report.Trust { return e.basis(ctx) },
		Triage:       decisions,
		TriageOff:    why,
		CoverageRuns: earlierRuns(env, o),
		History:      checks.History,
		Review:       change,
		ReviewOff:    o.demo.unchanged(),
		ReviewTitle:  o.demo.reviewTitle(),
		Aged:         aged(o),
	})
}

// loader reads the catalog, also if it had a spec before and has none any more.
func loader(o options, updates updates) func(ctx context.Context, yield func([]catalog.Spec)) error {
	var loaded atomic.Bool
	return func(ctx context.Context, yield func([]catalog.Spec)) error {
		if err := updates.ready(ctx); err != nil {
			return err
		}
		err := streamCatalog(ctx, o, yield)
		if loaded.Load() && errors.Is(err, errNoSpecs) {
			return nil
		}
		loaded.CompareAndSwap(false, err == nil)
		return err
	}
}

// show shows a screen whose engine is e, or does its work with it.
func (e *engine) show(ctx context.Context, screen ui.Options) error {
	looks := time.NewTicker(lookEvery)
	defer looks.Stop()
	ending, stop := context.WithCancel(ctx)
	defer stop()
	screen.Minutes = alarm(ending, looks.C, e.env.Now, moments(func() time.Time { return e.registries.Trust.Describe().Expires }))
	screen.Clock = e.env.slowClock
	screen.Trust, screen.TrustInfo, screen.RefreshTrust = trustLine(e.trust(), e.options), e.registries.Trust.Describe, e.refreshTrust
	screen.SumDB = e.registries.Go.Describe
	screen.Log = e.log.Logger
	return show(ctx, e.env, e.options, screen)
}

// show shows a screen until the person leaves it.
func show(ctx context.Context, env Env, o options, screen ui.Options) error {
	config, err := readConfig(configFile(env))
	if err != nil {
		return unreadable(err)
	}
	screen.Keys, screen.Views = config.screen.keys, config.screen.views
	screen.Theme, screen.Now = newTheme(env, o), env.Now
	screen.Clipboard, screen.Tmux = systemClipboard(), env.Getenv("TMUX") != ""
	screen.Open, screen.Export = browser(env), exportFile
	env.ending.show(true)
	err = ui.Run(ctx, screen, env.Stdin, env.Stdout)
	env.ending.show(false)
	switch {
	case errors.Is(err, context.Canceled):
		return unchecked(errInterrupted)
	case err != nil:
		return unchecked(err)
	}
	return nil
}

// tableState returns where the screen keeps how its tables were left, or nil if
// there is no place for it.
func tableState(env Env, o options) ui.State {
	dir, err := stateDir(env)
	if err != nil {
		return nil
	}
	untrusted.RemoveTemporary(dir)
	if o.demo != "" {
		return state.ForDemo(dir, o.demo.String())
	}
	file, err := state.ForCatalog(dir, o.catalog)
	if err != nil {
		return nil
	}
	return file
}

// screenEngine is a scan whose events wait in a channel until the screen takes
// them.
type screenEngine struct {
	*scan.Scan
	events chan scan.Event
	again  func() // has hosts asked that were given up
}

func startScreenEngine(ctx context.Context, config scan.Config, again func()) *screenEngine {
	e := &screenEngine{events: make(chan scan.Event), again: again}
	e.Scan = scan.Start(ctx, config, func(event scan.Event) {
		select {
		case e.events <- event:
		case <-ctx.Done():
		}
	})
	return e
}

// Submit has packages checked. If one is checked once more, because of a key, a change
// or the time, the hosts that were given up are asked again.
func (e *screenEngine) Submit(tasks ...scan.Task) {
	if slices.ContainsFunc(tasks, func(t scan.Task) bool { return t.Generation > 1 }) {
		e.again()
	}
	e.Scan.Submit(tasks...)
}

func (e *screenEngine) Events() <-chan scan.Event { return e.events }

// aged reports whether the evidence may be older than this run.
func aged(o options) bool { return o.offline || o.replay != "" }

// trustLine names what the verdicts rest on, or is "" for the public trust root.
func trustLine(t report.Trust, o options) string {
	switch {
	case t.Demo && o.demo == demoHonest:
		return "demo: made-up evidence, its own trust root; --demo=attacks has what fails"
	case t.Demo:
		return "demo: made-up evidence, its own trust root"
	case t.Origin == string(trust.OriginTUF) && o.tufMirror == "":
		return ""
	case t.Origin == string(trust.OriginRecording):
		return "a recording, checked against its own trust root"
	case t.Origin == string(trust.OriginFile):
		return "trust root: the file " + t.Root
	default:
		return "trust root: " + t.Root
	}
}

// textReport is how results are written as text.
func textReport(env Env, o options) report.Text {
	looks := themeOptions(env, o)
	looks.Plain = !looks.Color
	text := report.Text{Theme: theme.New(looks)}
	if env.IsTerminal(env.Stdout) {
		text.Width = max(0, env.Width(env.Stdout))
	}
	return text
}

// newTheme chooses colours and characters.
func newTheme(env Env, o options) *theme.Theme { return theme.New(themeOptions(env, o)) }

func themeOptions(env Env, o options) theme.Options {
	return theme.Options{Color: colours(env, o), ASCII: o.ascii, Look: o.theme.Look, Terminal: theme.TerminalOf(env.Getenv)}
}

// colours reports whether colours may be written: not into a file or a pipe, nor
// if NO_COLOR (https://no-color.org) or the terminal forbids them.
func colours(env Env, o options) bool {
	return !o.noColor && env.Getenv("NO_COLOR") == "" && env.Getenv("TERM") != "dumb" && env.IsTerminal(env.Stdout)
}
