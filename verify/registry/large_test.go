package registry

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tracked is a large body that counts how many of its kind have been read
// beyond what is small, and have not ended.
type tracked struct {
	left      int
	read      int
	now, most *atomic.Int32
}

func (b *tracked) Read(p []byte) (int, error) {
	if b.left == 0 {
		b.now.Add(-1)
		return 0, io.EOF
	}
	n := min(b.left, len(p), 1<<20)
	if b.read <= smallBody+1<<20 && b.read+n > smallBody+1<<20 {
		for now, old := b.now.Add(1), b.most.Load(); now > old && !b.most.CompareAndSwap(old, now); old = b.most.Load() {
		}
	}
	b.left, b.read = b.left-n, b.read+n
	for i := range p[:n] {
		p[i] = '1'
	}
	return n, nil
}

func (b *tracked) Close() error { return nil }

// Large answers of one host are read one at a time, announced or not; small
// ones and those of other hosts do not wait for them.
func TestLargeAnswersTakeTurns(t *testing.T) {
	for _, announced := range []bool{false, true} {
		var now, most atomic.Int32
		c := New(Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			size, length := 8<<20, int64(-1)
			if announced {
				length = int64(size)
			}
			return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: length, Request: r,
				Body: &tracked{left: size, now: &now, most: &most}}, nil
		})})
		req := request(parse(t, "https://registry.example/x"))
		req.Limit = 20 << 20
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				if body, _, err := c.Get(t.Context(), req); err != nil || len(body) != 8<<20 {
					t.Errorf("got %d bytes, %v", len(body), err)
				}
			})
		}
		group.Wait()
		if most.Load() != 1 || now.Load() != 0 {
			t.Errorf("announced %v: %d large answers at once, %d without an end", announced, most.Load(), now.Load())
		}
	}
}

// Whoever waits for the turn is not told that the server had stopped; the time
// for the whole answer holds.
func TestWaitingForATurn(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	large := strings.Repeat(" ", smallBody+1)
	started := make(chan struct{})
	var once sync.Once
	c := New(Options{Stall: 250 * time.Millisecond, Timeout: time.Second, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		body := io.Reader(strings.NewReader(large))
		if r.URL.Path == "/holds" {
			body = io.MultiReader(body, signal(func() { once.Do(func() { close(started) }); <-release }))
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Request: r, Body: io.NopCloser(body)}, nil
	})})
	get := func(path string) error {
		req := request(parse(t, "https://registry.example"+path))
		req.Limit = smallBody + 2
		_, _, err := c.Get(t.Context(), req)
		return err
	}
	var group sync.WaitGroup
	group.Go(func() {
		if err := get("/holds"); err == nil {
			t.Error("an answer that stopped was taken")
		}
	})
	<-started
	if err := get("/waits"); err == nil || !strings.Contains(err.Error(), "no complete answer within 1 s") {
		t.Errorf("got %v", err)
	}
	close(release)
	group.Wait()
	for name, h := range c.hosts.named {
		if len(h.large) != 0 {
			t.Errorf("%s: the turn was not given back", name)
		}
	}
}

// signal is called when the reader comes to it.
type signal func()

func (s signal) Read([]byte) (int, error) {
	s()
	return 0, io.ErrClosedPipe
}

// A package keeps its turn until it is judged, and needs no place at the host
// for its other requests: those in the places may wait for the end of its turn.
func TestTurnOfAPackage(t *testing.T) {
	asked := make(chan string, 8)
	c := New(Options{PerHost: 2, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked <- r.URL.Path
		size := smallBody + 1
		if r.URL.Path == "/small" {
			size = 1
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Request: r,
			Body: io.NopCloser(strings.NewReader(strings.Repeat("1", size)))}, nil
	})})
	get := func(ctx context.Context, path string) {
		req := request(parse(t, "https://registry.example"+path))
		req.Limit = smallBody + 2
		if _, _, err := c.Get(ctx, req); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	first, end := WithTurn(t.Context())
	get(first, "/large")
	<-asked
	var done atomic.Int32
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			other, end := WithTurn(t.Context())
			defer end()
			get(other, "/other")
			get(other, "/other")
			done.Add(1)
		})
	}
	<-asked
	<-asked // both places are taken
	get(first, "/small")
	get(first, "/large")
	if n := done.Load(); n != 0 {
		t.Errorf("%d others had their turn before the first one's end", n)
	}
	end()
	group.Wait()
	for name, h := range c.hosts.named {
		if len(h.large) != 0 || len(h.places) != 0 {
			t.Errorf("%s: the turn or a place was not given back", name)
		}
	}
}
