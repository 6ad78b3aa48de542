package main

import "time"

// keptBumps are new versions that lose nothing.
var keptBumps = []change{
	{"npx", "tide-tables", "1.4.0", "1.5.0", verdict{"bumped", "pass", "same", "same", nil, nil},
		"The usual bump: the same workflow published it, with all the evidence that the version before had.",
		making(proven).documented(), making(proven).documented()},
	{"uvx", "chart-plotter", "0.9.0", "0.10.0", verdict{"bumped", "pass", "same", "same", nil, nil},
		"The usual bump on PyPI: every file carries the publish attestation of the same workflow.",
		making(proven).documented(), making(proven).documented()},
	{"uvx", "wind-vane", "3.1.0", "3.2.0", verdict{"bumped", "pass", "same", "same", nil, nil},
		"The usual bump of a project on GitLab.",
		making(proven).documented().as(onGitLab), making(proven).documented().as(onGitLab)},
	{"npx", "buoy-lights", "0.3.0", "0.4.0", verdict{"bumped", "pass", "first", "gained", nil, nil},
		"The release carries provenance for the first time.",
		bare, making(proven).documented()},
	{"uvx", "depth-sounder", "5.0.0", "5.1.0", verdict{"bumped", "pass", "first", "gained", nil, nil},
		"The files carry attestations for the first time.",
		bare, making(proven).documented()},
	{"npx", "knot-counter", "2.0.1", "2.0.2", verdict{"bumped", "pass", "none", "same", nil, nil},
		"The registry alone vouches for it, as it did before: nothing was lost, and nothing proves who published.",
		bare, bare},
	{"uvx", "sail-plan", "1.0.0", "1.1.0", verdict{"bumped", "pass", "none", "same", nil, nil},
		"No evidence, as before.",
		bare, bare},
	{"npx", "renamed-dock", "4.2.0", "4.3.0", verdict{"bumped", "pass", "renamed", "same", nil, nil},
		"The repository was renamed: the certificates name one repository by two names. The spec names none.",
		making(proven).silent(), making(proven).silent().by(func(id identity) identity {
			return from("harbour-demo/new-dock", "release.yml")(id).numbered("harbour-demo/renamed-dock", "")
		})},
	{"npx", "back-port", "6.3.0", "6.3.1", verdict{"bumped", "pass", "none", "same", nil, nil},
		"A backport of a line that never had provenance, after a newer line that has it: it lost nothing.",
		bare, making(bare).npm(func(r *npmRelease) {
			r.earlier = append(r.earlier, r.before("7.0.0", 8*24*time.Hour, true))
		})},
	{"uvx", "dotted.name", "1.2.0", "1.3.0", verdict{"bumped", "pass", "same", "same", nil, nil},
		"The spec spells the project's name otherwise than before; for PyPI it is the same name.",
		proven, making(proven).as(func(s *scene) { s.pkg = "Harbour_Dotted-Name" })},
}

// onGitLab moves a scene to GitLab.
func onGitLab(s *scene) {
	s.identity = gitlab("harbour-demo/"+s.folder, ".gitlab-ci.yml", "refs/tags/v"+s.version)
	s.repository = s.identity.ext[extRepository]
}
