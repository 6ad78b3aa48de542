//go:build unix

package catalog

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Opening a named pipe waits for its other end: the load must not hang.
func TestNamedPipe(t *testing.T) {
	t.Parallel()
	dir := onDisk(t)
	pipe := filepath.Join(dir, "npx", "pipe", specFile)
	mkdir(t, filepath.Dir(pipe))
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	s := loadDir(t, dir)["npx/pipe/spec.yaml"]
	if s.Err == nil || !strings.Contains(s.Err.Message, "expected a regular file, found a named pipe") {
		t.Errorf("the row: %+v, %v", s, s.Err)
	}
}
