package main

// bumps are new versions of the same packages.
var bumps = []change{
	{"npx", "tide-tables", "1.4.0", "1.5.0", verdict{"bumped", "pass", "same", "same", nil},
		"The usual bump: the same workflow published it, with all the evidence that the version before had.",
		proven, proven},
	{"npx", "rudder-control", "1.14.0", "1.14.1", verdict{"bumped", "fail", "none", "lost", []string{"review.evidence"}},
		"A release without provenance, after one that had it: what a stolen token publishes. The spec demands none, so only the review sees it.",
		proven, bare},
	{"uvx", "anchor-log", "2.1.0", "2.2.0", verdict{"bumped", "fail", "changed", "same", []string{"review.publisher"}},
		"Another repository published it, by a workflow of the same name. The spec demands no repository, so only the review sees it.",
		without(proven), without(by(func(identity) identity {
			return github("harbour-fork/anchor-log", "release.yml", "refs/tags/v2.2.0")
		}, proven))},
}
