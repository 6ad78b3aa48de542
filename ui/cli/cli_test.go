package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/ui/report"
)

// bare is the environment of a run without a process or a terminal.
func bare(stdout, stderr io.Writer, vars map[string]string) Env {
	return Env{
		Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr,
		Getenv: func(key string) string { return vars[key] },
		Environ: func() (list []string) {
			for _, name := range slices.Sorted(maps.Keys(vars)) {
				list = append(list, name+"="+vars[name])
			}
			return list
		},
		Now:        func() time.Time { return time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC) },
		IsTerminal: func(any) bool { return false },
		built:      time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC),
	}
}

// invoke runs the program in a bare environment without variables.
func invoke(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	return invokeWith(ctx, nil, args...)
}

func invokeWith(ctx context.Context, vars map[string]string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, args, bare(&out, &errs, vars))
	return code, out.String(), errs.String()
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{
		{"--demo"},
		{"report", "--demo", "--format", "json"},
		{"verify-provenance", "--demo", "-c", "dockyard/npx/context7/spec.yaml"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			code, stdout, stderr := invoke(ctx, args...)
			if code != report.ExitUnchecked || stdout != "" || !strings.HasPrefix(stderr, "plimsoll: interrupted") {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

// broken refuses every write, as a pipe does whose reader has gone.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestResultThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"version"},
		{"report", "--demo=dockyard"},
		{"report", "--demo=dockyard", "--format", "json"},
		{"verify-provenance", "--demo", "-c", "dockyard/npx/context7/spec.yaml", "--json"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			var errs bytes.Buffer
			code := run(t.Context(), args, bare(broken{}, &errs, nil))
			if code != report.ExitUnchecked || !strings.Contains(errs.String(), "broken pipe") {
				t.Errorf("exit code %d, stderr %q", code, errs.String())
			}
		})
	}
}

func TestVersion(t *testing.T) {
	settings := func(revision, modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: modified}}
	}
	tests := []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"nothing known", nil, "(unknown version)"},
		{"no repository", &debug.BuildInfo{GoVersion: "go1.26.3"}, "(devel) go1.26.3"},
		{"a release", &debug.BuildInfo{GoVersion: "go1.26.3", Main: debug.Module{Version: "v1.2.3"},
			Settings: settings("0123456789abcdef0123", "false")}, "v1.2.3 (commit 0123456789ab) go1.26.3"},
		{"a module of the proxy, which has no commit", &debug.BuildInfo{GoVersion: "go1.26.3", Main: debug.Module{Version: "v1.2.3"}}, "v1.2.3 go1.26.3"},
		{"changed since the commit", &debug.BuildInfo{GoVersion: "go1.26.3", Main: debug.Module{Version: "(devel)"},
			Settings: settings("0123", "true")}, "(devel) (commit 0123, modified) go1.26.3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := version(tt.info); got != tt.want {
				t.Errorf("version = %q, want %q", got, tt.want)
			}
		})
	}
}
