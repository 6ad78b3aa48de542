package main

// publisherAttacks are about who published: what the index claims, and what
// the spec expects.
var publisherAttacks = []attack{
	{"uvx", "lying-publisher-repository", "1.1.0", "invalid",
		"The index's publisher object names another repository than the certificate: it is a claim, not proof.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI().attest()
			r.publisher["repository"] = "famous-demo/project"
		}, ""},
	{"uvx", "lying-publisher-workflow", "1.1.1", "invalid",
		"The index's publisher object names another workflow than the certificate.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI().attest()
			r.publisher["workflow"] = "audited.yml"
		}, ""},
	{"uvx", "unknown-publisher-kind", "2.0.0", "unchecked",
		"The publisher is of a kind that plimsoll does not know: the evidence verifies, the identity cannot be checked.",
		func(f *forge, s *scene) {
			const issuer = "https://ci.demo.example/oidc"
			s.identity = identity{san: "https://ci.demo.example/drydock/pipelines/7", ext: map[int]string{extIssuerV1: issuer, extIssuer: issuer}}
			r := s.pypi()
			r.publisher = object{"kind": "HarbourCI", "pipeline": "drydock/7"}
			r.attest()
		}, ""},
	{"uvx", "unknown-claimed-kind", "2.0.1", "unchecked",
		"The certificate is a GitHub workflow's, and the index says that the publisher is of a kind that plimsoll does not know.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI().attest()
			r.publisher["kind"] = "HarbourCI"
		}, ""},
	{"npx", "fork-publishes", "2.4.1", "mismatch",
		"A fork built and published this release: the provenance is genuine, and of another repository than the spec expects.",
		certifyNPM(func(id identity) identity {
			return github("drydock-fork/fork-publishes", "release.yml", "refs/tags/v2.4.1")
		}), ""},
	{"uvx", "account-takeover", "1.3.0", "mismatch",
		"The project's owner on the index changed: the publisher is consistent, verified, and not who the spec expects.",
		certifyPyPI(func(id identity) identity {
			return github("jdoe-demo/left-padder", "publish.yml", "refs/heads/main")
		}), ""},
	{"npx", "prefix-repository", "0.2.0", "mismatch",
		"The source is drydock-demo/prefix-repository-evil: the expected repository is a prefix of it, and not it.",
		certifyNPM(func(id identity) identity {
			return github("drydock-demo/prefix-repository-evil", "release.yml", "refs/tags/v0.2.0")
		}), ""},
	{"npx", "renamed-repository", "4.0.0", "mismatch",
		"The repository was renamed after the spec was written: same repository id, new name. A maintainer must decide.",
		certifyNPM(func(id identity) identity {
			renamed := github("drydock-demo/new-name", "release.yml", "refs/tags/v4.0.0")
			return renamed.with(extRepositoryID, id.ext[extRepositoryID])
		}), ""},
	{"npx", "wrong-workflow", "1.9.0", "mismatch",
		"Built in the right repository by another workflow than the spec expects.",
		certifyNPM(func(id identity) identity {
			return github("drydock-demo/wrong-workflow", "nightly.yml", "refs/tags/v1.9.0")
		}), ""},
	{"uvx", "wrong-kind", "1.9.1", "mismatch",
		"The spec expects a publisher on GitLab; a GitHub workflow published.",
		func(f *forge, s *scene) {
			s.attestedPyPI().attest()
			s.attestations.kind = "GitLab"
		}, ""},
	{"npx", "legacy-issuer", "1.0.0", "mismatch",
		"The spec's legacy field cert_issuer names another issuer than the certificate.",
		specNPM(func(s *scene) { s.issuer = "https://accounts.google.com" }), ""},
	{"npx", "legacy-signer", "1.0.0", "mismatch",
		"The spec's legacy field signer_identity names another signer than the certificate; it is compared whole.",
		specNPM(func(s *scene) { s.signer = "https://github.com/drydock-demo/legacy-signer/" }), ""},
	{"npx", "legacy-runner", "1.0.0", "mismatch",
		"The spec's legacy field runner_environment expects a self-hosted runner.",
		specNPM(func(s *scene) { s.runner = "self-hosted" }), ""},
	{"npx", "legacy-fields-agree", "1.0.0", "verified",
		"All three legacy fields are there and agree with the certificate.",
		specNPM(func(s *scene) {
			s.issuer, s.signer, s.runner = s.identity.ext[extIssuer], s.identity.san, s.identity.ext[extRunner]
		}), ""},
}

// expectationAttacks are honest releases with surprising specs and metadata.
var expectationAttacks = []attack{
	{"npx", "claimed-but-gone", "2.0.0", "mismatch",
		"The spec documents attestations and the registry offers none: the evidence has gone.",
		func(f *forge, s *scene) {
			s.npm().sign(f.key)
			s.document()
		}, ""},
	{"uvx", "claimed-but-gone-pypi", "2.0.0", "mismatch",
		"The spec documents attestations and the index offers none for any file.",
		func(f *forge, s *scene) {
			s.pypi()
			s.document()
		}, ""},
	{"uvx", "undocumented", "1.0.0", "verified",
		"Attestations are there and verify, and the spec does not mention them: they could be documented.",
		func(f *forge, s *scene) { s.pypi().attest() }, ""},
	{"npx", "nothing-expected", "1.0.0", "verified",
		"The spec expects nothing at all; the evidence verifies, and nobody said whose it should be.",
		specNPM(func(s *scene) { s.repository, s.ref, s.attestations = "", "", nil }), ""},
	{"npx", "same-repository-other-spelling", "1.0.0", "verified",
		"The spec spells the repository with other capitals, .git and a trailing slash. It is the same one.",
		specNPM(func(s *scene) {
			s.repository = "git+https://github.com/Drydock-Demo/Same-Repository-Other-Spelling.git/"
			s.attestations.repository = "Drydock-Demo/Same-Repository-Other-Spelling"
			s.attestations.workflow = "release.yml"
		}), ""},
	{"npx", "other-tag", "1.2.0", "verified",
		"The spec names the tag of an earlier release: verified, with a warning.",
		specNPM(func(s *scene) { s.ref = "refs/tags/v1.1.0" }), ""},
	{"npx", "metadata-repository", "1.2.1", "verified",
		"The registry's metadata names another repository than the certificate proves: verified, with a warning.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			r.offer(r.provenance())
			r.repository = object{"type": "git", "url": "git+https://github.com/famous-demo/project.git"}
		}, ""},
	{"npx", "repository-shorthand", "1.2.2", "verified",
		"The registry's metadata gives the repository as a bare string, npm's shorthand.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			r.offer(r.provenance())
			r.repository = "github:drydock-demo/repository-shorthand"
		}, ""},
	{"npx", "broken-yaml", "1.0.0", "unchecked",
		"The spec is not YAML: it must be a row with its reason, and never the end of the program.",
		func(f *forge, s *scene) {
			s.raw = "# The spec is not YAML: it must be a row with its reason.\n\nmetadata:\n  name: \"broken-yaml\n\tprotocol: npx\nspec: [package: {\n"
		}, ""},
	{"uvx", "version-missing", "1.0.0", "unchecked",
		"The spec has no version.",
		func(f *forge, s *scene) { s.version = "" }, ""},
}
