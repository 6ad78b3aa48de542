package cli

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/testdata/testfiles"
	"plimsoll/ui/report"
)

// A machine that slept has a monotonic clock that stood still: it is not looked at.
func TestTheClockIsTheWalls(t *testing.T) {
	t.Parallel()
	if at := wall(time.Now)(); strings.Contains(at.String(), " m=") {
		t.Errorf("%v has a monotonic reading", at)
	}
}

func TestBuiltAt(t *testing.T) {
	t.Parallel()
	stamped := []debug.BuildSetting{{Key: "vcs.revision", Value: "ab"}, {Key: "vcs.time", Value: "2026-04-01T08:00:00Z"}}
	for i, tt := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{nil, ""},
		{&debug.BuildInfo{}, ""},
		{&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, ""},
		{&debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, ""},
		{&debug.BuildInfo{Settings: stamped}, "2026-04-01T08:00:00Z"},
		{&debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20260402091011-0123456789ab"}}, "2026-04-02T09:10:11Z"},
		{&debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.time", Value: "yesterday"}}}, ""},
	} {
		got := builtAt(tt.info)
		if got.IsZero() != (tt.want == "") || tt.want != "" && got.UTC().Format(time.RFC3339) != tt.want {
			t.Errorf("%d: got %v, want %q", i, got, tt.want)
		}
	}
}

// A clock before the program's own date is said once of each run that checks, and
// changes no verdict; a second later nothing is said.
func TestAClockBeforeTheProgramsDate(t *testing.T) {
	spec, root, keys := unpack(t, "npx/mcp-jetbrains/spec.yaml")
	catalog := filepath.Dir(filepath.Dir(filepath.Dir(spec)))
	demo := filepath.Join(testfiles.Root(t), "testdata", "demo")
	recorded := []string{"--replay", filepath.Join(demo, "recording"), "--trusted-root", root, "--npm-keys", keys}
	const says = "this machine's clock says 2026-04-01T07:59:59Z, which is before this program was built (2026-04-01T08:00:00Z)"
	for _, args := range [][]string{
		append([]string{"report", catalog}, recorded...),
		append([]string{"report", catalog, "--format", "json"}, recorded...),
		append([]string{catalog}, recorded...),
		append([]string{"verify-provenance", "-c", spec}, recorded...),
		append([]string{"coverage", catalog}, recorded...),
		append([]string{"build", "-c", spec, "-o", filepath.Join(t.TempDir(), "Dockerfile")}, recorded...),
		{"inspect", "--demo", filepath.Join("testdata", "inspect", "statement-v0.1.json")},
	} {
		for _, ago := range []time.Duration{time.Second, 0} {
			var stdout, stderr bytes.Buffer
			env := bare(&stdout, &stderr, nil)
			env.Now = func() time.Time { return env.built.Add(-ago) }
			code := run(t.Context(), args, env)
			if n := strings.Count(stderr.String(), says); n != int(ago/time.Second) || code == report.ExitFailed {
				t.Errorf("%v: exit code %d; said %d times on stderr %q", args[:1], code, n, stderr.String())
			}
			if strings.Contains(stdout.String(), "clock says") {
				t.Errorf("%v: it is on stdout", args[:1])
			}
		}
	}
	for _, ago := range []time.Duration{time.Second, 0} {
		var stdout, stderr bytes.Buffer
		env := bare(&stdout, &stderr, nil)
		env.Now = func() time.Time { return env.built.Add(-ago) }
		run(t.Context(), []string{"doctor", "--demo"}, env)
		want := "  ok         clock       2026-04-01 08:00 UTC, after 2026-04-01, when this program was built"
		if ago > 0 {
			want = "note       clock       this machine's clock says 2026-04-01T07:59:59Z"
		}
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("doctor does not say %q:\n%s", want, stdout.String())
		}
	}
}

// The clock is looked at with each tick. A machine that slept for days, a clock that
// was set back and one that goes on are told of when they are due, and once.
func TestAlarm(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	ends := begin.Add(90 * time.Second)
	for name, tt := range map[string]struct {
		due  func(last, now time.Time) bool
		at   []time.Duration // since begin, of each tick
		want string          // those that are given
	}{
		"an hour":       {each(time.Hour), []time.Duration{time.Second, time.Hour - 1, time.Hour, time.Hour + 1, 2*time.Hour - 1, 2 * time.Hour}, "[1h0m0s 2h0m0s]"},
		"sleep":         {each(time.Hour), []time.Duration{time.Minute, 72 * time.Hour, 72*time.Hour + time.Minute}, "[72h0m0s]"},
		"set back":      {each(time.Hour), []time.Duration{time.Minute, -5 * time.Hour, -5*time.Hour + 1, -4 * time.Hour}, "[-5h0m0s -4h0m0s]"},
		"the trust":     {moments(func() time.Time { return ends }), []time.Duration{time.Second, time.Minute, 89 * time.Second, 90 * time.Second, 91 * time.Second, 150 * time.Second}, "[1m0s 1m30s 2m30s]"},
		"no trust":      {moments(func() time.Time { return time.Time{} }), []time.Duration{time.Second, time.Minute, 90 * time.Second}, "[1m0s]"},
		"midnight":      {moments(func() time.Time { return time.Time{} }), []time.Duration{12*time.Hour - 1, 12 * time.Hour, 12*time.Hour + 1}, "[11h59m59.999999999s 12h0m0s]"},
		"a year's nap":  {moments(func() time.Time { return ends }), []time.Duration{365 * 24 * time.Hour, 365*24*time.Hour + 1}, "[8760h0m0s]"},
		"nobody sleeps": {each(time.Minute), nil, "[]"},
	} {
		ticks, ctx := make(chan time.Time), t.Context()
		var now atomic.Int64 // since begin
		given := []time.Duration{}
		out := alarm(ctx, ticks, func() time.Time { return begin.Add(time.Duration(now.Load())) }, tt.due)
		for _, at := range tt.at {
			now.Store(int64(at))
			ticks <- time.Time{}
			ticks <- time.Time{} // the first has been looked at
			select {
			case at := <-out:
				given = append(given, at.Sub(begin))
			default:
			}
		}
		if got := fmt.Sprint(given); got != tt.want {
			t.Errorf("%s: given were %s, want %s", name, got, tt.want)
		}
	}
}

// What nobody takes is given once, and the alarm ends with its context.
func TestAnAlarmThatNobodyTakes(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	ticks, at := make(chan time.Time), time.Time{}
	out := alarm(ctx, ticks, func() time.Time { at = at.Add(time.Hour); return at }, each(time.Minute))
	for range 100 {
		ticks <- time.Time{}
	}
	cancel()
	if first := <-out; first.Hour() != 2 {
		t.Errorf("given is %v", first)
	}
	if len(out) > 0 {
		t.Error("the others wait")
	}
}
