package build

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/sumdb/note"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

const goKey = "sum.demo.example+0f2c61d3+AYjff78odZRSYgIZg37YwIiN4Pjk5H44IKndQWCeadR8"

func goSpec() catalog.Spec {
	return catalog.Spec{
		Path: "go/tool/spec.yaml", Protocol: catalog.Go, Server: "tool", Package: "git.dock.example/tool/cmd/server", Version: "v1.2.0",
		Install: catalog.Install{Args: []untrusted.Text{"start"}, Env: []catalog.EnvVar{{Name: "MODE", Value: "a b=c"}}},
	}
}

func goReport() *verify.Report {
	return &verify.Report{
		Registry: "https://modules.example/", Status: verify.Signed,
		Artifacts: []verify.ArtifactReport{{Filename: "git.dock.example/tool@v1.2.0.zip", Status: verify.Signed,
			Record: &verify.Record{Status: verify.Signed, Zip: untrusted.Text("h1:" + base64.StdEncoding.EncodeToString(make([]byte, sha256.Size)))}}},
	}
}

// moduleProxy serves modules and a checksum database that vouches for them.
type moduleProxy struct {
	*httptest.Server
	key   string
	zips  map[string][]byte // by "module@version"
	mods  map[string]string
	named map[string][]byte // the zips of the records, if they are others
}

func newModuleProxy(t *testing.T) *moduleProxy {
	t.Helper()
	secret, public, err := note.GenerateKey(nil, "sum.dock.example")
	if err != nil {
		t.Fatal(err)
	}
	p := &moduleProxy{key: public, zips: map[string][]byte{}, mods: map[string]string{}, named: map[string][]byte{}}
	db := sumdb.NewServer(sumdb.NewTestServer(secret, func(path, version string) ([]byte, error) {
		at := path + "@" + version
		data, ok := p.named[at]
		if !ok {
			if data, ok = p.zips[at]; !ok {
				return nil, os.ErrNotExist
			}
		}
		return fmt.Appendf(nil, "%s %s %s\n%[1]s %[2]s/go.mod %[4]s\n", path, version, hashOf(t, data), modHash(t, p.mods[at])), nil
	}))
	mux := http.NewServeMux()
	for _, below := range sumdb.ServerPaths {
		mux.Handle("/sumdb/sum.dock.example"+below, http.StripPrefix("/sumdb/sum.dock.example", db))
	}
	mux.HandleFunc("/sumdb/sum.dock.example/supported", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/", p.serve)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *moduleProxy) serve(w http.ResponseWriter, r *http.Request) {
	escaped, file, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/@v/")
	path, err := module.UnescapePath(escaped)
	extension := filepath.Ext(file)
	at := path + "@" + strings.TrimSuffix(file, extension)
	data, known := p.zips[at]
	switch {
	case ok && file == "list": // asked for whether it is retracted
		for at := range p.zips {
			if version, ok := strings.CutPrefix(at, path+"@"); ok {
				fmt.Fprintln(w, version)
			}
		}
	case !ok || err != nil || !known:
		http.NotFound(w, r)
	case extension == ".info":
		fmt.Fprintf(w, `{"Version": %q, "Time": %q}`, strings.TrimSuffix(file, extension), time.Unix(0, 0).UTC().Format(time.RFC3339))
	case extension == ".mod":
		io.WriteString(w, p.mods[at])
	default:
		w.Write(data)
	}
}

// add adds a module with one command.
func (p *moduleProxy) add(t *testing.T, path, version, command, program string) (sum string) {
	t.Helper()
	at, mod := path+"@"+version, "module "+path+"\n\ngo 1.21\n"
	p.mods[at], p.zips[at] = mod, zipped(t, map[string]string{at + "/go.mod": mod, at + "/" + command + "main.go": program})
	return hashOf(t, p.zips[at])
}

// anotherKey is a key of a database with the same name.
func anotherKey(t *testing.T) string {
	t.Helper()
	_, public, err := note.GenerateKey(nil, "sum.dock.example")
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func zipped(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, text)
	}
	z.Close()
	return b.Bytes()
}

func hashOf(t *testing.T, data []byte) string {
	name := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Error(err)
	}
	sum, err := dirhash.HashZip(name, dirhash.Hash1)
	if err != nil {
		t.Error(err)
	}
	return sum
}

func modHash(t *testing.T, mod string) string {
	sum, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(mod)), nil })
	if err != nil {
		t.Error(err)
	}
	return sum
}

// buildGo runs the commands of the first stage with their settings, and the folder app
// for /app, and returns what the first says that fails.
func buildGo(t *testing.T, dockerfile, app string) (string, error) {
	t.Helper()
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + app, "GOPATH=" + filepath.Join(app, "go"), "GOCACHE=" + hostGo(t, "GOCACHE"), "GOMODCACHE=" + filepath.Join(app, "cache"),
		"GONOSUMDB=*", "GOFLAGS=-modcacherw", "GOPRIVATE=*"} // what the base image says
	t.Cleanup(func() {
		c := exec.Command("chmod", "-R", "u+w", app)
		_ = c.Run()
	})
	stage, _, _ := strings.Cut(dockerfile[strings.Index(dockerfile, "FROM"):], "\n\nFROM")
	for line := range strings.SplitSeq(stage, "\n") {
		if set, ok := strings.CutPrefix(line, "ENV "); ok {
			name, value, _ := strings.Cut(set, "=")
			env = append(env, name+"="+strings.ReplaceAll(strings.Trim(value, `"`), "/app", app))
		}
		words := runOf(t, line, app)
		if words == nil {
			continue
		}
		command := exec.CommandContext(t.Context(), words[0], words[1:]...)
		command.Dir, command.Env = app, env
		if out, err := command.CombinedOutput(); err != nil {
			return string(out), err
		}
	}
	return "", nil
}

func hostGo(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Skip("no go command")
	}
	return strings.TrimSpace(string(out))
}

// The commands, run by the real go command against a module proxy, install what was
// verified, and stop at anything else.
func TestGoCommandsInstallExactlyWhatWasVerified(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"go", "awk"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed")
		}
	}
	const path, version = "git.dock.example/tool", "v1.2.0"
	const program, evil = "package main\n\nfunc main() { print(\"served\") }\n", "package main\n\nfunc main() { print(\"evil\") }\n"
	for _, tt := range []struct {
		name   string
		attack func(p *moduleProxy, r *verify.Report)
		want   string // of what is said
	}{
		{"what was verified", func(*moduleProxy, *verify.Report) {}, ""},
		{"another hash is pinned", func(_ *moduleProxy, r *verify.Report) { r.Artifacts[0].Record.Zip = goReport().Artifacts[0].Record.Zip },
			"plimsoll: expected a program of git.dock.example/tool v1.2.0 h1:AAAA"},
		{"database and proxy agree on other bytes than were verified", func(p *moduleProxy, _ *verify.Report) { p.add(t, path, version, "cmd/server/", evil) },
			"plimsoll: expected a program of git.dock.example/tool v1.2.0 h1:"},
		{"the proxy serves another zip than the record names", func(p *moduleProxy, _ *verify.Report) {
			p.named[path+"@"+version] = p.zips[path+"@"+version]
			p.add(t, path, version, "cmd/server/", evil)
		}, "SECURITY ERROR"},
		{"another module has the package now", func(p *moduleProxy, _ *verify.Report) { p.add(t, path+"/cmd/server", version, "", evil) },
			"found git.dock.example/tool/cmd/server v1.2.0 h1:"},
		{"a database with another key", func(p *moduleProxy, _ *verify.Report) { p.key = anotherKey(t) }, "verifying module"},
		{"no proxy knows it, and no repository is asked", func(p *moduleProxy, _ *verify.Report) { clear(p.zips) }, "404 Not Found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newModuleProxy(t)
			report := goReport()
			report.Artifacts[0].Record.Zip = untrusted.Text(p.add(t, path, version, "cmd/server/", program))
			report.Registry = untrusted.Text(p.URL + "/")
			tt.attack(p, report)
			app, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			spec := goSpec()
			spec.Version = version
			said, err := buildGo(t, generate(t, spec, report, Options{SumDB: p.key}), app)
			out, runErr := exec.Command(filepath.Join(app, "server")).CombinedOutput()
			if tt.want == "" {
				if err != nil || runErr != nil || string(out) != "served" {
					t.Errorf("%v: %s; it says %q, %v", err, said, out, runErr)
				}
				return
			}
			if err == nil || !strings.Contains(said, tt.want) || runErr == nil {
				t.Errorf("%v: %s; want %q; the program says %q", err, said, tt.want, out)
			}
		})
	}
}

// What the go command takes for two proxies, or what is no record, gives no Dockerfile.
func TestGoRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		edit func(*catalog.Spec, *verify.Report, *Options)
		want string
	}{
		"no record":           {func(_ *catalog.Spec, r *verify.Report, _ *Options) { r.Artifacts[0].Record = nil }, "no record of the checksum database"},
		"an unchecked record": {func(_ *catalog.Spec, r *verify.Report, _ *Options) { r.Artifacts[0].Record.Status = verify.Unchecked }, "no record of the checksum database"},
		"excluded": {func(_ *catalog.Spec, r *verify.Report, _ *Options) {
			r.Status, r.Artifacts[0].Record = verify.None, nil
		}, "no record of the checksum database"},
		"two files": {func(_ *catalog.Spec, r *verify.Report, _ *Options) { r.Artifacts = append(r.Artifacts, r.Artifacts[0]) }, "no record"},
		"another module": {func(_ *catalog.Spec, r *verify.Report, _ *Options) {
			r.Artifacts[0].Filename = "evil.example/x@v1.2.0.zip"
		}, "expected a module that holds"},
		"another version":      {func(s *catalog.Spec, _ *verify.Report, _ *Options) { s.Version = "v1.2.1" }, "expected a module that holds"},
		"no hash":              {func(_ *catalog.Spec, r *verify.Report, _ *Options) { r.Artifacts[0].Record.Zip = "h1:" }, "expected the h1: hash"},
		"a hash with a blank":  {func(_ *catalog.Spec, r *verify.Report, _ *Options) { r.Artifacts[0].Record.Zip += " x" }, "expected the h1: hash"},
		"no key":               {func(_ *catalog.Spec, _ *verify.Report, o *Options) { o.SumDB = "" }, "the key of the checksum database"},
		"the database is off":  {func(_ *catalog.Spec, _ *verify.Report, o *Options) { o.SumDB = "off" }, "the key of the checksum database"},
		"a list of proxies":    {func(_ *catalog.Spec, r *verify.Report, _ *Options) { r.Registry = "https://modules.example/,direct" }, "one address without comma"},
		"two proxies":          {func(_ *catalog.Spec, r *verify.Report, _ *Options) { r.Registry = "https://modules.example/|direct" }, "one address without comma"},
		"a proxy with a login": {func(_ *catalog.Spec, r *verify.Report, _ *Options) { r.Registry = "https://a:b@modules.example/" }, "without credentials"},
		"a folder":             {func(_ *catalog.Spec, r *verify.Report, _ *Options) { r.Registry = "file:///modules" }, "http or https"},
		"an option":            {func(s *catalog.Spec, _ *verify.Report, _ *Options) { s.Package = "-exec=evil" }, "cannot stand in a Dockerfile"},
		"a path upwards":       {func(s *catalog.Spec, _ *verify.Report, _ *Options) { s.Package = "../x" }, "cannot stand in a Dockerfile"},
		"all below":            {func(s *catalog.Spec, _ *verify.Report, _ *Options) { s.Package = "git.dock.example/tool/..." }, "cannot stand in a Dockerfile"},
		"a query":              {func(s *catalog.Spec, _ *verify.Report, _ *Options) { s.Version = "latest" }, "cannot stand in a Dockerfile"},
		"two arguments":        {func(s *catalog.Spec, _ *verify.Report, _ *Options) { s.Package = "git.dock.example/a b" }, "cannot stand in a Dockerfile"},
		"overrides": {func(s *catalog.Spec, _ *verify.Report, _ *Options) {
			s.Install.Overrides = []catalog.Override{{Package: "x", Version: "1"}}
		}, "only npm"},
		"constraints": {func(s *catalog.Spec, _ *verify.Report, _ *Options) {
			s.Install.Constraints = []catalog.Constraint{{Requirement: "x"}}
		}, "only PyPI"},
	} {
		spec, report, o := goSpec(), goReport(), Options{SumDB: goKey}
		tt.edit(&spec, report, &o)
		if out, err := Generate(spec, report, o); err == nil || out != "" || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
