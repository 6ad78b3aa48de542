// Package lab is what tests check packages with: the demo's specs, its recorded
// registries and its trust, the engine over them, and a server that answers as
// its registries do.
package lab

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/demo"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/goproxy"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/registry/recording"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

// Specs returns the specs of the demo, or of those of its catalogs that are
// named.
func Specs(t testing.TB, names ...string) []catalog.Spec {
	t.Helper()
	var sources []catalog.Source
	for _, c := range demo.Catalogs() {
		if len(names) == 0 || slices.Contains(names, c.Name) {
			sources = append(sources, catalog.Source{Name: c.Name, FS: c.FS})
		}
	}
	specs, err := catalog.Load(t.Context(), sources...)
	if err != nil {
		t.Fatal(err)
	}
	return specs
}

// Recording returns the answers of the demo's registries, and the trust for
// them.
func Recording(t testing.TB) (*recording.Recording, trust.Material) {
	t.Helper()
	answers, err := recording.Open(demo.Recording())
	if err != nil {
		t.Fatal(err)
	}
	root, err := answers.TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := answers.NPMKeys()
	if err != nil {
		t.Fatal(err)
	}
	return answers, trust.Material{Origin: trust.OriginDemo, TrustedRoot: root, NPMKeys: keys, RootName: "demo", KeysName: "demo"}
}

// Unpack writes the demo's trust into a folder, as root.json and keys.json, and
// specs of its honest catalog below cat/.
func Unpack(dir string, specs ...string) error {
	files := map[string]string{"recording/trusted_root.json": "root.json", "recording/npm-keys.json": "keys.json"}
	for _, spec := range specs {
		files["dockyard/"+spec] = "cat/" + spec
	}
	for from, to := range files {
		data, err := demo.FS.ReadFile(from)
		if err != nil {
			return err
		}
		file := filepath.Join(dir, filepath.FromSlash(to))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// Registries returns the demo's registries and their trust.
func Registries(t testing.TB) *scan.Registries {
	t.Helper()
	answers, material := Recording(t)
	from := Through(t, answers, answers.NPMRegistry, answers.PyPIIndex, material)
	from.Go = Modules(answers, registry.Options{Transport: answers})
	return from
}

// Modules returns the module proxy and the checksum database of a recording, asked by
// a client.
func Modules(answers *recording.Recording, o registry.Options) *goproxy.Registry {
	return goproxy.New(registry.New(o), func() goproxy.Setup { return goproxy.Recorded(answers.Go, answers.TreeHead) })
}

// Through returns the registries at two addresses, asked through a transport; see
// [Asked].
func Through(t testing.TB, transport http.RoundTripper, npmAt, indexAt string, material trust.Material) *scan.Registries {
	t.Helper()
	return Asked(t, registry.Options{Transport: transport, Now: func() time.Time { return time.Unix(1_790_000_000, 0) }}, npmAt, indexAt, material)
}

// Asked returns the registries at two addresses, asked by a client. The module proxy is
// below npm's, at go/; the checksum database is the demo's, through it.
func Asked(t testing.TB, o registry.Options, npmAt, indexAt string, material trust.Material) *scan.Registries {
	t.Helper()
	base, err := registry.ParseBase(npmAt)
	if err != nil {
		t.Fatal(err)
	}
	index, err := registry.ParseBase(indexAt)
	if err != nil {
		t.Fatal(err)
	}
	client := registry.New(o)
	return &scan.Registries{
		NPM: npm.New(client, npm.Config{Base: base, Whole: true}), PyPI: pypi.New(client, pypi.Config{Indexes: []pypi.Index{{URL: index}}}),
		Go:    goproxy.New(client, func() goproxy.Setup { return goSetup(t, npmAt) }),
		Trust: trust.New(trust.Options{Material: material}),
	}
}

// goSetup is that of the demo, with a module proxy below another address.
func goSetup(t testing.TB, base string) goproxy.Setup {
	answers, _ := Recording(t)
	settings := maps.Clone(answers.Go)
	settings["GOPROXY"] = strings.TrimSuffix(base, "/") + "/go/"
	settings["GOSUMDB"], _, _ = strings.Cut(settings["GOSUMDB"], " ")
	return goproxy.Recorded(settings, answers.TreeHead)
}

// Check verifies specs, explained or not, and returns the reports in their
// order.
func Check(t testing.TB, specs []catalog.Spec, from scan.Fetcher, explain bool) []*verify.Report {
	t.Helper()
	reports := make([]*verify.Report, len(specs))
	s := scan.Start(t.Context(), scan.Config{Fetch: from, Explain: explain, Zips: true}, func(e scan.Event) {
		if e.Kind == scan.Finished {
			reports[e.ID] = e.Report
		}
	})
	for i, spec := range specs {
		s.Submit(scan.Task{ID: i, Spec: &spec})
	}
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	return reports
}

// Examine returns what there is to look at of specs, in their order.
func Examine(t testing.TB, specs []catalog.Spec, from scan.Fetcher) []*verify.Dossier {
	t.Helper()
	s := scan.Start(t.Context(), scan.Config{Fetch: from}, func(scan.Event) {})
	dossiers := make([]*verify.Dossier, len(specs))
	for i, spec := range specs {
		var err error
		if dossiers[i], err = s.Examine(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
	}
	return dossiers
}

// Answer returns what the demo's registries answered to a request, which came
// to a server that is all of them: npm's below /, the index at /simple/, the module
// proxy at /go/. The body names that server in place of the index's. ok is false if
// nothing was recorded.
func Answer(answers *recording.Recording, r *http.Request) (status int, contentType string, body []byte, ok bool) {
	base, index := strings.TrimSuffix(answers.NPMRegistry, "/"), strings.TrimSuffix(answers.PyPIIndex, "/simple/")
	path, modules := strings.CutPrefix(r.URL.EscapedPath(), "/go/")
	if modules {
		base, _, _ = strings.Cut(answers.Go["GOPROXY"], ",")
		path = strings.ReplaceAll(path, "%21", "!") // as the go command writes it
	} else if strings.HasPrefix(r.URL.Path, "/simple/") || strings.HasPrefix(r.URL.Path, "/integrity/") {
		base = index
	}
	asked, err := http.NewRequestWithContext(r.Context(), http.MethodGet, base+path, nil)
	if err != nil { // hostile addresses come here
		return 0, "", nil, false
	}
	asked.Header.Set("Accept", r.Header.Get("Accept"))
	response, err := answers.RoundTrip(asked)
	if err != nil {
		return 0, "", nil, false
	}
	defer response.Body.Close()
	if body, err = io.ReadAll(response.Body); err != nil {
		return 0, "", nil, false
	}
	self := "http://" + r.Host
	if r.TLS != nil {
		self = "https://" + r.Host
	}
	return response.StatusCode, response.Header.Get("Content-Type"), bytes.ReplaceAll(body, []byte(index), []byte(self)), true
}

// Serve answers a request with [Answer].
func Serve(answers *recording.Recording, w http.ResponseWriter, r *http.Request) {
	status, contentType, body, ok := Answer(answers, r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body)
}
