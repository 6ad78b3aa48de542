package main

import (
	"maps"
	"net/url"
	"strings"
)

// The numbers of the Fulcio extensions below 1.3.6.1.4.1.57264.1 (Fulcio,
// docs/oid-info.md).
const (
	extIssuerV1 = iota + 1
	extTriggerV1
	extCommitV1
	extWorkflowV1
	extRepositoryV1
	extRefV1
	_
	extIssuer
	extSigner
	extSignerDigest
	extRunner
	extRepository
	extCommit
	extRef
	extRepositoryID
	extOwner
	extOwnerID
	extConfig
	extConfigDigest
	extTrigger
	extRun
	extVisibility
	extEnvironment
	extTokenSubject
)

// identity is what the CA certifies: a subject and the claims of an OIDC
// token.
type identity struct {
	san   string         // a URI, or an email address
	email bool           // what san is
	ext   map[int]string // Fulcio extensions by number
}

// github is a workflow of a GitHub repository ("owner/name") that ran on ref.
func github(repository, workflow, ref string) identity {
	const issuer = "https://token.actions.githubusercontent.com"
	home := "https://github.com/" + repository
	owner, _, _ := strings.Cut(repository, "/")
	config := home + "/.github/workflows/" + workflow + "@" + ref
	sha := commit(repository + " " + ref)
	trigger := "push"
	if strings.HasPrefix(ref, "refs/tags/") {
		trigger = "release"
	}
	return identity{san: config, ext: map[int]string{
		extIssuerV1: issuer, extTriggerV1: trigger, extCommitV1: sha,
		extWorkflowV1: "Release", extRepositoryV1: repository, extRefV1: ref,
		extIssuer: issuer, extSigner: config, extSignerDigest: sha,
		extRunner: "github-hosted", extRepository: home, extCommit: sha, extRef: ref,
		extRepositoryID: number("repository "+repository, 9),
		extOwner:        "https://github.com/" + owner, extOwnerID: number("owner "+owner, 8),
		extConfig: config, extConfigDigest: sha, extTrigger: trigger,
		extRun:        home + "/actions/runs/" + number("run "+config, 11) + "/attempts/1",
		extVisibility: "public", extTokenSubject: "repo:" + repository + ":ref:" + ref,
	}}
}

// gitlab is a pipeline of a GitLab project that ran on ref.
func gitlab(project, path, ref string) identity {
	const issuer = "https://gitlab.com"
	home := issuer + "/" + project
	owner, _, _ := strings.Cut(project, "/")
	config := home + "//" + path + "@" + ref
	sha := commit(project + " " + ref)
	return identity{san: config, ext: map[int]string{
		extIssuerV1: issuer, extIssuer: issuer, extSigner: config, extSignerDigest: sha,
		extRunner: "gitlab-hosted", extRepository: home, extCommit: sha, extRef: ref,
		extRepositoryID: number("repository "+project, 8),
		extOwner:        issuer + "/" + owner, extOwnerID: number("owner "+owner, 8),
		extConfig: config, extConfigDigest: sha, extTrigger: "push",
		extRun:        home + "/-/jobs/" + number("job "+config, 10),
		extVisibility: "public",
	}}
}

// google is a person or service account with an email address.
func google(address string) identity {
	const issuer = "https://accounts.google.com"
	return identity{san: address, email: true, ext: map[int]string{
		extIssuerV1: issuer, extIssuer: issuer,
	}}
}

// with returns a copy of id whose extension n is value; "" leaves it out.
func (id identity) with(n int, value string) identity {
	id.ext = maps.Clone(id.ext)
	id.ext[n] = value
	return id
}

// reusing returns id signed by a reusable workflow of another repository.
func (id identity) reusing(workflow, sha string) identity {
	id = id.with(extSigner, workflow).with(extSignerDigest, sha)
	id.san = workflow
	return id
}

// firstGeneration returns id as Fulcio certified it before mid-2023.
func (id identity) firstGeneration() identity {
	old := identity{san: id.san, ext: map[int]string{}}
	for n := extIssuerV1; n <= extRefV1; n++ {
		old.ext[n] = id.ext[n]
	}
	return old
}

// uri returns the subject as a URL.
func (id identity) uri() *url.URL { return must(url.Parse(id.san)) }

// workflowPath returns the path of the top-level workflow in its repository.
func (id identity) workflowPath() string {
	path := strings.TrimPrefix(id.ext[extConfig], id.ext[extRepository]+"/")
	path, _, _ = strings.Cut(path, "@")
	return strings.TrimPrefix(path, "/")
}
