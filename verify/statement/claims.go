package statement

import (
	"strings"

	"plimsoll/catalog/untrusted"
)

// claim records that the place where states value for field, unless it states
// nothing. The first claim of a field becomes the field.
func (p *Provenance) claim(field, where, value string) {
	if value == "" {
		return
	}
	text := untrusted.Text(value)
	p.Also = append(p.Also, Claim{Field: field, Where: where, Value: text})
	if first := p.field(field); *first == "" {
		*first = text
	}
}

func (p *Provenance) field(name string) *untrusted.Text {
	switch name {
	case FieldRepository:
		return &p.Repository
	case FieldRef:
		return &p.Ref
	case FieldCommit:
		return &p.Commit
	case FieldWorkflow:
		return &p.Workflow
	case FieldTrigger:
		return &p.Trigger
	case FieldRepositoryID:
		return &p.RepositoryID
	case FieldOwnerID:
		return &p.OwnerID
	case FieldRun:
		return &p.Run
	}
	panic("statement: no field is called " + name)
}

// source reads an SPDX download location, "git+https://host/owner/name@ref".
// What stands behind the @ is a ref, or a commit if it looks like one
// (npm's first GitLab form).
func (p *Provenance) source(where, uri string) {
	if uri == "" {
		return
	}
	repository, revision := splitSource(uri)
	p.claim(FieldRepository, where, repository)
	switch {
	case isCommit(revision):
		p.claim(FieldCommit, where, revision)
	case revision != "undefined": // npm's first GitLab form, where CI_BUILD_REF is not set
		p.claim(FieldRef, where, revision)
	}
}

// material reads the first material, which npm and GitHub make the source. One
// that is no git repository (a container image, a tool) states nothing.
func (p *Provenance) material(where, commit string) {
	if len(p.Materials) == 0 {
		return
	}
	first := p.Materials[0]
	if !strings.HasPrefix(string(first.URI), "git+") {
		return
	}
	p.source(where+".uri", string(first.URI))
	p.claim(FieldCommit, where+".digest."+commit, string(first.Digest[commit]))
}

const workflows = ".github/workflows/"

// entryPoint reads configSource.entryPoint: the workflow, in npm's first form
// with its repository and ref. Other build types name a make target or a job
// there; that is not a workflow.
func (p *Provenance) entryPoint(entry string) {
	const where = "invocation.configSource.entryPoint"
	switch {
	case strings.Contains(entry, workflows):
		p.workflowRef(where, entry)
	case strings.HasPrefix(string(p.BuildType), buildNPMGitHub):
		p.claim(FieldWorkflow, where, entry)
	}
}

// workflowRef reads "owner/name/.github/workflows/file@ref", of which the
// parts before and after the path may be missing.
func (p *Provenance) workflowRef(where, value string) {
	path, ref := splitWorkflow(value)
	if i := strings.Index(path, workflows); i > 0 {
		p.claim(FieldRepository, where, p.server()+strings.TrimSuffix(path[:i], "/"))
		path = path[i:]
	}
	p.claim(FieldWorkflow, where, path)
	p.claim(FieldRef, where, ref)
}

// server is the address of the server that owner/name alone is on: the source's,
// which need not be github.com, or GitHub's if the statement does not say.
func (p *Provenance) server() string {
	rest, ok := strings.CutPrefix(string(p.Repository), "https://")
	host, _, more := strings.Cut(rest, "/")
	if !ok || !more || strings.Contains(host, "@") {
		return gitHub
	}
	return "https://" + host + "/"
}

// runURL makes "id-attempt" the URL that a certificate has as its run
// invocation URI (1.3.6.1.4.1.57264.1.21). name is GITHUB_REPOSITORY; without
// it the source's repository serves. Anything else comes back as it is: a bare
// run id says less, and a URL needs no help.
func (p *Provenance) runURL(name, run string) string {
	repository := strings.TrimSuffix(string(p.Repository), ".git")
	if name != "" {
		repository = p.server() + name
	}
	id, attempt, ok := strings.Cut(run, "-")
	if !ok || !isNumber(id) || !isNumber(attempt) || repository == "" {
		return run
	}
	return repository + "/actions/runs/" + id + "/attempts/" + attempt
}

// splitSource splits "git+https://host/path@revision" into the URL and the
// revision. A revision may hold @ ("refs/tags/@scope/name@1.0.0"), and so may
// the part before the host: the first @ behind the host separates.
func splitSource(uri string) (repository, revision string) {
	uri = strings.TrimPrefix(uri, "git+")
	start := 0
	if i := strings.Index(uri, "://"); i >= 0 {
		start = i + len("://")
	}
	slash := strings.IndexByte(uri[start:], '/')
	if slash < 0 {
		return uri, ""
	}
	start += slash
	if i := strings.IndexByte(uri[start:], '@'); i >= 0 {
		return uri[:start+i], uri[start+i+1:]
	}
	return uri, ""
}

// splitWorkflow splits a workflow reference at its ref. A tag may hold @, and
// a file name may: the first "@refs/" separates, else the last @.
func splitWorkflow(value string) (path, ref string) {
	i := strings.Index(value, "@refs/")
	if i < 0 {
		i = strings.LastIndexByte(value, '@')
	}
	if i < 0 {
		return value, ""
	}
	return value[:i], value[i+1:]
}

// isCommit reports whether s is a git object name, SHA-1 or SHA-256.
func isCommit(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
