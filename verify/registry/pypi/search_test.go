package pypi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/netrc"
)

// indexes is a host with several indexes, /a/, /b/ and so on.
type indexes struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // "PATH USER"
}

func serveIndexes(t *testing.T, answers map[string]answer, needs map[string]netrc.Login) *indexes {
	t.Helper()
	s := &indexes{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		s.mu.Lock()
		s.asked = append(s.asked, strings.TrimSpace(r.URL.Path+" "+user))
		s.mu.Unlock()
		a, found := answers[r.URL.Path]
		if !found {
			a = answer{404, "{}"}
		}
		if want, ok := needs[r.URL.Path]; ok && want != (netrc.Login{User: user, Password: password}) {
			a = answer{401, "no"}
		}
		w.WriteHeader(a.status)
		io.WriteString(w, a.body)
	}))
	t.Cleanup(s.Close)
	return s
}

// at makes an index of the host, with a user and a password.
func (s *indexes) at(t *testing.T, path string, change ...func(*uvIndex)) Index {
	t.Helper()
	c := uvIndex{URL: s.URL + path, Name: strings.Trim(path, "/")}
	for _, f := range change {
		f(&c)
	}
	i := newIndex(c, access{netrc: netrc.Hosts{}})
	if i.Fault != nil {
		t.Fatal(i.Fault)
	}
	return i
}

func owned(user string) func(*uvIndex) {
	return func(c *uvIndex) { c.URL = strings.Replace(c.URL, "://", "://"+user+":pw@", 1) }
}

func notHere(codes ...int) func(*uvIndex) {
	return func(c *uvIndex) { c.IgnoreErrorCodes = codes }
}

// TestSearch: the first index that has the project, for a version that it has or
// has not; nothing but "not here" leads to the next one.
func TestSearch(t *testing.T) {
	t.Parallel()
	has := ok(pageJSON("foo", entry("foo-1.0.tar.gz", "")))
	older := ok(strings.ReplaceAll(has.body, "1.0", "0.9"))
	const another = `{"meta":{"api-version":"1.3"},"name":"bar","files":[]}`
	for _, tt := range []struct {
		name     string
		strategy Strategy
		a, b     answer
		change   func(*uvIndex)
		from     string // the index that the evidence is from, "" for none
		asked    string
		fails    string
	}{
		{"the first", "", has, has, nil, "/a/", "a", ""},
		{"the second", "", answer{404, ""}, has, nil, "/b/", "a b", ""},
		{"another version", "", older, has, nil, "", "a", "version not found: expected files of foo 1.0, found 1 files of other versions and 0 of other kinds; a ({}/a/) is the first index that has the project, and no other is asked then (first-index)"},
		{"nowhere", "", answer{404, ""}, answer{404, ""}, nil, "", "a b", "version not found: no index has a project foo: asked a ({}/a/), b ({}/b/)"},
		{"gone", "", answer{410, ""}, has, nil, "", "a", "answers 410"},
		{"unauthorized", "", answer{401, ""}, has, nil, "", "a", "answers 401"},
		{"forbidden", "", answer{403, ""}, has, nil, "", "a", "answers 403"},
		{"ignored", "", answer{403, ""}, has, notHere(401, 403), "/b/", "a b", ""},
		{"ignored, and nowhere", "", answer{403, ""}, answer{404, ""}, notHere(403), "", "a b", "asked a ({}/a/), whose answer 403 is ignored, b ({}/b/)"},
		{"another is ignored", "", answer{403, ""}, has, notHere(401), "", "a", "answers 403"},
		{"broken", "", ok(strings.Replace(has.body, "1.3", "7.3", 1)), has, nil, "", "a", "expected version 1"},
		{"another project's page", "", ok(another), has, nil, "", "a", "expected the index page of"},
		{"quarantined", "", ok(strings.Replace(has.body, `"meta"`, `"project-status":{"status":"quarantined"},"meta"`, 1)), has, nil, "", "a", "quarantined"},
		{"first match", FirstMatch, older, has, nil, "/b/", "a b", ""},
		{"first match is enough", FirstMatch, has, has, nil, "/a/", "a", ""},
		{"first match, forbidden", FirstMatch, answer{403, ""}, has, nil, "", "a", "answers 403"},
		{"first match, nowhere", FirstMatch, older, older, nil, "", "a b", "expected files of foo 1.0, found 1 files of other versions and 0 of other kinds; expected files"},
		{"best match", BestMatch, has, older, nil, "/a/", "a b", ""},
		{"best match, the second", BestMatch, older, has, nil, "/b/", "a b", ""},
		{"best match, forbidden", BestMatch, has, answer{403, ""}, nil, "", "a b", "answers 403"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serveIndexes(t, map[string]answer{"/a/foo/": tt.a, "/b/foo/": tt.b}, nil)
			if tt.change == nil {
				tt.change = func(*uvIndex) {}
			}
			r := New(client(), Config{Strategy: tt.strategy, Indexes: []Index{s.at(t, "/a/", tt.change), s.at(t, "/b/")}})
			e, err := r.Fetch(t.Context(), rel("foo", "1.0"), nil)
			if (tt.from == "") != (err != nil) || tt.from != "" && string(e.Registry) != s.URL+tt.from {
				t.Errorf("got %q, %v", e.Registry, err)
			}
			if err != nil && !strings.Contains(strings.ReplaceAll(err.Error(), s.URL, "{}"), tt.fails) {
				t.Errorf("got %v, want %q", err, tt.fails)
			}
			if strings.HasPrefix(tt.fails, "version not found") && !errors.Is(err, registry.ErrVersionNotFound) {
				t.Errorf("got %v, which is not known as a version that was not found", err)
			}
			if tt.strategy == "" && err == nil {
				if _, source, err := r.Versions(t.Context(), "foo", nil); err != nil || !strings.HasPrefix(string(source.URL), string(e.Registry)) {
					t.Errorf("the history is of %v, %v", source.URL, err)
				}
				s.asked = s.asked[:len(s.asked)/2]
			}
			var asked []string
			for _, path := range s.asked {
				asked = append(asked, strings.Split(path, "/")[1])
			}
			if strings.Join(asked, " ") != tt.asked {
				t.Errorf("asked %q, want %q", asked, tt.asked)
			}
		})
	}
}

// An index whose address is refused is not passed over: it may have the project.
func TestIndexThatIsRefused(t *testing.T) {
	t.Parallel()
	s := serveIndexes(t, map[string]answer{"/b/foo/": ok(pageJSON("foo", entry("foo-1.0.tar.gz", "")))}, nil)
	refused := newIndex(uvIndex{URL: "http://a.example/", from: "uv.toml:2"}, access{})
	_, err := New(client(), Config{Indexes: []Index{refused, s.at(t, "/b/")}}).Fetch(t.Context(), rel("foo", "1.0"), nil)
	if err == nil || !strings.Contains(err.Error(), "uv.toml:2: plain http") || s.asked != nil {
		t.Errorf("got %v, asked %q", err, s.asked)
	}
}

// What an installer may take of any index is one release: greener than none of
// its parts.
func TestSeveralIndexesTogether(t *testing.T) {
	t.Parallel()
	const attested = `,"provenance":"/integrity"`
	other := strings.Replace(entry("foo-1.0.tar.gz", ""), sum, strings.Repeat("cd", 32), 1)
	for _, tt := range []struct {
		name, a, b string
		want       string // "FILE attestations missing", in order
		fails      string
	}{
		{"more files", entry("foo-1.0.tar.gz", attested), entry("foo-1.0-py3-none-any.whl", ""), "foo-1.0.tar.gz 1 false, foo-1.0-py3-none-any.whl 0 false", ""},
		{"a local version", entry("foo-1.0.tar.gz", attested), entry("foo-1.0+x.tar.gz", ""), "foo-1.0.tar.gz 1 false, foo-1.0+x.tar.gz 0 false", ""},
		{"the same file", entry("foo-1.0.tar.gz", ""), entry("foo-1.0.tar.gz", attested), "foo-1.0.tar.gz 1 false", ""},
		{"attested twice", entry("foo-1.0.tar.gz", attested), entry("foo-1.0.tar.gz", attested), "foo-1.0.tar.gz 2 false", ""},
		{"advertised and missing", entry("foo-1.0.tar.gz", attested), entry("foo-1.0.tar.gz", `,"provenance":"/no"`), "foo-1.0.tar.gz 1 true", ""},
		{"other bytes", entry("foo-1.0.tar.gz", attested), other, "", "on two indexes"},
		{"no digest", entry("foo-1.0.tar.gz", attested), `{"filename":"foo-1.0.tar.gz","url":"https://files.test/x","hashes":{}}`, "", "on two indexes"},
		{"no digest in either", `{"filename":"foo-1.0.tar.gz","url":"https://files.test/x","hashes":{}}`, `{"filename":"foo-1.0.tar.gz","url":"https://files.test/x","hashes":{}}`, "", "on two indexes"},
		{"yanked", entry("foo-1.0.tar.gz", ""), entry("foo-1.0.tar.gz", `,"yanked":"bad"`), "foo-1.0.tar.gz 0 false yanked", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serveIndexes(t, map[string]answer{
				"/a/foo/": ok(pageJSON("foo", tt.a)), "/b/foo/": ok(pageJSON("foo", tt.b)), "/integrity": ok(provenanceJSON(githubPublisher, attestationJSON)),
			}, nil)
			e, err := New(client(), Config{Strategy: BestMatch, Indexes: []Index{s.at(t, "/a/"), s.at(t, "/b/")}}).Fetch(t.Context(), rel("foo", "1.0"), nil)
			if tt.fails == "" && err != nil || tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
				t.Fatalf("got %v", err)
			}
			var got []string
			for _, a := range e.Artifacts {
				text := fmt.Sprint(a.Filename, " ", len(a.Attestations), " ", a.Missing != "")
				if a.Yanked {
					text += " yanked"
				}
				got = append(got, text)
			}
			if tt.fails != "" {
				return
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("got %q", got)
			}
			if !slices.ContainsFunc(e.Findings, func(f verify.Finding) bool { return strings.Contains(f.Message, "several indexes") }) {
				t.Errorf("nothing says that there were several indexes: %v", e.Findings)
			}
			versions, _, err := New(client(), Config{Strategy: BestMatch, Indexes: []Index{s.at(t, "/a/"), s.at(t, "/b/")}}).Versions(t.Context(), "foo", nil)
			if err != nil || len(versions) == 0 || versions[0].Files+versions[len(versions)-1].Files < 2 {
				t.Errorf("the history: %v, %v", versions, err)
			}
		})
	}
}

// Credentials go to their own index, and with its provenance; never to another one,
// on the same host either.
func TestCredentialsByIndex(t *testing.T) {
	t.Parallel()
	page := ok(pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":"/integrity"`)))
	answers := map[string]answer{"/b/foo/": page, "/integrity": ok(provenanceJSON(githubPublisher, attestationJSON))}
	for _, tt := range []struct {
		name    string
		a, b    []func(*uvIndex)
		netrc   netrc.Hosts
		answers map[string]answer
		needs   map[string]netrc.Login
		asked   string
		fails   string
	}{
		{name: "of each", a: []func(*uvIndex){owned("u")}, b: []func(*uvIndex){owned("v")}, asked: "/a/foo/ u, /b/foo/ v, /integrity v"},
		{name: "of one", a: []func(*uvIndex){owned("u")}, asked: "/a/foo/ u, /b/foo/, /integrity"},
		{name: "uv would ask again", b: []func(*uvIndex){owned("v")}, asked: "/a/foo/", fails: "uv would ask again with the credentials of another index"},
		{name: "unless it may not", a: []func(*uvIndex){func(c *uvIndex) { c.Authenticate = "never" }}, b: []func(*uvIndex){owned("v")},
			asked: "/a/foo/, /b/foo/ v, /integrity v"},
		{name: "netrc's, once they are asked for", netrc: netrc.Hosts{"127.0.0.1": {User: "n", Password: "pw"}}, needs: map[string]netrc.Login{"/b/foo/": {User: "n", Password: "pw"}},
			asked: "/a/foo/, /a/foo/ n, /b/foo/, /b/foo/ n, /integrity"},
		{name: "netrc's do not suffice", netrc: netrc.Hosts{"127.0.0.1": {User: "n", Password: "wrong"}}, needs: map[string]netrc.Login{"/a/foo/": {User: "n", Password: "pw"}},
			asked: "/a/foo/, /a/foo/ n", fails: "401 Unauthorized: no; it was asked without credentials, and again with those of netrc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serveIndexes(t, answers, tt.needs)
			c := Config{}
			for path, change := range map[string][]func(*uvIndex){"/a/": tt.a, "/b/": tt.b} {
				i := uvIndex{URL: s.URL + path}
				for _, f := range change {
					f(&i)
				}
				c.Indexes = append(c.Indexes, newIndex(i, access{netrc: tt.netrc}))
			}
			slices.SortFunc(c.Indexes, func(a, b Index) int { return strings.Compare(a.URL.Path, b.URL.Path) })
			_, err := New(client(), c.finish()).Fetch(t.Context(), rel("foo", "1.0"), nil)
			if tt.fails == "" && err != nil || tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("got %v", err)
			}
			if got := strings.Join(s.asked, ", "); got != tt.asked {
				t.Errorf("asked %q", got)
			}
		})
	}
}
