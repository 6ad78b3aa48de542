package registry

import (
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"plimsoll/verify/untrusted"
)

// NewTransport returns the transport that a client uses where none is given:
// bounded in time at every step, HTTP/2, connections kept alive, the proxy
// from the environment. It asks for gzip and undoes it, with a bound on the
// bytes that come over the wire: net/http has none, and an endless stream of
// empty compressed blocks decodes to nothing.
//
// Wrappers that retry, cache or record go around it.
func NewTransport() http.RoundTripper {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &gunzip{base: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  20 * time.Second,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    2 * DefaultPerHost,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // gunzip does it
	}}
}

type gunzip struct{ base http.RoundTripper }

func (g *gunzip) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Accept-Encoding") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("Accept-Encoding", "gzip")
	}
	resp, err := g.base.RoundTrip(req)
	if err != nil || resp.Header.Get("Content-Encoding") != "gzip" {
		return resp, err
	}
	resp.Body = &gzipBody{wire: resp.Body, limit: untrusted.MaxPackument}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength = -1
	resp.Uncompressed = true
	return resp, nil
}

// gzipBody decompresses at most limit bytes of the wire.
type gzipBody struct {
	wire  io.ReadCloser
	limit int64
	zip   *gzip.Reader
}

func (b *gzipBody) Read(p []byte) (int, error) {
	if b.zip == nil {
		zip, err := gzip.NewReader(&boundedReader{r: b.wire, left: b.limit})
		if err != nil {
			return 0, err
		}
		b.zip = zip
	}
	return b.zip.Read(p)
}

func (b *gzipBody) Close() error { return b.wire.Close() }

// boundedReader fails, where io.LimitReader would end: a cut stream must not
// look like a whole one.
type boundedReader struct {
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: more compressed bytes than are read", untrusted.ErrTooLarge)
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	return n, err
}
