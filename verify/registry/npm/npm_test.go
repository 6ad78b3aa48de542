package npm

import (
	"context"
	"encoding/base64"
	"encoding/hex"
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
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

var (
	sum512    = strings.Repeat("ab", 64)
	integrity = "sha512-" + base64.StdEncoding.EncodeToString(unhex(sum512))
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// fake is a registry: escaped path → answer. "{{BASE}}" in an answer is its
// address.
type fake struct {
	url    *url.URL
	mu     sync.Mutex
	asked  []string
	tokens map[string]string // escaped path → Authorization
}

type answer struct {
	status int
	body   string
}

func ok(body string) answer { return answer{200, body} }

func serve(t *testing.T, answers map[string]answer) *fake {
	t.Helper()
	f := &fake{tokens: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked = append(f.asked, r.URL.EscapedPath())
		f.tokens[r.URL.EscapedPath()] = r.Header.Get("Authorization")
		if r.Header.Get("Accept") != "application/json" {
			t.Errorf("Accept: %q", r.Header.Get("Accept"))
		}
		a, found := answers[r.URL.EscapedPath()]
		if !found {
			a = answer{404, `{"error":"not found"}`}
		}
		redirect(w, a)
		w.WriteHeader(a.status)
		io.WriteString(w, strings.ReplaceAll(a.body, "{{BASE}}", "http://"+r.Host))
	}))
	t.Cleanup(server.Close)
	u, err := registry.ParseBase(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	f.url = u
	return f
}

func client() *registry.Client {
	return registry.New(registry.Options{Now: func() time.Time { return noon }, Sleep: func(context.Context, time.Duration) error { return nil }})
}

// fetch asks it as a registry that serves whole manifests.
func (f *fake) fetch(name, version string, needsTime func(string) bool, progress registry.Progress) (verify.Evidence, error) {
	r := New(client(), Config{Base: f.url, Whole: true})
	return r.Fetch(context.Background(), release2(name, version), needsTime, progress)
}

// private asks it as any other registry.
func (f *fake) private(name, version string, needsTime func(string) bool) (verify.Evidence, error) {
	return New(client(), Config{Base: f.url}).Fetch(context.Background(), release2(name, version), needsTime, nil)
}

func release2(name, version string) verify.Release {
	return verify.Release{Ecosystem: verify.NPM, Name: untrusted.Text(name), Version: untrusted.Text(version)}
}

func manifestJSON(name, version, dist string) string {
	return fmt.Sprintf(`{"name":%q,"version":%q,"dist":{"integrity":%q,"tarball":"{{BASE}}/%s/-/x-%s.tgz"%s}}`, name, version, integrity, name, version, dist)
}

func one(t *testing.T, e verify.Evidence, err error) verify.Artifact {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Artifacts) != 1 {
		t.Fatalf("%d artifacts", len(e.Artifacts))
	}
	return e.Artifacts[0]
}

const bundles = `{"attestations":[{"predicateType":"https://slsa.dev/provenance/v1","bundle":{ "mediaType" : "a", "n": 1e2 }},{"predicateType":"p2","bundle":{}}]}`

func TestFetch(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{
		"/x/1.0.0": ok(`{"name":"x","version":"1.0.0","license":"MIT","homepage":"https://x.example","deprecated":"use y",
			"repository":{"type":"git","url":"git+https://h.example/o/r.git"},"dist":{"integrity":"` + integrity + `","tarball":"https://evil.test/x/-/x-1.0.0.tgz",
			"signatures":[{"keyid":"SHA256:a","sig":"s"},{"keyid":"SHA256:b","sig":"s2"}],
			"attestations":{"url":"https://evil.test/-/npm/v1/attestations/x@1.0.0","provenance":{"predicateType":"p"}}}}`),
		"/-/npm/v1/attestations/x@1.0.0": ok(bundles),
	})
	var progress []string
	e, err := f.fetch("x", "1.0.0", func(string) bool { return false }, func(s string) { progress = append(progress, s) })
	a := one(t, e, err)
	if want := []string{"/x/1.0.0", "/-/npm/v1/attestations/x@1.0.0"}; !slices.Equal(f.asked, want) {
		t.Errorf("asked %q, want %q: never the host in the metadata, never more than two requests", f.asked, want)
	}
	if string(e.Registry) != f.url.String() || e.Release != release2("x", "1.0.0") {
		t.Errorf("registry %q, release %v", e.Registry, e.Release)
	}
	if a.Filename != "x-1.0.0.tgz" || a.Digest.String() != "sha512:"+sum512 || string(a.Integrity) != integrity || a.Missing != "" {
		t.Errorf("artifact %+v", a)
	}
	if want := []verify.OfferedSignature{{KeyID: "SHA256:a", Sig: "s"}, {KeyID: "SHA256:b", Sig: "s2"}}; !slices.Equal(a.Signatures, want) {
		t.Errorf("signatures %+v", a.Signatures)
	}
	if (e.Claims != verify.Claims{Repository: "git+https://h.example/o/r.git", Homepage: "https://x.example", License: "MIT", Deprecated: "use y"}) {
		t.Errorf("claims %+v", e.Claims)
	}
	if len(a.Attestations) != 2 {
		t.Fatalf("%d attestations", len(a.Attestations))
	}
	first := a.Attestations[0]
	if string(first.Bundle) != `{ "mediaType" : "a", "n": 1e2 }` || first.PredicateType != "https://slsa.dev/provenance/v1" || first.Problem != "" || first.Publisher != nil ||
		string(first.Raw) != `{"predicateType":"https://slsa.dev/provenance/v1","bundle":{ "mediaType" : "a", "n": 1e2 }}` {
		t.Errorf("attestation %q %q %q", first.Bundle, first.Raw, first.PredicateType)
	}
	if len(e.Sources) != 2 || e.Sources[0].What != "manifest" || first.Source != e.Sources[1] || !first.Source.Time.Equal(noon) {
		t.Errorf("sources %+v", e.Sources)
	}
	if !slices.Equal(progress, []string{"fetching the manifest", "fetching attestations"}) {
		t.Errorf("progress %q", progress)
	}
}

func TestScopedName(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{
		"/api/npm/@scope%2fname/1.0.0+b":                     ok(manifestJSON("@scope/name", "1.0.0+b", `,"attestations":{"url":"{{BASE}}/api/npm/-/npm/v1/attestations/@scope%2fname@1.0.0"}`)),
		"/api/npm/-/npm/v1/attestations/@scope%2fname@1.0.0": ok(bundles),
	})
	f.url = f.url.JoinPath("api/npm/")
	e, err := f.fetch("@scope/name", "1.0.0+b", nil, nil)
	if a := one(t, e, err); len(a.Attestations) != 2 {
		t.Errorf("attestations %d, missing %q, asked %q", len(a.Attestations), a.Missing, f.asked)
	}
}

func TestAttestationsURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, base, advertised, want string }{
		{"same host", "https://r.example/", "https://r.example/-/a/x@1", "https://r.example/-/a/x@1"},
		{"another host", "https://r.example/", "https://evil.test/-/a/x@1", "https://r.example/-/a/x@1"},
		{"another scheme and port", "https://r.example/", "http://r.example:81/-/a", "https://r.example/-/a"},
		{"path only", "https://r.example/", "/-/a", "https://r.example/-/a"},
		{"query dropped", "https://r.example/", "https://r.example/-/a?to=evil", "https://r.example/-/a"},
		{"below the prefix", "https://r.example/npm/", "https://r.example/npm/-/a", "https://r.example/npm/-/a"},
		{"above the prefix", "https://r.example/npm/", "https://other.test/-/a", "https://r.example/npm/-/a"},
		{"beside the prefix", "https://r.example/npm/", "https://r.example/npm2/-/a", "https://r.example/npm/npm2/-/a"},
		{"of the repository behind", "https://r.example/npm/all/", "https://r.example/npm/remote/-/npm/v1/attestations/@s%2fn@1", "https://r.example/npm/all/-/npm/v1/attestations/@s%2fn@1"},
		{"escaped slash", "https://r.example/", "https://r.example/-/a/@s%2fn@1", "https://r.example/-/a/@s%2fn@1"},
		{"host only in the path", "https://r.example/", "https://r.example//evil.test/a", "https://r.example//evil.test/a"},
		{"dots", "https://r.example/npm/", "https://r.example/npm/../x", ""},
		{"escaped dots", "https://r.example/", "https://r.example/a/%2e%2e/x", ""},
		{"dots behind an escaped slash", "https://r.example/", "https://r.example/a%2f..%2fx", ""},
		{"backslash", "https://r.example/", `https://r.example/a\x`, ""},
		{"credentials", "https://r.example/", "https://u:hunter2@r.example/a", ""},
		{"no path", "https://r.example/", "https://r.example", ""},
		{"opaque", "https://r.example/", "data:text/plain,x", ""},
		{"relative", "https://r.example/", "x/y", ""},
		{"no URL", "https://r.example/", "https://[", ""},
		{"control", "https://r.example/", "https://r.example/\x1b[2J", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, err := registry.ParseBase(tt.base)
			if err != nil {
				t.Fatal(err)
			}
			u, err := attestationsURL(base, untrusted.Text(tt.advertised))
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
			if err == nil && !registry.SameHost(u, base) {
				t.Errorf("%v left the host", u)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	advertised := `,"signatures":[{"keyid":"k","sig":"s"}],"attestations":{"url":"{{BASE}}/a"}`
	many := `{"attestations":[` + strings.Repeat(`{},`, untrusted.MaxBundlesPerArtifact) + `{}]}`
	for _, tt := range []struct {
		name, dist string
		answer     answer
		want       string
	}{
		{"404", advertised, answer{404, "{}"}, "answers 404"},
		{"410", advertised, answer{410, "gone"}, "answers 410"},
		{"500", advertised, answer{500, "broken"}, "could not be fetched"},
		{"web page", advertised, ok("<html>"), "could not be fetched"},
		{"too large", advertised, ok(strings.Repeat(" ", untrusted.MaxAttestations+1)), "could not be fetched"},
		{"empty list", advertised, ok(`{"attestations":[]}`), "list of them is empty"},
		{"no list", advertised, ok(`{}`), "cannot be read"},
		{"null list", advertised, ok(`{"attestations":null}`), "cannot be read"},
		{"another type", advertised, ok(`{"attestations":"x"}`), "cannot be read"},
		{"no JSON", advertised, ok(`attestations`), "expected JSON, found the text: attestations"},
		{"broken JSON", advertised, ok(`{"attestations"`), "cannot be read"},
		{"two lists", advertised, ok(`{"attestations":[],"attestations":[{"bundle":{}}]}`), "occurs twice"},
		{"a name twice in a bundle", advertised, ok(`{"attestations":[{"bundle":{"a":{"b":1,"b":2}}}]}`), "occurs twice"},
		{"broken UTF-8", advertised, ok("{\"attestations\":[{\"bundle\":{\"a\":\"\xff\"}}]}"), "cannot be read"},
		{"data after the end", advertised, ok(`{"attestations":[{"bundle":{}}]}{}`), "cannot be read"},
		{"too many", advertised, ok(many), "at most 64 attestations"},
		{"no address", `,"attestations":{}`, ok(bundles), "does not say where"},
		{"a refused address", `,"attestations":{"url":"{{BASE}}/b/../a"}`, ok(bundles), "is refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, map[string]answer{"/x/1.0.0": ok(manifestJSON("x", "1.0.0", tt.dist)), "/a": tt.answer})
			e, err := f.fetch("x", "1.0.0", nil, nil)
			a := one(t, e, err)
			if !strings.Contains(a.Missing, tt.want) {
				t.Errorf("Missing is %q, want it to say %q", a.Missing, tt.want)
			}
			if len(a.Attestations) != 0 {
				t.Errorf("%d attestations", len(a.Attestations))
			}
			if strings.Contains(tt.dist, "keyid") && len(a.Signatures) != 1 {
				t.Error("the registry signature is gone")
			}
		})
	}
}

func TestNothingOffered(t *testing.T) {
	t.Parallel()
	for name, dist := range map[string]string{"absent": "", "null": `,"signatures":null,"attestations":null`, "empty": `,"signatures":[]`} {
		t.Run(name, func(t *testing.T) {
			manifest := manifestJSON("x", "1.0.0", dist)
			f := serve(t, map[string]answer{"/x/1.0.0": ok(manifest), "/x": ok(`{"name":"x","versions":{"1.0.0":` + manifest + `}}`)})
			e, err := f.fetch("x", "1.0.0", nil, nil)
			if a := one(t, e, err); a.Missing != "" || len(a.Signatures)+len(a.Attestations) != 0 {
				t.Errorf("artifact %+v", a)
			}
		})
	}
}

func TestElementWithoutBundle(t *testing.T) {
	t.Parallel()
	for name, element := range map[string]string{
		"absent": `{"predicateType":"p"}`, "null": `{"bundle":null}`, "string": `{"bundle":"{}"}`, "no object": `"x"`, "hostile type": `{"predicateType":{},"bundle":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			offered, err := DecodeAttestations([]byte(`{"attestations":[`+element+`]}`), verify.Source{})
			if err != nil || len(offered) != 1 {
				t.Fatal(offered, err)
			}
			if offered[0].Problem == "" || offered[0].Bundle != nil || string(offered[0].Raw) != element {
				t.Errorf("got %+v", offered[0])
			}
		})
	}
}

func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		answer   answer
		want     string
		notFound bool
	}{
		{"not there", answer{404, "{}"}, "version not found: expected x@1.0.0", true},
		{"gone", answer{410, "{}"}, "version not found", true},
		{"server error", answer{503, "later"}, "503", false},
		{"another name", ok(manifestJSON("y", "1.0.0", "")), `expected the manifest of "x", found the one of "y"`, false},
		{"another version", ok(manifestJSON("x", "1.0.1", "")), `expected version "1.0.0" of "x", found version "1.0.1"`, false},
		{"another case", ok(manifestJSON("X", "1.0.0", "")), `found the one of "X"`, false},
		{"no name", ok(`{}`), `found the one of ""`, false},
		{"escape code in the name", ok(`{"name":"\u001b[2J","version":"1.0.0"}`), `\x1b`, false},
		{"web page", ok("<html>"), "web page", false},
		{"no JSON", ok("nope"), "no valid JSON", false},
		{"text", ok("Not here"), "expected JSON, found the text: Not here", false},
		{"a list", ok("[]"), "found a list", false},
		{"name as a number", ok(`{"name":1}`), `"/name"`, false},
		{"dist as a string", ok(`{"name":"x","version":"1.0.0","dist":"x"}`), `"/dist": expected an object, found a string`, false},
		{"integrity as a number", ok(`{"name":"x","version":"1.0.0","dist":{"integrity":1}}`), `"/dist": expected dist.integrity as a string, found 1 (a number)`, false},
		{"signatures as an object", ok(`{"name":"x","version":"1.0.0","dist":{"signatures":{"a":1}}}`), `expected dist.signatures as a list of keyid and sig, found {"a":1} (an object)`, false},
		{"a signature as a string", ok(`{"name":"x","version":"1.0.0","dist":{"signatures":["x"]}}`), `expected dist.signatures as a list of keyid and sig, found ["x"] (a list)`, false},
		{"signatures true", ok(`{"name":"x","version":"1.0.0","dist":{"signatures":true}}`), `found true (a boolean)`, false},
		{"a name twice", ok(`{"name":"x","version":"1.0.0","dist":{},"dist":{}}`), "occurs twice", false},
		{"too many signatures", ok(`{"name":"x","version":"1.0.0","dist":{"signatures":[` + strings.Repeat("{},", 64) + `{}]}}`), "at most 64 signatures", false},
		{"too large", ok(`"` + strings.Repeat("x", untrusted.MaxManifest) + `"`), "too large", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, map[string]answer{"/x/1.0.0": tt.answer})
			e, err := f.fetch("x", "1.0.0", nil, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, registry.ErrVersionNotFound) != tt.notFound {
				t.Fatalf("got %v, want %q, not found %v", err, tt.want, tt.notFound)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") || strings.Contains(err.Error(), "Go ") {
				t.Errorf("the error shows raw bytes or Go's types: %q", err)
			}
			if len(e.Artifacts) != 0 || e.Release.Name != "x" {
				t.Errorf("evidence %+v", e)
			}
		})
	}
}

func TestRefusedNames(t *testing.T) {
	t.Parallel()
	f := serve(t, nil)
	for _, name := range []string{"", ".", "..", "../x", "a/b", "@a", "@a/", "@/b", "@a/b/c", "@a/..", "a?b", "a#b", "a%2fb", "a b", "a\x1b[2J", "ä", strings.Repeat("a", 300)} {
		if _, err := f.fetch(name, "1.0.0", nil, nil); err == nil || !strings.Contains(err.Error(), "package name") || strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("name %q: got %v", name, err)
		}
	}
	for _, version := range []string{"", ".", "..", "1/2", "1?x", "^1.0.0", ">=1", "1 2", "1\n", strings.Repeat("1", 300)} {
		if _, err := f.fetch("x", version, nil, nil); err == nil || !strings.Contains(err.Error(), "exact version") {
			t.Errorf("version %q: got %v", version, err)
		}
	}
	if len(f.asked) != 0 {
		t.Errorf("asked %q", f.asked)
	}
}

func TestNamesAndVersions(t *testing.T) {
	t.Parallel()
	const marks = "-_.~!'()*"
	long := strings.Repeat("x", 255)
	for name, want := range map[string]bool{
		"azAZ09" + marks: true, "@azAZ09" + marks + "/azAZ09" + marks: true,
		"x/y": false, "x:": false, "x@": false, "x[": false, "x`": false, "x{": false, "x%": false, "x\u00e9": false, "x\x7f": false,
		"@s": false, "@/x": false, "@s/": false, "@s/..": false, "@../x": false, "@s/x/y": false, "...": true,
		long + "y": true, long + "yz": false, "@s/" + long[:253]: true, "@s/" + long[:254]: false,
	} {
		if err := checkName(untrusted.Text(name)); (err == nil) != want {
			t.Errorf("the name %q: %v", name, err)
		}
	}
	for version, want := range map[string]bool{
		"1.0.0-az.AZ+09": true, "1:0": false, "1/0": false, "": false, "..": false, "+": true, long + "+": true, long + "+1": false,
	} {
		if err := checkVersion(untrusted.Text(version)); (err == nil) != want {
			t.Errorf("the version %q: %v", version, err)
		}
	}
}

// As much as may be is read; one more is refused in [TestMissing] and
// [TestWrongAnswers].
func TestAsManyAsMayBe(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{
		"/x/1.0.0": ok(manifestJSON("x", "1.0.0", `,"signatures":[`+strings.Repeat("{},", untrusted.MaxSignaturesPerObject-1)+`{}],"attestations":{"url":"/a"}`)),
		"/a":       ok(`{"attestations":[` + strings.Repeat(`{},`, untrusted.MaxBundlesPerArtifact-1) + `{}]}`),
	})
	e, err := f.fetch("x", "1.0.0", nil, nil)
	if a := one(t, e, err); len(a.Signatures) != untrusted.MaxSignaturesPerObject || len(a.Attestations) != untrusted.MaxBundlesPerArtifact || a.Missing != "" {
		t.Errorf("%d signatures, %d attestations, missing %q", len(a.Signatures), len(a.Attestations), a.Missing)
	}
}

func TestIntegrity(t *testing.T) {
	t.Parallel()
	other := "sha512-" + base64.StdEncoding.EncodeToString(unhex(strings.Repeat("cd", 64)))
	sha1 := "sha1-" + base64.StdEncoding.EncodeToString(unhex(strings.Repeat("12", 20)))
	for _, tt := range []struct {
		name              string
		integrity, shasum string
		wantIntegrity     string
		wantHex           string
	}{
		{"sha512", integrity, "", integrity, sum512},
		{"several hashes", sha1 + " " + integrity, "", sha1 + " " + integrity, sum512},
		{"options", integrity + "?x", "", integrity + "?x", sum512},
		{"the same twice", integrity + " " + integrity, "", integrity + " " + integrity, sum512},
		{"two that differ", integrity + " " + other, "", integrity + " " + other, ""},
		{"no sha512", sha1, "", sha1, ""},
		{"too short", "sha512-q6s=", "", "sha512-q6s=", ""},
		{"no base64", "sha512-!!!!", "", "sha512-!!!!", ""},
		{"unpadded", strings.TrimRight(integrity, "="), "", strings.TrimRight(integrity, "="), ""},
		{"another algorithm's bytes", strings.Replace(integrity, "sha512", "sha384", 1), "", strings.Replace(integrity, "sha512", "sha384", 1), ""},
		{"shasum", "", strings.Repeat("12", 20), sha1, ""},
		{"malformed shasum", "", "12", "", ""},
		{"integrity before shasum", integrity, strings.Repeat("34", 20), integrity, sum512},
		{"nothing", "", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := dist{Integrity: untrusted.Text(tt.integrity), Shasum: untrusted.Text(tt.shasum)}
			got, digest := d.integrity()
			if string(got) != tt.wantIntegrity || digest.Hex != tt.wantHex || digest.Algorithm != "sha512" {
				t.Errorf("got %q, %v", got, digest)
			}
		})
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, json, want, odd string }{
		{"object", `"repository":{"type":"git","url":"git+https://h.example/o/r.git","directory":"d"}`, "git+https://h.example/o/r.git", ""},
		{"string", `"repository":"https://h.example/o/r"`, "https://h.example/o/r", ""},
		{"shorthand", `"repository":"github:o/r"`, "github:o/r", ""},
		{"bare shorthand", `"repository":"o/r"`, "o/r", ""},
		{"list", `"repository":["x"]`, "", `repository ["x"] (a list)`},
		{"number", `"repository":1`, "", `repository 1 (a number)`},
		{"null", `"repository":null`, "", ""},
		{"absent", `"x":1`, "", ""},
		{"url as an object", `"repository":{"url":{"url":"x"}}`, "", `repository {"url":"x"} (an object)`},
		{"an object without url", `"repository":{"type":"git"}`, "", `repository {"type":"git"} (an object)`},
		{"broken UTF-8", "\"description\":\"\xff\",\"readme\":\"\\ud800\",\"repository\":\"o/r\"", "o/r", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := decodeManifest([]byte("{" + tt.json + "}"))
			if err != nil {
				t.Fatal(err)
			}
			claims, odd := m.claims()
			if string(claims.Repository) != tt.want || strings.Join(odd, " ") != tt.odd {
				t.Errorf("got %q, want %q; odd %q", claims.Repository, tt.want, odd)
			}
		})
	}
	m, err := decodeManifest([]byte(`{"license":{"type":"MIT","url":"x"},"homepage":["x"],"deprecated":true}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, odd := m.claims(); (got != verify.Claims{License: "MIT", Deprecated: "deprecated"}) || !slices.Equal(odd, []string{`homepage ["x"] (a list)`}) {
		t.Errorf("got %+v, odd %q", got, odd)
	}
	if m, err = decodeManifest([]byte(`{"deprecated":{"reason":"x"}}`)); err != nil {
		t.Fatal(err)
	}
	if got, odd := m.claims(); got != (verify.Claims{}) || !slices.Equal(odd, []string{`deprecated {"reason":"x"} (an object)`}) {
		t.Errorf("got %+v, odd %q", got, odd)
	}
	for _, none := range []string{"false", `""`, "null", "[]", "{}"} {
		m, err := decodeManifest([]byte(`{"deprecated":` + none + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if got, odd := m.claims(); got != (verify.Claims{}) || odd != nil {
			t.Errorf("deprecated: %s is %+v, odd %q", none, got, odd)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{"/npm/-/npm/v1/keys": ok(`{"keys":[]}`)})
	f.url = f.url.JoinPath("npm/")
	body, source, err := New(client(), Config{Base: f.url}).Keys(context.Background(), f.url)
	if err != nil || string(body) != `{"keys":[]}` || source.What != "registry keys" {
		t.Errorf("got %q, %+v, %v", body, source, err)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x/1.0.0" {
			io.WriteString(w, strings.ReplaceAll(manifestJSON("x", "1.0.0", `,"attestations":{"url":"{{BASE}}/a"}`), "{{BASE}}", "http://"+r.Host))
			return
		}
		close(asked)
		<-r.Context().Done()
	}))
	defer server.Close()
	base, err := registry.ParseBase(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-asked
		cancel()
	}()
	_, err = New(client(), Config{Base: base}).Fetch(ctx, release2("x", "1.0.0"), nil, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation: it says nothing about the package", err)
	}
}
