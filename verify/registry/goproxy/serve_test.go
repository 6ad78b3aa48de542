package goproxy_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/sumdb/note"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/goproxy"
)

// world is a module proxy and a checksum database on this machine. The first element of
// a proxy's path says how it behaves, and the database is beside them.
type world struct {
	*httptest.Server
	plain   *httptest.Server // the same without TLS
	key     string           // the database's, whose name is the server's host
	private string
	sums    *sumdb.TestServer
	certs   string // a file

	files   map[string][]byte                                                    // of modules, by their path below a proxy
	records map[string]string                                                    // go.sum lines that are not those of files, by module@version
	change  func(w http.ResponseWriter, r *http.Request, kind, path string) bool // answers instead, if it reports true

	mu    sync.Mutex
	asked []string // "KIND PATH", and "KIND PATH USER:PASSWORD"
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{files: map[string][]byte{}, records: map[string]string{}}
	w.Server = httptest.NewTLSServer(http.HandlerFunc(w.serve))
	w.plain = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.Server.Close)
	t.Cleanup(w.plain.Close)
	private, public, err := note.GenerateKey(rand.Reader, strings.TrimPrefix(w.URL, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	w.key, w.private, w.sums = public, private, sumdb.NewTestServer(private, w.goSum)
	w.certs = filepath.Join(t.TempDir(), "certs.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.Certificate().Raw})
	if err := os.WriteFile(w.certs, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 300 { // so that there is more than one tile
		other := module.Version{Path: fmt.Sprintf("example.com/other/m%d", i), Version: "v1.0.0"}
		w.records[other.String()] = fmt.Sprintf("%s %s h1:x=\n%[1]s %s/go.mod h1:y=\n", other.Path, other.Version)
		if _, err := w.sums.Lookup(t.Context(), other); err != nil {
			t.Fatal(err)
		}
	}
	w.add("example.com/m", "v1.0.0", nil)
	return w
}

// add has proxies serve a version of a module.
func (w *world) add(path, version string, files map[string]string) {
	escaped, _ := module.EscapePath(path)
	at, _ := module.EscapeVersion(version)
	all := map[string]string{"go.mod": "module " + path + "\n", "main.go": "package main\n\nfunc main() {}\n"}
	for name, content := range files {
		all[name] = content
	}
	w.files[escaped+"/@v/"+at+".info"] = fmt.Appendf(nil, `{"Version":%q,"Time":"2026-05-04T03:02:01Z","Origin":{"VCS":"git","URL":"https://git.example/m","Ref":"refs/tags/%s","Hash":"0123"}}`, version, version)
	w.files[escaped+"/@v/"+at+".mod"] = []byte(all["go.mod"])
	w.files[escaped+"/@v/"+at+".zip"] = zipOf(path+"@"+version+"/", all)
	list := escaped + "/@v/list"
	w.files[list] = append(w.files[list], version+"\n"...)
}

// record has the database record the version v1.0.0 of a module as it is now.
func (w *world) record(t testing.TB, path string) {
	t.Helper()
	if _, err := w.sums.Lookup(t.Context(), module.Version{Path: path, Version: "v1.0.0"}); err != nil {
		t.Fatal(err)
	}
}

func zipOf(prefix string, files map[string]string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, content := range files {
		f, err := z.Create(prefix + name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// goSum is what the database records of a module.
func (w *world) goSum(path, version string) ([]byte, error) {
	if text, ok := w.records[path+"@"+version]; ok {
		return []byte(text), nil
	}
	escaped, _ := module.EscapePath(path)
	at, _ := module.EscapeVersion(version)
	data := w.files[escaped+"/@v/"+at+".zip"]
	read, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, os.ErrNotExist
	}
	var names []string
	for _, f := range read.File {
		names = append(names, f.Name)
	}
	h1, err := dirhash.Hash1(names, func(name string) (io.ReadCloser, error) { return read.Open(name) })
	if err != nil {
		return nil, err
	}
	mod, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(w.files[escaped+"/@v/"+at+".mod"])), nil
	})
	return fmt.Appendf(nil, "%s %s %s\n%s %s/go.mod %s\n", path, version, h1, path, version, mod), err
}

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	kind, path := "db", strings.TrimPrefix(r.URL.Path, "/")
	if !slices.ContainsFunc([]string{"lookup/", "tile/", "latest"}, func(p string) bool { return strings.HasPrefix(path, p) }) {
		kind, path, _ = strings.Cut(path, "/")
	}
	entry := kind + " " + path
	if user, password, ok := r.BasicAuth(); ok {
		entry += " " + user + ":" + password
	}
	w.mu.Lock()
	w.asked = append(w.asked, entry)
	w.mu.Unlock()
	if w.change != nil && w.change(out, r, kind, path) {
		return
	}
	name := strings.TrimPrefix(w.URL, "https://")
	database := kind == "db"
	if below, ok := strings.CutPrefix(path, "sumdb/"+name+"/"); ok {
		database, path = true, below
	}
	var status int
	_, _ = fmt.Sscanf(kind, "%d", &status)
	switch {
	case status != 0:
		http.Error(out, "refused", status)
	case database && kind == "nodb":
		http.NotFound(out, r)
	case database && kind == "db500":
		http.Error(out, "broken", http.StatusInternalServerError)
	case database && path == "supported":
	case database:
		r.URL.Path = "/" + path
		sumdb.NewServer(w.sums).ServeHTTP(out, r)
	default:
		body, ok := w.files[path]
		if !ok {
			http.NotFound(out, r)
			return
		}
		_, _ = out.Write(body)
	}
}

// take returns what was asked since, and forgets it.
func (w *world) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.asked
	w.asked = nil
	return asked
}

// settings are those of the go command for a proxy of that kind.
func (w *world) settings(kind string) map[string]string {
	return map[string]string{"GOPROXY": w.URL + "/" + kind, "GOSUMDB": w.key, "GOENV": "off"}
}

// registry returns a Registry with settings, without retries.
func (w *world) registry(settings map[string]string, heads *goproxy.Heads) *goproxy.Registry {
	client := registry.New(registry.Options{
		Transport: w.Client().Transport, Retries: -1, Stall: 5 * time.Second, Timeout: 10 * time.Second,
		Sleep: func(context.Context, time.Duration) error { return nil },
	})
	return goproxy.New(client, func() goproxy.Setup {
		return goproxy.Setup{Heads: heads, Config: goproxy.Load(goproxy.Sources{
			Getenv: func(name string) string { return settings[name] },
			GoEnv:  func(...string) (map[string]string, error) { return nil, os.ErrNotExist },
		})}
	})
}

func release(name, version string) verify.Release {
	return verify.Release{Ecosystem: verify.Go, Name: untrusted.Text(name), Version: untrusted.Text(version)}
}

// judge fetches a release and verifies it.
func judge(ctx context.Context, r *goproxy.Registry, of verify.Release) (verify.Report, error) {
	evidence, db, err := r.Fetch(ctx, of, nil)
	if err != nil {
		return verify.Failed(of, untrusted.Message(err)), err
	}
	return verify.Verify(evidence, catalog.Provenance{}, verify.Trust{SumDB: db}), nil
}
