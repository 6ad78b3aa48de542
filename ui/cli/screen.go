package cli

import (
	"context"
	"time"

	"plimsoll/catalog"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/ui/state"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

// openScreen shows the catalog on the screen until the person leaves it. The
// catalog is read after the first frame.
func openScreen(ctx context.Context, env Env, o options, fresh freshness, args []string) error {
	if err := checkFolder(o, args); err != nil {
		return err
	}
	e, err := newEngine(env, o)
	if err != nil {
		return err
	}
	defer e.close()
	judge, err := loadReview(env, o, title(o, args))
	if err != nil {
		return unreadable(err)
	}
	decisions, why := triageOptions(o, judge, title(o, args))
	e.config.Review = judge.demand
	background, cancel := context.WithCancel(ctx)
	defer cancel()
	checks := startScreenEngine(background, e.config)
	kept := fresh.start(background, judge, o, title(o, args))
	defer kept.stop()
	minutes := time.NewTicker(time.Minute)
	defer minutes.Stop()
	err = ui.Run(ctx, ui.Options{
		Load: func(ctx context.Context, yield func([]catalog.Spec)) error {
			select {
			case <-kept.set: // what changes after it was read is seen
			case <-ctx.Done():
				return ctx.Err()
			}
			if o.policy == "" && !o.demo { // with the catalog, its policy is read again
				if _, err := judge.reload(title(o, args)); err != nil {
					return err
				}
			}
			return streamCatalog(ctx, o, args, yield)
		},
		Unread: func(ctx context.Context) catalog.UnreadSpecs { return countUnread(ctx, o, args) },
		Watch:  kept.changes,
		Every:  kept.due,
		Engine: checks,
		Examine: func(ctx context.Context, spec catalog.Spec) (*verify.Report, error) {
			return checks.Examine(ctx, spec, verify.Options{Explain: true})
		},
		Theme:        newTheme(env, o),
		Title:        title(o, args),
		Trust:        trustLine(e.trust(), o),
		State:        tableState(env, o, args),
		Now:          env.Now,
		Clipboard:    systemClipboard(),
		Tmux:         env.Getenv("TMUX") != "",
		Open:         browser(env),
		Export:       exportFile,
		Evidence:     func() report.Trust { return e.basis(ctx, o, args) },
		TrustInfo:    e.provider.Describe,
		RefreshTrust: e.refreshTrust,
		Minutes:      minutes.C,
		Triage:       decisions,
		TriageOff:    why,
		CoverageRuns: earlierRuns(env, o, args),
		History:      e.history,
		Aged:         aged(o),
		Log:          e.log.Logger,
	}, env.Stdin, env.Stdout)
	switch {
	case ctx.Err() != nil:
		return unchecked(errInterrupted)
	case err != nil:
		return unchecked(err)
	}
	return nil
}

// checkFolder is checkCatalog, and refuses a folder that cannot be opened: a
// wrong path is told on the command line, not on a screen.
func checkFolder(o options, args []string) error {
	if err := checkCatalog(o, args); err != nil || o.demo {
		return err
	}
	_, closer, err := catalog.OpenDir(title(o, args))
	if err != nil {
		return unreadable(err)
	}
	closer.Close()
	return nil
}

// tableState returns where the screen keeps how its table was left; nil where
// there is no place for it.
func tableState(env Env, o options, args []string) ui.State {
	dir, err := state.Dir(env.Getenv)
	if err != nil {
		return nil
	}
	if o.demo {
		return state.ForDemo(dir)
	}
	file, err := state.ForCatalog(dir, title(o, args))
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
}

func startScreenEngine(ctx context.Context, config scan.Config) *screenEngine {
	e := &screenEngine{events: make(chan scan.Event)}
	e.Scan = scan.Start(ctx, config, func(event scan.Event) {
		select {
		case e.events <- event:
		case <-ctx.Done():
		}
	})
	return e
}

func (e *screenEngine) Events() <-chan scan.Event { return e.events }

// title names the catalog.
func title(o options, args []string) string {
	switch {
	case o.demo:
		return "demo"
	case len(args) > 0:
		return args[0]
	default:
		return "."
	}
}

// aged says that evidence was not fetched in this run.
func aged(o options) bool { return o.offline || o.replay != "" }

// trustLine says what the verdicts rest on where that is not the public trust
// root.
func trustLine(t report.Trust, o options) string {
	switch {
	case t.Demo:
		return "demo: made-up evidence, checked against " + t.Root
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

// newTheme chooses colours and characters.
func newTheme(env Env, o options) *theme.Theme {
	return theme.New(theme.Options{Color: colours(env, o), ASCII: o.ascii})
}

// colours says whether colours may be written: not into a file or a pipe, nor
// where NO_COLOR (https://no-color.org) or the terminal forbids them.
func colours(env Env, o options) bool {
	return !o.noColor && env.Getenv("NO_COLOR") == "" && env.Getenv("TERM") != "dumb" && env.IsTerminal(env.Stdout)
}
