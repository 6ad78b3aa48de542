package trust

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata/config"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// A file as large as it may be is read, and not a byte more.
func TestTimestampOfTheLargestSize(t *testing.T) {
	t.Parallel()
	settings, err := config.New("https://tuf.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	limit := int(settings.TimestampMaxLength)
	for size, want := range map[int]error{limit: nil, limit + 1: untrusted.ErrTooLarge} {
		r := newTUFRepository(t, withKeys(t))
		timestamp := r.File("timestamp.json")
		r.Publish("timestamp.json", append(timestamp, bytes.Repeat([]byte(" "), size-len(timestamp))...))
		p := providerOf(r, "", false, &testClock{noon})
		if _, err := p.options.TUF.open(p.options.Now, nil); !errors.Is(err, want) {
			t.Errorf("%d bytes: got %v, want %v", size, err, want)
		}
	}
}

// newerRoot answers every question for a newer root with a status.
type newerRoot int

func (n newerRoot) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && strings.HasSuffix(req.URL.Path, "."+rootFile) {
		resp.StatusCode = int(n)
	}
	return resp, err
}

// Only a root that is not there ends the chain of roots: one that is kept back
// may have revoked the keys of those before.
func TestOnlyAMissingRootIsTheLast(t *testing.T) {
	t.Parallel()
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	for _, status := range []newerRoot{http.StatusNotFound, http.StatusForbidden, http.StatusInternalServerError} {
		for _, folder := range []string{"", cache} {
			p := providerOf(r, folder, false, &testClock{noon})
			p.options.TUF.Client = registry.New(registry.Options{Transport: status, Retries: -1})
			if _, err := p.options.TUF.open(p.options.Now, nil); (err == nil) != (status == http.StatusNotFound) {
				t.Errorf("it answers %d: %v", status, err)
			}
		}
	}
}

// busyOnce answers the first request for each address with 503.
type busyOnce map[string]bool

func (b busyOnce) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if name := req.URL.String(); err == nil && !b[name] {
		b[name], resp.StatusCode = true, http.StatusServiceUnavailable
	}
	return resp, err
}

// One answer of a server that is busy fails no trust root, and with it every
// package.
func TestBusyRepositoryIsAskedAgain(t *testing.T) {
	t.Parallel()
	p, busy, waits := providerOf(newTUFRepository(t, withKeys(t)), "", false, &testClock{noon}), busyOnce{}, 0
	p.options.TUF.Client = registry.New(registry.Options{Transport: busy, Sleep: func(context.Context, time.Duration) error {
		waits++
		return nil
	}})
	if err := ask(t, p); err != nil || len(busy) < 5 || waits != len(busy) {
		t.Errorf("%d addresses, %d waits: %v", len(busy), waits, err)
	}
}

// tornOnce answers the first request for each address with a part, or with a web page.
type tornOnce struct {
	seen map[string]bool
	page bool
}

func (o tornOnce) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK || o.seen[req.URL.Path] || strings.HasPrefix(req.URL.Path, "/targets/") {
		return resp, err
	}
	o.seen[req.URL.Path] = true
	body, err := io.ReadAll(resp.Body)
	if body = body[:len(body)/2]; o.page {
		resp.Header.Set("Content-Type", "text/html")
		body = []byte("<html>log in</html>")
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, err
}

// An answer that is none, once, fails no trust root either.
func TestTornAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for _, page := range []bool{false, true} {
		p, torn := providerOf(newTUFRepository(t, withKeys(t)), "", false, &testClock{noon}), tornOnce{map[string]bool{}, page}
		p.options.TUF.Client = registry.New(registry.Options{Transport: torn})
		if err := ask(t, p); err != nil || len(torn.seen) != 3 {
			t.Errorf("page %v: %d addresses: %v", page, len(torn.seen), err)
		}
	}
}

// A repository that was given up is asked again by whoever has everything loaded at
// once, and otherwise after a time.
func TestRefreshAsksARepositoryThatWasGivenUp(t *testing.T) {
	t.Parallel()
	r, clock, asked, away := newTUFRepository(t, withKeys(t)), &testClock{noon}, 0, false
	p := providerOf(r, "", false, clock)
	p.options.TUF.Client = registry.New(registry.Options{Now: clock.now, Sleep: func(context.Context, time.Duration) error { return nil },
		Transport: registry.Network(roundTrip(func(req *http.Request) (*http.Response, error) {
			if asked++; away {
				return nil, context.DeadlineExceeded
			}
			return http.DefaultTransport.RoundTrip(req)
		}))})
	if err := ask(t, p); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		away    bool
		after   time.Duration
		age     time.Duration
		asked   bool
		refresh bool
	}{
		{true, time.Hour, time.Hour, true, false},
		{true, staleKept, time.Hour, true, false}, // and then it is given up
		{false, time.Second, time.Second, false, false},
		{false, time.Second, 0, true, true},
		{true, time.Hour, time.Hour, true, false},
		{true, staleKept, time.Hour, true, false},
		{false, 2 * staleKept, time.Hour, true, true},
	} {
		before := asked
		away, clock.at = step.away, clock.at.Add(step.after)
		if info := p.Refresh(t.Context(), step.age); (asked > before) != step.asked || (info.Stale == "") != step.refresh || ask(t, p) != nil {
			t.Errorf("%+v: %d requests; stale: %s", step, asked-before, info.Stale)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
