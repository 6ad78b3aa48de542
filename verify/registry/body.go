package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"plimsoll/verify/untrusted"
)

// readBody reads an answer of at most limit bytes. announced is the length
// that the server promises, -1 for none; then the answer is read in pieces,
// and put together only when its end has come: one without end never costs
// more than limit.
func readBody(r io.Reader, announced, limit int64) ([]byte, error) {
	size := int64(64 << 10)
	if announced >= 0 {
		size = announced + 1 // the byte more finds the end
	}
	var whole [][]byte
	piece := make([]byte, 0, min(size, limit+1))
	total := int64(0)
	for {
		n, err := r.Read(piece[len(piece):cap(piece)])
		piece = piece[:len(piece)+n]
		total += int64(n)
		switch {
		case total > limit:
			return nil, fmt.Errorf("read the answer: %w: more than %d bytes", untrusted.ErrTooLarge, limit)
		case err == io.EOF && whole == nil: // the end itself; one that is wrapped is none
			return piece, nil
		case err == io.EOF:
			return bytes.Join(append(whole, piece), nil), nil
		case err != nil:
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		if len(piece) == cap(piece) {
			whole = append(whole, piece)
			piece = make([]byte, 0, min(max(total/2, 64<<10), 1<<20, limit-total+1))
		}
	}
}

// free is how much of an answer is read without a turn. Answers that are larger
// are read one at a time from each host: eight at once of the largest size that
// is taken would be hundreds of megabytes.
const free = 4 << 20

// watched is a body that ends its request when nothing of it comes for too
// long, and that waits for its turn when it is large.
type watched struct {
	r      io.Reader
	ctx    context.Context // of the attempt
	timer  *time.Timer
	within time.Duration
	turn   chan struct{} // one place
	held   bool
	total  int64
}

func watch(ctx context.Context, r io.Reader, within time.Duration, turn chan struct{}, end func()) *watched {
	return &watched{r: r, ctx: ctx, within: within, turn: turn, timer: time.AfterFunc(within, end)}
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.timer.Reset(w.within)
	}
	if w.total += int64(n); w.total > free && err == nil {
		err = w.take()
	}
	return n, err
}

// take waits for the body's turn, for which nobody blames the server.
func (w *watched) take() error {
	if w.held {
		return nil
	}
	w.timer.Stop()
	select {
	case w.turn <- struct{}{}:
		w.held = true
		w.timer.Reset(w.within)
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// stop is called once, at the end.
func (w *watched) stop() {
	w.timer.Stop()
	if w.held {
		<-w.turn
	}
}

// Causes of an ended attempt.
var (
	errTooLong = errors.New("the whole answer took too long")
	errStalled = errors.New("the answer stopped half-way")
)

// timeoutError is a sentence about time that has run out. errors.Is finds
// context.DeadlineExceeded in it.
type timeoutError string

func (e timeoutError) Error() string        { return string(e) }
func (e timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// timedOut words the end of an attempt whose time has run out; it is nil where
// that is not what happened.
func (c *Client) timedOut(ctx context.Context, err error) error {
	var timeout interface{ Timeout() bool }
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errStalled):
		return timeoutError(fmt.Sprintf("the answer stopped half-way: nothing came for %v", c.stall))
	case errors.Is(cause, errTooLong):
		return timeoutError(fmt.Sprintf("no complete answer within %v", c.timeout))
	case ctx.Err() == nil && errors.As(err, &timeout) && timeout.Timeout():
		return timeoutError("the server did not begin to answer in time")
	}
	return nil
}
