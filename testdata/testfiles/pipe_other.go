//go:build !unix

package testfiles

import "testing"

// NamedPipe skips the test: named pipes are no files here.
func NamedPipe(t testing.TB, _ string) {
	t.Helper()
	t.Skip("no named pipes among the files of this system")
}
