package untrusted

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// LockPatience is for how long another program's lock is waited for. One that was
// stopped while it had it gives it back when somebody wakes it, or never.
const LockPatience = 10 * time.Second

// ErrLocked is the error of a lock that another program does not give back.
var ErrLocked = errors.New("another program has locked it, and does not end")

// Lock keeps programs apart that write the same: it waits until no other has the lock
// of a file, which is made if it is missing, or returns [ErrLocked]. A file system
// without locks keeps nobody apart, which is no error.
func Lock(name string, patience time.Duration) (unlock func(), err error) {
	unlock, err = within(patience, lockedfile.MutexAt(name).Lock, func(unlock func()) { unlock() })
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK) {
		return func() {}, nil
	}
	return unlock, err
}

// OpenLocked is [os.OpenFile] of a file that several programs write: it is locked until
// closer is called, for whoever reads beside others that do, else alone. If another
// program does not give it back within patience, who writes gets [ErrLocked], and who
// reads has it without a lock, as on a file system without locks.
func OpenLocked(name string, flag int, mode os.FileMode, patience time.Duration) (file *os.File, closer func() error, err error) {
	locked, err := within(patience, func() (*lockedfile.File, error) { return lockedfile.OpenFile(name, flag, mode) },
		func(f *lockedfile.File) { f.Close() })
	switch {
	case err == nil:
		return locked.File, locked.Close, nil
	case errors.Is(err, ErrLocked) && flag&(os.O_WRONLY|os.O_RDWR) != 0:
		return nil, nil, fmt.Errorf("%q: %w", Text(name), err)
	}
	if file, err = os.OpenFile(name, flag, mode); err != nil {
		return nil, nil, err
	}
	return file, file.Close, nil
}

// within takes a lock, or gives it back as soon as it comes if that is too late.
func within[L any](patience time.Duration, take func() (L, error), giveBack func(L)) (L, error) {
	type answer struct {
		lock L
		err  error
	}
	taken := make(chan answer, 1)
	go func() {
		lock, err := take()
		taken <- answer{lock, err}
	}()
	select {
	case a := <-taken:
		return a.lock, a.err
	case <-time.After(patience):
		go func() {
			if a := <-taken; a.err == nil {
				giveBack(a.lock)
			}
		}()
		var none L
		return none, ErrLocked
	}
}
