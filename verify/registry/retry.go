package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
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

// DefaultRetries is how many retries one host gets in a whole run. Every
// answer of the host gives one back, so that only a host which does not
// recover uses them up: its packages then fail at the first attempt.
const DefaultRetries = 32

// hosts are those that clients have asked, by scheme, name and port.
type hosts struct {
	mu    sync.Mutex
	named map[string]*host
}

func (hs *hosts) of(u *url.URL, o Options) *host {
	name := u.Scheme + "://" + hostPort(u)
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h, ok := hs.named[name]
	if !ok {
		h = &host{places: make(chan struct{}, o.PerHost), large: make(chan struct{}, 1), retries: o.Retries, most: o.Retries}
		hs.named[name] = h
	}
	return h
}

// host is what a client knows of one host.
type host struct {
	places chan struct{} // one token a request that is under way
	large  chan struct{} // one token for the package whose turn at large answers it is

	mu      sync.Mutex
	retries int
	most    int
}

// spend takes one retry, if there is one.
func (h *host) spend() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.retries <= 0 {
		return false
	}
	h.retries--
	return true
}

func (h *host) answered() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.retries = min(h.retries+1, h.most)
}

// retryable reports whether a request that failed with err may succeed if
// repeated, and why in a few words. Time that has run out is no such error: the
// attempt has cost enough.
func retryable(err error) (why string, ok bool) {
	if status, ok := errors.AsType[*statusError](err); ok {
		switch {
		case status.Code == http.StatusTooManyRequests, status.Code == 420: // some servers' own number for it
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
		strings.Contains(text, "server closed idle connection")
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
