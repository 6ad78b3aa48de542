package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The waiting between attempts.
const (
	maxAttempts   = 4
	firstWait     = 500 * time.Millisecond // doubled for each attempt, give or take a half
	longestWait   = 8 * time.Second
	maxRetryAfter = time.Minute // a server that asks for more is not waited for
)

// retryable reports whether a request that failed with err may succeed if
// repeated, and why in a few words. An answer that has had all of an attempt's time
// would not come sooner.
func retryable(err error) (why string, ok bool) {
	if late, ok := errors.AsType[timeoutError](err); ok {
		return "no answer came in time", !late.whole
	}
	if status, ok := errors.AsType[*statusError](err); ok {
		switch {
		case status.tooMany():
			return "too many requests", true
		case status.Code == http.StatusRequestTimeout, status.Code >= 500: // networks in front of registries have numbers of their own
			return "the server answers " + strconv.Itoa(status.Code), true
		}
		return "", false
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return "the host's name could not be looked up", name.IsTemporary && !name.IsNotFound && !isOff(err)
	}
	if isCut(err) {
		return "the connection was cut", true
	}
	return "", false
}

// isCut reports whether a connection ended before its answer did.
func isCut(err error) bool {
	for _, cut := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, net.ErrClosed} {
		if errors.Is(err, cut) {
			return true
		}
	}
	// net/http's own HTTP/2 has no error values for these.
	text := err.Error()
	return strings.Contains(text, "stream error: ") || strings.Contains(text, "server sent GOAWAY") ||
		strings.Contains(text, "server closed idle connection") || strings.Contains(text, "client connection lost")
}

// isOff reports whether this machine has no way to the network, or to the host.
func isOff(err error) bool {
	name, ok := errors.AsType[*net.DNSError](err) // which holds no cause
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || ok && strings.HasSuffix(name.Err, syscall.ENETUNREACH.Error())
}

// retryAfter reads Retry-After headers (RFC 9110, section 10.2.3): seconds, or a
// date. It returns the longest that is asked for; 0 if none can be read, or if
// all have passed.
func retryAfter(header http.Header, now time.Time) (longest time.Duration) {
	for _, value := range header.Values("Retry-After") {
		value = strings.TrimSpace(value)
		if at, err := http.ParseTime(value); err == nil {
			longest = max(longest, at.Sub(now))
			continue
		}
		whole, _, fraction := strings.Cut(value, ".")
		seconds, err := strconv.ParseUint(whole, 10, 31) // the largest of 31 bits if it is more
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			continue
		}
		if fraction {
			seconds++
		}
		longest = max(longest, time.Duration(seconds)*time.Second)
	}
	return longest
}

// inWords returns a duration for people: in whole seconds, rounded up, from two
// minutes on in hours and minutes, from two days on in days.
func inWords(d time.Duration) string {
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	seconds := int64(d / time.Second)
	if d%time.Second > 0 {
		seconds++
	}
	minutes := (seconds + minute - 1) / minute
	switch {
	case seconds < 2*minute:
		return fmt.Sprintf("%d s", seconds)
	case seconds > 365*day:
		return "more than a year"
	case seconds > 2*day:
		return fmt.Sprintf("%d days", (seconds+day-1)/day)
	case seconds < hour:
		return fmt.Sprintf("%d min", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	default:
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	}
}

// sleep waits in real time, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
