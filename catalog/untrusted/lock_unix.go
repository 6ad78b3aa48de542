//go:build unix && !aix && !solaris

package untrusted

import (
	"os"
	"syscall"
)

// lock takes the lock of an open file, which ends when the file is closed or its
// process does: for a writer, after waiting for it, or for one who asks whether there
// is a writer, and gets an error if there is.
func lock(file *os.File, writer bool) error {
	how := syscall.LOCK_SH | syscall.LOCK_NB
	if writer {
		how = syscall.LOCK_EX
	}
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if err != syscall.EINTR {
			return err
		}
	}
}
