package main

// headBumps are new versions of which the registry, or what it serves, says
// something that it did not say of the version before, or the other way round.
var headBumps = []change{
	{"npx", "tampered-cargo", "1.0.0", "1.1.0", verdict{"bumped", "fail", "unknown", "unknown", []string{"attestation.invalid"}, nil},
		"The provenance of the new version is of other bytes than the registry serves.",
		proven, making(proven).npm((*npmRelease).tamper).ending("invalid")},
	{"npx", "mended-hull", "1.0.0", "1.1.0", verdict{"bumped", "pass", "unknown", "unknown", nil, nil},
		"The provenance of the version before does not verify, and that of the new one does: nothing can be lost.",
		making(proven).npm((*npmRelease).tamper).ending("invalid"), proven},
	{"npx", "burnt-bridge", "1.0.0", "1.1.0", verdict{"bumped", "unchecked", "unknown", "unknown", nil, nil},
		"The provenance of the version before does not verify, and the new one has none: who spoils the one hides the loss of the other.",
		making(proven).npm((*npmRelease).tamper).ending("invalid"), bare},
	{"npx", "lost-at-sea", "1.0.0", "1.1.0", verdict{"bumped", "unchecked", "unknown", "unknown", nil, []string{"evidence.missing"}},
		"The registry advertises attestations and does not serve them.",
		proven, making(bare).npm(func(r *npmRelease) { r.gone = true }).ending("unchecked")},
	{"npx", "no-logbook", "1.0.0", "1.1.0", verdict{"bumped", "unchecked", "unknown", "unknown", nil, nil},
		"The registry does not serve the attestations of the version before: what the new one may have lost cannot be told.",
		making(bare).npm(func(r *npmRelease) { r.gone = true }).ending("unchecked"), bare},
	{"uvx", "quarantine-flag", "1.0.0", "1.1.0", verdict{"bumped", "unchecked", "unknown", "unknown", nil, nil},
		"The index has quarantined the project: nothing of it is checked, neither version.",
		making(proven).ending("unchecked"), making(proven).pypi(func(r *pypiRelease) { r.status = "quarantined" }).ending("unchecked")},
	{"npx", "fresh-paint", "1.0.0", "1.1.0", verdict{"bumped", "fail", "same", "same", []string{"policy.min_age"}, nil},
		"The release is a few days old, and the policy wants it to have been out for two weeks.",
		proven, proven},
	{"npx", "scuttled", "1.0.0", "1.1.0", verdict{"bumped", "pass", "same", "same", nil, []string{"release.deprecated"}},
		"Its maintainers advise against the new version.",
		proven, making(proven).npm(func(r *npmRelease) { r.deprecated = "use @harbour/tide-tables" })},
	{"uvx", "called-back", "1.0.0", "1.1.0",
		verdict{"bumped", "pass", "same", "same", nil, []string{"release.deprecated", "release.yanked"}},
		"The new version was yanked.",
		proven, making(proven).pypi(func(r *pypiRelease) {
			for _, file := range r.files {
				file.yanked = "deletes the log book"
			}
		})},
}

// tamper makes the registry serve, and sign, other bytes than were attested.
func (r *npmRelease) tamper() {
	r.tarball, r.signatures = []byte("other bytes than those of "+r.name), nil
	r.sign(r.f.key)
}
