package main

// publisherBumps are new versions that somebody else published, or otherwise.
var publisherBumps = []change{
	{"uvx", "anchor-log", "2.1.0", "2.2.0", verdict{"bumped", "fail", "changed", "same", []string{"review.publisher"}, nil},
		"A workflow of the same name in another repository published it. The spec names no repository, so only the review sees it.",
		making(proven).silent(), making(proven).silent().by(from("harbour-fork/anchor-log", "release.yml"))},
	{"npx", "hijacked-ferry", "1.2.0", "1.3.0",
		verdict{"bumped", "fail", "changed", "same", []string{"provenance.repository_uri", "publisher.repository", "review.publisher"}, nil},
		"A fork published the release, and the spec says who should have.",
		making(proven).documented(), making(proven).by(from("harbour-fork/hijacked-ferry", "release.yml")).documented().ending("mismatch")},
	{"npx", "re-created", "1.0.4", "1.0.5", verdict{"bumped", "fail", "changed", "same", []string{"review.publisher"}, nil},
		"The repository was deleted and made anew under its old name, by somebody else: another number, the same address. The spec is met.",
		making(proven).documented(), making(proven).documented().by(func(id identity) identity { return id.numbered("made anew", "made anew") })},
	{"npx", "re-made", "1.0.4", "1.0.5", verdict{"bumped", "fail", "changed", "same", []string{"review.publisher"}, nil},
		"The repository was deleted and made anew by its own owner: its history is gone, and nothing says why.",
		making(proven).documented(), making(proven).documented().by(func(id identity) identity { return id.numbered("made anew", "") })},
	{"npx", "sold-ship", "8.0.0", "8.0.1", verdict{"bumped", "fail", "changed", "same", []string{"review.publisher"}, nil},
		"The repository belongs to another owner now: the same number, another name and owner.",
		making(proven).silent(), making(proven).silent().by(func(id identity) identity {
			return from("salvage-demo/sold-ship", "release.yml")(id).numbered("harbour-demo/sold-ship", "")
		})},
	{"uvx", "other-shore", "1.0.0", "1.1.0", verdict{"bumped", "fail", "changed", "same", []string{"review.publisher"}, nil},
		"A project on GitLab published it, and one on GitHub the version before.",
		making(proven).silent(), making(proven).silent().as(onGitLab)},
	{"uvx", "captains-laptop", "1.0.0", "1.1.0", verdict{"bumped", "fail", "changed", "same", []string{"review.publisher"}, nil},
		"A person's account published it, and a workflow the version before.",
		making(proven).silent(), making(proven).silent().by(func(identity) identity { return google("captain@harbour.example") })},
	{"npx", "strange-crew", "1.0.0", "1.2.0",
		verdict{"bumped", "fail", "same", "same", []string{"policy.same_publisher"}, []string{"history.repository"}},
		"A fork published 1.1.0, which the catalog never had; both ends are its old publisher's. " +
			"The policy's same_publisher looks at the release before.",
		proven, making(proven).after("1.1.0", making(proven).by(from("harbour-fork/strange-crew", "release.yml")))},
	{"uvx", "other-captain", "1.0.0", "1.1.0", verdict{"bumped", "fail", "changed", "same", []string{"review.publisher"}, nil},
		"Another person's account published it than the version before.",
		making(proven).silent().by(func(identity) identity { return google("captain@harbour.example") }),
		making(proven).silent().by(func(identity) identity { return google("stowaway@harbour.example") })},
	{"npx", "other-workflow", "2.2.0", "2.3.0", verdict{"bumped", "pass", "same", "same", nil, []string{"review.workflow"}},
		"Another workflow of the same repository published it.",
		proven, making(proven).by(from("harbour-demo/other-workflow", "nightly.yml"))},
	{"npx", "own-runner", "2.2.0", "2.3.0", verdict{"bumped", "pass", "same", "same", nil, []string{"review.runner"}},
		"It was built on somebody's own machine, and the version before on the host's.",
		proven, making(proven).by(func(id identity) identity { return id.with(extRunner, "self-hosted") })},
	{"npx", "other-trigger", "2.2.0", "2.3.0", verdict{"bumped", "pass", "same", "same", nil, []string{"review.trigger"}},
		"Somebody started the workflow by hand; a release started it for the version before.",
		proven, making(proven).by(func(id identity) identity {
			return id.with(extTriggerV1, "workflow_dispatch").with(extTrigger, "workflow_dispatch")
		})},
	{"npx", "other-signer", "2.2.0", "2.3.0", verdict{"bumped", "pass", "same", "same", nil, []string{"review.signer"}},
		"A reusable workflow of another repository signed it, and the repository's own the version before.",
		proven, making(proven).by(reusable)},
}
