package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/catalog/watch"
	"plimsoll/verify/policy"
	"plimsoll/verify/triage"
)

// minEvery is the shortest time between two checks of everything: the
// registries are other people's.
const minEvery = time.Minute

// updateFlags keep the screen up to date.
type updateFlags struct {
	watch bool
	every time.Duration // 0: never
}

func (f *updateFlags) bind(c *cobra.Command) {
	c.Flags().BoolVar(&f.watch, "watch", false, "on the screen: check again the packages whose spec changes on disk")
	c.Flags().DurationVar(&f.every, "every", 0, "on the screen: check everything again each `DURATION` (15m, 1h; at least 1m)")
}

// check refuses what cannot be kept up to date.
func (f *updateFlags) check(env Env, c *cobra.Command) error {
	if c.Flags().Changed("every") && f.every < minEvery {
		return usagef("--every: expected at least %v, got %v", minEvery, f.every)
	}
	for _, flag := range []struct{ name, why string }{
		{"watch", "has no folder on disk to watch"}, {"every", "never changes"},
	} {
		if !c.Flags().Changed(flag.name) {
			continue
		}
		for _, other := range []struct{ name, what string }{{"demo", "the demo"}, {"results", "a file of results"}} {
			if c.Flags().Changed(other.name) {
				return usagef("--%s and --%s cannot be used together: %s %s", flag.name, other.name, other.what, flag.why)
			}
		}
		if !env.interactive() {
			return usagef("--%s keeps the screen up to date, and without a terminal there is none: the table is printed once", flag.name)
		}
	}
	return nil
}

// updates are the reasons for the screen to read and check again.
type updates struct {
	changes <-chan watch.Event // nil without --watch
	due     <-chan time.Time   // nil without --every
	watched <-chan struct{}    // closed when every later change will be seen; nil without --watch
	stop    func()             // ends it and waits for the end
}

// ready waits until every later change will be seen.
func (u updates) ready(ctx context.Context) error {
	if u.watched == nil {
		return nil
	}
	select {
	case <-u.watched:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start begins to watch the catalog in a folder, and the clock.
func (f updateFlags) start(ctx context.Context, now func() time.Time, o options) updates {
	u := updates{stop: func() {}}
	if f.watch {
		w := watch.Start(ctx, o.catalog, policy.FileName, triage.FileName)
		u.changes, u.watched, u.stop = w.Events, w.Ready, w.Stop
	}
	if f.every > 0 {
		looks, end := time.NewTicker(lookEvery), u.stop
		u.due, u.stop = alarm(ctx, looks.C, now, each(f.every)), func() { looks.Stop(); end() }
	}
	return u
}
