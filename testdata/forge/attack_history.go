package main

import "time"

// historyAttacks are about what a package offered before.
var historyAttacks = []attack{
	{"npx", "lost-provenance", "2.4.0", "signed",
		"A release without provenance after two releases of its line that had it: what a stolen token can publish. The History tab shows it.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			r.packument = true
			for i, version := range []string{"1.9.0", "2.1.0", "2.2.0", "2.3.0"} {
				r.earlier = append(r.earlier, r.before(version, time.Duration(4-i)*21*24*time.Hour, i >= 2))
			}
		}, ""},
}

// userAttacks are about what the registry says of who published.
var userAttacks = []attack{
	{"npx", "claimed-publisher", "2.1.0", "signed",
		"The registry says that a trusted publisher published it and that somebody approved it. It offers no provenance, so both stay claims.",
		func(f *forge, s *scene) {
			r := s.npm().sign(f.key)
			r.packument = true
			person := object{"name": "marina", "email": "marina@drydock.example"}
			ci := object{"name": "GitHub Actions", "email": "ci@drydock.example", "trustedPublisher": object{"id": "github", "oidcConfigId": "oidc:7d1c3c52"}}
			r.user = object{"approver": person}
			for name, value := range ci {
				r.user[name] = value
			}
			for i, user := range []object{nil, person, ci} {
				e := r.before([]string{"1.0.0", "1.1.0", "2.0.0"}[i], time.Duration(3-i)*30*24*time.Hour, i == 2)
				e.user = user
				r.earlier = append(r.earlier, e)
			}
		}, ""},
}

// before is a release of the same package that was published earlier. It
// stands only in the packument.
func (r *npmRelease) before(version string, earlier time.Duration, attested bool) *npmRelease {
	e := &npmRelease{
		f: r.f, name: r.name, version: version, published: r.published.Add(-earlier), identity: r.identity,
		tarball: []byte("tarball of " + r.name + "@" + version), description: r.description,
		repository: r.repository, attested: attested,
	}
	return e.sign(r.f.key)
}
