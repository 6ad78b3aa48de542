package untrusted

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

func TestReadFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("whole", "0123456789")
	write("long", "0123456789a")
	for name, target := range map[string]string{"link": "whole", "nowhere": "nothing", "outside": t.TempDir(), "circle": "circle"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	testfiles.NamedPipe(t, filepath.Join(dir, "pipe"))
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, c := range []struct {
		name, refused string
		is            error
	}{
		{"whole", "", nil},
		{"link", "", nil},
		{"long", `read the file: too large: more than 10 bytes`, ErrTooLarge},
		{"missing", "no such file", fs.ErrNotExist},
		{"nowhere", "expected a regular file, found a symbolic link to nothing", nil},
		{"outside", "expected a regular file, found a symbolic link that leads out of the folder", nil},
		{"circle", "too many levels of symbolic links", nil},
		{"folder", "expected a regular file, found a folder", nil},
		{"pipe", "expected a regular file, found a named pipe", nil},
	} {
		data, err := ReadRegular(root.FS(), c.name, 10)
		if c.refused == "" {
			if err != nil || string(data) != "0123456789" {
				t.Errorf("%s: read %q, %v", c.name, data, err)
			}
			continue
		}
		if err == nil || data != nil || !strings.Contains(err.Error(), c.refused) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: read %q, error %v, want %q", c.name, data, err, c.refused)
		}
		if c.is == nil && errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: what is there is said not to exist: %v", c.name, err)
		}
	}
	if data, err := ReadFile(filepath.Join(dir, "whole"), 10); err != nil || string(data) != "0123456789" {
		t.Errorf("read %q, %v", data, err)
	}
	if data, err := ReadFile(filepath.Join(dir, "long"), 10); data != nil || !errors.Is(err, ErrTooLarge) {
		t.Errorf("read %q, %v", data, err)
	}
	if _, err := ReadFile(filepath.Join(dir, "missing"), 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	for name, refused := range map[string]string{
		"whole": "", "link": "", "long": "too large", "missing": "no such file", "folder": "found a folder", "pipe": "found a named pipe",
	} {
		data, err := ReadRegularFile(filepath.Join(dir, name), 10)
		if refused == "" && (err != nil || string(data) != "0123456789") ||
			refused != "" && (data != nil || !strings.Contains(Message(err), refused)) {
			t.Errorf("%s: read %q, error %v, want %q", name, data, err, refused)
		}
	}
	for name, refused := range map[string]string{
		"folder": "", "outside": "", "missing": "no such file", "whole": "not a directory", "pipe": "not a directory",
	} {
		root, err := OpenFolder(filepath.Join(dir, name))
		if err == nil {
			root.Close()
		}
		if (err == nil) != (refused == "") || !strings.Contains(Message(err), refused) {
			t.Errorf("%s: error %v, want %q", name, err, refused)
		}
	}
}
