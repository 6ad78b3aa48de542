package untrusted

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A lock that comes too late is given back, to whoever waits.
func TestLock(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(name, LockPatience)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := Lock(name, 0); !errors.Is(err, ErrLocked) {
			t.Fatalf("expected %q, found %v", ErrLocked, err)
		}
	}
	unlock()
	if unlock, err = Lock(name, LockPatience); err != nil {
		t.Fatal(err)
	}
	unlock()
}

// Others see what one wrote who had the file locked; meanwhile they read and do not write.
func TestOpenLocked(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "file")
	for range 3 {
		file, closer, err := OpenLocked(name, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600, LockPatience)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString("x"); err != nil {
			t.Error(err)
		}
		if _, _, err := OpenLocked(name, os.O_RDWR, 0, 0); !errors.Is(err, ErrLocked) {
			t.Errorf("opened for writing beside a writer: %v", err)
		}
		if reading, closer, err := OpenLocked(name, os.O_RDONLY, 0, 0); err != nil {
			t.Error(err)
		} else if _, err := reading.Stat(); err != nil || closer() != nil {
			t.Errorf("not opened for reading: %v", err)
		}
		if err := closer(); err != nil {
			t.Error(err)
		}
	}
	if data, err := os.ReadFile(name); string(data) != "xxx" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if _, _, err := OpenLocked(filepath.Dir(name), os.O_RDWR, 0, LockPatience); err == nil {
		t.Error("a folder was opened")
	}
}
