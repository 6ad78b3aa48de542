package registry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// ErrOffline is the error of a request for what is not in the cache, if the network
// may not be used.
var ErrOffline = errors.New("not in the cache, and the network is not used (--offline)")

// Offline is the transport that opens no connection: every request is
// [ErrOffline].
type Offline struct{}

// RoundTrip implements http.RoundTripper.
func (Offline) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	return nil, ErrOffline
}

// exchange is what the client and the transports around the network tell each
// other about one request. It travels in the context: a header could be written by
// the server.
type exchange struct {
	immutable bool
	plain     bool
	anew      bool // no cache is asked
	fetched   time.Time
	settled   []func(usable bool)
	host      *host // that the client asks, or nil
	asked     bool  // the host was asked: no cache answered
	seen      int   // of [host.state] before that
}

type exchangeKey struct{}

// WithExchange returns a context for one request. immutable: the answer never
// changes once it is there. plain: it need not be JSON. fetched returns when a cache
// fetched the answer, or the zero time if no cache gave it.
func WithExchange(ctx context.Context, immutable, plain bool) (_ context.Context, fetched func() time.Time) {
	e := &exchange{immutable: immutable, plain: plain}
	return e.in(ctx), func() time.Time { return e.fetched }
}

func (e *exchange) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}

// Immutable reports whether the answer to the request with this context never
// changes once it is there.
func Immutable(ctx context.Context) bool {
	e, ok := ctx.Value(exchangeKey{}).(*exchange)
	return ok && e.immutable
}

// Plain reports whether the answer to the request with this context need not be JSON.
func Plain(ctx context.Context) bool {
	e, ok := ctx.Value(exchangeKey{}).(*exchange)
	return ok && e.plain
}

// SetFetched is called by a cache: the answer to the request with this context
// was fetched, or confirmed by its server, at that time.
func SetFetched(ctx context.Context, at time.Time) {
	if e, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		e.fetched = at
	}
}

// errUnusable is the error of an answer of a cache that is not what was asked for.
var errUnusable = errors.New("what was kept is not usable")

// Anew reports whether the answer to the request with this context must be the server's
// own: what a cache had was not usable.
func Anew(ctx context.Context) bool {
	e, ok := ctx.Value(exchangeKey{}).(*exchange)
	return ok && e.anew
}

// Settle is called by a cache that holds the answer to the request with this context, or
// is about to. settled is called before the body is closed, once it is known whether the
// answer is usable. Settle returns false, and does nothing, if nobody will say so.
func Settle(ctx context.Context, settled func(usable bool)) bool {
	e, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok || e.host == nil {
		return false
	}
	e.settled = append(e.settled, settled)
	return true
}

func (e *exchange) settle(usable bool) bool {
	for _, settled := range e.settled {
		settled(usable)
	}
	return usable
}

// Network returns a transport whose requests leave this machine through next. Caches
// and logs go around it: what they answer needs no host. A host that the client has
// given up is not asked.
func Network(next http.RoundTripper) http.RoundTripper { return network{next} }

type network struct{ next http.RoundTripper }

func (n network) RoundTrip(req *http.Request) (*http.Response, error) {
	if e, ok := req.Context().Value(exchangeKey{}).(*exchange); ok && e.host != nil {
		seen, err := e.host.state()
		if err != nil {
			if req.Body != nil {
				req.Body.Close()
			}
			return nil, err
		}
		e.asked, e.seen = true, seen
	}
	resp, err := n.next.RoundTrip(req)
	if idle, ok := n.next.(interface{ CloseIdleConnections() }); ok && err != nil && isLate(err) {
		idle.CloseIdleConnections() // they may be as dead as the one that was used
	}
	return resp, err
}

// Answer returns an answer that was kept, by a cache or a recording.
func Answer(req *http.Request, status int, contentType string, size int64, body io.ReadCloser) *http.Response {
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: size, Body: body, Request: req,
	}
}
