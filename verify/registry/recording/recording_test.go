package recording

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"plimsoll/testdata/seeds"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify/registry"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func get(t *testing.T, rt http.RoundTripper, address, accept string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body), nil
}

// Response is an answer to be recorded.
type Response struct {
	URL, Accept string
	Status      int
	ContentType string
	Name        string
	Body        []byte
}

func (r Response) add(to *Recorder) error {
	u, err := url.Parse(r.URL)
	if err != nil {
		return err
	}
	return to.Add(registry.Exchange{URL: u, Accept: r.Accept, Status: r.Status, ContentType: r.ContentType, Body: r.Body}, r.Name)
}

func write(t *testing.T, dir string, responses ...Response) {
	t.Helper()
	w, err := Create(dir, Header{Recorded: noon, NPMRegistry: "https://npm.example/", PyPIIndex: "https://pypi.example/simple/"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range responses {
		if err := r.add(w); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(nil, nil); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir,
		Response{URL: "https://npm.example/b/1.0.0", Accept: "application/json", Status: 200, ContentType: "application/json", Name: "npm/b/1.0.0.json", Body: []byte(`{"b":1}`)},
		Response{URL: "https://user:secret@npm.example/@a%2fb/1.0.0", Accept: "application/json", Status: 200, ContentType: "application/json", Body: []byte(`{"a":1}`)},
		Response{URL: "https://pypi.example/simple/p/", Accept: "x/json", Status: 200, ContentType: "x/json", Body: []byte(`json`)},
		Response{URL: "https://pypi.example/simple/p/", Status: 200, ContentType: "text/html", Body: []byte(`html`)},
		Response{URL: "https://npm.example/gone", Status: 404, ContentType: "text/plain"},
	)
	rec, err := Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if !rec.Recorded.Equal(noon) || rec.NPMRegistry != "https://npm.example/" || rec.PyPIIndex != "https://pypi.example/simple/" {
		t.Errorf("header: %v %q %q", rec.Recorded, rec.NPMRegistry, rec.PyPIIndex)
	}
	for _, tt := range []struct {
		name, url, accept string
		status            int
		contentType, body string
	}{
		{"named body", "https://npm.example/b/1.0.0", "application/json", 200, "application/json", `{"b":1}`},
		{"scoped name, credentials dropped", "https://npm.example/@a%2fb/1.0.0", "application/json", 200, "application/json", `{"a":1}`},
		{"credentials in the request", "https://u:p@npm.example/b/1.0.0", "application/json", 200, "application/json", `{"b":1}`},
		{"exact Accept", "https://pypi.example/simple/p/", "x/json", 200, "x/json", "json"},
		{"any other Accept", "https://pypi.example/simple/p/", "y/json", 200, "text/html", "html"},
		{"status without body", "https://npm.example/gone", "application/json", 404, "text/plain", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body, err := get(t, rec, tt.url, tt.accept)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || resp.Header.Get("Content-Type") != tt.contentType || body != tt.body || resp.ContentLength != int64(len(tt.body)) {
				t.Errorf("got %d %q %q, length %d", resp.StatusCode, resp.Header.Get("Content-Type"), body, resp.ContentLength)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "bodies", "npm", "b", "1.0.0.json")); err != nil {
		t.Error(err)
	}
	index := testfiles.Read(t, dir, "recording.json")
	if strings.Contains(string(index), "secret") {
		t.Error("the recording holds credentials")
	}
}

func TestNotRecorded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, Response{URL: "https://npm.example/b/1.0.0", Accept: "application/json", Status: 200, Body: []byte("{}")})
	rec, err := Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, url, accept string }{
		{"another path", "https://npm.example/b/1.0.1", "application/json"},
		{"another host", "https://other.example/b/1.0.0", "application/json"},
		{"another scheme", "http://npm.example/b/1.0.0", "application/json"},
		{"another Accept", "https://npm.example/b/1.0.0", "text/html"},
		{"a query", "https://npm.example/b/1.0.0?x=1", "application/json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := get(t, rec, tt.url, tt.accept)
			if !errors.Is(err, ErrNotRecorded) || !strings.Contains(err.Error(), tt.url) {
				t.Errorf("got %v, want an error that names %s", err, tt.url)
			}
		})
	}
	t.Run("another method", func(t *testing.T) {
		req, _ := http.NewRequest(http.MethodPost, "https://npm.example/b/1.0.0", strings.NewReader("x"))
		req.Header.Set("Accept", "application/json")
		if _, err := rec.RoundTrip(req); !errors.Is(err, ErrNotRecorded) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://npm.example/b/1.0.0", nil)
		if _, err := rec.RoundTrip(req); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestChangedBodyIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, Response{URL: "https://npm.example/b", Status: 200, Name: "b.json", Body: []byte("{}")})
	if err := os.WriteFile(filepath.Join(dir, "bodies", "b.json"), []byte("[]"), 0o666); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := get(t, rec, "https://npm.example/b", ""); err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "bodies", "b.json")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := get(t, rec, "https://npm.example/b", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing body: got %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte("{}")))
	head := `{"schema":"plimsoll/recording/v1","recorded":"2026-03-04T12:00:00Z","npm_registry":"https://npm.example/","pypi_index":"","responses":[`
	entry := func(url, body, sum string) string {
		return fmt.Sprintf(`{"url":%q,"status":200,"content_type":"","body":%q,"sha256":%q}`, url, body, sum)
	}
	good := entry("https://npm.example/b", "bodies/b.json", hash)
	for _, tt := range []struct{ name, index, want string }{
		{"unknown schema", `{"schema":"plimsoll/recording/v2"}`, "expected the schema"},
		{"no schema", `{}`, "expected the schema"},
		{"no JSON", `hello`, "invalid"},
		{"no time", `{"schema":"plimsoll/recording/v1","responses":[]}`, "time of the recording"},
		{"unknown member", strings.Replace(head, `"npm_registry"`, `"npm":1,"npm_registry"`, 1) + "]}", "unknown"},
		{"credentials of an index", strings.Replace(head, `"pypi_index":""`, `"pypi_index":"","pypi":{"indexes":[{"url":"https://u:hunter2@a.example/"}]}`, 1) + "]}", "an address with credentials"},
		{"too many indexes", strings.Replace(head, `"pypi_index":""`, `"pypi_index":"","pypi":{"indexes":[{}`+strings.Repeat(",{}", maxIndexes)+`]}`, 1) + "]}", "at most 64"},
		{"unknown member of an index", strings.Replace(head, `"pypi_index":""`, `"pypi_index":"","pypi":{"indexes":[{"x":1}]}`, 1) + "]}", "unknown"},
		{"duplicate member", `{"schema":"plimsoll/recording/v1","schema":"plimsoll/recording/v1"}`, "duplicate"},
		{"duplicate request", head + good + "," + good + "]}", `response 2: "https://npm.example/b" is recorded twice`},
		{"path upwards", head + entry("https://npm.example/b", "bodies/../../etc/passwd", hash) + "]}", "path of a body"},
		{"absolute path", head + entry("https://npm.example/b", "/etc/passwd", hash) + "]}", "path of a body"},
		{"backslash", head + entry("https://npm.example/b", `bodies/..\\x`, hash) + "]}", "path of a body"},
		{"outside bodies", head + entry("https://npm.example/b", "recording.json", hash) + "]}", "path of a body"},
		{"short hash", head + entry("https://npm.example/b", "bodies/b.json", "abcd") + "]}", "response 1: expected 64 lower-case hex digits of SHA-256"},
		{"upper-case hash", head + entry("https://npm.example/b", "bodies/b.json", strings.ToUpper(hash)) + "]}", "SHA-256"},
		{"relative URL", head + entry("/b", "bodies/b.json", hash) + "]}", "absolute"},
		{"file URL", head + entry("file:///etc/passwd", "bodies/b.json", hash) + "]}", "absolute"},
		{"credentials", head + entry("https://u:p@npm.example/b", "bodies/b.json", hash) + "]}", "credentials"},
		{"a status below 200", head + strings.Replace(good, "200", "199", 1) + "]}", "final answer"},
		{"a status above 599", head + strings.Replace(good, "200", "600", 1) + "]}", "final answer"},
		{"no body, and the hash of one", head + entry("https://npm.example/b", "", hash) + "]}", "hash of an empty body"},
		{"redirect", head + strings.Replace(good, "200", "302", 1) + "]}", "final answer"},
		{"trailing data", head + good + "]} {}", "invalid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(fstest.MapFS{"recording.json": {Data: []byte(tt.index)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
	if _, err := Open(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no index: got %v", err)
	}
	for name, good := range map[string]string{
		"what the cases above break": good,
		"the largest status":         strings.Replace(good, "200", "599", 1),
		"no body and its hash":       entry("https://npm.example/b", "", emptySHA256),
		"no body and no hash":        entry("https://npm.example/b", "", ""),
	} {
		if _, err := Open(fstest.MapFS{"recording.json": {Data: []byte(head + good + "]}")}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTrustFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir)
	rec, err := Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() ([]byte, error){"root": rec.TrustedRoot, "keys": rec.NPMKeys} {
		if _, err := read(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v, want fs.ErrNotExist", name, err)
		}
	}
	dir = t.TempDir()
	w, err := Create(dir, Header{Recorded: noon})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close([]byte("root"), []byte("keys")); err != nil {
		t.Fatal(err)
	}
	if rec, err = Open(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	root, errRoot := rec.TrustedRoot()
	keys, errKeys := rec.NPMKeys()
	if errRoot != nil || errKeys != nil || string(root) != "root" || string(keys) != "keys" {
		t.Errorf("got %q, %v and %q, %v", root, errRoot, keys, errKeys)
	}
}

func TestWriterRefuses(t *testing.T) {
	t.Parallel()
	base := Response{URL: "https://npm.example/b", Status: 200, Name: "b.json", Body: []byte("{}")}
	for _, tt := range []struct {
		name   string
		change func(*Response)
		ok     bool
	}{
		{"the same again", func(*Response) {}, true},
		{"another answer", func(r *Response) { r.Body = []byte("[]") }, false},
		{"another body under the same name", func(r *Response) { r.URL, r.Body = "https://npm.example/c", []byte("[]") }, false},
		{"the same body under the same name", func(r *Response) { r.URL = "https://npm.example/c" }, true},
		{"a name upwards", func(r *Response) { r.URL, r.Name = "https://npm.example/c", "../x.json" }, false},
		{"an absolute name", func(r *Response) { r.URL, r.Name = "https://npm.example/c", "/x.json" }, false},
		{"a relative URL", func(r *Response) { r.URL = "c" }, false},
		{"a redirect", func(r *Response) { r.URL, r.Status = "https://npm.example/c", 301 }, false},
		{"a header with a line feed", func(r *Response) { r.URL, r.ContentType = "https://npm.example/c", "a\r\nb" }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, err := Create(t.TempDir(), Header{Recorded: noon})
			if err != nil {
				t.Fatal(err)
			}
			if err := base.add(w); err != nil {
				t.Fatal(err)
			}
			second := base
			tt.change(&second)
			if err := second.add(w); (err == nil) != tt.ok {
				t.Errorf("got %v, want success %v", err, tt.ok)
			}
			if err := w.Close(nil, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnEmptyBodyIsNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, Response{URL: "https://npm.example/gone", Status: 404})
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 || entries[0].Name() != indexFile {
		t.Errorf("found %v, %v", entries, err)
	}
}

func TestCreateOverwritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir)
	if _, err := Create(dir, Header{Recorded: noon}); err == nil {
		t.Error("a recording was opened for writing over another")
	}
	if _, err := Create(t.TempDir(), Header{}); err == nil {
		t.Error("a recording without a time was accepted")
	}
}

func TestSameAnswersSameBytes(t *testing.T) {
	t.Parallel()
	a := Response{URL: "https://npm.example/a", Status: 200, Body: []byte("a<&>")}
	b := Response{URL: "https://npm.example/b", Status: 200, Accept: "x", Body: []byte("b")}
	c := Response{URL: "https://npm.example/b", Status: 200, Accept: "y", Body: []byte("c")}
	var got [2]string
	for i, order := range [][]Response{{a, b, c}, {c, b, a}} {
		dir := t.TempDir()
		write(t, dir, order...)
		data := testfiles.Read(t, dir, "recording.json")
		got[i] = string(data)
	}
	if got[0] != got[1] {
		t.Errorf("the order of recording shows:\n%s\n%s", got[0], got[1])
	}
	if strings.Index(got[0], `"x"`) > strings.Index(got[0], `"y"`) {
		t.Errorf("one address's answers are not sorted:\n%s", got[0])
	}
	if !strings.HasSuffix(got[0], "}\n") || strings.Index(got[0], "/a") > strings.Index(got[0], "/b") {
		t.Errorf("not sorted, or no final line feed:\n%s", got[0])
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"schema":"plimsoll/recording/v1","recorded":"2026-03-04T12:00:00Z","npm_registry":"","pypi_index":"","responses":[{"url":"https://npm.example/b","status":200,"content_type":"","body":"bodies/b","sha256":"` + emptySHA256 + `"}]}`))
	for _, data := range seeds.Files(f, seeds.Recordings) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := Open(fstest.MapFS{"recording.json": {Data: data}})
		if err != nil {
			return
		}
		idx := index{Schema: Schema, Header: rec.Header}
		for _, e := range rec.entries {
			if e.Body != "" && (!fs.ValidPath(e.Body) || !strings.HasPrefix(e.Body, "bodies/")) {
				t.Fatalf("the path %q was accepted", e.Body)
			}
			idx.Responses = append(idx.Responses, e)
		}
		again, err := encodeIndex(&idx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeIndex(again); err != nil {
			t.Fatalf("what was read cannot be read back: %v", err)
		}
	})
}

// Each of several indexes may answer, and the header comes back as it was.
func TestSeveralIndexes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	header := Header{Recorded: noon, PyPIIndex: "https://a.example/s/", PyPI: &Indexes{
		Indexes: []Index{
			{Name: "a", URL: "https://a.example/s/", NotHere: []int{403}, Shared: true, Access: "none were sent"},
			{URL: "https://b.example/"}, {Fault: "plain http"},
		},
		Strategy: "unsafe-best-match", Notices: []string{"one"},
	}}
	recorder, err := Create(dir, header)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{"a.example": true, "b.example": true, "c.example": false} {
		err := recorder.Record(registry.Exchange{URL: &url.URL{Scheme: "https", Host: host, Path: "/x"}, Status: 404})
		if (err == nil) != want {
			t.Errorf("%s: %v", host, err)
		}
	}
	if err := recorder.Close(nil, nil); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(os.DirFS(dir))
	if err != nil || !reflect.DeepEqual(rec.PyPI, header.PyPI) {
		t.Errorf("got %+v, %v", rec.PyPI, err)
	}
}
