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
	gitlabDeployed := *gitlab
	gitlabDeployed.Environment = "Release"
	google := publisher(t, "build@acme.example", extensions{8: issuerGoogle})
	deployed := publisher(t, release, modern(extensions{23: "Release"}))
	const corp = "https://gitlab.corp.example"
	managed := publisher(t, corp+"/acme/http//ci.yml@refs/tags/v1", extensions{
		8: corp, 12: corp + "/acme/http", 13: "c0ffee", 14: "refs/tags/v1", 18: corp + "/acme/http//ci.yml@refs/tags/v1"})
	undeployed := publisher(t, release, modern(extensions{23: ""}))
	sameAddress := publisher(t, "build@acme.example", modern(nil))
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
		{"google claimed, a workflow certified for the address", sameAddress, &ClaimedPublisher{Kind: "Google", Email: "build@acme.example"}, Fail},
		{"google claimed, gitlab certified", gitlab, &ClaimedPublisher{Kind: "Google", Email: textOf(gl + "//.gitlab-ci.yml@refs/tags/v1")}, Fail},
		{"gitlab claimed, github certified", github, &ClaimedPublisher{Kind: "GitLab", Repository: "acme/http", Workflow: "release.yml"}, Fail},
		{"gitlab claimed, google certified", google, &ClaimedPublisher{Kind: "GitLab", Repository: "acme/http", Workflow: "release.yml"}, Fail},
		{"github claimed, google certified", google, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml"}, Fail},
		{"another environment", deployed, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml", Environment: "pypi"}, Fail},
		{"the environment, which PyPI keeps in lower case", deployed, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml", Environment: "release"}, Pass},
		{"no environment claimed", deployed, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml"}, Pass},
		{"an environment that the certificate does not say", undeployed, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml", Environment: "pypi"}, Pass},
		{"gitlab, environment in another case", &gitlabDeployed, &ClaimedPublisher{Kind: "GitLab", Repository: "acme/group/http", Workflow: ".gitlab-ci.yml", Environment: "release"}, Fail},
		{"gitlab, environment", &gitlabDeployed, &ClaimedPublisher{Kind: "GitLab", Repository: "acme/group/http", Workflow: ".gitlab-ci.yml", Environment: "Release"}, Pass},
		{"unknown kind", github, &ClaimedPublisher{Kind: "Forge"}, Blocked},
		{"kind in another case", github, &ClaimedPublisher{Kind: "github", Repository: "acme/http", Workflow: "release.yml"}, Blocked},
		{"gitlab managed by its users", managed, &ClaimedPublisher{Kind: "GitLab", Repository: "acme/http", Workflow: "ci.yml"}, Pass},
		{"gitlab managed by its users, another repository", managed, &ClaimedPublisher{Kind: "GitLab", Repository: "acme/https", Workflow: "ci.yml"}, Fail},
		{"github claimed, an issuer of unknown kind", managed, &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "ci.yml"}, Blocked},
		{"google claimed, an issuer of unknown kind", managed, &ClaimedPublisher{Kind: "Google", Email: "build@acme.example"}, Blocked},
		{"no claim", github, nil, Fail},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := released{release: pypi, issuers: []string{string(tc.p.Issuer)}}.identity(tc.p, &statement.Statement{}, OfferedAttestation{Publisher: tc.claim})
			if got.status != tc.want || got.reason == "" {
				t.Errorf("got %v (%s), want %v", got.status, got.reason, tc.want)
			}
		})
	}
}

func TestSourceMustLieWhereTheIssuerVouches(t *testing.T) {
	t.Parallel()
	npm := Release{Ecosystem: NPM, Name: "http", Version: "1"}
	slug := modern(extensions{1: issuerGitHub + "/acme", 8: issuerGitHub + "/acme"})
	cloud := extensions{}
	for n, value := range modern(extensions{1: "https://token.actions.acme.ghe.com", 8: "https://token.actions.acme.ghe.com"}) {
		cloud[n] = strings.Replace(value, "https://github.com", "https://acme.ghe.com", 1)
	}
	managed := extensions{8: "https://gitlab.corp.example", 12: "https://gitlab.corp.example/acme/http"}
	for _, tc := range []struct {
		name     string
		san      string
		ext      extensions
		accepted string
		want     CheckStatus
	}{
		{"github", release, modern(nil), "", Pass},
		{"github's issuer for an enterprise", release, slug, "", Blocked},
		{"the same, and the spec names another", release, slug, issuerGitHub, Blocked},
		{"the same, and the spec names it", release, slug, issuerGitHub + "/acme", Pass},
		{"an enterprise's own GitHub", strings.Replace(release, "github.com", "acme.ghe.com", 1), cloud, "", Blocked},
		{"the same, and the spec names it", strings.Replace(release, "github.com", "acme.ghe.com", 1), cloud, "https://token.actions.acme.ghe.com", Pass},
		{"one enterprise's issuer, source at another's", release, modern(extensions{1: "", 5: "", 8: "https://token.actions.evil.ghe.com"}), "https://token.actions.evil.ghe.com", Fail},
		{"a GitLab of its users", release, managed, "", Blocked},
		{"the same, and the spec names it", release, managed, "https://gitlab.corp.example", Pass},
		{"the same, source elsewhere", release, extensions{8: "https://gitlab.corp.example", 12: acme}, "https://gitlab.corp.example", Blocked},
		{"a look-alike issuer", release, modern(extensions{1: issuerGitHub + ".evil.example", 8: issuerGitHub + ".evil.example"}), "", Blocked},
		{"github's issuer, source elsewhere", release, extensions{8: issuerGitHub, 12: "https://evil.example/acme/http"}, "", Fail},
		{"no source", release, extensions{8: issuerGitHub}, "", Fail},
		{"a person's address", "person@acme.example", extensions{8: issuerGoogle}, "", Blocked},
		{"no issuer", release, extensions{12: acme}, "", Blocked},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := released{release: npm, issuers: []string{tc.accepted}}.identity(publisher(t, tc.san, tc.ext), &statement.Statement{}, OfferedAttestation{})
			if got.status != tc.want {
				t.Errorf("got %v (%s), want %v", got.status, got.reason, tc.want)
			}
		})
	}
}

// A statement that contradicts its certificate does so under any issuer.
func TestContradictionUnderAnyIssuer(t *testing.T) {
	t.Parallel()
	p := publisher(t, release, modern(extensions{1: issuerGitHub + "/acme", 8: issuerGitHub + "/acme"}))
	st := &statement.Statement{Provenance: &statement.Provenance{Also: []statement.Claim{{Field: statement.FieldCommit, Where: "x", Value: "bad"}}}}
	if got := (released{release: Release{Ecosystem: NPM}}).identity(p, st, OfferedAttestation{}); got.status != Fail {
		t.Errorf("got %v (%s)", got.status, got.reason)
	}
}

// enterpriseCloud is modern as an enterprise of GitHub Enterprise Cloud has it:
// everything on its own host, and the deprecated 5 without a host.
func enterpriseCloud(changes extensions) extensions {
	all := modern(nil)
	for n, value := range all {
		all[n] = strings.ReplaceAll(value, "https://github.com/", "https://acme.ghe.com/")
	}
	all[1], all[8] = "https://token.actions.acme.ghe.com", "https://token.actions.acme.ghe.com"
	for n, value := range changes {
		all[n] = value
	}
	return all
}

// An enterprise's own issuer is honest: what it says agrees with itself, and
// what contradicts it is a contradiction all the same.
func TestEnterpriseCloud(t *testing.T) {
	t.Parallel()
	san := strings.Replace(release, "github.com", "acme.ghe.com", 1)
	for _, issuer := range []string{"https://token.actions.acme.ghe.com", issuerGitHub + "/acme"} {
		ext := enterpriseCloud(nil)
		if strings.HasPrefix(issuer, issuerGitHub) {
			san, ext = release, modern(nil)
		}
		ext[1], ext[8] = issuer, issuer
		p := publisher(t, san, ext)
		claim := &ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml"}
		for _, release := range []Release{{Ecosystem: NPM}, {Ecosystem: PyPI}} {
			got := released{release: release}.identity(p, &statement.Statement{}, OfferedAttestation{Publisher: claim})
			if got.status != Blocked || !strings.Contains(got.reason, issuer+" is not one that is accepted") {
				t.Errorf("%s, %s: %v: %s", issuer, release.Ecosystem, got.status, got.reason)
			}
			lie := &statement.Statement{Provenance: &statement.Provenance{
				Also: []statement.Claim{{Field: statement.FieldCommit, Where: "x", Value: "another"}}}}
			if got := (released{release: release}).identity(p, lie, OfferedAttestation{Publisher: claim}); got.status != Fail {
				t.Errorf("%s, %s, a statement that lies: %v: %s", issuer, release.Ecosystem, got.status, got.reason)
			}
		}
	}
	for name, changes := range map[string]extensions{
		"GitHub's own issuer":     {1: issuerGitHub, 8: issuerGitHub},
		"another repository in 5": {5: "acme/other"},
		"the owner elsewhere":     {16: "https://github.com/acme"},
		"the workflow elsewhere":  {18: release},
		"the signer elsewhere":    {9: release},
		"a look-alike host":       {12: "https://acme.ghe.com.evil.example/acme/http", 16: "", 18: "", 9: ""},
		"no enterprise":           {12: "https://.ghe.com/acme/http", 16: "", 18: "", 9: ""},
	} {
		if p, err := publisherOf(leafWith(t, san, enterpriseCloud(changes))); err == nil {
			t.Errorf("%s: taken as %v", name, p.Repository)
		}
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
			got := released{release: Release{Ecosystem: NPM}}.identity(p, st, OfferedAttestation{})
			if got.status != tc.want {
				t.Errorf("got %v (%s), want %v", got.status, got.reason, tc.want)
			}
		})
	}
}

// What is signed is what is expected; what the wrapper says was found.
func TestWrapperNamesAnotherPredicateType(t *testing.T) {
	t.Parallel()
	st, off := &statement.Statement{PredicateType: "signed"}, OfferedAttestation{PredicateType: "claimed"}
	for name, got := range map[string]outcome{
		"of a package":         released{release: Release{Ecosystem: NPM}}.predicate(st, off, KindProvenance),
		"apart from a package": filed{}.predicate(st, off),
	} {
		if got.status != Fail || got.expected != "signed" || got.observed != "claimed" {
			t.Errorf("%s: %v, expected %q, found %q", name, got.status, got.expected, got.observed)
		}
	}
}

// An attestation apart from a package is named by what it is.
func TestInspectedKind(t *testing.T) {
	t.Parallel()
	of := func(predicateType string) *statement.Statement {
		return &statement.Statement{PredicateType: textOf(predicateType)}
	}
	for _, tc := range []struct {
		name string
		b    Bundle
		want Kind
	}{
		{"a message", Bundle{Attestation: &Attestation{Kind: KindPublish}, Message: &Digest{}}, KindMessage},
		{"unreadable, by a certificate", Bundle{Attestation: &Attestation{Kind: KindProvenance}}, KindUnknown},
		{"unreadable, by a key", Bundle{Attestation: &Attestation{Kind: KindPublish}}, KindUnknown},
		{"provenance by a key", Bundle{Attestation: &Attestation{Kind: KindPublish}, Statement: of(statement.ProvenanceV1)}, KindProvenance},
		{"provenance", Bundle{Attestation: &Attestation{Kind: KindProvenance}, Statement: of(statement.ProvenanceV02)}, KindProvenance},
		{"npm's publish", Bundle{Attestation: &Attestation{Kind: KindPublish}, Statement: of(statement.NPMPublish)}, KindPublish},
		{"npm's publish by a certificate", Bundle{Attestation: &Attestation{Kind: KindProvenance}, Statement: of(statement.NPMPublish)}, KindStatement},
		{"an SBOM by a key", Bundle{Attestation: &Attestation{Kind: KindPublish}, Statement: of("https://spdx.dev/Document/v2.3")}, KindStatement},
	} {
		if got := tc.b.kind(); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}
