package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// silence is a network whose hosts take requests and do not answer, until they are told
// to.
type silence struct {
	asked   atomic.Int32
	answers atomic.Bool
}

type noAnswer struct{}

func (noAnswer) Error() string   { return "timeout awaiting response headers" }
func (noAnswer) Timeout() bool   { return true }
func (noAnswer) Temporary() bool { return true }

func (s *silence) RoundTrip(req *http.Request) (*http.Response, error) {
	s.asked.Add(1)
	if s.answers.Load() {
		return answer(200, "{}")(req)
	}
	if err := sleep(req.Context(), 20*time.Second); err != nil {
		return nil, err
	}
	return nil, noAnswer{}
}

// getAll asks for n documents of a host at once, and returns what went wrong with each.
func getAll(t *testing.T, c *Client, host string, n int) []error {
	t.Helper()
	failed := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		req := request(parse(t, fmt.Sprintf("https://%s/%d", host, i)))
		wait.Go(func() { _, _, failed[i] = c.Get(t.Context(), req) })
	}
	wait.Wait()
	return failed
}

// A host that takes connections and says nothing costs a minute, however many packages
// it has, and each says so; not another host; checking again asks again.
func TestASilentHostIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 8, 9, 300, 3000} {
		synctest.Test(t, func(t *testing.T) {
			network := &silence{}
			c := New(Options{Transport: Network(network)})
			begun := time.Now()
			gone := 0
			for _, err := range getAll(t, c, "registry.example", n) {
				switch {
				case err == nil:
					t.Fatal("a host that says nothing has answered")
				case strings.Contains(err.Error(), "the host was given up after 3 failed requests in a row (the server did not begin to answer in time)"):
					gone++
				case !strings.Contains(err.Error(), "the server did not begin to answer in time"):
					t.Errorf("%v", err)
				}
			}
			// Two attempts of the first that are under way, and one of those after them.
			if asked := int(network.asked.Load()); asked > 3*defaultPerHost || gone != max(0, n-2*defaultPerHost) || time.Since(begun) > 65*time.Second {
				t.Errorf("%d packages took %v and %d requests; %d say that the host was given up", n, time.Since(begun), asked, gone)
			}
			network.answers.Store(true)
			if err := getAll(t, c, "registry.example", 1)[0]; n > defaultPerHost && (err == nil || !strings.Contains(err.Error(), "given up")) {
				t.Errorf("asked again unbidden: %v", err)
			}
			if err := getAll(t, c, "other.example", 1)[0]; err != nil {
				t.Errorf("another host: %v", err)
			}
			c.AskAgain()
			if err := getAll(t, c, "registry.example", 1)[0]; err != nil {
				t.Errorf("checked again: %v", err)
			}
		})
	}
}

// What tells that a host has no time, and what does not: an answer in between, whatever
// it says; a failure that costs no time.
func TestGivingUp(t *testing.T) {
	t.Parallel()
	hang := failing(noAnswer{})
	hour := answer(429, "", "Retry-After", "3600")
	away := failing(&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH})
	for name, tt := range map[string]struct {
		steps []func(*http.Request) (*http.Response, error)
		asks  int // requests, one after the other
		asked int32
		gone  string // "" for a host that is still asked
	}{
		"two hangs":                       {steps(hang), 1, 2, ""},
		"three":                           {steps(hang), 2, 3, "did not begin to answer in time"},
		"for ever":                        {steps(hang), 50, 3, "did not begin to answer in time"},
		"an answer between":               {steps(hang, hang, answer(200, "{}"), hang, hang, answer(404, ""), hang, hang, answer(503, ""), answer(200, "{}"), hang), 7, 12, ""},
		"no place to go":                  {steps(away), 50, 3, "no route"},
		"a proxy that waits":              {steps(answer(504, "")), 50, 12, "504 Gateway Timeout"},
		"a network that waits":            {steps(answer(524, "")), 50, 12, "524"},
		"an hour":                         {steps(hour), 50, 3, "asks to wait 1 h"},
		"too many, always":                {steps(answer(429, "", "Retry-After", "2")), 50, 12, "429 Too Many Requests"},
		"too many, an answer between":     {steps(hour, hour, answer(200, "{}"), hour, hour, answer(200, "{}")), 50, 50, ""},
		"refused":                         {steps(failing(syscall.ECONNREFUSED)), 50, 50, ""},
		"a name that nobody has":          {steps(failing(&net.DNSError{IsNotFound: true})), 50, 50, ""},
		"nothing there":                   {steps(answer(404, "")), 50, 50, ""},
		"broken":                          {steps(answer(500, "")), 50, 50 + DefaultRetries, ""},
		"a name server that says nothing": {steps(failing(&net.DNSError{Err: "i/o timeout", IsTimeout: true, IsTemporary: true})), 50, 3, "in time"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: tt.steps}
			c := New(Options{Transport: Network(s), Sleep: noWait})
			req := request(parse(t, "https://registry.example/x"))
			var last error
			for range tt.asks {
				_, _, last = c.Get(t.Context(), req)
			}
			gone := c.hosts.of(req.URL, c.options).givenUp()
			if s.asked.Load() != tt.asked || (gone == nil) != (tt.gone == "") {
				t.Errorf("asked %d times, want %d; given up: %v", s.asked.Load(), tt.asked, gone)
			}
			if gone != nil && (!strings.Contains(gone.Error(), tt.gone) || tt.asks > 2 && !errors.Is(last, gone)) {
				t.Errorf("%v, want %q; the last says %v", gone, tt.gone, last)
			}
		})
	}
}

// A host that is back is found out after some time, by one request; one that is not costs
// one.
func TestAHostComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := &silence{}
		c := New(Options{Transport: Network(network)})
		begun := time.Now()
		weeks := func(n int) (asked int32, last error) {
			before := network.asked.Load()
			for range n {
				time.Sleep(time.Minute)
				last = getAll(t, c, "registry.example", 1)[0]
			}
			return network.asked.Load() - before, last
		}
		if n, err := weeks(21 * 24 * 60); n > 21*24*12+maxMissed || err == nil {
			t.Errorf("asked %d times, %v", n, err)
		}
		network.answers.Store(true)
		if n, err := weeks(6); n == 0 || err != nil {
			t.Errorf("back: asked %d times, %v", n, err)
		}
		network.answers.Store(false)
		weeks(3)
		if n, _ := weeks(1); n != 0 {
			t.Errorf("away again, and asked %d times", n)
		}
		clock := begun.Add(-24 * time.Hour) // the machine's clock is put back
		c.options.Now = func() time.Time { return clock }
		network.answers.Store(true)
		c.hosts.of(parse(t, "https://registry.example"), c.options).now = c.options.Now
		if err := getAll(t, c, "registry.example", 1)[0]; err != nil {
			t.Error(err)
		}
	})
}

// A cache answers for a host that was given up, and what it answers shows nothing of the
// host.
func TestGivenUpAndKept(t *testing.T) {
	t.Parallel()
	s := &script{steps: steps(failing(noAnswer{}))}
	out := Network(s)
	c := New(Options{Sleep: noWait, Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		if strings.HasSuffix(req.URL.Path, "/kept") {
			return answer(200, "{}")(req)
		}
		return out.RoundTrip(req)
	})})
	for range 3 {
		for _, path := range []string{"x", "kept"} {
			_, _, err := c.Get(t.Context(), request(parse(t, "https://registry.example/"+path)))
			if (err == nil) != (path == "kept") {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	if n := s.asked.Load(); n != maxMissed {
		t.Errorf("asked %d times", n)
	}
}

// An end that the caller brings about says nothing of the host.
func TestAnEndIsNoSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := &silence{}
		c := New(Options{Transport: Network(network)})
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, _, err := c.Get(ctx, request(parse(t, "https://registry.example/x"))); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			cancel()
		}
		if n := network.asked.Load(); n != 5 {
			t.Errorf("asked %d times", n)
		}
	})
}

// A host that asks for fewer requests gets none until that time has passed, whoever
// would ask.
func TestTooManyRequestsPauseTheHost(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(*http.Request) (*http.Response, error){
		"429": answer(429, "", "Retry-After", "12"), "503": answer(503, "", "Retry-After", "12"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				var mu sync.Mutex
				var at []time.Duration
				c := New(Options{Transport: Network(roundTrip(func(req *http.Request) (*http.Response, error) {
					mu.Lock()
					defer mu.Unlock()
					if at = append(at, time.Since(begun)); len(at) == 1 {
						return first(req)
					}
					return answer(200, "{}")(req)
				}))})
				var wait sync.WaitGroup
				var told atomic.Int32
				for i := range 300 {
					req := request(parse(t, fmt.Sprintf("https://registry.example/%d", i)))
					req.Progress = func(text string) {
						if text == "waiting, since registry.example asked for fewer requests" {
							told.Add(1)
						}
					}
					wait.Go(func() {
						time.Sleep(time.Duration(i) * 10 * time.Millisecond)
						if _, _, err := c.Get(t.Context(), req); err != nil {
							t.Error(err)
						}
					})
				}
				wait.Wait()
				if len(at) != 301 || at[1] < 12*time.Second || time.Since(begun) > 13*time.Second || told.Load() == 0 {
					t.Errorf("%d requests, the second after %v; %v in all; %d were told", len(at), at[1], time.Since(begun), told.Load())
				}
			})
		})
	}
}

// Somebody who waits for the host and goes holds up nobody.
func TestAPauseEndsWithWhoWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: steps(answer(429, "", "Retry-After", "50"), answer(200, "{}"))}
		c := New(Options{Transport: Network(s)})
		begun := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _, _ = c.Get(ctx, request(parse(t, "https://registry.example/1"))) }()
		synctest.Wait()
		late, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		if _, _, err := c.Get(late, request(parse(t, "https://registry.example/2"))); !errors.Is(err, context.DeadlineExceeded) || s.asked.Load() != 1 {
			t.Errorf("while the host is paused: %v", err)
		}
		cancel()
		if _, _, err := c.Get(t.Context(), request(parse(t, "https://registry.example/3"))); err != nil || time.Since(begun) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}
