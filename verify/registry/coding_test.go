package registry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
)

// Codings are read whatever their case and order; what was not asked for is named.
func TestCodings(t *testing.T) {
	t.Parallel()
	const document = `{"name":"x"}`
	zip := string(zipped(t, []byte(document)))
	half := string(zipped(t, []byte(document[:5]))) + string(zipped(t, []byte(document[5:])))
	for _, tt := range []struct {
		name    string
		codings []string // the headers
		body    string
		want    string // of the error, "" for the document
	}{
		{"none", nil, document, ""},
		{"empty", []string{""}, document, ""},
		{"identity", []string{"identity"}, document, ""},
		{"Identity twice", []string{"Identity, identity"}, document, ""},
		{"gzip", []string{"gzip"}, zip, ""},
		{"GZIP", []string{"GZIP"}, zip, ""},
		{"x-gzip", []string{"x-gzip"}, zip, ""},
		{"X-GZip and space", []string{" X-GZip "}, zip, ""},
		{"gzip, identity", []string{"gzip, identity"}, zip, ""},
		{"gzip and identity", []string{"identity", "gzip"}, zip, ""},
		{"several members", []string{"gzip"}, half, ""},
		{"something behind the gzip", []string{"gzip"}, zip + "\n", ""},
		{"something long behind the gzip", []string{"gzip"}, zip + strings.Repeat("no gzip ", 1<<17), ""},
		{"a second member that is broken", []string{"gzip"}, zip + "\x1f\x8b7", "was cut before the whole answer had come"},
		{"cut", []string{"gzip"}, zip[:len(zip)-6], "was cut before the whole answer had come"},
		{"a wrong checksum", []string{"gzip"}, zip[:len(zip)-8] + "12345678", "gzip: invalid checksum"},
		{"nothing", []string{"gzip"}, "", "found an empty answer"},
		{"no gzip", []string{"gzip"}, document, "the answer says that it is gzip (Content-Encoding), and is not"},
		{"gzip in gzip", []string{"gzip"}, string(zipped(t, []byte(zip))), "the answer is gzip within the gzip that it says it is"},
		{"gzip, gzip", []string{"gzip, GZIP"}, string(zipped(t, []byte(zip))), `found the content coding "gzip, gzip": it was not asked for`},
		{"gzip and gzip", []string{"gzip", "x-gzip"}, string(zipped(t, []byte(zip))), `found the content coding "gzip, gzip"`},
		{"br", []string{"br"}, "x", `expected a plain answer or gzip, found the content coding "br": it was not asked for`},
		{"Br", []string{"Br, identity"}, "x", `found the content coding "br"`},
		{"deflate", []string{"deflate"}, "x", `found the content coding "deflate"`},
		{"zstd", []string{"ZSTD"}, "x", `found the content coding "zstd"`},
		{"gzip, zstd", []string{"gzip, zstd"}, "x", `found the content coding "gzip, zstd"`},
		{"hostile", []string{strings.Repeat("\xc2\x9b", 500)}, "x", `found the content coding "\u009b`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Encoding"] = tt.codings
				io.WriteString(w, tt.body)
			})
			c := New(Options{Sleep: noWait})
			body, _, err := c.Get(t.Context(), request(base))
			if tt.want == "" && (err != nil || string(body) != document) {
				t.Errorf("got %q, %v", body, err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 1000) {
				t.Errorf("got %q, %v, want %q", body, err, tt.want)
			}
		})
	}
}

// The text of an error is not shown in a coding that nobody undoes.
func TestCodedError(t *testing.T) {
	t.Parallel()
	for coding, want := range map[string]string{"identity": "no", "br": ""} {
		base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", coding)
			w.WriteHeader(403)
			io.WriteString(w, "no")
		})
		_, _, err := client().Get(t.Context(), request(base))
		if status := new(statusError); !errors.As(err, &status) || status.Body != want {
			t.Errorf("%s: got %v", coding, err)
		}
	}
}

// The length of a compressed answer is not that of what it decodes to.
func TestLengthOfACompressedAnswer(t *testing.T) {
	t.Parallel()
	for encoding, want := range map[string]int64{"gzip": -1, "": 100} {
		g := &gunzip{base: roundTrip(func(req *http.Request) (*http.Response, error) {
			header := http.Header{"Content-Encoding": {encoding}, "Content-Length": {"100"}}
			return &http.Response{StatusCode: 200, Header: header, ContentLength: 100, Body: http.NoBody, Request: req}, nil
		})}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://registry.example/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := g.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.ContentLength != want || resp.Uncompressed != (want == -1) || (resp.Header.Get("Content-Length") == "") != (want == -1) {
			t.Errorf("%q: length %d, header %v", encoding, resp.ContentLength, resp.Header)
		}
	}
}

// An endless stream of empty compressed members decodes to nothing at all:
// only a bound on the wire stops it.
func TestEndlessEmptyGzip(t *testing.T) {
	t.Parallel()
	empty := zipped(t, nil)
	endless := &gzipBody{wire: io.NopCloser(&repeat{data: empty}), limit: 1 << 20}
	if _, err := io.ReadAll(endless); !errors.Is(err, untrusted.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

type repeat struct {
	data []byte
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.data[r.at]
		r.at = (r.at + 1) % len(r.data)
	}
	return len(p), nil
}

func TestBrokenGzip(t *testing.T) {
	t.Parallel()
	whole := zipped(t, bytes.Repeat([]byte("1"), 500))
	for name, data := range map[string][]byte{"cut": whole[:len(whole)-6], "no gzip": []byte(`{"a":1}`)} {
		t.Run(name, func(t *testing.T) {
			base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				w.Write(data)
			})
			if body, _, err := client().Get(context.Background(), request(base)); err == nil {
				t.Errorf("accepted as %q", body)
			}
		})
	}
}
