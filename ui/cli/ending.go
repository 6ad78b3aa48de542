package cli

import (
	"runtime"
	"sync"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/report"
)

// ending is what becomes known during a run of how it will end. It is shared with
// what is left behind.
type ending struct {
	mu      sync.Mutex
	log     string // the name of the log file, "" for none
	decided bool   // everything is checked, and only the result is to be written
	code    int    // the exit code if it is
	screen  bool   // the screen has the terminal
	late    []error
	failed  bool // something beside the result could not be written, or not said
}

func (e *ending) logTo(name string) { e.set(func() { e.log = name }) }

// decide takes the exit code of a run in which everything is checked.
func (e *ending) decide(code int) { e.set(func() { e.decided, e.code = true, code }) }

// verdict returns what decide took.
func (e *ending) verdict() (code int, decided bool) {
	e.set(func() { code, decided = e.code, e.decided })
	return code, decided
}

// show takes note of whether the screen has the terminal.
func (e *ending) show(screen bool) { e.set(func() { e.screen = screen }) }

func (e *ending) onScreen() (screen bool) {
	e.set(func() { screen = e.screen })
	return screen
}

// fail takes what went wrong beside the result: it is said at the end, and keeps
// the run from ending with success.
func (e *ending) fail(err error) { e.set(func() { e.late, e.failed = append(e.late, err), true }) }

// mute takes note that stderr cannot be written.
func (e *ending) mute() { e.set(func() { e.failed = true }) }

// told says what is left to be said, and returns the exit code of what failed
// beside the result.
func (e *ending) told(env Env) (code int) {
	var late []error
	e.set(func() { late, e.late = e.late, nil })
	for _, err := range late {
		env.say("%s", untrusted.Message(err))
	}
	e.set(func() {
		if e.failed {
			code = report.ExitUnchecked
		}
	})
	return code
}

// logStacks writes to the log what every goroutine does: the runtime would do so
// on SIGQUIT, to stderr, and leave the terminal as the screen has it.
func (e *ending) logStacks() {
	var name string
	e.set(func() { name = e.log })
	log, err := openLog(name)
	if err != nil {
		return
	}
	stacks := make([]byte, 1<<20)
	log.Warn("quit", "stacks", string(stacks[:runtime.Stack(stacks, true)]))
	_ = log.close()
}

func (e *ending) set(do func()) {
	if e == nil { // of a part of the program that is tested alone
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	do()
}
