package many

import (
	"time"

	"golang.org/x/sys/unix"
)

// ProcessTime is the time that this process has spent on processors. Unlike
// the time on the wall it does not count what others on the machine take.
func ProcessTime() time.Duration { return clock(unix.CLOCK_PROCESS_CPUTIME_ID) }

// ThreadTime is the same of the thread of the caller, who must have locked it.
func ThreadTime() time.Duration { return clock(unix.CLOCK_THREAD_CPUTIME_ID) }

func clock(id int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		panic(err) // only for a clock that does not exist
	}
	return time.Duration(t.Nano())
}
