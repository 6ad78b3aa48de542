//go:build unix

package ui

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

func newJobs() jobs {
	j := jobs{make(chan os.Signal, 1), make(chan os.Signal, 1)}
	j.listen()
	return j
}

func (j jobs) listen() {
	signal.Notify(j.stops, syscall.SIGTSTP)
	signal.Notify(j.wakes, syscall.SIGCONT)
}

// end gives the signals their usual meaning.
func (j jobs) end() {
	signal.Reset(syscall.SIGTSTP)
	signal.Stop(j.wakes)
}

// stopWithin is how long a stop may take to come about. The system drops it if no
// shell could wake the program again.
const stopWithin = 500 * time.Millisecond

// stop stops the program, or its whole group, and returns when it was woken.
func (j jobs) stop(group bool) error {
	woken := make(chan os.Signal, 1)
	signal.Notify(woken, syscall.SIGCONT)
	defer signal.Stop(woken)
	j.end()
	defer j.listen()
	if group {
		if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
			return err
		}
	}
	// Once asked for, SIGTSTP never stops a Go program again (signal.Reset leaves the
	// runtime's handler, which drops it). This one does the same by default.
	if err := syscall.Kill(os.Getpid(), syscall.SIGTTOU); err != nil {
		return err
	}
	select {
	case <-woken:
		return nil
	case <-time.After(stopWithin): // which is over as well when one that was stopped is woken
	}
	select {
	case <-woken:
		return nil
	case <-time.After(stopWithin / 10):
		return errNotStopped
	}
}
