package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/npm"
)

// Registries that serve one of npm's two documents, or leave evidence out of one:
// the verdict is that of the evidence, never less than what is offered somewhere,
// and never that an honest release is invalid.
func TestRegistriesOfTwoDocuments(t *testing.T) {
	t.Parallel()
	const victim = "dockyard/npx/mcp-jetbrains/spec.yaml"
	dist := func(change func(dist object)) func(manifest object) any {
		return func(manifest object) any {
			change(manifest["dist"].(object))
			return manifest
		}
	}
	without := func(names ...string) func(manifest object) any {
		return dist(func(d object) {
			for _, name := range names {
				delete(d, name)
			}
		})
	}
	as := func(name string, value any) func(manifest object) any {
		return dist(func(d object) { d[name] = value })
	}
	whole := func(manifest object) any { return manifest }
	status := func(code int) func(object) any { return func(object) any { return code } }
	for _, tt := range []struct {
		name                string
		manifest, packument func(manifest object) any // a document, or the status of an error
		want                string
		says                string // in the reason or a finding
	}{
		{"no version endpoint", status(405), whole, "verified", ""},
		{"none, and not found", status(404), whole, "verified", ""},
		{"the packument alone", whole, status(404), "verified", ""},
		{"neither", status(404), status(404), "unchecked", "version not found"},
		{"two errors", status(405), status(403), "unchecked", "403"},
		{"all stripped", without("integrity", "signatures", "attestations"), whole, "verified", ""},
		{"integrity stripped", without("integrity"), whole, "verified", ""},
		{"attestations stripped", as("attestations", false), whole, "verified", ""},
		{"signatures stripped", as("signatures", object{}), whole, "verified", ""},
		{"attestations stripped from both", without("attestations"), without("attestations"), "signed", ""},
		{"integrity withheld", without("integrity"), without("integrity"), "unchecked", "the registry serves no integrity, so the signature over it cannot be checked"},
		{"integrity and shasum withheld", status(405), without("integrity", "shasum"), "unchecked", "the registry serves no integrity"},
		{"integrity of another kind", as("integrity", "sha1-AAAA"), as("integrity", "sha1-AAAA"), "unchecked", `expected one with a SHA-512, found "sha1-AAAA"`},
		{"another integrity", as("integrity", "sha512-AAAA"), as("integrity", "sha512-AAAA"), "invalid", "does not match"},
		{"two integrities", dist(func(d object) { d["integrity"] = "sha512-AAAA"; delete(d, "attestations") }), whole, "verified", "dist.integrity"},
		{"another in the packument", without("attestations"), as("integrity", "sha512-AAAA"), "invalid", "dist.integrity"},
		{"odd metadata", func(m object) any { m["repository"], m["license"] = []any{"x"}, 7; return m }, whole, "verified", "license 7 (a number)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answers, material := lab.Recording(t)
			answer := func(w http.ResponseWriter, r *http.Request, path string, change func(object) any, wrap func(any) any) {
				r = r.Clone(r.Context())
				r.URL.Path, r.URL.RawPath = path, strings.Replace(path, "/mcp", "%2fmcp", 1)
				_, _, body, ok := lab.Answer(answers, r)
				var manifest object
				if !ok || json.Unmarshal(body, &manifest) != nil {
					t.Errorf("no manifest at %s", path)
				}
				document := change(manifest)
				if code, failed := document.(int); failed {
					http.Error(w, "no", code)
					return
				}
				if body, err := json.Marshal(wrap(document)); err == nil {
					w.Write(body)
				}
			}
			const name, version = "@jetbrains/mcp-proxy", "1.8.0"
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/" + name + "/" + version:
					answer(w, r, r.URL.Path, tt.manifest, func(v any) any { return v })
				case "/" + name:
					answer(w, r, r.URL.Path+"/"+version, tt.packument, func(v any) any { return object{"name": name, "versions": object{version: v}} })
				default:
					lab.Serve(answers, w, r)
				}
			}))
			defer server.Close()
			base, err := registry.ParseBase(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			from := lab.Through(t, http.DefaultTransport, server.URL, server.URL+"/simple/", material)
			from.NPM = npm.New(registry.New(registry.Options{}), npm.Config{Base: base})
			var specs []catalog.Spec
			for _, spec := range lab.Specs(t, "dockyard") {
				if string(spec.Path) == victim {
					specs = append(specs, spec)
				}
			}
			report := lab.Check(t, specs, from, false)[0]
			said := report.Reason
			for _, f := range report.Findings {
				said += "\n" + f.Message
			}
			if report.Status.String() != tt.want || !strings.Contains(said, tt.says) {
				t.Errorf("%v: %s", report.Status, said)
			}
			if want := (verify.Claims{}); tt.name == "no version endpoint" && report.Claims == want {
				t.Error("the packument's claims are not there")
			}
		})
	}
}
