package untrusted

import (
	"os"

	"golang.org/x/sys/windows"
)

// lock takes the lock of an open file, which ends when the file is closed or its
// process does: for a writer, after waiting for it, or for one who asks whether there
// is a writer, and gets an error if there is. The byte that is locked lies behind
// every file's end, since others cannot read or write it.
func lock(file *os.File, writer bool) error {
	how := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if writer {
		how = windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	return windows.LockFileEx(windows.Handle(file.Fd()), how, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
}
