package main

import (
	"strings"
	"time"
)

// proven makes the release with all the evidence that there is. The spec names
// the repository and demands nothing of the evidence.
func proven(f *forge, s *scene) {
	s.expect = "verified"
	if s.protocol == "uvx" {
		s.pypi().attest()
		return
	}
	r := s.npm().sign(f.key)
	r.offer(r.publish(), r.provenance())
}

// bare makes the release as a token can publish it: without provenance.
func bare(f *forge, s *scene) {
	if s.protocol == "uvx" {
		s.expect = "none"
		s.pypi()
		return
	}
	s.expect = "signed"
	s.npm().sign(f.key)
}

// unsigned makes an npm release of which the registry signs nothing.
func unsigned(_ *forge, s *scene) {
	s.expect = "none"
	s.npm()
}

// kept makes no release: the spec still names the one of before.
func kept(_ *forge, s *scene) { s.expect = s.before.expect }

// documented writes into the spec who published, as it is demanded from then on.
func (m making) documented() making {
	return func(f *forge, s *scene) {
		s.ref = s.identity.ext[extRef]
		s.document()
		m(f, s)
	}
}

// silent empties what the spec says of its provenance.
func (m making) silent() making {
	return m.then(func(s *scene) { s.repository, s.ref, s.attestations = "", "", nil })
}

// by changes who publishes.
func (m making) by(change func(id identity) identity) making {
	return m.as(func(s *scene) { s.identity = change(s.identity) })
}

// as changes the spec before the release is made of it.
func (m making) as(change func(s *scene)) making {
	return func(f *forge, s *scene) {
		change(s)
		m(f, s)
	}
}

// then changes the spec after the release is made.
func (m making) then(change func(s *scene)) making {
	return func(f *forge, s *scene) {
		m(f, s)
		change(s)
	}
}

// ending says which status the release must get, if it is not the usual one.
func (m making) ending(status string) making {
	return m.then(func(s *scene) { s.expect = status })
}

// npm changes the release that was made.
func (m making) npm(change func(r *npmRelease)) making {
	return m.then(func(s *scene) { change(s.releases[0].(*npmRelease)) })
}

// pypi changes the release that was made.
func (m making) pypi(change func(r *pypiRelease)) making {
	return m.then(func(s *scene) { change(s.releases[0].(*pypiRelease)) })
}

// after makes a release of another version first, which no spec names: the one
// before it by time.
func (m making) after(version string, earlier making) making {
	return func(f *forge, s *scene) {
		between := *s
		between.version, between.before, between.followed = version, nil, true
		between.published = s.published.Add(-time.Hour)
		between.identity = from(strings.TrimPrefix(s.identity.ext[extRepository], "https://github.com/"), "release.yml")(
			s.identity.with(extRef, "refs/tags/v"+version))
		earlier(f, &between)
		m(f, s)
		r := s.releases[0].(*npmRelease)
		r.earlier = append(r.earlier, releasesOf[*npmRelease](&between, r.name)...)
		s.releases = append(s.releases, between.releases...)
	}
}

// from is a workflow of another repository.
func from(repository, workflow string) func(identity) identity {
	return func(id identity) identity { return github(repository, workflow, id.ext[extRef]) }
}

// numbered returns id with the numbers of another repository and another owner;
// "" keeps its own.
func (id identity) numbered(repository, owner string) identity {
	if repository != "" {
		id = id.with(extRepositoryID, number("repository "+repository, 9))
	}
	if owner != "" {
		id = id.with(extOwnerID, number("owner "+owner, 8))
	}
	return id
}
