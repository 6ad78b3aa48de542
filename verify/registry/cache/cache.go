package cache

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// DefaultLimit bounds the bytes of a cache.
const DefaultLimit = 512 << 20

// immutableTTL is for how long an immutable answer is used without asking: a
// bad answer of a broken server or proxy is then gone after a day.
const immutableTTL = 24 * time.Hour

// Options configure a [Transport].
type Options struct {
	Dir     string            // made if it is missing, readable for its owner only
	Next    http.RoundTripper // the network; not used if Offline
	Offline bool              // answer from the cache alone
	Limit   int64             // bytes, 0 means DefaultLimit; the oldest entries go first
	Now     func() time.Time  // nil means time.Now
}

// Transport is an http.RoundTripper that keeps answers. It may be used from
// several goroutines, and its folder by several programs.
type Transport struct {
	options Options
	*usage
}

// usage is how large the folder is.
type usage struct {
	mu    sync.Mutex
	size  int64
	known bool
}

// New returns a transport that keeps its answers in a folder, and removes what
// programs left in it that were killed. Offline it makes and removes nothing.
func New(o Options) (*Transport, error) {
	if o.Offline {
		o.Next = registry.Offline{}
	} else {
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("cache: %w", err)
		}
		untrusted.RemoveTemporary(o.Dir)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Limit = cmp.Or(o.Limit, DefaultLimit)
	return &Transport{options: o, usage: &usage{}}, nil
}

// Over returns a transport around another network that keeps its answers in the
// same folder, and within the same limit. Offline, next is not used.
func (t *Transport) Over(next http.RoundTripper) *Transport {
	over := *t
	if !t.options.Offline {
		over.options.Next = next
	}
	return &over
}

// RoundTrip answers a request from the cache, from the network, or from both.
// Offline, what is not in the cache is [registry.ErrOffline].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if !cacheable(req) {
		return t.options.Next.RoundTrip(req)
	}
	var kept *entry
	if !registry.Anew(req.Context()) {
		kept = t.open(req)
	}
	if kept == nil {
		resp, err := t.options.Next.RoundTrip(req)
		return t.keep(req, resp), err
	}
	age := t.options.Now().Sub(kept.meta.Fetched)
	if t.options.Offline || registry.Immutable(req.Context()) && 0 <= age && age < immutableTTL {
		return kept.response(req), nil
	}
	return t.revalidate(req, kept)
}

// revalidate asks the server whether what is kept still holds.
func (t *Transport) revalidate(req *http.Request, kept *entry) (*http.Response, error) {
	asked := req.Clone(req.Context())
	if kept.meta.ETag != "" {
		asked.Header.Set("If-None-Match", kept.meta.ETag)
	} else if kept.meta.LastModified != "" {
		asked.Header.Set("If-Modified-Since", kept.meta.LastModified)
	}
	resp, err := t.options.Next.RoundTrip(asked)
	if err != nil || resp.StatusCode != http.StatusNotModified {
		kept.Close()
		return t.keep(req, resp), err
	}
	resp.Body.Close()
	confirmed := kept.meta
	confirmed.Fetched = t.options.Now()
	answer := kept.response(req)
	registry.SetFetched(req.Context(), confirmed.Fetched)
	answer.Body = t.write(req, confirmed, answer.Body)
	return answer, nil
}

// keep returns an answer whose body is written to the cache while it is read, if
// it may be kept.
func (t *Transport) keep(req *http.Request, resp *http.Response) *http.Response {
	if resp == nil || !keepable(resp) || registry.Plain(req.Context()) && registry.IsWebPage(resp.Header.Get("Content-Type")) {
		return resp
	}
	resp.Body = t.write(req, meta{
		Schema: schema, URL: req.URL.String(), Accept: req.Header.Get("Accept"),
		ContentType: resp.Header.Get("Content-Type"), ETag: resp.Header.Get("ETag"),
		LastModified: resp.Header.Get("Last-Modified"), Fetched: t.options.Now(),
	}, resp.Body)
	return resp
}

// cacheable reports whether the answer to a request may be looked up. A query
// may hold a secret, and registries use none.
func cacheable(req *http.Request) bool {
	return req.Method == http.MethodGet && req.URL.RawQuery == "" && req.URL.User == nil &&
		req.Header.Get("Range") == "" && req.Header.Get("If-None-Match") == "" && req.Header.Get("If-Modified-Since") == ""
}

func keepable(resp *http.Response) bool {
	return resp.StatusCode == http.StatusOK && resp.Header.Get("Content-Encoding") == "" &&
		!strings.Contains(strings.ToLower(resp.Header.Get("Cache-Control")), "no-store")
}

// path returns the file of a request's entry.
func (t *Transport) path(req *http.Request) string {
	credentials := sha256.Sum256([]byte(req.Header.Get("Authorization")))
	key := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%x", schema, req.URL, req.Header.Get("Accept"), credentials)))
	return filepath.Join(t.options.Dir, key[:2], key)
}

// response is the kept answer. It is as old as the entry says, and is kept no longer if
// it is of no use.
func (e *entry) response(req *http.Request) *http.Response {
	registry.SetFetched(req.Context(), e.meta.Fetched)
	registry.Settle(req.Context(), func(usable bool) {
		if !usable {
			os.Remove(e.Name())
		}
	})
	return registry.Answer(req, http.StatusOK, e.meta.ContentType, e.size, e)
}

// open returns the entry for a request, verified, with its body still to be
// read; or nil if there is none. One that is broken is removed.
func (t *Transport) open(req *http.Request) *entry {
	path := t.path(req)
	e, err := openEntry(path)
	if err == nil && e.meta.URL == req.URL.String() && e.meta.Accept == req.Header.Get("Accept") {
		return e
	}
	if err == nil { // the entry of another request
		e.Close()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		os.Remove(path)
	}
	return nil
}
