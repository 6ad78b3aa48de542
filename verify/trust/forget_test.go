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
	if err := Forget(cache); err != nil {
		t.Fatal(err)
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
		if err := Forget(cache); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(cache, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(os.RemoveAll(cache), Forget(cache)); err != nil {
		t.Errorf("nothing is there: %v", err)
	}
}
