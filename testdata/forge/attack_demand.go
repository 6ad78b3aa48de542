package main

import "strings"

// demandAttacks are about what a spec demands: it must be proven, not only
// not contradicted.
var demandAttacks = []attack{
	{"uvx", "repository-of-nobody", "1.0.0", "mismatch",
		"Published by a Google account, whose certificate names no repository, and the spec demands one: nothing proves it.",
		func(f *forge, s *scene) {
			s.identity = google("publisher@drydock-demo.iam.demo.example")
			s.attestedPyPI().attest()
		}, ""},
	{"uvx", "workflow-of-nobody", "1.0.1", "mismatch",
		"Published by a Google account, and the spec demands a workflow of one kind of runner: nothing proves either.",
		func(f *forge, s *scene) {
			s.identity = google("publisher@drydock-demo.iam.demo.example")
			s.repository, s.ref = "", ""
			s.attestedPyPI().attest()
			s.attestations.workflow, s.runner = ".github/workflows/release.yml", "github-hosted"
		}, ""},
	{"npx", "runner-before-2023", "1.0.0", "mismatch",
		"The certificate is from before mid-2023 and says nothing about the runner, and the spec demands a hosted one.",
		func(f *forge, s *scene) {
			oldCertificate(s, func(id identity) identity { return id })
			s.runner = "github-hosted"
		}, ""},
	{"npx", "workflow-before-2023", "1.0.1", "mismatch",
		"The certificate is from before mid-2023 and from a reusable workflow: which workflow started the build is not in it, and the spec demands one.",
		func(f *forge, s *scene) { oldCertificate(s, reusable) }, ""},
	{"npx", "issuer-not-offered", "1.1.0", "mismatch",
		"The spec's cert_issuer can only come from a certificate, and the registry offers its own signature and nothing else.",
		func(f *forge, s *scene) {
			s.npm().sign(f.key)
			s.issuer = s.identity.ext[extIssuer]
		}, ""},
	{"npx", "publisher-not-offered", "1.1.1", "mismatch",
		"The spec names the publisher and documents no attestations; the registry attests that it published, and nobody says who built.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			r.offer(r.publish())
			s.document()
			s.attestations.available, s.attestations.verified = false, false
		}, ""},
	{"uvx", "signer-not-offered", "1.1.0", "mismatch",
		"The spec's signer_identity can only come from a certificate, and no file of the release carries one.",
		func(f *forge, s *scene) {
			s.pypi()
			s.signer = s.identity.san
		}, ""},
	{"uvx", "runner-not-offered", "1.1.1", "mismatch",
		"The spec's runner_environment can only come from a certificate, and no file of the release carries one.",
		func(f *forge, s *scene) {
			s.pypi()
			s.runner = s.identity.ext[extRunner]
		}, ""},
	{"npx", "repository-not-offered", "1.1.2", "signed",
		"The spec names the repository alone: where no provenance is offered, that demands nothing.",
		func(f *forge, s *scene) { s.npm().sign(f.key) }, ""},
	{"uvx", "replaced-wheel", "1.2.0", "mismatch",
		"The spec documents attestations, the sdist carries one, and the wheel was replaced and carries none.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI()
			r.files[0].offer(r.files[0].attestation())
			r.files[1].content = []byte("replaced " + r.files[1].name)
		}, ""},
	{"npx", "unreadable-repository", "1.3.0", "mismatch",
		"The spec's repository_uri is no repository: it is said so, and compared with nothing.",
		specNPM(func(s *scene) { s.repository = "see the website" }), ""},
	{"npx", "repository-without-scheme", "1.3.1", "verified",
		"The spec names the repository as github.com/owner/name, with the folder of a package behind it.",
		specNPM(func(s *scene) {
			s.repository = strings.TrimPrefix(s.repository, "https://") + "/packages/server"
		}), ""},
	{"npx", "commit-as-ref", "1.3.2", "verified",
		"The spec's repository_ref is the commit that the certificate proves.",
		specNPM(func(s *scene) { s.ref = s.identity.ext[extCommit] }), ""},
	{"npx", "stale-tag", "1.4.0", "signed",
		"The spec's version was raised and its tag was not: a warning that needs no certificate.",
		func(f *forge, s *scene) {
			s.npm().sign(f.key)
			s.ref = "refs/tags/v1.3.2"
		}, ""},
}

// oldCertificate makes an npm release with provenance whose certificate has
// the first generation's extensions only.
func oldCertificate(s *scene, change func(identity) identity) {
	r := s.attestedNPM()
	o := r.order(provenanceV02(r.subject(), r.identity))
	o.identity, o.version = change(o.identity).firstGeneration(), "0.1"
	r.offer(s.f.good.attest(o))
}

// claimAttacks are about an index's claims and the issuers of certificates.
var claimAttacks = []attack{
	{"uvx", "environment-differs", "1.0.0", "invalid",
		"The index's publisher object names the deployment environment pypi, and the certificate's is another.",
		func(f *forge, s *scene) { environmentClaim(s, "release", "pypi") }, ""},
	{"uvx", "environment-in-lower-case", "1.0.1", "verified",
		"The index keeps the names of GitHub's deployment environments in lower case; the certificate's is the same one.",
		func(f *forge, s *scene) { environmentClaim(s, "Release", "release") }, ""},
	{"uvx", "workflow-claimed-as-person", "1.0.2", "invalid",
		"The index says that a Google account published, and the certificate is for that name, from GitHub's issuer.",
		func(f *forge, s *scene) {
			const address = "publisher@drydock-demo.iam.demo.example"
			s.identity.san, s.identity.email = address, true
			s.attestedPyPI().attest()
		}, ""},
	{"uvx", "person-claimed-as-workflow", "1.0.3", "invalid",
		"The index says that a GitHub workflow published, and the certificate is a Google account's.",
		func(f *forge, s *scene) {
			claimed := publisherOf(s.identity)
			s.identity = google("publisher@drydock-demo.iam.demo.example")
			r := s.attestedPyPI()
			r.publisher = claimed
			r.attest()
		}, ""},
	{"npx", "enterprise-issuer", "1.0.0", "unchecked",
		"GitHub's issuer for one enterprise: honest, and nobody said that it may vouch for this package.",
		certifyNPM(enterpriseIssuer), ""},
	{"npx", "enterprise-issuer-expected", "1.0.1", "verified",
		"GitHub's issuer for one enterprise, which the spec's cert_issuer names.",
		func(f *forge, s *scene) {
			s.identity = enterpriseIssuer(s.identity)
			s.issuer = s.identity.ext[extIssuer]
			r := s.attestedNPM()
			r.offer(r.provenance())
		}, ""},
	{"npx", "enterprise-cloud", "1.0.2", "unchecked",
		"Built on an enterprise's own GitHub: honest, consistent, and no issuer that is accepted.",
		func(f *forge, s *scene) {
			s.identity = enterpriseCloud(s.identity)
			s.repository = s.identity.ext[extRepository]
			r := s.npm().sign(f.key)
			r.offer(r.publish(), r.provenance())
		}, ""},
}

func enterpriseIssuer(id identity) identity {
	issuer := id.ext[extIssuer] + "/drydock-demo"
	return id.with(extIssuerV1, issuer).with(extIssuer, issuer)
}

// environmentClaim makes a PyPI release whose certificates say one deployment
// environment and whose publisher object says another.
func environmentClaim(s *scene, proven, claimed string) {
	r := s.attestedPyPI()
	r.identity = r.identity.with(extEnvironment, proven)
	r.publisher["environment"] = claimed
	r.attest()
}

// otherAttacks are about attestations of other types beside a registry's own.
var otherAttacks = []attack{
	{"npx", "sbom-beside-provenance", "1.0.0", "verified",
		"An SBOM is attested beside the provenance: it verifies, is shown, and changes no status.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			r.offer(r.provenance(), r.sbom())
		}, ""},
	{"npx", "sbom-that-does-not-verify", "1.0.1", "invalid",
		"An SBOM is attested beside good provenance, and by a Sigstore that nobody trusts.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			o := r.order(bom(r.subject()))
			r.offer(r.provenance(), f.evil.attest(o).breaks("the Sigstore is unknown"))
		}, ""},
	{"npx", "sbom-of-another-package", "1.0.2", "invalid",
		"The SBOM beside good provenance is genuine, and about another package.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			other := r.subject()
			other.Name = purl("@drydock/sbom-beside-provenance", "1.0.0")
			r.offer(r.provenance(), f.good.attest(r.order(bom(other))))
		}, ""},
	{"npx", "sbom-alone", "1.0.3", "signed",
		"The SBOM's certificate names the right source, and an SBOM is no provenance: only the registry vouches.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			r.offer(r.publish(), r.sbom())
		}, ""},
	{"npx", "sbom-mislabelled", "1.0.4", "invalid",
		"The registry's wrapper calls the SBOM provenance.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			r.offered = append(r.offered, offer{attestation: r.sbom(), wrapper: slsaV1})
		}, ""},
}

// sbom is an attested bill of materials, signed as the provenance is.
func (r *npmRelease) sbom() *attestation { return r.f.good.attest(r.order(bom(r.subject()))) }

func bom(s subject) *statement {
	return &statement{Type: statementV1, Subject: []subject{s}, PredicateType: "https://cyclonedx.org/bom",
		Predicate: object{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []any{}}}
}
