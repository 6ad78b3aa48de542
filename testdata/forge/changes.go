package main

import (
	"slices"
	"strings"
	"time"
)

// change is a spec of the catalog that is reviewed. Its releases and its specs
// are made well and kept the same, and then before and after make of them what
// the change is about.
type change struct {
	protocol, name string // the name is the server, the folder and the repository as well
	from, to       string // versions; "": there is no spec
	expect         verdict
	story          string // what the change does, and what must be seen
	before, after  making
}

// making makes the release and the spec of one side.
type making func(f *forge, s *scene)

// changes are the specs before and after the change, which name what must be
// seen of it. Those before were published in December 2025, those after in
// January 2026: later than anything else, so that the log of the rest stays.
func changes() (scenes []*scene) {
	list := slices.Concat(keptBumps, evidenceBumps, publisherBumps, headBumps, specChanges)
	for i, c := range list {
		var before *scene
		if c.from != "" {
			before = c.scene("review/base", c.from, at("2025-12-10T07:30:12Z").Add(time.Duration(i)*3*time.Hour))
			before.build, before.followed = c.before, c.expect.kind == "bumped"
			scenes = append(scenes, before)
		}
		if c.to != "" {
			after := c.scene("review/head", c.to, at("2026-01-05T07:30:12Z").Add(time.Duration(i)*3*time.Hour))
			after.build, after.before = c.after, before
			scenes = append(scenes, after)
		}
		if c.expect.kind != "" { // else the two are the same
			scenes[len(scenes)-1].change = &c.expect
		}
	}
	return scenes
}

// scene is the change's spec at one of its two ends.
func (c change) scene(catalog, version string, published time.Time) *scene {
	pkg := "@harbour/" + c.name
	if c.protocol == "uvx" {
		pkg = "harbour-" + c.name
	}
	repository := "harbour-demo/" + c.name
	return &scene{
		catalog: catalog, folder: c.name, published: published,
		identity: github(repository, "release.yml", "refs/tags/v"+version),
		spec: spec{
			name: c.name, description: "Demo: " + strings.ReplaceAll(c.name, "-", " "),
			protocol: c.protocol, pkg: pkg, version: version,
			repository: "https://github.com/" + repository, story: c.story,
		},
	}
}

// releasesOf returns what s released of a package.
func releasesOf[R interface{ record() }](s *scene, pkg string) (list []R) {
	for _, r := range s.releases {
		if r, ok := r.(R); ok && normalize(s.pkg) == normalize(pkg) {
			list = append(list, r)
		}
	}
	return list
}
