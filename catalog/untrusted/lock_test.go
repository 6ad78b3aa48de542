package untrusted

import (
	"errors"
	"path/filepath"
	"testing"
)

// Who was stopped while it wrote holds up nobody for ever, and a lock that was not
// waited for is given back once it is had.
func TestLock(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(file, LockPatience)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(file, 0); !errors.Is(err, ErrLocked) {
		t.Errorf("locked twice: %v", err)
	}
	unlock()
	for range 2 {
		unlock, err := Lock(file, LockPatience)
		if err != nil {
			t.Fatal(err)
		}
		unlock()
	}
}
