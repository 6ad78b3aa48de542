package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// DefaultRetries is how many retries one host gets in a whole run. Every
// answer of the host gives one back, so that only a host which does not
// recover uses them up: its packages then fail at the first attempt.
const DefaultRetries = 32

// maxMissed is how many requests in a row a host may leave without an answer in time.
// Then it is given up: each further one would cost as much.
const maxMissed = 3

// goneFor is for how long a host that was given up is not asked: a screen that is open
// for weeks finds out by itself that it is back.
const goneFor = 5 * time.Minute

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
		h = &host{now: o.Now, places: make(chan struct{}, o.PerHost), large: make(chan struct{}, 1), retries: o.Retries, most: o.Retries}
		hs.named[name] = h
	}
	return h
}

// forgive begins a new run for all hosts.
func (hs *hosts) forgive() {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	for _, h := range hs.named {
		h.forgive()
	}
}

func (h *host) forgive() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.retries, h.missed, h.gone = h.most, 0, nil
}

// host is what a client knows of one host.
type host struct {
	now    func() time.Time
	places chan struct{} // one token a request that is under way
	large  chan struct{} // one token for the package whose turn at large answers it is

	mu      sync.Mutex
	retries int
	most    int
	missed  int           // requests in a row that got no answer in time, each begun after the one before had ended
	gone    error         // why the host was given up, or nil
	since   time.Time     // when it was
	pauses  int           // requests that wait because the host asked for fewer
	resumed chan struct{} // closed when none of them waits any more
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

// state returns why the host is not asked now, or nil if it is, and how many requests in a
// row got no answer: that is to be given to miss. After some time it is asked again, until
// one more request gets none.
func (h *host) state() (seen int, gone error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if age := h.now().Sub(h.since); h.gone != nil && (age < 0 || age >= goneFor) {
		h.missed, h.gone = maxMissed-1, nil
	}
	return h.missed, h.gone
}

func (h *host) givenUp() error {
	_, gone := h.state()
	return gone
}

// heard takes what an attempt at u ended with. Any answer shows that the host is there.
func (h *host) heard(seen int, err error, u *url.URL) {
	status, isStatus := errors.AsType[*statusError](err)
	switch {
	case isLate(err):
		h.miss(seen, inPlainWords(err, u))
	case err == nil, isStatus && status.proxy == "" && !status.busy():
		h.mu.Lock()
		h.missed, h.gone = 0, nil
		h.mu.Unlock()
	}
}

// miss counts a request that got no answer, unless others that were under way at the
// same time were counted: together they say no more than one does.
func (h *host) miss(seen int, why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone != nil || h.missed != seen {
		return
	}
	if h.missed++; h.missed == maxMissed {
		h.since = h.now()
		h.gone = goneError(fmt.Sprintf(
			"the host was given up after %d failed requests in a row (%v); checking again asks it again", maxMissed, why))
	}
}

// goneError says why a host is not asked any more.
type goneError string

func (e goneError) Error() string { return string(e) }

// isLate reports whether err cost the time that an answer may take.
func isLate(err error) bool {
	_, late := errors.AsType[timeoutError](err)
	return late || isTimeout(err) || errors.Is(err, syscall.EHOSTUNREACH)
}

// busy reports whether the server, or what stands in front of it, has no time for an
// answer, and would not have for others.
func (e *statusError) busy() bool {
	switch e.Code {
	case http.StatusRequestTimeout, http.StatusGatewayTimeout, 522, 524: // the last two of networks in front of servers
		return true
	}
	return e.tooMany()
}

// pause keeps other requests from a host that asked for fewer, until resume is called.
func (h *host) pause() (resume func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pauses++; h.pauses == 1 {
		h.resumed = make(chan struct{})
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.pauses--; h.pauses == 0 {
			close(h.resumed)
		}
	}
}

// paused waits while the host is paused.
func (h *host) paused(ctx context.Context, req Request) error {
	for {
		h.mu.Lock()
		resumed := h.resumed
		if h.pauses == 0 {
			resumed = nil
		}
		h.mu.Unlock()
		if resumed == nil {
			return nil
		}
		req.Progress.Tell("waiting, since " + req.URL.Host + " asked for fewer requests")
		select {
		case <-resumed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
