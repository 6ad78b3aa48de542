package cli

import (
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"plimsoll/testdata/demo"
	"plimsoll/testdata/lab"
	"plimsoll/verify/registry/recording"
)

// scriptRegistry is the demo's registries on loopback, for scripts.
type scriptRegistry struct {
	server *httptest.Server

	mu    sync.Mutex
	asked []string // "path status", in order
}

// registryCommand:
//
//	registry tls      starts it; $TLS is its address, ca.pem its certificate
//	registry          starts it; $NPM and $PYPI are its addresses; root.json, keys.json and cat/ appear
//	registry chatty   starts one that knows nothing, and sends more than it was asked for; $CHATTY is its address
//	registry stop     ends it
//	registry asked F  writes what it was asked since the last time to the file F, a line a request
func registryCommand(ts *testscript.TestScript, neg bool, args []string) {
	r := ts.Value(scriptRegistryKey{}).(*scriptRegistry)
	switch {
	case neg:
		ts.Fatalf("registry cannot be negated")
	case len(args) == 0:
		r.start(ts, httptest.NewServer)
	case args[0] == "tls":
		r.start(ts, httptest.NewTLSServer)
		ts.Setenv("TLS", r.server.URL)
		certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.server.Certificate().Raw})
		ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), certificate, 0o666))
	case args[0] == "chatty":
		ended := make(chan struct{})
		chatty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			fmt.Fprint(conn, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nX: \x1b[2J\r\n")
			<-ended
		}))
		ts.Defer(func() { close(ended); chatty.Close() })
		ts.Setenv("CHATTY", chatty.URL)
	case args[0] == "stop":
		r.server.Close()
	case args[0] == "asked" && len(args) == 2:
		r.mu.Lock()
		defer r.mu.Unlock()
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(append(r.asked, ""), "\n")), 0o666))
		r.asked = nil
	default:
		ts.Fatalf("usage: registry [tls | chatty | stop | asked FILE]")
	}
}

type scriptRegistryKey struct{}

func (r *scriptRegistry) start(ts *testscript.TestScript, serve func(http.Handler) *httptest.Server) {
	recording, err := recording.Open(demo.Recording())
	ts.Check(err)
	r.server = serve(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		note := &noted{ResponseWriter: w, status: http.StatusOK}
		r.answer(recording, note, req)
		r.mu.Lock()
		defer r.mu.Unlock()
		line := fmt.Sprintf("%s %d", req.URL.Path, note.status)
		if req.Method == http.MethodConnect { // it is used as a proxy
			line = "CONNECT " + req.Host
			if req.Header.Get("Proxy-Authorization") != "" {
				line += " authorized"
			}
		}
		if req.Header.Get("Authorization") != "" {
			line += " authorized"
		}
		r.asked = append(r.asked, line)
	}))
	ts.Defer(r.server.Close)
	ts.Setenv("NPM", r.server.URL+"/")
	ts.Setenv("PYPI", r.server.URL+"/simple/")
	ts.Setenv("ADDRESS", strings.TrimPrefix(r.server.URL, "http://"))
	ts.Check(lab.Unpack(ts.MkAbs("."), "npx/mcp-jetbrains/spec.yaml", "uvx/mcp-clickhouse/spec.yaml"))
}

// answer answers as the recording does, with an entity tag.
func (r *scriptRegistry) answer(recording *recording.Recording, w http.ResponseWriter, req *http.Request) {
	status, contentType, body, ok := lab.Answer(recording, req)
	if !ok {
		http.NotFound(w, req)
		return
	}
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256(body))
	w.Header().Set("ETag", tag)
	if req.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body)
}

// noted remembers the status of an answer.
type noted struct {
	http.ResponseWriter
	status int
}

func (n *noted) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}
