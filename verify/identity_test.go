package verify

import (
	"strings"
	"testing"

	"plimsoll/verify/statement"
)

func publisher(t testing.TB, san string, ext extensions) *Publisher {
	t.Helper()
	p, err := publisherOf(leafWith(t, san, ext))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestClaimedPublisher(t *testing.T) {
	t.Parallel()
	github := publisher(t, release, modern(nil))
	byCommit := publisher(t, release, modern(extensions{18: strings.Replace(release, "refs/tags/v1.0.0", "c0ffee", 1)}))
	elsewhere := publisher(t, release, modern(extensions{18: strings.Replace(release, "refs/tags/v1.0.0", "refs/heads/evil", 1)}))
	const gl = "https://gitlab.com/acme/group/http"
	gitlab := publisher(t, gl+"//.gitlab-ci.yml@refs/tags/v1", extensions{
		8: issuerGitLab, 12: gl, 13: "c0ffee", 14: "refs/tags/v1", 18: gl + "//.gitlab-ci.yml@refs/tags/v1"})
	google := publisher(t, "build@acme.example", extensions{8: issuerGoogle})
	pypi := Release{Ecosystem: PyPI, Name: "http", Version: "1"}
	for _, tc := range []struct {
		name  string
		p     *Publisher
		claim *ClaimedPublisher
		want  CheckStatus
	}{
		{"github", github, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml"}, Pass},
		{"github, other case", github, &ClaimedPublisher{Kind: "GitHub", Repository: "Acme/HTTP", Workflow: "release.yml"}, Pass},
		{"github, workflow at the commit", byCommit, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml"}, Pass},
		{"github, workflow at another ref", elsewhere, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml"}, Fail},
		{"another repository", github, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/https", Workflow: "release.yml"}, Fail},
		{"a prefix of the repository", github, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/htt", Workflow: "release.yml"}, Fail},
		{"another workflow", github, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "evil.yml"}, Fail},
		{"a workflow that climbs", github, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "../workflows/release.yml"}, Fail},
		{"no workflow", github, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http"}, Fail},
		{"no repository", github, &ClaimedPublisher{Kind: "GitHub", Workflow: "release.yml"}, Fail},
		{"github claimed, gitlab certified", gitlab, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml"}, Fail},
		{"gitlab", gitlab, &ClaimedPublisher{Kind: "GitLab", Repository: "acme/group/http", Workflow: ".gitlab-ci.yml"}, Pass},
		{"gitlab, one group less", gitlab, &ClaimedPublisher{Kind: "GitLab", Repository: "acme/http", Workflow: ".gitlab-ci.yml"}, Fail},
		{"google", google, &ClaimedPublisher{Kind: "Google", Email: "build@acme.example"}, Pass},
		{"google, another address", google, &ClaimedPublisher{Kind: "Google", Email: "other@acme.example"}, Fail},
		{"google, no address", google, &ClaimedPublisher{Kind: "Google"}, Fail},
		{"google claimed, github certified", github, &ClaimedPublisher{Kind: "Google", Email: "build@acme.example"}, Fail},
		{"unknown kind", github, &ClaimedPublisher{Kind: "Forge"}, Blocked},
		{"kind in another case", github, &ClaimedPublisher{Kind: "github", Repository: "acme/http", Workflow: "release.yml"}, Blocked},
		{"no claim", github, nil, Fail},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := checkIdentity(tc.p, &statement.Statement{}, OfferedAttestation{Publisher: tc.claim}, pypi)
			if got.status != tc.want || got.reason == "" {
				t.Errorf("got %v (%s), want %v", got.status, got.reason, tc.want)
			}
		})
	}
}

func TestSourceMustLieWhereTheIssuerVouches(t *testing.T) {
	t.Parallel()
	npm := Release{Ecosystem: NPM, Name: "http", Version: "1"}
	for _, tc := range []struct {
		name string
		san  string
		ext  extensions
		want CheckStatus
	}{
		{"github", release, modern(nil), Pass},
		{"github's issuer for an enterprise", release, modern(extensions{1: issuerGitHub + "/acme", 8: issuerGitHub + "/acme"}), Pass},
		{"a look-alike issuer", release, modern(extensions{1: issuerGitHub + ".evil.example", 8: issuerGitHub + ".evil.example"}), Blocked},
		{"github's issuer, source elsewhere", release, extensions{8: issuerGitHub, 12: "https://evil.example/acme/http"}, Fail},
		{"no source", release, extensions{8: issuerGitHub}, Fail},
		{"a person's address", "person@acme.example", extensions{8: issuerGoogle}, Blocked},
		{"no issuer", release, extensions{12: acme}, Blocked},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := checkIdentity(publisher(t, tc.san, tc.ext), &statement.Statement{}, OfferedAttestation{}, npm)
			if got.status != tc.want {
				t.Errorf("got %v (%s), want %v", got.status, got.reason, tc.want)
			}
		})
	}
}

func TestStatementAgainstCertificate(t *testing.T) {
	t.Parallel()
	p := publisher(t, release, modern(nil))
	for _, tc := range []struct {
		field, value string
		want         CheckStatus
	}{
		{statement.FieldRepository, acme, Pass},
		{statement.FieldRepository, "git+" + acme + ".git", Pass},
		{statement.FieldRepository, acme + "-evil", Fail},
		{statement.FieldRef, "refs/tags/v1.0.0", Pass},
		{statement.FieldRef, "refs/tags/v1.0.1", Fail},
		{statement.FieldCommit, "c0ffee", Pass},
		{statement.FieldCommit, "c0ffe", Fail},
		{statement.FieldWorkflow, ".github/workflows/release.yml", Pass},
		{statement.FieldWorkflow, ".github/workflows/other.yml", Fail},
		{statement.FieldTrigger, "pull_request", Fail},
		{statement.FieldRepositoryID, "1002", Fail},
		{statement.FieldOwnerID, "2002", Pass},
		{statement.FieldRun, acme + "/actions/runs/7/attempts/1", Pass},
		{statement.FieldRun, "7", Pass},
		{statement.FieldRun, "1", Fail},
		{statement.FieldRun, acme + "/actions/runs/7", Fail},
	} {
		t.Run(tc.field+" "+tc.value, func(t *testing.T) {
			st := &statement.Statement{Provenance: &statement.Provenance{
				Also: []statement.Claim{{Field: tc.field, Where: "x", Value: textOf(tc.value)}}}}
			got := checkIdentity(p, st, OfferedAttestation{}, Release{Ecosystem: NPM})
			if got.status != tc.want {
				t.Errorf("got %v (%s), want %v", got.status, got.reason, tc.want)
			}
		})
	}
}
