package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/testdata/lab"
	"plimsoll/ui/report"
)

// endWith returns a deadline that comes when end is closed.
func endWith(end <-chan struct{}) func(context.Context, time.Duration, error) (context.Context, context.CancelFunc) {
	return func(ctx context.Context, _ time.Duration, cause error) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(ctx)
		go func() {
			select {
			case <-end:
				cancel(cause)
			case <-ctx.Done():
			}
		}()
		return ctx, func() { cancel(nil) }
	}
}

// A run whose time is over has its result written whole: what was checked stands, and
// the rest is unchecked and says why.
func TestTimeout(t *testing.T) {
	t.Parallel()
	demo := filepath.Join("..", "..", "testdata", "demo")
	root, keys := filepath.Join(demo, "recording", "trusted_root.json"), filepath.Join(demo, "recording", "npm-keys.json")
	dockyard := filepath.Join(demo, "dockyard")
	spec := filepath.Join(dockyard, "npx", "context7", "spec.yaml")
	const says = "not reached within the 10m0s that the run had (--timeout): check again, or give it more time"
	for name, args := range map[string][]string{
		"text":     {"report", dockyard},
		"json":     {"report", dockyard, "--format", "json"},
		"sarif":    {"report", dockyard, "--format", "sarif"},
		"csv":      {"report", dockyard, "--format", "csv"},
		"markdown": {"report", dockyard, "--format", "markdown"},
		"shard":    {"report", dockyard, "--format", "json", "--shard", "1/2"},
		"history":  {"report", dockyard, "--history"},
		"table":    {dockyard},
		"package":  {"verify-provenance", "-c", spec},
		"coverage": {"coverage", dockyard},
		"document": {"document", dockyard},
		"build":    {"build", "-c", spec},
		"trust":    {"report", dockyard, "--tuf-mirror", "SILENT", "--tuf-root", tufRoot(t)},
		"inspect":  {"inspect", filepath.Join("testdata", "inspect", "message.json"), "--tuf-mirror", "SILENT", "--tuf-root", tufRoot(t)},
		"review":   {"review", "--demo"},
		"recorded": {"report", dockyard, "--record", filepath.Join(t.TempDir(), "r")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, stderr, ctx, _ := interruptible(t)
			asked := make(chan struct{})
			address := silent(t, sync.OnceFunc(func() { close(asked) }))
			env.deadline = endWith(asked)
			var stdout bytes.Buffer
			env.Stdout = &stdout
			args := append(args, "--timeout", "10m")
			for i := range args {
				if args[i] == "SILENT" {
					args[i] = address
				}
			}
			if name == "review" { // which waits for nobody
				close(asked)
				address = ""
			} else if name != "trust" && name != "inspect" {
				args = append(args, "--trusted-root", root, "--npm-keys", keys)
			}
			if name != "inspect" && address != "" {
				args = append(args, "--npm-registry", address, "--pypi-index", address+"/simple")
			}
			want := report.ExitUnchecked
			if name == "review" { // specs that are worse by themselves
				want = report.ExitFailed
			}
			if code := run(ctx, args, env); code != want {
				t.Errorf("exit code %d, stderr %q\n%s", code, stderr.String(), stdout.String())
			}
			if text := stdout.String() + stderr.String(); !strings.Contains(text, says) || strings.Contains(text, "interrupted") {
				t.Errorf("it says %q\n%s", stderr.String(), stdout.String())
			}
			if name == "json" || name == "shard" || name == "sarif" {
				if !json.Valid(stdout.Bytes()) {
					t.Errorf("no whole document: %s", stdout.String())
				}
			}
			if name != "sarif" && strings.Contains(stdout.String(), "✓ ") {
				t.Errorf("something was proven:\n%s", stdout.String())
			}
		})
	}
}

// What was checked before the time was over is as it would be without; a fault that was
// found decides the exit code.
func TestTimeoutInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	specs := []string{"npx/context7/spec.yaml", "npx/mcp-jetbrains/spec.yaml", "uvx/mcp-clickhouse/spec.yaml"}
	if err := lab.Unpack(dir, specs...); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "cat", "npx", "context7", "spec.yaml")
	for _, code := range []int{report.ExitUnchecked, report.ExitFailed} {
		if code == report.ExitFailed {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			demanding := strings.ReplaceAll(string(data), "https://github.com/upstash/context7", "http://github.example/context7")
			if err := os.WriteFile(file, []byte(demanding), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		asked := make(chan struct{})
		once := sync.OnceFunc(func() { close(asked) })
		env, ticks, shown := watching(200, nil)
		answers, _ := lab.Recording(t)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "mcp-proxy") {
				for at := env.Now(); !strings.Contains(shown(), "1 of 3 checked"); at = at.Add(time.Second) {
					ticks <- at
				}
				once()
				<-r.Context().Done()
				return
			}
			lab.Serve(answers, w, r)
		}))
		var stdout bytes.Buffer
		env.Stdout, env.deadline = &stdout, endWith(asked)
		got := run(t.Context(), []string{"report", filepath.Join(dir, "cat"), "--jobs", "1", "--timeout", "1h", "--npm-registry", server.URL, "--pypi-index", server.URL + "/simple",
			"--trusted-root", filepath.Join(dir, "root.json"), "--npm-keys", filepath.Join(dir, "keys.json"), "--cache-dir", filepath.Join(dir, "cache")}, env)
		server.Close()
		if got != code || !strings.HasPrefix(shown(), "plimsoll: 2 of 3 packages: not reached within the 1h0m0s") ||
			!strings.Contains(stdout.String(), map[int]string{report.ExitUnchecked: "s signed", report.ExitFailed: "✗ mismatch"}[code]) || strings.Count(stdout.String(), "? unchecked") != 2 {
			t.Errorf("exit code %d, want %d; stderr %q\n%s", got, code, shown(), stdout.String())
		}
	}
}

// A time that means nothing is refused.
func TestTimeoutIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"report", "--demo", "--timeout", "0s"}, {"report", "--demo", "--timeout", "-1m"}, {"report", "--demo", "--timeout", "soon"},
		{"doctor", "--timeout", "5s"}, {"--results", "x", "--timeout", "5s"}, {"report", "--merge", "x", "--timeout", "5s"},
		{"verify-bundle", "--timeout", "-1s", "--bundle", "x", "--key", "k", "f"}, {"verify-bundle", "--timeout", "0s", "--bundle", "x", "--key", "k", "f"},
	} {
		if code, _, stderr := invoke(t.Context(), args...); code != report.ExitUsage || !strings.Contains(stderr, "timeout") {
			t.Errorf("%q: exit code %d, %q", args, code, stderr)
		}
	}
	var stderr bytes.Buffer
	env := bare(&stderr, &stderr, nil)
	env.IsTerminal = func(any) bool { return true }
	env.Width = func(any) int { return 80 }
	for _, args := range [][]string{{"--demo", "--timeout", "5s"}, {"--demo=review", "--timeout", "5s"}} {
		stderr.Reset()
		if code := run(t.Context(), args, env); code != report.ExitUsage || !strings.Contains(stderr.String(), "this opens the screen") {
			t.Errorf("%q: exit code %d, %q", args, code, stderr.String())
		}
	}
}
