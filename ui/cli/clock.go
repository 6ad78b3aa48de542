package cli

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	gomod "golang.org/x/mod/module"
)

// wall is now without its monotonic reading: that stands still while the machine
// sleeps, and a trust that is days old would pass for one of this hour.
func wall(now func() time.Time) func() time.Time {
	return func() time.Time { return now().Round(0) }
}

// builtAt is the date of the commit that a program was built from, or zero if the
// build recorded none.
func builtAt(info *debug.BuildInfo) time.Time {
	if info == nil {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			at, _ := time.Parse(time.RFC3339, s.Value)
			return at
		}
	}
	at, _ := gomod.PseudoVersionTime(info.Main.Version) // go install of no release
	return at
}

// slowClock says that this machine's clock is wrong, or is "". It cannot be before
// the program's own date.
func (e Env) slowClock() string {
	now := e.Now()
	if !now.Before(e.built) {
		return ""
	}
	return fmt.Sprintf("this machine's clock says %s, which is before this program was built (%s): what ends with time, as trust does, "+
		"is not noticed in time", now.UTC().Format(time.RFC3339), e.built.UTC().Format(time.RFC3339))
}

// sayClock says once of a run that the clock is wrong.
func (e Env) sayClock() {
	if text := e.slowClock(); text != "" {
		e.say("%s", text)
	}
}

// lookEvery is how often the clock is looked at: a ticker alone stands still while
// the machine sleeps.
const lookEvery = time.Second

// alarm gives a time whenever due says so, of the last time that was given and of
// now. It looks at the clock with each tick, until ctx is done. What nobody takes is
// given once.
func alarm(ctx context.Context, ticks <-chan time.Time, now func() time.Time, due func(last, now time.Time) bool) <-chan time.Time {
	out, last := make(chan time.Time, 1), now()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks:
			}
			if at := now(); due(last, at) {
				last = at
				select {
				case out <- at:
				default:
				}
			}
		}
	}()
	return out
}

// each is due when so much time has passed, or when the clock was set back.
func each(d time.Duration) func(last, now time.Time) bool {
	return func(last, now time.Time) bool { return now.Before(last) || now.Sub(last) >= d }
}

// moments is due when something may have ended: each minute, with each day, and when
// the trust ends.
func moments(ends func() time.Time) func(last, now time.Time) bool {
	minute := each(time.Minute)
	return func(last, now time.Time) bool {
		end := ends()
		return minute(last, now) || now.UTC().YearDay() != last.UTC().YearDay() || last.Before(end) && !now.Before(end)
	}
}
