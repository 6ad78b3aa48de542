package registry

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
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
		switch status.Code {
		case http.StatusTooManyRequests:
			return "too many requests", true
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return "the server answers " + strconv.Itoa(status.Code), true
		}
		return "", false
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

// retryAfter reads a Retry-After header (RFC 9110, section 10.2.3): seconds, or
// a date; 0 if there is none that can be read, or if it has passed.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
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
