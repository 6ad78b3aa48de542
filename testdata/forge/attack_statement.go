package main

import "strings"

// statementAttacks are bundles that sigstore-go accepts and whose statements
// are about something else, or lie.
var statementAttacks = []attack{
	{"npx", "swapped-digest", "1.4.2", "invalid",
		"The statement names this release and other bytes: the registry serves a tarball that was never attested.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			honest := *r
			honest.tarball = []byte("the tarball that was built")
			r.offer(honest.provenance())
		}, ""},
	{"uvx", "swapped-wheel", "2.0.4", "invalid",
		"The attestations are of the files that were built; the index serves others under the same names.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI().attest()
			for _, file := range r.files {
				file.content = []byte("malware in " + file.name)
			}
		}, ""},
	{"npx", "replayed-version", "2.1.0", "invalid",
		"The provenance of version 2.0.0, replayed for version 2.1.0. It verifies, and is about another release.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			r.offer(r.older("2.0.0").provenance())
		}, ""},
	{"npx", "replayed-package", "1.0.0", "invalid",
		"The provenance of another package of the same repository, replayed here.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			other := *r
			other.name, other.tarball = "@drydock/honest-neighbour", []byte("tarball of @drydock/honest-neighbour@1.0.0")
			r.offer(other.provenance())
		}, ""},
	{"npx", "borrowed-name", "1.0.1", "invalid",
		"The statement has the right digest and names another package: the same bytes were published under two names.",
		stateNPM(func(st *statement) { st.Subject[0].Name = purl("@drydock/honest-neighbour", "1.0.1") }), ""},
	{"npx", "two-subjects", "1.0.2", "invalid",
		"The statement has two subjects, one of them this release. One attestation may speak for one artifact only.",
		stateNPM(func(st *statement) {
			st.Subject = append(st.Subject, subject{purl("@drydock/second", "1.0.2"), map[string]string{"sha512": strings.Repeat("ab", 64)}})
		}), ""},
	{"npx", "no-subject", "1.0.4", "invalid",
		"The statement has no subject: it is about nothing.",
		stateNPM(func(st *statement) { st.Subject = []subject{} }), ""},
	{"npx", "wrapper-lies", "1.0.5", "invalid",
		"The registry's answer calls a publish attestation provenance; the signed statement says what it is.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			s.document()
			r.offered = []offer{{r.publish(), slsaV1}}
		}, ""},
	{"npx", "predicate-lies-repository", "6.0.0", "invalid",
		"The provenance says that it was built from another repository than the certificate proves.",
		stateNPM(func(st *statement) {
			st.set("buildDefinition.externalParameters.workflow.repository", "https://github.com/famous-demo/project")
		}), ""},
	{"npx", "predicate-lies-commit", "6.0.1", "invalid",
		"The provenance says that it was built from another commit than the certificate proves.",
		stateNPM(func(st *statement) {
			dependencies := st.Predicate.(object)["buildDefinition"].(object)["resolvedDependencies"].([]any)
			dependencies[0].(object)["digest"] = object{"gitCommit": commit("reviewed by everybody")}
		}), ""},
	{"npx", "predicate-lies-workflow", "6.0.2", "invalid",
		"The provenance says that it was built by another workflow than the certificate proves.",
		stateNPM(func(st *statement) {
			st.set("buildDefinition.externalParameters.workflow.path", ".github/workflows/audited.yml")
		}), ""},
	{"npx", "predicate-lies-run", "6.0.3", "invalid",
		"The provenance names another run of the workflow than the certificate proves.",
		stateNPM(func(st *statement) {
			st.set("runDetails.metadata.invocationId", "https://github.com/drydock-demo/predicate-lies-run/actions/runs/1/attempts/1")
		}), ""},
	{"uvx", "strange-predicate", "0.1.0", "invalid",
		"The attestations carry a predicate type that an index does not accept.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI()
			for _, file := range r.files {
				st := publishPyPI(file.subject())
				st.PredicateType = "https://demo.example/blessing/v1"
				file.offer(f.good.attest(file.order(st)))
			}
		}, ""},
	{"uvx", "publish-predicate-not-empty", "0.1.1", "invalid",
		"The publish attestations of the index carry a predicate, which the specification leaves empty: nobody knows what it means.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI()
			for _, file := range r.files {
				st := publishPyPI(file.subject())
				st.Predicate = object{"approved": true}
				file.offer(f.good.attest(file.order(st)))
			}
		}, ""},
	{"npx", "publish-of-another-version", "7.1.0", "invalid",
		"The registry's publish attestation has this release as its subject and another version in its predicate.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			s.document()
			payload := publishNPM(r.subject(), r.name, "7.0.0").payload()
			r.offer(f.good.attestWithKey(f.key, payload, r.published, "0.2"), r.provenance())
		}, ""},
	{"uvx", "wheel-tag-order", "1.2.3", "verified",
		"The statement names the wheel with its tags in another order than the index does. It is the same file.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI()
			wheel := r.files[1]
			wheel.name = strings.Replace(wheel.name, "-py3-", "-py2.py3-", 1)
			r.files[0].offer(r.files[0].attestation())
			st := publishPyPI(wheel.subject())
			st.Subject[0].Name = strings.Replace(wheel.name, "-py2.py3-", "-py3.py2-", 1)
			wheel.offer(f.good.attest(wheel.order(st)))
		}, ""},
	{"uvx", "two-attestations", "1.2.4", "verified",
		"Every file has a publish attestation and SLSA provenance, and both verify.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI().attest()
			for _, file := range r.files {
				file.offer(f.good.attest(file.order(provenanceV1(file.subject(), r.identity))))
			}
		}, ""},
}
