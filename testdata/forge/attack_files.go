package main

import "strings"

// fileAttacks are about files that an installer may take beside those that are
// attested. The specs document nothing, so that the files alone decide.
var fileAttacks = []attack{
	{"uvx", "local-version", "1.0.0", "partial",
		"A wheel of 1.0.0+cpu lies beside the attested files: installers take it for ==1.0.0, and prefer it.",
		func(f *forge, s *scene) {
			s.pypi().attest().add("+cpu-py3-none-any.whl")
		}, ""},
	{"uvx", "implicit-post", "1.0.post1", "partial",
		"An sdist called 1.0-1 lies beside the attested files: by PEP 440 that is 1.0.post1.",
		func(f *forge, s *scene) {
			r := s.pypi().attest()
			post := r.add("-1.tar.gz")
			post.name = strings.Replace(post.name, "1.0.post1-1", "1.0-1", 1)
		}, ""},
	{"uvx", "odd-archive", "1.0.0", "partial",
		"An sdist packed as .tar.lz, which installers take as well, lies beside the attested files.",
		func(f *forge, s *scene) {
			s.pypi().attest().add(".tar.lz")
		}, ""},
	{"uvx", "unplaceable-file", "1.0.0", "verified",
		"An egg and a Windows installer lie beside the attested files. No rule places them in a release: a warning names them.",
		func(f *forge, s *scene) {
			r := s.pypi().attest()
			r.add("-py3.12.egg")
			r.add(".win-amd64.exe")
		}, ""},
	{"uvx", "another-address", "1.0.0", "partial",
		"A file is called 0.9.0 and its address ends in 1.0.0: pip reads the address, and takes it for 1.0.0.",
		func(f *forge, s *scene) {
			file := s.pypi().attest().add(".zip")
			file.served, file.name = file.name, strings.Replace(file.name, "1.0.0", "0.9.0", 1)
		}, ""},
	{"uvx", "listed-twice", "1.0.0", "unchecked",
		"The index lists the sdist twice, with two digests: which of them an installer gets is not known.",
		func(f *forge, s *scene) {
			s.pypi().attest().add(".tar.gz").content = []byte("other bytes")
		}, ""},
	{"uvx", "unobeyed-key", "1.0.0", "verified",
		"The spec pins a dependency under a key that plimsoll does not know: a warning says that nobody obeys it.",
		func(f *forge, s *scene) {
			s.pypi().attest()
			s.extra = "  build_with: [\"mcp<2\"]\n"
		}, ""},
}
