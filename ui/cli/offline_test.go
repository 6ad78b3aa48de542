package cli

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/testdata/demo"
	"plimsoll/testdata/tuftest"
	"plimsoll/ui/report"
)

// trap listens where a server was, and counts who comes.
type trap struct{ connections atomic.Int32 }

func (p *trap) listen(t *testing.T, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.connections.Add(1)
			conn.Close()
		}
	}()
}

// dialled fails the test: it stands in for the default transport.
type dialled struct{ t *testing.T }

func (d dialled) RoundTrip(req *http.Request) (*http.Response, error) {
	d.t.Errorf("%s was asked for", req.URL)
	return nil, errors.New("the network was used")
}

// What one run has fetched over the network, TUF's metadata included, serves
// the next ones with --offline, and they open no connection: where the servers
// were, traps listen.
func TestOfflineOpensNoConnection(t *testing.T) {
	spec, _, _ := unpack(t, "npx/mcp-jetbrains/spec.yaml")
	catalog := filepath.Dir(filepath.Dir(filepath.Dir(spec)))
	server, asked := serveWith(t, httptest.NewServer)
	address := server.URL
	repository := tuftest.New(t, map[string]string{
		"trusted_root.json": recorded(t, "trusted_root.json"),
		strings.TrimPrefix(address, "http://") + "/keys.json": recorded(t, "npm-keys.json"),
	}, time.Now().Add(240*time.Hour))
	root := filepath.Join(t.TempDir(), "tuf-root.json")
	if err := os.WriteFile(root, repository.Root, 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{"--npm-registry", address, "--pypi-index", address + "/simple/",
		"--tuf-mirror", repository.URL, "--tuf-root", root, "--cache-dir", filepath.Join(t.TempDir(), "cache")}
	with := func(args ...string) []string { return append(args, flags...) }

	code, online, stderr := invoke(t.Context(), with("report", catalog, "--format", "json")...)
	if code != report.ExitOK || !strings.Contains(online, `"status": "verified"`) {
		t.Fatalf("online: exit code %d: %s%s", code, stderr, online)
	}
	if len(asked()) == 0 || repository.Requests() == 0 {
		t.Fatalf("online: %d and %d requests", len(asked()), repository.Requests())
	}

	server.Close()
	repository.Close()
	var trap trap
	trap.listen(t, address)
	trap.listen(t, repository.URL)
	before := http.DefaultTransport
	http.DefaultTransport = dialled{t}
	t.Cleanup(func() { http.DefaultTransport = before })
	for _, tt := range []struct {
		code int
		args []string
		want string
	}{
		{report.ExitOK, []string{"report", catalog, "--format", "json"}, `"status": "verified"`},
		{report.ExitOK, []string{"report", catalog, "--history"}, "✓ verified"},
		{report.ExitOK, []string{"verify-provenance", "-c", spec, "-v"}, "✓ verified"},
		{report.ExitOK, []string{"verify-provenance", spec, "npm:@jetbrains/mcp-proxy@1.8.0"}, "2 packages: ✓ 2 verified"},
		{report.ExitOK, []string{"build", "-c", spec, "--check-provenance"}, "FROM"},
		{report.ExitOK, []string{catalog}, "✓ verified"},
		{report.ExitOK, []string{"config"}, "TUF repository " + repository.URL + ": root 1, version 1, expires "},
		{report.ExitOK, []string{"doctor"}, "TUF repository " + repository.URL + ": root 1, version 1, expires "},
		// Without the folder there is nothing to go by.
		{report.ExitUnchecked, []string{"report", catalog, "--cache-dir", filepath.Join(t.TempDir(), "empty")}, "the cache holds no usable TUF metadata"},
	} {
		args := with(append(tt.args[:1:1], "--offline")...)
		args = append(args, tt.args[1:]...)
		if tt.args[0] == catalog {
			args = with(catalog, "--offline")
		}
		code, stdout, stderr := invoke(t.Context(), args...)
		if code != tt.code || !strings.Contains(stdout, tt.want) {
			t.Errorf("%q: exit code %d, want %d and %q: %s%s", tt.args, code, tt.code, tt.want, stderr, stdout)
		}
	}
	if n := trap.connections.Load(); n != 0 {
		t.Errorf("%d connections were opened", n)
	}
	// The trap works: online, it is run into.
	if code, _, _ := invoke(t.Context(), with("report", catalog)...); code != report.ExitUnchecked || trap.connections.Load() == 0 {
		t.Errorf("online: exit code %d, %d connections", code, trap.connections.Load())
	}
}

func recorded(t *testing.T, name string) string {
	t.Helper()
	data, err := fs.ReadFile(demo.Recording(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
