package state

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"plimsoll/catalog/untrusted"
)

func demo(t *testing.T) *File { return ForDemo(filepath.Join(t.TempDir(), "plimsoll"), "attacks") }

func write(t *testing.T, f *File, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, f *File) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(f.path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestSavedIsLoaded(t *testing.T) {
	t.Parallel()
	f := demo(t)
	if got, found, err := f.Load(); err != nil || found || got != (Tables{}) {
		t.Fatalf("without a file: %+v, %v, %v", got, found, err)
	}
	for _, want := range []Tables{
		{Packages: Table{Sort: `vers"é`, Reverse: true, Columns: "many", Preview: true, Size: -2}, Review: Table{Sort: "why", Size: 3}},
		{},
	} {
		if err := f.Save(want); err != nil {
			t.Fatal(err)
		}
		if got, found, err := f.Load(); err != nil || !found || got != want {
			t.Errorf("loaded %+v, %v, %v; want %+v", got, found, err, want)
		}
	}
	if names := files(t, f); len(names) != 1 {
		t.Errorf("saving left the files %v", names)
	}
	info, err := os.Stat(f.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v, %v", info.Mode(), err)
	}
}

func TestBytesThatAreNotTextCanBeSaved(t *testing.T) {
	t.Parallel()
	f := demo(t)
	if err := f.Save(Tables{Review: Table{Sort: "a\xffb\x00"}}); err != nil {
		t.Fatal(err)
	}
	if got, found, err := f.Load(); err != nil || !found || got.Review.Sort != "a\ufffdb\x00" {
		t.Errorf("loaded %q, %v, %v", got.Review.Sort, found, err)
	}
}

func TestABrokenFileIsSetAside(t *testing.T) {
	t.Parallel()
	const good = `{"version":2,"tables":{"packages":{"sort":"x"},"review":{}}}`
	for name, content := range map[string]string{
		"empty":              "",
		"not JSON":           "\x1b[2Jhello",
		"cut off":            good[:20],
		"something after it": good + " {}",
		"an unknown member":  `{"version":2,"tables":{"packages":{"sort":"x","colour":"red"}}}`,
		"a member twice":     `{"version":2,"version":2,"tables":{}}`,
		"another type":       `{"version":2,"tables":{"review":{"sort":7}}}`,
		"another version":    `{"version":3,"tables":{}}`,
		"no version":         `{"tables":{}}`,
		"both forms":         `{"version":2,"tables":{},"table":{}}`,
		"the first, empty":   `{"version":1}`,
		"no table":           `{"version":2}`,
		"not UTF-8":          "{\"version\":2,\"tables\":{\"review\":{\"sort\":\"\xff\"}}}",
		"too large":          good + strings.Repeat(" ", untrusted.MaxState),
	} {
		t.Run(name, func(t *testing.T) {
			f := demo(t)
			for n := range 2 {
				write(t, f, content)
				_, found, err := f.Load()
				want := "table-demo-attacks.json.broken-" + string(rune('1'+n))
				if err == nil || found || !strings.Contains(err.Error(), want) {
					t.Fatalf("found %v, %v; want an error that names %s", found, err, want)
				}
				if kept, err := os.ReadFile(filepath.Join(filepath.Dir(f.path), want)); err != nil || string(kept) != content {
					t.Errorf("what was broken is not in %s: %v", want, err)
				}
			}
			if _, found, err := f.Load(); found || err != nil {
				t.Errorf("after that: found %v, %v", found, err)
			}
			if err := f.Save(Tables{}); err != nil {
				t.Error(err)
			}
		})
	}
	f := demo(t)
	write(t, f, good)
	if got, found, err := f.Load(); err != nil || !found || got.Packages.Sort != "x" {
		t.Errorf("the good one: %+v, %v, %v", got, found, err)
	}
}

func TestBrokenFilesDoNotGrowWithoutEnd(t *testing.T) {
	t.Parallel()
	f := demo(t)
	for range maxBroken {
		write(t, f, "broken")
		if _, _, err := f.Load(); !strings.Contains(err.Error(), "it is now") {
			t.Fatal(err)
		}
	}
	write(t, f, "broken")
	if _, _, err := f.Load(); err == nil || !strings.Contains(err.Error(), "100 broken files already") {
		t.Errorf("the error is %v", err)
	}
	if n := len(files(t, f)); n != maxBroken+2 { // the file itself, and its lock
		t.Errorf("there are %d files", n)
	}
}

// Several programs find one broken file: it is set aside once, and each goes on.
func TestABrokenFileIsSetAsideOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		f := demo(t)
		write(t, f, "broken")
		var running sync.WaitGroup
		for range 4 {
			other := &File{path: f.path} // another program's
			running.Go(func() {
				if _, found, err := other.Load(); found || err != nil && !strings.Contains(err.Error(), "it is now") {
					t.Errorf("found %t, %v", found, err)
				}
			})
		}
		running.Wait()
		if left := files(t, f); len(left) != 2 || left[0] != filepath.Base(f.path)+".broken-1" {
			t.Fatalf("there are %q", left)
		}
	}
}

func TestAFolderInTheWayIsSetAside(t *testing.T) {
	t.Parallel()
	f := demo(t)
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, found, err := f.Load(); found || err == nil || !strings.Contains(err.Error(), "expected a regular file") {
		t.Errorf("found %v, %v", found, err)
	}
	if err := f.Save(Tables{}); err != nil {
		t.Error(err)
	}
}

func TestAFolderThatCannotBeMade(t *testing.T) {
	t.Parallel()
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := ForDemo(filepath.Join(blocked, "plimsoll"), "both")
	if err := f.Save(Tables{}); err == nil || !strings.HasPrefix(err.Error(), "save the state: ") {
		t.Errorf("Save: %v", err)
	}
	if _, found, err := f.Load(); found || err == nil {
		t.Errorf("Load: found %v, %v", found, err)
	}
}

// A file that cannot be replaced stays, and nothing is left beside it.
func TestAFailedSaveLeavesNothing(t *testing.T) {
	t.Parallel()
	f := demo(t)
	if err := os.MkdirAll(filepath.Join(f.path, "not empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(Tables{}); err == nil {
		t.Fatal("a folder was replaced")
	}
	if names := files(t, f); len(names) != 1 {
		t.Errorf("a failed save left %v", names)
	}
}

func TestSavingAtOnce(t *testing.T) {
	t.Parallel()
	f := demo(t)
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for range 5 {
				if err := f.Save(Tables{Packages: Table{Sort: strings.Repeat("x", 100)}}); err != nil {
					t.Error(err)
				}
				if got, _, err := f.Load(); err != nil || len(got.Packages.Sort) != 100 {
					t.Errorf("loaded %+v, %v", got, err)
				}
			}
		})
	}
	running.Wait()
}

func TestEachCatalogHasAFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	paths := map[string]string{"the demo": ForDemo(dir, "both").path, "its attacks": ForDemo(dir, "attacks").path}
	for _, catalog := range []string{".", "a", "b", "demo"} {
		f, err := ForCatalog(dir, catalog)
		if err != nil {
			t.Fatal(err)
		}
		for other, path := range paths {
			if path == f.path {
				t.Errorf("%q and %q have the same file", catalog, other)
			}
		}
		paths[catalog] = f.path
	}
	if f, err := ForCatalog(dir, filepath.Join(dir, "b", "..", "a")); err != nil || f.path != paths["a"] {
		t.Errorf("the same folder by another name has the file %s, %v", f.path, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"version":2,"tables":{}}`, `{"version":1,"table":{"filter":"x"}}`, `{"version":2,"tables":null}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := parse(data)
		if err != nil {
			return
		}
		file := demo(t)
		if err := file.Save(table); err != nil {
			t.Fatal(err)
		}
		if again, found, err := file.Load(); err != nil || !found || again != table {
			t.Fatalf("%q was read as %+v, saved and read as %+v, %v", data, table, again, err)
		}
	})
}

// Of the first form the order is taken, and nothing that hides a row.
func TestTheFirstFormIsRead(t *testing.T) {
	t.Parallel()
	f := demo(t)
	write(t, f, `{"version":1,"table":{"filter":"x","preset":"failing","sort":"version","reverse":true,"columns":"many","preview":true}}`)
	want := Tables{Packages: Table{Sort: "version", Reverse: true, Columns: "many", Preview: true}}
	if got, found, err := f.Load(); err != nil || !found || got != want {
		t.Errorf("%+v, %v, %v; want %+v", got, found, err, want)
	}
}
