package verify

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"plimsoll/verify/statement"
)

const (
	slugIssuer  = issuerGitHub + "/acme"
	cloudIssuer = "https://token.actions.acme.ghe.com"
	cloudName   = "https://acme.ghe.com/acme/http/.github/workflows/release.yml@refs/tags/v1.0.0"
	ownGitLab   = "https://gitlab.corp.example"
	ownPipeline = ownGitLab + "/acme/group/http//ci/release.yml@refs/tags/v1.0.0"
)

// certified is a certificate as Fulcio issues it: who it is for, and what it
// says (config/identity/config.yaml and pkg/identity of Fulcio).
type certified struct {
	name  string
	ext   extensions
	claim ClaimedPublisher // as an index would name the publisher
}

var (
	workflowClaim = ClaimedPublisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml", Environment: "production"}
	pipelineClaim = ClaimedPublisher{Kind: "GitLab", Repository: "acme/group/http", Workflow: "ci/release.yml"}
)

func bySlug() certified {
	return certified{release, modern(extensions{1: slugIssuer, 8: slugIssuer}), workflowClaim}
}

func byCloud() certified { return certified{cloudName, enterpriseCloud(nil), workflowClaim} }

func byGitLab() certified {
	return certified{ownPipeline, extensions{
		1: ownGitLab, 8: ownGitLab, 9: ownPipeline, 10: "c0ffee", 11: "self-hosted", 12: ownGitLab + "/acme/group/http", 13: "c0ffee",
		14: "refs/tags/v1.0.0", 15: "7", 16: ownGitLab + "/acme/group", 17: "8", 18: ownPipeline, 19: "c0ffee", 20: "push",
		21: ownGitLab + "/acme/group/http/-/jobs/9", 22: "internal", 24: "project_path:acme/group/http:ref_type:tag:ref:v1.0.0"}, pipelineClaim}
}

func byServer() certified {
	const home = "https://github.corp.example/"
	c := byCloud().at(home[:len(home)-1] + ownServer)
	for n, value := range c.ext {
		c.ext[n] = strings.Replace(value, "https://acme.ghe.com/", home, 1)
	}
	c.name = strings.Replace(c.name, "https://acme.ghe.com/", home, 1)
	return c
}

// with returns c with other extensions; "" takes one away.
func (c certified) with(changes extensions) certified {
	ext := extensions{}
	maps.Copy(ext, c.ext)
	maps.Copy(ext, changes)
	maps.DeleteFunc(ext, func(_ int, value string) bool { return value == "" })
	c.ext = ext
	return c
}

// at returns c with another issuer.
func (c certified) at(issuer string) certified { return c.with(extensions{1: issuer, 8: issuer}) }

// claimed returns c with an index's object that is changed.
func (c certified) claimed(change func(*ClaimedPublisher)) certified {
	change(&c.claim)
	return c
}

func other(issuer, name string, kind string, ext extensions) certified {
	return certified{name, ext, ClaimedPublisher{Kind: textOf(kind)}}.at(issuer)
}

// identified is what both registries' rules say of a certificate if these
// issuers are accepted.
func identified(t *testing.T, c certified, ecosystem Ecosystem, accepted ...string) outcome {
	t.Helper()
	p, err := publisherOf(leafWith(t, c.name, c.ext))
	if err != nil {
		return fail(err.Error())
	}
	return released{release: Release{Ecosystem: ecosystem}, issuers: accepted}.identity(p, &statement.Statement{}, OfferedAttestation{Publisher: &c.claim})
}

// An honest certificate is never invalid, whoever issued it. It passes if the
// issuer is one of the public ones or named exactly, and vouches for its own
// host: what others vouch for is not known.
func TestHonestIssuers(t *testing.T) {
	t.Parallel()
	const circle, project = "https://oidc.circleci.com/org/4f5a1e3c-0000-4000-8000-000000000000", "https://circleci.com/api/v2/projects/7/pipeline-definitions/8"
	byMail := func(issuer string) certified {
		return other(issuer, "person@acme.example", "Mail", extensions{24: "1"})
	}
	google := byMail(issuerGoogle)
	google.claim = ClaimedPublisher{Kind: "Google", Email: "person@acme.example"}
	for _, tc := range []struct {
		of              string
		c               certified
		npm, npmNamed   CheckStatus
		pypi, pypiNamed CheckStatus
		says            string // if the issuer is not named, for both
	}{
		{"GitHub", certified{release, modern(nil), workflowClaim}, Pass, Pass, Pass, Pass, ""},
		{"an enterprise on github.com", bySlug(), Blocked, Pass, Blocked, Pass, "name it in"},
		{"an enterprise on ghe.com", byCloud(), Blocked, Pass, Blocked, Pass, "name it in"},
		{"an enterprise, repository and environment in another case", byCloud().claimed(func(c *ClaimedPublisher) {
			c.Repository, c.Environment = "Acme/HTTP", "Production"
		}), Blocked, Pass, Blocked, Pass, "name it in"},
		{"an enterprise, no environment", byCloud().with(extensions{23: ""}), Blocked, Pass, Blocked, Pass, "name it in"},
		{"an enterprise, workflow at the commit", byCloud().with(extensions{18: strings.Replace(cloudName, "refs/tags/v1.0.0", "c0ffee", 1)}),
			Blocked, Pass, Blocked, Pass, "name it in"},
		{"a GitLab of its users", byGitLab(), Blocked, Pass, Blocked, Pass, "name it in"},
		{"the same, project in another case", byGitLab().claimed(func(c *ClaimedPublisher) { c.Repository = "Acme/Group/http" }),
			Blocked, Pass, Blocked, Pass, "name it in"},
		{"the same, as the public Fulcio writes it", byGitLab().with(extensions{12: "https://gitlab.com/acme/group/http", 16: "https://gitlab.com/acme/group"}),
			Blocked, Blocked, Blocked, Blocked, "does not lie at its issuer"},
		{"a GitHub server of its users", byServer(), Blocked, Pass, Blocked, Pass, "name it in"},
		{"CircleCI", other(circle, project, "CircleCI", extensions{9: project, 11: `""`, 12: acme, 14: "refs/tags/v1.0.0",
			18: "https://circleci.com/api/v2/pipeline/9/config", 21: "https://app.circleci.com//workflow/1/job/2"}),
			Blocked, Blocked, Blocked, Blocked, ""},
		{"ActiveState", other("https://platform.activestate.com/api/v1/oauth/oidc", "https://platform.activestate.com/acme/http", "ActiveState", nil),
			Blocked, Blocked, Blocked, Blocked, ""},
		{"Buildkite", other("https://agent.buildkite.com", "https://buildkite.com/acme/release", "Buildkite", extensions{
			11: "self-hosted", 13: "c0ffee", 20: "webhook", 21: "https://buildkite.com/acme/release/builds/1#2"}), Blocked, Blocked, Blocked, Blocked, ""},
		{"Buildkite, claimed as a workflow", other("https://agent.buildkite.com", "https://buildkite.com/acme/release", "GitHub", nil),
			Blocked, Blocked, Blocked, Blocked, "naming it would not help: the certificate names no source"},
		{"Codefresh", other("https://oidc.codefresh.io", "https://g.codefresh.io/acme/release:1/2", "Codefresh", extensions{
			9: "https://g.codefresh.io/build/3", 12: acme, 14: "v1.0.0", 18: "https://g.codefresh.io/api/pipelines/2"}), Blocked, Blocked, Blocked, Blocked, ""},
		{"Buddy", other("https://oidc.buddyusercontent.com", "https://app.buddy.works/acme/http/pipelines/pipeline/1", "Buddy", extensions{
			12: "https://app.buddy.works/acme/http"}), Blocked, Blocked, Blocked, Blocked, ""},
		{"Chainguard", other("https://issuer.enforce.dev", "https://issuer.enforce.dev/1/2", "Chainguard", nil), Blocked, Blocked, Blocked, Blocked, ""},
		{"Kubernetes", other("https://oidc.eks.eu-west-1.amazonaws.com/id/A0", "https://kubernetes.io/namespaces/ci/serviceaccounts/release", "Kubernetes", nil),
			Blocked, Blocked, Blocked, Blocked, ""},
		{"SPIFFE", other("https://spire.corp.example", "spiffe://corp.example/release", "SPIFFE", nil), Blocked, Blocked, Blocked, Blocked, ""},
		{"a login at GitHub", byMail("https://github.com/login/oauth"), Blocked, Blocked, Blocked, Blocked, ""},
		{"a login at Sigstore", byMail("https://oauth2.sigstore.dev/auth"), Blocked, Blocked, Blocked, Blocked, ""},
		{"Google", google, Blocked, Pass, Pass, Pass, ""},
		{"an issuer that nobody knows, source on its host", other("https://forge.example", "https://forge.example/acme/http/ci@v1", "Forge",
			extensions{12: "https://forge.example/acme/http"}), Blocked, Pass, Blocked, Blocked, ""},
	} {
		issuer := tc.c.ext[8]
		for _, look := range []struct {
			ecosystem Ecosystem
			accepted  []string
			want      CheckStatus
		}{
			{NPM, nil, tc.npm}, {NPM, []string{"", "https://another.example", issuerGitHub}, tc.npm}, {NPM, []string{"", issuer}, tc.npmNamed},
			{PyPI, nil, tc.pypi}, {PyPI, []string{"", "https://another.example", issuerGitHub}, tc.pypi}, {PyPI, []string{issuer, ""}, tc.pypiNamed},
		} {
			got := identified(t, tc.c, look.ecosystem, look.accepted...)
			unnamed := len(look.accepted) == 0
			switch {
			case got.status != look.want, got.status == Blocked && !strings.Contains(got.reason, issuer), unnamed && !strings.Contains(got.reason, tc.says):
			case unnamed && got.status == Blocked && KnownKind(tc.c.claim.Kind) && !strings.Contains(got.reason, "issuer "+issuer+" is not one that is accepted"):
			case look.ecosystem == PyPI && !KnownKind(tc.c.claim.Kind) && !strings.Contains(got.reason, "plimsoll does not know this kind yet"):
			default:
				continue
			}
			t.Errorf("%s, %s, accepted %q: %v: %s", tc.of, look.ecosystem, look.accepted, got.status, got.reason)
		}
	}
}

// What contradicts itself or lies is invalid whether its issuer is accepted or not; what
// only resembles an issuer that is accepted is not that issuer.
func TestLyingIssuers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		c    certified
		want CheckStatus // for both registries, if the issuer is named
	}{
		{"an enterprise's slug, source on a ghe.com", byCloud().at(slugIssuer), Fail},
		{"a ghe.com, source on github.com", bySlug().at(cloudIssuer), Fail},
		{"a ghe.com, source on another's", byCloud().with(extensions{5: ""}).at("https://token.actions.evil.ghe.com"), Fail},
		{"a ghe.com, the generations disagree", byCloud().with(extensions{5: "acme/other"}), Fail},
		{"a slug, the generations disagree", bySlug().with(extensions{3: "decaf"}), Fail},
		{"two issuers", byCloud().with(extensions{1: issuerGitHub}), Fail},
		{"a GitLab of its users, the generations disagree", byGitLab().with(extensions{6: "refs/heads/main"}), Fail},
		{"the source of another GitLab", byGitLab().with(extensions{12: "https://gitlab.corp.example.evil.example/acme/group/http"}), Blocked},
		{"a source on gitlab.com", byGitLab().with(extensions{12: "https://gitlab.com/acme/http"}), Blocked},
		{"a source on github.com", byGitLab().with(extensions{12: acme}), Blocked},
		{"GitLab itself, source elsewhere", byGitLab().at(issuerGitLab), Fail},
		{"Google, a source", other(issuerGoogle, release, "Google", extensions{12: acme, 18: release}), Fail},
		{"a slug that climbs", bySlug().at(issuerGitHub + "/../acme"), Blocked},
		{"a slug of two parts", bySlug().at(issuerGitHub + "/acme/evil"), Blocked},
		{"a slug and a query", bySlug().at(issuerGitHub + "/acme?x"), Blocked},
		{"an empty slug", bySlug().at(issuerGitHub + "/"), Blocked},
		{"a user before the host", bySlug().at(issuerGitHub + "@evil.example"), Blocked},
		{"a port", bySlug().at(issuerGitHub + ":443"), Blocked},
		{"capitals", bySlug().at("https://Token.actions.githubusercontent.com"), Blocked},
		{"another script", bySlug().at("https://token.\u0430ctions.githubusercontent.com"), Blocked},
		{"another scheme", bySlug().at("http://token.actions.githubusercontent.com"), Blocked},
		{"a line after the issuer", bySlug().at(issuerGitHub + "/acme\n"), Blocked},
		{"a look-alike of a ghe.com", byCloud().at(cloudIssuer + ".evil.example"), Blocked},
		{"a look-alike of a ghe.com, on its host", byCloud().with(extensions{12: "https://acme.ghe.com.evil.example/acme/http", 16: "", 18: "", 9: ""}).
			at(cloudIssuer + ".evil.example"), Blocked},
		{"a host below a ghe.com", byCloud().at("https://token.actions.a.acme.ghe.com"), Blocked},
		{"no enterprise", byCloud().at("https://token.actions.ghe.com"), Blocked},
		{"a look-alike of gitlab.com, source there", byGitLab().with(extensions{12: "https://gitlab.com/acme/http"}).at("https://gitlab.com.evil.example"), Blocked},
		{"gitlab.com with a slash", byGitLab().with(extensions{12: "https://gitlab.com/acme/http"}).at(issuerGitLab + "/"), Blocked},
		{"a GitHub server, the generations disagree", byServer().with(extensions{5: "acme/other"}), Fail},
		{"a GitHub server, source on github.com", byServer().with(extensions{12: acme}), Blocked},
		{"the token service of another host", byServer().at("https://github.corp.example.evil.example" + ownServer), Blocked},
		{"no issuer", bySlug().with(extensions{1: "", 8: ""}), Blocked},
	} {
		for _, ecosystem := range []Ecosystem{NPM, PyPI} {
			if got := identified(t, tc.c, ecosystem, tc.c.ext[8]); got.status != tc.want || got.reason == "" {
				t.Errorf("%s, %s, named: %v: %s", tc.name, ecosystem, got.status, got.reason)
			}
			if got := identified(t, tc.c, ecosystem, slugIssuer, cloudIssuer, ownGitLab); got.status == Pass {
				t.Errorf("%s, %s: %v: %s", tc.name, ecosystem, got.status, got.reason)
			}
		}
	}
}

// A name that is nearly the issuer's accepts nothing, and is told.
func TestNearlyTheIssuer(t *testing.T) {
	t.Parallel()
	for _, named := range []string{cloudIssuer + "/", " " + cloudIssuer, strings.ToUpper(cloudIssuer)} {
		got := identified(t, byCloud(), NPM, named)
		if got.status != Blocked || !strings.HasSuffix(got.reason, ": issuers are compared exactly, and what is named is "+strconv.Quote(named)) {
			t.Errorf("%q: %v: %s", named, got.status, got.reason)
		}
	}
}

// Values of any length give a sentence of some.
func TestLongIssuers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\u202e", 100_000)
	for _, c := range []certified{
		byGitLab().with(extensions{12: "https://" + long}).at("https://" + long), byGitLab().at("https://" + long),
		byGitLab().claimed(func(c *ClaimedPublisher) { c.Kind = textOf(long) }),
	} {
		for _, accepted := range []string{"", c.ext[8], c.ext[8] + "/"} {
			if got := identified(t, c, PyPI, accepted); got.status != Blocked || len(got.reason) > 1000 || strings.Contains(got.reason, "\u202e") {
				t.Errorf("%v: %d bytes: %.300s", got.status, len(got.reason), got.reason)
			}
		}
	}
}

// An index that the certificate contradicts lies, whether the issuer is accepted or not.
func TestIndexAgainstIssuer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		c    certified
	}{
		{"a workflow, claimed as a person", bySlug().claimed(func(c *ClaimedPublisher) { *c = ClaimedPublisher{Kind: "Google", Email: textOf(release)} })},
		{"a workflow, claimed as a pipeline", byCloud().claimed(func(c *ClaimedPublisher) { *c = pipelineClaim })},
		{"another repository of an enterprise", byCloud().claimed(func(c *ClaimedPublisher) { c.Repository = "acme/http-evil" })},
		{"another workflow of an enterprise", byCloud().claimed(func(c *ClaimedPublisher) { c.Workflow = "evil.yml" })},
		{"another environment of an enterprise", bySlug().claimed(func(c *ClaimedPublisher) { c.Environment = "staging" })},
		{"another project", byGitLab().claimed(func(c *ClaimedPublisher) { c.Repository = "acme/http" })},
		{"another pipeline", byGitLab().claimed(func(c *ClaimedPublisher) { c.Workflow = ".gitlab-ci.yml" })},
		{"another environment, in case only", byGitLab().with(extensions{23: "Release"}).claimed(func(c *ClaimedPublisher) { c.Environment = "release" })},
		{"no pipeline", byGitLab().claimed(func(c *ClaimedPublisher) { c.Workflow = "" })},
		{"a login at Google, claimed as a workflow", other(issuerGoogle, "person@acme.example", "GitHub", nil)},
	} {
		for _, accepted := range [][]string{nil, {tc.c.ext[8]}} {
			if got := identified(t, tc.c, PyPI, accepted...); got.status != Fail {
				t.Errorf("%s, accepted %q: %v: %s", tc.name, accepted, got.status, got.reason)
			}
		}
	}
}

// A GitLab of its users is one: what a spec says of it is compared as of
// gitlab.com.
func TestOwnGitLabComparesInFull(t *testing.T) {
	t.Parallel()
	p := publisher(t, ownPipeline, byGitLab().ext)
	if p.Kind != kindGitLab || p.Workflow != "ci/release.yml" || p.Repository != ownGitLab+"/acme/group/http" {
		t.Errorf("%+v", p)
	}
	for said, want := range map[string]bool{
		ownGitLab + "/Acme/Group/HTTP.git": true, "git@gitlab.corp.example:acme/group/http": true, ownGitLab + "/acme/http": false,
		"https://gitlab.com/acme/group/http": false, ownGitLab + ".evil.example/acme/group/http": false,
	} {
		if p.sameRepository(said, string(p.Repository)) != want {
			t.Errorf("%s: %v", said, !want)
		}
	}
	if names := p.ownerNames(); !names.same("Acme/group/http", "acme/group/http") || names.same("acme/group", "acme/group/http") {
		t.Error("names of projects")
	}
	if unknown := (&Publisher{Kind: kindUnknown, Repository: p.Repository}); unknown.sameRepository(ownGitLab+"/Acme/group/http", string(p.Repository)) {
		t.Error("a host that nobody knows ignores case")
	}
}

// A GitLab below a path of its host has names that do not say the path.
func TestOwnerNamesBelowAPath(t *testing.T) {
	t.Parallel()
	p := &Publisher{Kind: kindGitLab, Issuer: "https://code.example/git", Repository: "https://code.example/git/acme/sub/http"}
	for said, want := range map[string]bool{
		"acme/sub/http": true, "Acme/sub/HTTP": true, "git/acme/sub/http": true, "https://code.example/git/acme/sub/http": true,
		"sub/http": false, "acme/sub": false, "git/git/acme/sub/http": false, "https://other.example/acme/sub/http": false,
	} {
		if got := p.ownerNames().same(said, "git/acme/sub/http"); got != want {
			t.Errorf("%s: %t", said, got)
		}
	}
	p.Issuer, p.Repository = "https://code.example", "https://code.example/acme/http"
	if names := p.ownerNames(); names.below != "" || names.same("git/acme/http", "acme/http") {
		t.Errorf("%+v", names)
	}
}

// Of attestations by several publishers none is the file's.
func TestSeveralPublishersOfAFile(t *testing.T) {
	t.Parallel()
	one, other := &Publisher{Signer: "a"}, &Publisher{Signer: "b"}
	for name, second := range map[string]*Publisher{"the same": one, "another": other} {
		d := &Dossier{Bundles: []Bundle{{Attestation: &Attestation{Publisher: one}}, {Attestation: &Attestation{Publisher: second}}}}
		d.Status = Bound
		if d.compareInspected(); (d.Publisher == one) != (second == one) {
			t.Errorf("%s: %+v", name, d.Publisher)
		}
	}
}
