package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
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

// Whatever happens to the streams, the worst code wins: 2, then 1, then 3.
func TestFailedStreamsHideNoVerdict(t *testing.T) {
	t.Parallel()
	evidence, demo := filepath.Join("testdata", "inspect"), filepath.Join("..", "..", "testdata", "demo")
	recorded := filepath.Join(demo, "recording")
	replay := []string{"--replay", recorded, "--trusted-root", filepath.Join(recorded, "trusted_root.json"), "--npm-keys", filepath.Join(recorded, "npm-keys.json")}
	commands := [][]string{
		{"version"}, {"--version"}, {"--help"}, {"help", "report"}, {"help", "nothing"}, {"nothing"}, {"completion", "bash"}, {"explain"},
		{"explain", "verified", "--json"}, {"config"}, {"config", "--json"}, {"cache"}, {"cache", "--json"}, {"cache", "clear"},
		{"doctor", "--demo"}, {"doctor", "--demo", "--json"},
		{"build", "--demo", "dockyard/uvx/mcp-clickhouse/spec.yaml"}, {"build", "--demo", "attacks/npx/fork-publishes/spec.yaml"},
		{"inspect", "--demo", filepath.Join(evidence, "message-tampered.json")}, {"inspect", "--demo", filepath.Join(evidence, "message.json"), "--json"},
	}
	for _, c := range []struct {
		code  int
		specs []string // the last has the code
	}{
		{report.ExitOK, []string{"dockyard/npx/context7"}},
		{report.ExitUnchecked, []string{"attacks/npx/advertised-but-missing"}},
		{report.ExitFailed, []string{"attacks/npx/advertised-but-missing", "attacks/npx/fork-publishes"}},
		{report.ExitUsage, []string{"attacks/npx/fork-publishes", ""}},
	} {
		dir := t.TempDir()
		git(t, dir, "init", "-q")
		git(t, dir, "commit", "-q", "--allow-empty", "-m", "first")
		for i, spec := range c.specs {
			data := []byte("metadata: [")
			if spec != "" {
				var err error
				if data, err = os.ReadFile(filepath.Join(demo, spec, "spec.yaml")); err != nil {
					t.Fatal(err)
				}
			}
			file := filepath.Join(dir, "npx", fmt.Sprint("x", i), "spec.yaml")
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		if code := run(t.Context(), slices.Concat([]string{"report", dir}, replay), bare(io.Discard, io.Discard, nil)); code != c.code {
			t.Fatalf("%v: exit code %d, want %d", c.specs, code, c.code)
		}
		last := filepath.Join(dir, "npx", fmt.Sprint("x", len(c.specs)-1), "spec.yaml")
		for _, args := range [][]string{{dir}, {"report", dir, "--require", "verified"}, {"coverage", dir}, {"coverage", dir, "--json"}, {"document", dir},
			{"document", dir, "--check"}, {"verify-provenance", last, "-v"}, {"verify-provenance", last, "--json"}, {"report", dir, "--shard", "1/1", "--format", "json"}} {
			commands = append(commands, slices.Concat(args, replay))
		}
		for _, format := range formats {
			args := slices.Concat([]string{"report", dir, "--format", format}, replay)
			if format == formatVSA {
				args = append(args, "--verifier-id", "https://v.example")
			}
			commands = append(commands, args)
		}
		for _, format := range reviewFormats {
			commands = append(commands, slices.Concat([]string{"review", dir, "--base", "HEAD", "--format", format}, replay))
		}
	}
	vars, tries := map[string]string{"HOME": t.TempDir()}, 0
	for i, args := range commands {
		if testing.Short() && i%3 > 0 {
			continue
		}
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			whole := run(t.Context(), args, bare(&stdout, &stderr, vars))
			taken := []int{0, 1, stdout.Len() / 2, stdout.Len() - 1}
			if testing.Short() {
				taken = taken[2:3]
			}
			for _, at := range taken {
				want := whole
				if at >= 0 && at < stdout.Len() {
					want = report.Worst(whole, report.ExitUnchecked)
				}
				for _, deaf := range []bool{false, true} {
					said := &bytes.Buffer{}
					env := bare(&full{max(at, 0)}, said, vars)
					if deaf {
						env.Stderr = &full{0}
					}
					want := want
					if deaf && stderr.Len() > 0 {
						want = report.Worst(want, report.ExitUnchecked)
					}
					code := run(t.Context(), args, env)
					if tries++; code != want {
						t.Errorf("%d bytes taken, stderr taken: %v: exit code %d, want %d", at, !deaf, code, want)
					}
					if !deaf && at < stdout.Len() && stdout.Len() > 0 && !strings.Contains(said.String(), "no space\n") {
						t.Errorf("%d bytes taken: it says %q", at, said)
					}
				}
			}
		})
	}
	t.Logf("%d commands, %d tries", len(commands), tries)
}

// full takes some bytes and no more.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	n := min(f.left, len(p))
	f.left -= n
	if n < len(p) {
		return n, errors.New("no space")
	}
	return n, nil
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
