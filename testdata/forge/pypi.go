package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	pypiRoot  = "https://pypi.demo.example/"
	pypiIndex = pypiRoot + "simple/"
	filesBase = "https://files.demo.example/"

	simpleJSON    = "application/vnd.pypi.simple.v1+json"
	integrityJSON = "application/vnd.pypi.integrity.v1+json"
)

// pypiRelease is a version on the index, made well unless an attack changes
// it before it is recorded.
type pypiRelease struct {
	f             *forge
	name, version string
	published     time.Time
	identity      identity
	publisher     object // the publisher object of every file
	files         []*pypiFile
	versions      []string       // of the project, where version is not all
	status        string         // of the project, if it has one
	earlier       []*pypiRelease // on the same page
	followed      bool           // by a release that has this one on its page
}

// pypiFile is a file of a release.
type pypiFile struct {
	r             *pypiRelease
	name          string
	served        string // the last segment of its address, where it is not the name
	content       []byte // stands for the file's bytes, which nobody fetches
	yanked        any    // false, or the reason
	offered       []*attestation
	publisher     object // where it is not the release's
	advertised    bool   // provenance is there although nothing is offered
	gone          bool   // the provenance address answers 404
	evidence      string // provenance, where it is not the usual address
	objectVersion int    // of the provenance object; 0: 1
}

// normalize is the name of a project in addresses (PEP 503).
func normalize(name string) string {
	return strings.ToLower(regexp.MustCompile(`[-_.]+`).ReplaceAllString(name, "-"))
}

// add adds a file with a suffix such as ".tar.gz" or "-py3-none-any.whl".
func (r *pypiRelease) add(suffix string) *pypiFile {
	name := strings.ReplaceAll(normalize(r.name), "-", "_") + "-" + r.version + suffix
	file := &pypiFile{r: r, name: name, content: []byte("bytes of " + name), yanked: false}
	r.files = append(r.files, file)
	return file
}

// attest offers an honest attestation for every file.
func (r *pypiRelease) attest() *pypiRelease {
	for _, file := range r.files {
		file.offer(file.attestation())
	}
	return r
}

func (p *pypiFile) digest() string {
	sum := sha256.Sum256(p.content)
	return hex.EncodeToString(sum[:])
}

func (p *pypiFile) subject() subject { return subject{p.name, map[string]string{"sha256": p.digest()}} }

// order is how an honest publisher orders its attestation.
func (p *pypiFile) order(s *statement) order {
	return order{identity: p.r.identity, payload: s.payload(), at: p.r.published.Add(-20 * time.Second), version: "0.3", kind: "dsse"}
}

// attestation is the publish attestation of an honest publisher.
func (p *pypiFile) attestation() *attestation {
	return p.r.f.good.attest(p.order(publishPyPI(p.subject())))
}

func (p *pypiFile) offer(list ...*attestation) { p.offered = append(p.offered, list...) }

// publisherOf is the publisher object that the index keeps for an identity.
func publisherOf(id identity) object {
	repository := id.ext[extRepository]
	switch {
	case id.email:
		return object{"kind": "Google", "email": id.san}
	case strings.HasPrefix(repository, "https://gitlab.com/"):
		return object{
			"kind": "GitLab", "repository": strings.TrimPrefix(repository, "https://gitlab.com/"),
			"workflow_filepath": id.workflowPath(), "environment": "",
		}
	default:
		return object{
			"kind": "GitHub", "repository": strings.TrimPrefix(repository, "https://github.com/"),
			"workflow": strings.TrimPrefix(id.workflowPath(), ".github/workflows/"), "environment": nil,
		}
	}
}

// record answers every request that a client may make for the release.
func (r *pypiRelease) record() {
	for _, p := range r.files {
		p.record()
	}
	if r.followed {
		return
	}
	files, versions := []any{}, r.versions
	for _, e := range append(slices.Clone(r.earlier), r) {
		for _, p := range e.files {
			files = append(files, p.entry())
		}
		if r.versions == nil {
			versions = append(versions, e.version)
		}
	}
	page := object{
		"meta": object{"api-version": "1.3"}, "name": normalize(r.name),
		"versions": versions, "files": files,
	}
	if r.status != "" {
		page["project-status"] = object{"status": r.status}
	}
	r.f.answer(pypiIndex+normalize(r.name)+"/", "pypi/"+normalize(r.name)+"/index.json", 200, simpleJSON, must(json.Marshal(page)))
}

// address is where the file's provenance object is.
func (p *pypiFile) address() string {
	return pypiRoot + "integrity/" + normalize(p.r.name) + "/" + p.r.version + "/" + p.name + "/provenance"
}

// body is the file that holds the provenance object in the recording.
func (p *pypiFile) body() string {
	return "pypi/" + normalize(p.r.name) + "/" + p.name + ".provenance.json"
}

// entry is the file in the simple index (PEP 691, PEP 740).
func (p *pypiFile) entry() object {
	digest := p.digest()
	e := object{
		"filename": p.name, "hashes": object{"sha256": digest}, "yanked": p.yanked,
		"url":  filesBase + "packages/" + digest[:2] + "/" + digest[2:4] + "/" + digest[4:] + "/" + cmp.Or(p.served, p.name),
		"size": 20000 + 1000*len(p.name), "upload-time": p.r.published.Format("2006-01-02T15:04:05.000000Z"),
		"requires-python": ">=3.10", "core-metadata": false, "provenance": nil,
	}
	switch {
	case p.evidence != "":
		e["provenance"] = p.evidence
	case len(p.offered) > 0 || p.advertised || p.gone:
		e["provenance"] = p.address()
	}
	return e
}

// record answers the request for the provenance object (PEP 740).
func (p *pypiFile) record() {
	if p.gone {
		p.r.f.answer(p.address(), p.body(), 404, npmJSON, []byte(`{"message":"No provenance available"}`))
		return
	}
	if len(p.offered) == 0 && !p.advertised {
		return
	}
	bundles := []any{}
	if len(p.offered) > 0 {
		var list []json.RawMessage
		for _, a := range p.offered {
			p.r.f.inspect(p.name, a)
			list = append(list, a.pep740())
		}
		publisher := p.r.publisher
		if p.publisher != nil {
			publisher = p.publisher
		}
		bundles = append(bundles, object{"publisher": publisher, "attestations": list})
	}
	version := max(p.objectVersion, 1)
	p.r.f.answer(p.address(), p.body(), 200, integrityJSON, must(json.Marshal(object{
		"version": version, "attestation_bundles": bundles,
	})))
}
