package trust

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// What is kept is forgotten, and nothing goes that somebody else has in the folder.
func TestForget(t *testing.T) {
	t.Parallel()
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	if err := all(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	folder := folderOf(r, cache)
	for _, name := range []string{"9.timestamp.json.damaged", "root.json", "targets/trusted_root.json", ".plimsoll-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := Forget(cache); err != nil || n < 8 {
		t.Fatalf("%d files, %v", n, err)
	}
	if _, err := os.Stat(cache); !errors.Is(err, fs.ErrNotExist) {
		entries, _ := filepath.Glob(filepath.Join(cache, "*", "*"))
		t.Errorf("%q is left: %v", entries, err)
	}
	others := []string{"main.c", "src/main.c", "src/package.json", "src/targets/lib.json"}
	for _, name := range others {
		file := filepath.Join(cache, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if n, err := Forget(cache); err != nil || n != 0 {
			t.Fatalf("%d files, %v", n, err)
		}
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(cache, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	if err := os.RemoveAll(cache); err != nil {
		t.Fatal(err)
	}
	if n, err := Forget(cache); err != nil || n != 0 {
		t.Errorf("nothing is there: %d files, %v", n, err)
	}
}

// What a killed writer left goes with the next update, also if that brings nothing new.
func TestAnUpdateClearsUp(t *testing.T) {
	t.Parallel()
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	left := filepath.Join(folderOf(r, cache), ".plimsoll-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp")
	for range 2 {
		if err := all(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", left, err)
		}
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
