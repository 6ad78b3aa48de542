package main

// keyAttacks are about the registry's own keys.
var keyAttacks = []attack{
	{"npx", "expired-key-in-time", "1.0.0", "signed",
		"Signed with a key that has expired since; the release was published before the key's end.",
		func(f *forge, s *scene) { s.npm().sign(f.oldKey).packument = true }, "2024-06-03T10:00:00Z"},
	{"npx", "expired-key-too-late", "2.0.0", "invalid",
		"Signed with an expired key, and published after the key's end: whoever still has it must not be believed.",
		func(f *forge, s *scene) { s.npm().sign(f.oldKey).packument = true }, "2025-06-03T10:00:00Z"},
	{"npx", "unknown-key", "1.0.0", "unchecked",
		"The only registry signature is by a key that nobody knows: it cannot be checked.",
		func(f *forge, s *scene) { s.npm().sign(f.strange) }, ""},
	{"npx", "one-unknown-key", "1.0.0", "signed",
		"Two registry signatures, one by an unknown key and one by a known key. One that verifies suffices.",
		func(f *forge, s *scene) { s.npm().sign(f.strange, f.key) }, ""},
	{"npx", "bad-registry-signature", "1.0.0", "invalid",
		"The registry signature is by a known key, and over the integrity of another tarball.",
		func(f *forge, s *scene) {
			r := s.npm()
			r.signatures = []npmSignature{f.key.signRelease(r.name, r.version, r.older("0.9.0").integrity())}
		}, ""},
	{"npx", "mislabelled-key", "1.0.0", "invalid",
		"The registry signature is labelled with a known key's id and was made with another key.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.strange)
			r.signatures[0].KeyID = f.key.id
		}, ""},
	{"npx", "publish-attestation-only", "1.0.0", "signed",
		"The registry attests that it published these bytes; nothing says where they were built.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			r.offer(r.publish())
		}, ""},
	{"npx", "publish-by-unknown-key", "1.0.0", "unchecked",
		"The publish attestation is signed with a key that nobody knows.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			payload := publishNPM(r.subject(), r.name, r.version).payload()
			r.offer(f.good.attestWithKey(f.strange, payload, r.published, "0.2").breaks("the key is unknown"))
		}, ""},
	{"npx", "signature-by-attestation-key", "1.0.0", "invalid",
		"The registry signature verifies with a key of the registry that is for attestations only.",
		func(f *forge, s *scene) { s.npm().sign(f.attestKey) }, ""},
	{"npx", "publish-by-signature-key", "1.0.0", "invalid",
		"The publish attestation is signed with a key of the registry that is for signatures only.",
		func(f *forge, s *scene) { s.publishedWith(f.signKey, "the key is for signatures only") }, ""},
	{"npx", "key-before-its-start", "1.0.0", "invalid",
		"The registry signature verifies with a key that does not count yet: whoever has it early must not be believed.",
		func(f *forge, s *scene) { s.npm().sign(f.nextKey).packument = true }, ""},
	{"npx", "publish-before-the-key-starts", "1.0.0", "invalid",
		"The publish attestation is signed with a key that did not count yet when it was logged.",
		func(f *forge, s *scene) { s.publishedWith(f.nextKey, "the key does not count yet") }, ""},
	{"npx", "publish-after-the-key-ended", "1.0.0", "invalid",
		"The publish attestation is signed with a key that had ended when it was logged.",
		func(f *forge, s *scene) { s.publishedWith(f.oldKey, "the key had ended") }, ""},
}

// publishedWith makes a release whose publish attestation is signed with
// another key of the registry than its signature, and must be refused for the
// reason why.
func (s *scene) publishedWith(key *registryKey, why string) {
	r := s.npm().sign(s.f.key)
	payload := publishNPM(r.subject(), r.name, r.version).payload()
	r.offer(s.f.good.attestWithKey(key, payload, r.published, "0.2").breaks(why))
}
