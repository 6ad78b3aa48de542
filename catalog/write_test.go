package catalog

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
)

const rewritten = minimal + "# more\n"

func loadGood(t *testing.T, dir string) Spec {
	t.Helper()
	s, err := LoadFile(filepath.Join(dir, "npx", "good", specFile))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWrite(t *testing.T) {
	t.Parallel()
	dir := onDisk(t)
	file := filepath.Join(dir, "npx", "good", specFile)
	if err := os.Chmod(file, 0o604); err != nil {
		t.Fatal(err)
	}
	spec := loadGood(t, dir)
	if spec.SHA256 != sha256.Sum256([]byte(minimal)) {
		t.Errorf("the loaded hash is %x", spec.SHA256)
	}
	written, err := Write(dir, spec, []byte(rewritten))
	if err != nil {
		t.Fatal(err)
	}
	if again := loadGood(t, dir); again.SHA256 != written.SHA256 || written.Package != "x" || written.Path != spec.Path {
		t.Errorf("returned %+v, reads as %+v", written, again)
	}
	data, err := os.ReadFile(file)
	if err != nil || string(data) != rewritten {
		t.Errorf("the file holds %q, %v", data, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o604 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside it there are %v, %v", entries, err)
	}
	if _, err := Write(dir, spec, []byte(minimal)); !errors.Is(err, ErrChanged) {
		t.Errorf("with the old hash: %v", err)
	}
	if _, err := Write(dir, written, []byte(minimal)); err != nil {
		t.Errorf("with the new one: %v", err)
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	outside := func(t *testing.T, dir string) string {
		t.Helper()
		file := filepath.Join(dir, "..", "outside", specFile)
		testfiles.Write(t, file, minimal)
		return file
	}
	for name, test := range map[string]struct {
		prepare func(t *testing.T, dir string, spec *Spec)
		data    string
		want    string
	}{
		"changed meanwhile": {func(t *testing.T, dir string, _ *Spec) {
			testfiles.Write(t, filepath.Join(dir, "npx", "good", specFile), minimal+"\n")
		}, rewritten, "changed since"},
		"gone":         {func(t *testing.T, dir string, _ *Spec) { os.RemoveAll(filepath.Join(dir, "npx", "good")) }, rewritten, "no such file"},
		"never loaded": {func(_ *testing.T, _ string, s *Spec) { s.SHA256 = [32]byte{} }, rewritten, "changed since"},
		"no spec":      {nil, "a: b\n", "the new text is no spec"},
		"too large":    {nil, minimal + "#" + strings.Repeat("x", untrusted.MaxSpec), "at most"},
		"path upwards": {func(t *testing.T, dir string, s *Spec) {
			outside(t, dir)
			s.Path = "npx/../spec.yaml"
		}, rewritten, "expected a path"},
		"other path": {func(_ *testing.T, _ string, s *Spec) { s.Path = "/etc/passwd" }, rewritten, "expected a path"},
		"link out": {func(t *testing.T, dir string, _ *Spec) {
			file := filepath.Join(dir, "npx", "good", specFile)
			os.Remove(file)
			outside(t, dir)
			symlink(t, "../../../outside/spec.yaml", file)
		}, rewritten, "symbolic link"},
		"link within": {func(t *testing.T, dir string, _ *Spec) {
			file := filepath.Join(dir, "npx", "good", specFile)
			os.Remove(file)
			testfiles.Write(t, filepath.Join(dir, "other.yaml"), minimal)
			symlink(t, "../../other.yaml", file)
		}, rewritten, "symbolic link"},
		"folder links out": {func(t *testing.T, dir string, _ *Spec) {
			os.RemoveAll(filepath.Join(dir, "npx", "good"))
			outside(t, dir)
			symlink(t, "../../outside", filepath.Join(dir, "npx", "good"))
		}, rewritten, "escapes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := onDisk(t)
			spec := loadGood(t, dir)
			if test.prepare != nil {
				test.prepare(t, dir, &spec)
			}
			if _, err := Write(dir, spec, []byte(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			err := filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
				if err != nil || !d.Type().IsRegular() {
					return err
				}
				data, err := os.ReadFile(path)
				if string(data) == rewritten || strings.HasSuffix(path, ".tmp") {
					t.Errorf("%s was written", path)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWriteThroughAFolderLinkWithin(t *testing.T) {
	t.Parallel()
	dir := onDisk(t)
	symlink(t, "../npx/good", filepath.Join(dir, "npx", "link"))
	spec := loadGood(t, dir)
	spec.Path = "npx/link/spec.yaml"
	if _, err := Write(dir, spec, []byte(rewritten)); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "npx", "good", specFile)); err != nil || string(data) != rewritten {
		t.Errorf("the file holds %q, %v", data, err)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, after, want string }{
		"nothing": {"a\n", "a\n", ""},
		"a line":  {"a\nb\nc\n", "a\nB\nc\n", "diff a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		"DOS":     {"a\r\nb\r\n", "a\r\nB\r\n", "diff a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n"},
		"line ends": {"a\nb\n", "a\r\nb\r\n",
			"diff a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n-b\n+a\\r\n+b\\r\n"},
		"hostile": {"a\x1b[2J\u202e\n", "b\r\n", "diff a/x b/x\n--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a\\x1b[2J\\u202e\n+b\\r\n"},
		"no last line end": {"a\n", "a",
			"diff a/x b/x\n--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a\n+a\n\\ No newline at end of file\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Diff("x", []byte(test.before), []byte(test.after)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
	if got := Diff("a\x1b\nb", nil, []byte("x\n")); strings.ContainsAny(got, "\x1b") || !strings.Contains(got, `a/a\x1b\nb`) {
		t.Errorf("the name is shown as %q", got)
	}
}

func TestReadStaysInTheCatalog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"cat/npx/a/spec.yaml": "inside", "outside/spec.yaml": "outside"} {
		testfiles.Write(t, filepath.Join(dir, name), text)
	}
	if err := os.Symlink("../../outside", filepath.Join(dir, "cat/npx/b")); err != nil {
		t.Skip(err)
	}
	root := filepath.Join(dir, "cat")
	inside, outside := sha256.Sum256([]byte("inside")), sha256.Sum256([]byte("outside"))
	if data, err := Read(root, Spec{Path: "npx/a/spec.yaml", SHA256: inside}); string(data) != "inside" {
		t.Errorf("the spec reads %q, %v", data, err)
	}
	if data, err := Read(root, Spec{Path: "npx/a/spec.yaml", SHA256: outside}); !errors.Is(err, ErrChanged) || data != nil {
		t.Errorf("a spec that was changed reads %q, %v", data, err)
	}
	for _, path := range []untrusted.Text{"npx/b/spec.yaml", "../outside/spec.yaml", "npx/../../outside/spec.yaml", "npx/a", ""} {
		if data, err := Read(root, Spec{Path: path, SHA256: outside}); err == nil {
			t.Errorf("%q reads %q", path, data)
		}
	}
}
