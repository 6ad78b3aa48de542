package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"plimsoll/verify"
	"plimsoll/verify/untrusted"
)

// Defaults of [Options].
const (
	DefaultPerHost = 8
	DefaultTimeout = 60 * time.Second
)

// Options configure a [Client]. The zero value is usable.
type Options struct {
	// Transport carries the requests; nil means [NewTransport]. Retries, a
	// cache, a recorder or a recording are transports too.
	Transport http.RoundTripper
	UserAgent string
	Now       func() time.Time // what Source.Time says; nil means time.Now
	PerHost   int              // requests at once to one host, 0 means DefaultPerHost
	Timeout   time.Duration    // for one request and its whole answer, 0 means DefaultTimeout
}

// Client fetches documents from registries within bounds. It may be used from
// several goroutines.
type Client struct {
	http      *http.Client
	userAgent string
	now       func() time.Time
	perHost   int
	timeout   time.Duration

	mu    sync.Mutex
	hosts map[string]chan struct{}
}

// New returns a client.
func New(o Options) *Client {
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PerHost <= 0 {
		o.PerHost = DefaultPerHost
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	return &Client{
		http: &http.Client{
			Transport: o.Transport,
			CheckRedirect: func(req *http.Request, via []*http.Request) error {
				return checkRedirect(via[len(via)-1].URL, req.URL, len(via))
			},
		},
		userAgent: o.UserAgent, now: o.Now, perHost: o.PerHost, timeout: o.Timeout,
		hosts: map[string]chan struct{}{},
	}
}

// Request is one document to get.
type Request struct {
	URL    *url.URL
	Accept string
	Limit  int64  // bytes of the decoded body, more is an error; one of untrusted's
	What   string // our name for it, for people: "manifest", "simple index"
	// Base, where it is set, is the registry that the document must come from:
	// a URL with another scheme or host is refused before it is asked.
	Base *url.URL
	// Authorization is the header's value, "" for none. It is sent to URL's
	// host only, and shown nowhere.
	Authorization string
}

// Get fetches one document and says where it came from. Only https is spoken,
// or plain http with this machine; redirects stay on the host. An answer other
// than 200 is a [*StatusError] (errors.Is: [ErrNotFound] for 404 and 410); a
// body over the limit wraps [untrusted.ErrTooLarge]; a web page in place of a
// document is an error that says so. No error holds credentials.
func (c *Client) Get(ctx context.Context, req Request) ([]byte, verify.Source, error) {
	if err := check(req); err != nil {
		return nil, verify.Source{}, fmt.Errorf("fetch the %s: %w", req.What, err)
	}
	shown := Redact(req.URL)
	body, err := c.get(ctx, req)
	if err != nil {
		return nil, verify.Source{}, fmt.Errorf("fetch the %s from %v: %w", req.What, shown, err)
	}
	return body, verify.Source{
		URL: shown, Time: c.now(), SHA256: sha256.Sum256(body), Size: len(body), What: req.What,
	}, nil
}

func check(req Request) error {
	if req.URL == nil || req.URL.Host == "" {
		return errors.New("expected an absolute address, found none")
	}
	if req.Limit <= 0 {
		return errors.New("no limit on the size was given")
	}
	if req.URL.User != nil {
		return errors.New("an address with credentials is refused")
	}
	if req.Base != nil && !SameHost(req.Base, req.URL) {
		return fmt.Errorf("expected an address on %q, found %q", req.Base.Scheme+"://"+req.Base.Host, req.URL.Scheme+"://"+req.URL.Host)
	}
	return checkScheme(req.URL)
}

func (c *Client) get(ctx context.Context, req Request) ([]byte, error) {
	release, err := c.acquire(ctx, req.URL)
	if err != nil {
		return nil, err
	}
	defer release()
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	hr, err := http.NewRequestWithContext(limited, http.MethodGet, "", nil)
	if err != nil {
		return nil, err
	}
	hr.URL = req.URL
	hr.Host = req.URL.Host
	hr.Header.Set("Accept", req.Accept)
	hr.Header.Set("User-Agent", c.userAgent)
	if req.Authorization != "" {
		hr.Header.Set("Authorization", req.Authorization)
	}
	resp, err := c.http.Do(hr)
	if err == nil {
		defer resp.Body.Close()
		var body []byte
		if body, err = read(resp, req); err == nil {
			return body, nil
		}
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, fmt.Errorf("no complete answer within %v: %w", c.timeout, context.DeadlineExceeded)
	}
	// A *url.Error says the address again, in its own spelling.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return nil, err
}

// read takes the body of an answer: its limit, its status and its kind.
func read(resp *http.Response, req Request) ([]byte, error) {
	contentType := resp.Header.Get("Content-Type")
	if resp.StatusCode != http.StatusOK {
		// An error's text is a courtesy: what cannot be read of it is left out.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, untrusted.MaxErrorBody))
		return nil, &StatusError{
			Code: resp.StatusCode, URL: Redact(req.URL), Body: errorBody(body, contentType, req.Authorization),
		}
	}
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, fmt.Errorf("expected a plain or gzip answer, found the content encoding %q", encoding)
	}
	if resp.ContentLength > req.Limit {
		return nil, fmt.Errorf("%w: %d bytes are announced, at most %d are read", untrusted.ErrTooLarge, resp.ContentLength, req.Limit)
	}
	body, err := untrusted.ReadAll(resp.Body, req.Limit, "the answer")
	if err != nil {
		return nil, err
	}
	if isMarkup(body, contentType) {
		return nil, errors.New("expected JSON, found a web page: the address may not be a registry's, or a proxy or a login page stands before it")
	}
	return body, nil
}

// isMarkup reports whether an answer is HTML or XML: by its first byte, which
// no JSON begins with, or by its label where the body is no JSON either.
func isMarkup(body []byte, contentType string) bool {
	body = bytes.TrimLeft(body, "\ufeff \t\r\n")
	if bytes.HasPrefix(body, []byte("{")) || bytes.HasPrefix(body, []byte("[")) {
		return false
	}
	return bytes.HasPrefix(body, []byte("<")) ||
		strings.HasPrefix(strings.ToLower(strings.TrimSpace(contentType)), "text/html")
}

// acquire waits for a place among the requests to a host and returns the
// function that gives it back.
func (c *Client) acquire(ctx context.Context, u *url.URL) (release func(), err error) {
	host := u.Scheme + "://" + hostPort(u)
	c.mu.Lock()
	places, ok := c.hosts[host]
	if !ok {
		places = make(chan struct{}, c.perHost)
		c.hosts[host] = places
	}
	c.mu.Unlock()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
