//go:build unix

package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A link may lead anywhere: nothing is written through it, whether its target is
// there or not, and to write into a pipe would be to wait.
func TestExportFileDoesNotFollowLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	victim, link, nowhere, pipe := filepath.Join(dir, "victim"), filepath.Join(dir, "link"), filepath.Join(dir, "nowhere"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(victim, []byte("mine"), 0o600), os.Symlink(victim, link),
		os.Symlink(filepath.Join(dir, "new"), nowhere), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{link: "is a symbolic link", nowhere: "is a symbolic link", pipe: "is no ordinary file"} {
		for _, overwrite := range []bool{false, true} {
			if err := exportFile(name, []byte("x"), overwrite); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, overwrite %v: %v", name, overwrite, err)
			}
		}
	}
	if data, _ := os.ReadFile(victim); string(data) != "mine" {
		t.Errorf("the link's target holds %q", data)
	}
	if files, _ := os.ReadDir(dir); len(files) != 4 {
		t.Errorf("%d files", len(files))
	}
}
