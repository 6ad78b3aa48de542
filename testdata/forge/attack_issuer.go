package main

import "strings"

// The issuers of the demo's enterprise: a GitHub and a GitLab of its own.
const (
	cloudHost = "https://drydock-demo.ghe.com/"
	ownGitLab = "https://gitlab.drydock.example"
)

// issuerAttacks are about who may vouch for a source: honest issuers that
// nobody named, and what they may not vouch for.
var issuerAttacks = []attack{
	{"npx", "own-gitlab", "1.0.0", "unchecked",
		"Built on a GitLab of its users: honest, consistent, and no issuer that is accepted.",
		func(f *forge, s *scene) { s.ownGitLab(f, "") }, ""},
	{"npx", "own-gitlab-expected", "1.0.1", "verified",
		"Built on a GitLab of its users, whose issuer the spec's cert_issuer names.",
		func(f *forge, s *scene) { s.ownGitLab(f, ownGitLab) }, ""},
	{"npx", "own-gitlab-elsewhere", "1.0.2", "unchecked",
		"The spec accepts a GitLab of its users, which vouches for a source on GitHub: it may vouch for its own host alone.",
		func(f *forge, s *scene) {
			s.identity = s.identity.with(extIssuerV1, ownGitLab).with(extIssuer, ownGitLab)
			s.issuer = ownGitLab
			r := s.attestedNPM()
			r.offer(r.provenance())
		}, ""},
	{"npx", "enterprise-cloud-elsewhere", "1.0.3", "invalid",
		"An enterprise's own GitHub vouches for a source on github.com, which is not its own; the spec accepts its issuer.",
		func(f *forge, s *scene) {
			s.issuer = enterpriseCloud(s.identity).ext[extIssuer]
			s.identity = s.identity.with(extIssuerV1, s.issuer).with(extIssuer, s.issuer)
			r := s.attestedNPM()
			r.offer(r.provenance())
		}, ""},
	{"npx", "job-without-source", "1.0.4", "unchecked",
		"Built by a Buildkite job, whose certificate names no source: to accept its issuer, as the spec does, proves none.",
		func(f *forge, s *scene) {
			const issuer, job = "https://agent.buildkite.com", "https://buildkite.com/drydock-demo/release"
			r := s.attestedNPM()
			st := r.statement()
			r.identity = identity{san: job, ext: map[int]string{
				extIssuerV1: issuer, extIssuer: issuer, extRunner: "self-hosted", extCommit: s.identity.ext[extCommit],
				extTrigger: "webhook", extRun: job + "/builds/7#1",
			}}
			st.set("buildDefinition.internalParameters.github.event_name", "webhook")
			st.set("runDetails.metadata.invocationId", job+"/builds/7#1")
			s.issuer = issuer
			r.offer(f.good.attest(r.order(st)))
		}, ""},
	{"uvx", "enterprise-cloud-pypi", "1.0.5", "unchecked",
		"Published from an enterprise's own GitHub, as the index says too: no issuer that is accepted.",
		func(f *forge, s *scene) { s.enterpriseCloud() }, ""},
	{"uvx", "enterprise-cloud-pypi-expected", "1.0.6", "verified",
		"Published from an enterprise's own GitHub, whose issuer the spec's cert_issuer names.",
		func(f *forge, s *scene) {
			s.enterpriseCloud()
			s.issuer = s.identity.ext[extIssuer]
		}, ""},
	{"uvx", "circleci-publisher", "1.0.7", "unchecked",
		"The index names a publisher at CircleCI, a kind that plimsoll does not know yet.",
		func(f *forge, s *scene) {
			const issuer, project = "https://oidc.circleci.com/org/7a0c4e1e-demo", "https://circleci.com/api/v2/projects/5b/pipeline-definitions/6c"
			s.identity = identity{san: project, ext: map[int]string{
				extIssuerV1: issuer, extIssuer: issuer, extSigner: project, extRunner: `""`, extRepository: s.identity.ext[extRepository],
				extRef: s.identity.ext[extRef], extConfig: "https://circleci.com/api/v2/pipeline/8d/config",
			}}
			r := s.pypi()
			r.publisher = object{"kind": "CircleCI", "project_id": "5b", "pipeline_definition_id": "6c"}
			r.attest()
		}, ""},
	{"uvx", "own-gitlab-lying-index", "1.0.8", "invalid",
		"Published from a GitLab of its users, and the index names another of its projects: a lie whoever issued the certificate.",
		func(f *forge, s *scene) {
			s.identity = gitlab("drydock/own-gitlab-lying-index", ".gitlab-ci.yml", s.ref).at("https://gitlab.com", ownGitLab)
			r := s.pypi()
			r.publisher = object{"kind": "GitLab", "repository": "drydock/audited", "workflow_filepath": ".gitlab-ci.yml", "environment": ""}
			r.attest()
		}, ""},
}

// at returns id with all that lies at one address at another.
func (id identity) at(was, is string) identity {
	for n, value := range id.ext {
		id = id.with(n, strings.ReplaceAll(value, was, is))
	}
	id.san = strings.ReplaceAll(id.san, was, is)
	return id
}

// enterpriseCloud returns id on an enterprise's own GitHub.
func enterpriseCloud(id identity) identity {
	return id.at("https://github.com/", cloudHost).at("actions.githubusercontent.com", "actions.drydock-demo.ghe.com")
}

// enterpriseCloud makes a PyPI release that an enterprise's own GitHub published.
func (s *scene) enterpriseCloud() {
	claimed := publisherOf(s.identity)
	s.identity = enterpriseCloud(s.identity)
	s.repository = s.identity.ext[extRepository]
	r := s.attestedPyPI()
	r.publisher = claimed
	r.attest()
}

// ownGitLab makes an npm release that a GitLab of its users built, and a spec
// that accepts this issuer; "" accepts none.
func (s *scene) ownGitLab(f *forge, accepted string) {
	s.identity = gitlab("drydock/"+s.folder, ".gitlab-ci.yml", s.ref).at("https://gitlab.com", ownGitLab).with(extRunner, "self-hosted")
	s.repository, s.issuer = s.identity.ext[extRepository], accepted
	r := s.npm().sign(f.key)
	r.offer(r.publish(), r.provenance())
}
