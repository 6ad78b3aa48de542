package main

// evidenceBumps are new versions that lose evidence, or what the registry claims.
var evidenceBumps = []change{
	{"npx", "rudder-control", "1.14.0", "1.14.1", verdict{"bumped", "fail", "none", "lost", []string{"review.evidence"}, nil},
		"A release without provenance, after one that had it: what a stolen token publishes. The spec demands none, so only the review sees it.",
		proven, bare},
	{"npx", "keel-gauge", "1.9.3", "2.0.0", verdict{"bumped", "fail", "none", "lost", []string{"review.evidence"}, nil},
		"The first release of a new major line, without the provenance of the line before: a new line is no excuse.",
		proven, bare},
	{"uvx", "bilge-pump", "2.4.0", "2.4.1", verdict{"bumped", "fail", "none", "lost", []string{"review.evidence"}, nil},
		"No file of the release carries the attestation that those before had.",
		proven, bare},
	{"uvx", "half-mast", "2.0.0", "2.1.0", verdict{"bumped", "fail", "same", "lost", []string{"review.evidence"}, nil},
		"A wheel without attestation lies beside those that have one: an installer may take it.",
		proven, making(proven).pypi(func(r *pypiRelease) { r.add("-cp313-cp313-win_amd64.whl") }).ending("partial")},
	{"npx", "stamp-only", "1.2.0", "1.2.1",
		verdict{"bumped", "fail", "none", "lost", []string{"review.evidence"}, []string{"provenance.none"}},
		"The registry attests that it published the release, and nobody says any more who built it.",
		proven, making(bare).npm(func(r *npmRelease) { r.offer(r.publish()) })},
	{"uvx", "no-build-log", "1.2.0", "1.2.1", verdict{"bumped", "fail", "same", "lost", []string{"review.evidence"}, nil},
		"The files carried provenance of their build; now the workflow says only that it published them.",
		making(proven).pypi(func(r *pypiRelease) {
			for _, file := range r.files {
				file.offer(r.f.good.attest(file.order(provenanceV1(file.subject(), r.identity))))
			}
		}), proven},
	{"npx", "unsigned-manifest", "1.1.0", "1.1.1",
		verdict{"bumped", "fail", "none", "lost", []string{"policy.status", "review.evidence"}, nil},
		"Not even the registry signs this release, as it did the one before.",
		bare, unsigned},
	{"npx", "documented-and-gone", "3.3.0", "3.4.0",
		verdict{"bumped", "fail", "none", "lost", []string{"attestations.gone", "review.evidence"}, nil},
		"The spec documents who publishes, and the release proves nothing of it.",
		making(proven).documented(), making(bare).documented().ending("mismatch")},
	{"npx", "second-leak", "1.3.0", "1.4.1",
		verdict{"bumped", "fail", "none", "same", []string{"policy.no_downgrade"}, []string{"history.lost"}},
		"The catalog had not followed to 1.4.0, which had provenance: beside 1.3.0 nothing is lost. " +
			"The policy's no_downgrade looks at what lies between.",
		bare, making(bare).after("1.4.0", proven)},
	{"npx", "trusted-no-more", "1.5.0", "1.6.0", verdict{"bumped", "pass", "same", "same", nil, []string{"review.claim"}},
		"The provenance is there, and the registry no longer claims that a trusted publisher published, as it did before: a token did.",
		making(proven).npm(func(r *npmRelease) { r.user = trustedPublisher() }),
		making(proven).npm(func(r *npmRelease) { r.user = person() })},
	{"npx", "staged-no-more", "1.7.0", "1.8.0", verdict{"bumped", "pass", "same", "same", nil, []string{"review.claim"}},
		"The registry no longer claims that somebody approved the release before it was published.",
		making(proven).npm(func(r *npmRelease) {
			r.user = trustedPublisher()
			r.user["approver"] = person()
		}), making(proven).npm(func(r *npmRelease) { r.user = trustedPublisher() })},
}

// person and trustedPublisher are who published, as npm's registry claims.
func person() object { return object{"name": "marina", "email": "marina@harbour.example"} }

func trustedPublisher() object {
	return object{"name": "GitHub Actions", "email": "ci@harbour.example",
		"trustedPublisher": object{"id": "github", "oidcConfigId": "oidc:1b7e42d0"}}
}
