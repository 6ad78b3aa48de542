package cli

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/testdata/tuftest"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/trust"
)

// A report that begins before the trust ends and ends after it rests on one
// trust: the one of its end, or none.
func TestTheTrustEndsDuringAReport(t *testing.T) {
	spec, _, _ := unpack(t, "npx/mcp-jetbrains/spec.yaml")
	ends := time.Now().Add(240 * time.Hour).UTC().Truncate(time.Second)
	for _, tt := range []struct {
		name     string
		takes    time.Duration
		renewed  func(*tuftest.Repository, string) // while the report is made
		code     int
		out, err string
	}{
		{"short", time.Minute, nil, report.ExitOK, "✓ verified", ""},
		{"renewed", 48 * time.Hour, func(r *tuftest.Repository, _ string) { r.SetExpires(ends.Add(240 * time.Hour)) }, report.ExitOK, "✓ verified", ""},
		{"the mirror is away for an hour", time.Hour, func(r *tuftest.Repository, _ string) { r.SetDown(true) }, report.ExitOK, "✓ verified",
			"plimsoll: the trust could not be refreshed since "},
		{"ended", 48 * time.Hour, nil, report.ExitUnchecked, "? unchecked",
			"plimsoll: the trust changed during the run, and 1 package is verified again: nothing can be verified any more: the trust from TUF repository "},
		{"a key is removed", time.Hour, func(r *tuftest.Repository, keys string) { r.SetTarget(keys, "") }, report.ExitUnchecked, "? unchecked",
			"plimsoll: the trust changed during the run, and 1 package is verified again: the keys of http://127.0.0.1:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var now atomic.Pointer[time.Time]
			begin := ends.Add(-24 * time.Hour)
			now.Store(&begin)
			var late func()
			server, asked := serveWith(t, func(h http.Handler) *httptest.Server {
				return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { late(); h.ServeHTTP(w, r) }))
			})
			keys := strings.TrimPrefix(server.URL, "http://") + "/keys.json"
			repository := tuftest.New(t, map[string]string{"trusted_root.json": recorded(t, "trusted_root.json"), keys: recorded(t, "npm-keys.json")}, ends)
			late = func() { // once the trust is loaded, the first answer of the registry is late
				if at := begin.Add(tt.takes); !now.Load().Equal(at) {
					now.Store(&at)
					if tt.renewed != nil {
						tt.renewed(repository, keys)
					}
				}
			}
			root := filepath.Join(t.TempDir(), "tuf-root.json")
			if err := os.WriteFile(root, repository.Root, 0o600); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			env := bare(&stdout, &stderr, nil)
			env.Now = func() time.Time { return *now.Load() }
			code := run(t.Context(), []string{"report", filepath.Dir(filepath.Dir(filepath.Dir(spec))), "--npm-registry", server.URL,
				"--tuf-mirror", repository.URL, "--tuf-root", root, "--cache-dir", filepath.Join(t.TempDir(), "cache")}, env)
			if code != tt.code || !strings.Contains(stdout.String(), tt.out) || !strings.HasPrefix(stderr.String(), tt.err) || (stderr.Len() == 0) != (tt.err == "") {
				t.Errorf("exit code %d, want %d and %q; stderr %q, want %q; %d requests\n%s", code, tt.code, tt.out, stderr.String(), tt.err, len(asked()), stdout.String())
			}
		})
	}
}

// The config command tells of a kept trust what the table tells.
func TestConfigTellsThatTheTrustHasEnded(t *testing.T) {
	t.Parallel()
	ends := time.Now().Add(240 * time.Hour).UTC().Truncate(time.Second)
	repository := tuftest.New(t, map[string]string{"trusted_root.json": recorded(t, "trusted_root.json")}, ends)
	dir := t.TempDir()
	root := filepath.Join(dir, "tuf-root.json")
	if err := os.WriteFile(root, repository.Root, 0o600); err != nil {
		t.Fatal(err)
	}
	var web network
	web.dir = filepath.Join(dir, "cache")
	tuf := &trust.TUF{Mirror: repository.URL, Root: repository.Root}
	web.configure(tuf, options{})
	if _, err := trust.New(trust.Options{TUF: tuf}).For(t.Context(), verify.PyPI, nil); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		now  time.Time
		want string
	}{{ends.Add(-time.Second), ": root 1, version 1, expires " + ends.Format(time.RFC3339)}, {ends, "the cached metadata has expired: run once without --offline"}} {
		o := options{tufMirror: repository.URL, tufRoot: root, cacheDir: web.dir}
		got := trustSetting(t.Context(), Env{Getenv: func(string) string { return "" }, Now: func() time.Time { return tt.now }}, o)
		if !strings.Contains(got.Value, tt.want) {
			t.Errorf("at %v: %q, want %q", tt.now, got.Value, tt.want)
		}
	}
}
