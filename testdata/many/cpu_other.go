//go:build !linux

package many

import "time"

var began = time.Now()

// ProcessTime is the time on the wall: only on Linux is that of the processor
// measured.
func ProcessTime() time.Duration { return time.Since(began) }

// ThreadTime is the time on the wall.
func ThreadTime() time.Duration { return time.Since(began) }
