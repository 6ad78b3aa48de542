//go:build unix

package testfiles

import (
	"syscall"
	"testing"
)

// NamedPipe makes a named pipe: to open it is to wait for its other end.
func NamedPipe(t testing.TB, name string) {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
}
