package registry

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func serve(t *testing.T, h http.HandlerFunc) *url.URL {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return parse(t, server.URL+"/")
}

func parse(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func client() *Client {
	return New(Options{UserAgent: "plimsoll-test", Now: func() time.Time { return noon }, Sleep: noWait})
}

// noWait stands for waiting.
func noWait(context.Context, time.Duration) error { return nil }

func request(u *url.URL) Request {
	return Request{URL: u, Accept: "application/json", Limit: 1000, What: "manifest"}
}

func TestGet(t *testing.T) {
	t.Parallel()
	var got *http.Request
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		io.WriteString(w, `{"a":1}`)
	})
	req := request(base.JoinPath("x"))
	req.Authorization = "Bearer hunter2"
	req.URL.RawQuery = "token=hunter2"
	body, source, err := client().Get(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	if string(body) != `{"a":1}` {
		t.Errorf("body %q", body)
	}
	if got.Method != "GET" || got.Header.Get("Accept") != "application/json" ||
		got.Header.Get("User-Agent") != "plimsoll-test" || got.Header.Get("Authorization") != "Bearer hunter2" {
		t.Errorf("request %s %v", got.Method, got.Header)
	}
	if string(source.URL) != base.String()+"x?…" || !source.Time.Equal(noon) || source.Size != 7 ||
		source.SHA256 != sha256.Sum256(body) || source.What != "manifest" {
		t.Errorf("source %+v", source)
	}
}

func TestGetRefusesAddresses(t *testing.T) {
	t.Parallel()
	c := New(Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return nil, errors.New("sent")
	})})
	for _, tt := range []struct {
		name, url, base, want string
	}{
		{"plain http", "http://registry.example/x", "", "plain http"},
		{"credentials", "https://u:hunter2@registry.example/x", "", "credentials"},
		{"file", "file://h/etc/passwd", "", "scheme"},
		{"relative", "/x", "", "absolute"},
		{"not on the base's host", "https://evil.test/x", "https://registry.example/", "expected an address on"},
		{"not in the base's scheme", "http://127.0.0.1/x", "https://127.0.0.1/", "expected an address on"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := request(parse(t, tt.url))
			if tt.base != "" {
				req.Base = parse(t, tt.base)
			}
			_, _, err := c.Get(context.Background(), req)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	t.Run("no limit", func(t *testing.T) {
		req := request(parse(t, "https://registry.example/x"))
		req.Limit = 0
		if _, _, err := c.Get(context.Background(), req); err == nil {
			t.Error("an unbounded read was accepted")
		}
	})
}

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSizes(t *testing.T) {
	t.Parallel()
	bomb := zipped(t, bytes.Repeat([]byte(" "), 4<<20))
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		want    error
	}{
		{"exactly the limit", func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte("1"), 1000)) }, nil},
		{"announced too large", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1001")
			w.Write(bytes.Repeat([]byte("1"), 1001))
		}, untrusted.ErrTooLarge},
		{"too large unannounced", func(w http.ResponseWriter, _ *http.Request) {
			for range 1001 {
				w.Write([]byte("1"))
				w.(http.Flusher).Flush()
			}
		}, untrusted.ErrTooLarge},
		{"gzip within the limit", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "gzip" {
				t.Errorf("Accept-Encoding: %q", r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(zipped(t, bytes.Repeat([]byte("1"), 1000)))
		}, nil},
		{"gzip bomb", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Length", strconv.Itoa(len(bomb)))
			w.Write(bomb)
		}, untrusted.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, source, err := client().Get(context.Background(), request(serve(t, tt.handler)))
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err != nil && body != nil {
				t.Error("an error and a body")
			}
			if err == nil && (len(body) != 1000 || source.Size != 1000) {
				t.Errorf("%d bytes, source says %d", len(body), source.Size)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		code     int
		kind     string
		body     string
		notFound bool
		want     string
	}{
		{"404", 404, "application/json", `{"error":"no such package"}`, true, `{"error":"no such package"}`},
		{"410", 410, "text/plain", "gone", true, "gone"},
		{"500", 500, "text/plain", "it \x1b[2J\nbroke", false, `it \x1b[2J broke`},
		{"403", 403, "application/json", "no", false, "no"},
		{"204", 204, "", "", false, ""},
		{"304", 304, "", "", false, ""},
		{"a web page", 502, "text/html", "<html><script>alert(1)</script>", false, ""},
		{"a web page without a label", 502, "", "<!doctype html>", false, ""},
		{"the token reflected", 401, "text/plain", "bad token: hunter2hunter2", false, "bad token: …"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.kind)
				w.WriteHeader(tt.code)
				io.WriteString(w, tt.body)
			})
			req := request(base)
			req.Authorization = "Bearer hunter2hunter2"
			_, _, err := client().Get(context.Background(), req)
			var status *statusError
			if !errors.As(err, &status) {
				t.Fatalf("got %v, want a StatusError", err)
			}
			if status.Code != tt.code || status.Body != tt.want || errors.Is(err, ErrNotFound) != tt.notFound {
				t.Errorf("got %d %q, not found %v", status.Code, status.Body, errors.Is(err, ErrNotFound))
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows %q", err.Error())
			}
			if !strings.Contains(err.Error(), "manifest") || !strings.Contains(err.Error(), base.Host) {
				t.Errorf("the error does not say what was fetched from where: %v", err)
			}
		})
	}
}

func TestErrorBodyIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x ", 1<<20)
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		io.WriteString(w, long)
	})
	_, _, err := client().Get(context.Background(), request(base))
	var status *statusError
	if !errors.As(err, &status) || len(status.Body) > untrusted.MaxMessage || status.Body == "" {
		t.Errorf("got %v", err)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") })
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/")); {
		case r.URL.Path == "/away":
			http.Redirect(w, r, elsewhere.String()+"x", http.StatusFound)
		case r.URL.Path == "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case err == nil && n > 0:
			http.Redirect(w, r, "/"+strconv.Itoa(n-1), http.StatusMovedPermanently)
		default:
			io.WriteString(w, `{}`)
		}
	})
	for _, tt := range []struct{ path, want string }{
		{"5", ""}, {"6", "more than 5 redirects"}, {"loop", "more than 5 redirects"}, {"away", elsewhere.Host},
	} {
		t.Run(tt.path, func(t *testing.T) {
			req := request(base.JoinPath(tt.path))
			req.Authorization = "Bearer hunter2"
			_, _, err := client().Get(context.Background(), req)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	base := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-asked
		cancel()
	}()
	if _, _, err := client().Get(ctx, request(base)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCancelInTheBody(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "{")
		w.(http.Flusher).Flush()
		close(asked)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-asked
		cancel()
	}()
	if _, _, err := client().Get(ctx, request(base)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	base := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c := New(Options{Timeout: time.Millisecond})
	_, _, err := c.Get(context.Background(), request(base))
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no complete answer within 1 s") {
		t.Errorf("got %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A host has its places whatever transport leads to it.
func TestPerHost(t *testing.T) {
	const perHost, requests = 3, 12
	var now, most atomic.Int32
	full := make(chan struct{})
	var once sync.Once
	c := New(Options{PerHost: perHost, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		if n == perHost {
			once.Do(func() { close(full) })
		}
		<-full // nobody ends before the places are taken
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
	})})
	req := request(parse(t, "https://registry.example/x"))
	var group sync.WaitGroup
	for i := range requests {
		c := c
		if i%2 == 0 {
			c = c.Over(c.options.Transport)
		}
		group.Go(func() {
			if _, _, err := c.Get(context.Background(), req); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if most.Load() != perHost {
		t.Errorf("%d requests at once, want %d", most.Load(), perHost)
	}
}

func TestWaitingForAPlaceIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	inside, leave := make(chan struct{}), make(chan struct{})
	c := New(Options{PerHost: 1, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		close(inside)
		<-leave
		return nil, errors.New("left")
	})})
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Get(context.Background(), request(parse(t, "https://registry.example/x")))
	}()
	<-inside
	cancel()
	if _, _, err := c.Get(ctx, request(parse(t, "https://registry.example/y"))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(leave)
	<-done
}

func TestTransportErrorsHideTheAddress(t *testing.T) {
	t.Parallel()
	c := New(Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") })})
	req := request(parse(t, "https://registry.example/x?token=hunter2"))
	_, _, err := c.Get(context.Background(), req)
	if err == nil || !strings.Contains(err.Error(), "no route") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

// A second request with credentials follows one that was refused without, and no
// other; only what it got is recorded.
func TestFallback(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		want   string // who asked
		body   string
	}{
		{200, "-", "open"}, {401, "- u", "private"}, {403, "- u", "private"}, {404, "- u", "private"}, {400, "-", ""}, {410, "-", ""},
	} {
		var asked []string
		u := serve(t, func(w http.ResponseWriter, r *http.Request) {
			user, _, ok := r.BasicAuth()
			if asked = append(asked, cmp.Or(user, "-")); ok {
				io.WriteString(w, `"private"`)
				return
			}
			w.WriteHeader(tt.status)
			io.WriteString(w, `"open"`)
		})
		var recorded []int
		c := New(Options{Record: func(e Exchange) error { recorded = append(recorded, e.Status); return nil }})
		body, _, err := c.Get(t.Context(), Request{URL: u, Limit: 100, What: "page", Fallback: "Basic dTpwdw=="})
		if (err == nil) != (tt.body != "") || strings.Trim(string(body), `"`) != tt.body || strings.Join(asked, " ") != tt.want || len(recorded) != 1 {
			t.Errorf("%d: got %s, %v; asked by %q; recorded %d", tt.status, body, err, asked, recorded)
		}
	}
	var asked []string
	offline := New(Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.Header.Get("Authorization"))
		return nil, ErrOffline
	})})
	_, _, err := offline.Get(t.Context(), Request{URL: &url.URL{Scheme: "https", Host: "a.example"}, Limit: 100, What: "page", Fallback: "Basic dTpwdw=="})
	if !errors.Is(err, ErrOffline) || strings.Join(asked, " ") != " Basic dTpwdw==" {
		t.Errorf("offline: %v, asked with %q", err, asked)
	}
}
