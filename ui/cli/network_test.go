package cli

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
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
	"plimsoll/verify"
)

// serve answers on a loopback address what the demo's registries answered,
// and notes what was asked.
func serve(t *testing.T) (address string, asked func() []string) {
	t.Helper()
	server, asked := serveWith(t, httptest.NewServer)
	return server.URL, asked
}

// serveWith is serve on a server that the caller starts.
func serveWith(t *testing.T, start func(http.Handler) *httptest.Server) (_ *httptest.Server, asked func() []string) {
	t.Helper()
	answers, _ := lab.Recording(t)
	var mu sync.Mutex
	var paths []string
	server := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		paths = append(paths, r.URL.Path)
		mu.Unlock()
		if agent := r.Header.Get("User-Agent"); agent != userAgent() || !strings.HasPrefix(agent, "plimsoll/") {
			t.Errorf("asked by %q", agent)
		}
		lab.Serve(answers, w, r)
	}))
	t.Cleanup(server.Close)
	return server, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return paths
	}
}

// unpack writes the demo's trust files and one of its specs into a folder,
// which has no configuration of npm's.
func unpack(t *testing.T, name string) (spec, trustedRoot, keys string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	if err := lab.Unpack(dir, name); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "cat", filepath.FromSlash(name)), filepath.Join(dir, "root.json"), filepath.Join(dir, "keys.json")
}

// The flags lead to a registry and to trust files, without demo or recording.
func TestVerifyOverTheNetwork(t *testing.T) {
	spec, root, keys := unpack(t, "npx/mcp-jetbrains/spec.yaml")
	address, asked := serve(t)
	code, stdout, stderr := invoke(t.Context(), "verify-provenance", "-c", spec,
		"--npm-registry", address, "--trusted-root", root, "--npm-keys", keys, "--json")
	if code != report.ExitOK || stderr != "" {
		t.Fatalf("exit code %d, stderr %q\n%s", code, stderr, stdout)
	}
	var document struct {
		Package   struct{ Spec string }
		Status    verify.Status
		Publisher *verify.Publisher
	}
	if err := json.Unmarshal([]byte(stdout), &document); err != nil {
		t.Fatal(err)
	}
	if document.Status != verify.Verified || document.Publisher == nil ||
		document.Publisher.Repository != "https://github.com/JetBrains/mcp-jetbrains" || document.Package.Spec != "npx/mcp-jetbrains/spec.yaml" {
		t.Errorf("got %+v", document)
	}
	if len(asked()) != 2 {
		t.Errorf("asked for %q, want the manifest and the attestations", asked())
	}
}

// A private registry's certificate authority counts where it is named, and
// only then.
func TestPrivateAuthority(t *testing.T) {
	spec, root, keys := unpack(t, "npx/mcp-jetbrains/spec.yaml")
	server, asked := serveWith(t, func(h http.Handler) *httptest.Server {
		s := httptest.NewUnstartedServer(h)
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that the client ends
		s.StartTLS()
		return s
	})
	authority := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authority, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"verify-provenance", "-c", spec, "--npm-registry", server.URL, "--trusted-root", root, "--npm-keys", keys}
	if code, stdout, _ := invoke(t.Context(), args...); code != report.ExitUnchecked || !strings.Contains(stdout, "certificate") || len(asked()) != 0 {
		t.Errorf("without --ca-file: exit code %d, asked for %q\n%s", code, asked(), stdout)
	}
	code, stdout, stderr := invoke(t.Context(), append(args, "--ca-file", authority)...)
	if code != report.ExitOK || stderr != "" || !strings.Contains(stdout, "✓ verified") || len(asked()) != 2 {
		t.Errorf("with --ca-file: exit code %d, stderr %q\n%s", code, stderr, stdout)
	}
}

// The same evidence under another trust root proves nothing.
func TestAnotherTrustRoot(t *testing.T) {
	spec, root, _ := unpack(t, "npx/mcp-jetbrains/spec.yaml")
	empty := `{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`
	if err := os.WriteFile(root, []byte(empty), 0o644); err != nil {
		t.Fatal(err)
	}
	otherKeys := filepath.Join(t.TempDir(), "keys.json")
	key := `{"keys":[{"keyid":"","keytype":"ecdsa-sha2-nistp256","scheme":"ecdsa-sha2-nistp256",` +
		`"key":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q=="}]}`
	if err := os.WriteFile(otherKeys, []byte(key), 0o644); err != nil {
		t.Fatal(err)
	}
	address, _ := serve(t)
	code, stdout, stderr := invoke(t.Context(), "verify-provenance", "-c", spec,
		"--npm-registry", address, "--trusted-root", root, "--npm-keys", otherKeys)
	if code != report.ExitFailed && code != report.ExitUnchecked || stderr != "" ||
		strings.Contains(stdout, "✓ verified") || strings.Contains(stdout, "Publisher") {
		t.Errorf("exit code %d, stderr %q\n%s", code, stderr, stdout)
	}
}

// A TUF repository that cannot be fetched is a package that could not be checked,
// and no verdict rests on anything else instead.
func TestTUFMirrorThatIsNone(t *testing.T) {
	spec, _, _ := unpack(t, "npx/mcp-jetbrains/spec.yaml")
	address, asked := serve(t)
	cache := filepath.Join(t.TempDir(), "cache")
	// A net, not a measure: a client that tries for ever must not hold up the
	// other tests.
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	code, stdout, stderr := invoke(ctx, "verify-provenance", "-c", spec,
		"--npm-registry", address, "--tuf-mirror", address+"/tuf", "--cache-dir", cache)
	if code != report.ExitUnchecked || stderr != "" || !strings.HasPrefix(stdout, "? unchecked ") || !strings.Contains(stdout, "trust root") {
		t.Errorf("exit code %d, stderr %q\n%s", code, stderr, stdout)
	}
	if _, err := os.Stat(cache); err != nil {
		t.Errorf("--cache-dir was not used: %v", err)
	}
	if !strings.Contains(stdout, "? not verified  provenance") || strings.Contains(stdout, "✓") {
		t.Errorf("the evidence is not shown, or something of it as proven:\n%s", stdout)
	}
	evidence := 0
	for _, path := range asked() {
		if !strings.HasPrefix(path, "/tuf/") {
			evidence++
		}
	}
	if evidence != 2 {
		t.Errorf("%d requests for evidence, want the manifest and the attestations: %q", evidence, asked())
	}
}

func TestIndexFromTheEnvironment(t *testing.T) {
	for _, name := range []string{"UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"} {
		t.Run(name, func(t *testing.T) {
			spec, root, keys := unpack(t, "uvx/mcp-clickhouse/spec.yaml")
			code, stdout, stderr := invokeWith(t.Context(), map[string]string{name: "http://pypi.example/simple"},
				"verify-provenance", "-c", spec, "--trusted-root", root, "--npm-keys", keys)
			fromPip := strings.HasPrefix(stderr, "plimsoll: uv is not configured, and so the indexes are those of pip (PIP_INDEX_URL)")
			if code != report.ExitUnchecked || !strings.Contains(stdout, name+": plain http") || fromPip != (name == "PIP_INDEX_URL") || !fromPip && stderr != "" {
				t.Errorf("exit code %d, stderr %q\n%s", code, stderr, stdout)
			}
		})
	}
}

// What is wrong with the settings of one ecosystem is the error of its packages,
// of no other's, and of none if the registry is named.
func TestSettingsFaults(t *testing.T) {
	npx, root, keys := unpack(t, "npx/mcp-jetbrains/spec.yaml")
	home := os.Getenv("HOME")
	uvx, _, _ := unpack(t, "uvx/mcp-clickhouse/spec.yaml")
	t.Setenv("HOME", home)
	address, _ := serve(t)
	npmFault, pipFault := `npm's userconfig, found "relative"`, `UV_CONFIG_FILE: expected an absolute path, found "relative"`
	for _, tt := range []struct {
		spec, want string
		args       []string
	}{
		{npx, npmFault, nil},
		{uvx, pipFault, nil},
		{npx, npmFault, []string{"--pypi-index", address + "/simple"}},
		{uvx, pipFault, []string{"--npm-registry", address}},
		{npx, "", []string{"--npm-registry", address}},
		{uvx, "", []string{"--pypi-index", address + "/simple"}},
		{npx, "", []string{"--npm-registry", address, "--record", filepath.Join(home, "npm")}},
		{uvx, "", []string{"--pypi-index", address + "/simple", "--record", filepath.Join(home, "pypi")}},
	} {
		args := append([]string{"verify-provenance", "-c", tt.spec, "--trusted-root", root, "--npm-keys", keys}, tt.args...)
		code, stdout, stderr := invokeWith(t.Context(), map[string]string{"UV_CONFIG_FILE": "relative", "npm_config_userconfig": "relative"}, args...)
		want := report.ExitUnchecked
		if tt.want == "" {
			want = report.ExitOK
		}
		if code != want || !strings.Contains(stdout, tt.want) || stderr != "" {
			t.Errorf("%q: exit code %d, stderr %q\n%s", tt.args, code, stderr, stdout)
		}
	}
	for name, spec := range map[string]string{"npm": npx, "pypi": uvx} {
		code, stdout, _ := invoke(t.Context(), "verify-provenance", "-c", spec, "--replay", filepath.Join(home, name))
		if code != report.ExitOK {
			t.Errorf("the recording: exit code %d\n%s", code, stdout)
		}
	}
}
