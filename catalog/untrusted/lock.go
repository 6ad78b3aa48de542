package untrusted

import (
	"errors"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// LockPatience is for how long [Lock] is to wait for other programs, which hold a lock
// for as long as they write a few files.
const LockPatience = 10 * time.Second

// ErrLocked is the error of [Lock] if another program, stopped while it wrote, keeps the
// lock.
var ErrLocked = errors.New("another program has locked it, and does not end")

// Lock keeps programs apart: it makes the file, if there is none, and waits up to
// patience until no other program holds its lock. The file stays.
func Lock(file string, patience time.Duration) (unlock func(), err error) {
	type answer struct {
		unlock func()
		err    error
	}
	locked := make(chan answer, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(file).Lock()
		locked <- answer{unlock, err}
	}()
	select {
	case a := <-locked:
		return a.unlock, a.err
	case <-time.After(patience):
		go func() {
			if a := <-locked; a.err == nil {
				a.unlock()
			}
		}()
		return nil, ErrLocked
	}
}
