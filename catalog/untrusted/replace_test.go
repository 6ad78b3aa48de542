package untrusted

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"plimsoll/testdata/hostile"
	"plimsoll/testdata/testfiles"
)

func TestReplaceFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	for _, text := range []string{"first", "second, which is longer", ""} {
		if err := ReplaceFile(name, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(name)
		info, statErr := os.Stat(name)
		if err != nil || statErr != nil || string(data) != text || info.Mode() != 0o640 {
			t.Errorf("%q, %v, %v, %v", data, info, err, statErr)
		}
	}
	if err := ReplaceFile(filepath.Join(dir, "missing", "file"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into a folder that is not there: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(filepath.Join(dir, "folder"), nil, 0o600); err == nil {
		t.Error("a folder was replaced by a file")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("expected the file and the folder, found %v, %v", left, err)
	}
}

// A link in a folder that others write to leads nowhere outside it.
func TestReplaceBelow(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := ReplaceBelow(root, "link/file", []byte("x"), 0o600); err == nil {
		t.Error("a file was written outside the root")
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) != 0 {
		t.Errorf("expected nothing, found %v, %v", left, err)
	}
}

// What somebody else writes while a file is being written is not written over.
func TestReplaceBelowIf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	changed := errors.New("changed")
	for _, c := range []struct {
		name, folder string
		fails        error
	}{{"file", ".", changed}, {"below/file", "below", fs.ErrPermission}} {
		testfiles.Write(t, filepath.Join(dir, c.name), "before")
		err := ReplaceBelowIf(root, c.name, []byte("ours"), 0o600, func() error {
			testfiles.Write(t, filepath.Join(dir, c.name), "theirs")
			return c.fails
		})
		if !errors.Is(err, c.fails) || string(testfiles.Read(t, filepath.Join(dir, c.name))) != "theirs" {
			t.Errorf("%s: %v, %q", c.name, err, testfiles.Read(t, filepath.Join(dir, c.name)))
		}
		if left := names(t, filepath.Join(dir, c.folder)); slices.ContainsFunc(left, IsTemporary) {
			t.Errorf("%s: %v are there", c.name, left)
		}
	}
}

// names returns the names in a folder.
func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestIsTemporary(t *testing.T) {
	t.Parallel()
	const random = "ABCDEFGHIJKLMNOPQRSTUVWX27"
	for name, want := range map[string]bool{
		".plimsoll-" + random + ".tmp":          true,
		".plimsoll-" + random:                   false,
		".plimsoll-" + random + ".tmp.tmp":      false,
		".plimsoll-" + random + ".tmp\n":        false,
		"x.plimsoll-" + random + ".tmp":         false,
		".plimsoll-" + random[1:] + ".tmp":      false,
		".plimsoll-" + random[1:] + "0.tmp":     false,
		".plimsoll-notes.tmp":                   false,
		".spec.yaml." + random + ".tmp":         false,
		"plimsoll-" + random + ".tmp":           false,
		"spec.yaml":                             false,
		".plimsoll-" + random + random + ".tmp": false,
	} {
		if got := IsTemporary(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// What is no file that a killed program left stays: one that is being written,
// another's file, and whatever else has such a name.
func TestRemoveTemporary(t *testing.T) {
	t.Parallel()
	const left, link, pipe, folder = ".plimsoll-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp", ".plimsoll-BBCDEFGHIJKLMNOPQRSTUVWXYZ.tmp",
		".plimsoll-CBCDEFGHIJKLMNOPQRSTUVWXYZ.tmp", ".plimsoll-DBCDEFGHIJKLMNOPQRSTUVWXYZ.tmp"
	dir := t.TempDir()
	for _, name := range []string{left, "spec.yaml", ".plimsoll-notes.tmp", filepath.Join(folder, left)} {
		testfiles.Write(t, filepath.Join(dir, name), "x")
	}
	testfiles.NamedPipe(t, filepath.Join(dir, pipe))
	if err := os.Symlink("spec.yaml", filepath.Join(dir, link)); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	file, written, err := CreateTemporary(root, ".")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{written, ".plimsoll-notes.tmp", link, pipe, folder, "spec.yaml"}
	slices.Sort(want)
	RemoveTemporary(dir)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("left %q, want %q", got, want)
	}
	if got := names(t, filepath.Join(dir, folder)); len(got) != 1 {
		t.Errorf("a folder below was emptied")
	}
	file.Close() // as it is when its program ends
	RemoveTemporary(dir)
	if got := names(t, dir); slices.Contains(got, written) {
		t.Errorf("left %q", got)
	}
	RemoveTemporary(filepath.Join(dir, "missing"))
	RemoveTemporary(filepath.Join(dir, "spec.yaml"))
}

// A file below is written by way of the folder that is looked through, and beside its
// place if that folder is not to be written.
func TestReplaceBelowAReadOnlyFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("everything can be written here")
	}
	dir := t.TempDir()
	testfiles.Write(t, filepath.Join(dir, "npx", "a", "spec.yaml"), "old")
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	if err := ReplaceBelow(root, "npx/a/spec.yaml", []byte("new"), 0o644); err != nil {
		t.Error(err)
	}
	RemoveTemporary(dir)
	if got := names(t, filepath.Join(dir, "npx", "a")); !slices.Equal(got, []string{"spec.yaml"}) {
		t.Errorf("left %q", got)
	}
}

// Writers beside programs that begin and clear up lose nothing.
func TestRemoveTemporaryBesideWriters(t *testing.T) {
	t.Parallel()
	rounds := 150 // about every fourth write meets one that clears up
	if hostile.Sample(t) {
		rounds = 40
	}
	dir := t.TempDir()
	done := make(chan struct{})
	var writers, sweepers sync.WaitGroup
	for range 2 {
		sweepers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					RemoveTemporary(dir)
				}
			}
		})
	}
	for i := range 4 {
		writers.Go(func() {
			name := filepath.Join(dir, fmt.Sprint("file", i))
			for round := range rounds {
				text := strings.Repeat(fmt.Sprint(round), 1000)
				if err := ReplaceFile(name, []byte(text), 0o600); err != nil {
					t.Error(err)
					return
				}
				if got, err := os.ReadFile(name); err != nil || string(got) != text {
					t.Errorf("%s: read %d bytes, %v", name, len(got), err)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	sweepers.Wait()
	if got := names(t, dir); len(got) != 4 {
		t.Errorf("left %q", got)
	}
}

const writerVariable = "PLIMSOLL_TEST_WRITER_FOLDER"

// TestWriter is the second process of TestKilledWriters: it writes one file after
// another until it is killed.
func TestWriter(t *testing.T) {
	dir := os.Getenv(writerVariable)
	if dir == "" {
		t.Skip("this is the second process of another test")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if _, _, err := CreateTemporary(root, "."); err != nil { // one that is never finished
		t.Fatal(err)
	}
	fmt.Println("ready")
	for i := 0; ; i++ {
		if err := ReplaceBelow(root, "npx/a/spec.yaml", []byte(strings.Repeat("x", i%1000)+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Println("written")
	}
}

// What killed writers left is taken away at once, and the files are whole.
func TestKilledWriters(t *testing.T) {
	t.Parallel()
	kills := 100
	if hostile.Sample(t) {
		kills = 10
	}
	dir := t.TempDir()
	testfiles.Write(t, filepath.Join(dir, "npx", "a", "spec.yaml"), "\n")
	left := 0
	for i := range kills {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriter$", "-test.v")
		cmd.Env = append(os.Environ(), writerVariable+"="+dir)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for written := 0; written <= i%5 && lines.Scan(); {
			if lines.Text() == "written" {
				written++
			}
		}
		RemoveTemporary(dir) // of a living writer nothing is taken
		if len(names(t, dir)) < 2 {
			t.Fatalf("kill %d: the file of a living writer was removed", i)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, out)
		if cmd.Wait() == nil {
			t.Fatalf("kill %d: it ended by itself", i)
		}
		left += len(names(t, dir)) - 1
		RemoveTemporary(dir)
		if got := names(t, dir); !slices.Equal(got, []string{"npx"}) {
			t.Errorf("kill %d left %q", i, got)
		}
		if got := names(t, filepath.Join(dir, "npx", "a")); !slices.Equal(got, []string{"spec.yaml"}) {
			t.Errorf("kill %d left %q", i, got)
		}
		if text, err := os.ReadFile(filepath.Join(dir, "npx", "a", "spec.yaml")); err != nil || !strings.HasSuffix(string(text), "\n") {
			t.Errorf("kill %d: read %q, %v", i, text, err)
		}
	}
	t.Logf("%d kills left %d temporary files, all were removed", kills, left)
}
