package registry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"plimsoll/catalog/untrusted"
)

// offered reads so many bytes, and notes how much room it is given each time.
type offered struct {
	left  int
	rooms []int
}

func (o *offered) Read(p []byte) (int, error) {
	o.rooms = append(o.rooms, len(p))
	n := min(o.left, len(p))
	if o.left -= n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// The buffer is as large as what is announced, and else grows to no more than
// the limit; what is kept is not much larger than the answer.
func TestRoomForAnAnswer(t *testing.T) {
	t.Parallel()
	const first = 64 << 10
	for _, tt := range []struct {
		name             string
		size             int
		announced, limit int64
		rooms            []int
		room             int // of the result; 0 for as much as was read
		want             error
	}{
		{"announced as empty", 0, 0, 1 << 20, []int{1}, 1, nil},
		{"as announced", 9, 9, 1 << 20, []int{10, 1}, 10, nil},
		{"half of what was announced", 5, 9, 1 << 20, []int{10, 5}, 10, nil},
		{"less than half", 4, 9, 1 << 20, []int{10, 6}, 0, nil},
		{"announced beyond the limit", 9, 1 << 40, 9, []int{10, 1}, 10, nil},
		{"small, not announced", 9, -1, 1 << 20, []int{first, first - 9}, 0, nil},
		{"grows fourfold", first, -1, 8 * first, []int{first, 3 * first}, 0, nil},
		{"grows to the limit", first, -1, 8*first - 1, []int{first, 7 * first}, 0, nil},
		{"too large", 11, -1, 10, []int{11}, 0, untrusted.ErrTooLarge},
		{"more than announced", 11, 9, 10, []int{10, 1}, 0, untrusted.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &offered{left: tt.size}
			body, err := readBody(r, tt.announced, tt.limit)
			if !errors.Is(err, tt.want) || !slices.Equal(r.rooms, tt.rooms) {
				t.Errorf("%v; read into %v, want %v", err, r.rooms, tt.rooms)
			}
			if err == nil && (len(body) != tt.size || tt.room > 0 && cap(body) != tt.room || tt.room == 0 && cap(body) > 2*tt.size) {
				t.Errorf("%d bytes in %d", len(body), cap(body))
			}
		})
	}
}

// slow brings so many bytes at a time, each time after a while.
type slow struct {
	bytes, times int
	after        time.Duration
}

func (s *slow) Read(p []byte) (int, error) {
	time.Sleep(s.after)
	if s.times--; s.times < 0 {
		return 0, io.EOF
	}
	return copy(p, strings.Repeat(" ", s.bytes)), nil
}

// Bytes that come keep a request alive; reads that bring none do not.
func TestStall(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body slow
		ends bool
	}{
		"a byte in time, often":   {slow{1, 10, defaultStall - time.Second}, false},
		"nothing in time, often":  {slow{0, 10, defaultStall - time.Second}, true},
		"the first byte too late": {slow{1, 1, defaultStall + time.Second}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ended atomic.Bool
				w := watch(t.Context(), &tt.body, defaultStall, &host{}, func() { ended.Store(true) })
				if _, err := io.ReadAll(w); err != nil {
					t.Error(err)
				}
				w.stop()
				if synctest.Wait(); ended.Load() != tt.ends {
					t.Errorf("it was ended: %v", ended.Load())
				}
			})
		})
	}
}

// counted counts the reads of a body.
type counted struct {
	io.Reader
	reads *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	c.reads.Add(1)
	return c.Reader.Read(p)
}

// While one package has its turn, answers of others are read up to the size of
// a small one; of those that are announced as larger nothing.
func TestSmallAnswersTakeNoTurn(t *testing.T) {
	t.Parallel()
	for _, announced := range []bool{false, true} {
		for size, waits := range map[int]bool{1: false, smallBody - 1: false, smallBody: true, smallBody + 1: true} {
			synctest.Test(t, func(t *testing.T) {
				var reads atomic.Int64
				c := New(Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					n, length := size, int64(-1)
					if r.URL.Path == "/large" {
						n = smallBody + 1
					}
					if announced {
						length = int64(n)
					}
					return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: length, Request: r,
						Body: io.NopCloser(counted{strings.NewReader(strings.Repeat("1", n)), &reads})}, nil
				})})
				get := func(ctx context.Context, path string) {
					req := request(parse(t, "https://registry.example"+path))
					req.Limit = smallBody + 2
					if _, _, err := c.Get(ctx, req); err != nil {
						t.Errorf("%s: %v", path, err)
					}
				}
				holds, end := WithTurn(t.Context())
				get(holds, "/large")
				var done atomic.Bool
				reads.Store(0)
				go func() { get(t.Context(), "/other"); done.Store(true) }()
				if synctest.Wait(); done.Load() == waits {
					t.Errorf("%d bytes, announced %v: it waits %v", size, announced, !done.Load())
				}
				if (reads.Load() == 0) != (announced && waits) {
					t.Errorf("%d bytes, announced %v: read %d times before its turn", size, announced, reads.Load())
				}
				end()
				if synctest.Wait(); !done.Load() {
					t.Errorf("%d bytes, announced %v: it waits after the turn", size, announced)
				}
			})
		}
	}
}
