package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"plimsoll/verify/registry"
)

// DefaultLimit bounds the bytes of a cache.
const DefaultLimit = 512 << 20

// unasked is for how long an immutable answer is used without asking: a bad
// answer of a broken server or proxy is then gone after a day.
const unasked = 24 * time.Hour

// Options configure a [Transport].
type Options struct {
	Dir     string            // made where it is missing, readable for its owner only
	Next    http.RoundTripper // the network; not used when Offline
	Offline bool              // answer from the cache alone
	Limit   int64             // bytes, 0 means DefaultLimit; the oldest entries go first
	Now     func() time.Time  // nil means time.Now
}

// Transport is an http.RoundTripper that keeps answers. It may be used from
// several goroutines, and its folder by several programs.
type Transport struct {
	dir     string
	next    http.RoundTripper
	offline bool
	limit   int64
	now     func() time.Time

	mu    sync.Mutex // held while the folder's size is counted
	size  int64
	known bool
}

// New returns a transport that keeps its answers in a folder.
func New(o Options) (*Transport, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Transport{dir: o.Dir, next: o.Next, offline: o.Offline, limit: o.Limit, now: o.Now}, nil
}

// RoundTrip answers a request from the cache, from the network, or from both.
// Offline, what is not in the cache is [registry.ErrOffline].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if !cacheable(req) {
		return t.ask(req)
	}
	kept := t.open(req)
	if kept == nil {
		resp, err := t.ask(req)
		return t.keep(req, resp), err
	}
	age := t.now().Sub(kept.meta.Fetched)
	if t.offline || registry.Immutable(req.Context()) && 0 <= age && age < unasked {
		return kept.response(req), nil
	}
	return t.revalidate(req, kept)
}

func (t *Transport) ask(req *http.Request) (*http.Response, error) {
	if t.offline {
		return registry.Offline{}.RoundTrip(req)
	}
	return t.next.RoundTrip(req)
}

// revalidate asks the server whether what is kept still holds.
func (t *Transport) revalidate(req *http.Request, kept *entry) (*http.Response, error) {
	asked := req.Clone(req.Context())
	if kept.meta.ETag != "" {
		asked.Header.Set("If-None-Match", kept.meta.ETag)
	} else if kept.meta.LastModified != "" {
		asked.Header.Set("If-Modified-Since", kept.meta.LastModified)
	}
	resp, err := t.ask(asked)
	if err != nil || resp.StatusCode != http.StatusNotModified {
		kept.Close()
		return t.keep(req, resp), err
	}
	resp.Body.Close()
	confirmed := kept.meta
	confirmed.Fetched = t.now()
	answer := kept.response(req)
	registry.SetFetched(req.Context(), confirmed.Fetched)
	answer.Body = t.write(req, confirmed, answer.Body)
	return answer, nil
}

// keep makes an answer one whose body is written to the cache while it is
// read, where it may be kept.
func (t *Transport) keep(req *http.Request, resp *http.Response) *http.Response {
	if resp == nil || !keepable(resp) {
		return resp
	}
	resp.Body = t.write(req, meta{
		Schema: schema, URL: req.URL.String(), Accept: req.Header.Get("Accept"),
		ContentType: resp.Header.Get("Content-Type"), ETag: resp.Header.Get("ETag"),
		LastModified: resp.Header.Get("Last-Modified"), Fetched: t.now(),
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

// name is the path of a request's entry below the folder.
func name(req *http.Request) (folder, file string) {
	credentials := sha256.Sum256([]byte(req.Header.Get("Authorization")))
	sum := sha256.Sum256([]byte(schema + "\n" + req.URL.String() + "\n" + req.Header.Get("Accept") + "\n" + hex.EncodeToString(credentials[:])))
	key := hex.EncodeToString(sum[:])
	return key[:2], key
}

// response is the kept answer. It is as old as the entry says.
func (e *entry) response(req *http.Request) *http.Response {
	registry.SetFetched(req.Context(), e.meta.Fetched)
	header := http.Header{}
	if e.meta.ContentType != "" {
		header.Set("Content-Type", e.meta.ContentType)
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: e.size, Body: e, Request: req,
	}
}

// open returns the entry for a request, verified, with its body still to be
// read; nil where there is none. One that is broken is removed.
func (t *Transport) open(req *http.Request) *entry {
	folder, file := name(req)
	path := t.path(folder, file)
	e, err := openEntry(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && (e.meta.URL != req.URL.String() || e.meta.Accept != req.Header.Get("Accept")):
		e.Close()
		fallthrough
	case err != nil:
		os.Remove(path)
		return nil
	}
	return e
}

var _ io.ReadCloser = (*entry)(nil)
