package build

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// packed is the tarball of a package with one program.
func packed(t *testing.T, name, version, program string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for file, text := range map[string]string{
		"package/package.json": fmt.Sprintf(`{"name":%q,"version":%q,"bin":{"server":"cli.js"},"scripts":{"install":"exit 7"}}`, name, version),
		"package/cli.js":       program,
	} {
		if err := w.WriteHeader(&tar.Header{Name: file, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if w.Close() != nil || z.Close() != nil {
		t.Fatal("the tarball could not be closed")
	}
	return b.Bytes()
}

// serve is a registry of one package.
func serve(t *testing.T, name, version string, tarball []byte) string {
	t.Helper()
	sum := sha512.Sum512(tarball)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".tgz") {
			w.Write(tarball)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{
			"name": name, "dist-tags": map[string]string{"latest": version},
			"versions": map[string]any{version: map[string]any{
				"name": name, "version": version, "bin": map[string]string{"server": "cli.js"},
				"dist": map[string]string{
					"tarball":   "http://" + r.Host + "/x.tgz",
					"integrity": "sha512-" + base64.StdEncoding.EncodeToString(sum[:]),
				},
			}},
		})
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// build runs the commands of the first stage with the folder app for /app, and
// returns the error of the first that fails.
func build(t *testing.T, dockerfile, app string) error {
	t.Helper()
	stage, _, _ := strings.Cut(dockerfile[strings.Index(dockerfile, "FROM"):], "\n\nFROM")
	for line := range strings.SplitSeq(stage, "\n") {
		words := runOf(t, line, app)
		if words == nil {
			continue
		}
		command := exec.CommandContext(t.Context(), words[0], words[1:]...)
		command.Dir = app
		command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + app, "npm_config_registry=http://127.0.0.1:1/", // what the base image says
			"npm_config_update_notifier=false", "npm_config_cache=" + filepath.Join(app, ".cache"), "npm_config_userconfig=" + os.DevNull}
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", words[0], err, out)
		}
	}
	return nil
}

// The commands install what was verified, and stop at other bytes.
func TestCommandsInstallExactlyWhatWasVerified(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed")
	}
	const name, version = "@acme/http-client", "2.4.1"
	tarball := packed(t, name, version, "#!/usr/bin/env node\nconsole.log('served', ...process.argv.slice(2))\n")
	registry := serve(t, name, version, tarball)
	spec := npmSpec()
	spec.Install = catalog.Install{}
	sum := sha512.Sum512(tarball)
	for _, tt := range []struct {
		name string
		hex  string
		want string // of the error
	}{
		{"the bytes that were verified", hex.EncodeToString(sum[:]), ""},
		{"other bytes", strings.Repeat("ab", 64), "expected sha512"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := npmReport()
			report.Registry = untrusted.Text(registry)
			report.Artifacts[0].Digest = verify.Digest{Algorithm: "sha512", Hex: tt.hex}
			app, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			err = build(t, generate(t, spec, report, Options{}), app)
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want an error with %q", err, tt.want)
				}
				if _, err := os.Stat(filepath.Join(app, "node_modules")); err == nil {
					t.Error("it was installed nevertheless")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(filepath.Join(app, "server"), "start").CombinedOutput()
			if err != nil || string(out) != "served start\n" {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
}

// runOf returns the words of a RUN line, with the folder app for /app, or nil if it is
// another line.
func runOf(t *testing.T, line, app string) (words []string) {
	t.Helper()
	rest, ok := strings.CutPrefix(line, "RUN ")
	if !ok {
		return nil
	}
	if err := json.Unmarshal([]byte(rest), &words); err != nil {
		t.Fatal(err)
	}
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], "/app", app)
	}
	return words
}
