package e2e

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/goproxy"
	"plimsoll/verify/registry/recording"
	"plimsoll/verify/scan"
)

// goCommand is the go command with a module proxy and a checksum database of its own.
type goCommand struct {
	answers *recording.Recording
	server  *httptest.Server
	config  string // folder of the user's configuration: no telemetry
}

// newGoCommand serves the demo's modules at go/, nothing at empty/, and errors at broken/.
func newGoCommand(t *testing.T) *goCommand {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	answers, _ := lab.Recording(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/broken/") {
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		lab.Serve(answers, w, r)
	}))
	t.Cleanup(server.Close)
	config := t.TempDir()
	mode := filepath.Join(config, "go", "telemetry", "mode")
	if err := errors.Join(os.MkdirAll(filepath.Dir(mode), 0o755), os.WriteFile(mode, []byte("off"), 0o644)); err != nil {
		t.Fatal(err)
	}
	return &goCommand{answers, server, config}
}

// settings are those of the demo at the server, with changes; SERVER stands for its
// address.
func (g *goCommand) settings(changes map[string]string) map[string]string {
	set := map[string]string{"GOPROXY": "SERVER/go/", "GOSUMDB": g.answers.Go["GOSUMDB"], "GONOSUMDB": g.answers.Go["GONOSUMDB"], "GOENV": "off"}
	maps.Copy(set, changes)
	for name, value := range set {
		set[name] = strings.ReplaceAll(value, "SERVER", g.server.URL)
	}
	return set
}

// downloaded is what go mod download says of a module.
type downloaded struct{ Sum, GoModSum, Error string }

// download has the go command download a module that it never saw, with the tree head
// that the recording knows.
func (g *goCommand) download(t *testing.T, settings map[string]string, module string) (downloaded, bool) {
	t.Helper()
	dir := t.TempDir()
	name, _, _ := strings.Cut(g.answers.Go["GOSUMDB"], "+")
	latest := filepath.Join(dir, "pkg", "sumdb", name, "latest")
	if err := errors.Join(os.MkdirAll(filepath.Dir(latest), 0o755), os.WriteFile(latest, []byte(g.answers.TreeHead), 0o644)); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module)
	c.Dir = dir
	c.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_CONFIG_HOME=" + g.config, "GOPATH=" + dir, "GOCACHE=" + filepath.Join(dir, "cache"),
		"GOTOOLCHAIN=local", "GOFLAGS=-modcacherw", "GOVCS=*:off",
	}
	for name, value := range settings {
		c.Env = append(c.Env, name+"="+value)
	}
	out, failed := c.Output()
	var said downloaded
	if err := json.Unmarshal(out, &said); err != nil && failed == nil {
		t.Fatalf("%s: %v: %s", module, err, out)
	}
	if exit, ok := failed.(*exec.ExitError); ok {
		said.Error += string(exit.Stderr)
	}
	return said, failed == nil
}

// check verifies a spec with the same settings.
func (g *goCommand) check(t *testing.T, settings map[string]string, spec catalog.Spec) *verify.Report {
	t.Helper()
	config := goproxy.Load(goproxy.Sources{
		Getenv: func(name string) string { return settings[name] },
		GoEnv:  func(...string) (map[string]string, error) { return nil, errors.New("every setting that counts is set") },
	})
	setup := goproxy.Setup{Config: config, Heads: goproxy.RecordedHead(g.answers.TreeHead)}
	client := registry.New(registry.Options{Transport: registry.NewTransport(registry.TransportOptions{}), Retries: -1})
	from := &scan.Registries{Go: goproxy.New(client, func() goproxy.Setup { return setup })}
	return lab.Check(t, []catalog.Spec{spec}, from, false)[0]
}

// agree holds the go command's word against the report's.
func (g *goCommand) agree(t *testing.T, changes map[string]string, spec catalog.Spec) verify.Status {
	t.Helper()
	settings := g.settings(changes)
	report := g.check(t, settings, spec)
	module := string(spec.Package)
	if len(report.Artifacts) == 1 {
		module, _, _ = strings.Cut(string(report.Artifacts[0].Filename), "@")
	}
	said, ok := g.download(t, settings, module+"@"+string(spec.Version))
	if takes := report.Status == verify.Signed || report.Status == verify.None; ok != takes {
		t.Errorf("%v, %v: the go command takes it: %v (%s); plimsoll says %v: %s", spec.Path, changes, ok, said.Error, report.Status, report.Reason)
	}
	if ok && report.Status == verify.Signed {
		if r := report.Artifacts[0].Record; said.Sum != string(r.Zip) || said.GoModSum != string(r.Mod) {
			t.Errorf("%v, %v: the go command has %s and %s, plimsoll %v and %v", spec.Path, changes, said.Sum, said.GoModSum, r.Zip, r.Mod)
		}
	}
	return report.Status
}

// stricter are the modules that plimsoll refuses and the go command takes: it looks for a
// record in the tree that it kept if it is not in the one that the answer shows.
var stricter = []string{"rolled-back-tree"}

// The go command takes what is signed, or kept from the checksum database, with the very
// hashes, and refuses what is invalid or unchecked: every module of the demo.
func TestGoCommandAgreesOnModules(t *testing.T) {
	t.Parallel()
	g := newGoCommand(t)
	tried := 0
	for _, spec := range lab.Specs(t, "attacks") {
		if spec.Protocol != catalog.Go {
			continue
		}
		tried++
		t.Run(string(spec.Server), func(t *testing.T) {
			if slices.Contains(stricter, string(spec.Server)) {
				said, ok := g.download(t, g.settings(nil), string(spec.Package+"@"+spec.Version))
				if report := g.check(t, g.settings(nil), spec); !ok || report.Status != verify.Invalid {
					t.Errorf("the go command takes it: %v (%s); plimsoll says %v", ok, said.Error, report.Status)
				}
				return
			}
			if status := g.agree(t, nil, spec); status.String() != spec.Expect {
				t.Errorf("expected %s, got %v", spec.Expect, status)
			}
		})
	}
	if tried < 26 {
		t.Errorf("only %d modules", tried)
	}
}

// The same holds of every setting that decides which proxy and which database is asked.
func TestGoCommandAgreesOnSettings(t *testing.T) {
	t.Parallel()
	g := newGoCommand(t)
	_, stranger, err := note.GenerateKey(rand.Reader, "sum.demo.example")
	if err != nil {
		t.Fatal(err)
	}
	key, _, _ := strings.Cut(g.answers.Go["GOSUMDB"], " ")
	name, _, _ := strings.Cut(key, "+")
	for _, tt := range []struct {
		module string
		want   verify.Status
		set    map[string]string
	}{
		{"altered-record", verify.None, map[string]string{"GOSUMDB": "off"}},
		{"zip-differs", verify.None, map[string]string{"GOSUMDB": "off"}},
		{"altered-record", verify.None, map[string]string{"GONOSUMDB": "github.com/drydock-demo/altered-record"}},
		{"altered-record", verify.None, map[string]string{"GONOSUMDB": "example.com,github.com/*/altered-*"}},
		{"altered-record", verify.Invalid, map[string]string{"GONOSUMDB": "github.com/drydock-demo/altered"}},
		{"honest-package", verify.None, map[string]string{"GONOSUMDB": "github.com/drydock-demo/honest-package"}},
		{"honest-package", verify.Signed, map[string]string{"GONOSUMDB": "github.com/drydock-demo/honest-package/cmd"}},
		{"altered-record", verify.None, map[string]string{"GONOSUMDB": "", "GOPRIVATE": "github.com/drydock-demo", "GONOPROXY": "none"}},
		{"honest-module", verify.Signed, map[string]string{"GONOSUMDB": "none", "GOPRIVATE": "github.com/drydock-demo", "GONOPROXY": "none"}},
		{"honest-module", verify.Signed, map[string]string{"GOINSECURE": "github.com/drydock-demo"}},
		{"altered-record", verify.Invalid, map[string]string{"GOINSECURE": "github.com/drydock-demo"}},
		{"honest-module", verify.Signed, map[string]string{"GOSUMDB": key + " SERVER/go/sumdb/" + name}},
		{"honest-module", verify.Unchecked, map[string]string{"GOSUMDB": key + " SERVER/empty"}},
		{"honest-module", verify.Unchecked, map[string]string{"GOSUMDB": "sum.unknown.example"}},
		{"honest-module", verify.Invalid, map[string]string{"GOSUMDB": stranger}},
		{"honest-module", verify.Unchecked, map[string]string{"GOPROXY": "off"}},
		{"honest-module", verify.Unchecked, map[string]string{"GOPROXY": "SERVER/empty"}},
		{"honest-module", verify.Signed, map[string]string{"GOPROXY": "SERVER/empty,SERVER/go"}},
		{"honest-module", verify.Signed, map[string]string{"GOPROXY": "SERVER/empty|SERVER/go,off"}},
		{"honest-module", verify.Signed, map[string]string{"GOPROXY": "SERVER/broken|SERVER/go"}},
		{"honest-module", verify.Unchecked, map[string]string{"GOPROXY": "SERVER/broken,SERVER/go"}},
		{"honest-module", verify.Unchecked, map[string]string{"GOPROXY": "off,SERVER/go"}},
	} {
		if got := g.agree(t, tt.set, module(t, tt.module)); got != tt.want {
			t.Errorf("%s, %v: expected %v, got %v", tt.module, tt.set, tt.want, got)
		}
	}
}
