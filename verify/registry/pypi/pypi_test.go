package pypi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/seeds"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

var sum = strings.Repeat("ab", 32)

// fake is an index below /simple/: escaped path → answer. "{{BASE}}" in an
// answer is its address.
type fake struct {
	index *url.URL
	mu    sync.Mutex
	asked []string
}

type answer struct {
	status int
	body   string
}

func ok(body string) answer { return answer{200, body} }

func serve(t *testing.T, answers map[string]answer) *fake {
	t.Helper()
	f := &fake{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.asked = append(f.asked, r.URL.EscapedPath())
		f.mu.Unlock()
		want := acceptProvenance
		if strings.HasPrefix(r.URL.Path, "/simple/") {
			want = acceptIndex
		}
		if r.Header.Get("Accept") != want {
			t.Errorf("%s: Accept is %q", r.URL, r.Header.Get("Accept"))
		}
		a, found := answers[r.URL.EscapedPath()]
		if !found {
			a = answer{404, "not found"}
		}
		w.WriteHeader(a.status)
		io.WriteString(w, strings.ReplaceAll(a.body, "{{BASE}}", "http://"+r.Host))
	}))
	t.Cleanup(server.Close)
	index, err := registry.ParseBase(server.URL + "/simple")
	if err != nil {
		t.Fatal(err)
	}
	f.index = index
	return f
}

func client() *registry.Client {
	return registry.New(registry.Options{Now: func() time.Time { return noon }, Sleep: func(context.Context, time.Duration) error { return nil }})
}

func rel(name, version string) verify.Release {
	return verify.Release{Ecosystem: verify.PyPI, Name: untrusted.Text(name), Version: untrusted.Text(version)}
}

func (f *fake) fetch(name, version string) (verify.Evidence, error) {
	return New(client(), Config{Indexes: []Index{{URL: f.index}}}).Fetch(context.Background(), rel(name, version), nil)
}

// pageJSON is a project's page with the given file entries.
func pageJSON(name string, files ...string) string {
	return fmt.Sprintf(`{"meta":{"api-version":"1.3"},"name":%q,"versions":["1.0"],"files":[%s]}`, name, strings.Join(files, ","))
}

// entry is one file of a page, with further members.
func entry(filename, more string) string {
	return fmt.Sprintf(`{"filename":%q,"url":"https://files.test/x","hashes":{"sha256":%q}%s}`, filename, sum, more)
}

func TestFetch(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{
		"/simple/foo-bar/": ok(pageJSON("Foo.Bar",
			entry("foo_bar-0.9.tar.gz", `,"provenance":"{{BASE}}/never"`),
			entry("foo_bar-1.0-py3-none-any.whl", `,"size":42,"yanked":"broken","provenance":"{{BASE}}/integrity/wheel"`),
			entry("Foo-Bar-1.0.0.tar.gz", `,"provenance":"../../integrity/sdist","yanked":false`),
			entry("foo_bar-1.0-cp312-cp312-win32.whl", `,"provenance":null,"yanked":true`),
			entry("foo_bar-1.0-py2.7.egg", ""),
			entry("foo_bar-1.0.1.tar.gz", ""),
			entry("foo_bar-11.0.tar.gz", ""),
			entry("foo_bar_baz-1.0.tar.gz", ""),
		)),
		"/integrity/wheel": ok(provenanceJSON(githubPublisher, attestationJSON)),
		"/integrity/sdist": ok(provenanceJSON(githubPublisher, attestationJSON, attestationJSON)),
	})
	var progress []string
	e, err := New(client(), Config{Indexes: []Index{{URL: f.index}}}).Fetch(context.Background(), rel("foo.bar", "1.0"),
		func(s string) { progress = append(progress, s) })
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(f.asked)
	if want := []string{"/integrity/sdist", "/integrity/wheel", "/simple/foo-bar/"}; !slices.Equal(f.asked, want) {
		t.Errorf("asked %q, want %q", f.asked, want)
	}
	if len(e.Artifacts) != 3 {
		t.Fatalf("%d artifacts: every file of the release and no other", len(e.Artifacts))
	}
	wheel, sdist, second := e.Artifacts[0], e.Artifacts[1], e.Artifacts[2]
	if wheel.Filename != "foo_bar-1.0-py3-none-any.whl" || wheel.Digest.String() != "sha256:"+sum || !wheel.Yanked || len(wheel.Attestations) != 1 {
		t.Errorf("wheel %+v", wheel)
	}
	if sdist.Filename != "Foo-Bar-1.0.0.tar.gz" || sdist.Yanked || len(sdist.Attestations) != 2 {
		t.Errorf("sdist %+v", sdist)
	}
	if !second.Yanked || len(second.Attestations) != 0 || second.Missing != "" {
		t.Errorf("unattested wheel %+v", second)
	}
	if e.Claims.Deprecated != "broken" || string(e.Registry) != f.index.String() {
		t.Errorf("claims %+v, registry %v", e.Claims, e.Registry)
	}
	if len(e.Sources) != 3 || e.Sources[0].What != "simple index" || e.Sources[1] != wheel.Attestations[0].Source || !e.Sources[1].Time.Equal(noon) {
		t.Errorf("sources %+v", e.Sources)
	}
	if !slices.Equal(progress, []string{"fetching the index", "fetching provenance (2 of 3 files)"}) {
		t.Errorf("progress %q", progress)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{"/simple/foo/": ok(pageJSON("foo",
		entry("foo-1.0.tar.gz", ""), entry("foo-1.0rc1.tar.gz", ""), entry("foo-1!1.0.tar.gz", ""),
		entry("foo-1.0+ubuntu.1-py3-none-any.whl", ""), entry("foo-2004d.tar.gz", "")))})
	const local = "foo-1.0+ubuntu.1-py3-none-any.whl"
	for _, tt := range []struct{ version, want string }{
		{"1.0.0", "foo-1.0.tar.gz " + local},
		{"v1.0", "foo-1.0.tar.gz " + local},
		{"1.0.RC1", "foo-1.0rc1.tar.gz"},
		{"1!1", "foo-1!1.0.tar.gz"},
		{"1.0+Ubuntu-1", "foo-1.0+ubuntu.1-py3-none-any.whl"},
		{"1", "foo-1.0.tar.gz " + local},
		{"1.0.post0", ""},
		{"0", ""},
	} {
		t.Run(tt.version, func(t *testing.T) {
			e, err := f.fetch("foo", tt.version)
			if tt.want == "" {
				if !errors.Is(err, registry.ErrVersionNotFound) || !strings.Contains(err.Error(), "found 4 files of other versions and 1 of other kinds") {
					t.Errorf("got %v: a version that is not there is never one without evidence", err)
				}
				return
			}
			var names []string
			for _, a := range e.Artifacts {
				names = append(names, string(a.Filename))
			}
			if err != nil || strings.Join(names, " ") != tt.want {
				t.Errorf("got %q, %v", names, err)
			}
		})
	}
}

func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	good := entry("foo-1.0.tar.gz", "")
	for _, tt := range []struct {
		name     string
		answer   answer
		want     string
		notFound bool
	}{
		{"no project", answer{404, ""}, "the index has no project foo", true},
		{"no files", ok(pageJSON("foo")), "the index lists foo 1.0 and no file of it, but 0 files of other versions", true},
		{"another version", ok(strings.Replace(pageJSON("foo"), `"1.0"`, `"2.0"`, 1)), "found 0 files", true},
		{"versions of another form", ok(strings.Replace(pageJSON("foo"), `["1.0"]`, `7`, 1)), "found 0 files", true},
		{"only an egg", ok(strings.Replace(pageJSON("foo", entry("foo-1.0-py2.7.egg", "")), `"1.0"`, `"2.0"`, 1)), "1 of other kinds, such as \"foo-1.0-py2.7.egg\"", true},
		{"quarantined, with files", ok(withStatus(`{"status":"quarantined","reason":"malware\u001b[2J"}`)), `has quarantined the project: "malware\\x1b[2J"`, false},
		{"quarantined, for a reason of another form", ok(withStatus(`{"status":"quarantined","reason":7}`)), "has quarantined the project", false},
		{"server error", answer{500, ""}, "500", false},
		{"web page", ok("<!DOCTYPE html><a href>"), "web page", false},
		{"no JSON", ok("foo"), "no valid JSON", false},
		{"another project", ok(pageJSON("food", good)), `expected the index page of "foo", found the one of "food"`, false},
		{"another version of the interface", ok(`{"meta":{"api-version":"2.0"},"name":"foo","files":[]}`), `found "2.0"`, false},
		{"a version of another form", ok(`{"meta":{"api-version":["1.0"]},"name":"foo","files":[]}`), `found "[\"1.0\"]"`, false},
		{"a version as a number", ok(`{"meta":{"api-version":10},"name":"foo","files":[]}`), `found "10"`, false},
		{"JSON of another kind", ok(`{"detail":"Not Found"}`), "found JSON without its name and its files", false},
		{"the list of projects", ok(`{"meta":{"api-version":"1.0"},"projects":[{"name":"foo"}]}`), "found JSON without its name and its files", false},
		{"files as null", ok(`{"meta":{"api-version":"1.0"},"name":"foo","files":null}`), "found 0 files of other versions", true},
		{"quarantined in capitals, as text", ok(withStatus(`"QUARANTINED"`)), "has quarantined the project", false},
		{"files as an object", ok(`{"meta":{"api-version":"1.0"},"name":"foo","files":{}}`), `"/files": expected a list, found an object`, false},
		{"a file as a string", ok(pageJSON("foo", good, `"x"`)), "file 2 of the index page: at the top: expected an object, found a string", false},
		{"a file name as a number", ok(pageJSON("foo", `{"filename":1}`)), `"/filename"`, false},
		{"other bytes under the same name", ok(pageJSON("foo", good, strings.ReplaceAll(good, sum, strings.Repeat("cd", 32)))), "listed twice, with the SHA-256", false},
		{"no digest under the same name", ok(pageJSON("foo", good, strings.ReplaceAll(good, sum, ""))), "listed twice, with the SHA-256", false},
		{"two entries without a digest", ok(pageJSON("foo", strings.ReplaceAll(good, sum, ""), strings.ReplaceAll(good, sum, ""))), "listed twice, without a SHA-256", false},
		{"two addresses of provenance", ok(pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":"/a"`), entry("foo-1.0.tar.gz", `,"provenance":"/b"`))), "two addresses of its provenance", false},
		{"another digest in the address", ok(pageJSON("foo", strings.Replace(good, "https://files.test/x", "https://files.test/x#sha256="+strings.Repeat("cd", 32), 1))), "in the address as well", false},
		{"a file name that is too long", ok(pageJSON("foo", good, entry("foo-1."+strings.Repeat("0", 600)+".tar.gz", ""))), "too long", false},
		{"a name twice", ok(pageJSON("foo", `{"filename":"foo-1.0.tar.gz","filename":"foo-1.0.tar.gz"}`)), "occurs twice", false},
		{"provenance as a number", ok(pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":1`))), `"/provenance"`, false},
		{"provenance as an empty string", ok(pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":""`))), "empty string", false},
		{"escape code in the name", ok(strings.Replace(pageJSON("foo"), `"foo"`, `"\u001b[2J"`, 1)), `\x1b`, false},
		{"too large", ok(`"` + strings.Repeat("x", untrusted.MaxIndex) + `"`), "too large", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, map[string]answer{"/simple/foo/": tt.answer})
			e, err := f.fetch("foo", "1.0")
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, registry.ErrVersionNotFound) != tt.notFound {
				t.Fatalf("got %v, want %q, not found %v", err, tt.want, tt.notFound)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") || len(e.Artifacts) != 0 {
				t.Errorf("error %q, artifacts %v", err, e.Artifacts)
			}
		})
	}
}

// The same file twice is one file, with all that either entry says of it.
func TestSameFileTwice(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{
		"/simple/foo/": ok(pageJSON("foo", entry("foo-1.0.tar.gz", ""), entry("foo-1.0.zip", ""),
			entry("foo-1.0.tar.gz", `,"size":7,"yanked":"broken","provenance":"/p"`))),
		"/p": ok(provenanceJSON(githubPublisher, attestationJSON)),
	})
	e, err := f.fetch("foo", "1.0")
	if err != nil || len(e.Artifacts) != 2 {
		t.Fatalf("%+v, %v", e.Artifacts, err)
	}
	if a := e.Artifacts[0]; !a.Yanked || len(a.Attestations) != 1 || e.Claims.Deprecated != "broken" {
		t.Errorf("%+v", a)
	}
}

// What no rule places in a release is named, and counted beyond the names.
func TestUnplacedFilesAreNamed(t *testing.T) {
	t.Parallel()
	files := []string{
		entry("foo-1.0.tar.gz", ""), entry("foo-0.9-py2-none-any.whl", ""), entry("foo-1.0-py2.7.egg", ""), entry("foo-1.0.win32.exe", ""),
		entry("bar-1.0.tar.gz", ""), entry("foo-2004d.tar.gz", ""), `{"url":"https://files.test/foo-1.0-1.noarch.rpm"}`, `{"url":7}`,
	}
	f := serve(t, map[string]answer{"/simple/foo/": ok(pageJSON("foo", files...))})
	e, err := f.fetch("foo", "1.0")
	want := []untrusted.Text{"foo-1.0-py2.7.egg", "foo-1.0.win32.exe", "bar-1.0.tar.gz", "foo-2004d.tar.gz", "foo-1.0-1.noarch.rpm", ""}
	if err != nil || !slices.Equal(e.Unplaced, want) || e.MoreUnplaced != 0 || len(e.Artifacts) != 1 {
		t.Errorf("%q and %d more, %d files, %v", e.Unplaced, e.MoreUnplaced, len(e.Artifacts), err)
	}
	for i := range maxUnplaced {
		files = append(files, entry(fmt.Sprintf("foo-1.%d.dmg", i), ""))
	}
	f = serve(t, map[string]answer{"/simple/foo/": ok(pageJSON("foo", files...))})
	if e, err = f.fetch("foo", "1.0"); err != nil || len(e.Unplaced) != maxUnplaced || e.MoreUnplaced != len(want) {
		t.Errorf("%d and %d more, %v", len(e.Unplaced), e.MoreUnplaced, err)
	}
}

// A broken entry of another release does not hide this one.
func TestBrokenEntryOfAnotherRelease(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{"/simple/foo/": ok(pageJSON("foo",
		`{"filename":"foo-0.1.tar.gz","hashes":"none","yanked":7}`, entry("foo-1.0.tar.gz", "")))})
	if e, err := f.fetch("foo", "1.0"); err != nil || len(e.Artifacts) != 1 {
		t.Errorf("got %v, %v", e.Artifacts, err)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, hashes, want string }{
		{"good", `{"sha256":"` + sum + `","md5":"x"}`, sum},
		{"upper case", `{"sha256":"` + strings.ToUpper(sum) + `"}`, sum},
		{"short", `{"sha256":"abcd"}`, ""},
		{"long", `{"sha256":"` + sum + `00"}`, ""},
		{"no hex", `{"sha256":"` + strings.Repeat("x", 64) + `"}`, ""},
		{"another algorithm", `{"md5":"` + sum + `"}`, ""},
		{"none", `{}`, ""},
		{"null", `null`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := decodeFile([]byte(`{"filename":"foo-1.0.tar.gz","hashes":` + tt.hashes + `}`))
			if err != nil || f.digest.Hex != tt.want || f.digest.Algorithm != "sha256" {
				t.Errorf("got %+v, %v", f.digest, err)
			}
		})
	}
}

func TestRefusedNames(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	for _, name := range []string{"", "..", "../x", "a/b", "foo[cli]", "foo bar", "foo\x1b[2J", "-foo"} {
		if _, err := f.fetch(name, "1.0"); err == nil || !strings.Contains(err.Error(), "name of a Python project") || strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("name %q: got %v", name, err)
		}
	}
	for _, version := range []string{"", "latest", ">=1.0", "1.0/..", "1.0 "} {
		if _, err := f.fetch("foo", version); err == nil || !strings.Contains(err.Error(), "PEP 440") {
			t.Errorf("version %q: got %v", version, err)
		}
	}
	if len(f.asked) != 0 {
		t.Errorf("asked %q", f.asked)
	}
}

func TestProvenanceAddress(t *testing.T) {
	t.Parallel()
	page, err := url.Parse("https://index.example/simple/foo/")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, advertised, want string }{
		{"absolute", "https://index.example/integrity/x", "https://index.example/integrity/x"},
		{"default port", "https://index.example:443/x", "https://index.example:443/x"},
		{"path", "/integrity/x", "https://index.example/integrity/x"},
		{"relative", "../../integrity/x", "https://index.example/integrity/x"},
		{"query stays", "/x?v=1#frag", "https://index.example/x?v=1"},
		{"another host", "https://evil.test/integrity/x", ""},
		{"another host without a scheme", "//evil.test/x", ""},
		{"a host that begins the same", "https://index.example.evil.test/x", ""},
		{"another port", "https://index.example:8443/x", ""},
		{"plain http becomes https", "http://index.example/x", "https://index.example/x"},
		{"plain http at another port", "http://index.example:80/x", ""},
		{"plain http at another host", "http://other.example/x", ""},
		{"credentials", "https://u:hunter2@index.example/x", ""},
		{"another scheme", "data:application/json,{}", ""},
		{"escaped dots", "/a/%2e%2e/b", ""},
		{"no URL", "https://[", ""},
		{"escape code", "\x1b[2J", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, err := provenanceURL(page, untrusted.Text(tt.advertised))
			if tt.want == "" {
				if err == nil {
					t.Fatalf("accepted as %v", u)
				}
				if strings.Contains(err.Error(), "hunter2") || strings.ContainsRune(err.Error(), '\x1b') {
					t.Errorf("the error shows %q", err)
				}
				return
			}
			if err != nil || u.String() != tt.want {
				t.Errorf("got %v, %v; want %s", u, err, tt.want)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, advertised string
		answer           answer
		want             string
	}{
		{"404", "/p", answer{404, ""}, "advertised, but the registry answers 404"},
		{"410", "/p", answer{410, ""}, "advertised, but the registry answers"},
		{"500", "/p", answer{500, ""}, "could not be fetched"},
		{"web page", "/p", ok("<html>"), "could not be fetched"},
		{"too large", "/p", ok(strings.Repeat(" ", untrusted.MaxAttestations+1)), "could not be fetched"},
		{"another host", "https://evil.test/p", ok("{}"), "is refused"},
		{"no bundles", "/p", ok(`{"version":1,"attestation_bundles":[]}`), "holds no attestations"},
		{"an empty bundle", "/p", ok(provenanceJSON(githubPublisher)), "is empty"},
		{"too many", "/p", ok(provenanceJSON(githubPublisher, slices.Repeat([]string{"{}"}, untrusted.MaxBundlesPerArtifact+1)...)), "more than 64"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, map[string]answer{
				"/simple/foo/": ok(pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":"`+tt.advertised+`"`))),
				"/p":           tt.answer,
			})
			e, err := f.fetch("foo", "1.0")
			if err != nil || len(e.Artifacts) != 1 {
				t.Fatal(e, err)
			}
			a := e.Artifacts[0]
			if !strings.Contains(a.Missing, tt.want) || len(a.Attestations) != 0 {
				t.Errorf("Missing is %q, want it to say %q; %d attestations", a.Missing, tt.want, len(a.Attestations))
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	for _, waiting := range []string{"/simple/foo/", "/p"} {
		t.Run(waiting, func(t *testing.T) {
			t.Parallel()
			cancelledAt(t, waiting)
		})
	}
}

// cancelledAt fetches a release, and is cancelled while the server hesitates to
// answer a request for one path.
func cancelledAt(t *testing.T, waiting string) {
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case waiting:
		case "/simple/foo/":
			io.WriteString(w, pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":"/p"`)))
			return
		default:
			io.WriteString(w, "{}")
			return
		}
		close(asked)
		<-r.Context().Done()
	}))
	defer server.Close()
	index, err := registry.ParseBase(server.URL + "/simple/")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-asked
		cancel()
	}()
	_, err = New(client(), Config{Indexes: []Index{{URL: index}}}).Fetch(ctx, rel("foo", "1.0"), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation: it says nothing about the package", err)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	for authorization, want := range map[string]bool{"": false, "Basic dTpw": true} {
		if got := (Index{Authorization: authorization}).Credentials(); got != want {
			t.Errorf("%q: %v", authorization, got)
		}
	}
}

func TestNoProvenanceIsNotFetched(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{"/simple/foo/": ok(pageJSON("foo", entry("foo-1.0.tar.gz", "")))})
	var told []string
	_, err := New(client(), Config{Indexes: []Index{{URL: f.index}}}).Fetch(t.Context(), rel("foo", "1.0"), func(s string) { told = append(told, s) })
	if err != nil || !slices.Equal(told, []string{"fetching the index"}) {
		t.Errorf("told %q, %v", told, err)
	}
}

// The size of a file is nobody's concern, whatever its form.
func TestSize(t *testing.T) {
	t.Parallel()
	for _, size := range []string{"-1", "0", "1", "null", "1e999", `"1"`, "{}"} {
		if _, err := decodeFile([]byte(`{"size":` + size + `}`)); err != nil {
			t.Errorf("size %s: %v", size, err)
		}
	}
}

func TestDefaultIndex(t *testing.T) {
	t.Parallel()
	base, err := registry.ParseBase(DefaultIndex)
	if err != nil || base.String() != DefaultIndex {
		t.Errorf("got %v, %v", base, err)
	}
	if got := New(client(), Config{}).config.Indexes[0].URL.String(); got != DefaultIndex {
		t.Errorf("got %q", got)
	}
}

func FuzzDecodePage(f *testing.F) {
	f.Add([]byte(pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":"/p","yanked":"x","size":3`), entry("foo-1.0-py3-none-any.whl", ""))))
	for _, data := range seeds.Files(f, seeds.Indexes) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decodePage(data, "foo", "1.0")
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Fatalf("raw bytes in %q", err)
			}
			return
		}
		for _, file := range p.files {
			if file.digest.Hex != "" && len(file.digest.Hex) != 64 {
				t.Fatalf("file %+v", file)
			}
		}
	})
}
