package verify

import (
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// A match is written only for two values that are equal: the ref, or the whole
// commit. A branch says nothing, and what contradicts is a warning.
func TestRefs(t *testing.T) {
	t.Parallel()
	commit := strings.Repeat("a1b2c3d4", 5)
	sha256 := strings.Repeat("a1b2c3d4", 8)
	long := strings.Repeat("a1b2c3d4", 8)
	const tag, none = "refs/tags/v1.0.0", Severity(255)
	for _, tc := range []struct {
		ref, proven, commit string
		result              Result
		severity            Severity
	}{
		{tag, tag, commit, ResultMatch, none},
		{"v1.0.0", tag, commit, ResultMatch, none},
		{"tags/v1.0.0", tag, commit, ResultMatch, none},
		{commit, tag, commit, ResultMatch, none},
		{strings.ToUpper(commit), tag, commit, ResultMatch, none},
		{strings.ToUpper(sha256), tag, sha256, ResultMatch, none},
		{commit, "", commit, ResultMatch, none},
		{long, tag, long, ResultMatch, none},
		{"acme-http@1.0.0", "refs/tags/acme-http@1.0.0", commit, ResultMatch, none},
		{"@acme/http@1.0.0", "refs/tags/@acme/http@1.0.0", commit, ResultMatch, none},
		{"release/1.0.0", "refs/tags/release/1.0.0", commit, ResultMatch, none},
		{"refs/pull/7/merge", "refs/pull/7/merge", commit, ResultMatch, none},
		{"a1b2c3d", "refs/tags/a1b2c3d", commit, ResultMatch, none},

		{"refs/heads/main", "refs/heads/main", commit, ResultOnly, none},
		{"heads/next", tag, commit, ResultOnly, none},
		{"refs/remotes/origin/next", tag, commit, ResultOnly, none},
		{"HEAD", tag, commit, ResultOnly, none},
		{"next", "refs/heads/next", commit, ResultOnly, none},

		{"a1b2c3d", tag, commit, ResultOnly, Info},
		{"A1B2C3D4A1B2", tag, commit, ResultOnly, Info},
		{commit[:39], tag, commit, ResultOnly, Info},
		{commit, tag, long, ResultOnly, Info},

		{"a1b2c3", tag, commit, ResultDiffers, Warning}, // shorter than git writes it
		{"b1b2c3d", tag, commit, ResultDiffers, Warning},
		{"a1b2c3d", tag, "", ResultDiffers, Warning},
		{strings.Repeat("b", 40), tag, commit, ResultDiffers, Warning},
		{long, tag, commit, ResultDiffers, Warning},
		{commit, tag, "", ResultDiffers, Warning},
		{commit, "refs/tags/" + commit, strings.Repeat("b", 40), ResultDiffers, Warning}, // a tag that is called as a commit
		{"v1.0.0", "refs/heads/v1.0.0", commit, ResultDiffers, Warning},                  // a branch that is called as a tag
		{"release/1.0.0", "refs/heads/release/1.0.0", commit, ResultDiffers, Warning},
		{"refs/tags/main", "refs/heads/main", commit, ResultDiffers, Warning},
		{"refs/pull/7/merge", tag, commit, ResultDiffers, Warning},
		{"v1.0", tag, commit, ResultDiffers, Warning},
		{"next", tag, commit, ResultDiffers, Warning},
	} {
		p := publisher(t, release, modern(nil))
		p.Ref, p.Commit = untrusted.Text(tc.proven), untrusted.Text(tc.commit)
		w := witnesses{want: catalog.Provenance{RepositoryRef: untrusted.Text(tc.ref)}, version: "1.0.0", publisher: p}
		row, findings := w.judge(w.refRow(p, &statement.Provenance{}))
		severity := none
		for _, f := range findings {
			severity = f.Severity
			if f.Rule != "provenance.repository_ref" || f.Message == "" || row.Reason == "" {
				t.Errorf("%s: %+v, %+v", tc.ref, row, f)
			}
		}
		if row.Result != tc.result || severity != tc.severity || len(findings) > 1 {
			t.Errorf("%s, proven %s %s: %v, severity %v: %s", tc.ref, tc.proven, tc.commit, row.Result, severity, row.Reason)
		}
		if alone, found := (witnesses{want: w.want, version: "1.0.0"}).judge(w.refRow(&Publisher{}, &statement.Provenance{})); alone.Result != ResultOnly || len(found) > 0 && found[0].Severity != Warning {
			t.Errorf("%s, nothing proven: %+v, %+v", tc.ref, alone, found)
		}
	}
}

// What a spec's ref should be is written only if the certificate proves it: the tag
// of the version, or the commit if the spec names one.
func TestRefFor(t *testing.T) {
	t.Parallel()
	commit, other := strings.Repeat("a1b2c3d4", 5), strings.Repeat("b", 40)
	const tag = "refs/tags/v1.0.0"
	for _, tc := range []struct {
		said, proven, version, want string
	}{
		{"", tag, "1.0.0", tag},
		{"refs/tags/v0.9.0", tag, "1.0.0", tag},
		{"v0.9.0", tag, "1.0.0", tag},
		{"refs/tags/v0.9.0", "refs/tags/@acme/http@1.0.0", "1.0.0", "refs/tags/@acme/http@1.0.0"},
		{"refs/tags/v0.9.0", "refs/tags/v1.0.0-rc.1", "1.0.0rc1", "refs/tags/v1.0.0-rc.1"},
		{"refs/pull/7/merge", tag, "1.0.0", tag},
		{"b1b2c3d", tag, "1.0.0", tag}, // may be a tag

		{tag, tag, "1.0.0", ""},
		{"v1.0.0", tag, "1.0.0", ""},
		{"refs/heads/main", tag, "1.0.0", ""}, // somebody's choice
		{"main", tag, "1.0.0", ""},

		// Nothing proves the tag of this version.
		{"refs/tags/v0.9.0", "refs/heads/main", "1.0.0", ""},
		{"", "refs/heads/v1.0.0", "1.0.0", ""},
		{"refs/tags/v0.9.0", "refs/tags/v1.0.0-rc.1", "1.0.0", ""},
		{"refs/tags/v0.9.0", "refs/tags/v0.9.0", "1.0.0", ""},
		{"refs/tags/v0.9.0", "refs/tags/v0.9.1", "1.0.0", ""},
		{"refs/tags/v0.9.0", "refs/tags/latest", "1.0.0", ""},
		{"", "refs/pull/1.0.0/merge", "1.0.0", ""},
		{"", "", "1.0.0", ""},

		{commit, tag, "1.0.0", ""},
		{strings.ToUpper(commit), tag, "1.0.0", ""},
		{other, tag, "1.0.0", commit},
		{other, "refs/heads/main", "1.0.0", commit},
		{"a1b2c3d", "refs/heads/main", "1.0.0", commit},
	} {
		p := &Publisher{Kind: kindGitHub, Ref: untrusted.Text(tc.proven), Commit: untrusted.Text(commit)}
		if got := p.RefFor(untrusted.Text(tc.said), untrusted.Text(tc.version)); string(got) != tc.want {
			t.Errorf("%s for %q, proven %q: %q, want %q", tc.version, tc.said, tc.proven, got, tc.want)
		}
	}
	if got := (&Publisher{Ref: tag, Commit: "main"}).RefFor(untrusted.Text(other), "1.0.0"); got != tag {
		t.Errorf("a commit that is none: %q", got)
	}
}

func TestStaleRef(t *testing.T) {
	t.Parallel()
	for ref, want := range map[untrusted.Text]bool{
		"refs/tags/v1.0.17": true, "mcp-neo4j-memory-v0.2.0": true, "refs/tags/v4.0.0": false, "refs/tags/v4": false,
		"": false, "refs/heads/main": false, "refs/heads/v1.0.0": false, "main": false, untrusted.Text(strings.Repeat("1", 40)): false,
	} {
		f, stale := StaleRef(catalog.Provenance{RepositoryRef: ref}, "4.0.0")
		if stale != want || stale && (f.Rule != "provenance.repository_ref" || f.Severity != Warning || f.Observed != ref.String()) {
			t.Errorf("%q: stale %t, %+v", ref, stale, f)
		}
	}
}

// What cannot be read as a repository is never offered to a spec.
func TestFields(t *testing.T) {
	t.Parallel()
	p := &Publisher{Kind: kindGitHub, Issuer: issuerGitHub, Repository: "https://github.com/acme/http",
		Workflow: ".github/workflows/release.yml", Runner: "github-hosted"}
	want := catalog.Provenance{RepositoryURI: "git+https://GitHub.com/Acme/http.git",
		Attestations: &catalog.Attestations{Publisher: &catalog.Publisher{Repository: "evil/http", Workflow: "release.yml"}}}
	got := map[string]Field{}
	for _, f := range p.Fields(want) {
		got[f.Rule] = f
	}
	for rule, field := range map[string]Field{
		"provenance.repository_uri": {Proven: "https://github.com/acme/http", Same: true}, "publisher.repository": {Proven: "acme/http"},
		"publisher.workflow": {Proven: ".github/workflows/release.yml", Same: true}, "publisher.kind": {Proven: "GitHub"},
	} {
		if field.Rule = rule; got[rule] != field {
			t.Errorf("%s: %+v, want %+v", rule, got[rule], field)
		}
	}
	p.Repository = "https://github.com/acme"
	for _, f := range p.Fields(catalog.Provenance{}) {
		if f.Rule == "provenance.repository_uri" || f.Rule == "publisher.repository" || f.Proven == "" {
			t.Errorf("offered: %+v", f)
		}
	}
}
