package main

// certificateAttacks spoil the certificate.
var certificateAttacks = []attack{
	{"npx", "missing-sct", "1.3.0", "invalid",
		"The certificate has no signed certificate timestamp: it could have been issued in secret.",
		orderNPM("there is no SCT", func(_ *forge, w *workshop, _ *order) { w.ct = nil }), ""},
	{"npx", "unknown-ct-log", "1.3.1", "invalid",
		"The certificate's timestamp is from a CT log that the trust root does not know.",
		orderNPM("the CT log is unknown", func(f *forge, w *workshop, _ *order) { w.ct = f.evil.ct }), ""},
	{"npx", "unknown-ca", "1.3.2", "invalid",
		"The certificate was issued by a CA that the trust root does not know. All else is in order.",
		orderNPM("the CA is unknown", func(f *forge, w *workshop, _ *order) { w.ca = f.evil.ca }), ""},
	{"npx", "self-signed", "1.3.3", "invalid",
		"The certificate says all the right things and nobody but its own key vouches for it.",
		orderNPM("the certificate is self-signed", func(_ *forge, w *workshop, _ *order) { w.ca = nil }), ""},
	{"uvx", "unknown-everything", "9.9.9", "invalid",
		"A whole Sigstore of somebody else's: CA, CT log and transparency log, each as well made as the real ones.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI()
			for _, file := range r.files {
				a := f.evil.attest(file.order(publishPyPI(file.subject())))
				file.offer(a.breaks("nothing of it is trusted"))
			}
		}, ""},
	{"npx", "generations-disagree", "2.2.0", "invalid",
		"The certificate names two repositories: one in the deprecated extension 5, another one in extension 12.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			o := r.order(r.statement())
			o.identity = o.identity.with(extRepositoryV1, "drydock-demo/something-else")
			r.offer(f.good.attest(o))
		}, ""},
	{"npx", "deprecated-extensions", "1.0.0", "verified",
		"A certificate from early 2023 that has only the deprecated extensions 1 to 6; the registry key has expired since.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.oldKey)
			r.packument = true
			s.document()
			st := provenanceV02(r.subject(), r.identity)
			o := r.order(st)
			o.identity, o.version = o.identity.firstGeneration(), "0.1"
			publish := publishNPM(r.subject(), r.name, r.version)
			r.offer(f.good.attest(o), f.good.attestWithKey(f.oldKey, publish.payload(), r.published, "0.1"))
		}, "2023-03-14T15:09:26Z"},
	{"npx", "self-hosted-runner", "0.7.0", "verified",
		"Built on a self-hosted runner: verified, and SLSA build level 1 only.",
		certifyNPM(func(id identity) identity { return id.with(extRunner, "self-hosted") }), ""},
	{"npx", "reusable-workflow", "3.3.0", "verified",
		"Signed by a reusable workflow of another repository: the signer differs from the source, and that is no attack.",
		certifyNPM(reusable), ""},
	{"uvx", "reusable-workflow-pypi", "3.3.1", "verified",
		"Signed by a reusable workflow of another repository; the publisher object names the source's own workflow.",
		certifyPyPI(reusable), ""},
	{"uvx", "gitlab-publisher", "0.0.3", "verified",
		"Published from a GitLab pipeline.",
		func(f *forge, s *scene) {
			s.identity = gitlab("drydock-demo/tools/gitlab-publisher", ".gitlab-ci.yml", "refs/tags/v"+s.version)
			s.repository = s.identity.ext[extRepository]
			s.attestedPyPI().attest()
		}, ""},
	{"uvx", "google-publisher", "1.5.0", "verified",
		"Published by a Google service account: the certificate proves an email address and no repository.",
		func(f *forge, s *scene) {
			s.identity = google("publisher@drydock-demo.iam.demo.example")
			s.repository, s.ref = "", ""
			s.attestedPyPI().attest()
		}, ""},
}

// reusable is the builder of slsa-github-generator.
func reusable(id identity) identity {
	const builder = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_nodejs_slsa3.yml@refs/tags/v2.1.0"
	return id.reusing(builder, commit("slsa-github-generator v2.1.0"))
}
