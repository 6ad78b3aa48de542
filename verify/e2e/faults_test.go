package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

// The packages whose answers are spoiled, and one of the requests for each.
const (
	npmVictim    = "dockyard/npx/mcp-jetbrains/spec.yaml"
	npmManifest  = "/@jetbrains%2fmcp-proxy/1.8.0"
	npmEvidence  = "/-/npm/v1/attestations/"
	pypiVictim   = "dockyard/uvx/mcp-clickhouse/spec.yaml"
	pypiIndex    = "/simple/mcp-clickhouse/"
	pypiEvidence = "/integrity/mcp-clickhouse/"
	goVictim     = "attacks/go/honest-module/spec.yaml"
	goInfo       = "/go/github.com/drydock-demo/honest-module/@v/v1.4.2.info"
	goMod        = "/go/github.com/drydock-demo/honest-module/@v/v1.4.2.mod"
	goList       = "/go/github.com/drydock-demo/honest-module/@v/list"
	goLookup     = "/go/sumdb/sum.demo.example/lookup/"
	goTile       = "/go/sumdb/sum.demo.example/tile/"
)

// fault spoils the nth answer (from 1) to a request; false leaves it alone.
type fault func(w http.ResponseWriter, r *http.Request, n int) bool

// faulty serves the demo's registries, npm's below / and the index at
// /simple/, and spoils what belongs to the victims.
type faulty struct {
	*httptest.Server
	path  string
	fault fault
	count atomic.Int32
	free  chan struct{} // closed at the end: lets go what hangs
}

func newFaulty(t *testing.T, encrypted bool, path string, f fault) *faulty {
	t.Helper()
	answers, _ := lab.Recording(t)
	s := &faulty{path: path, fault: f, free: make(chan struct{})}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.EscapedPath(), s.path) && victim(r.URL.Path) && s.fault(w, r, int(s.count.Add(1))) {
			return
		}
		lab.Serve(answers, w, r)
	})
	if encrypted {
		s.Server = httptest.NewTLSServer(handler)
	} else {
		s.Server = httptest.NewServer(handler)
	}
	t.Cleanup(func() { close(s.free); s.Server.Close() })
	return s
}

func victim(path string) bool {
	return strings.Contains(path, "@jetbrains/mcp-proxy") || strings.Contains(path, "mcp-clickhouse") ||
		strings.Contains(path, "honest-module") || strings.HasPrefix(path, goTile)
}

// demoTrust is the trust root of the demo's evidence.
func demoTrust(t *testing.T) trust.Material {
	t.Helper()
	_, material := lab.Recording(t)
	return material
}

// few are the victims and some packages beside them.
func few(t *testing.T) []catalog.Spec {
	t.Helper()
	all := lab.Specs(t)
	var specs []catalog.Spec
	others := 0
	for _, s := range all {
		path := string(s.Path)
		switch {
		case path == npmVictim, path == pypiVictim, path == goVictim:
			specs = append(specs, s)
		case strings.HasPrefix(path, "dockyard/") && others < 12:
			others++
			specs = append(specs, s)
		}
	}
	if len(specs) != 15 {
		t.Fatalf("got %d specs", len(specs))
	}
	return specs
}

// outcome is what a scan said of the packages.
type outcome struct {
	reports map[string]*verify.Report
	told    map[string][]string
}

func (s *faulty) scan(t *testing.T, specs []catalog.Spec, o registry.Options) outcome {
	t.Helper()
	if o.Transport == nil {
		o.Transport = registry.NewTransport(registry.TransportOptions{})
	}
	o.Sleep = func(context.Context, time.Duration) error { return nil }
	from := lab.Asked(t, o, s.URL, s.URL+"/simple/", demoTrust(t))
	got := outcome{map[string]*verify.Report{}, map[string][]string{}}
	running := scan.Start(t.Context(), scan.Config{Fetch: from}, func(e scan.Event) {
		path := string(specs[e.ID].Path)
		switch e.Kind {
		case scan.Finished:
			got.reports[path] = e.Report
		case scan.Progress:
			got.told[path] = append(got.told[path], e.Message)
		}
	})
	for i, spec := range specs {
		running.Submit(scan.Task{ID: i, Spec: &spec})
	}
	if err := running.Wait(); err != nil {
		t.Fatal(err)
	}
	return got
}

// judge compares the outcome with what the specs expect, except for a victim.
func (o outcome) judge(t *testing.T, specs []catalog.Spec, victim, status, reason string) {
	t.Helper()
	for _, spec := range specs {
		path := string(spec.Path)
		report := o.reports[path]
		want := spec.Expect
		if path == victim {
			want = status
		}
		if report == nil || report.Status.String() != want {
			t.Errorf("%s: expected %s, got %+v", path, want, report)
			continue
		}
		if path != victim {
			continue
		}
		text := report.Reason
		for _, artifact := range report.Artifacts {
			text += "\n" + artifact.Reason
		}
		if !strings.Contains(text, reason) {
			t.Errorf("%s: expected the reason %q, found %q", path, reason, text)
		}
		if report.Status != verify.Verified && report.Publisher != nil {
			t.Errorf("%s: a publisher without proof", path)
		}
	}
}

func respond(status int, header ...string) fault { return answers(status, `{"error":"no"}`, header) }

func says(body string, header ...string) fault { return answers(http.StatusOK, body, header) }

func answers(status int, body string, header []string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

func first(times int, f fault) fault {
	return func(w http.ResponseWriter, r *http.Request, n int) bool { return n <= times && f(w, r, n) }
}

// raw writes bytes to the connection and closes it, with a reset when hard.
func raw(text string, hard bool) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return false
		}
		io.WriteString(conn, text)
		if tcp, ok := conn.(*net.TCPConn); ok && hard {
			tcp.SetLinger(0)
		}
		conn.Close()
		return true
	}
}

const rawHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"

// Whatever a registry does to one package, that package says so, and no other
// notices.
func TestFaults(t *testing.T) {
	t.Parallel()
	html := func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><title>Sign in</title>")
		return true
	}
	redirect := func(to func(*http.Request) string) fault {
		return func(w http.ResponseWriter, r *http.Request, _ int) bool {
			http.Redirect(w, r, to(r), http.StatusFound)
			return true
		}
	}
	elsewhere := redirect(func(r *http.Request) string { return "https://elsewhere.example" + r.URL.Path })
	loop := redirect(func(r *http.Request) string { return r.URL.EscapedPath() })
	for _, tt := range []struct {
		name, path, victim, status, reason string
		fault                              fault
		told                               string
	}{
		{"429 with Retry-After, then well", npmManifest, npmVictim, "verified", "", first(1, respond(429, "Retry-After", "12")), "waiting 12 s: too many requests"},
		{"429 without, then well", pypiIndex, pypiVictim, "verified", "", first(2, respond(429)), "waiting 1 s: too many requests"},
		{"429 for ever", npmManifest, npmVictim, "unchecked", "429 Too Many Requests", respond(429, "Retry-After", "2"), "waiting 2 s: too many requests"},
		{"429 for an hour", pypiIndex, pypiVictim, "unchecked", "asks to wait 1 h", respond(429, "Retry-After", "3600"), ""},
		{"503, then well", npmEvidence, npmVictim, "verified", "", first(1, respond(503)), "waiting 1 s: the server answers 503"},
		{"503 for the provenance, then well", pypiEvidence, pypiVictim, "verified", "", first(2, respond(503)), "waiting 1 s: the server answers 503"},
		{"503 for ever", pypiIndex, pypiVictim, "unchecked", "503 Service Unavailable", respond(503), ""},
		{"500", npmManifest, npmVictim, "unchecked", "(tried 4 times)", respond(500), ""},
		{"520, then well", npmManifest, npmVictim, "verified", "", first(1, respond(520)), "waiting 1 s: the server answers 520"},
		{"408 for the index, then well", pypiIndex, pypiVictim, "verified", "", first(1, respond(408)), "waiting 1 s: the server answers 408"},
		{"a status of the proxy's kind", npmEvidence, npmVictim, "unchecked", "407 Proxy Authentication Required", respond(407), ""},
		{"401", npmManifest, npmVictim, "unchecked", "401 Unauthorized", respond(401), ""},
		{"404 for the release", npmManifest, npmVictim, "unchecked", "version not found", respond(404), ""},
		{"404 for advertised attestations", npmEvidence, npmVictim, "unchecked", "advertised, but the registry answers 404", respond(404), ""},
		{"404 for advertised provenance", pypiEvidence, pypiVictim, "unchecked", "advertised, but the registry answers 404", respond(404), ""},
		{"503 for advertised provenance", pypiEvidence, pypiVictim, "unchecked", "could not be fetched", respond(503), ""},
		{"truncated", npmManifest, npmVictim, "unchecked", "was cut before the whole answer had come", raw(fmt.Sprintf(rawHead, 500, `{"name":`), false), "waiting 1 s: the connection was cut"},
		{"truncated, then well", npmManifest, npmVictim, "verified", "", first(1, raw(fmt.Sprintf(rawHead, 500, `{"name":`), false)), ""},
		{"longer than it says", npmManifest, npmVictim, "unchecked", "no valid JSON", raw(fmt.Sprintf(rawHead, 10, `{"name":"@jetbrains/mcp-proxy"}`), false), ""},
		{"cut off", pypiIndex, pypiVictim, "unchecked", "tried 4 times", raw("", true), "waiting 1 s: the connection was cut"},
		{"reset in the body, then well", pypiIndex, pypiVictim, "verified", "", first(1, raw(fmt.Sprintf(rawHead, 500, "{"), true)), ""},
		{"no HTTP", npmManifest, npmVictim, "unchecked", "malformed HTTP", raw("220 smtp.example ESMTP\r\n", false), ""},
		{"a web page", npmManifest, npmVictim, "unchecked", "found a web page", html, ""},
		{"a web page for the provenance", pypiEvidence, pypiVictim, "unchecked", "found a web page", html, ""},
		{"an index in HTML", pypiIndex, pypiVictim, "unchecked", "the index answers with HTML (PEP 503) only",
			says(`<html><a href="mcp_clickhouse-1.0.tar.gz">mcp_clickhouse-1.0.tar.gz</a>`, "Content-Type", "text/html"), ""},
		{"no JSON form of the index", pypiIndex, pypiVictim, "unchecked", "the index answers with HTML (PEP 503) only", respond(406), ""},
		{"gzip without a label", npmManifest, npmVictim, "unchecked", "the answer is gzip without saying so", says("\x1f\x8b\x08\x00"), ""},
		{"gzip without a label for the evidence", pypiEvidence, pypiVictim, "unchecked", "the answer is gzip without saying so", says("\x1f\x8b\x08\x00"), ""},
		{"a coding that was not asked for", npmEvidence, npmVictim, "unchecked", `the content coding "zstd"`, says("x", "Content-Encoding", "zstd"), ""},
		{"nothing", npmManifest, npmVictim, "unchecked", "found an empty answer", says(""), ""},
		{"redirect to another host", npmManifest, npmVictim, "unchecked", "redirects to \"https://elsewhere.example\"", elsewhere, ""},
		{"redirect of the evidence", npmEvidence, npmVictim, "unchecked", "redirects to \"https://elsewhere.example\"", elsewhere, ""},
		{"503 for the lookup, then well", goLookup, goVictim, "signed", "", first(1, respond(503)), "waiting 1 s: the server answers 503"},
		{"503 for a tile, then well", goTile, goVictim, "signed", "", first(1, respond(503)), "waiting 1 s: the server answers 503"},
		{"404 for a module's version", goInfo, goVictim, "unchecked", "version not found", respond(404), ""},
		{"410 for a module's version", goInfo, goVictim, "unchecked", "version not found", respond(410), ""},
		{"404 for the record", goLookup, goVictim, "unchecked", "a record of the checksum database is needed", respond(404), ""},
		{"404 for a tile", goTile, goVictim, "unchecked", "404 Not Found", respond(404), ""},
		{"403 for a tile", goTile, goVictim, "unchecked", "403 Forbidden", respond(403), ""},
		{"a web page for the .info", goInfo, goVictim, "unchecked", "found a web page", html, ""},
		{"a web page for the record", goLookup, goVictim, "unchecked", "found a web page", html, ""},
		{"a web page for a tile", goTile, goVictim, "unchecked", "found a web page", html, ""},
		{"no .info", goInfo, goVictim, "unchecked", ".info", says("v1.4.2"), ""},
		{"an empty record", goLookup, goVictim, "invalid", "the answer is no record", says(""), ""},
		{"a cut tile", goTile, goVictim, "unchecked", "was cut before the whole answer had come", raw(fmt.Sprintf(rawHead, 8192, "x"), false), ""},
		{"a tile that is too large", goTile, goVictim, "unchecked", "more than", says(strings.Repeat("x", 9000)), ""},
		{"a record that is too large", goLookup, goVictim, "unchecked", "more than", says(strings.Repeat("x", 1<<20)), ""},
		{"a go.mod that is too large", goMod, goVictim, "unchecked", "more than", says(strings.Repeat("x", 17<<20)), ""},
		{"redirect of a record", goLookup, goVictim, "unchecked", "redirects to \"https://elsewhere.example\"", elsewhere, ""},
		{"redirect of a tile", goTile, goVictim, "unchecked", "redirects to \"https://elsewhere.example\"", elsewhere, ""},
		{"redirect loop", pypiIndex, pypiVictim, "unchecked", "more than 5 redirects", loop, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			specs := few(t)
			server := newFaulty(t, false, tt.path, tt.fault)
			got := server.scan(t, specs, registry.Options{})
			got.judge(t, specs, tt.victim, tt.status, tt.reason)
			if told := strings.Join(got.told[tt.victim], "\n"); !strings.Contains(told, tt.told) {
				t.Errorf("told %q, want %q", told, tt.told)
			}
		})
	}
}

// A registry that hangs, or that answers so slowly that it might as well,
// costs its packages a bounded time each. The limit is the shortest that a
// loaded machine keeps for the other packages.
func TestHangs(t *testing.T) {
	t.Parallel()
	const limit = 2 * time.Second
	for _, tt := range []struct {
		name, path, victim, reason string
		begin, drip                string // what comes at once, and then again and again
	}{
		{"before the answer", npmManifest, npmVictim, "did not begin to answer in time", "", ""},
		{"in the answer", pypiIndex, pypiVictim, "stopped half-way", fmt.Sprintf(rawHead, 500, `{"meta":`), ""},
		{"slow headers", npmManifest, npmVictim, "did not begin to answer in time", "HTTP/1.1 200 OK\r\nX-Slow: ", "a"},
		{"slow body", pypiIndex, pypiVictim, "no complete answer within 2 s", fmt.Sprintf(rawHead, 1<<20, "{"), " "},
		{"no record", goLookup, goVictim, "did not begin to answer in time", "", ""},
		{"slow tile", goTile, goVictim, "no complete answer within 2 s", fmt.Sprintf(rawHead, 8192, "x"), "x"},
		{"slow evidence", npmEvidence, npmVictim, "no complete answer within 2 s", fmt.Sprintf(rawHead, 1<<20, "{"), " "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			specs := few(t)
			server := newFaulty(t, false, tt.path, nil)
			server.fault = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				server.drip(w, tt.begin, tt.drip, limit/100)
				return true
			}
			options := registry.Options{Transport: registry.NewTransport(registry.TransportOptions{Headers: limit}), Stall: limit}
			if strings.Contains(tt.reason, "complete answer") {
				options.Timeout = limit
			}
			got := server.scan(t, specs, options)
			got.judge(t, specs, tt.victim, "unchecked", tt.reason)
		})
	}
}

// drip writes to the connection what begins an answer, and then a little at
// every tick, until the client goes or the server ends.
func (s *faulty) drip(w http.ResponseWriter, begin, little string, every time.Duration) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	io.WriteString(conn, begin)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.free:
			return
		case <-tick.C:
			if _, err := io.WriteString(conn, little); err != nil {
				return
			}
		}
	}
}

// A private registry's certificate authority is trusted because it was named,
// and a redirect from https to http is refused.
func TestEncrypted(t *testing.T) {
	t.Parallel()
	downgrade := func(w http.ResponseWriter, r *http.Request, _ int) bool {
		http.Redirect(w, r, "http://"+r.Host+r.URL.Path, http.StatusFound)
		return true
	}
	specs := few(t)
	server := newFaulty(t, true, npmManifest, downgrade)
	trusting := registry.TransportOptions{RootCAs: registry.Authorities(server.Certificate())}
	got := server.scan(t, specs, registry.Options{Transport: registry.NewTransport(trusting)})
	got.judge(t, specs, npmVictim, "unchecked", "redirects to \"http://")
	for _, report := range server.scan(t, specs[:3], registry.Options{}).reports {
		if report.Status.String() != "unchecked" || !strings.Contains(report.Reason, "certificate") {
			t.Errorf("without the authority: %v: %s", report.Status, report.Reason)
		}
	}
}

// A registry that is down as a whole costs a bounded number of attempts, not
// all retries of every package.
func TestDeadRegistry(t *testing.T) {
	t.Parallel()
	specs := lab.Specs(t)
	var asked atomic.Int32
	server := &faulty{Server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))}
	defer server.Close()
	readable := 0
	got := server.scan(t, specs, registry.Options{})
	for _, spec := range specs {
		if spec.Err != nil {
			continue
		}
		readable++
		if r := got.reports[string(spec.Path)]; r == nil || r.Status.String() != "unchecked" {
			t.Errorf("%v: %+v", spec.Path, r)
		}
	}
	if n := int(asked.Load()); n > readable+registry.DefaultRetries {
		t.Errorf("%d requests for %d packages", n, readable)
	}
}
