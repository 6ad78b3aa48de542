package main

// specChanges are about the specs: what they name, and what they demand.
var specChanges = []change{
	{"npx", "stale-tag", "1.0.0", "1.1.0", verdict{"bumped", "pass", "same", "same", nil, []string{"provenance.repository_ref"}},
		"The version was raised and the tag was not: what a bot does that knows the version alone.",
		making(proven).documented(), making(proven).documented().then(func(s *scene) { s.ref = "refs/tags/v1.0.0" })},
	{"npx", "run-aground", "2.3.0", "2.2.0", verdict{"bumped", "fail", "same", "same", []string{"review.version"}, nil},
		"The version was lowered, to one with faults that the later one mended.",
		proven, proven},
	{"npx", "swapped-ship", "1.0.0", "1.0.1", verdict{"replaced", "fail", "changed", "same", []string{"review.expectation", "review.package", "review.publisher"}, nil},
		"The spec names another package, of another owner.",
		proven, making(proven).as(func(s *scene) {
			s.identity = from("harbour-fork/swapped-ship", "release.yml")(s.identity)
			s.pkg, s.repository = "@harbour-fork/swapped-ship", s.identity.ext[extRepository]
		})},
	{"npx", "old-berth", "1.0.0", "1.1.0", verdict{"bumped", "pass", "same", "same", nil, nil},
		"The folder of the spec was renamed together with the bump: it is one change.",
		making(proven).documented(), making(proven).documented().then(func(s *scene) { s.folder = "new-berth" })},
	{"npx", "moved-goalposts", "1.3.0", "1.4.0",
		verdict{"bumped", "fail", "changed", "same", []string{"review.expectation", "review.publisher"}, nil},
		"Whoever raised the version wrote the publisher that it is judged by into the spec: the fork that published it.",
		making(proven).documented(), making(proven).documented().as(func(s *scene) {
			s.identity = from("harbour-fork/moved-goalposts", "release.yml")(s.identity)
			s.repository = s.identity.ext[extRepository]
		})},
	{"npx", "no-goalposts", "1.3.0", "1.4.0",
		verdict{"bumped", "fail", "none", "lost", []string{"review.evidence", "review.expectation"}, nil},
		"Whoever raised the version deleted what the spec demands, and the release has no provenance.",
		making(proven).documented(), bare},
	{"npx", "lowered-bar", "1.3.0", "1.4.0", verdict{"bumped", "fail", "same", "same", []string{"review.expectation"}, nil},
		"Nothing was lost, and the change deletes what the spec demands: the next one could lose it unseen.",
		making(proven).documented(), proven},
	{"npx", "new-demand", "1.3.0", "1.4.0", verdict{"bumped", "pass", "same", "same", nil, nil},
		"The version was raised, and the spec demands more than before: what is proven of it.",
		proven, making(proven).documented()},
	{"uvx", "mended-demand", "1.3.0", "1.3.0", verdict{"edited", "pass", "same", "same", nil, []string{"review.expectation"}},
		"The spec demands another workflow, of the same version, and the evidence proves it: somebody mended the spec.",
		making(proven).documented().then(func(s *scene) { s.attestations.workflow = ".github/workflows/old.yml" }).ending("mismatch"),
		making(kept).documented().ending("verified")},
	{"npx", "new-words", "1.3.0", "1.3.0", verdict{"edited", "pass", "same", "same", nil, nil},
		"Only the description changed.",
		making(proven).documented(), making(kept).documented().then(func(s *scene) { s.description += ", in better words" })},
	{"uvx", "other-spelling", "1.3", "1.3.0", verdict{"edited", "pass", "same", "same", nil, nil},
		"The version is spelt otherwise: for PyPI 1.3 and 1.3.0 are the same.",
		making(proven).documented(), making(kept).documented().by(func(id identity) identity {
			return id.with(extRef, "refs/tags/v1.3")
		})},
	{"npx", "known-loss", "1.3.0", "1.4.0", verdict{"bumped", "pass", "none", "lost", []string{"review.evidence"}, nil},
		"The release lost its provenance, and somebody had looked at it and accepted it before the change was made.",
		proven, bare},
	{"npx", "self-absolved", "1.3.0", "1.4.0", verdict{"bumped", "fail", "changed", "same", []string{"provenance.repository_uri", "publisher.repository", "review.decision", "review.publisher"}, nil},
		"A fork published the release, and the change brings the decision that this is known: it is not honoured, and is an error itself.",
		making(proven).documented(), making(proven).by(from("harbour-fork/self-absolved", "release.yml")).documented().ending("mismatch")},
	{"npx", "maiden-voyage", "", "1.0.0", verdict{"added", "pass", "unknown", "unknown", nil, nil},
		"A new spec, with all the evidence that there is.",
		nil, making(proven).documented()},
	{"npx", "ghost-ship", "", "1.0.0", verdict{"added", "unchecked", "unknown", "unknown", nil, nil},
		"A new spec of a version that the registry does not have.",
		nil, making(bare).npm(func(r *npmRelease) { r.absent = true }).ending("unchecked")},
	{"uvx", "broken-up", "1.0.0", "", verdict{"removed", "pass", "unknown", "unknown", nil, nil},
		"The spec is gone: nothing is installed from it any more.",
		proven, nil},
	{"npx", "calm-sea", "1.0.0", "1.0.0", verdict{},
		"Nothing of this spec changed: no review mentions it.",
		proven, kept},
}
