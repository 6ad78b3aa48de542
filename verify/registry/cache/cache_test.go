package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"plimsoll/testdata/testfiles"
	"plimsoll/verify/registry"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// clock is a clock that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// origin is a registry that notes what it is asked.
type origin struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

func serve(t *testing.T, h http.HandlerFunc) *origin {
	t.Helper()
	o := &origin{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.requests = append(o.requests, r)
		o.mu.Unlock()
		h(w, r)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *origin) asked() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.requests)
}

func open(t *testing.T, o Options) *Transport {
	t.Helper()
	if o.Next == nil {
		o.Next = registry.NewTransport(registry.TransportOptions{})
	}
	transport, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return transport
}

// ask returns the body and when it was fetched, zero for now.
func ask(t *testing.T, transport http.RoundTripper, url, authorization string, immutable bool) (string, time.Time, error) {
	t.Helper()
	ctx, fetched := registry.WithExchange(t.Context(), immutable, false)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return "", fetched(), err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Sprint(resp.StatusCode), fetched(), err
	}
	return string(body), fetched(), err
}

func TestRevalidate(t *testing.T) {
	t.Parallel()
	version := 1
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		tag := fmt.Sprintf(`"v%d"`, version)
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"v":%d}`, version)
	})
	c := &clock{noon}
	dir := t.TempDir()
	transport := open(t, Options{Dir: dir, Now: c.now})
	for i, step := range []struct {
		name    string
		do      func()
		want    string
		fetched time.Time
	}{
		{"first", func() {}, `{"v":1}`, time.Time{}},
		{"unchanged: confirmed now", func() { c.at = noon.Add(time.Hour) }, `{"v":1}`, noon.Add(time.Hour)},
		{"changed", func() { version = 2 }, `{"v":2}`, time.Time{}},
		{"unchanged again", func() { c.at = noon.Add(2 * time.Hour) }, `{"v":2}`, noon.Add(2 * time.Hour)},
	} {
		step.do()
		got, fetched, err := ask(t, transport, o.URL+"/x", "", false)
		if err != nil || got != step.want || !fetched.Equal(step.fetched) {
			t.Errorf("%s: got %q, %v, %v", step.name, got, fetched, err)
		}
		if o.asked() != i+1 {
			t.Errorf("%s: asked %d times", step.name, o.asked())
		}
	}
	// Offline it is as old as its last confirmation, and nobody is asked.
	offline := open(t, Options{Dir: dir, Now: c.now, Offline: true, Next: registry.Offline{}})
	c.at = noon.Add(99 * time.Hour)
	if got, fetched, err := ask(t, offline, o.URL+"/x", "", false); err != nil || got != `{"v":2}` || !fetched.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("offline: got %q, %v, %v", got, fetched, err)
	}
	if _, _, err := ask(t, offline, o.URL+"/y", "", false); !errors.Is(err, registry.ErrOffline) {
		t.Errorf("offline, not there: got %v", err)
	}
	if o.asked() != 4 {
		t.Errorf("asked %d times", o.asked())
	}
	// A server that cannot be reached is an error: what is kept does not stand in.
	o.Close()
	if got, _, err := ask(t, transport, o.URL+"/x", "", false); err == nil {
		t.Errorf("got %q from a server that is gone", got)
	}
}

func TestLastModified(t *testing.T) {
	t.Parallel()
	const stamp = "Wed, 04 Mar 2026 12:00:00 GMT"
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", stamp)
		if r.Header.Get("If-Modified-Since") == stamp {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, "[]")
	})
	transport := open(t, Options{Dir: t.TempDir()})
	for range 2 {
		if got, _, err := ask(t, transport, o.URL, "", false); err != nil || got != "[]" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if sent := o.requests[1].Header.Get("If-Modified-Since"); sent != stamp {
		t.Errorf("asked whether it changed since %q", sent)
	}
}

// What a server gave no mark to is asked for as if nothing were kept.
func TestWithoutAMark(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") })
	transport := open(t, Options{Dir: t.TempDir()})
	for i := range 2 {
		if got, _, err := ask(t, transport, o.URL, "", false); err != nil || got != "{}" {
			t.Errorf("got %q, %v", got, err)
		}
		for _, header := range []string{"If-None-Match", "If-Modified-Since"} {
			if sent := o.requests[i].Header.Values(header); len(sent) != 0 {
				t.Errorf("request %d has %s: %q", i+1, header, sent)
			}
		}
	}
}

// network answers every request with the same.
type network struct {
	header http.Header
	body   func() io.Reader
}

func (n network) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: n.header.Clone(), Body: io.NopCloser(n.body()), ContentLength: -1, Request: req}, nil
}

// kept asks for an answer with these headers and this body once, and returns
// the cache's folder and entries.
func kept(t *testing.T, limit int64, header http.Header, body io.Reader) (string, []file) {
	t.Helper()
	dir := t.TempDir()
	transport := open(t, Options{Dir: dir, Limit: limit, Now: (&clock{noon}).now, Next: network{header, func() io.Reader { return body }}})
	if _, _, err := ask(t, transport, "https://registry.example/x", "", true); err != nil {
		t.Fatal(err)
	}
	files, err := list(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, files
}

func TestContentType(t *testing.T) {
	t.Parallel()
	for _, header := range []http.Header{{"Content-Type": {"application/json"}}, {}} {
		dir, _ := kept(t, 0, header, strings.NewReader("{}"))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://registry.example/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "application/json")
		resp, err := open(t, Options{Dir: dir, Offline: true}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if !maps.EqualFunc(resp.Header, header, slices.Equal) {
			t.Errorf("served with %v, kept with %v", header, resp.Header)
		}
	}
}

// An entry is as large as may be, and not a byte larger.
func TestLargestEntry(t *testing.T) {
	t.Parallel()
	line := func(tag string) int {
		data, err := json.Marshal(meta{Schema: schema, URL: "https://registry.example/x", Accept: "application/json", ETag: tag, Fetched: noon})
		if err != nil {
			t.Fatal(err)
		}
		return len(data) + 1
	}
	const body = "[1,2,3]"
	for _, c := range []struct {
		name  string
		limit int64
		tag   int
		kept  int
	}{
		{"what it says of its answer", 0, maxMeta - line(""), 1},
		{"what it says of its answer, and a byte", 0, maxMeta - line("") + 1, 0},
		{"half the cache", int64(2 * (line("") + len(body))), 0, 1},
		{"half the cache and a byte", int64(2*(line("")+len(body))) - 1, 0, 0},
	} {
		dir := t.TempDir()
		tag := strings.Repeat("x", c.tag)
		transport := open(t, Options{Dir: dir, Limit: c.limit, Now: (&clock{noon}).now, Next: network{http.Header{"Etag": {tag}}, func() io.Reader { return strings.NewReader(body) }}})
		if got, _, err := ask(t, transport, "https://registry.example/x", "", true); err != nil || got != body {
			t.Errorf("%s: got %q, %v", c.name, got, err)
		}
		files, err := list(dir)
		if err != nil || len(files) != c.kept {
			t.Errorf("%s: kept %v, %v", c.name, files, err)
		}
		for _, f := range files {
			e, err := openEntry(f.path)
			if err != nil || e.meta.ETag != tag {
				t.Errorf("%s: it cannot be read back: %v", c.name, err)
				continue
			}
			e.Close()
		}
	}
}

// hesitating is a body whose first read brings nothing.
type hesitating struct {
	io.Reader
	began bool
}

func (h *hesitating) Read(p []byte) (int, error) {
	if !h.began {
		h.began = true
		return 0, nil
	}
	return h.Reader.Read(p)
}

func TestBodyThatHesitates(t *testing.T) {
	t.Parallel()
	if _, files := kept(t, 0, http.Header{}, &hesitating{Reader: strings.NewReader("{}")}); len(files) != 1 {
		t.Errorf("kept %v", files)
	}
}

func TestImmutable(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") })
	c := &clock{noon}
	transport := open(t, Options{Dir: t.TempDir(), Now: c.now})
	for _, step := range []struct {
		name  string
		at    time.Duration
		asked int
	}{
		{"first", 0, 1},
		{"at once", 0, 1},
		{"the same day", 23 * time.Hour, 1},
		{"a day later", 24 * time.Hour, 2},
		{"and after that", 25 * time.Hour, 2},
		{"a clock that was set back", -time.Hour, 3},
	} {
		c.at = noon.Add(step.at)
		if _, _, err := ask(t, transport, o.URL, "", true); err != nil || o.asked() != step.asked {
			t.Errorf("%s: asked %d times, want %d; %v", step.name, o.asked(), step.asked, err)
		}
	}
}

func TestKeptForNobodyElse(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"for":%q}`, r.Header.Get("Authorization"))
	})
	dir := t.TempDir()
	transport := open(t, Options{Dir: dir})
	for range 2 {
		for _, who := range []string{"", "Bearer a", "Bearer b"} {
			if got, _, err := ask(t, transport, o.URL, who, true); err != nil || got != fmt.Sprintf(`{"for":%q}`, who) {
				t.Errorf("%q: got %q, %v", who, got, err)
			}
		}
	}
	if o.asked() != 3 {
		t.Errorf("asked %d times, want 3", o.asked())
	}
}

func TestCredentialsAreNotKept(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") })
	dir := t.TempDir()
	transport := open(t, Options{Dir: dir})
	if _, _, err := ask(t, transport, o.URL+"/x", "Bearer hunter2", false); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask(t, transport, o.URL+"/x?token=hunter2", "", false); err != nil {
		t.Fatal(err)
	}
	files, err := list(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("got %v, %v; want one entry", files, err)
	}
	data, err := os.ReadFile(files[0].path)
	if err != nil || bytes.Contains(data, []byte("hunter2")) || !bytes.Contains(data, []byte("/x")) {
		t.Errorf("the entry is %q, %v", data, err)
	}
	info, err := os.Stat(files[0].path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want one that only its owner reads", info, err)
	}
}

func TestNotKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		h    http.HandlerFunc
	}{
		{"404", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); io.WriteString(w, "{}") }},
		{"503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503); io.WriteString(w, "{}") }},
		{"no-store", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "private, No-Store")
			io.WriteString(w, "{}")
		}},
		{"a web page", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "\n<html>") }},
		{"nothing", func(w http.ResponseWriter, _ *http.Request) {}},
		{"blanks", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, " \n") }},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "{}")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			o := serve(t, tt.h)
			ask(t, open(t, Options{Dir: dir}), o.URL, "", true)
			if files, err := list(dir); err != nil || len(files) != 0 {
				t.Errorf("kept %v, %v", files, err)
			}
		})
	}
}

// A body that is not read to its end leaves nothing.
func TestHalfReadIsNotKept(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{"+strings.Repeat(" ", 1<<20)+"}") })
	dir := t.TempDir()
	transport := open(t, Options{Dir: dir})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	open(t, Options{Dir: dir}) // a program that begins leaves it
	if temporary, entries := count(t, dir); temporary != 1 || entries != 0 {
		t.Errorf("while reading: %d temporary files, %d entries", temporary, entries)
	}
	resp.Body.Close()
	if temporary, entries := count(t, dir); temporary+entries != 0 {
		t.Errorf("kept %d temporary files, %d entries", temporary, entries)
	}
}

// What is no file in an entry's place is not waited for: the answer is fetched, and
// kept in its place if it can be.
func TestEntriesThatAreNoFiles(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(t *testing.T, path string) error{
		"a named pipe":                 func(t *testing.T, path string) error { testfiles.NamedPipe(t, path); return nil },
		"a device":                     func(_ *testing.T, path string) error { return os.Symlink("/dev/zero", path) },
		"a link to nothing":            func(_ *testing.T, path string) error { return os.Symlink("nothing", path) },
		"a link to itself":             func(_ *testing.T, path string) error { return os.Symlink(path, path) },
		"a folder":                     func(_ *testing.T, path string) error { return os.Mkdir(path, 0o700) },
		"a folder that is not empty":   func(_ *testing.T, path string) error { return os.MkdirAll(filepath.Join(path, "x"), 0o700) },
		"a pipe in the folder's place": func(t *testing.T, path string) error { testfiles.NamedPipe(t, filepath.Dir(path)); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			o := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") })
			transport := open(t, Options{Dir: t.TempDir()})
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", "application/json")
			path := transport.path(req)
			if !strings.HasPrefix(name, "a pipe") {
				err = os.Mkdir(filepath.Dir(path), 0o700)
			}
			if err := errors.Join(err, put(t, path)); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if got, _, err := ask(t, transport, o.URL, "", true); err != nil || got != "{}" {
					t.Errorf("got %q, %v", got, err)
				}
			}
			want := 1
			if strings.HasSuffix(name, "not empty") || strings.HasPrefix(name, "a pipe") {
				want = 2 // it cannot be kept
			}
			if o.asked() != want {
				t.Errorf("asked %d times, want %d", o.asked(), want)
			}
			if _, err := StatsOf(transport.options.Dir); err != nil {
				t.Error(err)
			}
			if temporary, _ := count(t, transport.options.Dir); temporary != 0 {
				t.Errorf("left %d temporary files", temporary)
			}
		})
	}
}

// Offline nothing is made, and nothing removed.
func TestOfflineMakesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache", "evidence")
	if _, _, err := ask(t, open(t, Options{Dir: dir, Offline: true}), "https://registry.example/x", "", true); !errors.Is(err, registry.ErrOffline) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Dir(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was made: %v", err)
	}
	left := filepath.Join(dir, ".plimsoll-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp")
	testfiles.Write(t, left, "")
	open(t, Options{Dir: dir, Offline: true})
	if _, err := os.Stat(left); err != nil {
		t.Error(err)
	}
	open(t, Options{Dir: dir})
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a killed program left is still there: %v", err)
	}
}

// Whatever happens to an entry's bytes, it is fetched anew and never believed.
func TestBrokenEntries(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		damage func(data []byte) []byte
	}{
		{"empty", func([]byte) []byte { return nil }},
		{"cut", func(d []byte) []byte { return d[:len(d)-1] }},
		{"cut in the head", func(d []byte) []byte { return d[:10] }},
		{"longer", func(d []byte) []byte { return append(d, '}') }},
		{"one bit of the body", func(d []byte) []byte { d[len(d)-2] ^= 1; return d }},
		{"one bit of what it says", func(d []byte) []byte { d[headSize+20] ^= 1; return d }},
		{"one bit of the hash", func(d []byte) []byte { d[0] ^= 1; return d }},
		{"zeroes", func(d []byte) []byte { return make([]byte, len(d)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("ETag", `"1"`)
				io.WriteString(w, `{"a":"abc"}`)
			})
			dir := t.TempDir()
			transport := open(t, Options{Dir: dir})
			if _, _, err := ask(t, transport, o.URL, "", true); err != nil {
				t.Fatal(err)
			}
			files, err := list(dir)
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			data := testfiles.Read(t, files[0].path)
			if err := os.WriteFile(files[0].path, tt.damage(data), 0o600); err != nil {
				t.Fatal(err)
			}
			offline := open(t, Options{Dir: dir, Offline: true, Next: registry.Offline{}})
			if got, _, err := ask(t, transport, o.URL, "", true); err != nil || got != `{"a":"abc"}` || o.asked() != 2 {
				t.Errorf("got %q, %v; asked %d times", got, err, o.asked())
			}
			if o.requests[1].Header.Get("If-None-Match") != "" {
				t.Error("a broken entry was offered to the server")
			}
			if got, _, err := ask(t, offline, o.URL, "", true); err != nil || got != `{"a":"abc"}` {
				t.Errorf("afterwards: got %q, %v", got, err)
			}
		})
	}
}

// An entry under the name of another is not believed either.
func TestEntryOfAnother(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "{%q:1}", r.URL.Path) })
	dir := t.TempDir()
	transport := open(t, Options{Dir: dir})
	ask(t, transport, o.URL+"/a", "", true)
	a, err := list(dir)
	if err != nil || len(a) != 1 {
		t.Fatal(a, err)
	}
	req, _ := http.NewRequest(http.MethodGet, o.URL+"/b", nil)
	req.Header.Set("Accept", "application/json")
	if err := errors.Join(os.MkdirAll(filepath.Dir(transport.path(req)), 0o700), os.Rename(a[0].path, transport.path(req))); err != nil {
		t.Fatal(err)
	}
	if got, _, err := ask(t, transport, o.URL+"/b", "", true); err != nil || got != `{"/b":1}` {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "["+strings.Repeat(" ", 998)+"]") })
	c := &clock{noon}
	dir := t.TempDir()
	const limit = 20_000
	transport := open(t, Options{Dir: dir, Now: c.now, Limit: limit})
	// What an earlier version left behind when it was killed goes as well.
	left := filepath.Join(dir, "00", earlier+"left")
	os.MkdirAll(filepath.Dir(left), 0o700)
	if err := errors.Join(os.WriteFile(left, make([]byte, limit/2), 0o600), os.Chtimes(left, noon, noon.Add(-time.Hour))); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		c.at = noon.Add(time.Duration(i) * time.Minute)
		if _, _, err := ask(t, transport, fmt.Sprintf("%s/%d", o.URL, i), "", true); err != nil {
			t.Fatal(err)
		}
		if s, err := StatsOf(dir); err != nil || s.Bytes > limit {
			t.Fatalf("%d: %+v, %v", i, s, err)
		}
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("a file that was left behind is still there")
	}
	stats, err := StatsOf(dir)
	if err != nil || stats.Entries < 10 || !stats.Newest.Equal(noon.Add(49*time.Minute)) {
		t.Fatalf("got %+v, %v", stats, err)
	}
	if want := noon.Add(time.Duration(50-stats.Entries) * time.Minute); !stats.Oldest.Equal(want) {
		t.Errorf("the oldest is of %v, want %v: the oldest entries go first", stats.Oldest, want)
	}
	// An answer that is half the cache is not worth keeping.
	small := open(t, Options{Dir: t.TempDir(), Limit: 1500})
	if got, _, err := ask(t, small, o.URL, "", true); err != nil || len(got) != 1000 {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if s, _ := StatsOf(small.options.Dir); s.Entries != 0 {
		t.Errorf("got %+v", s)
	}
}

// A cache is trimmed when it is larger than its limit.
func TestTrimmedAtItsLimit(t *testing.T) {
	t.Parallel()
	_, one := kept(t, 0, http.Header{}, strings.NewReader("{}"))
	size := one[0].size
	for _, test := range []struct {
		name    string
		limit   int64
		entries int
	}{
		{"of all entries", 12 * size, 12},
		{"of a byte less", 12*size - 1, 10},
		{"of ten entries", 10 * size, 10},
	} {
		for _, known := range []bool{false, true} { // by a count of the folder, or of what was written since
			c := &clock{noon}
			dir := t.TempDir()
			for i := range 12 {
				c.at = noon.Add(time.Duration(i) * time.Minute)
				transport := open(t, Options{Dir: dir, Limit: test.limit, Now: c.now, Next: network{http.Header{}, func() io.Reader { return strings.NewReader("{}") }}})
				if known {
					transport.known, transport.size = true, int64(i)*size
				}
				if _, _, err := ask(t, transport, "https://registry.example/"+string(rune('a'+i)), "", true); err != nil {
					t.Fatal(err)
				}
			}
			if s, err := StatsOf(dir); err != nil || s.Entries != test.entries {
				t.Errorf("%s, known %v: %+v, %v", test.name, known, s, err)
			}
		}
	}
}

// Views of a cache over other networks have one folder and one count.
func TestOver(t *testing.T) {
	t.Parallel()
	answer := func(body string) network {
		return network{http.Header{}, func() io.Reader { return strings.NewReader(body) }}
	}
	dir := t.TempDir()
	one := open(t, Options{Dir: dir, Next: answer("{}"), Now: (&clock{noon}).now})
	two := one.Over(answer("[]"))
	for i, view := range []*Transport{one, two, one} {
		body, _, err := ask(t, view, "https://"+string(rune('a'+i%2))+".example/", "", true)
		if want := []string{"{}", "[]", "{}"}[i]; err != nil || body != want {
			t.Errorf("%d: got %q, %v; want %q", i, body, err, want)
		}
	}
	if s, err := StatsOf(dir); err != nil || s.Entries != 2 || one.size != s.Bytes || two.size != s.Bytes {
		t.Errorf("got %+v, %v; counted %d and %d", s, err, one.size, two.size)
	}
	offline := open(t, Options{Dir: dir, Offline: true}).Over(answer("{}"))
	if _, _, err := ask(t, offline, "https://c.example/", "", true); !errors.Is(err, registry.ErrOffline) {
		t.Errorf("offline: got %v", err)
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") })
	dir := t.TempDir()
	transport := open(t, Options{Dir: dir})
	ask(t, transport, o.URL, "", false)
	mine := filepath.Join(dir, "aa", "notes.txt")
	if err := errors.Join(os.MkdirAll(filepath.Dir(mine), 0o700), os.WriteFile(mine, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if s, err := Clear(dir); err != nil || s.Entries != 1 {
		t.Errorf("got %+v, %v", s, err)
	}
	if s, err := StatsOf(dir); err != nil || s.Entries != 0 {
		t.Errorf("got %+v, %v", s, err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error("a file that is not the cache's was removed")
	}
	if s, err := Clear(filepath.Join(dir, "absent")); err != nil || s.Entries != 0 {
		t.Errorf("no folder: got %+v, %v", s, err)
	}
}

// A folder that cannot be written to costs the cache, not the answer.
func TestFolderThatIsGone(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") })
	dir := filepath.Join(t.TempDir(), "c")
	transport := open(t, Options{Dir: dir})
	if err := errors.Join(os.Remove(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if got, _, err := ask(t, transport, o.URL, "", false); err != nil || got != "{}" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := New(Options{Dir: dir}); err == nil {
		t.Error("a file was taken for a folder")
	}
}

// Two programs on one folder, while a third empties it: every answer is the
// server's.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprintf(w, "{%q:%q}", r.URL.Path, strings.Repeat("x", 5000))
	})
	dir := t.TempDir()
	programs := []*Transport{open(t, Options{Dir: dir, Limit: 60_000}), open(t, Options{Dir: dir, Limit: 60_000})}
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := range 60 {
				path := fmt.Sprintf("/%d", (i+w)%15)
				got, _, err := ask(t, programs[w%2], o.URL+path, "", i%2 == 0)
				if want := fmt.Sprintf("{%q:%q}", path, strings.Repeat("x", 5000)); err != nil || got != want {
					t.Errorf("%s: got %d bytes, %v", path, len(got), err)
				}
				if w == 0 && i%20 == 0 {
					if _, err := Clear(dir); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
	files, err := list(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		e, err := openEntry(f.path)
		if err != nil {
			t.Errorf("%s: %v", f.path, err)
			continue
		}
		e.Close()
	}
}

func TestCancelledRequestsAreNotAnswered(t *testing.T) {
	t.Parallel()
	o := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") })
	transport := open(t, Options{Dir: t.TempDir()})
	ask(t, transport, o.URL, "", true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, o.URL, nil)
	if _, err := transport.RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
