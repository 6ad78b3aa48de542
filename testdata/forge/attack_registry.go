package main

// registryAttacks are about what a registry offers, and what it does not.
var registryAttacks = []attack{
	{"uvx", "partial-release", "3.0.0", "partial",
		"The sdist and one wheel are attested; two wheels, built elsewhere, are not. The spec documents nothing of it.",
		func(f *forge, s *scene) {
			r := s.pypi().attest()
			r.add("-cp312-cp312-macosx_11_0_arm64.whl")
			r.add("-cp312-cp312-win_amd64.whl")
		}, ""},
	{"uvx", "one-bad-file", "3.0.1", "invalid",
		"Three wheels and the sdist are attested; the attestation of one wheel is that of another file.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI()
			r.add("-cp312-cp312-manylinux_2_28_x86_64.whl")
			bad := r.add("-cp312-cp312-win_amd64.whl")
			r.attest()
			bad.offered = r.files[1].offered
		}, ""},
	{"npx", "advertised-but-missing", "1.0.0", "unchecked",
		"The manifest advertises attestations and the registry answers 404: that is never the same as no evidence.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			s.document()
			r.gone = true
		}, ""},
	{"uvx", "advertised-but-missing-pypi", "1.0.0", "unchecked",
		"The index advertises provenance for the wheel and answers 404; the sdist's is there.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI()
			r.files[0].offer(r.files[0].attestation())
			r.files[1].gone = true
		}, ""},
	{"npx", "empty-attestations", "1.0.0", "unchecked",
		"The manifest advertises attestations and the registry's list of them is empty.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			s.document()
			r.advertised = true
		}, ""},
	{"uvx", "empty-provenance", "1.0.0", "unchecked",
		"The index advertises provenance and the provenance object holds no attestation.",
		func(f *forge, s *scene) {
			for _, file := range s.attestedPyPI().files {
				file.advertised = true
			}
		}, ""},
	{"uvx", "provenance-elsewhere", "1.0.0", "unchecked",
		"The index points to another host for the provenance: plimsoll does not go there.",
		func(f *forge, s *scene) {
			for _, file := range s.attestedPyPI().files {
				file.evidence = "https://provenance.elsewhere.example/" + file.name
			}
		}, ""},
	{"npx", "attestations-elsewhere", "1.0.0", "verified",
		"The manifest points to another host for the attestations: plimsoll asks the configured registry for the same path.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			r.offer(r.provenance())
			r.evidence = "https://npm.elsewhere.example/-/npm/v1/attestations/@drydock%2fattestations-elsewhere@1.0.0"
		}, ""},
	{"uvx", "future-format", "1.0.0", "invalid",
		"The provenance objects are of version 2, which nobody has specified.",
		func(f *forge, s *scene) {
			for _, file := range s.attestedPyPI().attest().files {
				file.objectVersion = 2
			}
		}, ""},
	{"npx", "version-not-found", "9.0.0", "unchecked",
		"The registry does not have this version.",
		func(f *forge, s *scene) { s.npm().absent = true }, ""},
	{"uvx", "version-not-found-pypi", "9.0.0", "unchecked",
		"The index has the project and only an earlier version of it: not found, never none.",
		func(f *forge, s *scene) {
			r := s.pypi()
			r.version, r.files = "8.0.0", nil
			r.add(".tar.gz")
		}, ""},
	{"uvx", "equal-version", "1.0", "verified",
		"The spec says 1.0 and the files say 1.0.0: by PEP 440 the same version.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI()
			r.version, r.files = "1.0.0", nil
			r.add(".tar.gz")
			r.add("-py3-none-any.whl")
			r.attest()
		}, ""},
	{"uvx", "other-versions", "1.1", "verified",
		"The index also has 1.10, 1.1.5 and 11.1, which are other versions, without attestations.",
		func(f *forge, s *scene) {
			r := s.attestedPyPI().attest()
			for _, version := range []string{"1.10", "1.1.5", "11.1"} {
				other := *r
				other.version, other.files = version, nil
				other.add(".tar.gz")
				r.files = append(r.files, other.files...)
				r.versions = append(r.versions, version)
			}
			r.versions = append(r.versions, r.version)
		}, ""},
	{"uvx", "yanked", "1.0.0", "verified",
		"The release was yanked from the index after publication; its attestations verify all the same.",
		func(f *forge, s *scene) {
			for _, file := range s.attestedPyPI().attest().files {
				file.yanked = "deletes the home folder"
			}
		}, ""},
	{"npx", "nothing-offered", "1.0.0", "none",
		"A registry that signs nothing offers nothing, and the package's whole history has no more.",
		func(f *forge, s *scene) { s.npm().packument = true }, ""},
}
