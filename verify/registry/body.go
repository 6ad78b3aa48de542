package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"plimsoll/catalog/untrusted"
)

// readBody reads an answer of at most limit bytes. announced is the length
// that the server promises, -1 for none; then the buffer grows fourfold, and to
// no more than the limit, so that growing never holds as much again.
func readBody(r io.Reader, announced, limit int64) ([]byte, error) {
	size := int64(64 << 10)
	if announced >= 0 {
		size = announced + 1 // the byte more finds the end
	}
	body := make([]byte, 0, min(size, limit+1))
	for {
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, fmt.Errorf("read the answer: %w: more than %d bytes", untrusted.ErrTooLarge, limit)
		case err == io.EOF: // the end itself; one that is wrapped is none
			if len(body) < cap(body)/2 {
				return bytes.Clone(body), nil
			}
			return body, nil
		case err != nil:
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		if len(body) == cap(body) {
			next := 4 * int64(cap(body))
			if next > limit/2 {
				next = limit + 1
			}
			body = append(make([]byte, 0, next), body...)
		}
	}
}

// smallBody is the size up to which answers of a host are read concurrently.
// Larger ones take turns: eight at once of the largest size that is taken would
// be hundreds of megabytes.
const smallBody = 1 << 20

// watched is a body that ends its request if no bytes come for too long, and that
// waits for its package's turn if it is large.
type watched struct {
	r      io.Reader
	ctx    context.Context // of the attempt
	timer  *time.Timer
	within time.Duration
	host   *host
	total  int64
}

func watch(ctx context.Context, r io.Reader, within time.Duration, from *host, end func()) *watched {
	return &watched{r: r, ctx: ctx, within: within, host: from, timer: time.AfterFunc(within, end)}
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.timer.Reset(w.within)
	}
	if w.total += int64(n); w.total >= smallBody && err == nil {
		err = w.take()
	}
	return n, err
}

// take waits for the package's turn; meanwhile the server is not timed.
func (w *watched) take() error {
	turn := turnOf(w.ctx)
	if turn.has(w.host) {
		return nil
	}
	w.timer.Stop()
	if err := turn.take(w.ctx, w.host); err != nil {
		return err
	}
	w.timer.Reset(w.within)
	return nil
}

// stop is called once, at the end.
func (w *watched) stop() { w.timer.Stop() }

// timeoutError is a sentence about time that has run out. errors.Is finds
// context.DeadlineExceeded in it.
type timeoutError struct {
	text  string
	whole bool // an attempt has had all of its time
}

func (e timeoutError) Error() string        { return e.text }
func (e timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// timedOut words the end of an attempt whose time has run out, or returns nil if
// that is not what happened.
func timedOut(ctx context.Context, err error) error {
	if cause, ok := errors.AsType[timeoutError](context.Cause(ctx)); ok {
		return cause
	}
	if ctx.Err() == nil && isTimeout(err) {
		if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
			return timeoutError{text: "no connection came about in time: check the network, and whether a proxy is needed"}
		}
		return timeoutError{text: "the server did not begin to answer in time"}
	}
	return nil
}
