package trust

import (
	"bytes"
	"context"
	"errors"
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
