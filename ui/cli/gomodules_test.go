package cli

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/sumdb/note"

	"plimsoll/ui/report"
)

// A checksum database that shows two histories in one run is believed for none of it,
// whichever package showed it; the next run is told as well.
func TestForkOfTheChecksumDatabase(t *testing.T) {
	t.Parallel()
	const name = "sum.test.example"
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	goMod := func(path string) string { return "module " + path + "\n" }
	goSum := func(path, version string) ([]byte, error) {
		mod, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(goMod(path))), nil })
		return fmt.Appendf(nil, "%s %s h1:zip=\n%[1]s %[2]s/go.mod %s\n", path, version, mod), err
	}
	first, second := sumdb.NewTestServer(private, goSum), sumdb.NewTestServer(private, goSum)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		database, below := first, strings.TrimPrefix(r.URL.Path, "/sumdb/"+name)
		if strings.Contains(below, "example.com/n") {
			database = second
		}
		module, file, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/@v/")
		switch {
		case below == "/supported":
		case strings.HasPrefix(below, "/lookup/"), strings.HasPrefix(below, "/tile/"):
			r.URL.Path = below
			sumdb.NewServer(database).ServeHTTP(w, r)
		case file == "list":
			fmt.Fprintln(w, "v1.0.0")
		case file == "v1.0.0.mod":
			fmt.Fprint(w, goMod(module))
		case file == "v1.0.0.info":
			fmt.Fprint(w, `{"Version":"v1.0.0"}`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	home := t.TempDir()
	vars := map[string]string{"HOME": home, "GOPROXY": server.URL, "GOSUMDB": public, "GOENV": "off"}
	args := []string{"verify-provenance", "--jobs", "1", "--trusted-root", filepath.Join("..", "..", "testdata", "demo", "recording", "trusted_root.json")}
	code, stdout, stderr := invokeWith(t.Context(), vars, append(args, "go:example.com/m@v1.0.0")...)
	if code != report.ExitOK || !strings.Contains(stdout, "signed") {
		t.Fatalf("exit code %d, stderr %s\n%s", code, stderr, stdout)
	}
	recorded := filepath.Join(t.TempDir(), "recording")
	for _, packages := range [][]string{
		{"go:example.com/m@v1.0.0", "go:example.com/n@v1.0.0", "--record", recorded}, {"go:example.com/m@v1.0.0"},
		{"go:example.com/m@v1.0.0", "go:example.com/n@v1.0.0", "--replay", recorded}, {"go:example.com/m@v1.0.0", "--replay", recorded},
	} {
		code, stdout, stderr = invokeWith(t.Context(), vars, append(args, packages...)...)
		if code == report.ExitOK || strings.Contains(stdout, "s signed  go/") || !strings.Contains(stderr, "two histories") {
			t.Errorf("%v: exit code %d, stderr %s\n%s", packages, code, stderr, stdout)
		}
	}
	found, err := filepath.Glob(filepath.Join(home, ".cache", "plimsoll", "sumdb", "*.fork"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if err := os.Remove(found[0]); err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr = invokeWith(t.Context(), vars, append(args, "go:example.com/m@v1.0.0")...); code != report.ExitOK || stderr != "" {
		t.Errorf("exit code %d, stderr %s\n%s", code, stderr, stdout)
	}
}

// The go command tells what it was installed with, whatever the folder holds.
func TestGoEnv(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	environment := []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "GOPRIVATE=example.com", "GOFLAGS=-nonsense"}
	values, err := goEnv(Env{Environ: func() []string { return environment }})("GOPROXY", "GOSUMDB", "GOPRIVATE", "GOAUTH")
	if err != nil || values["GOPROXY"] == "" || values["GOSUMDB"] == "" || values["GOPRIVATE"] != "example.com" || len(values) != 4 {
		t.Errorf("%q, %v", values, err)
	}
}
