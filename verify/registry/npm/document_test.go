package npm

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// distJSON is a manifest of x@1.0.0 with that dist.
func distJSON(dist string) string { return `{"name":"x","version":"1.0.0","dist":{` + dist + `}}` }

// listing is a packument that has a manifest under 1.0.0.
func listing(manifest string) string {
	return `{"name":"x","versions":{"0.9.0":{"dist":7},"1.0.0":` + manifest + `},"time":{"1.0.0":"2023-02-03T04:05:06Z"}}`
}

// Which of a registry's two documents the evidence comes from, what is asked for
// it, and what is said.
func TestOneDocument(t *testing.T) {
	t.Parallel()
	const (
		sig, other = `"signatures":[{"keyid":"k","sig":"s"}]`, `"signatures":[{"keyid":"k","sig":"t"}]`
		att        = `"attestations":{"url":"{{BASE}}/a"}`
		both       = "/x/1.0.0 /x"
	)
	sri := `"integrity":"` + integrity + `"`
	whole := strings.Join([]string{sri, sig, att}, ",")
	for _, tt := range []struct {
		name                string
		manifest, packument answer
		asked               string
		signatures          string // the first one's
		attested            bool
		want                string // of the error, of what is missing, or of the only finding
	}{
		{"all in the manifest", ok(distJSON(whole)), answer{}, "/x/1.0.0 /a", "s", true, ""},
		{"no attestations in either", ok(distJSON(sri + "," + sig)), ok(listing(distJSON(sri + "," + sig))), both, "s", false, ""},
		{"attestations in the packument", ok(distJSON(sri + "," + sig)), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"signatures in the packument", ok(distJSON(sri + "," + att)), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"integrity in the packument", ok(distJSON(sig + "," + att)), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"all in the packument", ok(distJSON(`"shasum":"12"`)), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"no dist", ok(`{"name":"x","version":"1.0.0"}`), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"less in the packument", ok(distJSON(sri + "," + sig)), ok(listing(distJSON(sri))), both, "s", false, ""},
		{"405", answer{405, "{}"}, ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"404", answer{404, "{}"}, ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"400", answer{400, "{}"}, ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"elsewhere", answer{302, "https://elsewhere.example/x"}, ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"a packument in the manifest's place", ok(listing(distJSON(whole))), ok(listing(distJSON(whole))), both + " /a", "s", true,
			`the registry's manifest of the version is not that: expected version "1.0.0" of "x", found version ""; its packument counts`},
		{"another version in its place", ok(strings.Replace(distJSON(whole), "1.0.0", "2.0.0", 1)), ok(listing(distJSON(whole))), both + " /a", "s", true, `found version "2.0.0"`},
		{"no JSON in its place", ok("nope"), ok(listing(distJSON(whole))), both + " /a", "s", true, "no valid JSON"},
		{"too large", ok(`"` + strings.Repeat("x", untrusted.MaxManifest) + `"`), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"a packument without a name", answer{405, "{}"}, ok(strings.Replace(listing(distJSON(whole)), `"name":"x",`, "", 1)), both + " /a", "s", true, ""},
		{"a web page in its place", ok("<html>"), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"401", answer{401, "{}"}, ok(listing(distJSON(whole))), "/x/1.0.0", "", false, "401"},

		{"both 404", answer{404, "{}"}, answer{404, "{}"}, both, "", false, "version not found: expected x@1.0.0, found nothing: fetch the manifest from "},
		{"405 and 404", answer{405, "{}"}, answer{404, "{}"}, both, "", false, "version not found: expected x@1.0.0, found nothing: "},
		{"web pages", ok("<html>"), ok("<html>"), both, "", false, "/x/1.0.0: "},
		{"405 and not listed", answer{405, "{}"}, ok(`{"name":"x","versions":{"1.0.1":{}}}`), both, "", false, "405 Method Not Allowed; and the packument does not list it"},
		{"405 and 403", answer{405, "{}"}, answer{403, "no"}, both, "", false, "the server answers 403 Forbidden"},
		{"405 and another package", answer{405, "{}"}, ok(`{"name":"X"}`), both, "", false, `405 Method Not Allowed; and expected the document of "x", found the one of "X"`},
		{"another version and 404", ok(strings.Replace(distJSON(whole), "1.0.0", "2.0.0", 1)), answer{404, ""}, both, "", false, `version "1.0.0" of "x", found version "2.0.0"; and `},

		{"no evidence and 404", ok(distJSON(sri)), answer{404, ""}, both, "", false, "the manifest holds no evidence, and whether the package's document does is not known"},
		{"some evidence and 404", ok(distJSON(sri + "," + sig)), answer{404, ""}, both, "s", false, ""},
		{"some evidence and 403", ok(distJSON(sri + "," + sig)), answer{403, ""}, both, "s", false, "whether the packument has it is not known: "},
		{"not in the packument", ok(distJSON(sri + "," + sig)), ok(`{"name":"x","versions":{}}`), both, "s", false, "does not list the version, of which it serves a manifest"},

		{"two integrities", ok(distJSON(`"integrity":"sha512-q6s=",` + sig)), ok(listing(distJSON(whole))), both + " /a", "s", true,
			`about dist.integrity: the manifest says "sha512-q6s=", the packument "` + integrity + `"; the packument counts`},
		{"other bytes without evidence in the packument", ok(distJSON(sri + "," + att)), ok(listing(distJSON(`"integrity":"sha512-q6s="`))), both, "", false,
			`the packument "sha512-q6s="; the packument countsthe registry offers attestations in one document`},
		{"another shasum without evidence in the packument", ok(distJSON(sri + `,"shasum":"12",` + sig)), ok(listing(distJSON(`"shasum":"34"`))), both, "", false,
			`about dist.shasum: the manifest says "12", the packument "34"; the packument countsthe registry offers signatures in one document`},
		{"an integrity with options", ok(distJSON(`"integrity":"` + integrity + `?x",` + sig)), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"two shasums", ok(distJSON(`"shasum":"12",` + sig)), ok(listing(distJSON(`"shasum":"34",` + whole))), both + " /a", "s", true, `about dist.shasum: the manifest says "12", the packument "34"`},
		{"a shasum in two cases", ok(distJSON(`"shasum":"aB",` + sig)), ok(listing(distJSON(`"shasum":"Ab",` + whole))), both + " /a", "s", true, ""},
		{"two signatures", ok(distJSON(sri + "," + sig)), ok(listing(distJSON(strings.Replace(whole, sig, other, 1)))), both + " /a", "t", true, `about the signature with key k: the manifest says "s", the packument "t"`},
		{"two addresses", ok(distJSON(sri + "," + att)), ok(listing(distJSON(strings.Replace(whole, "/a", "/b", 1)))), both + " /b", "s", false, "about dist.attestations"},
		{"an address on two hosts", ok(distJSON(sri + "," + att)), ok(listing(distJSON(strings.Replace(whole, "{{BASE}}", "https://other.test", 1)))), both + " /a", "s", true, ""},
		{"another algorithm", ok(distJSON(`"integrity":"sha1-q6s=",` + sig)), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},
		{"one hash of two", ok(distJSON(`"integrity":"sha1-q6s= ` + integrity + `",` + sig)), ok(listing(distJSON(whole))), both + " /a", "s", true, ""},

		{"attestations here, integrity there", ok(distJSON(sig + "," + att)), ok(listing(distJSON(sri))), both, "", false,
			"the registry offers attestations in one document and the integrity that they are over in another: expected both in the packument"},
		{"signatures here, integrity there", ok(distJSON(sig)), ok(listing(distJSON(sri))), both, "", false, "the registry offers signatures in one document"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, map[string]answer{"/x/1.0.0": tt.manifest, "/x": tt.packument, "/a": ok(bundles)})
			e, err := f.private("x", "1.0.0", nil)
			if asked := strings.Join(f.asked, " "); asked != tt.asked {
				t.Errorf("asked %s", asked)
			}
			if len(e.Artifacts) == 0 {
				if err == nil || tt.want == "" || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("got %v", err)
				}
				if errors.Is(err, registry.ErrVersionNotFound) != strings.Contains(err.Error(), "version not found") {
					t.Errorf("the kind of %v", err)
				}
				return
			}
			a, said := one(t, e, err), ""
			for _, finding := range e.Findings {
				said += finding.Message
				if finding.Rule != "registry.documents" || finding.Severity != verify.Warning {
					t.Errorf("%+v", finding)
				}
			}
			if tt.name != "two addresses" { // whose second one nobody serves
				said += a.Missing
			}
			if len(e.Findings) > 1 || !strings.Contains(said, tt.want) || (tt.want == "") != (said == "") {
				t.Errorf("it says %q", said)
			}
			got := ""
			if len(a.Signatures) > 0 {
				got = string(a.Signatures[0].Sig)
			}
			if got != tt.signatures || (len(a.Attestations) > 0) != tt.attested {
				t.Errorf("signature %q, %d attestations", got, len(a.Attestations))
			}
		})
	}
}

// What a registry that serves whole manifests lacks is nowhere else.
func TestWholeManifests(t *testing.T) {
	t.Parallel()
	for _, status := range []int{404, 405, 400} {
		f := serve(t, map[string]answer{"/x/1.0.0": {status, "{}"}, "/x": ok(listing(distJSON("")))})
		if _, err := f.fetch("x", "1.0.0", nil, nil); err == nil || !slices.Equal(f.asked, []string{"/x/1.0.0"}) || errors.Is(err, registry.ErrVersionNotFound) != (status == 404) {
			t.Errorf("%d: %v, asked %q", status, err, f.asked)
		}
	}
}

// A registry that says in its own way that there is nothing offers nothing; what
// stands in the place of an address was advertised.
func TestOddEvidence(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ dist, missing string }{
		{`"attestations":null,"signatures":null`, ""},
		{`"attestations":[],"signatures":{}`, ""},
		{`"attestations":false,"signatures":false`, ""},
		{`"attestations":"","signatures":""`, ""},
		{`"attestations": [ ],"integrity":null,"tarball":{},"shasum":5`, ""},
		{`"attestations":{}`, "attestations are advertised, but the registry does not say where"},
		{`"attestations":{"url":null}`, "attestations are advertised, but the registry does not say where"},
		{`"attestations":{"url":7}`, "does not say where: expected a string as url, found 7 (a number)"},
		{`"attestations":{"url":"-/a"}`, "at an address that is refused"},
		{`"attestations":"/a"`, `does not say where: expected an object with a url, found "/a"`},
		{`"attestations":true`, `found true (a boolean)`},
		{`"attestations":[{"url":"/a"}]`, `found [{"url":"/a"}] (a list)`},
		{`"attestations":{"url":"\u001b[2J"}`, `\x1b`},
		{`"attestations":"\u001b[2J"`, `\x1b`},
	} {
		f := serve(t, map[string]answer{"/@s%2fx/1.0.0": ok(strings.Replace(distJSON(tt.dist), `"x"`, `"@s/x"`, 1)), "/a": ok(bundles)})
		e, err := f.fetch("@s/x", "1.0.0", nil, nil)
		a := one(t, e, err)
		if !strings.Contains(a.Missing, tt.missing) || (tt.missing == "") != (a.Missing == "") || len(a.Signatures)+len(a.Attestations) != 0 {
			t.Errorf("%s: missing %q, %+v", tt.dist, a.Missing, a)
		}
		if strings.ContainsAny(a.Missing, "\x1b\n") || a.Filename != "x-1.0.0.tgz" || !a.Derived || len(f.asked) != 1 {
			t.Errorf("%s: %q, file %q, asked %q", tt.dist, a.Missing, a.Filename, f.asked)
		}
	}
}

// A manifest whose version is written as npm would clean it is the version's;
// whose name has another case is another package's.
func TestManifestOfTheVersion(t *testing.T) {
	t.Parallel()
	for version, right := range map[string]bool{"1.0.0": true, "v1.0.0": true, "=v1.0.0": true, " 1.0.0 ": true, "1.0.0+b": false, "1.0": false, "01.0.0": false, "x1.0.0": false, "": false} {
		m := manifest{Name: "x", Version: untrusted.Text(version)}
		if err := m.is("x", "1.0.0"); (err == nil) != right {
			t.Errorf("%q: %v", version, err)
		}
	}
	if err := (&manifest{Name: "X", Version: "1.0.0"}).is("x", "1.0.0"); err == nil {
		t.Error("X is x")
	}
}

// A time that nobody needs is named, and stops nothing.
func TestOddTime(t *testing.T) {
	t.Parallel()
	for _, time := range []string{`{"1.0.0":1700000000}`, `7`, `[]`, `{"1.0.0":"yesterday"}`} {
		f := serve(t, map[string]answer{"/x/1.0.0": {405, ""}, "/x": ok(`{"name":"x","versions":{"1.0.0":` + distJSON(`"signatures":[{"keyid":"k","sig":"s"}]`) + `},"time":` + time + `}`)})
		e, err := f.private("x", "1.0.0", func(string) bool { return false })
		if one(t, e, err); len(e.Findings) != 1 || e.Findings[0].Rule != "registry.value" || !strings.Contains(e.Findings[0].Message, "RFC 3339, found ") || e.PublishTimeError != "" {
			t.Errorf("%s: %+v", time, e)
		}
	}
}

// npm drops the build metadata of the version that it is asked for.
func TestBuildMetadataIsAWarning(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{"/x/1.0.0+b.7": ok(manifestJSON("x", "1.0.0+b.7", ""))})
	e, err := f.fetch("x", "1.0.0+b.7", nil, nil)
	if one(t, e, err); len(e.Findings) != 1 || e.Findings[0].Rule != "release.build-metadata" || e.Findings[0].Severity != verify.Warning ||
		!strings.Contains(e.Findings[0].Message, `it installs "1.0.0"`) {
		t.Errorf("%+v", e.Findings)
	}
}

// What is claimed of the publisher is read in whatever form a registry keeps it,
// from whichever document has it.
func TestNPMUser(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for _, tt := range []struct {
		json string
		want verify.NPMUser
	}{
		{`{"name":"alice","email":"alice@x.test"}`, verify.NPMUser{Name: "alice"}},
		{`{"name":"GitHub Actions","trustedPublisher":{"id":"github","oidcConfigId":"oidc:1"}}`,
			verify.NPMUser{Name: "GitHub Actions", TrustedPublisher: "github", TrustedPublisherConfig: "oidc:1"}},
		{`{"name":"GitHub Actions","approver":{"name":"alice","email":"alice@x.test"},"trustedPublisher":{"id":"gitlab"}}`,
			verify.NPMUser{Name: "GitHub Actions", TrustedPublisher: "gitlab", Approver: "alice"}},
		{`{"approver":"alice","trustedPublisher":"github"}`, verify.NPMUser{Approver: "alice", TrustedPublisher: "github"}},
		{`{"approver":true,"trustedPublisher":true}`, verify.NPMUser{Approver: "not named", TrustedPublisher: "not named"}},
		{`{"approver":{"email":"alice@x.test"},"trustedPublisher":{"id":7}}`, verify.NPMUser{Approver: "not named", TrustedPublisher: "not named"}},
		{`{"approver":{},"trustedPublisher":null}`, verify.NPMUser{}},
		{`{"approver":false,"trustedPublisher":[]}`, verify.NPMUser{}},
		{`{"name":["alice"]}`, verify.NPMUser{}},
		{`"alice <alice@x.test>"`, verify.NPMUser{Name: "alice <alice@x.test>"}},
		{`{"name":"` + long + `"}`, verify.NPMUser{Name: untrusted.Text(long[:256]) + "…"}},
		{`null`, verify.NPMUser{}},
		{`["alice"]`, verify.NPMUser{}},
	} {
		m, err := decodeManifest([]byte(`{"_npmUser":` + tt.json + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if c, odd := m.claims(); c != (verify.Claims{NPMUser: tt.want}) || odd != nil {
			t.Errorf("%s: %+v, odd %q", tt.json, c, odd)
		}
	}
	f := serve(t, map[string]answer{
		"/x/1.0.0": ok(`{"name":"x","version":"1.0.0","license":"MIT","dist":{}}`),
		"/x":       ok(listing(`{"name":"x","version":"1.0.0","license":"ISC","_npmUser":{"name":"alice"},"repository":["r"],"dist":{}}`)),
	})
	e, err := f.private("x", "1.0.0", nil)
	one(t, e, err)
	if want := (verify.Claims{License: "ISC", NPMUser: verify.NPMUser{Name: "alice"}}); e.Claims != want {
		t.Errorf("%+v", e.Claims)
	}
	if len(e.Findings) != 1 || e.Findings[0].Rule != "registry.value" || e.Findings[0].Severity != verify.Info || !strings.HasSuffix(e.Findings[0].Message, `repository ["r"] (a list)`) {
		t.Errorf("%+v", e.Findings)
	}
}

// A redirect is one only with its header.
func redirect(w http.ResponseWriter, a answer) {
	if a.status/100 == 3 {
		w.Header().Set("Location", a.body)
	}
}

// kept answers what a cache holds, and nothing for the manifest of a version.
type kept struct{}

func (kept) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/1.0.0") {
		return nil, registry.ErrOffline
	}
	return http.DefaultTransport.RoundTrip(req)
}

// Offline, a packument stands in for the manifest that its registry does not
// serve, if it lacks nothing that a manifest may hold.
func TestOfflineWithoutManifest(t *testing.T) {
	t.Parallel()
	parts := `"integrity":"` + integrity + `","signatures":[{"keyid":"k","sig":"s"}]`
	for dist, complete := range map[string]bool{parts + `,"attestations":{"url":"{{BASE}}/a"}`: true, parts: false} {
		f := serve(t, map[string]answer{"/x": ok(listing(distJSON(dist))), "/a": ok(bundles)})
		e, err := New(registry.New(registry.Options{Transport: kept{}}), Config{Base: f.url}).
			Fetch(t.Context(), release2("x", "1.0.0"), nil, nil)
		switch {
		case !complete && !errors.Is(err, registry.ErrOffline):
			t.Errorf("got %v", err)
		case complete:
			if a := one(t, e, err); len(a.Attestations) == 0 {
				t.Error("no attestations")
			}
		}
	}
}
