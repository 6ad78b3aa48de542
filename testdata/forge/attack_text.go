package main

// textAttacks are honest releases whose texts try to act on a terminal.
var textAttacks = []attack{
	{"npx", "escape-codes", "0.0.1", "verified",
		"The server's name clears the screen and the description colours it. Both must be seen as escapes and obeyed by nobody.",
		specNPM(func(s *scene) {
			s.name = "evil\x1b[2J\x1b[Hname"
			s.description = "\x1b[31mred\x1b[0m, a bell\a, a return\rand \x9b31m in eight bits"
		}), ""},
	{"npx", "operating-system-command", "0.0.2", "verified",
		"The server's name sets the window's title and fills the clipboard.",
		specNPM(func(s *scene) {
			s.name = "\x1b]0;owned\a\x1b]52;c;cm0gLXJmIC8=\a" + "title"
			s.description = "\x1b]8;;https://elsewhere.example/\x1b\\a link\x1b]8;;\x1b\\"
		}), ""},
	{"uvx", "bidirectional-name", "0.0.3", "verified",
		"The server's name is reversed by a bidirectional override, and holds a zero-width space.",
		func(f *forge, s *scene) {
			s.attestedPyPI().attest()
			s.name = "safe\u202eexe.gnp\u202c\u200b"
		}, ""},
	{"uvx", "wide-characters", "0.0.4", "verified",
		"The server's name is wide, with combining marks: columns must stay where they are.",
		func(f *forge, s *scene) {
			s.attestedPyPI().attest()
			s.name = "港口 ⚓ 服务器 e\u0301\u0302\u0303\u0304\u0305\u0306\u0307"
			s.description = "ドックで船の喫水線を測る 🚢"
		}, ""},
	{"npx", "hostile-metadata", "0.0.5", "verified",
		"The registry's metadata holds escape codes: in the repository, the description and the license.",
		func(f *forge, s *scene) {
			r := s.attestedNPM()
			r.offer(r.provenance())
			r.repository = object{"type": "git", "url": "git+https://github.com/drydock-demo/hostile-metadata\x1b[2J\u202e.git"}
			r.description = "\x1b]0;owned\a"
		}, ""},
	{"npx", "hostile-certificate", "0.0.6", "verified",
		"The certificate itself holds escape codes, in the workflow's name and the deployment environment.",
		certifyNPM(func(id identity) identity {
			return id.with(extWorkflowV1, "Release\x1b[2J\x1b]0;owned\a").with(extEnvironment, "prod\u202e\x1b[31m\n✓ verified")
		}), ""},
	{"npx", "hostile-statement", "0.0.7", "invalid",
		"The statement's subject is a name full of escape codes that imitates a good result.",
		stateNPM(func(st *statement) { st.Subject[0].Name = "pkg:npm/x\x1b[1A\r✓ verified\x1b[K@0.0.7" }), ""},
}
