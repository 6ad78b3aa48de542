package main

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// attack is a package of the attacks catalog. Its release and its spec are
// made well, and then build spoils what it is about.
type attack struct {
	protocol, name string // the name is the server, the folder and the repository as well
	version        string
	expect         string // the status that it must get
	story          string // what is wrong, and what must be seen
	build          func(f *forge, s *scene)
	published      string // RFC 3339; "": some day in November 2025
}

// attacks is the catalog of invented packages.
func attacks() (scenes []*scene) {
	list := slices.Concat(entryAttacks, certificateAttacks, statementAttacks,
		publisherAttacks, expectationAttacks, registryAttacks, keyAttacks, textAttacks, historyAttacks,
		fileAttacks, demandAttacks, claimAttacks, otherAttacks, issuerAttacks, userAttacks, moduleAttacks)
	for i, a := range list {
		when := at(cmp.Or(a.published, "2025-11-03T09:14:27Z"))
		if a.published == "" {
			when = when.Add(time.Duration(i) * (5*time.Hour + 17*time.Minute + 9*time.Second))
		}
		pkg := "@drydock/" + a.name
		if a.protocol == "uvx" {
			pkg = "drydock-" + a.name
		}
		repository, tag := "drydock-demo/"+a.name, "refs/tags/v"+a.version
		if a.protocol == "go" {
			pkg, tag = "github.com/"+repository, "refs/tags/"+a.version
		}
		scenes = append(scenes, &scene{
			catalog: "attacks", folder: a.name, published: when, build: a.build,
			identity: github(repository, "release.yml", tag),
			spec: spec{
				name: a.name, description: "Demo: " + strings.ReplaceAll(a.name, "-", " "),
				protocol: a.protocol, pkg: pkg, version: a.version,
				repository: "https://github.com/" + repository, ref: tag,
				story: a.story, expect: a.expect,
			},
		})
	}
	return scenes
}

// attestedNPM starts an npm release that the registry signs and attests, and
// documents it; the provenance is for the attack to offer.
func (s *scene) attestedNPM() *npmRelease {
	r := s.npm().sign(s.f.key)
	r.offer(r.publish())
	s.document()
	return r
}

// attestedPyPI starts a PyPI release and documents it; the attestations are
// for the attack to offer.
func (s *scene) attestedPyPI() *pypiRelease {
	s.document()
	return s.pypi()
}

// offerNPM makes an attack out of a change to a finished provenance
// attestation, which sigstore-go must refuse for the reason why.
func offerNPM(why string, change func(f *forge, a *attestation)) func(*forge, *scene) {
	return func(f *forge, s *scene) {
		r := s.attestedNPM()
		a := r.provenance()
		change(f, a)
		r.offer(a.breaks(why))
	}
}

// orderNPM makes an attack out of a workshop and an order, which sigstore-go
// must refuse for the reason why.
func orderNPM(why string, change func(f *forge, w *workshop, o *order)) func(*forge, *scene) {
	return func(f *forge, s *scene) {
		r := s.attestedNPM()
		w, o := f.good, r.order(r.statement())
		change(f, &w, &o)
		r.offer(w.attest(o).breaks(why))
	}
}

// stateNPM makes an attack out of a statement that the tenant's job lies in.
// The bundle itself is well made.
func stateNPM(change func(st *statement)) func(*forge, *scene) {
	return func(f *forge, s *scene) {
		r := s.attestedNPM()
		st := r.statement()
		change(st)
		r.offer(f.good.attest(r.order(st)))
	}
}

// certifyNPM makes a package out of another identity than the usual one; the
// statement follows the certificate, the spec does not.
func certifyNPM(change func(id identity) identity) func(*forge, *scene) {
	return func(f *forge, s *scene) {
		r := s.attestedNPM()
		r.identity = change(r.identity)
		r.offer(r.provenance())
	}
}

// certifyPyPI is certifyNPM for PyPI; the publisher object follows as well.
func certifyPyPI(change func(id identity) identity) func(*forge, *scene) {
	return func(f *forge, s *scene) {
		r := s.attestedPyPI()
		r.identity = change(r.identity)
		r.publisher = publisherOf(r.identity)
		r.attest()
	}
}

// specNPM makes a package out of honest evidence and a change to the spec.
func specNPM(change func(s *scene)) func(*forge, *scene) {
	return func(f *forge, s *scene) {
		r := s.attestedNPM()
		r.offer(r.provenance())
		change(s)
	}
}
