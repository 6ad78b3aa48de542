package build

import (
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"plimsoll/testdata/testfiles"
)

// node runs one of the programs as the image would.
func node(t *testing.T, dir, script string, args ...string) (string, error) {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	command := exec.Command(program, append([]string{"-e", script, "--"}, args...)...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	return string(out), err
}

func TestCompareScript(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testfiles.Write(t, filepath.Join(dir, "x.tgz"), "bytes")
	sum := sha512.Sum512([]byte("bytes"))
	if out, err := node(t, dir, compareScript, "x.tgz", hex.EncodeToString(sum[:])); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	for _, want := range []string{"", "00", hex.EncodeToString(sum[:32])} {
		if _, err := node(t, dir, compareScript, "x.tgz", want); err == nil {
			t.Errorf("other bytes than %q were accepted", want)
		}
	}
}

func TestManifestScript(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := node(t, dir, manifestScript, "@acme/x", "file:/app/package.tgz", "@s/a", "1.26.0", "minimatch", ">=10 <11"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data := testfiles.Read(t, dir, "package.json")
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"private": true, "dependencies": map[string]any{"@acme/x": "file:/app/package.tgz"},
		"overrides": map[string]any{"@s/a": "1.26.0", "minimatch": ">=10 <11"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s", data)
	}
}

func TestLinkScript(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, manifest string
		want           string // the target below the package; "" is a failure
	}{
		{"a text", `{"name":"@acme/x","version":"1.0.0","bin":"cli.js"}`, "cli.js"},
		{"the only one", `{"name":"@acme/x","version":"1.0.0","bin":{"other":"./cli.js"}}`, "cli.js"},
		{"its own name", `{"name":"@acme/x","version":"1.0.0","bin":{"y":"y.js","x":"cli.js"}}`, "cli.js"},
		{"none of its name", `{"name":"@acme/x","version":"1.0.0","bin":{"y":"y.js","z":"cli.js"}}`, ""},
		{"no program", `{"name":"@acme/x","version":"1.0.0"}`, ""},
		{"another version", `{"name":"@acme/x","version":"1.0.1","bin":"cli.js"}`, ""},
		{"another package", `{"name":"x","version":"1.0.0","bin":"cli.js"}`, ""},
		{"outside", `{"name":"@acme/x","version":"1.0.0","bin":"../../../evil.js"}`, ""},
		{"a property of every object", `{"name":"@acme/x","version":"1.0.0","bin":{"a":"a","b":"b"}}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			pkg := filepath.Join(dir, "node_modules", "@acme", "x")
			testfiles.Write(t, filepath.Join(pkg, "package.json"), tt.manifest)
			testfiles.Write(t, filepath.Join(pkg, "cli.js"), "")
			testfiles.Write(t, filepath.Join(dir, "evil.js"), "")
			out, err := node(t, dir, linkScript, "@acme/x", "1.0.0")
			target, _ := os.Readlink(filepath.Join(dir, "server"))
			if tt.want == "" {
				if err == nil || target != "" {
					t.Errorf("accepted, to %q", target)
				}
				return
			}
			if err != nil || target != filepath.Join(pkg, tt.want) {
				t.Errorf("%q, %v: %s", target, err, out)
			}
		})
	}
}

func TestLinesScript(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	file := filepath.Join(t.TempDir(), "lines")
	if out, err := exec.Command(program, "-c", linesScript, file, "mcp[cli]>=1,<2", "-r b").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "mcp[cli]>=1,<2\n-r b\n" {
		t.Errorf("%q, %v", data, err)
	}
}
