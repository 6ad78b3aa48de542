package pypi

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"plimsoll/verify/registry"
)

// withStatus is the page of a project that has one file, and a status (PEP 792).
func withStatus(status string) string {
	return strings.Replace(pageJSON("foo", entry("foo-1.0.tar.gz", "")), `{"`, `{"project-status":`+status+`,"`, 1)
}

// The status that the index gives a project is a finding, and stops nothing but for
// a quarantine.
func TestProjectStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		`null`:                  "",
		`{"status":"active"}`:   "",
		`"Active"`:              "",
		`{"status":" active "}`: "",
		`{"status":"archived","reason":"old\u001b[2J"}`: `warning: the index calls the project archived: no more releases are to be expected: "old\\x1b[2J"`,
		`"archived"`: `warning: the index calls the project archived: no more releases are to be expected`,
		`{"status":"archived","reason":"` + strings.Repeat("x", 900) + `"}`: `warning: the index calls the project archived: no more releases are to be expected: "` +
			strings.Repeat("x", 397) + `…"`,
		`{"status":"deprecated","reason":"use bar"}`: `info: the index calls the project deprecated: another may have taken its place: "use bar"`,
		`{"status":"deprecated","reason":7}`:         `info: the index calls the project deprecated: another may have taken its place`,
		`{"status":"frozen"}`:                        `info: the index gives the project a status that is not known, "frozen"`,
		`{"status":"\u202efrozen","reason":"x"}`:     `info: the index gives the project a status that is not known, "\u202efrozen": "x"`,
		`{"status":7}`:                               `info: the index gives the project a status that cannot be read: expected a word (PEP 792), found {"status":7} (an object)`,
		`{}`:                                         `info: the index gives the project a status that cannot be read: expected a word (PEP 792), found {} (an object)`,
		`[]`:                                         `info: the index gives the project a status that cannot be read: expected a word (PEP 792), found [] (a list)`,
	} {
		f := serve(t, map[string]answer{"/simple/foo/": ok(withStatus(status))})
		e, err := f.fetch("foo", "1.0")
		if err != nil || len(e.Artifacts) != 1 {
			t.Errorf("%s: %d files, %v", status, len(e.Artifacts), err)
		}
		got := ""
		for _, finding := range e.Findings {
			got += finding.Severity.String() + ": " + finding.Message
			if finding.Rule != "project.status" {
				t.Errorf("the rule %s", finding.Rule)
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", status, got, want)
		}
	}
	// Whether the release is there or not.
	f := serve(t, map[string]answer{"/simple/foo/": ok(withStatus(`"archived"`))})
	if e, err := f.fetch("foo", "2.0"); !errors.Is(err, registry.ErrVersionNotFound) || len(e.Findings) != 1 {
		t.Errorf("got %d findings, %v", len(e.Findings), err)
	}
}

// What installers take for a page, and what is only shown in any form.
func TestOddPages(t *testing.T) {
	t.Parallel()
	plain := entry("foo-1.0.tar.gz", "")
	with := func(more string) string { return pageJSON("foo", entry("foo-1.0.tar.gz", more)) }
	for name, tt := range map[string]struct{ page, digest string }{
		"no meta":                     {`{"name":"foo","files":[` + plain + `]}`, sum},
		"meta of another form":        {`{"meta":7,"name":"foo","files":[` + plain + `]}`, sum},
		"no version of the interface": {`{"meta":{},"name":"foo","files":[` + plain + `]}`, sum},
		"null for it":                 {`{"meta":{"api-version":null},"name":"foo","files":[` + plain + `]}`, sum},
		"a number for it":             {`{"meta":{"api-version":1.1},"name":"foo","files":[` + plain + `]}`, sum},
		"1":                           {`{"meta":{"api-version":"1"},"name":"foo","files":[` + plain + `]}`, sum},
		"1.99":                        {`{"meta":{"api-version":"1.99"},"name":"foo","files":[` + plain + `]}`, sum},
		"no name":                     {`{"meta":{"api-version":"1.0"},"files":[` + plain + `]}`, sum},
		"a name of another form":      {`{"meta":{"api-version":"1.0"},"name":["foo"],"files":[` + plain + `]}`, sum},
		"a name not normalized":       {strings.Replace(pageJSON("foo", plain), `"foo"`, `"FOO"`, 1), sum},
		"unknown members":             {strings.Replace(pageJSON("foo", plain), `{"`, `{"x":[{}],"alternate-locations":7,"tracks":[],"`, 1), sum},
		"size as text":                {with(`,"size":"20480"`), sum},
		"size as a fraction":          {with(`,"size":20480.5`), sum},
		"size below nothing":          {with(`,"size":-1`), sum},
		"size as null":                {with(`,"size":null`), sum},
		"time as a number":            {with(`,"upload-time":1700000000`), sum},
		"time as a list":              {with(`,"upload-time":[]`), sum},
		"what is only listed":         {with(`,"gpg-sig":7,"requires-python":[],"core-metadata":"x","dist-info-metadata":{}`), sum},
		"a file twice":                {pageJSON("foo", plain, plain), sum},
		"digest in capitals":          {strings.ReplaceAll(pageJSON("foo", plain), sum, strings.ToUpper(sum)), sum},
		"another digest of any form":  {strings.Replace(pageJSON("foo", plain), `"hashes":{`, `"hashes":{"md5":7,"blake2b":null,`, 1), sum},
		"no hashes":                   {pageJSON("foo", `{"filename":"foo-1.0.tar.gz"}`), ""},
		"empty hashes":                {pageJSON("foo", `{"filename":"foo-1.0.tar.gz","hashes":{}}`), ""},
		"null for hashes":             {pageJSON("foo", `{"filename":"foo-1.0.tar.gz","hashes":null}`), ""},
		"hashes as a list":            {pageJSON("foo", `{"filename":"foo-1.0.tar.gz","hashes":[]}`), ""},
		"hashes as text":              {pageJSON("foo", `{"filename":"foo-1.0.tar.gz","hashes":"`+sum+`"}`), ""},
		"digest as a number":          {pageJSON("foo", `{"filename":"foo-1.0.tar.gz","hashes":{"sha256":7}}`), ""},
		"digest as null":              {pageJSON("foo", `{"filename":"foo-1.0.tar.gz","hashes":{"sha256":null}}`), ""},
		"digest cut":                  {strings.ReplaceAll(pageJSON("foo", plain), sum, sum[:62]), ""},
		"versions of another form":    {strings.Replace(pageJSON("foo", plain), `["1.0"]`, `7`, 1), sum},
	} {
		f := serve(t, map[string]answer{"/simple/foo/": ok(tt.page)})
		e, err := f.fetch("foo", "1.0")
		if err != nil || len(e.Artifacts) != 1 || e.Artifacts[0].Digest.Hex != tt.digest {
			t.Errorf("%s: got %+v, %v", name, e.Artifacts, err)
		}
	}
	for mark, yanked := range map[string]bool{`null`: false, `false`: false, `true`: true, `""`: true, `"x"`: true, `1`: true, `{}`: true} {
		f := serve(t, map[string]answer{"/simple/foo/": ok(with(`,"yanked":` + mark))})
		if e, err := f.fetch("foo", "1.0"); err != nil || e.Artifacts[0].Yanked != yanked {
			t.Errorf("%s: got %+v, %v", mark, e.Artifacts, err)
		}
	}
}

// A page in HTML is named as one; a login page is not.
func TestHTMLOnly(t *testing.T) {
	t.Parallel()
	const html, login = "the index answers with HTML (PEP 503) only; plimsoll reads the JSON form (PEP 691)", "or a login page stands before it"
	for name, tt := range map[string]struct {
		status            int
		contentType, body string
		want              string
	}{
		"its own type":         {200, "application/vnd.pypi.simple.v1+html", "<!DOCTYPE html><html></html>", html},
		"its type in capitals": {200, "Application/VND.PyPI.Simple.V1+HTML; charset=utf-8", "  <html></html>", html},
		"a wheel":              {200, "text/html", `<!DOCTYPE html><body><a href="../../f/foo-1.0-py3-none-any.whl#sha256=ab">foo</a>`, html},
		"a name in the text":   {200, "text/html; charset=utf-8", "<html><A\nHREF='/download/7'>foo-1.0.tar.gz</A>", html},
		"its version":          {200, "text/html", `<html><head><META name="pypi:repository-version" content="1.0">`, html},
		"without files":        {200, "text/html", "<html><head><title>Links for foo</title></head><body></body>", html},
		"under a wrong label":  {200, "application/json", "<html><head><title>Links for foo</title></head><body></body>", html},
		"406":                  {406, "text/plain", "no", "the server answers 406 Not Acceptable: no: " + html},
		"a login page":         {200, "text/html", `<html><title>Sign in</title><form action="/login"><input type="password"></form><a href="/help">help</a>`, login},
		"a portal":             {200, "text/html", "<html><title>Welcome</title><a href='https://portal.example/accept'>accept</a>", login},
		"XML":                  {200, "application/xml", "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", login},
		"far behind":           {200, "text/html", "<html>" + strings.Repeat(" ", 1<<17) + "<title>Links for foo</title>", login},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", tt.contentType)
			w.WriteHeader(tt.status)
			io.WriteString(w, tt.body)
		}))
		index, err := url.Parse(server.URL + "/simple/")
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(client(), Config{Indexes: []Index{{URL: index}}}).Fetch(t.Context(), rel("foo", "1.0"), nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "fetch the simple index from "+server.URL) {
			t.Errorf("%s: got %v", name, err)
		}
		server.Close()
	}
}
