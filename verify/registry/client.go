package registry

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Defaults of [Options].
const (
	defaultPerHost = 8
	defaultTimeout = 60 * time.Second
	defaultStall   = 20 * time.Second
	defaultWhole   = 3 * time.Minute
)

// Options configure a [Client]. The zero value is usable.
type Options struct {
	// Transport carries the requests; nil means [NewTransport]. A cache and a
	// recording are transports too.
	Transport http.RoundTripper
	UserAgent string
	Now       func() time.Time // what Source.Time says; nil means time.Now
	PerHost   int              // requests at once to one host, 0 means defaultPerHost
	Timeout   time.Duration    // for one attempt and its whole answer, 0 means defaultTimeout
	Stall     time.Duration    // for the next bytes of an answer, 0 means defaultStall
	Whole     time.Duration    // for all attempts at a request and the waits between, 0 means defaultWhole
	Retries   int              // for one host in a whole run, 0 means DefaultRetries, negative none
	// Sleep waits between two attempts, until ctx ends; nil waits in real time.
	Sleep func(ctx context.Context, d time.Duration) error
	// Record is told every final answer unless it is nil. Its error is the
	// request's error: what cannot be recorded is not used.
	Record func(Exchange) error
}

// Exchange is a request and its final answer, after redirects and retries. It
// holds no credentials.
type Exchange struct {
	URL         *url.URL // as it was asked for
	Accept      string
	Status      int
	ContentType string
	Body        []byte // decoded; of an answer other than 200 the beginning
}

// Client fetches documents from registries within bounds. It may be used from
// several goroutines.
type Client struct {
	options Options
	http    *http.Client
	hosts   *hosts
}

// New returns a client.
func New(o Options) *Client {
	if o.Transport == nil {
		o.Transport = NewTransport(TransportOptions{})
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	o.PerHost = cmp.Or(o.PerHost, defaultPerHost)
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	o.Stall = cmp.Or(o.Stall, defaultStall)
	o.Whole = cmp.Or(o.Whole, defaultWhole)
	o.Retries = cmp.Or(o.Retries, DefaultRetries)
	return (&Client{options: o, hosts: &hosts{named: map[string]*host{}}}).Over(o.Transport)
}

// Over returns a client that sends its requests over another transport. The two
// share what bounds them: together they ask a host for no more than one may.
func (c *Client) Over(transport http.RoundTripper) *Client {
	return &Client{options: c.options, hosts: c.hosts, http: &http.Client{
		Transport: transport,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			return checkRedirect(via[len(via)-1].URL, req.URL, len(via))
		},
	}}
}

// Unrecorded returns the client without [Options.Record], for what is no evidence.
func (c *Client) Unrecorded() *Client {
	other := *c
	other.options.Record = nil
	return &other
}

// AskAgain forgets which hosts were given up, and gives each its retries back: as
// much is asked for once more, by a person or in time.
func (c *Client) AskAgain() { c.hosts.forgive() }

// AskAgainAt is AskAgain for the host of u.
func (c *Client) AskAgainAt(u *url.URL) { c.hosts.of(u, c.options).forgive() }

// Get fetches one document and returns it with its source. Only https is spoken,
// or plain http with this machine; redirects stay on the host. A request that may
// succeed if repeated (408, 420, 429, every 5xx, a connection that was cut, a name
// that could not be looked up for now) is repeated after a wait. An answer other
// than 200 is an error that has a [StatusCode] (errors.Is: [ErrNotFound] for 404
// and 410); a body over the limit wraps [untrusted.ErrTooLarge]; what cannot be JSON
// is an error, a [*WebPage] if it is HTML. No error holds credentials.
func (c *Client) Get(ctx context.Context, req Request) ([]byte, verify.Source, error) {
	if err := check(req); err != nil {
		return nil, verify.Source{}, fmt.Errorf("fetch the %s: %w", req.What, err)
	}
	shown := Redact(req.URL)
	body, fetched, err := c.get(ctx, req)
	if req.Fallback != "" && (refused(StatusCode(err)) || errors.Is(err, ErrOffline)) {
		req.Authorization, req.Fallback = req.Fallback, ""
		body, fetched, err = c.get(ctx, req)
	}
	if err != nil {
		return nil, verify.Source{}, fmt.Errorf("fetch the %s from %v: %w", req.What, shown, err)
	}
	return body, verify.Source{
		URL: shown, Time: fetched, SHA256: sha256.Sum256(body), Size: len(body), What: req.What,
	}, nil
}

// refused reports whether a server may answer like that for want of credentials.
func refused(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound
}

// get repeats a request as often as its errors, its time and its host's retries
// allow. It keeps its place at the host while it waits: a host that is
// overloaded is then asked less.
func (c *Client) get(ctx context.Context, req Request) ([]byte, time.Time, error) {
	at, release, err := c.acquire(ctx, req)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer release()
	whole, cancel := context.WithTimeout(ctx, c.options.Whole)
	defer cancel()
	seen, _ := at.state()
	late := 0
	intervals := backoff.ExponentialBackOff{InitialInterval: firstWait, MaxInterval: longestWait, Multiplier: 2, RandomizationFactor: 0.5}
	for tries := 1; ; tries++ {
		answer, fetched, err := c.attempt(whole, req, at)
		if errors.Is(err, errUnusable) {
			req.anew = true
			answer, fetched, err = c.attempt(whole, req, at)
		}
		if err == nil {
			at.answered()
			return answer, fetched, nil
		}
		if whole.Err() != nil && ctx.Err() == nil {
			err = timeoutError{"no complete answer within " + inWords(c.options.Whole) + " in all", true}
		}
		why, again := retryable(err)
		wait := intervals.NextBackOff()
		status, isStatus := errors.AsType[*statusError](err)
		if isStatus {
			wait, again = max(wait, status.RetryAfter), again && status.RetryAfter <= maxRetryAfter
		} else if isLate(err) {
			late++
		}
		pausing := isStatus && (status.tooMany() || status.RetryAfter > 0)
		if !again || tries == maxAttempts || late > 1 || whole.Err() != nil || at.givenUp() != nil || !at.spend() ||
			!c.wait(whole, req, at, wait, why, pausing) {
			err = inPlainWords(err, req.URL)
			if isStatus && status.busy() {
				at.miss(seen, err)
			}
			if _, gone := errors.AsType[goneError](err); tries > 1 && !gone {
				err = fmt.Errorf("%w (tried %d times)", err, tries)
			}
			return nil, time.Time{}, err
		}
	}
}

// wait waits before the next attempt. pausing: the host asked for fewer requests, and
// gets none meanwhile.
func (c *Client) wait(ctx context.Context, req Request, at *host, wait time.Duration, why string, pausing bool) bool {
	req.Progress.Tell("waiting " + inWords(wait) + ": " + why)
	if pausing {
		defer at.pause()()
	}
	return c.options.Sleep(ctx, wait) == nil
}

// attempt asks once. Its answer is as old as fetched says.
func (c *Client) attempt(ctx context.Context, req Request, at *host) (answer []byte, fetched time.Time, err error) {
	if turnOf(ctx) == nil {
		own, end := WithTurn(ctx)
		defer end()
		ctx = own
	}
	tooLong := timeoutError{"no complete answer within " + inWords(c.options.Timeout), true}
	limited, end := context.WithTimeoutCause(ctx, c.options.Timeout, tooLong)
	defer end()
	watched, stalled := context.WithCancelCause(limited)
	defer stalled(nil)
	req.anew = req.anew || ctx.Value(anewKey{}) != nil && c.options.Record == nil
	told := &exchange{immutable: req.Immutable, plain: req.Plain, anew: req.anew, host: at}
	hr, err := http.NewRequestWithContext(told.in(watched), http.MethodGet, "", nil)
	if err != nil {
		return nil, fetched, err
	}
	hr.URL = req.URL
	hr.Host = req.URL.Host
	hr.Header.Set("Accept", req.Accept)
	hr.Header.Set("User-Agent", c.options.UserAgent)
	if req.Authorization != "" {
		hr.Header.Set("Authorization", req.Authorization)
	}
	defer func() {
		if told.asked && ctx.Err() == nil {
			at.heard(told.seen, err, req.URL)
		}
	}()
	resp, err := c.http.Do(hr)
	if err == nil {
		defer resp.Body.Close()
		body := watch(watched, resp.Body, c.options.Stall, at, func() {
			stalled(timeoutError{text: "the answer stopped half-way: nothing came for " + inWords(c.options.Stall)})
		})
		defer body.stop()
		answer, err = c.read(resp, body, req, told)
	}
	if err == nil {
		switch fetched = told.fetched; {
		case fetched.IsZero():
			fetched = c.options.Now()
		case len(told.settled) > 0: // else it is of a recording, which has no other answer
			turnOf(ctx).kept.Store(true)
		}
		return answer, fetched, nil
	}
	if ctx.Err() == nil {
		if timeout := timedOut(watched, err); timeout != nil {
			return nil, fetched, timeout
		}
	}
	// A *url.Error says the address again, in its own spelling.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return nil, fetched, err
}

// read takes the body of an answer: its limit, its status and its kind.
func (c *Client) read(resp *http.Response, from *watched, req Request, told *exchange) ([]byte, error) {
	contentType := resp.Header.Get("Content-Type")
	if resp.StatusCode != http.StatusOK {
		// The text of an error is optional: a failure to read it is ignored.
		var body []byte
		if len(codings(resp.Header)) == 0 {
			body, _ = io.ReadAll(io.LimitReader(from, untrusted.MaxErrorBody))
		}
		failed := &statusError{
			Code: resp.StatusCode, Body: errorBody(body, contentType, req.Authorization),
			RetryAfter: retryAfter(resp.Header, c.options.Now()),
		}
		if _, again := retryable(failed); !again && (req.Fallback == "" || !refused(failed.Code)) {
			if err := c.recorded(req, resp.StatusCode, contentType, body); err != nil {
				return nil, err
			}
		}
		return nil, failed
	}
	if left := codings(resp.Header); len(left) > 0 {
		return nil, fmt.Errorf("expected a plain answer or gzip, found the content coding %q: it was not asked for",
			untrusted.Excerpt(strings.Join(left, ", ")))
	}
	if resp.ContentLength > req.Limit {
		return nil, fmt.Errorf("%w: %d bytes are announced, at most %d are read", untrusted.ErrTooLarge, resp.ContentLength, req.Limit)
	}
	if resp.ContentLength >= smallBody { // before room is made for it
		if err := from.take(); err != nil {
			return nil, err
		}
	}
	body, err := readBody(from, resp.ContentLength, req.Limit)
	if err != nil {
		return nil, err
	}
	wrong := req.wrongKind(body, resp)
	if !told.settle(wrong == nil && req.usable(body, len(told.settled) > 0)) && !told.fetched.IsZero() && !req.anew {
		return nil, errUnusable
	}
	if err := c.recorded(req, resp.StatusCode, contentType, body); err != nil {
		return nil, err
	}
	return body, wrong
}

// recorded tells Options.Record of an answer. An answer that gives back the
// credentials it was asked with is recorded without its text, or not at all.
func (c *Client) recorded(req Request, status int, contentType string, body []byte) error {
	if c.options.Record == nil {
		return nil
	}
	for _, secret := range secrets(req.Authorization) {
		if !bytes.Contains(body, []byte(secret)) {
			continue
		}
		if status == http.StatusOK {
			return errors.New("the answer holds the credentials that it was asked with: it is not recorded")
		}
		body = nil
	}
	return c.options.Record(Exchange{URL: req.URL, Accept: req.Accept, Status: status, ContentType: contentType, Body: body})
}

// acquire waits for a place among the requests to a host, and until it may be asked.
// It returns the host and the function that gives the place back.
func (c *Client) acquire(ctx context.Context, req Request) (_ *host, release func(), err error) {
	h := c.hosts.of(req.URL, c.options)
	release = func() {}
	select {
	case <-turnOf(ctx).at(h): // those in the places may wait for the end of this turn
	case h.places <- struct{}{}:
		release = func() { <-h.places }
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	if err := h.paused(ctx, req); err != nil {
		release()
		return nil, nil, err
	}
	return h, release, nil
}
