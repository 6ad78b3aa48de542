package recording

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll/verify/registry"
)

// What was fetched is fetched again from the recording, redirects, waits and
// failures included; what was not is an error that names it; and no
// credentials are in it.
func TestRecordAndReplay(t *testing.T) {
	t.Parallel()
	attempts := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/here":
			io.WriteString(w, `{"here":true}`)
		case "/busy":
			if attempts++; attempts == 1 {
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			io.WriteString(w, `{}`)
		case "/denied":
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, "no, hunter2")
		case "/echo":
			io.WriteString(w, `{"authorization":"Bearer hunter2"}`)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	base, err := url.Parse(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	recorder, err := Create(dir, Header{Recorded: noon, NPMRegistry: base.String()})
	if err != nil {
		t.Fatal(err)
	}
	fetch := func(transport http.RoundTripper, record func(registry.Exchange) error, path string) (string, error) {
		c := registry.New(registry.Options{Transport: transport, Record: record, Sleep: func(context.Context, time.Duration) error { return nil }})
		body, _, err := c.Get(t.Context(), registry.Request{
			URL: base.JoinPath(path), Accept: "application/json", Limit: 1000, What: "manifest", Authorization: "Bearer hunter2",
		})
		return string(body), err
	}
	want := map[string]string{"moved": `{"here":true}`, "busy": `{}`, "denied": "403", "absent": "404"}
	check := func(path, body string, err error) {
		if want := want[path]; strings.HasPrefix(want, "{") && (err != nil || body != want) || !strings.HasPrefix(want, "{") && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %q, %v; want %s", path, body, err, want)
		}
	}
	for path := range want {
		body, err := fetch(nil, recorder.Record, path)
		check(path, body, err)
	}
	if _, err := fetch(nil, recorder.Record, "echo"); err == nil || !strings.Contains(err.Error(), "holds the credentials") {
		t.Errorf("an answer with credentials: got %v", err)
	}
	other, _ := url.Parse("https://other.example/x")
	if err := recorder.Record(registry.Exchange{URL: other, Status: 200, Body: []byte("{}")}); err == nil {
		t.Error("a second registry was recorded")
	}
	if err := recorder.Close([]byte("root"), []byte("keys")); err != nil {
		t.Fatal(err)
	}
	server.Close()

	recording, err := Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for path := range want {
		body, err := fetch(recording, nil, path)
		check(path, body, err)
	}
	if _, err := fetch(recording, nil, "never"); !errors.Is(err, ErrNotRecorded) || !strings.Contains(err.Error(), "/never") {
		t.Errorf("not recorded: got %v", err)
	}
	if keys, err := recording.NPMKeys(); err != nil || string(keys) != "keys" {
		t.Errorf("got %q, %v", keys, err)
	}
	if root, err := recording.TrustedRoot(); err != nil || string(root) != "root" || recording.NPMRegistry != base.String() {
		t.Errorf("got %q, %v, %q", root, err, recording.NPMRegistry)
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), "hunter2") {
			t.Errorf("%s holds the credentials", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A recording that cannot be written spoils nothing but itself: the answers
// are as they were, and the end says what went wrong.
func TestAFullDiskIsNoFaultOfTheRegistry(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	base, err := url.Parse("https://npm.example/")
	if err != nil {
		t.Fatal(err)
	}
	recorder, err := Create(dir, Header{Recorded: noon, NPMRegistry: base.String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, bodiesFolder), nil, 0o600); err != nil { // nothing can be put there
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		exchange := registry.Exchange{URL: base.JoinPath(name), Status: http.StatusOK, ContentType: "application/json", Body: []byte("{}")}
		if err := recorder.Record(exchange); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := recorder.Close([]byte("{}"), nil); err == nil || !strings.HasPrefix(err.Error(), "nothing was recorded: record: ") {
		t.Errorf("Close: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, indexFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the index was written: %v", err)
	}
}
