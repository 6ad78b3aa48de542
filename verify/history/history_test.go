package history

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
)

// packument writes a history given as "1.2.0 a" lines: a attestations, s a signature, n
// nothing, b an attestation without provenance, ? an entry that cannot be read, u a user who is named, t a trusted
// publisher, p an approver. A day behind @ is that of publishing; x has
// nothing else, as what was deleted.
func packument(offers string) string {
	versions, times := map[string]any{}, map[string]any{"unpublished": map[string]any{"time": "2020-01-01T00:00:00Z", "versions": []string{"0.1.0"}}}
	for line := range strings.Lines(offers) {
		version, offer, _ := strings.Cut(strings.TrimSpace(line), " ")
		offer, day, dated := strings.Cut(offer, "@")
		if dated {
			times[version] = day + "T12:00:00Z"
		}
		if strings.HasPrefix(offer, "x") {
			continue
		}
		dist := map[string]any{}
		if strings.Contains(offer, "s") {
			dist["signatures"] = []any{map[string]string{"keyid": "k", "sig": "s"}}
		}
		if strings.Contains(offer, "b") {
			dist["attestations"] = map[string]any{"url": "https://npm.example/a"}
		}
		if strings.Contains(offer, "a") {
			dist["attestations"] = map[string]any{"provenance": map[string]string{"predicateType": "https://slsa.dev/provenance/v1"}}
		}
		entry := map[string]any{"version": version, "dist": dist}
		if strings.Contains(offer, "?") {
			entry["dist"] = 7
		}
		if strings.Contains(offer, "d") {
			entry["deprecated"] = "use another"
		}
		user := map[string]any{}
		for mark, member := range map[string]string{"u": "name", "t": "trustedPublisher", "p": "approver"} {
			if strings.Contains(offer, mark) {
				user[member] = "x"
			}
		}
		entry["_npmUser"] = user
		versions[version] = entry
	}
	data, err := json.Marshal(map[string]any{"name": "x", "versions": versions, "time": times})
	if err != nil {
		panic(err)
	}
	return string(data)
}

func server(t *testing.T, path, body string) *registry.Client {
	t.Helper()
	return registry.New(registry.Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		if r.URL.Path != path {
			t.Errorf("asked %s, want %s", r.URL.Path, path)
		}
		w.WriteString(body)
		return w.Result(), nil
	})})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func npmHistory(t *testing.T, offers, current string, known ...*verify.Report) History {
	t.Helper()
	base, err := registry.ParseBase("https://npm.example/")
	if err != nil {
		t.Fatal(err)
	}
	r := npm.New(server(t, "/x", packument(offers)), npm.Config{Base: base})
	h, err := NPM(t.Context(), r, verify.Release{Ecosystem: verify.NPM, Name: "x", Version: untrusted.Text(current)})
	if err != nil {
		t.Fatal(err)
	}
	h.Compare(known...)
	return h
}

func rules(h History) string {
	var out []string
	for _, f := range h.Findings {
		out = append(out, f.Rule+" "+f.Severity.String())
	}
	return strings.Join(out, ", ")
}

func order(h History) string {
	var out []string
	for _, v := range h.Versions {
		text := string(v.Version)
		if v.Lost {
			text += "<" + string(v.Before)
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestOrder(t *testing.T) {
	t.Parallel()
	h := npmHistory(t, "1.9.0 s\n1.10.0 s\n2.0.0-rc.1 s\n2.0.0 s\n2.0.0-rc.10 s\nnext s\n1.10.0+b s\n10.0.0 s", "1.10.0")
	if got := order(h); got != "10.0.0 2.0.0 2.0.0-rc.10 2.0.0-rc.1 1.10.0+b 1.10.0 1.9.0 next" {
		t.Error(got)
	}
	if v := h.Current(); v == nil || v.Version != "1.10.0" || v.Line != "1" {
		t.Errorf("%+v", v)
	}
	if v := h.Versions[7]; v.Line != "" || v.Lost {
		t.Errorf("%+v", v)
	}
	if !h.Versions[2].Prerelease || h.Versions[1].Prerelease {
		t.Error("pre-releases are wrong")
	}
}

func TestLoss(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, offers, current string
		rules                 string
	}{
		{"as before", "1.0.0 sa\n1.1.0 sa", "1.1.0", ""},
		{"the first", "1.0.0 s", "1.0.0", ""},
		{"gained", "1.0.0 s\n1.1.0 sa", "1.1.0", ""},
		{"lost", "1.0.0 sa\n1.1.0 s", "1.1.0", "history.lost warning"},
		{"lost long ago", "1.0.0 sa\n1.1.0 s\n1.2.0 s", "1.2.0", "history.lost warning"},
		{"lost the signature too", "1.0.0 s\n1.1.0 n", "1.1.0", "history.lost warning"},
		{"a backport to a line that never had any", "1.9.0 s\n2.0.0 sa\n1.9.1 s", "1.9.1", ""},
		{"a backport that lost what its line had", "1.9.0 sa\n2.0.0 sa\n1.9.1 s", "1.9.1", "history.lost warning"},
		{"a new line without", "1.9.0 sa\n2.0.0 s", "2.0.0", "history.line warning"},
		{"a new line, after a candidate without", "1.9.0 sa\n2.0.0-rc.1 s\n2.0.0 s", "2.0.0", "history.line warning"},
		{"a candidate had it", "1.9.0 s\n2.0.0-rc.1 sa\n2.0.0 s", "2.0.0", "history.lost warning"},
		{"the second of a line without", "1.9.0 sa\n2.0.0 s\n2.0.1 s", "2.0.1", "history.line warning"},
		{"a new line with as much", "1.9.0 sa\n2.0.0 sa", "2.0.0", ""},
		{"a new line with more", "1.9.0 s\n2.0.0 sa", "2.0.0", ""},
		{"an unknown entry begins a new line", "1.9.0 sa\n2.0.0 ?", "2.0.0", ""},
		{"an unknown entry, and a later one has it", "1.0.0 ?\n1.1.0 sa", "1.0.0", ""},
		{"an unknown entry ended the line before", "1.8.0 sa\n1.9.0 ?\n2.0.0 s", "2.0.0", "history.line warning"},
		{"the second of a line whose first is unknown", "1.9.0 sa\n2.0.0 ?\n2.0.1 s", "2.0.1", "history.line warning"},
		{"a later one has as much", "1.0.0 sa\n1.1.0 sa", "1.0.0", ""},
		{"a later line has it", "1.0.0 s\n2.0.0 sa", "1.0.0", ""},
		{"what is no version has it", "1.0.0 s\nnext sa", "1.0.0", ""},
		{"a later one has it", "1.0.0 s\n1.1.0 sa", "1.0.0", "history.later info"},
		{"only a candidate has it later", "1.0.0 s\n1.1.0-rc.1 sa", "1.0.0", ""},
		{"only a withdrawn one has it later", "1.0.0 s\n1.1.0 sad", "1.0.0", ""},
		{"between", "1.0.0 sa\n1.1.0 s\n1.2.0 sa", "1.1.0", "history.lost warning, history.later info"},
		{"an unknown entry lost nothing", "1.0.0 sa\n1.1.0 ?", "1.1.0", ""},
		{"an unknown entry proves no loss", "1.0.0 ?\n1.1.0 n", "1.1.0", ""},
		{"claims as before", "1.0.0 utp\n1.1.0 utp", "1.1.0", ""},
		{"claims a trusted publisher no more", "1.0.0 ut\n1.1.0 u", "1.1.0", "history.claim warning"},
		{"claims no approver either", "1.0.0 utp\n1.1.0 u", "1.1.0", "history.claim warning, history.claim warning"},
		{"claims nothing at all", "1.0.0 utp\n1.1.0", "1.1.0", ""},
		{"claims behind one of which nothing is said", "1.0.0 ut\n1.1.0\n1.2.0 u", "1.2.0", "history.claim warning"},
		{"claims were given up before", "1.0.0 ut\n1.1.0 u\n1.2.0 u", "1.2.0", ""},
		{"claims of another line", "1.0.0 u\n2.0.0 ut\n1.1.0 u", "1.1.0", ""},
		{"not listed", "1.0.0 sa\n1.1.0 s", "1.2.0", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := npmHistory(t, tt.offers, tt.current)
			if got := rules(h); got != tt.rules {
				t.Errorf("got %q, want %q", got, tt.rules)
			}
			for _, f := range h.Findings {
				if f.Expected == f.Observed || f.Message == "" || f.Severity == verify.SeverityError {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	const offers = "1.0.0 s\n1.1.0 sa\n1.2.0 n\n1.3.0 ?\n1.4.0 sa\n2.0.0 sa\n3.0.0 s\n5.0.0 ?"
	for current, want := range map[string]string{
		"1.2.0": "2 of the 5 versions of major line 1 offer attestations",
		"2.0.0": "the only version of major line 2 offers attestations",
		"3.0.0": "the only version of major line 3 offers no attestations",
		"4.0.0": "the registry does not list the version",
		"5.0.0": "what the only version of major line 5 offers is not known",
	} {
		h := npmHistory(t, offers, current)
		if got := h.Summary(); got != want {
			t.Errorf("%s: got %q, want %q", current, got, want)
		}
	}
	some := History{Versions: []Version{{Line: "1", Offered: RungSome, Current: true}, {Line: "1", Offered: RungSignature}}}
	if got := some.Summary(); got != "1 of the 2 versions of major line 1 offers attestations" {
		t.Errorf("attestations of some files: %q", got)
	}
}

func TestLossIsMarkedForEveryVersion(t *testing.T) {
	t.Parallel()
	h := npmHistory(t, "1.0.0 s\n1.1.0 sa\n1.2.0 s\n1.3.0 sa\n2.0.0 s\n2.1.0 n", "1.3.0")
	if got := order(h); got != "2.1.0<2.0.0 2.0.0 1.3.0 1.2.0<1.1.0 1.1.0 1.0.0" {
		t.Error(got)
	}
}

func TestPublisherChanges(t *testing.T) {
	t.Parallel()
	base := verify.Publisher{Repository: "https://github.com/acme/x", RepositoryID: "12", Issuer: "i", Workflow: ".github/workflows/release.yml"}
	for _, tt := range []struct {
		name   string
		change func(*verify.Publisher)
		want   string
	}{
		{"the same", func(*verify.Publisher) {}, ""},
		{"other letters", func(p *verify.Publisher) { p.Repository = "https://github.com/Acme/X" }, ""},
		{"renamed", func(p *verify.Publisher) { p.Repository = "https://github.com/acme/y" }, "history.renamed info"},
		{"re-created", func(p *verify.Publisher) { p.RepositoryID = "13" }, "history.recreated warning"},
		{"elsewhere", func(p *verify.Publisher) { p.Repository, p.RepositoryID = "https://github.com/evil/x", "99" }, "history.repository warning"},
		{"elsewhere, no number", func(p *verify.Publisher) { p.Repository, p.RepositoryID = "https://github.com/evil/x", "" }, "history.repository warning"},
		{"an enterprise's issuer for the same host", func(p *verify.Publisher) { p.Issuer = "j" }, "history.issuer warning"},
		{"the number of another host", func(p *verify.Publisher) { p.Repository = "https://gitlab.com/acme/y" }, "history.repository warning"},
		{"no number, the same name", func(p *verify.Publisher) { p.RepositoryID = "" }, "history.same_name info"},
		{"another workflow", func(p *verify.Publisher) { p.Workflow = ".github/workflows/test.yml" }, "history.workflow warning"},
		{"a person", func(p *verify.Publisher) { *p = verify.Publisher{Kind: "Google", Email: "a@b.test"} }, "history.repository warning"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, now := base, base
			tt.change(&now)
			h := npmHistory(t, "1.0.0 sa\n1.1.0 sa\n1.2.0 sa\n2.0.0 sa", "1.2.0", version("1.0.0", &before), version("1.2.0", &now),
				version("2.0.0", &verify.Publisher{Repository: "https://github.com/another/line"}))
			if got := rules(h); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if len(h.Findings) > 0 && h.Findings[0].Rule == ruleRepository {
				expected, observed := before.Repository.String(), cmp.Or(now.Email, now.Repository).String()
				if f := h.Findings[0]; f.Expected != expected || f.Observed != observed {
					t.Errorf("expected %q, observed %q, want %q and %q", f.Expected, f.Observed, expected, observed)
				}
			}
		})
	}
	if got := rules(npmHistory(t, "1.0.0 sa\n1.1.0 sa", "1.1.0", version("1.1.0", &base))); got != "" {
		t.Errorf("without a publisher of an earlier version: %q", got)
	}
	if got := rules(npmHistory(t, "1.0.0 sa\n1.1.0 sa", "1.1.0", version("1.0.0", &base))); got != "" {
		t.Errorf("without a publisher of the current version: %q", got)
	}
}

// version is a report on a version of x that proves a publisher.
func version(v untrusted.Text, by *verify.Publisher) *verify.Report {
	r := published(by, "sab")
	r.Release, r.Publisher = verify.Release{Ecosystem: verify.NPM, Name: "x", Version: v}, by
	return r
}

func TestPyPI(t *testing.T) {
	t.Parallel()
	file := func(name string, attested bool, more string) string {
		provenance := "null"
		if attested {
			provenance = `"https://pypi.example/integrity/x"`
		}
		return fmt.Sprintf(`{"filename":%q,"provenance":%s%s}`, name, provenance, more)
	}
	body := `{"meta":{"api-version":"1.3"},"name":"foo","files":[` + strings.Join([]string{
		file("foo-1.9.tar.gz", true, ""), file("foo-1.9-py3-none-any.whl", true, ""),
		file("foo-1.10.tar.gz", true, ""), file("foo-1.10-py3-none-any.whl", false, ""),
		file("foo-1.11.tar.gz", false, `,"yanked":"compromised"`), file("foo-1!0.1.tar.gz", false, ""),
		file("foo-2.0rc1.tar.gz", false, ""),
	}, ",") + `]}`
	index, err := registry.ParseBase("https://pypi.example/simple/")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ current, rules string }{
		{"1.9.0", ""}, {"1.10", "history.lost warning"}, {"1.11", "history.lost warning"}, {"1!0.1", "history.line warning"}, {"3.0", ""},
	} {
		r := pypi.New(server(t, "/simple/foo/", body), pypi.Config{Indexes: []pypi.Index{{URL: index}}})
		h, err := PyPI(t.Context(), r, verify.Release{Ecosystem: verify.PyPI, Name: "Foo", Version: untrusted.Text(tt.current)})
		if err != nil {
			t.Fatal(err)
		}
		if tt.current == "1.11" {
			if v := h.Current(); !v.Withdrawn || v.Reason != "compromised" || v.Before != "1.10" {
				t.Errorf("%+v", v)
			}
		}
		if got := rules(h); got != tt.rules {
			t.Errorf("%s: got %q, want %q", tt.current, got, tt.rules)
		}
		for _, v := range h.Versions {
			if v.Problem != "" || v.Line == "" {
				t.Errorf("%s: %+v", tt.current, v)
			}
		}
		want := "1!0.1 2.0rc1 1.11<1.10 1.10<1.9 1.9"
		if tt.current == "1!0.1" { // of the current one, the line before counts
			want = "1!0.1<1.10 2.0rc1 1.11<1.10 1.10<1.9 1.9"
		}
		if got := order(h); got != want {
			t.Error(got)
		}
		if h.Versions[0].Line != "1!0" || !h.Versions[1].Prerelease || h.Versions[3].Offered != RungSome {
			t.Errorf("%+v", h.Versions)
		}
	}
}

// A release may spell its version otherwise than the index does.
func TestPublisherOfAnotherSpelling(t *testing.T) {
	t.Parallel()
	spelt := func(v untrusted.Text, repository untrusted.Text) *verify.Report {
		r := version(v, &verify.Publisher{Repository: repository})
		r.Release.Ecosystem = verify.PyPI
		return r
	}
	h := History{
		Release:  verify.Release{Ecosystem: verify.PyPI, Name: "x", Version: "1.0.0"},
		Versions: []Version{{Version: "1.1", Line: "1"}, {Version: "1.0", Line: "1", Current: true}, {Version: "0.9", Line: "0"}},
	}
	h.Compare(spelt("1.0.0", "https://github.com/acme/x"))
	for _, v := range h.Versions {
		if (v.Publisher != nil) != v.Current {
			t.Errorf("%s: publisher %+v", v.Version, v.Publisher)
		}
	}
	h.Compare(spelt("1.0", "https://github.com/acme/another"))
	if p := h.Versions[1].Publisher; p == nil || p.Repository != "https://github.com/acme/another" {
		t.Errorf("the index's own spelling goes first, found %+v", p)
	}
}

// Documents as the public registries serve them.
func TestRealEvidence(t *testing.T) {
	t.Parallel()
	evidence := testfiles.Shared(t, "realworld", "registry")
	read := func(path string) string {
		data := testfiles.Read(t, evidence, filepath.FromSlash(path))
		return strings.ReplaceAll(string(data), "{{BASE}}", "https://registry.example")
	}
	base, err := registry.ParseBase("https://npm.example/")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, version string
		want          Rung
	}{{"sigstore", "1.0.0", RungProvenance}, {"gundam-visor", "1.0.1", RungProvenance}, {"kms-demo", "1.0.0", RungSignature}} {
		r := npm.New(server(t, "/"+tt.name, read("npm/"+tt.name+"/packument.json")), npm.Config{Base: base})
		h, err := NPM(t.Context(), r, verify.Release{Ecosystem: verify.NPM, Name: untrusted.Text(tt.name), Version: untrusted.Text(tt.version)})
		if v := h.Current(); err != nil || v == nil || v.Offered != tt.want || v.Problem != "" {
			t.Errorf("%s: %+v, %v, want %v", tt.name, v, err, tt.want)
		}
	}
	r := pypi.New(server(t, "/simple/pypi-attestations/", read("simple/pypi-attestations/index.json")), pypi.Config{})
	h, err := PyPI(t.Context(), r, verify.Release{Ecosystem: verify.PyPI, Name: "pypi-attestations", Version: "0.0.19"})
	if v := h.Current(); err != nil || v == nil || v.Offered != RungPublish {
		t.Errorf("%+v, %v", v, err)
	}
}
